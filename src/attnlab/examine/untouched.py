"""Leaves a model, and the random numbers of everybody, as they were."""

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

DEEP = 4  # steps from a module's attribute: to a cache's lists of keys, and not to everything


@contextmanager
def untouched(*modules: nn.Module) -> Iterator[None]:
    """Whatever is done inside, weights, buffers, gradients, modes and attributes are as before.

    Attributes are kept a few steps deep, as far as caches and counters lie: through lists,
    dictionaries and objects. Random generators go on where they stood.
    """
    parts = [module for whole in modules for module in whole.modules()]
    seen = {id(part) for part in parts}
    restores = [restore for part in parts for restore in _inside(vars(part), DEEP, seen)]
    with random_as_before():
        try:
            yield
        finally:
            for restore in restores:
                restore()


@contextmanager
def random_as_before() -> Iterator[None]:
    """The random numbers of Python, NumPy and torch, on every device in use, go on as before."""
    python, numpy = random.getstate(), np.random.get_state()
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


def _kept(value: Any, depth: int, seen: set[int]) -> Iterator[Callable[[], object]]:
    """What puts a value back as it is now, and all that lies in it."""
    if depth < 0 or id(value) in seen or isinstance(value, ModuleType):
        return
    seen.add(id(value))
    if isinstance(value, Tensor):
        yield _KeptTensor(value).restore
    elif isinstance(value, np.ndarray):
        yield partial(np.copyto, value, value.copy())
    elif isinstance(value, list | dict | set):
        yield from _inside(value, depth, seen)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _kept(inner, depth - 1, seen)
    elif isinstance(getattr(value, "__dict__", None), dict):
        yield from _inside(vars(value), depth, seen)


def _inside(held: Any, depth: int, seen: set[int]) -> Iterator[Callable[[], object]]:
    """What fills a list, a dictionary or a set again, and puts back what lies in it."""
    yield partial(_refill, held, copy.copy(held))
    for inner in list(held.values() if isinstance(held, dict) else held):
        yield from _kept(inner, depth - 1, seen)


def _refill(held: Any, before: Any) -> None:
    held.clear()
    held.extend(before) if isinstance(held, list) else held.update(before)


class _KeptTensor:
    """A tensor's numbers, and its gradient's."""

    def __init__(self, tensor: Tensor):
        self.tensor, self.data, self.value = tensor, tensor.data, tensor.detach().clone()
        self.wants, self.gradient = tensor.requires_grad, tensor.grad if tensor.is_leaf else None
        self.slope = None if self.gradient is None else self.gradient.clone()

    @torch.no_grad()
    def restore(self) -> None:
        self.tensor.data = self.data  # where it was moved or cast
        self.tensor.data.copy_(self.value)
        if self.tensor.is_leaf:
            self.tensor.requires_grad_(self.wants)
            self.tensor.grad = self.gradient
        if self.gradient is not None and self.slope is not None:
            self.gradient.copy_(self.slope)
