"""The claims of `work/recommendation` fail when what they say is broken.

The chapter's two models are trained once; faults are then planted around them.
"""

import copy
from functools import partial

import pytest

import attnlab
import attnlab.stored
from attnlab.chapters.recommendation import models, watching
from tests.chapters.faults import (
    failing_claims,
    recalled,
    remembered_training,
    replaceable_training,
)

failing = partial(failing_claims, "work/recommendation.md", skip=["RecommendationWidget(network"])
LOST = {f"recommendation-{name}" for name in ("attention", "weights", "kinds", "going-on")}


def kind(model) -> str:
    return type(model).__name__


@pytest.fixture(scope="module")
def parameters():
    """What training makes of each model."""
    with replaceable_training(models):
        with remembered_training(kind) as found:
            assert failing() == set()  # without a fault all hold
        yield found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave it."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_without_training(parameters, monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    assert failing(until="recommendation-fall") == LOST | {
        "recommendation-newest", "recommendation-rise",
    }  # fmt: skip


def test_users_without_the_habit(trained):
    edits = {'task = Watching("turns")': 'task = Watching("chance")'}
    assert failing(until="recommendation-fall", edits=edits) == LOST


def test_what_was_watched_is_left_in_the_list(trained):
    edits = {"ranks(scores, seen, targets)": "ranks(scores, seen[:, :1], targets)"}
    assert "recommendation-weights" in failing(until="recommendation-fall", edits=edits)


def test_shuffled_histories(trained, monkeypatch):
    """Of those who are tested, that is: then no method knows whose turn it is."""
    drawn = watching.Watching.histories

    def histories(self, n_users, seed):
        found = drawn(self, n_users, seed)
        return found if seed < 1000 else found[:, [*range(28, -1, -1), 29]]

    monkeypatch.setattr(watching.Watching, "histories", histories)
    assert failing(until="recommendation-fall") == LOST


def test_a_score_that_takes_the_oldest_for_the_newest(trained):
    edits = {"age = np.arange(6)[::-1]": "age = np.arange(6)"}
    parity = "recommendation-parity"
    assert failing(until=parity, edits=edits) == {parity}


def test_weights_that_are_not_shares(trained):
    edits = {"a = softmax(e[-len(history) :])": "a = np.exp(e[-len(history) :])"}
    scratch = "recommendation-scratch"
    assert failing(until=scratch, edits=edits) == {scratch}


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("recommendation"))
    turns, chance = {"habit": "turns", "learned": "in order"}, {"habit": "chance"}
    changes = {
        "decay": ("habits", turns | {"decay": 1.0, "seed": 3}, {"hit@1": 0.5}),
        "attention": ("habits", turns | {"method": "attention", "seed": 1}, {"hit@1": 0.4}),
        "weights": ("habits", turns | {"method": "weights", "seed": 2}, {"hit@1": 0.6}),
        "given": ("habits", turns | {"method": "attention", "seed": 4}, {"hit@1": 0.83}),
        "gru": ("habits", turns | {"method": "gru", "seed": 0}, {"hit@1": 0.7}),
        "longer": ("longer", turns | {"method": "attention", "seed": 2}, {"hit@1": 0.6}),
        "chance": ("habits", chance | {"method": "attention", "seed": 2}, {"hit@10": 0.9}),
        "chance-first": ("habits", chance | {"decay": 1.0}, {"hit@1": 0.5}),
        "turns-ten": ("habits", turns | {"method": "attention", "seed": 0}, {"hit@10": 0.95}),
        "turns-shuffled": ("habits", turns | {"method": "weights", "seed": 0},
                           {"shuffled@1": 0.7}),
        "newest": ("habits", turns | {"method": "weights", "seed": 4},
                   {"by age": [0.3, 0.1, 0.2, 0.3]}),
        "rise": ("habits", turns | {"method": "weights", "seed": 3},
                 {"by age": [0.0, 0.4, 0.3, 0.3]}),
        "fall": ("habits", chance | {"method": "weights", "seed": 1}, {"by age": [0.2, 0.2]}),
        "movies": ("movies", {"method": "attention", "learned": "in order", "seed": 3},
                   {"hit@10": 0.3}),
        "shuffled": ("movies", {"method": "gru", "seed": 2}, {"shuffled@10": 0.2}),
        "retrained": ("movies", {"method": "attention", "learned": "shuffled", "seed": 1},
                      {"shuffled@10": 0.18}),
        "leak": ("movies", {"method": "leaking weights", "seed": 1}, {"by age": [0.2, 0.1]}),
        "leak-loses": ("movies", {"method": "leaking weights", "seed": 0}, {"hit@10": 0.22}),
        "full": ("movies", {"method": "gru"}, {"hit@10": 0.22}),
        "sampled": ("movies", {"method": "gru", "seed": 0}, {"sampled": 0.69}),
        "seconds": ("facts", {}, {"same_second": 0.1}),
    }  # fmt: skip
    for group, where, change in changes.values():
        found = [run for run in stored[group] if where.items() <= run.items()]
        assert found
        for run in found:
            run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {f"recommendation-{name}" for name in changes}
