"""Checks of the chapter `transformer/decoding`."""

import numpy as np
import torch

from attnlab.chapters.decoding.costs import CostWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call, shape_of
from attnlab.functional.softmax import log_softmax
from attnlab.models.transformer import Transformer

START, END = 0, 1


def _table(seed: int, v: int, ends: bool = True) -> np.ndarray:
    """Log-probabilities of what follows each token, (V, V); nothing leads to the start."""
    logits = 2 * np.random.default_rng(seed).standard_normal((v, v))
    logits[:, START] = -np.inf
    if not ends:
        logits[:, END] = -np.inf
    return log_softmax(logits)


@exercise("decoding/score", "log_probability")
def _score(log_probability) -> str:
    for seed, tokens in enumerate(([4, 2, 2, 5], [3], [])):
        log_p = _table(seed, 6)
        path = [START, *tokens, END]
        terms = log_p[path[:-1], path[1:]]
        right = terms.sum()
        got = float(log_probability(log_p, list(tokens)))
        if np.isclose(got, right):
            continue
        recognize(got, [
            (terms[:-1].sum(), "the sentence also ends: its last token is the end"),
            (terms[1:].sum(), "the first word has a probability too: it follows the start"),
            (terms[1:-1].sum(), "the path goes from the start to the end"),
            (np.exp(right), "that is the probability: return its logarithm"),
            (terms.mean(), "that is the mean: logarithms of a product are summed"),
            (np.prod(terms), "probabilities are multiplied, and so their logarithms are added"),
            (log_p[path[1:], path[:-1]].sum(), "transposed: row i holds what follows token i"),
        ])  # fmt: skip
        raise Hint(
            "for the words {tokens} it should be {right:.3f}, got {got:.3f}",
            tokens=tokens, right=right, got=got,
        )  # fmt: skip
    return "right"


@exercise("decoding/nucleus", "nucleus")
def _nucleus(nucleus) -> str:
    cases = [
        ([0.1, 0.5, 0.3, 0.06, 0.04], 0.7),
        ([0.05, 0.9, 0.05], 0.5),
        ([0.25, 0.125, 0.125, 0.5], 0.75),
        ([0.2, 0.7, 0.1], 1.0),
    ]
    for given, share in cases:
        p = np.array(given)
        order = np.argsort(-p, kind="stable")
        total = np.cumsum(p[order])
        back = np.argsort(order)
        right = (total - p[order] < share - 1e-12)[back]
        got = np.asarray(nucleus(p.copy(), share))
        case = call("nucleus", given, share)
        if got.shape != p.shape or got.dtype != bool:
            raise Hint("return a boolean for each token; {case} is {got!r}", case=case, got=got)
        if not got.any():
            raise Hint("{case} keeps nothing: the token that crosses the line is kept", case=case)
        if np.array_equal(got, right):
            continue
        recognize(got, [
            ((total <= share + 1e-12)[back],
             "the token that crosses the line is kept as well ({case})"),
            (p > share, "the probabilities of what is kept must sum to the share, not each reach "
             "({case})"),
            (np.cumsum(p) - p < share - 1e-12, "the most probable tokens come first: sort, and "
             "put what you find back in order ({case})"),
            (total - p[order] < share - 1e-12, "these are the sorted tokens: put the result back "
             "into the order of p ({case})"),
            ((total - p[order] <= share + 1e-12)[back],
             "one too many where the sum is the share ({case})"),
        ], alike=np.array_equal, case=case)  # fmt: skip
        raise Hint(
            "{case} should keep {right}, got {got}",
            case=case, right=right.tolist(), got=got.tolist(),
        )  # fmt: skip
    return "right"


