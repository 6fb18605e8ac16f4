"""Questions on `transformer/block`."""

import numpy as np

from attnclass.questions.block import COLUMNS, LAYER, ROOT, ROWS
from tests.classes.asked import asking_of


def norm(axis=1, *, center=True, gain=lambda g: 1 + g, eps=1e-5, outside=0.0, ddof=0):
    def answer(x, g):
        gains = gain(g)
        gains = gains if axis == 1 else gains[:, None]
        apart = x - x.mean(axis, keepdims=True) if center else x
        squares = (apart**2).sum(axis, keepdims=True) / (x.shape[axis] - ddof)
        return gains * apart / (np.sqrt(squares + eps) + outside)

    return answer


def gained_first(x, g):
    return norm(gain=np.ones_like)((1 + g) * x, g)


def ways(tokens, norm):
    return {"tokens": tokens, "norm": norm}


WRONG = {
    "block/norm-of": [
        (ways(ROWS, LAYER), norm(center=False), "that is another norm"),
        (ways(ROWS, ROOT), norm(), "that is another norm"),
        (ways(ROWS, LAYER), norm(gain=lambda g: g), "above 1"),
        (ways(ROWS, LAYER), norm(gain=np.ones_like), "the gain is still to come"),
        (ways(COLUMNS, ROOT), norm(axis=0, center=False, gain=np.ones_like), "still to come"),
        (ways(ROWS, LAYER), gained_first, "after the division"),
        (ways(COLUMNS, LAYER), lambda x, g: (1 + g)[:, None] * norm(gain=lambda g: 1.0)(x, g),
         "other numbers make up a token"),
        (ways(ROWS, LAYER), norm(ddof=1, eps=1e-5), "n = 5, d = 3, size = 3.0: at "),
        (ways(ROWS, ROOT), norm(center=False, eps=0.0, outside=1e-5), "size = 3.0: at "),
        (ways(COLUMNS, LAYER), norm(), "`norm_of` raised ValueError"),
        (ways(COLUMNS, ROOT), lambda x, g: norm(0, center=False)(x, g).T, "shape (d, n) = (3, 5)"),
    ]
}  # fmt: skip

TestAsking = asking_of("block", WRONG)
