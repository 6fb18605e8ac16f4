"""The claims of `work/memory` fail when what they say is broken.

The chapter's two policies are trained once; faults are then planted around them.
"""

import copy
from functools import partial

import pytest

import attnlab
import attnlab.stored
from attnlab.chapters.memory import models
from tests.chapters.faults import failing_claims, recalled, remembered_training

failing = partial(failing_claims, "work/memory.md", skip=["MemoryWidget(trained"])
LIVE = {"memory-live-attention", "memory-live-gru"}


def kind(model) -> str:
    return model.memory


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each policy."""
    with remembered_training(kind) as found:
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a policy the parameters that training gave it."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    assert failing(until="memory-live-gru") == LIVE


def test_a_sign_that_means_nothing(trained):
    """The turn is drawn anew, so that nobody can know it."""
    edits = {"tests = mazes.batch(500, generator=torch.Generator().manual_seed(0))":
             "tests = mazes.batch(500, generator=torch.Generator().manual_seed(0))\n"
             "tests = type(tests)(tests.seen, tests.goal[torch.randperm(500)])"}  # fmt: skip
    assert failing(until="memory-live-gru", edits=edits) == LIVE


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("G = r.flip(1).cumsum(1).flip(1)", "G = r.cumsum(1)"),
        ("advantage = G - G.mean(0)", "advantage = G - G.mean(1, keepdim=True)"),
        ("return -(now.log_prob", "return (now.log_prob"),
        ("tries = 0.05 *", "tries = 0.5 *"),
    ],
)
def test_a_line_of_the_loss_with_a_mistake(trained, right, wrong):
    assert failing(until="memory-parity", edits={right: wrong}) == {"memory-parity"}


def test_positions_in_what_should_have_none(trained, monkeypatch):
    bias = models.Policy._bias

    def always(self, x):
        self.memory, before = "alibi", self.memory
        try:
            return bias(self, x)
        finally:
            self.memory = before

    monkeypatch.setattr(models.Policy, "_bias", always)
    assert "memory-permuted" in failing(until="memory-permuted")


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("memory"))
    changes = {
        "none": ("lengths", {"memory": "frames", "length": 20, "seed": 1}, {"right": 0.8}),
        "attention": ("lengths", {"memory": "attention", "length": 80, "seed": 2}, {"right": 0.5}),
        "gru": ("lengths", {"memory": "gru", "length": 5, "seed": 4}, {"right": 0.9}),
        "gru-bumps": ("lengths", {"memory": "gru", "length": 80, "seed": 1}, {"bumps": 0.01}),
        "one-sided": ("lengths", {"memory": "attention"}, {"on_sign": [0.9, 0.9]}),
        "two-attention": ("two_signs", {"memory": "attention", "n_heads": 4, "seed": 3},
                          {"right": 0.7}),
        "two-gru": ("two_signs", {"memory": "gru", "seed": 0}, {"right": 0.8}),
        "incurious": ("without", {"memory": "gru", "loss": "incurious"}, {"right": 1.0}),
        "settled": ("without", {"memory": "attention", "loss": "incurious"},
                    {"does": [[0.5, 0.3, 0.2], [0.5, 0.2, 0.3]]}),
        "over-time": ("without", {"loss": "over time", "memory": "gru", "seed": 2},
                      {"right": 0.9}),
    }  # fmt: skip
    for group, where, change in changes.values():
        found = [run for run in stored[group] if where.items() <= run.items()]
        assert found
        for run in found:
            run.update(change)
    for run in stored["two_signs"]:
        if run["memory"] == "alibi" and run["seed"]:  # only one is left that has learned it
            run["right"] = 0.6
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {f"memory-{name}" for name in (*changes, "two-alibi", "knows")}
