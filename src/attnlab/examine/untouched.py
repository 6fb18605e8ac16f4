"""Leaves a model, and the random numbers of everybody, as they were."""

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn


@contextmanager
def untouched(*modules: nn.Module) -> Iterator[None]:
    """Whatever is done inside, weights, buffers, gradients, modes and attributes are as before.

    Attributes are kept two steps deep: what a module holds itself, and what lies in its lists and
    dictionaries, as caches and counters do. Random generators go on where they stood.
    """
    kept = [_Kept(module) for whole in modules for module in whole.modules()]
    with random_as_before():
        try:
            yield
        finally:
            for module in kept:
                module.restore()


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


class _Kept:
    """What one module held: its tensors by value, all else as it stood."""

    def __init__(self, module: nn.Module):
        self.held = vars(module)
        self.attributes = dict(self.held)
        self.contents = [
            (value, copy.copy(value))
            for value in self.held.values()
            if isinstance(value, list | dict | set)
        ]
        tensors = [
            *self.held["_parameters"].values(), *self.held["_buffers"].values(),
            *self.held.values(),
        ]  # fmt: skip
        self.tensors = [_KeptTensor(t) for t in tensors if isinstance(t, Tensor)]

    def restore(self) -> None:
        self.held.clear()
        self.held.update(self.attributes)
        for value, before in self.contents:
            value.clear()
            value.extend(before) if isinstance(value, list) else value.update(before)
        for tensor in self.tensors:
            tensor.restore()


class _KeptTensor:
    """A tensor's numbers, and its gradient's."""

    def __init__(self, tensor: Tensor):
        self.tensor, self.data, self.value = tensor, tensor.data, tensor.detach().clone()
        self.wants, self.gradient = tensor.requires_grad, tensor.grad
        self.slope = None if tensor.grad is None else tensor.grad.clone()

    @torch.no_grad()
    def restore(self) -> None:
        self.tensor.data = self.data  # where it was moved or cast
        self.tensor.data.copy_(self.value)
        if self.tensor.is_leaf:
            self.tensor.requires_grad_(self.wants)
        self.tensor.grad = self.gradient
        if self.gradient is not None and self.slope is not None:
            self.gradient.copy_(self.slope)
