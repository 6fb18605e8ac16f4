"""What checkers look at, once and alike: is it there, of what kind, of what shape, finite, right?

A checker runs through its cases, each with what is right and what known misconceptions give:

    with Comparison() as compare:
        for n, m in ((4, 9), (11, 5)):  # n > m: for whoever takes n keys
            A, v = ...
            got = array(contexts(A, v), {"n": n})
            compare(got, A @ v, [
                (v[A.argmax(axis=1)], "that is the value of the heaviest key alone"),
            ], case=equations(n=n, m=m))

At the end of the block, an answer that is right in all cases passes. A misconception is named if
its numbers are the answer's in every case, and no other's are; otherwise the first case in which
the answer is wrong is shown. So a misconception needs a case in which it differs from what is
right, and a case in which it differs from each other one: say beside a case what it is there for.

`array`, `tensor`, `number`, `whole`, `truth`, `text` and `parts` take what may be right in any
style, a list for an array, NumPy beside torch, 3.0 for 3, and raise a :class:`Hint` for the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import torch

from attnlab.exercises.hint import Hint
from attnlab.exercises.notation import apart, listed, shown

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
NOT_FINITE = "{name} should be finite, got {got}"
NOT_FINITE_AT = "{name} should be finite, got {got} at {place}"
UNLIKE = "{case}: expected {right}, got {got}"
UNLIKE_AT = "{case}: at {place} expected {right}, got {got}"
UNLIKE_IN_SHAPE = "{case}: expected shape {right}, got {got}"

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
    found = _plain(got)
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
    found = _plain(got)
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
    found = _plain(got)
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
    """The answer's parts, if it has as many as there are `names`: any tuple, a list, an array."""
    if got is None:
        raise Hint(NOTHING, name=RETURNED)
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
    a, b = _plain(got), _plain(right)
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


@dataclass(frozen=True)
class _Case:
    got: Any
    right: Any
    wrong: dict[tuple[str, str | None], list]  # the hint, and what the misconception gives
    places: dict[str, Any]


class Comparison:
    """Compares answers with what is right, case by case, and names a misconception on evidence.

    Args:
        alike: are two answers one? `near`, unless rounding is another matter here.

    Raises:
        Hint: at the end of its block, if one of the answers is not right: that of the one
            misconception which explains all of the answers, or else the first wrong case.

    >>> with Comparison() as compare:
    ...     for a, b in ((2, 2), (3, 2)):  # 3, 2: where a sum is no product
    ...         compare(a + b, a * b, [(a + b, "{case}: that is the sum")], case=f"{a}, {b}")
    Traceback (most recent call last):
    attnlab.exercises.hint.Hint: 3, 2: that is the sum
    """

    def __init__(self, alike: Callable[[Any, Any], Any] = near):
        self._alike, self._cases = alike, []

    def __enter__(self) -> "Comparison":
        return self

    def __call__(
        self, got: Any, right: Any, wrong: Iterable[tuple] = (), /, *, case: str, **places: Any
    ) -> None:
        """Take down one case.

        Args:
            got: the answer.
            right: what is right.
            wrong: what comes out under a misconception, the hint for whoever has it, and, if more
                can be told at later tries, a second sentence. One that has no meaning in a case
                may be left out there.
            case: the case, as hints write it; it is the place {case} of all hints.
            places: what else the hints name.
        """
        by_hint: dict[tuple[str, str | None], list] = {}
        for value, hint, *more in wrong:
            key = (hint, more[0] if more else None)
            Hint(hint, more=key[1], case=case, **places)  # a place without a name is found now
            by_hint.setdefault(key, []).append(value)
        self._cases.append(_Case(got, right, by_hint, {"case": case, **places}))

    def __exit__(self, kind, error, trace) -> None:
        failed = [case for case in self._cases if not self._alike(case.got, case.right)]
        if error is not None or not failed:
            return
        told = list(dict.fromkeys(hint for case in failed for hint in case.wrong))
        explained = [hint for hint in told if self._explains(hint)]
        if len(explained) == 1:
            (hint,) = explained
            case = next(case for case in failed if hint in case.wrong)
            raise Hint(hint[0], more=hint[1], **case.places)
        raise unlike(failed[0].got, failed[0].right, failed[0].places["case"])

    def indistinct(self) -> list[tuple[str, str]]:
        """Hints that no case tells from what is "right", or from one another: for tests."""
        found, told = [], list(dict.fromkeys(hint for case in self._cases for hint in case.wrong))
        for i, hint in enumerate(told):
            cases = [case for case in self._cases if hint in case.wrong]
            if all(self._any(case.wrong[hint], [case.right]) for case in cases):
                found.append((hint[0], "right"))
            for other in told[i + 1 :]:
                both = [case for case in cases if other in case.wrong]
                if both and all(self._any(case.wrong[hint], case.wrong[other]) for case in both):
                    found.append((hint[0], other[0]))
        return found

    def _any(self, values: list, others: list) -> bool:
        return any(self._alike(value, other) for value in values for other in others)

    def _explains(self, hint: tuple[str, str | None]) -> bool:
        return all(
            self._any([case.got], case.wrong[hint]) for case in self._cases if hint in case.wrong
        )


