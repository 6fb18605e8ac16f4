"""The captions widget: what it computes and refuses, and its mathematics in the browser."""

import numpy as np
import pytest
import torch

from attnlab.chapters.captions.models import Eyes, Speaker
from attnlab.chapters.captions.scenes import Scenes
from attnlab.chapters.captions.widget import CaptionsWidget
from tests.widgets.node import ROOMS, SHARED, Result, agree, in_node
from tests.widgets.refusals import refusing

MODULES = [SHARED / "packing.js", ROOMS / "captions" / "mathematics.js"]
STATES = [
    {},
    {"digits": (0, 9), "down": (16, 0), "across": (16, 0), "hand": 9, "word": 2},
    {"digits": (5, 5), "down": (4, 4), "across": (12, 3), "hand": 3, "backwards": True},
    {"down": (8, 8), "across": (8, 8), "word": 1},  # one on the other
]
every_state = pytest.mark.parametrize("state", STATES)


def widget(**state) -> CaptionsWidget:
    torch.manual_seed(0)
    return CaptionsWidget(Speaker(Eyes(), "self"), **state)


@every_state
def test_the_browser_computes_what_python_does(state):
    w = widget(**state)
    constants, places = w._constants, list(zip(w.down, w.across, strict=True))
    sizes = constants["sizes"]
    scene = {name: getattr(w, name) for name in ("digits", "down", "across", "hand")}
    model, picture, steps, right, *boxes = in_node(
        ("unpack", w._model),
        ("pictureOf", scene, w._hands, sizes),
        ("speak", Result(0), w._model, Result(1), sizes, constants["marks"]),
        ("captionOf", scene),
        *(("boxOf", down, across, sizes) for down, across in places),
        modules=MODULES,
    )
    assert "eyes.conv1.weight" in model
    agree(row_of(picture), w.picture.ravel())
    assert [step["token"] for step in steps] == w._tokens[0].tolist()
    agree([row_of(step["weights"]) for step in steps], w.weights)
    with torch.no_grad():
        before = torch.tensor([[constants["marks"]["bos"], *w._tokens[0, :-1].tolist()]])
        p = w._rounded(w._source, before).softmax(-1)[0].max(-1).values
    agree([step["probability"] for step in steps], p)
    digits = [constants["words"][4 + right[name]] for name in ("first", "second")]
    assert w.wanted == [digits[0], constants["relations"][right["between"]], digits[1]]
    assert boxes == [np.flatnonzero(box).tolist() for box in w.boxes]
    word = min(w.word, len(steps) - 1)
    rows = [{"weights": row} for row in w.weights.tolist()]
    (shown,) = in_node(("mapOf", rows, word, w.backwards), modules=MODULES)
    agree(shown, w.shown[word])


def row_of(found) -> list:
    """A typed array is an object with places for names on its way here."""
    return list(found.values()) if isinstance(found, dict) else found


def test_read_backwards_the_words_share_out_each_cell():
    w = widget(backwards=True)
    np.testing.assert_allclose(w.shown.sum(axis=0), 1)
    np.testing.assert_allclose(w.shown * w.weights.sum(axis=0), w.weights)
    w.backwards = False
    np.testing.assert_allclose(w.shown.sum(axis=1), 1)


def test_its_caption_is_that_of_the_scenes():
    batch = Scenes().batch(1, split="test", generator=torch.Generator().manual_seed(3))
    w = widget(digits=(4, 2), down=(12, 2), across=(3, 1))
    assert w.wanted == ["two", "above", "four"]
    w.across = (12, 0)
    assert w.wanted == ["two", "left of", "four"]
    assert w.picture.shape == tuple(batch.src.shape[1:])


def test_a_speaker_that_was_told_otherwise_is_refused():
    with pytest.raises(ValueError, match='expected a speaker that was told "self", got "grid"'):
        CaptionsWidget(Speaker(Eyes(), "grid"))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("digits", (3,), "digits must be 2 values; got (3,)"),
        ("digits", (3, 10), "digits[1] must be a whole number from 0 to 9; got 10"),
        ("down", (17, 0), "down[0] must be a whole number from 0 to 16; got 17"),
        ("across", (0, -1), "across[1] must be a whole number from 0 to 16; got -1"),
        ("hand", 10, "hand must be a whole number from 0 to 9; got 10"),
        ("chosen", 2, "chosen must be a whole number from 0 to 1; got 2"),
        ("word", 4, "word must be a whole number from 0 to 3; got 4"),
        ("backwards", 1, "backwards must be True or False; got 1"),
    ],
)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(hand=2)) == (
        "CaptionsWidget(digits=(3, 7), down=(1, 14), across=(9, 4), hand=2, chosen=0, word=0, "
        "backwards=False)"
    )
