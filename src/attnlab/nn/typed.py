"""What type checkers should know of modules, and torch leaves open.

`torch.nn` says of a call that it returns Any, and of a `ModuleList` that it holds some `Module`s.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar, overload

from torch import nn

F = TypeVar("F")
M = TypeVar("M", bound=nn.Module)


def typed_like(forward: F) -> Callable[[object], F]:
    """Of `__call__`, that it takes and returns what `forward` does."""
    return lambda _: forward


if TYPE_CHECKING:

    class ModuleList(nn.ModuleList, Iterable[M]):
        """A list of modules of one class; when a program runs it is torch's own list."""

        def __init__(self, modules: Iterable[M]): ...

        def __iter__(self) -> Iterator[M]: ...

        @overload
        def __getitem__(self, idx: slice) -> "ModuleList[M]": ...
        @overload
        def __getitem__(self, idx: int) -> M: ...
        def __getitem__(self, idx: int | slice) -> "M | ModuleList[M]": ...

else:
    ModuleList = nn.ModuleList
