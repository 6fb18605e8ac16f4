"""What checkers look at, once and alike: is it there, of what kind, of what shape, finite, near?

`array`, `tensor`, `number`, `whole`, `truth`, `text` and `parts` take what may be right in any
style, a list for an array, NumPy beside torch, 3.0 for 3, and raise a :class:`Hint` for the rest.
"""

from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import torch

from attnlab.exercises.hint import Hint
from attnlab.exercises.notation import listed, shown

RETURNED = "what you return"
NOTHING = "{name}: got None; is a `return` missing?"
NO_NUMBERS = "{name} should be an array of numbers, got {got}"
NO_WHOLE_NUMBERS = "{name} should be an array of whole numbers, got {got}"
NO_BOOLEANS = "{name} should be an array of True and False, got {got}"
NO_NUMBER = "{name} should be one number, got {got}"
NOT_WHOLE = "{name} should be a whole number, got {got}"
NO_VERDICT = "{name} should be True or False, got {got}"
NO_TEXT = "{name} should be text, in quotes; got {got}"
NOT_THE_PARTS = "return {n} things, in this order: {names}; got {got}"
OTHER_SHAPE = "{name} should have shape {right}, got {got}"
OTHER_AXES = "{name} should have shape {axes} = {right}, got {got}"
NOT_FINITE = "{name} should be finite, got {got}"
NOT_FINITE_AT = "{name} should be finite, got {got} at {place}"

# What an array may be of: the kinds of its dtype, and what is told of anything else.
_KINDS = {
    "numbers": ("iuf", NO_NUMBERS),
    "whole numbers": ("iuf", NO_WHOLE_NUMBERS),
    "booleans": ("b", NO_BOOLEANS),
}
_ALMOST = 1e-6  # what sums and roots in floats may be off a whole number


def array(
    got: Any,
    shape: tuple[int, ...] | dict[str, int] | None = None,
    *,
    of: str = "numbers",
    name: str = RETURNED,
    finite: bool = True,
) -> np.ndarray:
    """The answer as an array, if it can be one: a list, a tensor, an array of any precision.

    Args:
        shape: what its shape must be; `{"n": 3, "d_v": 2}` names the axes in the hint.
        of: "numbers", "whole numbers", which are rounded if they are whole but for rounding, or
            "booleans".
        name: what the hint calls it: "the weights", or the call that returned it.
        finite: NaN and inf are told.

    >>> array([[1, 2.5]], {"n": 2, "m": 1}, name="the weights")
    Traceback (most recent call last):
    attnlab.exercises.hint.Hint: the weights should have shape (n, m) = (2, 1), got (1, 2)
    """
    if got is None:
        raise Hint(NOTHING, name=name)
    kinds, otherwise = _KINDS[of]
    found = plain(got)
    if found is None or found.dtype.kind not in kinds:
        raise Hint(otherwise, name=name, got=_with_dtype(got))
    if shape is not None:
        right = tuple(shape.values()) if isinstance(shape, dict) else shape
        if found.shape != right:
            if isinstance(shape, dict):
                axes = f"({listed(shape)})"
                raise Hint(OTHER_AXES, name=name, axes=axes, right=right, got=found.shape)
            raise Hint(OTHER_SHAPE, name=name, right=right, got=found.shape)
    if finite and found.dtype.kind == "f" and not np.isfinite(found).all():
        place = np.argwhere(~np.isfinite(found))[0].tolist()
        if place:
            raise Hint(NOT_FINITE_AT, name=name, got=found[tuple(place)], place=place)
        raise Hint(NOT_FINITE, name=name, got=found[()])
    if of == "whole numbers":
        if (np.abs(found - np.rint(found)) > _ALMOST).any():
            raise Hint(otherwise, name=name, got=shown(got))
        return np.rint(found).astype(int)
    return found


def tensor(got: Any, shape: tuple[int, ...] | dict[str, int] | None = None, **options: Any):
    """The answer as a tensor, if it can be one; as `array`, with the same options."""
    return torch.from_numpy(array(got, shape, **options))


def number(got: Any, *, name: str = RETURNED, finite: bool = True) -> float:
    """The answer as a float, if it is one number: Python's, NumPy's, torch's, a fraction.

    >>> number(torch.tensor(2.5)), number(np.int64(3))
    (2.5, 3.0)
    """
    if got is None:
        raise Hint(NOTHING, name=name)
    found = plain(got)
    if found is None or found.shape != () or found.dtype.kind not in "iuf":
        raise Hint(NO_NUMBER, name=name, got=shown(got))
    return float(array(found, name=name, finite=finite))


