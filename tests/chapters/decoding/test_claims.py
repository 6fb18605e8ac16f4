"""Faults planted in `transformer/decoding`: the claims about what is broken fail.

The page is run with one seed, and its models are trained once, in the first run.
"""

import pytest

import attnlab
from attnlab import decoding
from attnlab.nn.positions import PositionScheme
from tests.chapters.faults import failing_claims, recalled, remembered_training

FEWER = {"SEEDS = range(3)": "SEEDS = range(1)"}
ELSEWHERE = ["WIDTHS", "share[1]", "PENALTIES", "KNOBS", "nucleus["]  # the beams, and what is drawn
TIMES = ["ROUNDS = 3"]  # what is timed on the spot


def failing(*, until="", edits=None, skip=TIMES):
    edits = FEWER | (edits or {})
    return failing_claims("transformer/decoding.md", until=until, edits=edits, skip=skip)


def kind(model) -> tuple:
    return tuple(model.state_dict())


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training gave to each kind of model, told apart by the names of its parameters."""
    with remembered_training(kind) as found:
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave to its kind."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_beams_that_do_not_look_further(monkeypatch):
    search = decoding.beam_search
    monkeypatch.setattr(
        decoding, "beam_search", lambda *args, **kw: search(*args, **(kw | {"beams": 1}))
    )
    expected = {"decoding-beam-4", "decoding-beam-16", "decoding-parity-beam"}
    assert failing(until="decoding-parity-beam") == expected


def test_sentences_that_cannot_end():
    failed = failing(until="decoding-long", edits={"    if not ends:": "    if True:"})
    assert failed == {"decoding-short", "decoding-exact-found", "decoding-long"}


def test_a_wide_beam_that_is_a_narrow_one(monkeypatch):
    search = decoding.beam_search
    monkeypatch.setattr(
        decoding,
        "beam_search",
        lambda *args, **kw: search(*args, **(kw | {"beams": min(kw["beams"], 8)})),
    )
    failed = failing(until="decoding-long", skip=["share[1]"])
    assert failed == {"decoding-short", "decoding-exact-found"}


def test_a_penalty_that_does_nothing(monkeypatch):
    search = decoding.beam_search
    monkeypatch.setattr(
        decoding, "beam_search", lambda *args, **kw: search(*args, **(kw | {"length_penalty": 0}))
    )
    assert failing(until="decoding-long") == {"decoding-long"}


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda model, *_, **__: model.eval())
    failed = failing(until="decoding-cache-double", skip=ELSEWHERE)
    assert "decoding-exposure" in failed
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


def test_a_top_p_that_cuts_so_much_that_sentences_repeat(trained):
    edits = {'nucleus = results["top_p", 0.8]': 'nucleus = results["top_p", 0.6]'}
    failed = failing(until="decoding-one-each", edits=edits, skip=["PENALTIES"])
    assert failed == {"decoding-repeats"}


def test_steps_with_mistakes(trained):
    """Each edit is one mistake, and each has a claim of its own that must notice."""
    mistakes = {
        "wrong[:, 2] = ": "_ = ",
        "self.keys.append(k)": "self.keys.append(q)",
        "*inputs, lambda t: t)": "*inputs, lambda t: t + 1)",
        "*inputs, lambda t: 0)": "*inputs, lambda t: t)",
        "causal=False": "causal=True",
        "return greedy(writer, source, bos=BOS, eos=EOS, max_len=n)": "return recompute(n)",
    }
    noticed = ("exposure", "cache-head", "cache-model", "zero-others", "mask-others")
    failed = failing(until="decoding-speedup-grows", edits=mistakes, skip=ELSEWHERE)
    uncached = ("places-with", "speedup", "speedup-grows")
    assert failed == {f"decoding-{name}" for name in (*noticed, *uncached)}


def test_a_decoder_that_adds_position_0_at_every_step(trained, monkeypatch):
    add, enter = PositionScheme.add, PositionScheme.enter
    monkeypatch.setattr(PositionScheme, "add", lambda self, x, start=0: add(self, x))
    monkeypatch.setattr(
        PositionScheme, "enter", lambda self, x, start=0, rows=None: enter(self, x, 0, rows)
    )
    failed = failing(until="decoding-cache-double", skip=ELSEWHERE)
    assert failed == {"decoding-cache-model", "decoding-cache-double"}
