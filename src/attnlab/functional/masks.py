"""Who may attend to whom: boolean masks, True = may attend, broadcastable to `(..., n, m)`.

Masks combine with `&`. They are NumPy arrays unless `like` names a tensor, whose library and device
they then share.
"""

from typing import Any

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.functional.arrays import Array

_FAR = 2**62  # farther than any two positions, and still an int64
_NUMPY = np.empty(0)  # what masks are like where nothing else is said


def padding_mask(
    lengths: Array | list[int] | tuple[int, ...], max_len: int, *, like: Array | None = None
) -> Array:
    """Keys that are real: those before the end of their sequence.

    Args:
        lengths: integers, `(B,)`, or with an axis of 1 for the heads, `(B, 1)`: a NumPy array, a
            torch tensor or a list. A length of 0 is allowed: nothing may then be attended.
        max_len: the length m to which the sequences were padded.
        like: an array whose library and device the mask is to have, those of `lengths` without.

    Returns:
        `(B, 1, m)`, or `(B, 1, 1, m)`: the second axis from the end stands for the queries.

    Raises:
        TypeError: lengths or max_len are not integers, `like` is not an array, or lengths are a
            tensor and `like` is not.
        ValueError: a length is negative or above max_len (while torch compiles, exports or maps a
            program, that is not looked at), max_len is negative, or lengths and `like` are tensors
            on two devices.

    Source:
        Vaswani et al. (2017) leave it out; Raffel et al. (2020) and all later code have it.

    >>> padding_mask([2, 3], 3).astype(int)
    array([[[1, 1, 0]],
    <BLANKLINE>
           [[1, 1, 1]]])
    """
    (max_len,) = settings.count(0, max_len=max_len)
    own = check.as_array(lengths=lengths) if isinstance(lengths, list | tuple) else lengths
    ends = contents.lengths(own, max_len)
    key = check.xp_of(ends).arange(max_len, device=check.device(ends))
    mask: Any = key < ends[..., None, None]  # (..., 1, m)
    if not check.is_torch(own):
        return check.as_like(mask, like)
    if like is not None:
        check.namespace(lengths=own, like=like)
        check.one_device(lengths=own, like=like)
    return mask


def causal_mask(n: int, *, like: Array | None = None) -> Array:
    """Keys that are not in the future: j ≤ i.

    Args:
        n: the number of positions, 0 or more.
        like: an array whose library and device the mask is to have.

    Returns:
        `(n, n)`.

    Raises:
        TypeError: n is not an integer, or `like` not an array.
        ValueError: n is negative.

    Source:
        Vaswani et al. (2017), section 3.2.3.

    >>> causal_mask(3).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return _lag(n, like) >= 0


def window_mask(n: int, width: int, *, causal: bool = False, like: Array | None = None) -> Array:
    r"""Keys that are near, $|i - j| < w$, or with `causal` the past ones, $0 \le i - j < w$.

    Args:
        n: the number of positions, 0 or more.
        width: w, how many positions each query sees in each direction, its own included: 1 or more.
        causal: leave out the future; the same as `window_mask(n, width) & causal_mask(n)`.
        like: an array whose library and device the mask is to have.

    Returns:
        `(n, n)`.

    Raises:
        TypeError: n or width is not an integer, causal not True or False, or `like` not an array.
        ValueError: n is negative, or width < 1.

    Source:
        Beltagy, Peters and Cohan (2020), section 3.1, "sliding window".

    >>> window_mask(4, 2).astype(int)
    array([[1, 1, 0, 0],
           [1, 1, 1, 0],
           [0, 1, 1, 1],
           [0, 0, 1, 1]])
    """
    (width,) = settings.count(1, width=width)
    settings.flag(causal=causal)
    lag: Any = _lag(n, like)
    near = abs(lag) < min(width, _FAR)
    return near & (lag >= 0) if causal else near


def _lag(n: int, like: Array | None) -> Array:
    """How far each key lies behind each query: i − j, `(n, n)`, in the library of `like`."""
    (n,) = settings.count(0, n=n)
    array = _NUMPY if like is None else like
    position: Any = check.namespace(like=array).arange(n, device=check.device(array))
    return position[:, None] - position
