"""Cases as hints write them: code and numbers, which are the same in every language."""

from collections.abc import Iterable
from typing import Any


def call(function: str, *args: Any, **settings: Any) -> str:
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


def shape_of(answer: Any) -> Any:
    """The shape of an array or a tensor as a tuple; anything else as it is, to be shown.

    >>> import torch
    >>> shape_of(torch.zeros(2, 3)), shape_of("no array")
    ((2, 3), 'no array')
    """
    return tuple(answer.shape) if hasattr(answer, "shape") else answer
