"""The exercises of `transformer/positions`: right answers pass, wrong ones get their hint."""

from fractions import Fraction
from math import pi

import numpy as np
import torch

from attnlab.functional.positions import rotary, sinusoidal_encoding
from tests.exercises.marking import marking_of
from tests.exercises.restoring import restoring


def speeds(d):
    return 10_000.0 ** (-np.arange(0, d, 2) / d)


def period(i, d_model):
    return 2 * pi * 10_000 ** (2 * i / d_model)


def angles(p_s, p_t):
    sine = p_t[0::2] * p_s[1::2] - p_t[1::2] * p_s[0::2]
    cosine = p_t[1::2] * p_s[1::2] + p_t[0::2] * p_s[0::2]
    return np.arctan2(sine, cosine)


def hand_by_hand(p_s, p_t):
    """From the slowest hand to the fastest, each says a little more exactly what the last said."""
    estimate = 0.0
    turned, turns = angles(p_s, p_t)[::-1], speeds(len(p_s))[::-1]
    for angle, speed in zip(turned, turns, strict=True):
        miss = (angle - speed * estimate + pi) % (2 * pi) - pi
        estimate += miss / speed
    return round(estimate)


def by_fit(p_s, p_t):
    """The distance that fits all hands best, of all that there are."""
    k = np.arange(-1000, 1001)
    fits = np.cos(k[:, None] * speeds(len(p_s)) - angles(p_s, p_t)).sum(axis=1)
    return k[fits.argmax()]


def by_shifting(p_s, p_t):
    s, t = (p.reshape(-1, 2)[:, ::-1].ravel() for p in (p_s, p_t))  # the cosine first
    shifted = rotary(np.tile(s, (2001, 1)), range(-1000, 1001))
    return torch.tensor(shifted - t).abs().sum(dim=1).argmin() - 1000


def by_complex_numbers(p_s, p_t):
    z = (p_t[1::2] + 1j * p_t[0::2]) * (p_s[1::2] - 1j * p_s[0::2])
    turns = np.exp(-1j * speeds(len(p_s)))
    return float(max(range(-1000, 1001), key=lambda k: (z * turns**k).real.sum()))


def by_table(p_s, p_t, first=0, last=5000):
    """As if positions were whole, and lay in a table's reach."""
    places = np.arange(first, last)[:, None] * speeds(len(p_s))
    table = np.stack([np.sin(places), np.cos(places)], axis=-1).reshape(len(places), -1)
    s, t = (np.linalg.norm(table - p, axis=1).argmin() for p in (p_s, p_t))
    return t - s


PERIODS = {}


def remembered(i, d):
    return PERIODS.setdefault(i, period(i, d))


def first_within(off):
    """The first distance with which no number is off by more."""

    def fitted(p_s, p_t):
        turns = speeds(len(p_s))
        for k in range(-1000, 1001):
            moved = (p_s[1::2] + 1j * p_s[0::2]) * np.exp(1j * k * turns)
            both = np.stack([moved.imag, moved.real], axis=-1).ravel()
            if np.abs(both - p_t).max() < off:
                return k
        return None

    return fitted


def with_hands(*hands):
    """The distance that fits these hands best, and never mind the others."""
    k = np.arange(-1000, 1001)

    def fitted(p_s, p_t):
        turned, turns = (each[list(hands)] for each in (angles(p_s, p_t), speeds(len(p_s))))
        return k[np.cos(k[:, None] * turns - turned).sum(axis=1).argmax()]

    return fitted


def hand_by_hand_from_a_difference(p_s, p_t):
    """Where the slowest hand passes half a turn, the difference is off by a turn."""
    turned = np.arctan2(p_t[0::2], p_t[1::2]) - np.arctan2(p_s[0::2], p_s[1::2])
    turns = speeds(len(p_s))
    estimate = turned[-1] / turns[-1]
    for angle, speed in zip(turned[::-1], turns[::-1], strict=True):
        estimate += ((angle - speed * estimate + pi) % (2 * pi) - pi) / speed
    return round(estimate)


def by_difference(p_s, p_t):
    return np.arctan2(p_t[0], p_t[1]) - np.arctan2(p_s[0], p_s[1])


def repacked(W, h):
    heads = W.reshape(len(W), h, 2, -1)  # (d_model, h, 2, d_k / 2)
    return heads.swapaxes(2, 3).reshape(W.shape)


