"""The exercises of `transformer/decoding`: right answers pass, wrong ones get their hint."""

import heapq
import itertools
import sys

import numpy as np
import torch

from attnlab.chapters.decoding.paths import best_path, by_beam, without_a_way_back
from attnlab.decoding import next_probabilities
from tests.chapters.decoding import model_answers
from tests.exercises.marking import marking_of
from tests.exercises.restoring import restoring

ALPHAS = np.linspace(0, 2, 9)


def scored(path_of, combine=sum):
    def log_probability(log_p, tokens):
        path = path_of(tokens)
        return combine([log_p[a, b] for a, b in itertools.pairwise(path)])

    return log_probability


def complete(tokens):
    return [0, *tokens, 1]


def by_steps(log_p, tokens):
    total, last = 0.0, 0
    for token in np.array([*tokens, 1]):
        total += float(log_p[last, token])
        last = token
    return np.float32(total)


# The nucleus


def nucleus(p, share):
    order = np.argsort(-p)
    kept = np.zeros(len(p), dtype=bool)
    kept[order] = np.cumsum(p[order]) - p[order] < share
    return kept


def nucleus_in_a_loop(p, share):
    kept, total = [False] * len(p), 0.0
    while total < share - 1e-9:
        i = max((i for i in range(len(p)) if not kept[i]), key=lambda i: p[i])
        kept[i], total = True, total + float(p[i])
    return kept


def nucleus_by_hundreds(p, share):
    order = np.argsort(-p)
    count = np.searchsorted(np.cumsum(p[order]), share - 1e-3) + 1
    return np.isin(np.arange(len(p)), order[:count])


def nucleus_by_argmax(p, share):
    """Forgets that there may be no True: rounded, a sum of all may be less than 1."""
    order = np.argsort(p)[::-1]
    count = np.argmax(np.cumsum(p[order]) >= share) + 1
    return np.isin(np.arange(len(p)), order[:count])


def nucleus_from_below(p, share):
    """Leaves out the least probable, as long as they sum to no more than may be missing."""
    order = np.argsort(p, kind="stable")
    kept = np.ones(len(p), dtype=bool)
    kept[order[np.cumsum(p[order]) <= 1 - share]] = False
    return kept


def nucleus_by_torch(p, share):
    values, order = torch.sort(torch.from_numpy(p), descending=True)
    before = torch.cat([torch.zeros(1), values.cumsum(0)[:-1]])
    return torch.zeros(len(p), dtype=torch.bool).scatter(0, order, before < share)


def nucleus_by_search(p, share):
    order = np.argsort(-p, kind="stable")
    kept = np.zeros(len(p), dtype=bool)
    kept[order[: np.searchsorted(np.cumsum(p[order]), share) + 1]] = True
    return kept


def nucleus_of_attnlab(p, share):
    return next_probabilities(torch.from_numpy(p).log(), top_p=share) > 0


def sorted_and(keep):
    """`keep` sees the sorted probabilities; what it says is put back into the order of p."""

    def nucleus(p, share):
        order = np.argsort(-p, kind="stable")
        kept = np.zeros(len(p), dtype=bool)
        kept[order] = keep(p[order], share)
        return kept

    return nucleus


def before(p):
    return np.cumsum(p) - p


def with_ties(p, share):
    return p >= p[nucleus(p, share)].min()


def put_elsewhere(p, share):
    order = np.argsort(-p, kind="stable")
    return (before(p[order]) < share - 1e-6)[order]


def nucleus_in_place(p, share):
    kept = nucleus(p, share)
    p[~kept] = 0
    return p > 0


# Which knob was it?


def temperature_of(P, Q):
    """The slope of one logarithm against the other, over all rows."""
    p, q = (np.log(x) - np.log(x).mean(axis=1, keepdims=True) for x in (P, Q))
    return (p * p).sum() / (p * q).sum()


def left(P, Q):
    return np.where(Q > 0, P, 0).sum(axis=1)


def knob(share=lambda P, Q: left(P, Q).min(), heat=temperature_of, count=lambda P, Q: (Q > 0)[0]):
    def which_knob(P, Q):
        if (Q > 0).all():
            return "temperature", heat(P, Q)
        counts = (Q > 0).sum(axis=1)
        if (counts == counts[0]).all():
            return "top-k", np.sum(count(P, Q))
        return "top-p", share(P, Q)

    return which_knob


def by_the_first_row(P, Q):
    return ("temperature", temperature_of(P, Q)) if (Q[0] > 0).all() else knob()(P, Q)


def in_between(P, Q):
    """A share between what is enough in all rows and what is too few in one."""
    last = np.where(Q > 0, P, 1).min(axis=1)
    return ((left(P, Q) - last).max() + left(P, Q).min()) / 2


