"""Checks of the chapter `transformer/positions`."""

from functools import partial
from operator import eq

import numpy as np

from attnlab.chapters.positions.widget import PositionsWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call, equations
from attnlab.functional.positions import rotary, sinusoidal_encoding

BASE = 10_000.0


@exercise("positions/code", "code_of")
def _code(code_of) -> str:
    for t, d in ((0, 4), (3, 6), (17, 16), (2.5, 8), (1000, 64)):
        turns = BASE ** (-np.arange(0, d, 2) / d)
        right = _pairs(t * turns)
        got = np.asarray(code_of(t, d), dtype=float)
        case = call("code_of", t, d)
        if got.shape != (d,):
            raise Hint("{case} must have shape ({d},), got {got}", case=case, d=d, got=got.shape)
        if np.allclose(got, right, atol=1e-9):
            continue
        halves = np.concatenate([np.sin(t * turns), np.cos(t * turns)])
        every = np.where(
            np.arange(d) % 2, np.cos(t * BASE ** (-np.arange(d) / d)),
            np.sin(t * BASE ** (-np.arange(d) / d)),
        )  # fmt: skip
        recognize(got, [
            (halves, "sines and cosines stand in two halves; they alternate: 2i and 2i + 1"),
            (_pairs(t * turns)[_flipped(d)], "the sine comes first, at 2i, and the cosine at 2i+1"),
            (every, "both numbers of a pair have one frequency: the exponent is 2i / d_model, with "
             "i the number of the pair"),
            (_pairs(t * BASE ** (-np.arange(d // 2) / d)), "the exponent is 2i / d_model, not "
             "i / d_model: the last hand must be almost BASE times slower than the first"),
            (_pairs(t / turns), "the hands get faster: the exponent is negative"),
            (_pairs(int(t) * turns), "t may be any number: do not round it"),
        ], alike=partial(np.allclose, atol=1e-9))  # fmt: skip
        raise Hint("{case}: number {i} is not yet right", case=case, i=np.abs(got - right).argmax())
    return "right"


def _pairs(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).ravel()


def _flipped(d: int) -> np.ndarray:
    """The two numbers of every pair change places."""
    return np.arange(d) ^ 1


@exercise("positions/distance", "distance_between")
def _distance(distance_between) -> str:
    for d in (8, 32):
        for s, t in ((0, 2), (10, 12), (3, 1), (40, 42.5), (50, 47.1), (7, 7)):
            p_s, p_t = (_pairs(place * BASE ** (-np.arange(0, d, 2) / d)) for place in (s, t))
            got = np.asarray(distance_between(p_s, p_t), dtype=float)
            if got.shape != ():
                raise Hint("return one number, got an array of shape {got}", got=got.shape)
            if np.isclose(got, t - s, atol=1e-6):
                continue
            turned = (
                "the positions {s} and {t}: you are off by a full turn; do not subtract angles, "
                "but find the angle of the difference, from its sine and its cosine"
            )
            recognize(got, [
                (abs(t - s), "the positions {s} and {t}: the cosine forgets the sign; use the "
                 "sine of t - s too"),
                (s - t, "the positions {s} and {t}: {got:.3g} has the wrong sign: it is t - s"),
                (round(t - s), "the positions {s} and {t}: distances need not be integers"),
                (t - s + 2 * np.pi, turned),
                (t - s - 2 * np.pi, turned),
            ], alike=partial(np.isclose, atol=1e-6), s=s, t=t, got=got)  # fmt: skip
            raise Hint(
                "the positions {s} and {t}: expected {right:.3g}, got {got:.3g}",
                s=s, t=t, right=t - s, got=got,
            )  # fmt: skip
    return "right: the code knows how far, and on which side"


@exercise("positions/sign", "turned")
def _sign(turned) -> str:
    for seed, (n, d) in enumerate([(5, 2), (7, 8), (3, 16)]):
        rng = np.random.default_rng(seed)
        x, t = rng.standard_normal((n, d)), rng.integers(0, 50, n)
        got = np.asarray(turned(x, t))
        if got.shape != x.shape:
            raise Hint("expected shape {right}, got {got}", right=x.shape, got=got.shape)
        if np.allclose(got, rotary(x, t)):
            continue
        halves = np.concatenate([np.arange(0, d, 2), np.arange(1, d, 2)])
        recognize(got, [
            (rotary(x, -t), "that turns backwards: relative as well, but not the paper's; a model "
             "trained with the other direction would read all distances mirrored"),
            (rotary(x, t)[:, halves],
             "the turned pairs must go back to where they came from, 2i and 2i + 1"),
        ])  # fmt: skip
        if not np.allclose(np.linalg.norm(got, axis=1), np.linalg.norm(x, axis=1)):
            raise Hint("lengths change, so this is not a rotation: one of the four terms has the "
                       "wrong sign")  # fmt: skip
        raise Hint("lengths are right, but these are not the pairs (0, 1), (2, 3), … turned by t "
                   "times their frequencies")  # fmt: skip
    return "right: only the distance counts now"


@exercise("positions/step", "enter")
def _step(enter) -> str:
    for seed, (start, n, d) in enumerate([(0, 5, 8), (0, 1, 8), (1, 1, 8), (6, 1, 4), (3, 4, 6)]):
        x = np.random.default_rng(seed).standard_normal((2, n, d))
        code = sinusoidal_encoding(start + n + 1, d)
        got = np.asarray(enter(x, start))
        case = equations(start=start, n=n)
        if got.shape != x.shape:
            raise Hint(
                "{case}: expected shape {right}, got {got}",
                case=case, right=x.shape, got=got.shape,
            )  # fmt: skip
        if np.allclose(got, x + code[start : start + n]):
            continue
        recognize(got, [
            (x + code[:n], "{case}: the codes still begin at position 0"),
            (x + code[start], "{case}: all tokens get the code of the first; they stand at start, "
             "start + 1, …"),
            (x + code[start + 1 : start + 1 + n],
             "{case}: one too far: the first token stands at 0"),
            (x + code[start + n - 1], "{case}: all tokens get the code of the last one"),
        ], case=case)  # fmt: skip
        raise Hint(
            "{case}: these are not x and the codes of the positions from start on", case=case
        )
    return "right: step by step and all at once are the same"


@exercise("positions/widget", "farthest_alike")
def _widget(farthest_alike) -> str:
    for d_model in (2, 4, 8, 32, 64):
        for position in (0, 60):
            cosines = sinusoidal_encoding(29, d_model) @ sinusoidal_encoding(1, d_model)[0]
            alike = cosines / (d_model / 2) > 0.5
            right, first = int(np.flatnonzero(alike).max()), int(alike.argmin())
            got = farthest_alike(PositionsWidget(d_model=d_model, position=position, distance=9))
            case = equations(d_model=d_model)
            if got == right:
                continue
            recognize(got, [
                (first - 1, "{case}: there the cosine falls below one half, but farther away it "
                 "rises again"),
                (alike.sum() - 1, "{case}: that is how many there are; which is the largest?"),
                (right + position,
                 "{case}: that is a position; the distance is counted from the key"),
            ], alike=eq, case=case)  # fmt: skip
            raise Hint("{case}: expected {right}, got {got}", case=case, right=right, got=got)
    return "right"


choice(
    "positions/explain",
    "what_is_wrong",
    right="c",
    hints={
        "a": "move all words by 100 places: the chapter's table shows what the scores do",
        "b": "that part is true: all diagonals of the left map in the figure have one shade",
        "d": "a factor makes all codes louder, and changes nothing about what depends on what",
    },
    praise="right: relative codes act on the scores",
)
