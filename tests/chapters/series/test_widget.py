"""The series widget: what its page computes is what Python computes, and what it refuses."""

import numpy as np
import pytest
import torch

from attnlab.chapters.series.forecasts import autoregression, ridge
from attnlab.chapters.series.models import Forecaster
from attnlab.chapters.series.widget import METHODS, SERIES, SeriesWidget
from tests.widgets.node import ROOMS, Result, agree, in_node
from tests.widgets.refusals import refusing

MODULES = [ROOMS / "series" / "mathematics.js"]
STATES = [
    {},
    {"start": 0},
    {"start": 300, "shuffled": True},
    {"start": 677},  # seven of the twelve months are known
    {"start": 684, "shuffled": True},  # none is
]
every_state = pytest.mark.parametrize("state", STATES)


def widget(patch: int = 12, **state) -> SeriesWidget:
    torch.manual_seed(0)
    weights = ridge(*SERIES.windows("train"), 100.0)
    return SeriesWidget(
        Forecaster(48, 12, patch=patch), autoregression(SERIES.scaled[: SERIES.known], 24), weights,
        **state,
    )  # fmt: skip


@every_state
@pytest.mark.parametrize("patch", [4, 12])
def test_the_browser_computes_what_python_does(state, patch):
    w = widget(patch, **state)
    window, _, found = in_node(
        ("windowOf", {"start": w.start, "shuffled": w.shuffled}, w._constants),
        ("unpackModels", w._models),
        ("forecasts", w.past.tolist(), Result(1), w._constants),
        modules=MODULES,
    )
    agree(window["past"], w.past)
    agree(window["truth"], w.truth)
    for name in METHODS:
        agree(found[name], w.forecasts[name])
    calls = (("errorOf", found[name], window["truth"]) for name in METHODS)
    errors = in_node(*calls, modules=MODULES)  # JSON has null for NaN
    agree([w.errors[name] for name in METHODS], [np.nan if e is None else e for e in errors])


def test_attention_forecasts_what_its_model_does():
    w = widget()
    x = torch.from_numpy((w.past[None] - SERIES.mean) / SERIES.size)
    with torch.no_grad():
        torch.manual_seed(0)
        ours = Forecaster(48, 12, patch=12).double()(x)[0].numpy()
    theirs = (w.forecasts["attention"] - SERIES.mean) / SERIES.size
    np.testing.assert_allclose(theirs, ours, atol=0.01)  # parameters are rounded to 12 bits


def test_a_shuffled_past_keeps_its_values_and_its_last_month():
    plain, shuffled = widget(start=120), widget(start=120, shuffled=True)
    assert sorted(plain.past) == sorted(shuffled.past)
    assert plain.past[-1] == shuffled.past[-1] and (plain.past != shuffled.past).sum() > 30
    assert (plain.truth == shuffled.truth).all()


def test_at_the_end_less_is_known_and_then_nothing():
    assert len(widget(start=672).truth) == 12
    assert len(widget(start=677).truth) == 7
    assert np.isfinite(list(widget(start=683).errors.values())).all()
    assert np.isnan(list(widget(start=684).errors.values())).all()


@pytest.mark.parametrize(
    ("phi", "weights", "message"),
    [
        ([1.0], np.zeros((49, 12)), "phi must be 2 to 49 numbers; got shape (1,)"),
        ([1.0, 0.0], np.zeros((48, 12)), "weights must have shape (49, 12); got (48, 12)"),
    ],
)
def test_what_it_is_made_with_is_checked(phi, weights, message):
    with pytest.raises(ValueError) as error:
        SeriesWidget(Forecaster(48, 12), np.array(phi), weights)
    assert str(error.value) == message


@pytest.mark.parametrize("options", [{"read": "mean"}, {"positions": "none"}, {"n_layers": 2}])
def test_another_forecaster_is_refused(options):
    with pytest.raises(ValueError, match="attention must be a Forecaster with one layer"):
        SeriesWidget(Forecaster(48, 12, **options), np.array([1.0, 0]), np.zeros((49, 12)))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("start", 685, "start must be a whole number from 0 to 684; got 685"),
        ("start", -1, "start must be a whole number from 0 to 684; got -1"),
        ("start", 1.5, "start must be a whole number from 0 to 684; got 1.5"),
        ("shuffled", 1, "shuffled must be True or False; got 1"),
    ],
)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(start=3)) == "SeriesWidget(start=3, shuffled=False)"
