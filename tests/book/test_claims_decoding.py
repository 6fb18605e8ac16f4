"""Faults planted in `transformer/decoding`: the claims about what is broken fail.

The page is run with one seed, and its models are trained once, in the first run.
"""

import copy

import pytest

from attnlab import data, decoding, training
from attnlab.position_scheme import PositionScheme

from .faults import failing_claims

FEWER = {"SEEDS = range(3)": "SEEDS = range(1)"}
ELSEWHERE = ["PENALTIES", "KNOBS", "nucleus["]  # beams' lengths, and what is drawn
TIMES = ["ROUNDS = 3", "took = {"]  # what is timed on the spot


def failing(*, until="", edits=None, skip=TIMES):
    edits = FEWER | (edits or {})
    return failing_claims("transformer/decoding.md", until=until, edits=edits, skip=skip)


@pytest.fixture(scope="module")
def parameters():
    """What training gave to each kind of model, told apart by the names of its parameters."""
    found, fit = {}, training.fit

    def remember(model, *args, **kwargs):
        losses = fit(model, *args, **kwargs)
        found[tuple(model.state_dict())] = copy.deepcopy(model.state_dict())
        return losses

    training.fit = remember
    try:
        assert failing() == set()  # without a fault all hold
    finally:
        training.fit = fit
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave to its kind."""

    def give(model, *_, **__):
        model.load_state_dict(parameters[tuple(model.state_dict())])
        return model.eval()

    monkeypatch.setattr(training, "fit", give)


def test_beams_that_do_not_look_further(monkeypatch):
    search = decoding.beam_search
    monkeypatch.setattr(
        decoding, "beam_search", lambda *args, **kw: search(*args, **(kw | {"beams": 1}))
    )
    expected = {"decoding-beam-4", "decoding-beam-16", "decoding-parity-beam"}
    assert failing(until="decoding-parity-beam") == expected


def test_sentences_that_cannot_end():
    failed = failing(until="decoding-long", edits={"    if not ends:": "    if True:"})
    assert {"decoding-short", "decoding-empty"} <= failed


def test_a_penalty_that_does_nothing(monkeypatch):
    search = decoding.beam_search
    monkeypatch.setattr(
        decoding, "beam_search", lambda *args, **kw: search(*args, **(kw | {"length_penalty": 0}))
    )
    assert failing(until="decoding-long") == {"decoding-long"}


def test_without_training(monkeypatch):
    monkeypatch.setattr(training, "fit", lambda model, *_, **__: model.eval())
    failed = failing(until="decoding-softmax-state")
    assert {"decoding-nucleus", "decoding-exposure", "decoding-softmax-state"} <= failed
    assert not any(name.startswith("decoding-cache") for name in failed)


def test_top_p_that_cuts_nothing(trained, monkeypatch):
    all_kept = decoding.next_probabilities
    monkeypatch.setattr(
        decoding,
        "next_probabilities",
        lambda logits, **knobs: all_kept(logits, **(knobs | {"top_p": None})),
    )
    expected = {"decoding-parity-knobs", "decoding-nucleus", "decoding-different"}
    assert failing(until="decoding-one-each", skip=["PENALTIES"]) == expected


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("wrong[:, 2] = ", "_ = ", {"exposure"}),
        ("self.keys.append(k)", "self.keys.append(q)", {"cache-head"}),
        ("*inputs, lambda t: t)", "*inputs, lambda t: t + 1)", {"cache-model"}),
        ("*inputs, lambda t: 0)", "*inputs, lambda t: t)", {"zero-others"}),
        ("causal=False", "causal=True", {"mask-others"}),
    ],
)
def test_a_step_with_a_mistake(trained, right, wrong, expected):
    failed = failing(until="decoding-cache-double", edits={right: wrong}, skip=ELSEWHERE)
    assert failed == {f"decoding-{name}" for name in expected}


def test_a_decoder_that_adds_position_0_at_every_step(trained, monkeypatch):
    add = PositionScheme.add
    monkeypatch.setattr(PositionScheme, "add", lambda self, x, start=0: add(self, x))
    failed = failing(until="decoding-cache-double", skip=ELSEWHERE)
    assert failed == {"decoding-cache-model", "decoding-cache-double"}


def test_a_cache_that_recomputes(trained):
    edits = {"tokens_with, places_with = cached(64)": "tokens_with, places_with = recompute(64)"}
    failed = failing(until="decoding-same-tokens", edits=edits, skip=ELSEWHERE)
    assert failed == {"decoding-places-with"}


@pytest.mark.parametrize(
    ("layer", "what", "expected"),
    [
        ("attention", "multiplications", {"count-n-attention", "count-d-attention"}),
        ("RNN", "ms", {"crossing"}),
    ],
)
def test_stored_costs_that_say_otherwise(trained, monkeypatch, layer, what, expected):
    costs = copy.deepcopy(data.load("costs"))
    for cell in costs["cells"]:
        if cell["layer"] == layer:
            cell[what] = cell["n"] ** 1.5 * cell["d"] ** 1.5 / 1e9
    monkeypatch.setattr(data, "load", lambda _: costs)
    failed = failing(until="decoding-crossing", skip=[*ELSEWHERE, *TIMES])
    assert failed == {f"decoding-{name}" for name in expected}
