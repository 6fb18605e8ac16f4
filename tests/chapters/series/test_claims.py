"""The claims of `work/series` fail when what they say is broken.

What is trained is trained once; faults are then planted around it.
"""

import copy
from functools import partial

import numpy as np
import pytest

import attnlab
import attnlab.stored
from attnlab.chapters.series import models, motifs, training, windows
from tests.chapters.faults import failing_claims, recalled, remembered_training

PAGE = "work/series.md"
failing = partial(failing_claims, PAGE, skip=["SeriesWidget(live"])


def kind(model) -> tuple:
    return type(model).__name__, getattr(model, "score", None)


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each model."""
    fit = training.fit
    with remembered_training(kind) as found:
        training.fit = attnlab.fit
        try:
            assert failing() == set()  # without a fault all hold
        finally:
            training.fit = fit
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave to its kind."""
    monkeypatch.setattr(training, "fit", recalled(parameters, kind))


def test_without_training(monkeypatch):
    monkeypatch.setattr(training, "fit", lambda *_, **__: None)
    failed = failing()
    assert {"series-live", "series-rhythm", "series-longer", "series-rule"} <= failed
    assert not {"series-parity", "series-box", "series-follows", "series-elnino"} & failed


def test_an_autoregression_of_too_low_an_order(trained):
    """Yule's two numbers know no year of twelve months."""
    failed = failing(until="series-co2", edits={"range(1, 25)": "range(1, 3)"})
    assert {"series-ar-elnino", "series-elnino"} <= failed


def test_a_ridge_that_holds_all_lines_far_too_short(trained):
    failed = failing(until="series-co2", edits={"(0.1, 1, 10, 100, 1000)": "(1e6,)"})
    assert failed == {"series-co2"}


def test_futures_that_come_a_month_late(trained, monkeypatch):
    """What is stored was measured with the right ones."""
    cut = windows.Series.windows

    def late(self, part):
        x, y = cut(self, part)
        return x, np.roll(y, 3, axis=1)

    monkeypatch.setattr(windows.Series, "windows", late)
    assert "series-live" in failing(until="series-live")


def test_a_forecast_that_forgets_to_add_the_last_value(trained, monkeypatch):
    forward = models.Forecaster.forward

    def forgetful(self, x):
        return forward(self, x) - (x[:, -1:] if self.from_last else 0)

    monkeypatch.setattr(models.Forecaster, "forward", forgetful)
    failed = failing(until="series-box")
    assert {"series-live", "series-follows"} <= failed and "series-box" not in failed


def test_a_stack_without_its_last_norm_leaves_the_box(trained):
    edits = {
        "norm, last = boxed.encoder.last_norm": "boxed.encoder.last_norm.forward = lambda x: x\n"
        "    norm, last = boxed.encoder.last_norm",
        "    far = [boxed(scale * past) for scale in (1e3, 1e6)]\n": "",
        "    outside = max(": "    far = [boxed(scale * past) for scale in (1e3, 1e6)]\n"
        "    outside = max(",
    }
    assert failing(until="series-box", edits=edits) == {"series-box"}


def test_forecasts_that_peep_half_a_year_ahead(trained):
    edits = {"first - data.past : first]": "first + 6 - data.past : first + 6]"}
    assert failing(until="series-ended", edits=edits) == {"series-foreseen", "series-ended"}


def test_a_rhythm_of_one_length_is_linear(trained):
    edits = {"periods = range(PERIODS[0], PERIODS[1] + 1)": "periods = range(12, 13)"}
    assert failing(edits=edits) == {"series-linear"}


def test_values_that_are_not_what_followed(trained, monkeypatch):
    """The value of a context is the context's own place, not what came after it."""
    look = motifs.Follower.look

    def itself(self, x):
        _, weights = look(self, x)
        own = x.unfold(1, motifs.FUTURE, 1)[:, : weights.shape[1]]
        return (weights[:, None] @ own)[:, 0], weights

    monkeypatch.setattr(motifs.Follower, "look", itself)
    failed = failing()
    assert {"series-rhythm", "series-longer", "series-rule", "series-parity"} <= failed


def test_distances_for_dot_products(trained):
    """Where both are the same score, none is better."""
    edits = {"model = Follower(score=score)": 'model = Follower(score="distance")'}
    assert failing(edits=edits) == {"series-dot"}


def test_a_rule_that_takes_one_lag_for_all(trained, monkeypatch):
    monkeypatch.setattr(motifs, "find_lags", lambda x, *_: np.full(len(x), 13))
    assert failing() == {"series-rule"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("V = runs(x[c:], f)", "V = runs(x, f)[: len(K)]"),
        ("s = -((K - q) ** 2).sum(axis=1)", "s = K @ q"),
        ("return a / a.sum() @ V", "return a @ V"),
    ],
)
def test_a_line_with_a_mistake(trained, right, wrong):
    assert failing(edits={right: wrong}) == {"series-parity"}


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("series"))
    attention = {"series": "elnino", "model": "attention", "patch": 12, "steps": 200}
    sunspots = {"series": "sunspots", "model": "attention", "patch": 1, "steps": 100}
    carbon = {"series": "co2", "model": "attention"}
    changes = {
        "attention-elnino": (attention | {"seed": 1}, {"test": 0.9}),
        "shuffled": (attention | {"seed": 2}, {"shuffled": 0.5}),
        "sunspots": (sunspots | {"seed": 4}, {"test": 0.8}),
        "co2": (carbon | {"seed": 0}, {"test": 0.02}),
        "blind": ({"series": "elnino", "model": "no order", "seed": 3}, {"test": 0.4}),
        "from-zero": ({"series": "co2", "model": "from zero", "seed": 1}, {"test": 0.01}),
        "network": ({"model": "network", "steps": 800, "seed": 0}, {"test": 0.02}),
        "network-longer": ({"model": "network", "seed": 2}, {"unseen": 0.1}),
    }
    for where, change in changes.values():
        for run in [*stored["forecasters"], *stored["rhythms"]]:
            if where.items() <= run.items():
                run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    failed = failing()
    assert {f"series-{name}" for name in changes} <= failed
    assert failed - {f"series-{name}" for name in changes} <= {"series-elnino", "series-live"}
