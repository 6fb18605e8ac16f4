"""Checks of the chapter `work/captions`."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from attnlab.chapters.captions.scenes import CELL, NAMES, SIDE, WIDTH
from attnlab.chapters.captions.widget import CaptionsWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax
from attnlab.tasks.digits import SIZE


@exercise("captions/pointing", "pointing")
def _pointing(pointing) -> str:
    with Comparison() as compare:
        for n, m, seed in (
            (4, 9, 0),  # one word has no box
            (3, 5, 4),
            (7, 36, 2),  # a box of most cells is seldom missed
        ):
            rng = np.random.default_rng(seed)
            weights = rng.dirichlet(np.full(m, 0.3), size=n)
            boxes = rng.random((n, m)) < 0.4
            boxes[1] = False
            known = boxes.any(1)
            hits = boxes[np.arange(n), weights.argmax(1)]
            right = hits[known].mean()
            mass = (weights * boxes).sum(1)[known]
            got = number(pointing(weights.copy(), boxes.copy()))
            compare(got, right, [
                (hits.mean(), "a word without a box, such as “above”, doesn't count"),
                (mass.mean(), "the largest weight counts, and not how much lies in the box"),
                ((mass > 0.5).mean(), "the largest weight may be less than a half"),
                (hits.sum(), "that is how many words point; return their share"),
                (1 - right, "that is the share of those that miss"),
                (100 * right, "that is in percent; a share lies between 0 and 1"),
                (float(boxes.flat[weights.argmax()]), "each word has a largest weight of its own"),
                (boxes[known, weights.argmin(1)[known]].mean(), "the largest, not the smallest"),
            ], case=equations(n=n, m=m))  # fmt: skip
    return "right"


@exercise("captions/backwards", "read_back")
def _backwards(read_back) -> str:
    with Comparison() as compare:
        for n, m, dtype in (
            (2, 4, float),  # the page's
            (3, 7, float),
            (5, 2, np.float32),  # more words than cells
        ):
            rng = np.random.default_rng(n)
            a = rng.dirichlet(np.full(m, 0.8), size=n).astype(dtype)
            right = a / a.sum(0)
            top = (np.arange(n)[:, None] == a.argmax(0)).astype(dtype)
            got = array(read_back(a.copy()), {"n": n, "m": m})
            compare(got, right, [
                (a, "that is the map as it was: the weights of a word sum to 1, not a cell's"),
                (a / a.sum(), "all of it sums to 1; what is asked for sums to 1 in each column"),
                (softmax(a, axis=0), "they are weights, not scores: divide, without a softmax"),
                (a / a.max(0), "divide by the sum of the column, not by its largest weight"),
                (top, "that says only which word looks there most"),
                (a * a.sum(0), "divide by the column's sum instead of multiplying by it"),
                (right / n, "the columns sum to one over the number of words"),
                (1 - right, "that is the share of all other words"),
            ], case=equations(n=n, m=m))  # fmt: skip
    return "right: each row was made to sum to 1 by the softmax, and now each column does"


def _box(down: int, across: int, *, at: float = CELL / 2, last: int = 0) -> np.ndarray:
    """The cells `(6, 6)` whose points `at` lie in a box; and, for misconceptions, other points, or
    a box that is longer by `last`."""
    points = CELL * np.arange(SIDE) + at

    def inside(start: int) -> np.ndarray:
        return (start <= points) & (points < start + SIZE + last)

    return inside(down)[:, None] & inside(across)


@exercise("captions/bug", "cells_in_box")
def _bug(cells_in_box) -> str:
    with Comparison() as compare:
        for down, across in (
            (2, 13),  # low and far across are not alike
            (16, 0),  # at the edge
            (5, 6),  # a middle that lies on the box's end
            (9, 9),  # where nobody sees that both are swapped
        ):
            right = _box(down, across)
            got = array(cells_in_box(down, across), of="booleans")
            compare(got, right.ravel(), [
                (right.T.ravel(), "down and across are swapped: the box is mirrored"),
                (right[::-1].ravel(), "row 0 is at the top: down grows downwards"),
                (_box(down, across, last=1).ravel(),
                 "a middle on the far end of the box is outside: there the next pixel begins"),
                (_box(down, across, at=0).ravel(),
                 "it is a cell's middle that must be in the box, and not its corner"),
                (~right.ravel(), "the other way round: True is for cells in the box"),
                (np.flatnonzero(right), "one answer for each of the 36 cells, not their numbers"),
                (right, "the cells in one row of 36, line by line"),
                (np.outer(right.any(1), np.ones(SIDE, bool)).ravel(), "that ignores `across`"),
                (np.outer(np.ones(SIDE, bool), right.any(0)).ravel(), "that ignores `down`"),
            ], case=call("cells_in_box", down, across))  # fmt: skip
    return "right: rows go with down, columns with across"


def _wiped(
    picture: np.ndarray, cell: int, *, size=SIZE, last=0, swap=False, clip=True
) -> np.ndarray:
    """A copy without the pixels around the middle of a cell; the settings are misconceptions."""
    place = divmod(cell, SIDE)
    starts = [CELL * i + CELL // 2 - size // 2 for i in (place[::-1] if swap else place)]
    rows, columns = (slice(max(0, s) if clip else s, s + size + last) for s in starts)
    copy = picture.copy()
    copy[rows, columns] = 0
    return copy


def _needs(speak: Callable, picture: np.ndarray, **settings) -> list[bool]:
    """Of each word, whether it changes once the picture is wiped where the word looks."""
    words, weights = speak(picture)
    changed = []
    for i, word in enumerate(words):
        now, _ = speak(_wiped(picture, int(weights[i].argmax()), **settings))
        changed.append(now[i] != word)
    return changed


def _any_change(speak: Callable, picture: np.ndarray) -> list[bool]:
    """The same, if the whole caption is compared."""
    words, weights = speak(picture)
    return [speak(_wiped(picture, int(row.argmax())))[0] != words for row in weights]


def _on_and_on(speak: Callable, picture: np.ndarray) -> list[bool]:
    """The same, if what was wiped for one word stays wiped for the next."""
    words, weights = speak(picture)
    changed = []
    for i, word in enumerate(words):
        picture = _wiped(picture, int(weights[i].argmax()))
        changed.append(speak(picture)[0][i] != word)
    return changed


def _by_ink(reads: list[tuple[int, int]], looks: list[int]) -> Callable:
    """A speaker whose words each count the ink of 6 × 6 pixels, and look at a cell."""

    def speak(picture: np.ndarray) -> tuple[list[str], np.ndarray]:
        parts = [picture[y : y + 6, x : x + 6] for y, x in reads]
        words = [NAMES[round(float(part.sum())) % 10] for part in parts]
        weights = np.full((len(looks), SIDE**2), 0.01)
        weights[np.arange(len(looks)), looks] = 0.65
        return words, weights

    return speak


@exercise("captions/wiped", "needs_it")
def _wiped_where_it_looks(needs_it) -> str:
    with Comparison() as compare:
        for reads, looks, seed in (
            ([(0, 0), (9, 9), (17, 3)], [0, 14, 24], 0),  # at a corner, whose start is negative
            ([(4, 12), (4, 12), (15, 15)], [9, 33, 4], 1),  # words that look elsewhere
            ([(8, 0), (12, 12), (2, 16), (8, 0)], [18, 18, 27, 12], 2),
            ([(14, 2), (3, 3), (14, 2)], [1, 25, 7], 3),  # one is wiped out for another's sake
            ([(10, 9), (0, 18), (19, 9), (11, 1)], [9, 4, 21, 18], 4),  # at its edge
        ):
            rng = np.random.default_rng(seed)
            picture = rng.integers(0, 2, (WIDTH, WIDTH)).astype(float)
            speak = _by_ink(reads, looks)
            got = array(needs_it(speak, picture.copy()), of="booleans")
            right = np.array(_needs(speak, picture))
            compare(got, right, [
                (~right, "the other way round: True is for a word that changes"),
                (np.array(_needs(speak, picture, size=CELL)),
                 "8 × 8 pixels are to be wiped, and not the cell alone"),
                (np.array(_needs(speak, picture, last=-1)),
                 "that wipes 7 × 7 pixels: a slice ends before the number behind its colon"),
                (np.array(_needs(speak, picture, swap=True)),
                 "cell j is in row j // 6 and in column j % 6"),
                (np.array(_needs(speak, picture, clip=False)),
                 "at an edge the patch begins outside, and a negative start counts from the end"),
                (np.array(_any_change(speak, picture)),
                 "each word is compared with the one in its own place, not the whole caption"),
                (np.array(_on_and_on(speak, picture)),
                 "each word has a fresh picture: what was wiped for the word before is back"),
                (np.full(len(looks), right.any()), "one answer for each word"),
                (np.flatnonzero(right), "one answer for each word, not the numbers of some"),
            ], case=equations(looks=looks))  # fmt: skip
    return "right: that is a test by experiment, which no map can replace"


@dataclass
class _Shown:
    """A widget whose speaker cannot read some hands."""

    stands_for = CaptionsWidget
    bad: tuple[int, ...]  # hands whose first digit is misread
    worse: tuple[int, ...] = ()  # and those whose second is
    digits: tuple[int, int] = (3, 7)
    down: tuple[int, int] = (1, 14)
    across: tuple[int, int] = (9, 4)
    hand: int = 0
    chosen: int = 0
    word: int = 0
    backwards: bool = False
    picture: np.ndarray = field(default_factory=lambda: np.zeros((WIDTH, WIDTH)))
    wanted: list[str] = field(default_factory=lambda: ["three", "above", "seven"])

    @property
    def said(self) -> list[str]:
        words = list(self.wanted)
        if self.hand in self.bad:
            words[0] = "five"
        if self.hand in self.worse:
            words[2] = "one"
        return words

    @property
    def weights(self) -> np.ndarray:
        return np.full((4, SIDE**2), 1 / SIDE**2)

    @property
    def boxes(self) -> np.ndarray:
        corners = zip(self.down, self.across, strict=True)
        return np.stack([_box(*corner).ravel() for corner in corners])

    @property
    def in_boxes(self) -> np.ndarray:
        return self.weights @ self.boxes.T

    @property
    def shown(self) -> np.ndarray:
        return self.weights


@exercise("captions/widget", "share_right", sets=("hand",))
def _widget(share_right) -> str:
    with Comparison() as compare:
        for start, bad, worse in (
            (0, (2, 5, 6), (6, 8)),
            (4, (0,), (9,)),  # the first and the last hand
            (9, (), ()),
            (2, tuple(range(10)), ()),
            (1, (1, 3), (0, 4, 7)),
        ):
            wrong_hands = {*bad, *worse}
            right = 1 - len(wrong_hands) / 10
            w = _Shown(bad, worse, hand=start)
            got = number(share_right(w))
            if (w.digits, w.down, w.across) != ((3, 7), (1, 14), (9, 4)):
                raise Hint("`share_right` changes more of the widget than the hand")
            hands = range(10)
            compare(got, right, [
                (1 - right, "that is the share of captions that are wrong"),
                (10 * right, "that is how many are right; return their share"),
                (100 * right, "that is in percent; a share lies between 0 and 1"),
                (1 - len(bad) / 10, "the last word may be wrong, too"),
                (1 - len(worse) / 10, "the first word may be wrong, too"),
                (float(start not in wrong_hands), "that is for one hand: set `w.hand`"),
                (np.mean([h not in wrong_hands for h in hands[1:]]), "0 is a hand, too"),
                (np.mean([h not in wrong_hands for h in hands[:-1]]), "9 is a hand, too"),
                (1 - (len(bad) + len(worse)) / 20, "a caption is right or wrong as a whole"),
            ], case=equations(hand=start))  # fmt: skip
    return "right"


written(
    "captions/in-writing",
    "on_the_map",
    points=[
        "A map says where the weights of a step lie; it does not say what the word was made of, "
        "since the cells had exchanged what they know before.",
        "Whether the word needs that place one finds out by changing the picture there and "
        "somewhere else; in this chapter the word mostly changed, and not always.",
        "Pictures like those of training say little about others: test combinations that training "
        "never had, by numbers and not by some maps that look good.",
        "A right map beside a wrong word, or the reverse, happens: report the accuracy on new "
        "combinations beside the share of words that point.",
    ],
)
