"""The exercises of `transformer/decoding`: right answers pass, wrong ones get their hint."""

import itertools

import numpy as np
import torch

from attnlab.chapters.decoding.exercises import _best
from tests.exercises.marking import marking_of


def scored(path_of, combine=sum):
    def log_probability(log_p, tokens):
        path = path_of(tokens)
        return combine([log_p[a, b] for a, b in itertools.pairwise(path)])

    return log_probability


def whole(tokens):
    return [0, *tokens, 1]


def by_order(keep):
    """`keep` sees the sorted probabilities and the share; its answer goes back into order."""

    def nucleus(p, share):
        order = np.argsort(-p, kind="stable")
        kept = np.zeros(len(p), dtype=bool)
        kept[order] = keep(p[order], share)
        return kept

    return nucleus


def before(p):
    return np.cumsum(p) - p


def by_loop(p, share):
    kept, total = np.zeros(len(p), dtype=bool), 0.0
    while total < share - 1e-12:
        i = int(np.where(kept, -1, p).argmax())
        kept[i], total = True, total + p[i]
    return kept


def greedy(log_p, length):
    path = [0]
    for _ in range(length):
        path.append(int(log_p[path[-1]].argmax()))
    return path[1:]


def steps(position_of, model_step=False):
    def logits(model, src, tgt_in):
        state = model.start(src, max_len=tgt_in.shape[1])
        found = []
        for t, tokens in enumerate(tgt_in.T):
            if model_step:
                found.append(model.step(tokens, state)[:, None])
                continue
            x = model.tgt_embedding(tokens[:, None]) * model.decoder.d_model**0.5
            x = model.decoder.positions.add(x, position_of(t))
            for layer, (cache, keys, values) in zip(
                model.decoder.layers, state.layers, strict=True
            ):
                x = layer(x, (keys, values), cache=cache)
            found.append(model.to_logits(model.decoder.last_norm(x)))
        return torch.cat(found, dim=1)

    return logits


def without_mask(model, src, tgt_in):
    root = model.decoder.d_model**0.5
    memory = model.encoder(model.src_embedding(src) * root)
    return model.to_logits(model.decoder(model.tgt_embedding(tgt_in) * root, memory, causal=False))


def lengths(which, choose):
    def longest_faster(w):
        found = []
        for power in range(6, 13):
            w.n = 2**power
            if getattr(w, which)["attention"] < getattr(w, which)["RNN"]:
                found.append(w.n)
        return choose(found) if found else None

    return longest_faster


RIGHT = {
    "score": [
        (scored(whole)),
        (lambda p, t: torch.tensor(p[[0, *t], [*t, 1]]).sum()),
    ],
    "nucleus": [(by_order(lambda p, s: before(p) < s)), (by_loop)],
    "viterbi": [(_best), (lambda p, n: np.array(_best(p, n)))],
    "bug": [
        (steps(lambda t: t)),
        (steps(None, model_step=True)),
    ],
    "clock": [(lengths("milliseconds", max))],
    "explain": [("b"), (" B")],
}

WRONG = {
    "score": [
        (scored(lambda t: [0, *t]), "its last token is the end"),
        (scored(lambda t: [*t, 1]), "it follows the start"),
        (lambda p, t: np.exp(scored(whole)(p, t)), "return its logarithm"),
        (scored(whole, np.mean), "that is the mean"),
        (scored(whole, np.prod), "their logarithms are added"),
        (lambda p, t: 0.0, "for the words [4, 2, 2, 5] it should be"),
    ],
    "nucleus": [
        (by_order(lambda p, s: np.cumsum(p) <= s), "crosses the line"),
        (lambda p, s: p > s, "keeps nothing"),
        (lambda p, s: before(p) < s, "sort, and put what you find back"),
        (lambda p, s: before(np.sort(p)[::-1]) < s, "put the result back"),
        (by_order(lambda p, s: before(p) <= s), "one too many"),
        (lambda p, s: np.argsort(-p), "a boolean for each token"),
    ],
    "viterbi": [
        (greedy, "the greedy sentence"),
        (lambda p, n: [0, *_best(p, n)], "the start is not a word"),
        (lambda p, n: _best(p, n)[::-1], "backwards"),
        (lambda p, n: [2] * n, "not the best sentence"),
    ],
    "bug": [
        (steps(lambda t: 0), "where does each token stand"),
        (steps(lambda t: t + 1), "no step is right"),
        (without_mask, "a mask is missing"),
        (lambda m, s, t: m(s, t)[:, -1], "return logits of shape (3, 6, 9)"),
    ],
    "clock": [
        (lengths("multiplications", max), "by multiplications"),
        (lengths("milliseconds", min), "go on to the largest"),
        (lambda w: 4096, "took longer"),
        (lambda w: "long", "expected"),
    ],
    "explain": [
        ("a", "fewer errors"),
        ("c", "training does not search"),
        ("d", "draws nothing"),
        ("e", "expected one of the letters"),
    ],
}


TestMarking = marking_of("decoding", RIGHT, WRONG)
