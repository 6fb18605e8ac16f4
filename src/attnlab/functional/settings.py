"""What is asked of every argument that is no array: counts, numbers, flags, names.

Each function takes its arguments by keyword, so that the error can name them, and says what was
expected and what came.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from numbers import Integral, Real


def count(least: int, **values: int) -> tuple[int, ...]:
    """Each named value, as `integer` has it, and not below `least`."""
    whole = integer(**values)
    for name, value in zip(values, whole, strict=True):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    return whole


def integer(**values: int) -> tuple[int, ...]:
    """Each named value as Python's integer. NumPy's are integers too, but of few bits: -8 is 248 in
    `np.uint8`, and 100 + 100 is -56 in `np.int8`. The length of a traced tensor stays as it is."""
    for name, value in values.items():
        whole = isinstance(value, Integral) or kind(value) == "torch.SymInt"
        if isinstance(value, bool) or not whole:
            raise TypeError(f"{name} must be an integer, got {kind(value)}")
    return tuple(int(x) if isinstance(x, Integral) else x for x in values.values())


def even(**values: int) -> tuple[int, ...]:
    """Each named value, a positive even integer, as `integer` has it."""
    whole = count(2, **values)
    for name, value in zip(values, whole, strict=True):
        if value % 2:
            raise ValueError(f"{name} must be even, got {value}")
    return whole


def number(**values: float) -> None:
    """Each named value is a real number of any type: an int, a float, a Fraction, NumPy's."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name} must be a number, got {kind(value)}")


def positive(**values: float) -> None:
    """Each named value is a finite number above zero, also once it is a float."""
    number(**values)
    for name, value in values.items():
        if not 0 < as_float(value) < math.inf:
            raise ValueError(f"{name} must be positive and finite, got {value}")


def share(**values: float) -> None:
    """Each named value is a share that is not the whole: at least 0 and below 1."""
    number(**values)
    for name, value in values.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1, got {value}")


def flag(**values: bool) -> None:
    """Each named value is True or False."""
    for name, value in values.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {kind(value)}")


def function(**values: Callable) -> None:
    """Each named value can be called."""
    for name, value in values.items():
        if not callable(value):
            raise TypeError(f"{name} must be a function, got {kind(value)}")


def iterable(**values: Iterable) -> None:
    """Each named value can be gone through."""
    for name, value in values.items():
        if not isinstance(value, Iterable):
            raise TypeError(f"{name} must be an iterable, got {kind(value)}")


def one_of(options: Sequence[str], **values: str) -> None:
    """Each named value is one of the names in `options`."""
    for name, value in values.items():
        if not isinstance(value, str) or value not in options:
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, options))}; got {value!r}"
            )


def instance(cls: type, **values: object) -> None:
    """Each named value is an object of this class, or of one derived from it."""
    for name, value in values.items():
        if not isinstance(value, cls):
            raise TypeError(f"{name} must be a {cls.__name__}, got {kind(value)}")


def as_float(value: float | Fraction) -> float:
    """The number as a float; infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def kind(value: object) -> str:
    """The name of a value's type, as an error shows it."""
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"
