"""Cases as hints write them: code and numbers, which are the same in every language."""

import math
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
import torch

LONGEST = 80  # what is shown as it is, in characters


def call(function: str, /, *args: Any, **settings: Any) -> str:
    """A call, as one would write it.

    >>> call("code_of", 2.5, 8)
    'code_of(2.5, 8)'
    >>> call("BlockWidget", depth=20, norm="post")
    "BlockWidget(depth=20, norm='post')"
    """
    given = [repr(arg) for arg in args] + [f"{name}={value!r}" for name, value in settings.items()]
    return f"{function}({listed(given)})"


def equations(**values: Any) -> str:
    """The values of letters.

    >>> equations(d_model=12, h=3)
    'd_model = 12, h = 3'
    """
    return listed(f"{name} = {value!r}" for name, value in values.items())


def listed(items: Iterable[Any]) -> str:
    """Names or numbers, one beside the other.

    >>> listed({"A": 1, "F": 2})
    'A, F'
    """
    return ", ".join(map(str, items))


def shown(value: Any) -> str:
    """A value as code would write it, or, if that is long, what it is.

    >>> shown((0.5, "a")), shown(np.float64(0.1)), shown(np.zeros(2)), shown(None)
    ("(0.5, 'a')", '0.1', '[0.0, 0.0]', 'None')
    >>> shown(np.zeros((30, 4))), shown("ha" * 100), shown(object())
    ('an array of shape (30, 4)', 'a str of length 200', 'a value of type object')
    """
    kind = type(value).__name__
    if isinstance(value, np.ndarray | np.generic | torch.Tensor):
        if math.prod(value.shape) <= 8:
            with suppress(RuntimeError):  # a sparse tensor
                return repr(value.tolist())
        return f"an array of shape {tuple(value.shape)}"
    if isinstance(value, str | tuple | list | dict | set):
        written = repr(value)
        return written if len(written) <= LONGEST else f"a {kind} of length {len(value)}"
    if isinstance(value, bool | int | float | complex | None):
        return repr(value)
    return f"a value of type {kind}"


def apart(*values: Any) -> tuple[str, ...]:
    """Numbers with as many digits as it takes to tell them apart, four at least.

    >>> apart(1.8, 1.8000001), apart(2, 3), apart(1 / 3, 0.25), apart(0.1, None), apart(3, "3")
    (('1.8', '1.8000001'), ('2', '3'), ('0.3333', '0.25'), ('0.1', 'None'), ('3', "'3'"))
    """
    for digits in range(4, 18):
        written = tuple(_number(value, digits) for value in values)
        if len(set(written)) == len(written):
            return written
    return tuple(shown(value) for value in values)


def _number(value: Any, digits: int) -> str:
    real = isinstance(value, float | np.floating)
    return format(float(value), f".{digits}g") if real else shown(value)
