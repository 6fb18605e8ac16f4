"""What the library asks of the contents of its arrays, and looks at only where nobody has to wait.

A look costs a pass over an array, and on another device it makes the program wait; while a program
is traced or mapped over a batch there is nothing to look at. `value` and `truth` say what is known.
"""

import sys
from typing import TYPE_CHECKING, Any

from attnlab.functional import arrays as check
from attnlab.functional.arrays import AnyArray

if TYPE_CHECKING:
    from torch import Tensor


def truth(condition: AnyArray, *, wait: bool = False) -> bool | None:
    """Whether a condition on values holds, or None where that can't be known (see `value`)."""
    known = value(condition, wait=wait)
    return None if known is None else bool(known)


def value(number: AnyArray, *, wait: bool = False) -> Any:
    """The one value that an array holds, or None where that can't be known: while a program is
    traced or mapped over a batch, of tensors without values, and, without `wait`, of tensors whose
    device would have to be waited for.

    To compare what it returns takes less time than to look at a comparison of tensors.
    """
    if not check.is_torch(number):
        return number.item()
    if sys.modules["torch"].compiler.is_compiling() or type(number).__module__ != "torch":
        return None
    device = number.device.type
    if device == "meta" or not (wait or device == "cpu"):
        return None
    try:
        return number.item()
    except RuntimeError:  # torch.vmap: it may be another for each of the batch
        return None


def not_nan(**arrays: AnyArray) -> None:
    """None of the named arrays of floats holds NaN, as far as can be known (see `truth`)."""
    for name, array in arrays.items():
        xp = check.floats(**{name: array})
        nan = xp.isnan(array)
        if truth(xp.any(nan), wait=True):
            where = tuple(int(axis[0]) for axis in xp.nonzero(nan))
            raise ValueError(f"{name} must not be NaN, got NaN at index {where}")


def lengths(lengths: AnyArray, max_len: int) -> Any:
    """Lengths, integers between 0 and max_len, in int64: in fewer bits max_len may not fit."""
    xp = check.integers(lengths=lengths)
    wide = xp.astype(lengths, xp.int64)
    wrong = _outside(wide, 0, max_len, wait=True)
    if wrong is not None:  # a length beyond int64 is another there
        first = lengths[wrong].tolist()[0]
        raise ValueError(f"lengths must be between 0 and max_len = {max_len}, got {first}")
    return wide


def tokens(vocabulary: int, **tokens: "Tensor") -> None:
    """Each named argument is a tensor `(B, n)` that holds int64 tokens from 0 to vocabulary − 1.

    The values are looked at where nobody has to wait for them; elsewhere the embedding does that.
    """
    check.tensors(**tokens)
    for name, array in tokens.items():
        if array.dtype != check.xp_of(array).int64:
            raise TypeError(f"{name} must hold int64 tokens, got {array.dtype}")
        if array.ndim != 2:
            raise ValueError(f"{name} must have shape (B, n), got {tuple(array.shape)}")
        wrong = _outside(array, 0, vocabulary - 1)
        if wrong is not None:
            first = array[wrong].tolist()[0]
            raise ValueError(f"{name} must hold tokens from 0 to {vocabulary - 1}, got {first}")


def rows(batch: int, like: "Tensor", **rows: "Tensor") -> "Tensor":
    """The named rows of a batch, in int64: a tensor `(B,)` of integers on the device of `like`."""
    check.tensors(**rows, state=like)
    check.integers(**rows)
    ((name, array),) = rows.items()
    if array.ndim != 1:
        raise ValueError(f"{name} must have one axis, got shape {tuple(array.shape)}")
    array = array.long()
    if _outside(array, 0, batch - 1) is not None:
        raise ValueError(f"{name} must be from 0 to {batch - 1}, got {array.tolist()}")
    return array


def _outside(array: Any, least: int, most: int, *, wait: bool = False) -> Any:
    """Which of the integers are not from `least` to `most`; None if none is known to be outside."""
    if 0 in array.shape:
        return None
    low, high = array.aminmax() if check.is_torch(array) else (array.min(), array.max())
    low, high = value(low, wait=wait), value(high, wait=wait)
    if low is None or high is None or (least <= low and high <= most):
        return None
    return (array < least) | (array > most)