def repacked_by_columns(W, h):
    width = W.shape[1] // h
    order = [i * width + j + part for i in range(h) for j in range(width // 2)
             for part in (0, width // 2)]  # fmt: skip
    return W[:, order]


def repacked_in_torch(W, h):
    a, b = torch.tensor(W).unflatten(1, (h, -1)).chunk(2, dim=-1)
    return torch.stack([a, b], dim=-1).flatten(1)


def repacked_by_strides(W, h):
    out = np.empty_like(W).reshape(len(W), h, -1)
    heads = W.reshape(len(W), h, -1)
    half = heads.shape[2] // 2
    out[..., 0::2], out[..., 1::2] = heads[..., :half], heads[..., half:]
    return out.reshape(W.shape).tolist()


def back(W, h):
    return W.reshape(len(W), h, -1, 2).swapaxes(2, 3).reshape(W.shape)


def flipped(W, h):
    return repacked(W, h).reshape(len(W), -1, 2)[..., ::-1].reshape(W.shape)


def reversed_pairs(W, h):
    return repacked(W, h).reshape(len(W), h, -1, 2)[:, :, ::-1].reshape(W.shape)


def by_rows(W, h):
    """Right columns where the rows can't be cut."""
    return repacked(W, h) if len(W) % (2 * h) else repacked(W.T, h).T


def repacked_in_place(W, h):
    W[:] = repacked(W, h)
    return W


def code(x, first, count=None):
    return sinusoidal_encoding(first + (count or x.shape[1]), x.shape[2])[first:]


def enter(x, start):
    return x + code(x, start)


def enter_in_torch(x, start):
    x = torch.tensor(x)
    n, d = x.shape[1:]
    return x + sinusoidal_encoding(start + n, d, like=x)[start:]


def enter_in_single(x, start):
    """As it is often written in torch, whose numbers are single."""
    n, d = x.shape[1:]
    speed = torch.exp(torch.arange(0, d, 2) * -np.log(10_000) / d)
    angle = torch.arange(start, start + n)[:, None] * speed
    code = torch.zeros(n, d)
    code[:, 0::2], code[:, 1::2] = angle.sin(), angle.cos()
    return torch.tensor(x) + code


def enter_from_table(x, start, max_len=5000):
    return x + sinusoidal_encoding(max_len, x.shape[2])[start : start + x.shape[1]]


def enter_one_by_one(x, start):
    return np.stack([x[:, i] + code(x, start + i)[0] for i in range(x.shape[1])], axis=1)


def enter_in_16_bits(x, start):
    places = (np.arange(x.shape[1]) + start).astype(np.int16)
    angle = places[:, None] * speeds(x.shape[2])
    return x + np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(x.shape[1:])


def enter_in_place(x, start):
    x += code(x, start)
    return x


@restoring("distance")
def cosines(w):
    found = []
    for w.distance in range(29):
        found.append(w.similarity)
    return np.array(found)


def alike(w):
    return np.flatnonzero(cosines(w) > 0.5)


@restoring("distance")
def from_behind(w):
    w.distance = 28
    while w.similarity <= 0.5:
        w.distance -= 1
    return w.distance


def in_one_step(w):
    ahead = w.similarities[w.position :][:29]
    return max(k for k, cosine in enumerate(ahead) if cosine > 0.5)


def from_the_front(w):
    return max((k for k in range(29) if w.similarities[k] > 0.5), default=0)


@restoring("distance")
def first_fall(w):
    for w.distance in range(29):
        if w.similarity <= 0.5:
            break
    return w.distance


def distance_left(w):
    found = []
    for distance in range(29):
        w.distance = distance
        found.append(w.similarity > 0.5)
    return np.flatnonzero(found).max()


def position_left(w):
    w.position = 0
    return alike(w).max()


def width_left(w):
    found = alike(w).max()
    w.d_model = 64
    return found


RIGHT = {
    "period": [
        period,
        lambda i, d: 2 * np.pi / speeds(d)[i],
        lambda i, d: torch.tensor(2 * pi) * 10_000 ** torch.tensor(2 * i / d),
        lambda i, d: np.array(2 * pi * 100 ** (4 * Fraction(i, d))),
    ],
    "distance": [hand_by_hand, by_fit, by_shifting, by_complex_numbers],
    "pairs": [repacked, repacked_by_columns, repacked_in_torch, repacked_by_strides],
    "step": [
        enter,
        enter_in_torch,
        enter_one_by_one,
        enter_in_single,
        lambda x, start: enter(x.astype(float), start),
        lambda x, start: enter(x, start).tolist(),
    ],
    "widget": [lambda w: alike(w).max(), from_behind, in_one_step, lambda w: float(alike(w)[-1])],
    "explain": ["c", " C "],
    "in-writing": ["Relative says what a score depends on, and not what was ever trained."],
}
WRONG = {
    "period": [
        (lambda i, d: period(i, d) / (2 * pi), "one radian"),
        (lambda i, d: speeds(d)[i], "the hand's speed"),
        (lambda i, d: 2 * pi * speeds(d)[i], "slower with i"),
        (lambda i, d: 1 / period(i, d), "share of a turn in one step"),
        (lambda i, d: 2 * pi * 10_000 ** (i / d), "the exponent has 2i"),
        (lambda i, d: period(i + 1, d), "counted from 0"),
        (lambda i, d: period(i, d) / 2, "changed their signs"),
        (lambda i, d: round(period(i, d)), "do not round"),
        (lambda i, d: np.ceil(period(i, d)), "do not round"),
        (lambda i, d: period(i, d - 2) if d > 2 else period(i, d), "not quite 10000 times"),
        (lambda i, d: 2 * 3.1416 * 10_000 ** (2 * i / d), "expected 6.28319, got 6.2832"),
        (lambda i, d: 2 * pi / speeds(d), "period(0, 8) should be one number"),
        (lambda i, d: period(i, d) + i, "period(1, 4): expected 628.3, got 629.3"),
        (lambda i, d: 2 * pi * 1000 ** (2 * i / d), "period(1, 4): expected 628.3, got 198.7"),
        (remembered, "period(3, 8): expected 6283, got 198.7"),
        (lambda i, d: print(period(i, d)), "got None"),
    ],
    "distance": [
        (lambda s, t: round(angles(s, t)[0]), "cannot count its full turns"),
        (lambda s, t: angles(s, t)[0], "cannot count its full turns"),
        (lambda s, t: round(angles(s, t)[-1] / speeds(len(s))[-1]), "hardly moves"),
        (lambda s, t: by_fit(s.reshape(-1, 2)[:, ::-1].ravel(), t.reshape(-1, 2)[:, ::-1].ravel()),
         "in a pair the sine comes first"),
        (by_difference, "may be off by a full turn"),
        (lambda s, t: -by_fit(s, t), "the sign"),
        (lambda s, t: abs(by_fit(s, t)), "the side is lost"),
        (lambda s, t: angles(s, t)[0] % (2 * pi), "gone backwards"),
        (by_table, "s = -649320.7, t = -649298.7, d_model = 64: expected 22"),
        (lambda s, t: by_table(s, t, first=-5000), "s = -649320.7, t = -649298.7, d_model = 64"),
        (lambda s, t: by_table(s, t, -2000, 2001), "d_model = 8: expected -700, got -71"),
        (lambda s, t: by_table(s, t, -1500, 1501), "d_model = 8: expected -700, got -72"),
        (hand_by_hand_from_a_difference, "d_model = 8: expected -262, got 6021"),
        (first_within(0.01), "t = 755986.7, d_model = 512: got None; is a `return` missing"),
        (first_within(1e-9), "d_model = 8: got None; is a `return` missing, or does no"),
        (lambda s, t: print(by_fit(s, t)), "d_model = 8: got None; is a `return` missing, or"),
        (lambda s, t: np.linalg.norm(s - t), "s = 0, t = 2, d_model = 8: expected 2"),
        (lambda s, t: t - s, "the distance should be one number"),
        (lambda s, t: by_fit(s[:8], t[:8]), "expected"),
        (lambda s, t: np.arccos(np.clip(s[:2] @ t[:2], -1, 1)), "expected"),
        (with_hands(0, -1), "s = 67311.8, t = 67302.8, d_model = 128: expected -9, got -53"),
        (with_hands(0, 1), "s = -15673.0, t = -15935.0, d_model = 8: expected -262, got 115"),
        (lambda s, t: np.mean(angles(s, t) / speeds(len(s))), "expected"),
        (lambda s, t: hand_by_hand(s, t) % 1000, "s = 41.3, t = 38.3, d_model = 12: expected -3"),
    ],
    "pairs": [
        (lambda W, h: W, "nothing has moved"),
        (back, "the way back"),
        (lambda W, h: repacked(W, 1), "of each head"),
        (flipped, "turn backwards"),
        (reversed_pairs, "the fastest must stay the first"),
        (by_rows, "the rows belong to the input"),
        (lambda W, h: repacked(W, h).T, "should have shape (d_model, h * d_k) = (5, 4)"),
        (repacked_in_place, "changes `W` in place"),
        (lambda W, h: W.reshape(len(W), -1, h, 2).swapaxes(1, 2).reshape(W.shape), "expected"),
        (lambda W, h: rotary(W, np.zeros(len(W))), "nothing has moved"),
        (lambda W, h: -repacked(W, h), "d_model = 5, h = 1, d_k = 4: at"),
        (lambda W, h: W[:, ::2], "should have shape"),
        (lambda W, h: W.reshape(len(W), 2, h, -1).transpose(0, 3, 2, 1).reshape(W.shape), "ex"),
    ],
    "step": [
        (lambda x, start: x + code(x, 0), "still begin at position 0"),
        (lambda x, start: x + code(x, start)[0], "one code, that of the first"),
        (lambda x, start: x + code(x, start)[-1], "one code, that of the last"),
        (lambda x, start: x + code(x, start + 1), "one too far"),
        (lambda x, start: x + code(x, start * x.shape[1]), "counts tokens, not calls"),
        (lambda x, start: x, "no code was added"),
        (lambda x, start: np.broadcast_to(code(x, start), x.shape), "the code alone"),
        (lambda x, start: x * x.shape[2] ** 0.5 + code(x, start), "has been scaled"),
        (enter_in_place, "changes `x` in place"),
        (enter_from_table, "start = 6000, d_model = 2: the table of codes ends"),
        (lambda x, start: enter_from_table(x, start, 10_000), "start = 40000, d_model = 2: the"),
        (enter_in_16_bits, "start = 40000, d_model = 2: at "),
        (lambda x, start: x + sinusoidal_encoding(1, x.shape[2]), "n = 5, start = 0"),
        (lambda x, start: x + code(x, max(start - 1, 0)), "n = 1, start = 1"),
        (lambda x, start: x + code(x, 0, start + x.shape[1]), "together with shapes (3,4,6) (7,6)"),
        (lambda x, start: rotary(x, range(start, start + x.shape[1])), "n = 5, start = 0"),
        (lambda x, start: (x + code(x, start))[0], "expected shape (2, 5, 8), got (5, 8)"),
    ],
    "widget": [
        (lambda w: first_fall(w) - 1, "it may rise again"),
        (first_fall, "the first distance at which"),
        (lambda w: (cosines(w) > 0.5).argmin() - 1, "it may rise again"),
        (lambda w: len(alike(w)), "that is how many there are; which"),
        (lambda w: len(alike(w)) - 1, "but for 0"),
        (lambda w: alike(w).max() + w.position, "that is a position; the distance"),
        (lambda w: alike(w)[alike(w) < 28].max(), "28 is a distance as well"),
        (lambda w: np.flatnonzero(abs(cosines(w)) > 0.5).max(), "a cosine of -0.9"),
        (lambda w: 28, "at 28 the cosine need not"),
        (lambda w: w.distance, "the distance as it is set"),
        (lambda w: max((k for k in alike(w) if k >= w.distance), default=0), "distance=28"),
        (lambda w: np.flatnonzero(w.similarities > 0.5).max(), "may be too far from the key"),
        (lambda w: np.flatnonzero(w.similarities[w.position :] > 0.5).max(), "beyond a dist"),
        (lambda w: alike(w).max() + 1, "one too far"),
        *((lambda w, least=least: np.flatnonzero(cosines(w) > least).max(),
           "d_model=36, position=15, distance=6)): expected 25") for least in (0.49, 0.499)),
        (from_the_front, "begins at position 0"),
        (alike, "should be one number"),
        (lambda w: 26, "d_model=12, position=60, distance=3)): expected 28, got 26"),
        (distance_left, "leaves `w.distance` at 28, and it was 5: put it back"),
        (position_left, "leaves `w.position` at 0, and it was 20: put it back"),
        (width_left, "leaves `w.d_model` at 64, and it was 32: put it back"),
        (lambda w: w.farthest, "raised AttributeError"),
    ],
    "explain": [
        ("a", "move all words"),
        ("b", "that part is true"),
        ("d", "a factor"),
        (3, "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip


TestMarking = marking_of("positions", RIGHT, WRONG)
