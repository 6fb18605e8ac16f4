"""The claims of `work/speech` fail when what they say is broken.

The chapter's three recognizers are trained once; each fault is then planted around them.
"""

import copy
from functools import partial

import numpy as np
import pytest
import torch

import attnlab.stored
from attnlab.chapters.speech import models, scoring, sound
from attnlab.models import seq2seq
from tests.chapters.faults import failing_claims, recalled, remembered_training

PAGE = "work/speech.md"
failing = partial(failing_claims, PAGE)


def kind(model) -> str:
    return type(model).__name__


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each recognizer."""
    with remembered_training(kind) as found:
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a recognizer the parameters that training gave it."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def names(*short: str) -> set[str]:
    return {f"speech-{name}" for name in short}


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    expected = names("four", "ctc-four", "back", "inside-four")
    assert expected <= failing(until="speech-onward-back")


def test_weights_that_are_all_the_same(trained, monkeypatch):
    def mean(q, k, v, **_):
        weights = torch.full((*q.shape[:-1], k.shape[-2]), 1 / k.shape[-2], dtype=q.dtype)
        return weights @ v, weights

    monkeypatch.setattr(seq2seq, "attention", mean)
    expected = names("four", "back", "inside-four", "onward")
    assert expected <= failing(until="speech-onward-back")


def test_tests_as_short_as_training(trained):
    edits = {"Utterances(length, length, **": "Utterances(2, 4, **"}
    assert names("eight", "inside-eight") <= failing(until="speech-inside-eight", edits=edits)


def test_a_text_that_is_not_turned_round(trained):
    edits = {"reversed_4 = utterances(4, backwards=True)": "reversed_4 = utterances(4)"}
    assert failing(until="speech-onward-back", edits=edits) == names("back")


def test_a_step_without_its_tanh(trained):
    edits = {"e = np.tanh(s @": "e = (s @"}
    failed = failing(until="speech-parity-step", edits=edits)
    assert failed == names("parity-step")


def test_looks_of_the_speller_that_writes_in_order(trained):
    edits = {"turned = looks(back, reversed_4)": "turned = looks(speller, tests[4])"}
    assert failing(until="speech-onward-back", edits=edits) == names("onward-back")


def test_a_speller_that_does_not_stop(trained, monkeypatch):
    monkeypatch.setattr(scoring, "spelled", lambda _, batch: [[7] * 16] * len(batch.src))
    assert names("four", "back", "stops") <= failing(until="speech-stops")


def test_mistakes_that_nobody_counts(trained, monkeypatch):
    monkeypatch.setattr(scoring, "error", lambda *_: 0.0)
    assert failing(until="speech-joined") == names("eight", "cut-joined")


def test_a_blank_that_is_the_number_of_a_digit(trained, monkeypatch):
    monkeypatch.setattr(scoring, "BLANK", 1)
    assert names("ctc-four") <= failing(until="speech-alone")


def test_ctc_that_drops_what_comes_late(trained, monkeypatch):
    marked = scoring.marked
    monkeypatch.setattr(scoring, "marked", lambda *given: [row[:4] for row in marked(*given)])
    assert failing(until="speech-alone") == names("ctc-eight")


def test_paths_whose_repeats_are_kept(trained):
    edits = {"if i == 0 or c != path[i - 1]]": "if True]"}
    assert failing(until="speech-parity", edits=edits) == names("parity")


def test_a_mask_that_counts_states_as_frames(trained, monkeypatch):
    """Frames' mask cut off in place of halved: padding counts as sound."""

    def forward(self, frames, mask):
        x = torch.relu(self.conv(frames.mT)).mT
        mask = mask[..., : x.shape[1]]
        lengths = mask.sum(-1)[:, 0]
        pad = torch.nn.utils.rnn
        packed = pad.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, last = self.gru(packed)
        states, _ = pad.pad_packed_sequence(states, batch_first=True, total_length=x.shape[1])
        return states, mask, last.transpose(0, 1).flatten(1)

    monkeypatch.setattr(models.Ear, "forward", forward)
    assert names("alone") <= failing(until="speech-alone")


def test_pauses_where_there_should_be_none(trained):
    edits = {"pauses=(pause, pause))": "pauses=(2, 2))"}
    assert failing(until="speech-joined", edits=edits) == names("cut-joined")


def test_a_whisper_of_nothing(trained, monkeypatch):
    def hiss(frames):
        return np.random.default_rng(0).standard_normal(len(frames) * 551) / 5

    monkeypatch.setattr(sound, "whisper", hiss)
    expected = names("whisper", "whisper-alike", "whisper-cut")
    assert failing(until="speech-whisper") == expected


def test_silence_that_says_otherwise(trained, monkeypatch):
    grid = copy.deepcopy(attnlab.stored.load("speech"))
    for cell in grid["cells"]:
        cell["on_silence"] = 0.0
    monkeypatch.setattr(attnlab.stored, "load", lambda _: grid)
    assert failing(until="speech-silence") == names("silence")


SHORT, TURNED = {"longest": [4], "backwards": False}, {"longest": [4], "backwards": True}


@pytest.mark.parametrize(
    ("where", "errors", "name"),
    [
        ({"kind": "ctc", **TURNED, "seed": 1}, [0.1] * 8, "ctc-back"),
        ({"kind": "speller", **TURNED, "seed": 2}, [0.7] * 8, "back-worst"),
        ({"kind": "speller", **SHORT, "seed": 1}, [0.1] * 8, "best"),
        ({"kind": "ctc", **SHORT, "seed": 2}, [0.6] * 8, "ctc-worst"),
        ({"kind": "ctc", **SHORT}, [0.3] * 8, "ctc-best"),
        ({"kind": "located", "seed": 0}, [0.0] * 8, "located"),
        ({"longest": [4, 8], "seed": 1}, [0.5] * 8, "longer"),
        ({"longest": [4, 8], "seed": 0}, [0.0] * 8, "longer-still"),
    ],
)
def test_a_stored_result_that_says_otherwise(trained, monkeypatch, where, errors, name):
    grid = copy.deepcopy(attnlab.stored.load("speech"))
    changed = [cell for cell in grid["cells"] if where.items() <= cell.items()]
    assert changed
    for cell in changed:
        cell["errors"] = errors
    monkeypatch.setattr(attnlab.stored, "load", lambda _: grid)
    monkeypatch.setattr(scoring, "spelled", lambda _, batch: [[]] * len(batch.src))  # for speed
    assert f"speech-{name}" in failing(until="speech-longer-still")
