"""The recurrence widget: what it computes and refuses, and its mathematics in the browser."""

import math

import numpy as np
import pytest
import torch

from attnlab.chapters.recurrence.widget import (
    D_HIDDEN,
    INPUT_SIZE,
    MAX_LAG,
    RecurrenceWidget,
    gradient_sizes,
)
from attnlab.widgets.normals import normals
from tests.widgets.node import ROOMS, Result, in_node
from tests.widgets.refusals import refusing

GAIN = "gain must be a number from 0.5 to 1.5; got "


def test_a_linear_recurrence_keeps_gain_to_the_lag():
    np.testing.assert_allclose(gradient_sizes(0.9, tanh=False), 0.9 ** np.arange(201), rtol=1e-12)
    assert RecurrenceWidget(lag=50, gain=1.1).gradient == pytest.approx(1.1**50)


def test_a_tanh_recurrence_has_autograds_gradients():
    numbers = normals(D_HIDDEN**2 + MAX_LAG * D_HIDDEN, seed=0)
    q, r = np.linalg.qr(numbers[: D_HIDDEN**2].reshape(D_HIDDEN, D_HIDDEN))
    recurrent = torch.tensor(1.2 * q * np.sign(np.diag(r)))
    inputs = torch.tensor(INPUT_SIZE * numbers[D_HIDDEN**2 :].reshape(MAX_LAG, D_HIDDEN))
    states = [torch.zeros(D_HIDDEN, dtype=torch.float64, requires_grad=True)]
    for x in inputs:
        states.append(torch.tanh(recurrent @ states[-1] + x))
    sizes = gradient_sizes(1.2, tanh=True)
    for lag in (1, 7, 50, 200):
        rows = [
            torch.autograd.grad(h, states[MAX_LAG - lag], retain_graph=True)[0] for h in states[-1]
        ]
        size = torch.linalg.norm(torch.stack(rows)) / math.sqrt(D_HIDDEN)
        assert sizes[lag] == pytest.approx(float(size), rel=1e-9)


def test_squashing_never_lengthens_a_gradient():
    for gain in (0.8, 1.0, 1.3):
        bound = gain ** np.arange(MAX_LAG + 1)
        assert (gradient_sizes(gain, tanh=True) <= bound * (1 + 1e-9)).all()


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.0, 1.1, 1.5])
@pytest.mark.parametrize("tanh", [False, True])
def test_the_browser_gives_gradient_sizes_to_a_millionth_of_each(gain, tanh):
    sent = RecurrenceWidget()._constants
    _, sizes = in_node(
        ("recurrentNetwork", sent["limits"]["lag"]["max"], sent["d"], sent["input_size"]),
        ("gradientSizes", Result(0), gain, tanh),
        modules=[ROOMS / "recurrence" / "mathematics.js"],
    )
    ours = np.array(sizes, dtype=np.float64)
    theirs = gradient_sizes(gain, tanh)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=0)  # they span thirty decades


test_bad_input_is_refused_when_made_and_when_set = refusing(
    RecurrenceWidget,
    [
        ("lag", 201, "lag must be a whole number from 0 to 200; got 201"),
        ("gain", 0.0, GAIN + "0.0"),
        ("gain", math.nan, GAIN + "nan"),
        ("gain", math.inf, GAIN + "inf"),
        ("gain", "1", GAIN + "'1'"),
        ("gain", True, GAIN + "True"),
        ("gain", [1], GAIN + "[1]"),
    ],
)


def test_repr_has_all_inputs():
    assert repr(RecurrenceWidget(tanh=True)) == "RecurrenceWidget(lag=50, gain=0.9, tanh=True)"
