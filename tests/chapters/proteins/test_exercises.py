"""The exercises of `work/proteins`: right answers pass, wrong ones get the hint they need."""

import math

import numpy as np
import torch

from tests.chapters.proteins import tree_answers
from tests.exercises.marking import marking_of

SIZES = (30, 100, 300, 1000, 3000, 10_000)


def together(strengths, i, j):
    return np.prod(strengths[min(i, j) : max(i, j)])


def together_in_a_loop(strengths, i, j):
    found = 1.0
    for k in range(*sorted((i, j))):
        found *= strengths[k]
    return found


def together_by_logarithms(strengths, i, j):
    low, high = sorted((i, j))
    return torch.tensor(strengths[low:high]).log().sum().exp()


def between(strengths, i, j, more=0):
    return strengths[min(i, j) : max(i, j) + more]


def information(counts):
    p = counts / counts.sum()
    apart = p.sum(axis=1, keepdims=True) * p.sum(axis=0)
    seen = p > 0
    return (p[seen] * np.log(p[seen] / apart[seen])).sum()


def information_in_a_loop(counts):
    n, found = counts.sum(), 0
    for a in range(counts.shape[0]):
        for b in range(counts.shape[1]):
            if counts[a, b]:
                ratio = n * counts[a, b] / (counts[a].sum() * counts[:, b].sum())
                found += counts[a, b] / n * math.log(ratio)
    return found


def information_by_entropies(counts):
    p = counts / counts.sum()
    return entropy(p.sum(0)) + entropy(p.sum(1)) - entropy(p)


def entropy(p):
    p = p[p > 0]
    return -(p * np.log(p)).sum()


def sums(counts):
    p = counts / counts.sum()
    return p, p.sum(axis=1, keepdims=True) * p.sum(axis=0)


def weighed(by):
    def answer(counts):
        p, apart = sums(counts)
        seen = p > 0
        return (by(p, apart)[seen] * np.log(p[seen] / apart[seen])).sum()

    return answer


def kept(sequences, labels):
    classes = {}
    for sequence, label in zip(sequences, labels, strict=True):
        classes.setdefault(sequence, set()).add(label)
    return [i for i, one in enumerate(sequences)
            if len(classes[one]) == 1 and sequences.index(one) == i]  # fmt: skip


def kept_by_unique(sequences, labels):
    _, first, where = np.unique(sequences, return_index=True, return_inverse=True)
    mean = np.bincount(where, labels) / np.bincount(where)
    return np.sort(first[(mean == 0) | (mean == 1)])


def kept_by_sets(sequences, labels):
    rows = list(zip(sequences, labels, strict=True))
    bad = {s for s, y in rows if y} & {s for s, y in rows if not y}
    seen, found = set(bad), []
    for i, sequence in enumerate(sequences):
        if sequence not in seen:
            seen.add(sequence)
            found.append(i)
    return found


def where(test):
    return lambda s, y: [i for i in range(len(s)) if test(s, y, i)]


def first(s, y, i):
    return s.index(s[i]) == i


def last(s, y, i):
    return s[i] not in s[i + 1 :]


def pure(s, y, i):
    return len({y[k] for k in range(len(s)) if s[k] == s[i]}) == 1


def needed(w, share):
    for w.sequences in SIZES:
        if w.right >= share:
            return w.sequences
    return None


def needed_from_above(w, share):
    found = None
    for n in reversed(SIZES):
        w.sequences = n
        found = n if w.right >= share else found
    return found


def needed_by_list(w, share):
    def at(n):
        w.sequences = n
        return w.right

    return min((n for n in SIZES if at(n) >= share), default=None)


def search(reached=lambda w, share: w.right >= share, give=lambda w: w.sequences, none=None):
    def answer(w, share):
        for w.sequences in SIZES:
            if reached(w, share):
                return give(w)
        return none

    return answer


def largest(w, share):
    for w.sequences in reversed(SIZES):
        if w.right >= share:
            return w.sequences
    return None


def another_method(w, share):
    w.method = "inverse" if w.method != "inverse" else "attention"
    return needed(w, share)


