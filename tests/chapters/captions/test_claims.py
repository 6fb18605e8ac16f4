"""The claims of `work/captions` fail when what they say is broken.

The chapter's speaker is trained once; each fault is then planted around it.
"""

import copy
from functools import partial

import pytest
import torch

import attnlab
import attnlab.stored
from attnlab.chapters.captions import scenes, speaking
from attnlab.chapters.captions.models import Speaker
from tests.chapters.faults import (
    failing_claims,
    recalled,
    remembered_training,
    replaceable_training,
)

PAGE = "work/captions.md"
FEWER = {"batch(1000, split": "batch(250, split"}
skipped = partial(failing_claims, PAGE, skip=["CaptionsWidget("])


def failing(edits: dict | None = None) -> set[str]:
    """With a quarter of the test pictures."""
    return skipped(edits=FEWER | (edits or {}))


def kind(model) -> str:
    return type(model).__name__


@pytest.fixture(scope="module", autouse=True)
def _training_that_can_be_replaced():
    with replaceable_training(speaking):
        yield


@pytest.fixture(scope="module")
def parameters(_training_that_can_be_replaced) -> dict:
    with remembered_training(kind) as found:
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave to its kind."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    assert failing() == {"captions-grid-new", "captions-grid-pointing"}


def test_weights_that_are_all_the_same(trained, monkeypatch):
    def mean(self, queries, state):
        weights = torch.full((*queries.shape[:2], 36), 1 / 36)
        return weights @ state.memory, weights

    monkeypatch.setattr(Speaker, "_ask", mean)
    failed = failing()
    assert {"captions-pointing", "captions-grid-new", "captions-parity"} <= failed


def test_boxes_with_down_and_across_swapped(trained, monkeypatch):
    """The bug of the exercise."""
    cells_of = scenes.cells_of
    monkeypatch.setattr(scenes, "cells_of", lambda corner: cells_of(corner.flip(-1)))
    failed = failing()
    assert {"captions-pointing", "captions-grid-pointing"} <= failed
    assert "captions-own" not in failed  # which never asks where a digit is


@pytest.mark.parametrize(
    ("wiped", "name"),
    [(lambda pictures, _: pictures, "own"), (lambda pictures, _: 0 * pictures, "other")],
)
def test_wiping_nothing_or_everything(trained, monkeypatch, wiped, name):
    monkeypatch.setattr(speaking, "wiped", wiped)
    assert failing() == {f"captions-{name}"}


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("(words == i)", "(words != i)", "captions-backwards"),
        ("softmax(H @ (s @ W))", "softmax(H @ (W @ s))", "captions-parity"),
    ],
)
def test_a_line_with_a_mistake(trained, right, wrong, name):
    assert failing(edits={right: wrong}) == {name}


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("captions"))
    changes = {
        "flat-new": ({"told": "flat", "steps": 3000, "seed": 1}, "new", {"exact": 0.4}),
        "self-new": ({"told": "self", "seed": 2}, "new", {"exact": 0.1}),
        "grid-new": ({"told": "grid", "seed": 0}, "new", {"exact": 0.1}),
        "mean": ({"told": "mean", "seed": 1}, "new", {"exact": 0.2}),
        "pointing": ({"told": "self", "seed": 0}, "new", {"pointing": 0.2}),
        "grid-pointing": ({"told": "grid", "seed": 1}, "new", {"pointing": 0.2}),
        "own": ({"told": "self", "seed": 1}, "blanked", {"own": 0.3}),
        "other": ({"told": "self", "seed": 1}, "blanked", {"other": 0.5}),
        "relation": ({"told": "flat"}, "known", {"relation": 0.8}),
        "no-places": ({"told": "no places"}, "new", {"exact": 0.6}),
        "no-places-pointing": ({"told": "no places"}, "new", {"pointing": 0.9}),
    }
    for where, pairs, change in changes.values():
        for cell in stored["cells"]:
            if where.items() <= cell.items():
                cell[pairs].update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    follow = ["layers", "wide-behind"]  # of what attention has
    assert failing() == {f"captions-{name}" for name in [*changes, *follow]}


def test_a_wide_vector_that_has_what_attention_has(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("captions"))
    for cell in stored["cells"]:
        if cell["told"] == "wide":
            cell["new"]["exact"] = 0.4
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {"captions-wide-behind"}


def test_a_rule_that_is_worse(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("captions"))
    for cell in stored["eyes"]:
        cell["new"]["exact"] = 0.3
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {"captions-rule-new", "captions-rule-lead"}
