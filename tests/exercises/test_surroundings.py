"""After a check everything is as it was."""

import random
import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from ipywidgets.widgets import widget as ipywidgets

from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.exercises.surroundings import undisturbed
from attnlab.exercises.work import Work
from tests.exercises.marking import surroundings

DISTURB = [
    lambda: torch.manual_seed(7),
    lambda: torch.randn(3),
    lambda: np.random.seed(7),
    np.random.rand,
    lambda: random.seed(7),
    lambda: torch.set_default_dtype(torch.float64),
    lambda: torch.set_default_device("meta"),
    lambda: torch.set_grad_enabled(False),
    lambda: np.seterr(all="ignore"),
    lambda: np.set_printoptions(precision=1),
    lambda: warnings.simplefilter("ignore"),
    ScalingWidget,
]


@pytest.mark.parametrize("disturb", DISTURB)
def test_it_is_as_it_was(disturb):
    before = surroundings()
    with undisturbed():
        disturb()
        assert surroundings() != before
    assert surroundings() == before


HABITS = [
    lambda: np.errstate(all="raise"),
    torch.no_grad,
    torch.inference_mode,
    lambda: torch.device("meta"),
    lambda: default_dtype(torch.bfloat16),
]


@contextmanager
def default_dtype(dtype):
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("habit", HABITS)
def test_settings_of_the_session_change_no_verdict(habit):
    """Gradients, overflow to be had, single precision on the CPU: in a checker and in an answer."""

    def slope(x):
        x = torch.tensor(x, requires_grad=True)
        torch.special.gammaln(x).backward()
        return x.grad.item(), str(x.dtype), str(x.device)

    with habit():
        before = surroundings()
        with undisturbed():
            assert np.exp(np.array([-1000.0, 0.0])).tolist() == [0, 1]
            assert slope(2.5) == Work("slope", slope)(2.5)
            assert slope(2.5) == (pytest.approx(0.70315664), "torch.float32", "cpu")
        assert surroundings() == before


def test_after_an_error_too():
    before = surroundings()
    with pytest.raises(ZeroDivisionError), undisturbed():
        torch.manual_seed(7)
        w = ScalingWidget()
        1 / 0  # noqa: B018
    assert surroundings() == before
    assert w.comm is None


def test_a_widget_that_was_there_stays_open_and_one_that_will_not_close_does_no_harm():
    class Stubborn(ipywidgets.Widget):
        def close(self):
            if self.comm is not None:
                super().close()
                raise RuntimeError("no")

    w = ScalingWidget()
    with undisturbed():
        Stubborn()
    assert w.comm is not None
    w.close()
