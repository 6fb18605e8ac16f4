"""Exercises on captions: right answers pass, wrong ones get their hint."""

import numpy as np
import torch

from attnlab.chapters.captions.exercises import _any_change, _needs, _on_and_on
from tests.exercises.marking import marking_of


def by_take(weights, boxes):
    top = np.take_along_axis(boxes, weights.argmax(1)[:, None], 1)[:, 0]
    return top[boxes.any(1)].mean()


def row_by_row(weights, boxes):
    hits = [b[a.argmax()] for a, b in zip(weights, boxes, strict=True) if b.any()]
    return sum(map(int, hits)) / len(hits)


def in_torch(weights, boxes):
    weights, boxes = torch.as_tensor(weights), torch.as_tensor(boxes)
    hits = (weights == weights.max(1, keepdim=True).values) & boxes
    return hits.any(1).sum() / boxes.any(1).sum()


def mass(weights, boxes):
    return (weights * boxes).sum(1)[boxes.any(1)]


def column_by_column(a):
    return np.stack([column / column.sum() for column in a.T], axis=1)


def box_by_hand(down, across):
    return [
        down <= 4 * row + 2 < down + 8 and across <= 4 * column + 2 < across + 8
        for row in range(6)
        for column in range(6)
    ]


def box_by_grid(down, across):
    y, x = np.meshgrid(4 * np.arange(6) + 2, 4 * np.arange(6) + 2, indexing="ij")
    return ((down <= y) & (y < down + 8) & (across <= x) & (x < across + 8)).ravel()


def box_in_torch(down, across):
    middles = torch.arange(2, 24, 4)
    rows, columns = ((s <= middles) & (middles < s + 8) for s in (down, across))
    return (rows[:, None] & columns).flatten()


def other_middles(middles, last=8):
    def box(down, across):
        rows, columns = ((s <= middles) & (middles < s + last) for s in (down, across))
        return np.outer(rows, columns).ravel()

    return box


MIDDLES = 4 * np.arange(6) + 2


def with_a_mask(speak, picture):
    words, weights = speak(picture)
    y, x = np.mgrid[:24, :24]
    changed = []
    for i, (word, row) in enumerate(zip(words, weights, strict=True)):
        down, across = divmod(row.argmax(), 6)
        near = (abs(y - 4 * down - 1.5) < 4) & (abs(x - 4 * across - 1.5) < 4)
        changed.append(speak(np.where(near, 0, picture))[0][i] != word)
    return changed


def with_padding(speak, picture):
    words, weights = speak(picture)
    changed = np.zeros(len(words), bool)
    for i in range(len(words)):
        down, across = np.unravel_index(weights[i].argmax(), (6, 6))
        padded = np.pad(picture, 2)
        padded[4 * down : 4 * down + 8, 4 * across : 4 * across + 8] = 0
        changed[i] = speak(padded[2:-2, 2:-2])[0][i] != words[i]
    return changed


