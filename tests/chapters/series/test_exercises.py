"""The exercises of `work/series`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from tests.exercises.marking import marking_of


def again(x, season, future):
    return x[:, np.arange(future) % season - season]


def again_by_tiles(x, season, future):
    return np.tile(x[:, -season:], -(-future // season))[:, :future]


def again_step_by_step(x, season, future):
    rows = x.tolist()
    for row in rows:
        for _ in range(future):
            row.append(row[-season])
    return [row[x.shape[1] :] for row in rows]


def scaled(values, known):
    seen = values[:known]
    return (values - seen.mean()) / seen.std()


def scaled_by_sums(values, known):
    mean = sum(values[:known]) / known
    size = (sum((v - mean) ** 2 for v in values[:known]) / known) ** 0.5
    return [(v - mean) / size for v in values]


def scaled_in_torch(values, known):
    values = torch.tensor(values)
    return (values - values[:known].mean()) / values[:known].std(correction=0)


def lags(x, shortest, longest):
    tried = range(shortest, longest + 1)
    gaps = [((x[:, lag:] - x[:, :-lag]) ** 2).mean(axis=1) for lag in tried]
    return np.argmin(gaps, axis=0) + shortest


def lags_row_by_row(x, shortest, longest):
    def gap(row, lag):
        return np.mean([(row[t] - row[t - lag]) ** 2 for t in range(lag, len(row))])

    return [min(range(shortest, longest + 1), key=lambda lag: gap(row, lag)) for row in x]


def lags_in_torch(x, shortest, longest):
    x = torch.tensor(x)
    best, found = torch.full((len(x),), torch.inf), torch.zeros(len(x))
    for lag in range(shortest, longest + 1):
        gap = (x[:, lag:] - x[:, :-lag]).square().mean(1)
        found = torch.where(gap < best, lag, found)
        best = torch.minimum(best, gap)
    return found


def searched(gap, pick=np.argmin, first=0, last=0, add=True):
    """Another rule for the lag."""

    def answer(x, shortest, longest):
        tried = range(shortest + first, max(longest + 1 - last, shortest + first + 1))
        gaps = np.array([gap(x, lag) for lag in tried])
        return pick(gaps, axis=0) + (shortest + first if add else 0)

    return answer


def mean_square(x, lag):
    return ((x[:, lag:] - x[:, :-lag]) ** 2).mean(axis=1)


def wins(w, method, first, last):
    count = 0
    for w.start in range(first, last + 1):
        errors = w.errors
        count += errors[method] <= min(errors.values())
    return count


def wins_by_name(w, method, first, last):
    found = []
    for start in range(first, last + 1):
        w.start = start
        if not np.isnan(list(w.errors.values())).any():
            found.append(min(w.errors, key=w.errors.get))
    return found.count(method)


def wins_in_an_array(w, method, first, last):
    rows = []
    for w.start in range(last, first - 1, -1):
        rows.append(list(w.errors.values()))
    own = list(w.errors).index(method)
    rows = np.array(rows)
    return (rows[:, own] == np.min(rows, axis=1)).sum()


def ordered(w, method, first, last):
    w.shuffled = False
    return wins(w, method, first, last)


def counted(rule):
    """What else may be counted, of errors in the order of the methods."""

    def answer(w, method, first, last):
        count = 0
        for w.start in range(first, last + 1):
            errors = list(w.errors.values())
            count += bool(rule(w.errors[method], errors))
        return count

    return answer


RIGHT = {
    "season": [again, again_by_tiles, again_step_by_step],
    "bug": [scaled, scaled_by_sums, scaled_in_torch],
    "lag": [lags, lags_row_by_row, lags_in_torch],
    "widget": [wins, wins_by_name, wins_in_an_array],
    "explain": ["a"],
    "in-writing": ["Last week again."],
}
WRONG = {
    "season": [
        (lambda x, s, f: x[:, np.arange(f) % s], "the first season of the past"),
        (lambda x, s, f: again(x, s, f)[:, ::-1], "not to run backwards"),
        (lambda x, s, f: x[:, -1 - np.arange(f) % s], "forwards"),
        (lambda x, s, f: np.repeat(x[:, -1:], f, 1), "the last value alone"),
        (lambda x, s, f: x[:, np.minimum(np.arange(f), s - 1) - s], "after one season begin again"),
        (lambda x, s, f: np.repeat(x[:, -s:].mean(1, keepdims=True), f, 1), "mean of the season"),
        (lambda x, s, f: x[:, (np.arange(f) + 1) % s - s], "one step early"),
        (lambda x, s, f: x[:, (np.arange(f) - 1) % s - s], "one step late"),
        (lambda x, s, f: np.repeat(x[:, -s:], -(-f // s), 1)[:, :f], "not each value of it"),
        (lambda x, s, f: x[:, -s:], "should have shape (N, f)"),
    ],
    "bug": [
        (lambda v, k: (v - v.mean()) / v.std(), "take those of the known values"),
        (lambda v, k: (v - v.mean()) / v[:k].std(), "the mean has seen the test"),
        (lambda v, k: (v - v[:k].mean()) / v.std(), "the spread has seen the test"),
        (lambda v, k: np.r_[scaled(v[:k], k), scaled(v[k:], len(v))], "one scale for all"),
        (lambda v, k: (v - v[k:].mean()) / v[k:].std(), "the scale of the test"),
        (lambda v, k: (v - v[:k].mean()) / v[:k].var(), "the root of the variance"),
        (lambda v, k: v - v[:k].mean(), "divide by the standard deviation as well"),
        (lambda v, k: v / v[:k].std(), "subtract the mean first"),
        (lambda v, k: (v - v[:k].min()) / np.ptp(v[:k]), "as the buggy one does"),
        (lambda v, k: (v - v[:k].mean()) / v[:k].std(ddof=1), "not by one less"),
        (lambda v, k: scaled(v, k)[:k], "should have shape (n)"),
    ],
    "lag": [
        (searched(mean_square, add=False), "counts from the shortest lag"),
        (searched(lambda x, k: ((x[:, k:] - x[:, :-k]) ** 2).sum(1)), "not the sum"),
        (searched(mean_square, np.argmax), "least like itself"),
        (searched(lambda x, k: (x[:, k:] * x[:, :-k]).mean(1), np.argmax), "products favor"),
        (searched(lambda x, k: abs(x[:, k:] - x[:, :-k]).mean(1)), "to be squared"),
        (searched(lambda x, k: ((x - np.roll(x, k, 1)) ** 2).mean(1)), "no neighbor"),
        (searched(lambda x, k: np.full(len(x), mean_square(x, k).mean())), "one for all"),
        (searched(mean_square, np.min, add=False), "at which lag?"),
        (searched(mean_square, last=1), "the longest lag is included"),
        (searched(mean_square, first=1), "expected"),
        (lambda x, a, b: lags(x, a, b)[:1], "should have shape (N)"),
    ],
    "widget": [
        (lambda w, m, a, b: wins(w, m, a, b - 1), "the last start counts"),
        (lambda w, m, a, b: wins(w, m, a + 1, b), "the first start counts"),
        (counted(lambda own, errors: own >= max(errors)), "where it is worst"),
        (counted(lambda own, errors: own > min(errors)), "another method is best"),
        (lambda w, m, a, b: wins(w, m, a, b) / (b - a + 1), "not which share"),
        (ordered, "leaves `w.shuffled` at False"),
        (counted(lambda own, errors: not own > min(errors)), "nobody is best"),
        (counted(lambda own, errors: own < errors[0]), "not season-naive alone"),
        (counted(lambda own, errors: own <= np.median(errors)), "the better half"),
        (lambda w, m, a, b: "many", "should be one number"),
    ],
    "explain": [("b", "more heads"), ("c", "no such preference"), ("d", "within the window")],
    "in-writing": [("", "no words"), (3, "should be text")],
}

TestMarking = marking_of("series", RIGHT, WRONG)