def unlike(got: Any, right: Any, case: str) -> Hint:
    """The neutral hint: what was expected in this case, and what came."""
    a, b = _plain(got), _plain(right)
    if a is None or b is None or a.shape == b.shape == ():
        expected, given = apart(right, got)
        return Hint(UNLIKE, case=case, right=expected, got=given)
    if a.shape != b.shape:
        return Hint(UNLIKE_IN_SHAPE, case=case, right=b.shape, got=a.shape)
    with np.errstate(all="ignore"):
        error = np.nan_to_num(np.abs(a.astype(float) - b.astype(float)), nan=np.inf)
    place = np.unravel_index(error.argmax(), error.shape)
    expected, given = apart(b[place].item(), a[place].item())
    return Hint(UNLIKE_AT, case=case, place=[int(i) for i in place], right=expected, got=given)


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


def _plain(value: Any) -> np.ndarray | None:
    """A number, an array, a tensor or a list of such as NumPy's array; None for anything else."""
    try:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().resolve_conj().resolve_neg()
            value = (value.float() if value.dtype == torch.bfloat16 else value).numpy()
        if type(value) in (list, tuple):
            rows = [_plain(each) for each in value]
            found = None if any(row is None for row in rows) else np.array(rows)
        elif isinstance(value, Real | Decimal) and np.asarray(value).dtype == object:
            found = np.asarray(float(value))  # a fraction, or a very large number
        else:
            found = np.asarray(value)
            if found.dtype == object:
                found = _plain(found.tolist()) if found.ndim else None
    except (TypeError, ValueError, OverflowError, RuntimeError):  # no numbers, ragged, sparse, …
        return None
    return None if found is None or found.dtype.kind not in "biuf" else found


def _with_dtype(got: Any) -> str:
    dtype = getattr(got, "dtype", None)
    return shown(got) if dtype is None else f"{shown(got)} of dtype {dtype}"


def recognize(
    got: Any,
    wrong: Iterable[tuple[Any, str]],
    /,
    *,
    alike: Callable[[Any, Any], Any] = near,
    **places: Any,
) -> None:
    """Raise the hint of the misconception that gives this wrong answer, if exactly one does.

    For a checker that has one case; `Comparison` looks at several together.

    Args:
        got: the learner's answer, which is not the right one.
        wrong: what comes out under a misconception, and the hint for whoever has it.
        alike: are the answer and what comes out one?
        places: what the hints name.
    """
    hints = list(dict.fromkeys(hint for value, hint in wrong if alike(got, value)))
    if len(hints) == 1:
        raise Hint(hints[0], **places)
