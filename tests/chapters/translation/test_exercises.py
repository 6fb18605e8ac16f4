"""Exercises on translation: right answers pass, wrong ones get their hint."""

from collections import Counter
from itertools import takewhile

import numpy as np

from attnlab.chapters.translation.scoring import chrf
from attnlab.chapters.translation.strings import key as key_of
from tests.exercises.marking import marking_of


def by_divmod(n):
    groups = []
    while n:
        n, group = divmod(n, 10_000)
        groups.insert(0, group)
    return groups


def by_text(n):
    text = str(n)
    text = text.zfill(-(-len(text) // 4) * 4)
    return [int(text[i : i + 4]) for i in range(0, len(text), 4)]


def by_recursion(n):
    return [n] if n < 10_000 else [*by_recursion(n // 10_000), n % 10_000]


def groups_of(size):
    def cut(n):
        return [n] if n < size else [*cut(n // size), n % size]

    return cut


def leak_by_sets(train, test, key):
    known = {key(text) for text in train}
    return sum(key(text) in known for text in test) / len(test)


def leak_by_numpy(train, test, key):
    return np.isin([*map(key, test)], [*map(key, train)]).mean()


def leak_by_loop(train, test, key):
    found = 0
    for text in test:
        found += any(key(text) == key(other) for other in train)
    return found / len(test)


def by_index(row):
    return row[: row.index(2)] if 2 in row else row


def by_loop(row):
    said = []
    for token in row:
        if token == 2:
            break
        said.append(token)
    return said


def by_takewhile(row):
    return tuple(takewhile(lambda token: token != 2, row))


def without_marks(row):
    return [token for token in row if token not in (0, 1, 2)]


def up_to_the_last(row):
    return without_marks(row[: len(row) - 1 - row[::-1].index(2)] if 2 in row else row)


def up_to_padding(row):
    return without_marks(row[: [*row, 0].index(0)])


def runs(text, n):
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def scored(said, right, *, beta=2, longest=6, bag=runs, which="both", each=False):
    p, r = [], []
    for n in range(1, longest + 1):
        bags = [(bag(a, n), bag(b, n)) for a, b in zip(said, right, strict=True)]
        both = sum((a & b).total() for a, b in bags)
        p.append(both / sum(a.total() for a, _ in bags))
        r.append(both / sum(b.total() for _, b in bags))
    if each:
        scores = [5 * x * y / (4 * x + y) if x + y else 0 for x, y in zip(p, r, strict=True)]
        return sum(scores) / len(scores)
    P, R = sum(p) / longest, sum(r) / longest
    both = (1 + beta**2) * P * R / (beta**2 * P + R)
    return {"both": both, "p": P, "r": R}[which]


def by_arrays(said, right):
    sums = np.zeros((6, 3))
    for a, b in zip(said, right, strict=True):
        for n in range(6):
            x, y = runs(a, n + 1), runs(b, n + 1)
            sums[n] += (x & y).total(), x.total(), y.total()
    P, R = (sums[:, :1] / sums[:, 1:]).mean(0)
    return 5 / (1 / P + 4 / R)


def asked(w, given):
    found = []
    for n in given:
        w.number = n
        if not w.right:
            found.append(n)
    return found


def compared(w, given):
    def fails(n):
        w.number = n
        return w.output != w.wanted

    return np.array([n for n in given if fails(n)])


def with_filter(w, given):
    def is_wrong(n):
        w.number = n
        return not w.right

    return tuple(filter(is_wrong, given))


RIGHT = {
    "myriads": [by_divmod, by_text, by_recursion],
    "leak": [leak_by_sets, leak_by_numpy, leak_by_loop],
    "bug": [by_index, by_loop, by_takewhile],
    "chrf": [chrf, scored, by_arrays],
    "widget": [asked, compared, with_filter],
    "explain": ["d"],
    "in-writing": ["Split by what the strings say, and put a look-up beside it."],
}
WRONG = {
    "myriads": [
        (groups_of(1000), "as English does"),
        (lambda n: by_divmod(n)[::-1], "the highest group comes first"),
        (lambda n: [int(str(n)[i : i + 4]) for i in range(0, len(str(n)), 4)], "from the right"),
        (lambda n: [*divmod(n, 10_000)], "one group or three as well"),
        (groups_of(100_000), "four zeros"),
        (groups_of(100), "100 has two"),
        (lambda n: [group for group in by_divmod(n) if group], "an empty group is a group"),
        (lambda n: [*map(int, str(n))], "those are the digits"),
        (lambda n: [n], "that is the whole number"),
        (print, "is a `return` missing?"),
    ],
    "leak": [
        (lambda a, b, key: np.isin(b, a).mean(), "compare keys"),
        (lambda a, b, key: np.isin([t.lower() for t in b], [t.lower() for t in a]).mean(),
         "signs go as well"),
        (lambda a, b, key: 1 - leak_by_sets(a, b, key), "that are new"),
        (lambda a, b, key: leak_by_sets(a, b, key) * len(b), "a share"),
        (lambda a, b, key: leak_by_sets(a, b, key) * len(b) / len(a), "divide by the number"),
        (lambda a, b, key: leak_by_sets(b, a, key), "of training strings"),
        (lambda a, b, key: len({*map(key, a)} & {*map(key, b)}) / len({*map(key, b)}),
         "a string that is tested twice"),
        (lambda a, b, key: len({*map(key, a)} & {*map(key, b)}) / len(b), "a leaked string"),
        (lambda a, b, key: leak_by_sets(a, b, key) * len(b) / len(a + b), "and not of all"),
        (lambda a, b, key: np.mean([any(key(t) in key(o) for o in a) for t in b]), "part of one"),
        (lambda a, b: leak_by_sets(a, b, key_of), "raised TypeError"),
    ],
    "bug": [
        (without_marks, "never meant to be said"),
        (up_to_the_last, "the first <eos> ends the text"),
        (up_to_padding, "only fills it up"),
        (lambda row: [*row], "leave it out"),
        (lambda row: row[: [*row, 2].index(2) + 1], "no part of the text"),
        (lambda row: row[: max(0, [*row, 2].index(2) - 1)], "the last word before"),
        (lambda row: [token for token in by_index(row) if token != 3], "leave it in"),
        (lambda row: by_index(row)[1:], "the first word"),
        (lambda row: row[:-1], "may come anywhere"),
        (len, "said_in("),
    ],
    "chrf": [
        (lambda a, b: scored(a, b, beta=1), "β = 2"),
        (lambda a, b: scored(a, b, beta=0.5), "the weight of recall"),
        (lambda a, b: scored(a, b, which="p"), "that is precision"),
        (lambda a, b: scored(a, b, which="r"), "that is recall"),
        (lambda a, b: scored(a, b, bag=lambda t, n: Counter({*runs(t, n)})), "as often as it is"),
        (lambda a, b: scored(a, b, longest=4), "up to 6 letters"),
        (lambda a, b: scored(a, b, longest=1), "1 to 6 letters"),
        (lambda a, b: scored(a, b, each=True), "average precisions"),
        (lambda a, b: np.mean([chrf([x], [y]) for x, y in zip(a, b, strict=True)]), "together"),
        (lambda a, b: 100 * chrf(a, b), "not in percent"),
    ],
    "widget": [
        (lambda w, given: [n for n in given if n not in asked(w, given)], "that are right"),
        (lambda w, given: [n for n in given if not w.right], "set `w.number`"),
        (lambda w, given: sorted(asked(w, given), reverse=True), "in the order"),
        (lambda w, given: asked(w, given)[:1], "go on after"),
        (lambda w, given: [given.index(n) for n in asked(w, given)], "not their places"),
        (lambda w, given: [n in asked(w, given) for n in given], "an array of numbers"),
        (lambda w, given: len(asked(w, given)), "not how many"),
        (lambda w, given: given, "those are all"),
        (lambda w, given: [*dict.fromkeys(asked(w, given))], "given twice"),
    ],
    "explain": [("a", "nobody asked"), ("b", "nothing ties"), ("c", "was left out")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("translation", RIGHT, WRONG)
