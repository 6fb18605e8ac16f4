"""The same settings for every check, and what it leaves as it was: generators and widgets too."""

import random
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import numpy as np
import torch
from ipywidgets.widgets import widget as ipywidgets


@contextmanager
def undisturbed() -> Iterator[None]:
    """Whatever runs inside, generators and settings are afterwards as they were before.

    Inside, settings are those that NumPy and torch start with: whoever has `np.seterr(all="raise")`
    or has turned gradients off is told the same of an answer as everybody else.

    These are the global generators of Python, NumPy and torch; torch's default dtype, its default
    device and whether it records gradients; NumPy's treatment of overflow and how it prints; and
    the filters of warnings. Widgets that were made inside are closed: a page keeps every open one.

    >>> torch.manual_seed(3).initial_seed()
    3
    >>> with undisturbed():
    ...     torch.set_default_dtype(torch.float64)
    ...     _ = torch.manual_seed(5)
    >>> torch.initial_seed(), torch.get_default_dtype()
    (3, torch.float32)
    """
    python, numpy = random.getstate(), np.random.get_state()
    generators = [torch.default_generator]
    if torch.cuda.is_initialized():
        generators += torch.cuda.default_generators
    states = [(generator, generator.get_state()) for generator in generators]
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    gradients, widgets = torch.is_grad_enabled(), set(ipywidgets._instances)
    try:
        with ExitStack() as settings:
            settings.enter_context(np.errstate(all="warn", under="ignore"))
            settings.enter_context(np.printoptions())
            settings.enter_context(warnings.catch_warnings())
            settings.enter_context(torch.inference_mode(False))
            torch.set_grad_enabled(True)
            torch.set_default_dtype(torch.float32)
            if device.type != "cpu":
                settings.enter_context(torch.device("cpu"))
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        for generator, state in states:
            generator.set_state(state)
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            torch.set_default_device(None if device.type == "cpu" else device)
        torch.set_grad_enabled(gradients)
        for identity in set(ipywidgets._instances) - widgets:
            with suppress(Exception):  # a widget that will not be closed spoils no check
                ipywidgets._instances[identity].close()
