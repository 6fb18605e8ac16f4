"""The exercises of `work/recommendation`: right answers pass, wrong ones get the hint they need."""

from itertools import pairwise
from math import comb

import numpy as np

from tests.exercises.marking import marking_of


def next_counts(histories, n_items):
    counts = np.zeros((n_items, n_items))
    for history in histories:
        np.add.at(counts, (history[:-1], history[1:]), 1)
    return counts


def next_in_a_loop(histories, n_items):
    counts = [[0] * n_items for _ in range(n_items)]
    for history in histories:
        for i, j in pairwise(history):
            counts[i][j] += 1
    return counts


def next_by_bins(histories, n_items):
    pairs = np.concatenate([n_items * h[:-1] + h[1:] for h in histories])
    return np.bincount(pairs, minlength=n_items**2).reshape(n_items, n_items)


def plus_equals(histories, n_items):
    counts = np.zeros((n_items, n_items))
    for history in histories:
        counts[history[:-1], history[1:]] += 1
    return counts


def anywhere(histories, n_items):
    counts = np.zeros((n_items, n_items))
    for history in histories:
        for t, i in enumerate(history):
            np.add.at(counts, (i, history[t + 1 :]), 1)
    return counts


def shares(counts):
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def rank(scores, seen, target):
    unseen = np.delete(scores, seen)
    equal = (unseen == scores[target]).sum() - 1
    return 1 + (unseen > scores[target]).sum() + equal / 2


def rank_by_infinity(scores, seen, target):
    s = scores.copy()
    s[seen] = -np.inf
    return ((s > scores[target]).sum() + (s >= scores[target]).sum() + 1) / 2


def rank_in_a_loop(scores, seen, target):
    place = 1
    for item, score in enumerate(scores):
        if item != target and item not in seen:
            place += 1 if score > scores[target] else 0.5 if score == scores[target] else 0
    return place


def optimist(scores, seen, target):
    return 1 + (np.delete(scores, seen) > scores[target]).sum()


def pessimist(scores, seen, target):
    return (np.delete(scores, seen) >= scores[target]).sum()


def with_zeros(scores, seen, target):
    s = scores.copy()
    s[seen] = 0
    return rank(s, [], target)


def counts_for(i, histories, n_items):
    return next_counts([h for user, h in enumerate(histories) if user != i], n_items)


def counts_taken_off(i, histories, n_items):
    return next_counts(histories, n_items) - next_counts([histories[i]], n_items)


def counts_by_slices(i, histories, n_items):
    return next_by_bins(histories[:i] + histories[i + 1 :], n_items)


def not_the_same(i, histories, n_items):
    others = [h for h in histories if not np.array_equal(h, histories[i])]
    return next_counts(others, n_items)


def all_but_the_last(i, histories, n_items):
    return next_counts([h[:-1] if u == i else h for u, h in enumerate(histories)], n_items)


def joined(i, histories, n_items):
    others = [h for user, h in enumerate(histories) if user != i]
    return next_counts([np.concatenate(others)], n_items)


def no_shared_steps(i, histories, n_items):
    own = next_counts([histories[i]], n_items)
    return np.where(own > 0, 0, next_counts(histories, n_items))


def hit(N, m, k, r):
    p = (r - 1) / N
    return sum(comb(m, b) * p**b * (1 - p) ** (m - b) for b in range(k))


def half_rank(N, m, k):
    return max(r for r in range(1, N + 2) if hit(N, m, k, r) >= 0.5)


def half_rank_by_bisection(N, m, k):
    low, high = 1, N + 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if hit(N, m, k, middle) >= 0.5 else (low, middle)
    return low


def half_rank_in_steps(N, m, k):
    p = np.arange(N + 1) / N
    b = np.arange(k)[:, None]
    ways = np.array([comb(m, each) for each in range(k)], dtype=float)[:, None]
    return int((ways * p**b * (1 - p) ** (m - b)).sum(axis=0).__ge__(0.5).sum())


def half_rank_without(N, m, k):
    def chance(r):
        return sum(comb(r - 1, b) * comb(N - r + 1, m - b) for b in range(k)) / comb(N, m)

    return max(r for r in range(1, N + 2) if chance(r) >= 0.5)


def share_right(w, evenings, method):
    right = 0
    for t in range(1, len(evenings)):
        w.history = evenings[:t]
        right += w.expects(method) == evenings[t]
    return right / (len(evenings) - 1)


def share_right_as_mean(w, evenings, method):
    def at(t):
        w.history = tuple(evenings[:t])
        return w.expects(method) == evenings[t]

    return np.mean([at(t) for t in range(1, len(evenings))])


def share_right_by_chances(w, evenings, method):
    hits = []
    for t, item in enumerate(evenings[1:], 1):
        w.history = np.array(evenings[:t])
        hits.append(w.chances(method).argmax() == item)
    return sum(hits) / len(hits)


def how_many(w, evenings, method):
    return share_right(w, evenings, method) * (len(evenings) - 1)


def over_all(w, evenings, method):
    return how_many(w, evenings, method) / len(evenings)


def of_another(w, evenings, method):
    return share_right(w, evenings, "decay" if method == "weights" else "weights")


def too_late(w, evenings, method):
    right = 0
    for t in range(1, len(evenings)):
        w.history = evenings[: t + 1]
        right += w.expects(method) == evenings[t]
    return right / (len(evenings) - 1)


