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
        ("code_of", lambda t, d_model: pairs(angles(t, d_model))),
        ("code_of", lambda t, d_model: torch.tensor(pairs(angles(t, d_model)))),
    ],
    "distance": [
        ("distance_between", by_sum),
        ("distance_between", lambda s, t: (by_difference(s, t) + np.pi) % (2 * np.pi) - np.pi),
    ],
    "sign": [("turned", turned_by_hand), ("turned", rotary)],
    "step": [
        ("enter", lambda x, start: x + code(x, start)),
        ("enter", lambda x, start: x + sinusoidal_encoding(500, x.shape[2])[start:][: x.shape[1]]),
    ],
    "widget": [("farthest_alike", farthest)],
    "explain": [("what_is_wrong", "c"), ("what_is_wrong", " C ")],
}
WRONG = {
    "code": [
        ("code_of", halves, "they alternate"),
        ("code_of", lambda t, d: pairs(angles(t, d))[np.arange(d) ^ 1], "the sine comes first"),
        ("code_of", every_number_its_own, "both numbers of a pair have one frequency"),
        ("code_of", lambda t, d: pairs(t * 10_000.0 ** (-np.arange(d // 2) / d)), "not i / d"),
        ("code_of", lambda t, d: pairs(t * 10_000.0 ** (np.arange(0, d, 2) / d)), "negative"),
        ("code_of", lambda t, d: pairs(angles(int(t), d)), "do not round"),
        ("code_of", lambda t, d: sinusoidal_encoding(9, d), "must have shape (4,), got (9, 4)"),
        ("code_of", lambda t, d: pairs(angles(t, d)) + 1, "number 0 is not yet right"),
    ],
    "distance": [
        ("distance_between", by_difference, "off by a full turn"),
        ("distance_between", lambda s, t: -by_sum(s, t), "wrong sign"),
        ("distance_between", lambda s, t: np.arccos(s[:2] @ t[:2]), "the cosine forgets the sign"),
        ("distance_between", lambda s, t: round(float(by_sum(s, t))), "need not be integers"),
        ("distance_between", lambda s, t: t - s, "return one number"),
        ("distance_between", lambda s, t: 17, "expected 2, got 17"),
    ],
    "sign": [
        ("turned", lambda x, t: turned_by_hand(x, t, (1, 1)), "lengths change"),
        ("turned", lambda x, t: turned_by_hand(x, t, (1, -1)), "turns backwards"),
        ("turned", left_apart, "must go back to where they came from"),
        ("turned", half_split, "not the pairs (0, 1), (2, 3)"),
        ("turned", turned_in_place, "work on a copy"),
        ("turned", lambda x, t: x[:1], "expected shape"),
    ],
    "step": [
        ("enter", lambda x, start: x + code(x, 0), "still begin at position 0"),
        ("enter", lambda x, start: x + code(x, start)[0], "the code of the first"),
        ("enter", lambda x, start: x + code(x, start + 1), "one too far"),
        ("enter", lambda x, start: x + code(x, start)[-1], "the code of the last one"),
        ("enter", lambda x, start: x, "not x and the codes"),
        ("enter", in_place, "work on a copy"),
    ],
    "widget": [
        ("farthest_alike", lambda w: int(alike(w).argmin()) - 1, "it rises again"),
        ("farthest_alike", lambda w: int(alike(w).sum()) - 1, "how many there are"),
        ("farthest_alike", lambda w: farthest(w) + w.position, "that is a position"),
        ("farthest_alike", lambda w: 28, "expected"),
    ],
    "explain": [
        ("what_is_wrong", "a", "move all words"),
        ("what_is_wrong", "b", "that part is true"),
        ("what_is_wrong", "d", "a factor"),
        ("what_is_wrong", 3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("positions", RIGHT, WRONG)
