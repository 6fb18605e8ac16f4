"""The exercises of `work/language`: right answers pass, wrong ones get the hint they need."""

import math
from itertools import pairwise

import numpy as np
import torch

from tests.exercises.marking import marking_of


def text_bits(loss, n):
    return n * loss / np.log(2)


def text_bits_by_base(loss, n):
    return n * math.log2(math.exp(loss))


def text_bits_in_torch(loss, n):
    return torch.tensor(loss, dtype=torch.float64) * n / math.log(2)


def parts(paragraphs, every):
    once = list(dict.fromkeys(paragraphs))
    return [0 if p in paragraphs[:i] else 1 + (once.index(p) % every == 0)
            for i, p in enumerate(paragraphs)]  # fmt: skip


def parts_by_set(paragraphs, every):
    seen, found, place = set(), [], 0
    for p in paragraphs:
        if p in seen:
            found.append(0)
            continue
        seen.add(p)
        found.append(1 if place % every else 2)
        place += 1
    return np.array(found)


def parts_in_numpy(paragraphs, every):
    _, first = np.unique(paragraphs, return_index=True)
    found = np.zeros(len(paragraphs))
    first = np.sort(first)
    found[first] = 1
    found[first[::every]] = 2
    return found


def split(keep, every, shift=0):
    found, place = [], shift
    for kept in keep:
        found.append((1 if place % every else 2) if kept else 0)
        place += kept
    return found


def within(paragraphs, every):
    part = [1 if i % every else 2 for i in range(len(paragraphs))]
    seen = set()
    for i, p in enumerate(paragraphs):
        if (p, part[i]) in seen:
            part[i] = 0
        seen.add((p, part[i]))
    return part


def firsts(paragraphs):
    return [p not in paragraphs[:i] for i, p in enumerate(paragraphs)]


def in_the_gap(start, after, x, t):
    p = start if t == 0 else after[x[t - 1]]
    if t + 1 < len(x):
        p = p * after[:, x[t + 1]]
    return p / p.sum()


def in_the_gap_by_texts(start, after, x, t):
    x, found = [*x], []
    for letter in range(len(start)):
        x[t] = letter
        found.append(start[x[0]] * math.prod(after[a, b] for a, b in pairwise(x)))
    return np.array(found) / sum(found)


def in_the_gap_in_logs(start, after, x, t):
    start, after = torch.tensor(start).log(), torch.tensor(after).log()
    score = after[x[t - 1]] if t else start
    if t < len(x) - 1:
        score = score + after[:, x[t + 1]]
    return score.softmax(0)


def gap_with(rule):
    """Another rule, of what the left says, what follows, and the question."""

    def answer(start, after, x, t):
        left = after[x[t - 1]] if t else start
        right = after[:, x[t + 1]] if t + 1 < len(x) else np.ones(len(start))
        p = rule(left, right, start, after, x, t)
        return p / p.sum()

    return answer


def across(*given):
    left, _, _, after, x, t = given
    return left * after[x[t + 1]] if t + 1 < len(x) else left


def letters_needed(w):
    for w.after in range(5):
        if w.best["trying"] == w.hidden:
            return w.after
    return None


def letters_needed_by_probabilities(w):
    place, found = ord(w.hidden) - ord("a"), []
    for w.after in range(4, -1, -1):
        p = w.guesses["trying"]
        if p[place] == p.max():
            found.append(w.after)
    return min(found, default=None)


def letters_needed_in_numpy(w):
    flags = []
    for k in range(5):
        w.after = k
        flags.append(w.best["trying"] == w.hidden)
    return int(np.argmax(flags)) if any(flags) else None


def flags_of(w):
    found = []
    for w.after in range(5):
        found.append(w.best["trying"] == w.hidden)
    return found


def by_flags(rule):
    return lambda w: rule(flags_of(w))


def least(flags, start=0):
    return next((i + start for i, flag in enumerate(flags) if flag), None)


def over_half(w):
    for w.after in range(5):
        if w.guesses["trying"][ord(w.hidden) - ord("a")] > 0.5:
            return w.after
    return None