@exercise("decoding/viterbi", "best_sentence")
def _viterbi(best_sentence) -> str:
    for seed, (v, length) in enumerate([(6, 1), (6, 4), (9, 7), (12, 10), (12, 12)]):
        log_p = _table(seed, v, ends=False)
        right = _best(log_p, length)
        got = [int(token) for token in best_sentence(log_p.copy(), length)]
        if got == right:
            continue
        greedy = [int(log_p[START].argmax())]
        while len(greedy) < length:
            greedy.append(int(log_p[greedy[-1]].argmax()))
        if got == greedy:
            raise Hint("that is the greedy sentence: a worse first word may lead to a better whole")
        if got == [START, *right]:
            raise Hint("the start is not a word of the sentence")
        if got == right[::-1]:
            raise Hint("the right words backwards: you went back along the path")
        if len(got) != length:
            raise Hint("expected {length} words, got {got}", length=length, got=len(got))
        raise Hint(
            "not the best sentence: its log-probability is {got:.3f}, and {best:.3f} can be had",
            got=_log_p(log_p, got),
            best=_log_p(log_p, right),
        )
    return "right"


def _best(log_p: np.ndarray, length: int) -> list[int]:
    best, before = log_p[START], []
    for _ in range(length - 1):
        total = best[:, None] + log_p
        before.append(total.argmax(axis=0))
        best = total.max(axis=0)
    path = [int(best.argmax())]
    for arrow in reversed(before):
        path.insert(0, int(arrow[path[0]]))
    return path


def _log_p(log_p: np.ndarray, words: list[int]) -> float:
    path = [START, *words]
    return float(log_p[path[:-1], path[1:]].sum())


@exercise("decoding/bug", "logits_by_step")
def _bug(logits_by_step) -> str:
    for seed, layers in enumerate((1, 2)):
        torch.manual_seed(seed)
        sizes = {"d_model": 8, "n_heads": 2, "n_layers": layers, "d_ff": 12, "dropout": 0.0}
        model = Transformer(9, 9, **sizes).double().eval()
        src, tgt_in = torch.randint(9, (3, 4)), torch.randint(9, (3, 6))
        with torch.no_grad():
            right = model(src, tgt_in)
            got = logits_by_step(model, src, tgt_in)
        if not isinstance(got, torch.Tensor) or got.shape != right.shape:
            raise Hint(
                "return logits of shape {right}, got {shape}",
                right=shape_of(right), shape=shape_of(got),
            )  # fmt: skip
        close = (got - right).abs().amax((0, 2)) < 1e-8  # by step
        if close.all():
            continue
        if close[0] and not close[1:].any():
            raise Hint("the first step is right and no other: where does each token stand?")
        if close[-1] and layers == 1:
            raise Hint("the last step is right and others are not: a mask is missing")
        if not close.any():
            raise Hint("no step is right, not even the first, which stands at position 0")
        raise Hint(
            "with n_layers={layers} these steps are right: {close}",
            layers=layers, close=close.tolist(),
        )  # fmt: skip
    return "right: every step gives what one run under the causal mask gives"


@exercise("decoding/clock", "longest_faster")
def _clock(longest_faster) -> str:
    powers = [2**power for power in range(6, 13)]
    w = CostWidget()  # one for all widths: a page keeps the state of every widget that is made
    for d in (64, 16, 256, 512):
        w.d = d
        faster, cheaper = [], []
        for n in powers:
            w.n = n
            if w.milliseconds["attention"] < w.milliseconds["RNN"]:
                faster.append(n)
            if w.multiplications["attention"] < w.multiplications["RNN"]:
                cheaper.append(n)
        right = max(faster, default=None)
        got = longest_faster(w)
        if got == right:
            continue
        if got == max(cheaper, default=None):
            raise Hint("that goes by multiplications: the question is about time")
        if got == min(faster, default=None):
            raise Hint("that is the smallest such n: go on to the largest")
        if got in powers and got not in faster:
            raise Hint("with d={d}, attention took longer than the RNN at n={got}", d=d, got=got)
        raise Hint(
            "with d={d} expected {right}, got {got!r}; is w.d as it was?", d=d, right=right, got=got
        )
    return "right"


choice(
    "decoding/explain",
    "what_happened",
    right="b",
    hints={
        "a": "with more beginnings a search finds better ones: it makes fewer errors",
        "c": "training does not search at all: it is done with the right tokens",
        "d": "a beam search keeps the best and draws nothing at random",
    },
    praise="right: the search became better, and showed what it searches for",
)