RIGHT = {
    "together": [together, together_in_a_loop, together_by_logarithms],
    "information": [information, information_in_a_loop, information_by_entropies],
    "bug": [kept, kept_by_unique, kept_by_sets],
    "tree": tree_answers.RIGHT,
    "widget": [needed, needed_from_above, needed_by_list],
    "explain": ["b"],
    "in-writing": ["How was the head chosen?"],
}
WRONG = {
    "together": [
        (lambda s, i, j: np.prod(s[i:j]), "as strong as C with A"),
        (lambda s, i, j: np.prod(between(s, i, j, 1)), "one contact too many"),
        (lambda s, i, j: np.prod(between(s, i, j)[1:]), "leaves out a contact"),
        (lambda s, i, j: np.sum(between(s, i, j)), "multiplied and not added"),
        (lambda s, i, j: min([1, *between(s, i, j)]), "weaken it further"),
        (lambda s, i, j: np.mean(between(s, i, j)) if i != j else 1, "the mean of the strengths"),
        (lambda s, i, j: np.prod(s), "only the contacts between"),
        (lambda s, i, j: 1 - np.prod(between(s, i, j)), "one of the contacts fails"),
        (lambda s, i, j: 0, "go together all the same"),
        (lambda s, i, j: np.prod(1 - between(s, i, j)), "all of the contacts fail"),
    ],
    "information": [
        (lambda c: information(c) / np.log(2), "these are bits"),
        (lambda c: -information(c), "the sign is turned"),
        (lambda c: information(c) * c.sum(), "divide the counts"),
        (lambda c: entropy(c / c.sum()), "the entropy of the pairs"),
        (weighed(lambda p, apart: np.ones_like(p)), "as often as its pair occurs"),
        (weighed(lambda p, apart: apart), "not by what independent places"),
        (lambda c: np.abs(np.subtract(*sums(c))).sum(), "a sum of differences"),
        (lambda c: entropy(sums(c)[0].sum(1)) - entropy(sums(c)[0]), "the share of the column"),
        (lambda c: np.log(c.size) - entropy(c / c.sum()), "letters need not be even"),
        (lambda c: (sums(c)[0] * np.log(np.where(c > 0, sums(c)[0], np.nan))).sum(), "NaN"),
        (lambda c: np.nan, "finite"),
    ],
    "bug": [
        (lambda s, y: [i for i in range(len(s))
                       if [*zip(s, y, strict=True)].index((s[i], y[i])) == i], "once in each"),
        (where(first), "a matter of luck"),
        (where(pure), "stays more than once"),
        (where(lambda s, y, i: s.count(s[i]) == 1), "the first should stay"),
        (where(lambda s, y, i: last(s, y, i) and pure(s, y, i)), "keep the first"),
        (lambda s, y: [*kept(s, y), *where(lambda *a: last(*a) and not pure(*a))(s, y)],
         "none should stay"),
        (lambda s, y: sorted({*range(len(s))} - {*kept(s, y)}), "have to go"),
        (lambda s, y: [i + 1 for i in kept(s, y)], "counted from 0"),
        (lambda s, y: range(len(s)), "nothing was left out"),
        (lambda s, y: [s[i] for i in kept(s, y)], "whole numbers"),
    ],
    "tree": tree_answers.WRONG,
    "widget": [
        (largest, "fewer sequences will do"),
        (search(give=lambda w: SIZES.index(w.sequences)), "counts the steps"),
        (search(give=lambda w: w.right), "that is the share"),
        (search(none=10_000), "return None"),
        (search(none=0), "return None"),
        (search(lambda w, share: w.right > share), "the very same will do"),
        (search(lambda w, share: w.right <= share), "not at most"),
        (search(lambda w, share: w.indirect >= share), "asks for indirect pairs"),
        (another_method, "leaves `w.method` at"),
        (lambda w, share: "many", "should be one number"),
    ],
    "explain": [("a", "order would be lost"), ("c", "never trained on"), ("d", "as uneven")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("proteins", RIGHT, WRONG)
