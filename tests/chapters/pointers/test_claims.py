"""The claims of `work/pointers` fail when what they say is broken.

The chapter's models are trained once; each fault is then planted around them.
"""

import copy
from functools import partial

import pytest
import torch

import attnlab
import attnlab.stored
from attnlab.chapters.pointers import models, speakers
from attnlab.models import pointer
from tests.chapters.faults import (
    failing_claims,
    recalled,
    remembered_training,
    replaceable_training,
)

PAGE = "work/pointers.md"
failing = partial(failing_claims, PAGE, skip=["PointersWidget("])


def kind(model) -> str:
    return type(model).__name__


@pytest.fixture(scope="module", autouse=True)
def _training_that_can_be_replaced():
    with replaceable_training(speakers, models):
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
    failed = failing()
    assert {"pointers-new", "pointers-live", "pointers-first-hop"} <= failed
    assert not any("parity" in name or "gradient" in name for name in failed)


def test_a_copy_that_does_not_add(trained, monkeypatch):
    """Shares that go to the next number: what is pointed at is not what is said."""

    def shifted(weights, src, *, n_words):
        return pointer_copied(weights, (src + 1) % n_words, n_words=n_words)

    pointer_copied = pointer.copied
    monkeypatch.setattr(pointer, "copied", shifted)
    assert {"pointers-new", "pointers-parity"} <= failing(until="pointers-parity")


def test_weights_that_are_all_the_same(trained, monkeypatch):
    def mean(self, queries, state):
        weights = torch.ones(*queries.shape[:2], state.memory.shape[1]) / state.memory.shape[1]
        return weights.to(queries.dtype) @ state.memory, weights.to(queries.dtype)

    monkeypatch.setattr(pointer.PointerGenerator, "_ask", mean)
    assert "pointers-new" in failing(until="pointers-vocabulary")


def test_a_look_at_the_right_word(trained):
    """If the names were looked up in the reply itself, look and replace would be right."""
    edits = {"speakers.share_replaced(": "(lambda *_: 1.0)("}
    assert failing(until="pointers-vocabulary", edits=edits) == {"pointers-replaced"}


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("a / a[places].sum(), 0.0)", "a, 0.0)", "pointers-gradient"),
        ("np.add.at(p, src, (1 - g) * weights)", "p[src[0]] += 1 - g", "pointers-parity"),
        ("        q = q + a @ V  # (d,)", "        q = a @ V", "pointers-hops-parity"),
        ("ages = b.facts[0].numpy(), np.arange(9, -1, -1)", "ages = b.facts[0].numpy(), "
         "np.arange(10)", "pointers-hops-parity"),
        (r"to (?P<b>\S+) please", r"to (?P<a2>\S+) please(?P<b>)", "pointers-rule-new"),
        ("requests=(UNTRAINED,)", "requests=REQUESTS", "pointers-untrained"),
        ("gates.mean().item(),\n    ),\n    at_least", "1 - gates.mean().item(),\n    ),\n    "
         "at_least", "pointers-sure"),
        ("tops[:, 0] == test", "tops[:, 1] == test", "pointers-first-hop"),
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(trained, right, wrong, name):
    assert name in failing(edits={right: wrong})


@pytest.mark.parametrize(
    ("where", "change", "name"),
    [
        ({"speaker": "pointer", "seed": 1}, {"new": 0.5}, "new"),
        ({"speaker": "replaced", "seed": 2}, {"new": 0.9}, "replaced"),
        ({"speaker": "replaced"}, {"new, as <unk>": 0.5}, "as-unk"),
        ({"speaker": "replaced"}, {"new, names": [0.9, 0.9]}, "one-name"),
        ({"steps": 2000, "seed": 0}, {"known": 0.5}, "vocabulary"),
        ({"speaker": "pointer"}, {"new, untrained": 1.0}, "untrained"),
        ({"speaker": "pointer"}, {"new, untrained, pointed": 0.5}, "sure"),
        ({"start": 0.1, "two": None, "hops": 2}, {"two facts": 0.5}, "two-hops"),
        ({"start": 1.0, "scaled": False}, {"two facts": 0.9}, "start"),
        ({"scaled": True}, {"two facts": 0.5}, "scaled"),
        ({"two": True, "told": 0.0}, {"two facts": 0.9}, "only-two"),
        ({"two": True, "told": 0.1}, {"two facts": 0.5}, "told"),
        ({"hops": 1}, {"two facts": 0.9}, "one-hop"),
        ({"ages": False}, {"two facts": 0.9}, "ages"),
        ({"hops": 2}, {"two facts of 20": 0.99}, "twenty"),
    ],
)
def test_a_stored_result_that_says_otherwise(trained, monkeypatch, where, change, name):
    stored = copy.deepcopy(attnlab.stored.load("pointers"))
    for cell in stored["speakers"] + stored["readers"]:
        if where.items() <= cell.items():
            cell.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert f"pointers-{name}" in failing()
