"""The claims of `before/bottleneck` fail when what they say is broken.

The chapter's three pairs are trained once; each fault is then planted around them.
"""

import copy
from functools import partial

import pytest
import torch

import attnlab.stored
from attnlab.models import seq2seq
from tests.chapters.faults import failing_claims, recalled, remembered_training

PAGE = "before/bottleneck.md"
failing = partial(failing_claims, PAGE)


def kind(model) -> tuple:
    return type(model).__name__, model.attend


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each pair."""
    with remembered_training(kind) as found:
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a pair the parameters that training gave to its kind."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


@pytest.fixture
def untrained(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)


def test_without_training(untrained):
    failed = failing()
    assert {"bottleneck-attention", "bottleneck-last-read", "bottleneck-one-right"} <= failed
    assert not any("parity" in name for name in failed)


def test_weights_that_are_all_the_same(trained, monkeypatch):
    def mean(q, k, v, **_):
        weights = torch.full((*q.shape[:-1], k.shape[-2]), 1 / k.shape[-2], dtype=q.dtype)
        return weights @ v, weights

    monkeypatch.setattr(seq2seq, "attention", mean)
    expected = {"bottleneck-attention", "bottleneck-parity-weights"}
    assert expected <= failing(until="bottleneck-parity-weights")


def test_a_check_that_sees_all_states(trained):
    edits = {"pair(OneVector, attend": "pair(Seq2Seq, attend"}
    assert failing(until="bottleneck-check", edits=edits) == {"bottleneck-check"}


def test_a_writer_that_looks_back_after_all(trained):
    edits = {"lambda: pair(),": 'lambda: pair(attend="additive"),'}
    failed = failing(until="bottleneck-first-read", edits=edits)
    assert failed == {"bottleneck-one-vector", "bottleneck-first-read"}


def test_targets_that_are_always_met(trained):
    edits = {"return exact_match(tokens, batch.tgt_out)": "return 1.0"}
    expected = {"bottleneck-one-vector", "bottleneck-check", "bottleneck-beyond"}
    assert failing(edits=edits) == expected


@pytest.mark.parametrize(
    ("right", "wrong", "parts"),
    [
        ("reset * h_new", "h_new", {"gru", "logits", "weights"}),
        ("keep * h + (1 - keep)", "(1 - keep) * h + keep", {"gru", "logits", "weights"}),
        ("weights = values[:, -1], [], []", "weights = values[:, 0], [], []", {"logits"}),
        ("np.concatenate([x, c], axis=1)", "np.concatenate([c, x], axis=1)", {"logits"}),
        ("np.tanh(asked + keys", "(asked + keys", {"logits", "weights"}),
        ("(a[:, None] @ values)[:, 0]", "values.mean(axis=1)", {"logits"}),
        ("a / a.sum(axis=1, keepdims=True)", "a / a.sum()", {"logits", "weights"}),
    ],
)
def test_a_step_with_a_mistake(trained, right, wrong, parts):
    failed = failing(until="bottleneck-parity-weights", edits={right: wrong})
    assert {f"bottleneck-parity-{part}" for part in parts} <= failed


def test_dot_scores_that_are_divided(trained, monkeypatch):
    monkeypatch.setattr(attnlab, "dot_scores", attnlab.scaled_dot_scores)
    assert failing(until="bottleneck-parity-dot") == {"bottleneck-parity-dot"}


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("truth = 11 - ", "truth = 12 - ", {"on-truth", "one-right", "first-step"}),
        ("np.concatenate([H[:, t] for", "np.concatenate([0 * H[:, t] for", {"knows-0", "knows-1"}),
        ("mixed[:, place] = states", "states[:, place]  # = states", {"read-from"}),
        ("_, moved = write(tgt_in, keys, H)", "_, moved = write(tgt_in, H, H)", {"found-by-digit"}),
    ],
)
def test_an_intervention_that_does_nothing(trained, right, wrong, expected):
    failed = failing(until="bottleneck-found-by-digit", edits={right: wrong})
    assert {f"bottleneck-{name}" for name in expected} <= failed


@pytest.mark.parametrize(
    ("where", "change", "name"),
    [
        ({"attend": None, "steps": 500}, {"exact": [0.9] * 7}, "best"),
        ({"attend": None, "d_model": 128}, {"exact": [1.0] * 7}, "wider"),
        ({"attend": None, "steps": 2000}, {"exact": [0.0] * 7}, "longer"),
        ({"attend": "additive", "seed": 1}, {"exact": [0.5] * 7}, "worst"),
        ({"task": "reverse", "attend": "additive"}, {"shifted": [0, 1, 0, 0]}, "reverse-right"),
        ({"task": "copy", "attend": "dot"}, {"shifted": [0, 0, 1, 0]}, "copy"),
    ],
)
def test_a_stored_result_that_says_otherwise(trained, monkeypatch, where, change, name):
    grid = copy.deepcopy(attnlab.stored.load("bottleneck"))
    for cell in grid["cells"]:
        if where.items() <= cell.items():
            cell.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: grid)
    assert f"bottleneck-{name}" in failing(until="bottleneck-copy")
