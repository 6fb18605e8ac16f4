"""The checks of `transformer/positions` accept right work and name what is wrong with the rest."""

import numpy as np
import torch

from attnlab.functional.positions import rotary, sinusoidal_encoding
from tests.exercises.marking import marking_of


def angles(t, d):
    return t * 10_000.0 ** (-np.arange(0, d, 2) / d)


def pairs(angle):
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).ravel()


def halves(t, d):
    return np.concatenate([np.sin(angles(t, d)), np.cos(angles(t, d))])


def every_number_its_own(t, d):
    angle = t * 10_000.0 ** (-np.arange(d) / d)
    return np.where(np.arange(d) % 2, np.cos(angle), np.sin(angle))


def by_difference(p_s, p_t):
    return np.arctan2(p_t[0], p_t[1]) - np.arctan2(p_s[0], p_s[1])


def by_sum(p_s, p_t):
    return np.arctan2(p_t[0] * p_s[1] - p_t[1] * p_s[0], p_t[1] * p_s[1] + p_t[0] * p_s[0])


def turned_by_hand(x, t, signs=(-1, 1)):
    angle = np.asarray(t)[:, None] * 10_000.0 ** (-np.arange(0, x.shape[1], 2) / x.shape[1])
    a, b = x[:, 0::2], x[:, 1::2]
    first = a * np.cos(angle) + signs[0] * b * np.sin(angle)
    second = signs[1] * a * np.sin(angle) + b * np.cos(angle)
    return np.stack([first, second], axis=-1).reshape(x.shape)


def left_apart(x, t):
    out = turned_by_hand(x, t)
    return np.concatenate([out[:, 0::2], out[:, 1::2]], axis=1)


def half_split(x, t):
    d = x.shape[1]
    order = np.arange(d).reshape(2, d // 2).T.ravel()
    return rotary(x[:, order], t)[:, np.argsort(order)]


def turned_in_place(x, t):
    x[:] = rotary(x, t)
    return x


def code(x, first):
    return sinusoidal_encoding(first + x.shape[1], x.shape[2])[first:]


def alike(w):
    cosines = []
    for distance in range(29):
        w.distance = distance
        cosines.append(w.similarity > 0.5)
    return np.array(cosines)


def farthest(w):
    return int(np.flatnonzero(alike(w)).max())


def in_place(x, start):
    x += code(x, start)
    return x


RIGHT = {
    "code": [
        (lambda t, d_model: pairs(angles(t, d_model))),
        (lambda t, d_model: torch.tensor(pairs(angles(t, d_model)))),
    ],
    "distance": [
        (by_sum),
        (lambda s, t: (by_difference(s, t) + np.pi) % (2 * np.pi) - np.pi),
    ],
    "sign": [(turned_by_hand), (rotary)],
    "step": [
        (lambda x, start: x + code(x, start)),
        (lambda x, start: x + sinusoidal_encoding(500, x.shape[2])[start:][: x.shape[1]]),
    ],
    "widget": [(farthest)],
    "explain": [("c"), (" C ")],
}
WRONG = {
    "code": [
        (halves, "they alternate"),
        (lambda t, d: pairs(angles(t, d))[np.arange(d) ^ 1], "the sine comes first"),
        (every_number_its_own, "both numbers of a pair have one frequency"),
        (lambda t, d: pairs(t * 10_000.0 ** (-np.arange(d // 2) / d)), "not i / d"),
        (lambda t, d: pairs(t * 10_000.0 ** (np.arange(0, d, 2) / d)), "negative"),
        (lambda t, d: pairs(angles(int(t), d)), "do not round"),
        (lambda t, d: sinusoidal_encoding(9, d), "must have shape (4,), got (9, 4)"),
        (lambda t, d: pairs(angles(t, d)) + 1, "number 0 is not yet right"),
    ],
    "distance": [
        (by_difference, "off by a full turn"),
        (lambda s, t: -by_sum(s, t), "wrong sign"),
        (lambda s, t: np.arccos(s[:2] @ t[:2]), "the cosine forgets the sign"),
        (lambda s, t: round(float(by_sum(s, t))), "need not be integers"),
        (lambda s, t: t - s, "return one number"),
        (lambda s, t: 17, "expected 2, got 17"),
    ],
    "sign": [
        (lambda x, t: turned_by_hand(x, t, (1, 1)), "lengths change"),
        (lambda x, t: turned_by_hand(x, t, (1, -1)), "turns backwards"),
        (left_apart, "must go back to where they came from"),
        (half_split, "not the pairs (0, 1), (2, 3)"),
        (turned_in_place, "work on a copy"),
        (lambda x, t: x[:1], "expected shape"),
    ],
    "step": [
        (lambda x, start: x + code(x, 0), "still begin at position 0"),
        (lambda x, start: x + code(x, start)[0], "the code of the first"),
        (lambda x, start: x + code(x, start + 1), "one too far"),
        (lambda x, start: x + code(x, start)[-1], "the code of the last one"),
        (lambda x, start: x, "not x and the codes"),
        (in_place, "work on a copy"),
    ],
    "widget": [
        (lambda w: int(alike(w).argmin()) - 1, "it rises again"),
        (lambda w: int(alike(w).sum()) - 1, "how many there are"),
        (lambda w: farthest(w) + w.position, "that is a position"),
        (lambda w: 28, "expected"),
    ],
    "explain": [
        ("a", "move all words"),
        ("b", "that part is true"),
        ("d", "a factor"),
        (3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("positions", RIGHT, WRONG)