def two_tokens(P, Q):
    p, q = np.log(P[0]), np.log(Q[0])
    return torch.tensor((p[0] - p[1]) / (q[0] - q[1]))


def knob_in_a_loop(P, Q):
    counts = {sum(q > 0 for q in row) for row in Q.tolist()}
    if counts == {P.shape[1]}:
        return ["Temperature", 1 / ((np.log(Q[1, 2] / Q[1, 0])) / np.log(P[1, 2] / P[1, 0]))]
    if len(counts) == 1:
        return ["top_k", counts.pop()]
    return ["top_p", min(sum(p for p, q in zip(*rows, strict=True) if q > 0)
                         for rows in zip(P.tolist(), Q.tolist(), strict=True))]  # fmt: skip


# The best sentence


def by_dijkstra(log_p, length):
    """The cheapest way through all lengths and last words."""
    queue, done = [(0.0, 0, 0, ())], set()
    while True:
        cost, at, last, words = heapq.heappop(queue)
        if at == length:
            return list(words)
        if (at, last) not in done:
            done.add((at, last))
            for word, step in enumerate(log_p[last]):
                if step > -np.inf:
                    heapq.heappush(queue, (cost - step, at + 1, word, (*words, word)))


def with_whole_paths(log_p, length):
    """For each last word the best beginning, written out."""
    best = {0: (0.0, [])}
    for _ in range(length):
        best = {
            word: max(
                (score + log_p[last, word], [*words, word]) for last, (score, words) in best.items()
            )
            for word in range(2, len(log_p))
        }
    return np.array(max(best.values())[1])


def from_the_end(log_p, length):
    """The same from behind: how good can what follows a word be?"""
    rest = [np.zeros(len(log_p))]
    for _ in range(length - 1):
        rest.insert(0, (log_p + rest[0]).max(axis=1))
    words = [0]
    for after in rest:
        words.append(int((log_p[words[-1]] + after).argmax()))
    return tuple(words[1:])


def by_probabilities(log_p, length):
    """Products in place of sums, which are 0 for all long sentences."""
    best, before = np.exp(log_p[0]), []
    for _ in range(length - 1):
        before.append((best[:, None] * np.exp(log_p)).argmax(axis=0))
        best = (best[:, None] * np.exp(log_p)).max(axis=0)
    words = [best.argmax()]
    for arrow in reversed(before):
        words.insert(0, arrow[words[0]])
    return words


def changing(log_p, length):
    log_p[:, 0] = -1e9
    return best_path(log_p, length)


# Ask the widget


def words_of(beam):
    return len([word for word in beam[0].split() if word != "■"])


def smallest(
    *,
    length=lambda found: words_of(found[0]),
    steps=12,
    enough=lambda length, least: length >= least,
    choose=min,
    of=lambda a: ALPHAS[a],
):
    def smallest_penalty(w, words):
        if steps is not None:
            w.steps = steps
        found = []
        for i, w.length_penalty in enumerate(ALPHAS):
            if enough(length(w.hypotheses), words):
                found.append(of(i))
        return choose(found) if found else None

    return smallest_penalty


def with_three_beams(w, words):
    w.beams = 3
    return smallest()(w, words)


def stopping(w, words):
    w.steps = 12
    for alpha in (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2):
        w.length_penalty = alpha
        if len(w.hypotheses[0][0].removesuffix("■").split()) >= words:
            return alpha
    return None


RIGHT = {
    "score": [
        scored(complete),
        by_steps,
        lambda p, t: torch.tensor(p[[0, *t], [*t, 1]]).sum(),
        lambda p, t: np.take_along_axis(p[[0, *t]], np.array([[*t, 1]]).T, 1).sum(),
    ],
    "nucleus": [
        nucleus,
        nucleus_in_a_loop,
        nucleus_from_below,
        nucleus_by_torch,
        nucleus_by_search,
        nucleus_of_attnlab,
    ],
    "knobs": [
        knob(),
        knob(share=in_between, heat=two_tokens),
        knob_in_a_loop,
        knob(share=lambda P, Q: left(P, Q).min() - 1e-12),
    ],
    "viterbi": [
        best_path,
        lambda p, n: np.array(best_path(p, n)),
        by_dijkstra,
        with_whole_paths,
        from_the_end,
        lambda p, n: torch.tensor(best_path(p, n)),
    ],
    "bug": model_answers.RIGHT["bug"],
    "beams": model_answers.RIGHT["beams"],
    "penalty": [
        smallest(),
        stopping,
        smallest(of=lambda a: torch.tensor(ALPHAS[a])),
    ],
    "wider": ["c", " C)"],
    "in-writing": ["Search with a narrow beam and a penalty for the leaflet; draw the story."],
}

