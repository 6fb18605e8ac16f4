"""Exercises on speech: right answers pass, wrong ones get their hint."""

from itertools import groupby, product

import numpy as np
import torch
import torch.nn.functional as F

from attnlab.chapters.speech.exercises import _sum_over_paths
from tests.exercises.marking import marking_of


def by_groups(path):
    return [mark - 1 for mark, _ in groupby(path) if mark]


def by_neighbors(path):
    return [b - 1 for a, b in zip([0, *path], path, strict=False) if b not in (a, 0)]


def by_arrays(path):
    path = np.array(path)
    return path[(np.diff(path, prepend=0) != 0) & (path > 0)] - 1


def unmerged(path):
    return [mark - 1 for mark in path if mark]


def merged_too_late(path):
    return [mark - 1 for mark, _ in groupby(mark for mark in path if mark)]


def by_torch(p, target):
    loss = F.ctc_loss(
        torch.from_numpy(p).log()[:, None], torch.tensor([[d + 1 for d in target]]),
        torch.tensor([len(p)]), torch.tensor([len(target)]), reduction="sum",
    )  # fmt: skip
    return (-loss).exp().item()


def place_by_place(p, target):
    """Two numbers for each count of digits said: with a blank last, and with a digit last."""
    blank, digit = [1.0] + [0.0] * len(target), [0.0] * (len(target) + 1)
    for row in p:
        said = [0.0]
        for i, d in enumerate(target, start=1):
            new = blank[i - 1]
            if i > 1 and target[i - 2] != d:
                new += digit[i - 1]
            said.append(row[d + 1] * (digit[i] + new))
        blank = [row[0] * (b + s) for b, s in zip(blank, digit, strict=True)]
        digit = said
    return blank[-1] + digit[-1]


def with_marks(p, target):
    marks = np.zeros(2 * len(target) + 1, dtype=int)
    marks[1::2] = np.array(target, dtype=int) + 1
    alpha = np.where(np.arange(len(marks)) < 2, p[0][marks], 0)
    jump = np.zeros(len(marks), dtype=bool)
    jump[2:] = (marks[2:] > 0) & (marks[2:] != marks[:-2])
    for row in p[1:]:
        one, two = np.r_[0, alpha[:-1]], np.r_[0, 0, alpha[:-2]][: len(marks)]
        alpha = row[marks] * (alpha + one + two * jump)
    return torch.tensor(alpha[-2:].sum())


def to_a_loss(p, target):
    with np.errstate(divide="ignore"):
        return -np.log(with_marks(p, target).item())


def forward(**settings):
    return lambda p, target: _sum_over_paths(p, target, **settings)


def in_numpy(lengths, m):
    return (np.arange(m) < lengths[:, None])[:, ::2]