def probability(w, evenings, method):
    found = []
    for t in range(1, len(evenings)):
        w.history = evenings[:t]
        found.append(w.chances(method)[evenings[t]])
    return np.mean(found)


def last_alone(w, evenings, method):
    w.history = evenings[:-1]
    return float(w.expects(method) == evenings[-1])


def from_the_third(w, evenings, method):
    if len(evenings) == 2:
        return 0.0
    hits = share_right(w, evenings, method) * (len(evenings) - 1)
    w.history = evenings[:1]
    return (hits - (w.expects(method) == evenings[1])) / (len(evenings) - 2)


def left_shuffled(w, evenings, method):
    w.shuffled = True
    return share_right(w, evenings, method)


RIGHT = {
    "next": [next_counts, next_in_a_loop, next_by_bins],
    "ties": [rank, rank_by_infinity, rank_in_a_loop],
    "bug": [counts_for, counts_taken_off, counts_by_slices],
    "half": [half_rank, half_rank_by_bisection, half_rank_in_steps],
    "widget": [share_right, share_right_as_mean, share_right_by_chances],
    "in-writing": ["I would rank among all products first."],
}
WRONG = {
    "next": [
        (lambda h, n: next_counts(h, n).T, "the row is what came first"),
        (lambda h, n: next_counts(h, n) + next_counts(h, n).T, "the order counts"),
        (lambda h, n: shares(next_counts(h, n)), "these are shares"),
        (lambda h, n: 1.0 * (next_counts(h, n) > 0), "whether it ever came"),
        (plus_equals, "`np.add.at` adds once for each"),
        (lambda h, n: next_counts([np.concatenate(h)], n), "the last of another one"),
        (anywhere, "not anywhere after"),
        (lambda h, n: next_counts([s for x in h for s in (x[::2], x[1::2])], n),
         "after the next one"),
        (lambda h, n: next_counts(h[:1], n), "not the first alone"),
        (lambda h, n: next_counts(h[-1:], n), "not the last alone"),
        (lambda h, n: next_counts(h, n) * (1 - np.eye(n)), "twice in a row"),
        (lambda h, n: next_counts(h, n)[0], "should have shape"),
    ],
    "ties": [
        (optimist, "who says nothing is first"),
        (pessimist, "all with the same score count as better"),
        (lambda s, seen, t: rank(s, seen, t) - 1, "ranks begin with 1"),
        (lambda s, seen, t: rank(s, seen, t) + 0.5, "is not one of the others"),
        (lambda s, seen, t: rank(s, [], t), "is not in the list"),
        (with_zeros, "does not take an item out"),
        (lambda s, seen, t: rank(-s, seen, t), "the largest score comes first"),
        (lambda s, seen, t: int(rank(s, seen, t)), "half a place"),
        (lambda s, seen, t: rank(s, seen, t) - len(seen), "need not be better"),
        (lambda s, seen, t: s[t], "at which place is it?"),
        (lambda s, seen, t: "first", "should be one number"),
    ],
    "bug": [
        (lambda i, h, n: next_counts(h, n), "user i is still counted"),
        (lambda i, h, n: next_counts([h[i]], n), "all others count"),
        (lambda i, h, n: next_counts(h[:i], n), "those after user i"),
        (lambda i, h, n: next_counts(h[i + 1 :], n), "those before user i"),
        (not_the_same, "watched just the same"),
        (lambda i, h, n: counts_for(i, h, n).T, "the row is what came first"),
        (lambda i, h, n: shares(counts_for(i, h, n)), "these are shares"),
        (all_but_the_last, "not the last one alone"),
        (joined, "the last of another one"),
        (no_shared_steps, "was taken by others, too"),
        (lambda i, h, n: counts_for(i, h, n)[0], "should have shape"),
    ],
    "half": [
        (half_rank_without, "without repetition"),
        (lambda N, m, k: half_rank(N, m, k) - 1, "at rank 1 nobody is better"),
        (lambda N, m, k: half_rank(N, m, k) + 1, "less likely than a half"),
        (lambda N, m, k: half_rank(N, m, k + 1) if k < m else N + 1, "and no hit"),
        (lambda N, m, k: half_rank(N, m, k - 1) if k > 1 else 0, "which is a hit"),
        (lambda N, m, k: N * k // m, "better on average"),
        (lambda N, m, k: hit(N, m, k, half_rank(N, m, k)), "at which rank?"),
        (lambda N, m, k: k, "far later ranks hit"),
        (lambda N, m, k: max(r for r in range(1, N) if hit(N, m, k, r) >= 0.5), "may be N or"),
        (lambda N, m, k: N + 1, "a hit for nobody"),
        (lambda N, m, k: N * k / m, "better on average"),
        (lambda N, m, k: "rank", "should be one number"),
    ],
    "widget": [
        (how_many, "which share of them?"),
        (over_all, "nobody is asked"),
        (lambda *given: 1 - share_right(*given), "those are the wrong ones"),
        (of_another, "is another one"),
        (too_late, "never puts first what was watched"),
        (probability, "how often is it first?"),
        (last_alone, "not before the last one alone"),
        (from_the_third, "the second evening counts"),
        (left_shuffled, "leaves `w.shuffled` at"),
        (lambda w, evenings, method: "half", "should be one number"),
    ],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("recommendation", RIGHT, WRONG)