WRONG = {
    "score": [
        (scored(lambda t: [0, *t]), "the sentence also ends"),
        (scored(lambda t: [*t, 1]), "the first word has a probability"),
        (scored(lambda t: t), "neither the first word nor the end"),
        (lambda p, t: np.exp(scored(complete)(p, t)), "the probability itself"),
        (lambda p, t: np.log(np.prod(np.exp([p[a, b] for a, b in itertools.pairwise([0, *t, 1])]))),
         "too small for a float"),
        (scored(complete, np.mean), "that is the mean"),
        (scored(complete, np.prod), "are not multiplied"),
        (lambda p, t: -scored(complete)(p, t), "the sign"),
        (lambda p, t: scored(complete)(p, t) / np.log(2), "these are bits"),
        (lambda p, t: scored(complete)(p.T, t), "transposed"),
        (lambda p, t: 0.0, "tokens = [4, 2, 2, 5]: expected "),
        (lambda p, t: round(scored(complete)(p, t), 2), "tokens = [4, 2, 2, 5]: expected "),
        (lambda p, t: p[[0, *t], [*t, 1]], "should be one number"),
        (lambda p, t: t.append(1) or scored(lambda t: [0, *t])(p, t), "changes `t` in place"),
        (lambda p, t: sys.exit(), "raised "),
    ],
    "nucleus": [
        (with_ties, "of tokens that are equally probable no more"),
        (sorted_and(lambda p, share: np.cumsum(p) < share + 1e-6), "does not reach the share"),
        (sorted_and(lambda p, share: np.cumsum(p) <= share), "does not reach the share"),
        (sorted_and(lambda p, share: before(p) <= share), "one token too many"),
        (lambda p, share: p > share, "compared with the share"),
        (lambda p, share: p >= share * p.max(), "compared with the most probable one"),
        (lambda p, share: before(p) < share, "in the order of their numbers"),
        (lambda p, share: before(np.sort(p)[::-1]) < share, "which of the sorted tokens"),
        (put_elsewhere, "in other places"),
        (sorted_and(lambda p, share: before(p[::-1])[::-1] < share), "the least probable tokens"),
        (lambda p, share: ~nucleus(p, share), "that are cut"),
        (lambda p, share: p > -1, "nothing is cut"),
        (lambda p, share: p > 1, "nothing is kept"),
        (lambda p, share: p == p.max(), "alone is not always enough"),
        (lambda p, share: nucleus(p, 1 - share), "nucleus([0.1, 0.5, 0.3, 0.06, 0.04], 0.7)"),
        (lambda p, share: np.argsort(-p) < share * len(p), "nucleus([0.1, "),
        (sorted_and(lambda p, share: np.arange(len(p)) < share * len(p)), "not of what they are"),
        (lambda p, share: p >= share / len(p), "nucleus([0.4, 0.3, 0.3], 0.6): at "),
        (lambda p, share: np.argsort(-p), "an array of True and False"),
        (lambda p, share: nucleus(p, share).astype(int), "an array of True and False"),
        (lambda p, share: nucleus(p, share)[p > 0.1], "should have shape (V) = (5,), got (2,)"),
        (lambda p, share: p[nucleus(p, share)], "an array of True and False"),
        (nucleus_by_argmax, "may sum to a bit less than 1"),
        (nucleus_by_hundreds, "nucleus([0.2001, 0.5, 0.2999], 0.8): at "),
        (nucleus_in_place, "changes `p` in place"),
    ],
    "knobs": [
        (lambda P, Q: ("top-k", 2), "n = 3, V = 6: expected 'temperature', got 'top-k'"),
        (lambda P, Q: knob()(P, Q) if (Q > 0).all() else ("top-k", (Q > 0).sum(axis=1)[0]),
         "is not the only knob"),
        (lambda P, Q: knob()(P, Q) if (Q > 0).all() else ("top-p", left(P, Q).min()),
         "is not the only knob"),
        (knob(heat=lambda P, Q: 1 / temperature_of(P, Q)), "divided by the temperature"),
        (knob(heat=lambda P, Q: np.log(P[0, 0]) / np.log(Q[0, 0])), "differs from row to row"),
        (knob(heat=lambda P, Q: P[0, 0] / Q[0, 0]), "no probability was divided"),
        (knob(count=lambda P, Q: (Q == 0)[0]), "were cut from each row"),
        (knob(count=lambda P, Q: Q > 0), "in all rows together"),
        (knob(count=lambda P, Q: left(P, Q).min()), "not a share"),
        (knob(share=lambda P, Q: left(P, Q).max()), "other rows would keep more"),
        (knob(share=lambda P, Q: left(P, Q).mean()), "with the mean"),
        (knob(share=lambda P, Q: left(P, Q)[0]), "fits the first row"),
        (knob(share=lambda P, Q: 1 - left(P, Q).min()), "what was cut"),
        (knob(share=lambda P, Q: (Q > 0).sum(axis=1).mean()), "not a number of tokens"),
        (knob(heat=lambda P, Q: round(temperature_of(P, Q), 2)), "expected 0.435, got 0.4"),
        (lambda P, Q: knob()(P, np.where(Q > 1e-6, Q, 0)), "expected 'temperature', got 'top-p'"),
        (knob(share=lambda P, Q: np.floor(100 * left(P, Q).min()) / 100), "n = 5, V = 7: expected"),
        (by_the_first_row, "expected 'top-p', got 'temperature'"),
        (knob(share=lambda P, Q: 0.5), "name = 'top-p', n = 4, V = 9: expected "),
        (knob(share=left), "value should be one number"),
        (lambda P, Q: knob()(P, Q)[::-1], "name should be text"),
        (lambda P, Q: "temperature", "return 2 things"),
        (lambda P, Q: ("nucleus", 0.5), 'name should be "temperature", "top-k" or "top-p"'),
    ],
    "viterbi": [
        (lambda p, n: by_beam(p, 1, n), "the greedy sentence"),
        (lambda p, n: by_beam(p, 3, n), "a beam drops"),
        (lambda p, n: by_beam(p, 4, n), "a beam drops"),
        (lambda p, n: by_beam(p, 8, n), "a beam drops"),
        (lambda p, n: by_beam(p, 16, n), "a beam drops"),
        (lambda p, n: by_beam(p, 60 if n < 99 else 1, n),
         "log p(y), V = 20, length = 8: expected "),
        (lambda p, n: [0, *best_path(p, n)], "the start is not a word"),
        (lambda p, n: best_path(p, n)[::-1], "backwards"),
        (without_a_way_back, "need not continue one another"),
        (lambda p, n: best_path(np.vstack([np.where(p[:1] > -np.inf, 0, p[:1]), p[1:]]), n),
         "follows the start"),
        (lambda p, n: [word - 2 for word in best_path(p, n)],
         "log p(y), V = 6, length = 1: expected "),
        (by_probabilities, "log p(y), V = 20, length = 320: expected "),
        (lambda p, n: best_path(np.vstack([p[:1], p.T[1:]]), n), "transposed"),
        (lambda p, n: [2] * n, "log p(y), V = 6, length = 4: expected "),
        (lambda p, n: [p.shape[0]] * n, "words are numbers below V, got [6]"),
        (lambda p, n: best_path(p, n + 1), "should have shape"),
        (lambda p, n: max(p[0]), "should be an array of whole numbers"),
        (changing, "changes `log_p` in place"),
    ],
    "bug": model_answers.WRONG["bug"],
    "beams": model_answers.WRONG["beams"],
    "penalty": [
        (smallest(length=lambda beams: len(beams[0][0].split())), "no word"),
        (smallest(length=lambda beams: len(beams[0][0])), "these are letters"),
        (smallest(length=lambda beams: words_of(beams[-1])), "the last of the beams"),
        (smallest(length=lambda beams: max(map(words_of, beams))), "but not the best"),
        (smallest(length=lambda beams: words_of(max(beams, key=lambda one: one[1]))),
         "not the most probable one"),
        (smallest(choose=max), "the largest α"),
        (smallest(of=lambda a: a), "the number of the α"),
        (smallest(steps=None), "as many steps as were set"),
        (smallest(enough=lambda length, least: length > least), "need not be more"),
        (smallest(enough=lambda length, least: length <= least), "not as many at most"),
        (restoring("beams")(with_three_beams), "tea', beams = 4, steps = 12: expected 2, got 1.25"),
        (with_three_beams, "leaves `w.beams` at 3, and it was 4"),
        (lambda w, words: 1.0, "expected 1.25, got 1"),
        (lambda w, words: print(w), "expected 1.25, got None"),
        (lambda w, words: ALPHAS, "should be one number"),
        (lambda w, words: setattr(w, "length_penalty", 3), "raised TraitError"),
    ],
    "wider": [
        ("a", "at the second"),
        ("b", "none is short"),
        ("d", "16 digits"),
        (0, "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (["draw"], "should be text"), ("?!", "no words")],
}  # fmt: skip


TestMarking = marking_of("decoding", RIGHT, WRONG)