def off_center(speak, picture):
    """A cell that is looked at, from y - 4 to y + 3, by limits."""
    words, weights = speak(picture)
    changed = []
    for i, word in enumerate(words):
        j = int(torch.as_tensor(weights[i]).argmax())
        y, x = 4 * (j // 6) + 2, 4 * (j % 6) + 2
        copy = picture.copy()
        copy[max(y - 4, 0) : y + 4, max(x - 4, 0) : x + 4] = 0
        changed.append(bool(speak(copy)[0][i] != word))
    return torch.tensor(changed)


def in_place(speak, picture):
    words, weights = speak(picture)
    y, x = divmod(int(weights[0].argmax()), 6)
    picture[max(0, 4 * y - 2) : 4 * y + 6, max(0, 4 * x - 2) : 4 * x + 6] = 0
    return [now != word for now, word in zip(speak(picture)[0], words, strict=True)]


def needs(**settings):
    return lambda speak, picture: _needs(speak, picture, **settings)


def right_at(w, hand):
    w.hand = hand
    return w.said == w.wanted


def one_by_one(w):
    count = 0
    for w.hand in range(10):
        count += w.said == w.wanted
    return count / 10


def in_a_list(w):
    return np.mean([right_at(w, hand) for hand in range(10)])


def by_words(w):
    found = []
    for hand in reversed(range(10)):
        w.hand = hand
        found.append(" ".join(w.said) == " ".join(w.wanted))
    return torch.tensor(found).double().mean()


def of_word(place):
    def share(w):
        right = []
        for w.hand in range(10):
            right.append(w.said[place] == w.wanted[place])
        return sum(right) / 10

    return share


def moving(w):
    w.down = (0, 16)
    return one_by_one(w)


RIGHT = {
    "pointing": [by_take, row_by_row, in_torch],
    "backwards": [
        lambda a: a / a.sum(0),
        column_by_column,
        lambda a: (torch.tensor(a) / torch.tensor(a).sum(0, keepdim=True)).tolist(),
    ],
    "bug": [box_by_hand, box_by_grid, box_in_torch],
    "wiped": [with_a_mask, with_padding, off_center],
    "widget": [one_by_one, in_a_list, by_words],
    "in-writing": ["Wipe the picture where the word looks, and elsewhere, and compare."],
}
WRONG = {
    "pointing": [
        (lambda a, b: b[np.arange(len(a)), a.argmax(1)].mean(), "doesn't count"),
        (lambda a, b: mass(a, b).mean(), "not how much lies in the box"),
        (lambda a, b: (mass(a, b) > 0.5).mean(), "less than a half"),
        (lambda a, b: b[np.arange(len(a)), a.argmax(1)].sum(), "return their share"),
        (lambda a, b: 1 - by_take(a, b), "of those that miss"),
        (lambda a, b: 100 * by_take(a, b), "in percent"),
        (lambda a, b: float(b.flat[a.argmax()]), "a largest weight of its own"),
        (lambda a, b: by_take(-a, b), "not the smallest"),
        (lambda a, b: 0.3, "expected"),
        (lambda a, b: a.argmax(1), "should be one number"),
        (lambda a, b: print(by_take(a, b)), "is a `return` missing?"),
    ],
    "backwards": [
        (lambda a: a, "the map as it was"),
        (lambda a: a / a.sum(1, keepdims=True), "the map as it was"),
        (lambda a: a / a.sum(), "sums to 1 in each column"),
        (lambda a: np.exp(a) / np.exp(a).sum(0), "without a softmax"),
        (lambda a: a / a.max(0), "not by its largest weight"),
        (lambda a: (a == a.max(0)).astype(float), "looks there most"),
        (lambda a: a * a.sum(0), "instead of multiplying"),
        (lambda a: a / a.sum(0) / len(a), "one over the number of words"),
        (lambda a: 1 - a / a.sum(0), "of all other words"),
        (lambda a: (a / a.sum(0)).T, "should have shape (n, m)"),
        (lambda a: "a", "an array of numbers"),
    ],
    "bug": [
        (lambda down, across: box_by_grid(across, down), "down and across are swapped"),
        (lambda down, across: box_by_grid(down, across).reshape(6, 6)[::-1].ravel(), "at the top"),
        (other_middles(MIDDLES, 9), "is outside"),
        (other_middles(MIDDLES - 2), "and not its corner"),
        (lambda down, across: ~box_by_grid(down, across), "the other way round"),
        (lambda down, across: np.array(box_by_hand(down, across)).astype(int), "True and False"),
        (lambda down, across: box_by_grid(down, across).reshape(6, 6), "in one row of 36"),
        (lambda down, across: np.repeat((down <= MIDDLES) & (down + 8 > MIDDLES), 6), "`across`"),
        (lambda down, across: np.tile((across <= MIDDLES) & (across + 8 > MIDDLES), 6), "`down`"),
        (lambda down, across: np.zeros(36, bool), "expected"),
    ],
    "wiped": [
        (lambda speak, picture: ~np.array(_needs(speak, picture)), "the other way round"),
        (needs(size=4), "not the cell alone"),
        (needs(last=-1), "that wipes 7 × 7 pixels"),
        (needs(swap=True), "in column j % 6"),
        (needs(clip=False), "counts from the end"),
        (_any_change, "in its own place"),
        (_on_and_on, "a fresh picture"),
        (in_place, "changes `picture` in place"),
        (lambda speak, picture: [any(_needs(speak, picture))] * len(speak(picture)[0]), "for each"),
        (lambda speak, picture: speak(picture)[0], "True and False"),
        (lambda speak, picture: [True] * len(speak(picture)[0]), "expected"),
        (lambda speak, picture: print(_needs(speak, picture)), "is a `return` missing?"),
    ],
    "widget": [
        (lambda w: 1 - one_by_one(w), "captions that are wrong"),
        (lambda w: 10 * one_by_one(w), "return their share"),
        (lambda w: 100 * one_by_one(w), "in percent"),
        (of_word(0), "the last word"),
        (of_word(2), "the first word"),
        (lambda w: float(w.said == w.wanted), "that is for one hand"),
        (lambda w: np.mean([right_at(w, hand) for hand in range(1, 10)]), "0 is a hand"),
        (lambda w: np.mean([right_at(w, hand) for hand in range(9)]), "9 is a hand"),
        (lambda w: (of_word(0)(w) + of_word(2)(w)) / 2, "as a whole"),
        (moving, "changes more of the widget"),
        (lambda w: w.said, "should be one number"),
    ],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip


TestMarking = marking_of("captions", RIGHT, WRONG)
