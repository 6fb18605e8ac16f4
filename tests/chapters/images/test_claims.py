"""The claims of `work/images` fail when what they say is broken.

The block and the counters are trained once; faults are then planted around them.
"""

import copy
from functools import partial

import pytest
import torch

import attnlab.stored
from attnlab.chapters.images import training
from attnlab.chapters.images.models import Counter
from attnlab.chapters.images.scenes import scenes
from attnlab.nn.attention import MultiHeadAttention
from tests.chapters.faults import failing_claims, recalled, remembered_training

PAGE = "work/images.md"
failing = partial(failing_claims, PAGE, skip=["ImagesWidget()"])


def kind(model) -> tuple:
    return type(model).__name__, getattr(model, "pooling", "")


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each model."""
    with pytest.MonkeyPatch.context() as patch, remembered_training(kind) as found:
        patch.setattr(training, "fit", attnlab.fit)
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave to its kind."""
    monkeypatch.setattr(training, "fit", recalled(parameters, kind))
    monkeypatch.setattr(training, "scenes", lambda _, rng: scenes(64, rng))  # none is learned from


def test_without_training(monkeypatch):
    monkeypatch.setattr(training, "fit", lambda *_, **__: None)
    monkeypatch.setattr(training, "scenes", lambda _, rng: scenes(64, rng))
    assert {"images-block", "images-looks-at", "images-covered", "images-gates"} <= failing()


def test_a_block_that_looks_at_all_alike(trained, monkeypatch):
    forward = MultiHeadAttention.forward

    def even(self, query, *args, return_weights=False, **options):
        if query.shape[1:] != (64, 32) or not return_weights:
            return forward(self, query, *args, return_weights=return_weights, **options)
        _, weights = forward(self, query, *args, return_weights=True, **options)
        value = self.project_in(query)[..., -32:].mean(1, keepdim=True)
        return self.project_out(value).expand_as(query), torch.full_like(weights, 1 / 64)

    monkeypatch.setattr(MultiHeadAttention, "forward", even)
    found = failing(until="images-covered")
    assert found == {"images-block", "images-looks-at", "images-covered"}


def test_patches_that_are_strips(trained):
    edits = {"cut.transpose(0, 2, 1, 3).reshape": "cut.reshape"}
    assert failing(until="images-patches", edits=edits) == {"images-patches"}


def test_positions_that_stay_where_they_are(trained):
    edits = {"table.copy_(table[order])": "table"}
    assert failing(until="images-shuffle-alone", edits=edits) == {"images-shuffle"}


def test_a_network_without_positions(trained):
    edits = {"table = reader": "reader.encoder.positions.learned.code.zero_()\n    table = reader",
             "    plain = reader(images)\n": "",
             "    mixed = images": "    plain = reader(images)\n    mixed = images"}  # fmt: skip
    assert failing(until="images-shuffle-alone", edits=edits) == {"images-shuffle-alone"}


def test_softmax_weights_that_are_not_normed(trained, monkeypatch):
    weights = Counter.weights

    def summed(self, x, there):
        found = weights(self, x, there)
        return found * there.sum(1, keepdim=True) if self.pooling == "softmax" else found

    monkeypatch.setattr(Counter, "weights", summed)
    assert "images-copies" in failing()


def test_gates_that_are_normed(trained, monkeypatch):
    weights = Counter.weights

    def normed(self, x, there):
        found = weights(self, x, there)
        return found / found.sum(1, keepdim=True) if self.pooling == "gates" else found

    monkeypatch.setattr(Counter, "weights", normed)
    assert failing() == {"images-gates"}


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("images"))
    changes = [
        ("pixels", {"model": "patches", "shuffled": True}, {"right": 0.5}),
        ("pixels", {"model": "convolutions", "shuffled": True}, {"right": 0.99}),
        ("pixels", {"model": "nearest", "n": 1300}, {"right": 0.8}),
        ("onlookers", {"reader": "block, middle"}, {"right": 0.2, "looks_at": 0.2}),
        ("onlookers", {"reader": "all side by side", "seed": 2}, {"right": 0.6}),
        ("counts", {"pooling": "softmax", "seed": 0, "full": False}, {"right": 0.8}),
        ("counts", {"pooling": "sum", "full": False}, {"right": 0.4}),
    ]
    for group, where, change in changes:
        for run in stored[group]:
            if where.items() <= run.items():
                run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {
        "images-patches-lost", "images-convolutions-lose", "images-nearest", "images-block",
        "images-looks-at", "images-block-other", "images-gates", "images-sum",
    }  # fmt: skip
