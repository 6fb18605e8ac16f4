"""Where each token stands: codes to add, a rotation, and a bias, none of them learned.

Each is computed in float64 for just the positions that are asked for, and only then rounded to the
dtype wanted: a position of a million has more digits than float32 can turn into an angle.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Any, Literal, get_args

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.arrays import Array

BASE = 10_000.0  # the longest wavelength is BASE · 2π

Pairing = Literal["interleaved", "halves"]


def sinusoidal_encoding(
    n: int, d_model: int, *, start: int = 0, like: Array | None = None
) -> Array:
    r"""A code for each position, to be added to the embeddings.

    $$\mathrm{PE}_{t,2i} = \sin(t / 10000^{2i/d_{\text{model}}})$$

    $$\mathrm{PE}_{t,2i+1} = \cos(t / 10000^{2i/d_{\text{model}}})$$

    Args:
        n: the number of positions, 0 or more.
        d_model: the width of the code, even.
        start: t of the first of them: a token that is decoded needs its own row and no other.
        like: an array whose library, dtype and device the code is to have; NumPy float64 without.

    Returns:
        `(n, d_model)`.

    Raises:
        TypeError: n, d_model or start is not an integer, or `like` not an array of floats.
        ValueError: n or start is negative, or d_model not positive and even.

    Source:
        Vaswani et al. (2017), section 3.5.

    >>> sinusoidal_encoding(2, 4).round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]])
    """
    n, start = settings.count(0, n=n, start=start)
    (d_model,) = settings.even(d_model=d_model)
    xp, given = _library(like)
    device = check.device(given)
    places = xp.arange(start, start + n, dtype=xp.float64, device=device)
    angles = places[:, None] * _frequencies(xp, d_model, BASE, device)  # (n, d_model / 2)
    code = xp.stack([xp.sin(angles), xp.cos(angles)], axis=-1)  # (n, d_model / 2, 2)
    return check.narrow(xp.reshape(code, (n, d_model)), given)


def rotary(
    x: Array,
    at: Array | Sequence[float],
    *,
    base: float = BASE,
    pairing: Pairing = "interleaved",
) -> Array:
    r"""Queries or keys turned by their position, so that dot products see only distances.

    Pair i of coordinates turns by the angle $t / \text{base}^{2i/d}$. Which two coordinates are a
    pair is a matter of convention, and weights that were trained with one are useless with the
    other, unless `rotary_permutation` rearranges them:

    - "interleaved", $(x_{2i}, x_{2i+1})$: the paper, GPT-J, and Llama as Meta published it;
    - "halves", $(x_i, x_{i+d/2})$: GPT-NeoX, and Llama, Mistral and Qwen in the format of Hugging
      Face's library.

    The base is 10,000 in the paper, GPT-J, GPT-NeoX, Llama 1 and 2, and 500,000 in Llama 3 (which
    from 3.1 on also slows the slow pairs down, and that is not offered here). GPT-J and GPT-NeoX
    turn only the first coordinates of each head: hand those alone to this function.

    Args:
        x: `(..., n, d)`, d even.
        at: where each of the n tokens stands, t, in `(n,)` or any shape that broadcasts to
            `(..., n)`: a sequence, a NumPy array, or a tensor on the device of x. Fractions and
            negative positions will do; a gradient flows back to a tensor.
        base: how slowly the slowest pair turns: its wavelength is almost base · 2π.
        pairing: "interleaved" or "halves", as above.

    Returns:
        x turned, in its shape and dtype. Lengths do not change; position 0 changes nothing.

    Raises:
        TypeError: x is not of floats, `at` not of numbers, or base not a number; a tensor `at`
            with a NumPy x.
        ValueError: x has fewer than 2 axes, d is not positive and even, `at` does not broadcast
            or is on another device, base is not positive and finite, or another pairing.

    Source:
        Su et al. (2021), "RoFormer", section 3.2.2, equations 14, 15 and 34. The halves: Black et
        al. (2022), "GPT-NeoX-20B", and its code.

    >>> rotary(np.array([[1.0, 0.0], [1.0, 0.0]]), [0, 1]).round(2)
    array([[1.  , 0.  ],
           [0.54, 0.84]])
    >>> rotary(np.array([[1.0, 2.0, 0.0, 0.0]]), [1], pairing="halves").round(2)
    array([[0.54, 2.  , 0.84, 0.02]])
    """
    xp = check.floats(x=x)
    check.at_least(2, x=x)
    d = x.shape[-1]
    settings.even(d=d)
    settings.positive(base=base)
    settings.one_of(get_args(Pairing), pairing=pairing)
    places = check.numbers(x.shape[:-1], x=x, at=at)
    frequencies = _frequencies(xp, d, settings.as_float(base), check.device(x))
    angles = places[..., None] * frequencies  # (..., n, d / 2)
    wide = check.wide(x)
    cos, sin = (xp.astype(turn, wide.dtype) for turn in (xp.cos(angles), xp.sin(angles)))
    if pairing == "interleaved":
        first, second, axis = wide[..., 0::2], wide[..., 1::2], -1
    else:
        first, second, axis = wide[..., : d // 2], wide[..., d // 2 :], -2
    turned = xp.stack([first * cos - second * sin, first * sin + second * cos], axis=axis)
    return check.narrow(xp.reshape(turned, x.shape), x)


def rotary_permutation(d: int, n_heads: int = 1, *, to: Pairing) -> np.ndarray:
    r"""The order in which coordinates of one pairing stand in the other.

    A projection is carried over by rearranging its outputs, head by head: the rows of the weight
    of an `nn.Linear`, and its bias. Do it to queries and keys alike, and leave values alone: all
    scores are then what they were.

    Args:
        d: the width of a head, even.
        n_heads: how many heads stand one behind the other.
        to: the pairing to come to, "halves" or "interleaved", from the other one.

    Returns:
        Indices `(n_heads · d,)`: `weight[rotary_permutation(d, n_heads, to=...)]`.

    Raises:
        TypeError: d or n_heads is not an integer.
        ValueError: d is not positive and even, n_heads is below 1, or another pairing.

    Source:
        The interleaved pairs are those of Su et al. (2021), equation 34; Hugging Face's
        `convert_llama_weights_to_hf.py` does to Llama's weights what is said here.

    >>> rotary_permutation(6, to="halves")
    array([0, 2, 4, 1, 3, 5])
    >>> x = np.arange(1.0, 7)[None]
    >>> order = rotary_permutation(6, to="halves")
    >>> np.allclose(rotary(x, [7])[:, order], rotary(x[:, order], [7], pairing="halves"))
    True
    """
    (d,) = settings.even(d=d)
    (n_heads,) = settings.count(1, n_heads=n_heads)
    settings.one_of(get_args(Pairing), to=to)
    pairs = (d // 2, 2) if to == "halves" else (2, d // 2)
    return np.arange(n_heads * d).reshape(n_heads, *pairs).swapaxes(1, 2).reshape(-1)


def alibi_bias(
    n_heads: int,
    n: int,
    *,
    slopes: Array | Sequence[float] | None = None,
    start: int = 0,
    like: Array | None = None,
) -> Array:
    r"""A bias on the scores that grows with distance: $-2^{-8k/h}\,|i - j|$ in head k = 1 … h.

    BLOOM and MPT add it. Where h is no power of two, as in BLOOM's largest model, with 112 heads,
    the paper's code departs from the formula: it takes the slopes for the next lower power of two,
    and fills up with every other slope for the next higher one. Say so by `slopes`; for 112 heads
    they are `[2 ** (-8 * k / 64) for k in range(1, 65)]` and, behind those,
    `[2 ** (-8 * k / 128) for k in range(1, 97, 2)]`.

    Args:
        n_heads: h, 1 or more.
        n: the number of queries, 0 or more.
        slopes: what a step of distance costs in each head, `(h,)`, in place of $2^{-8k/h}$: a
            sequence, a NumPy array, or a tensor on the device of `like`, which gets a gradient.
        start: the position of the first query; keys stand from 0 up to the last query.
        like: an array whose library, dtype and device the bias is to have; NumPy float64 without.

    Returns:
        `(h, n, start + n)`, to be added to the scores. The paper has it for the past only; combined
        with a causal mask this is the same.

    Raises:
        TypeError: n_heads, n or start is not an integer, slopes are not numbers, or `like` is not
            an array of floats; a tensor of slopes with a NumPy `like`.
        ValueError: n_heads < 1, n or start is negative, or slopes of another shape or device.

    Source:
        Press, Smith and Lewis (2022), "Train short, test long", section 3.

    >>> alibi_bias(2, 3)[0]
    array([[ 0.    , -0.0625, -0.125 ],
           [-0.0625,  0.    , -0.0625],
           [-0.125 , -0.0625,  0.    ]])
    """
    (n_heads,) = settings.count(1, n_heads=n_heads)
    n, start = settings.count(0, n=n, start=start)
    xp, given = _library(like)
    device = check.device(given)
    if slopes is None:
        exponents = xp.arange(-8, -8 * n_heads - 1, -8, dtype=xp.float64, device=device)
        costs = 2.0 ** (exponents / n_heads)  # (h,)
    else:
        costs = check.numbers((n_heads,), like=given, slopes=slopes)
        check.has_shape((n_heads,), slopes=costs)
    # Only n + m distances occur: each is rounded once, and the matrix looked up in them, so that
    # nothing as large as it stands beside it while it is made.
    m = start + n
    nearness = -xp.abs(xp.arange(-n, m, device=device))  # 0 at item n
    line = xp.astype(costs[:, None] * nearness, given.dtype)  # (h, n + m)
    index = xp.arange(n, device=device)[:, None] + xp.arange(m, 0, -1, device=device)
    return line[:, index]  # (h, n, m)


def _library(like: Any) -> tuple[ModuleType, Any]:
    """The namespace of `like`, and `like`; NumPy and an array of float64 in its absence."""
    given = np.empty(0) if like is None else like
    return check.floats(like=given), given


def _frequencies(xp: ModuleType, d: int, base: float, device: Any) -> Any:
    """Radians per position of each pair of coordinates, from 1 to almost 1 / base: `(d / 2,)`."""
    return base ** (xp.arange(0, -d, -2, dtype=xp.float64, device=device) / d)
