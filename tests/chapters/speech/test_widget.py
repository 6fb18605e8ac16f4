"""The speech widget: what its page computes is what torch computes, and what it refuses."""

import numpy as np
import pytest
import torch

from attnlab.chapters.speech.models import STRIDE, Marker, Speller
from attnlab.chapters.speech.scoring import collapsed, mistakes
from attnlab.chapters.speech.sound import whisper
from attnlab.chapters.speech.utterances import NOISE
from attnlab.chapters.speech.widget import DIGITS, SILENCE, VOICE, SpeechWidget
from attnlab.tasks.vocabulary import BOS, EOS
from tests.widgets.node import ROOMS, SHARED, Result, agree, in_node
from tests.widgets.refusals import refusing

ROOM = ROOMS / "speech"
MODULES = [SHARED / "packing.js", ROOM / "mathematics.js", ROOM / "sound.js"]


def models(seed=0):
    torch.manual_seed(seed)
    return Speller(6), Speller(6), Marker(6)


def widget(**options):
    return SpeechWidget(*models(), **options)


def in_browser(w: SpeechWidget) -> dict:
    """All that the page computes for these traits."""
    said = list(w.digits[: w.length])
    limits = {"bos": BOS, "eos": EOS, "maxLen": w.length + 9}
    _, utterance = in_node(
        ("wordsOf", w._voice, 20),
        ("utter", Result(0), said, w.pause, SILENCE),
        modules=MODULES,
    )
    clean, spans = utterance["frames"], utterance["spans"]
    frames, _, _, spelled, marked = in_node(
        ("noisy", clean, NOISE),
        ("unpack", w._models[w.writes]),
        ("unpack", w._models["ctc"]),
        ("spell", Result(1), Result(0), limits),
        ("mark", Result(2), Result(0)),
        modules=MODULES,
    )
    return {"spans": spans, "frames": frames, **spelled, **marked, "spelled": spelled["logits"]}


@pytest.mark.parametrize("writes", ["forwards", "backwards"])
@pytest.mark.parametrize(("length", "pause"), [(0, 3), (1, 0), (2, 1), (4, 5), (16, 2)])
def test_the_browser_computes_what_torch_does(writes, length, pause):
    w = widget(length=length, pause=pause, writes=writes)
    found = in_browser(w)
    assert list(map(tuple, found["spans"])) == w.spans
    agree(rows(found["frames"]), w.frames)
    assert found["tokens"] == w._tokens[0].tolist()
    agree(rows(found["weights"]), w.weights)
    assert found["path"] == w.path
    with torch.no_grad():
        source = w._source
        before = torch.tensor([[BOS, *found["tokens"][:-1]]])
        agree(rows(found["spelled"]), w._speller(source, before)[0])
        mask = torch.ones(1, 1, source.shape[1], dtype=torch.bool)
        agree(rows(found["logits"]), w._rounded["ctc"](source, mask)[0][0])


def rows(found: list) -> np.ndarray:
    """A typed array is an object with places for names on its way here."""
    return np.array([list(row.values()) if isinstance(row, dict) else row for row in found])


@pytest.mark.parametrize(
    ("wanted", "written"), [([], []), ([3], []), ([3, 5, 6], [3, 6]), ([1, 2], [2, 1]), ([], [4])]
)
def test_mistakes_and_collapsing_are_the_same_in_both(wanted, written):
    path = [0, 4, 4, 0, 4, 2, 0, *[digit + 1 for digit in written]]
    found = in_node(
        ("mistakes", wanted, written), ("collapsed", path), ("collapsed", [5, 5]), modules=MODULES
    )
    assert found == [mistakes(wanted, written), collapsed(path), [4]]


@pytest.mark.parametrize("length", [0, 1])
def test_the_whisper_is_the_same_in_both(length):
    w = widget(length=length)
    frames = w.frames[::4]  # the sound of a few
    recorded = w._constants["recorded"]
    (sound,) = in_node(("whisper", frames, recorded), modules=MODULES)
    sound = list(sound.values()) if isinstance(sound, dict) else sound
    np.testing.assert_allclose(sound, whisper(frames), atol=1e-6)


def test_it_follows_its_traits():
    w = widget(length=2, pause=5)
    m = len(w.frames)
    assert w.spans[0][0] == 5 and w.spans[1][0] - w.spans[0][1] == 5 and m - w.spans[1][1] == 5
    assert w.wanted == [3, 1]
    w.writes = "backwards"
    assert w.wanted == [1, 3]
    w.length, w.pause = 3, 1
    assert len(w.path) == w.weights.shape[1] == -(-len(w.frames) // STRIDE)
    w.digits = (7,) * 16
    assert w.wanted == [7, 7, 7]
    assert w.mistakes_speller == mistakes(w.wanted, w.written)
    assert w.mistakes_ctc == mistakes([7, 7, 7], w.marked)


def looking(w, monkeypatch, places):
    """The widget with all weight of step i on the state at places[i]."""
    t = len(w.path)
    weights = np.eye(t)[[place // STRIDE for place in places]]
    monkeypatch.setattr(SpeechWidget, "weights", property(lambda _: weights))
    return w.inside


def test_looks_inside_a_word_are_counted_in_the_order_of_writing(monkeypatch):
    w = widget(length=3)
    middles = [(start + end) // 2 for start, end in w.spans]
    assert looking(w, monkeypatch, middles) == 3
    assert looking(w, monkeypatch, [*middles, 0, 0]) == 3  # too many were written
    assert looking(w, monkeypatch, [0, *middles[1:]]) == 2
    w.writes = "backwards"
    assert looking(w, monkeypatch, middles) == 1  # the one in the middle
    assert looking(w, monkeypatch, middles[::-1]) == 3


def test_silence_is_heard_as_noise():
    w = widget(length=0, pause=4)
    assert (w.spans, w.wanted, w.frames.shape) == ([], [], (SILENCE, 20))
    assert w.frames.max() > 0
    assert w.mistakes_ctc == len(w.marked) and w.inside == 0


def test_the_voice_is_one_that_is_not_trained():
    assert widget()._constants["voice"].endswith(("m3", "f4"))
    assert VOICE in range(32)


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("length", -1, "length must be a whole number from 0 to 16; got -1"),
        ("length", 17, "length must be a whole number from 0 to 16; got 17"),
        ("pause", -1, "pause must be a whole number from 0 to 12; got -1"),
        ("pause", 2.5, "pause must be a whole number from 0 to 12; got 2.5"),
        ("writes", "sideways", "writes must be one of forwards, backwards; got 'sideways'"),
        ("digits", "31415", "digits must be 16 values; got '31415'"),
        ("digits", (10,) * 16, "digits[0] must be a whole number from 0 to 9; got 10"),
    ],
)


def test_other_models_are_refused():
    forwards, backwards, ctc = models()
    with pytest.raises(ValueError, match="forwards must be a Speller; got a Marker"):
        SpeechWidget(ctc, backwards, ctc)
    with pytest.raises(ValueError, match="ctc must be a Marker; got a Speller"):
        SpeechWidget(forwards, backwards, forwards)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(length=2)) == (
        f"SpeechWidget(digits={DIGITS}, length=2, pause=2, writes='forwards')"
    )