def whole(got: Any, *, name: str = RETURNED) -> int:
    """The answer as an int, if it is a whole number, but for rounding.

    >>> whole(np.ceil(2.5)), whole(2.9999999999999996)
    (3, 3)
    """
    found = number(got, name=name)
    if abs(found - round(found)) > _ALMOST:
        raise Hint(NOT_WHOLE, name=name, got=shown(got))
    return got if isinstance(got, int) else round(found)


def truth(got: Any, *, name: str = RETURNED) -> bool:
    """The answer as a bool, if it is True or False: Python's, NumPy's or torch's."""
    if got is None:
        raise Hint(NOTHING, name=name)
    found = plain(got)
    if found is None or found.shape != () or found.dtype.kind != "b":
        raise Hint(NO_VERDICT, name=name, got=shown(got))
    return bool(found)


def text(got: Any, *, name: str = RETURNED) -> str:
    """The answer, if it is text."""
    if got is None:
        raise Hint(NOTHING, name=name)
    if not isinstance(got, str):
        raise Hint(NO_TEXT, name=name, got=shown(got))
    return got


def parts(got: Any, *names: str, name: str = RETURNED) -> list:
    """The answer's parts, if it has as many as there are `names`: any tuple, a list, an array."""
    if got is None:
        raise Hint(NOTHING, name=name)
    row = isinstance(got, tuple | list) or (isinstance(got, np.ndarray | torch.Tensor) and got.ndim)
    if not row or len(got) != len(names):
        raise Hint(NOT_THE_PARTS, n=len(names), names=listed(names), got=shown(got))
    return list(got)


def near(got: Any, right: Any, *, rtol: float | None = None) -> bool:
    """Are they one, but for rounding?

    Args:
        rtol: what a number may be off, relative to the right one, and a tenth of that relative to
            the largest of them. By default 1e-8, and 1e-13 of the largest; or 1e-5 for what was
            computed in single precision, which its numbers show: a float32 holds each of them.

    Numbers must have the same shape, and booleans are none; whole numbers are equal or not. None,
    text and sets are near what they are equal to.

    >>> near([0.1, 0.2], np.float32([0.1, 0.2])), near(np.ones(3), 1.0), near(True, 1)
    (True, False, False)
    """
    a, b = plain(got), plain(right)
    if a is None or b is None:
        return type(got) is type(right) and bool(got == right)
    if a.shape != b.shape or (a.dtype == bool) != (b.dtype == bool):
        return False
    if a.dtype.kind in "iub" and b.dtype.kind in "iub":
        return np.array_equal(a, b)
    if rtol is None:
        rtol, of_largest = (1e-5, 1e-6) if _is_single(a) or b.dtype == np.float32 else (1e-8, 1e-13)
    else:
        of_largest = rtol / 10
    a, b = a.astype(float), b.astype(float)
    scale = np.abs(b[np.isfinite(b)]).max(initial=0)
    return np.allclose(a, b, rtol=rtol, atol=of_largest * scale, equal_nan=True)


def _is_single(x: np.ndarray) -> bool:
    """Was this computed in single precision? Whole numbers tell nothing."""
    with np.errstate(all="ignore"):
        fits = x == x.astype(np.float32)
    told = np.isfinite(x) & (x != np.rint(x))
    return bool(told.any() and fits[told].all())


def plain(value: Any) -> np.ndarray | None:
    """A number, an array, a tensor or a list of such as NumPy's array; None for anything else."""
    try:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().resolve_conj().resolve_neg()
            value = (value.float() if value.dtype == torch.bfloat16 else value).numpy()
        if type(value) in (list, tuple):
            rows = [plain(each) for each in value]
            found = None if any(row is None for row in rows) else np.array(rows)
        elif isinstance(value, Real | Decimal) and np.asarray(value).dtype == object:
            found = np.asarray(float(value))  # a fraction, or a very large number
        else:
            found = np.asarray(value)
            if found.dtype == object:
                found = plain(found.tolist()) if found.ndim else None
    except (TypeError, ValueError, OverflowError, RuntimeError):  # no numbers, ragged, sparse, …
        return None
    return None if found is None or found.dtype.kind not in "biuf" else found


def _with_dtype(got: Any) -> str:
    dtype = getattr(got, "dtype", None)
    return shown(got) if dtype is None else f"{shown(got)} of dtype {dtype}"
