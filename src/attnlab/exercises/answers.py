"""What checkers ask of what a learner returned, once and alike: is it there, and of what kind?

`array`, `tensor`, `number`, `whole`, `truth`, `text` and `parts` take what may be right in any
style, a list for an array, NumPy beside torch, 3.0 for 3, and raise a :class:`Hint` for the rest.
Whether it is right, `comparison` says.
"""

from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import torch

from attnlab.exercises.hint import Hint
from attnlab.exercises.notation import listed, shown

RETURNED = "what you return"
NOTHING = "{name} is None: is a `return` missing?"
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
NOT_FINITE = "{name} should be finite, and is {got}"
NOT_FINITE_AT = "{name} should be finite, and is {got} at {place}"

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


def parts(got: Any, *names: str) -> list:
    """The answer's parts, if it has as many as there are `names`: a tuple, a list, an array."""
    if got is None:
        raise Hint(NOTHING, name=RETURNED)
    row = type(got) in (tuple, list) or (isinstance(got, np.ndarray | torch.Tensor) and got.ndim)
    if not row or len(got) != len(names):
        raise Hint(NOT_THE_PARTS, n=len(names), names=listed(names), got=shown(got))
    return list(got)


def judges(judge: Callable, cases: list[tuple[Callable, bool, str]], x: np.ndarray) -> None:
    """Ask the learner's `judge(f, x)` about each function; a hint where it is not right.

    Args:
        cases: a function of x, what is right to say of it, and the hint for whoever does not,
            in which what they say is called `got`.
    """
    for f, right, hint in cases:
        got = truth(judge(f, x))
        if got != right:
            raise Hint(hint, got=got)


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
