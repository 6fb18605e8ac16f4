"""What a task is made of, in numbers: how many of everything."""

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import TypeVar

from attnlab.functional import settings

Batch = TypeVar("Batch")


def without_end(batch: Callable[[int], Batch], size: int) -> Iterator[Batch]:
    """Batches of one size without end, each drawn when it is asked for.

    Raises:
        TypeError: the size is not an integer. ValueError: it is below 1.
    """
    settings.count(1, size=size)
    return map(batch, repeat(size))


def whole(least: int, task: object, *names: str) -> None:
    """The named settings of a task are integers, `least` or more; they become Python's own, since
    small ones of NumPy's would overflow in sums.

    Raises:
        TypeError: one is not an integer. ValueError: one is below `least`.
    """
    for name in names:
        settings.count(least, **{name: getattr(task, name)})
        object.__setattr__(task, name, int(getattr(task, name)))  # tasks are frozen
