"""Where each token stands: codes to add, a rotation, and a bias, none of them learned."""

from collections.abc import Sequence

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.arrays import Array

BASE = 10_000.0  # the longest wavelength is BASE · 2π


def sinusoidal_encoding(n: int, d_model: int, *, like: Array | None = None) -> Array:
    r"""A code for each position, to be added to the embeddings.

    $$\mathrm{PE}_{t,2i} = \sin(t / 10000^{2i/d_{\text{model}}})$$

    $$\mathrm{PE}_{t,2i+1} = \cos(t / 10000^{2i/d_{\text{model}}})$$

    Args:
        n: the number of positions, 0 or more.
        d_model: the width of the code, even.
        like: an array whose library, dtype and device the code is to have; NumPy float64 without.

    Returns:
        `(n, d_model)`.

    Raises:
        TypeError: n or d_model is not an integer, or `like` not an array of floats.
        ValueError: n is negative, or d_model not positive and even.

    Source:
        Vaswani et al. (2017), section 3.5.

    >>> sinusoidal_encoding(2, 4).round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]])
    """
    settings.count(0, n=n)
    settings.even(d_model=d_model)
    angles = np.arange(n)[:, None] * _frequencies(d_model)  # (n, d_model / 2)
    code = np.stack([np.sin(angles), np.cos(angles)], axis=-1)  # (n, d_model / 2, 2)
    return check.as_like(code.reshape(n, d_model), like)


def rotary(x: Array, positions: Array | Sequence[float]) -> Array:
    r"""Queries or keys turned by their position, so that dot products see only distances.

    Each pair $(x_{2i}, x_{2i+1})$ turns by the angle $t / 10000^{2i/d}$.

    Args:
        x: `(..., n, d)`, d even.
        positions: t for each of the n tokens, `(n,)`, or any shape that broadcasts to `(..., n)`:
            a sequence, a NumPy array or a tensor.

    Returns:
        x turned, in its shape and dtype. Lengths do not change; position 0 changes nothing.

    Raises:
        TypeError: x is not of floats, or positions are not numbers.
        ValueError: d is not even, or positions do not broadcast.

    Source:
        Su et al. (2021), "RoFormer", section 3.2.2, equations 14, 15 and 34.

    >>> rotary(np.array([[1.0, 0.0], [1.0, 0.0]]), [0, 1]).round(2)
    array([[1.  , 0.  ],
           [0.54, 0.84]])
    """
    xp = check.floats(x=x)
    check.at_least(2, x=x)
    settings.even(d=x.shape[-1])
    # In float64 whatever x is: the angle of a far position needs more digits than float32 has.
    positions = check.positions(positions, x)
    angles = positions[..., None] * check.as_like(_frequencies(x.shape[-1]), positions)
    wide = check.wide(x)
    cos, sin = (xp.astype(turn, wide.dtype) for turn in (xp.cos(angles), xp.sin(angles)))
    first, second = wide[..., 0::2], wide[..., 1::2]  # (..., n, d / 2)
    turned = xp.stack([first * cos - second * sin, first * sin + second * cos], axis=-1)
    return xp.astype(xp.reshape(turned, x.shape), x.dtype, copy=False)


def alibi_bias(n_heads: int, n: int, *, like: Array | None = None) -> Array:
    r"""A bias on the scores that grows with distance: $-2^{-8k/h}\,|i - j|$ in head k = 1 … h.

    Args:
        n_heads: h, 1 or more.
        n: the number of positions, 0 or more.
        like: an array whose library, dtype and device the bias is to have; NumPy float64 without.

    Returns:
        `(h, n, n)`, to be added to the scores. The paper has it for the past only; combined with
        a causal mask this is the same.

    Raises:
        TypeError: n_heads or n is not an integer, or `like` not an array of floats.
        ValueError: n_heads < 1, or n is negative.

    Source:
        Press, Smith and Lewis (2022), "Train short, test long", section 3.

    >>> alibi_bias(2, 3)[0]
    array([[ 0.    , -0.0625, -0.125 ],
           [-0.0625,  0.    , -0.0625],
           [-0.125 , -0.0625,  0.    ]])
    """
    settings.count(1, n_heads=n_heads)
    settings.count(0, n=n)
    slopes = 2.0 ** (-8.0 * np.arange(1, n_heads + 1) / n_heads)  # (h,)
    position = np.arange(n)
    nearness = -abs(position[:, None] - position)  # (n, n), 0 on the diagonal
    return check.as_like(slopes[:, None, None] * nearness, like)  # (h, n, n)


def _frequencies(d: int) -> np.ndarray:
    """Radians per position of each pair of coordinates, from 1 to almost 1 / BASE: `(d / 2,)`."""
    return BASE ** (-np.arange(0, d, 2) / d)