def in_torch(lengths, m):
    states = torch.arange((m + 1) // 2)
    return 2 * states < torch.as_tensor(lengths)[:, None]


def in_lists(lengths, m):
    return [[2 * i < length for i in range((m + 1) // 2)] for length in lengths.tolist()]


def first_frames(lengths, m):
    return (np.arange(m) < lengths[:, None])[:, : (m + 1) // 2]


def halves(count):
    return lambda lengths, m: np.arange((m + 1) // 2) < count(lengths)[:, None]


def one_by_one(w):
    for w.length in range(1, 17):
        if w.mistakes_speller > w.mistakes_ctc:
            return w.length
    return None


def at_all_lengths(w):
    def gap(n):
        w.length = n
        return w.mistakes_speller - w.mistakes_ctc

    return next((n for n in range(1, 17) if gap(n) > 0), None)


def as_a_float(w):
    found = [n for n in range(1, 17) if behind(w, n)]
    return np.float64(min(found)) if found else None


def behind(w, n, more=lambda w: w.mistakes_speller > w.mistakes_ctc):
    w.length = n
    return more(w)


def first(lengths, more=lambda w: w.mistakes_speller > w.mistakes_ctc):
    return lambda w: next((n for n in lengths if behind(w, n, more)), None)


def pausing(w):
    w.pause = 1
    return one_by_one(w)


RIGHT = {
    "collapse": [by_groups, by_neighbors, by_arrays],
    "probability": [by_torch, place_by_place, with_marks],
    "bug": [in_numpy, in_torch, in_lists],
    "widget": [one_by_one, at_all_lengths, as_a_float],
    "explain": ["a"],
    "in-writing": ["Captions are said and written in one order, so CTC will do."],
}
WRONG = {
    "collapse": [
        (merged_too_late, "merge first"),
        (unmerged, "held over several states is one"),
        (lambda path: [mark for mark, _ in groupby(path) if mark], "mark k stands for digit k - 1"),
        (lambda path: [mark - 1 for mark, _ in groupby(path)], "the blanks are still in it"),
        (lambda path: [m for m, _ in groupby(m for m in path if m)], "and mark k is digit k - 1"),
        (lambda path: list(dict.fromkeys(unmerged(path))), "may be said again"),
        (lambda path: sorted(set(unmerged(path))), "in the order in which"),
        (lambda path: by_groups(path)[::-1], "that is backwards"),
        (lambda path: "".join(map(str, by_groups(path))), "whole numbers"),
        (lambda path: by_groups(path)[:1], "expected"),
        (lambda path: print(by_groups(path)), "is a `return` missing?"),
    ],
    "probability": [
        (forward(best=True), "the best path alone"),
        (forward(skip="all"), "there must be a blank"),
        (forward(skip="never"), "need not be a blank"),
        (forward(end=1), "may end with the last digit"),
        (forward(start=1), "may begin with the first digit"),
        (lambda p, target: by_torch(np.roll(p, -1, axis=1), target), "class 0 is the blank"),
        (to_a_loss, "that is CTC's loss"),
        (lambda p, target: by_torch(p, target) / max(1, len(target)), "do not divide"),
        (lambda p, target: float(by_groups(p.argmax(1)) == target) * p.max(1).prod(), "asks only"),
        (lambda p, target: 0.5, "expected"),
        (lambda p, target: p, "should be one number"),
    ],
    "bug": [
        (lambda lengths, m: np.arange((m + 1) // 2) < lengths[:, None], "counted in frames"),
        (halves(lambda lengths: lengths // 2), "one more"),
        (halves(lambda lengths: lengths // 2 + 1), "one state too many"),
        (first_frames, "counted in frames"),
        (lambda lengths, m: np.arange(m) < lengths[:, None], "not for each frame"),
        (lambda lengths, m: ~in_numpy(lengths, m), "the other way round"),
        (halves(lambda lengths: lengths + 100), "padding has states"),
        (lambda lengths, m: in_numpy(lengths, m).T, "transposed"),
        (lambda lengths, m: in_numpy(lengths, m)[:, None], "without an axis for queries"),
        (lambda lengths, m: in_numpy(lengths, m).astype(int), "True and False"),
        (halves(lambda lengths: (lengths - 1) // 2), "expected"),
    ],
    "widget": [
        (first(range(1, 17), lambda w: w.mistakes_speller >= w.mistakes_ctc), "not as many"),
        (first(range(1, 17), lambda w: w.mistakes_speller > 0), "count as well"),
        (first(range(1, 17), lambda w: w.mistakes_speller < w.mistakes_ctc), "CTC makes more"),
        (first(range(16, 0, -1)), "the last such length"),
        (first(range(17)), "nothing is said"),
        (lambda w: sum(behind(w, n) for n in range(1, 17)), "how many such lengths"),
        (first(range(1, 16)), "16 is a length"),
        (first(range(2, 17)), "1 is a length"),
        (pausing, "changes more of the widget"),
        (lambda w: 5, "expected"),
        (lambda w: "five", "should be one number"),
    ],
    "explain": [("b", "lost it"), ("c", "nothing in attention"), ("d", "about short utterances")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip


TestMarking = marking_of("speech", RIGHT, WRONG)


def test_the_sum_over_paths_is_that_of_writing_all_of_them_down():
    p = np.random.default_rng(0).dirichlet(np.ones(4), size=5)  # three digits and the blank
    for target in ([], [0], [1, 1], [2, 0, 2]):
        paths = [path for path in product(range(4), repeat=5) if by_groups(path) == target]
        expected = sum(np.prod([row[k] for row, k in zip(p, path, strict=True)]) for path in paths)
        np.testing.assert_allclose(_sum_over_paths(p, target), expected)