RIGHT = {
    "bits": [text_bits, text_bits_by_base, text_bits_in_torch],
    "bug": [parts, parts_by_set, parts_in_numpy],
    "gap": [in_the_gap, in_the_gap_by_texts, in_the_gap_in_logs],
    "widget": [letters_needed, letters_needed_by_probabilities, letters_needed_in_numpy],
    "explain": ["b"],
    "in-writing": ["Count first."],
}
WRONG = {
    "bits": [
        (lambda loss, n: n * loss, "in nats"),
        (lambda loss, n: n * loss * np.log(2), "divide by ln 2"),
        (lambda loss, n: loss / np.log(2), "for one letter"),
        (lambda loss, n: n * loss / np.log(10), "decimal digits"),
        (lambda loss, n: n * loss / np.log(2) / 8, "in bytes"),
        (lambda loss, n: n * np.log2(loss), "a logarithm already"),
        (lambda loss, n: n * np.exp(loss), "hesitates between"),
        (lambda loss, n: loss / n / np.log(2), "multiply by `n`"),
        (lambda loss, n: (n - 1) * loss / np.log(2), "the first one too"),
        (lambda loss, n: n * loss / 2, "and not by 2"),
    ],
    "bug": [
        (lambda p, e: np.where(np.arange(len(p)) % e, 1, 2), "repeats are still there"),
        (within, "as the buggy one does"),
        (lambda p, e: np.where(firsts(p), np.where(np.arange(len(p)) % e, 1, 2), 0),
         "after repeats have been left out"),
        (lambda p, e: split(firsts(p), e, 1), "counted from 0"),
        (lambda p, e: [{0: 0, 1: 2, 2: 1}[part] for part in parts(p, e)], "other way round"),
        (lambda p, e: split([p.count(one) == 1 for one in p], e), "its first copy stays"),
        (lambda p, e: parts(p[::-1], e)[::-1], "and not the last"),
        (lambda p, e: split([i == 0 or one != p[i - 1] for i, one in enumerate(p)], e),
         "need not stand just behind"),
        (lambda p, e: [part and 1 + (sorted(set(p)).index(one) % e == 0)
                       for one, part in zip(p, parts(p, e), strict=True)], "not the alphabet's"),
        (lambda p, e: [part % 2 for part in parts(p, e)], "the test is missing"),
        (lambda p, e: [part for part in parts(p, e) if part], "should have shape (n)"),
    ],
    "gap": [
        (gap_with(lambda left, *_: left), "from the left alone"),
        (gap_with(lambda left, right, *_: right), "from what follows alone"),
        (lambda s, a, x, t: (a[x[t - 1]] if t else s)
         * (a[:, x[t + 1]] if t + 1 < len(x) else 1), "divide by their sum"),
        (gap_with(across), "is a column of `after`"),
        (gap_with(lambda left, right, start, *_: start * right), "for the first alone"),
        (gap_with(lambda left, right, *_: left + right), "the chain rule multiplies"),
        (gap_with(lambda left, right, start, a, x, t: left * right * (start if t else 1)),
         "no part in the others"),
        (gap_with(lambda left, right, start, a, x, t: np.eye(len(start))[x[t]]), "it is hidden"),
        (gap_with(lambda left, right, s, a, x, t: right * (a[:, x[t - 1]] if t else left)),
         "is a row of `after`"),
        (gap_with(lambda left, right, s, a, x, t: right * (left if t else 1)),
         "a first letter has no other"),
        (gap_with(lambda left, right, s, a, x, t: right * a[x[t - 1]]),
         "the last one, and `start`"),
        (gap_with(lambda left, right, s, *_: np.eye(len(s))[(left * right).argmax()]),
         "all probabilities are wanted"),
        (lambda s, a, x, t: in_the_gap(s, a, x, t)[:-1], "should have shape (V)"),
    ],
    "widget": [
        (by_flags(lambda flags: least(flags[1:], 1)), "begin with 0"),
        (by_flags(lambda flags: least(flags[:-1])), "go on to 4"),
        (by_flags(lambda flags: least(flags) or 0), "return None"),
        (by_flags(lambda flags: max((i for i, f in enumerate(flags) if f), default=None)),
         "the smallest is wanted"),
        (by_flags(sum), "counts the numbers"),
        (by_flags(lambda flags: least([not f for f in flags])), "with which it is wrong"),
        (over_half, "less than half"),
        (lambda w: 0 if w.best["masked"] == w.hidden else None, "reader of both sides"),
        (lambda w: 0 if w.best["left"] == w.hidden else None, "from the left alone"),
        (by_flags(lambda flags: flags.index(True) + 1 if any(flags) else None), "one too many"),
        (lambda w: "many", "should be one number"),
    ],
    "explain": [("a", "looks just as good"), ("c", "why did this one fail"), ("d", "sharpens")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("language", RIGHT, WRONG)
