"""The images widget: what it computes and refuses, and its mathematics in the browser."""

import numpy as np
import pytest

from attnlab.chapters.images.widget import ImagesWidget
from tests.widgets.node import ROOMS, agree, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "images" / "mathematics.js"
HALF = tuple(float(i % 3 == 0) for i in range(64))
STATES = [
    {},
    {"shuffled": True, "copies": 4},
    {"pixels": HALF, "copies": 3},
    {"pixels": (1.0,) * 64, "shuffled": True},
    {"pixels": (0.0,) * 64},
]


@pytest.mark.parametrize("state", STATES)
def test_the_browser_computes_what_python_does(state):
    w = ImagesWidget(**state)
    models, pixels = w._stored["models"], list(w.pixels)
    given = w.read.ravel().tolist()
    read, soft, gates = in_node(
        ("digitOf", models["shuffled" if w.shuffled else "plain"], given),
        ("countOf", models["softmax"], pixels, w.copies, False),
        ("countOf", models["gates"], pixels, w.copies, True),
        modules=[OUR_MATH],
    )
    for ours, theirs in ((w.probabilities, read), (w.by_softmax, soft), (w.by_gates, gates)):
        agree(ours, theirs if isinstance(theirs, list) else list(theirs.values()))


def test_it_reads_what_it_was_trained_on():
    """Both networks read nearly all of the examples, each in its own order of the pixels."""
    for shuffled in (False, True):
        w = ImagesWidget(shuffled=shuffled)
        right = 0
        for digit in range(10):
            w.pixels = w.example(digit)
            right += w.digit == digit
        assert right >= 8


def test_copies_change_gates_and_not_softmax():
    one, four = ImagesWidget(), ImagesWidget(copies=4)
    np.testing.assert_allclose(one.by_softmax, four.by_softmax, atol=1e-12)
    assert one.by_gates.argmax() < four.by_gates.argmax()


def test_shuffled_pixels_are_the_same_ones_in_another_place():
    plain, shuffled = ImagesWidget().read.ravel(), ImagesWidget(shuffled=True).read.ravel()
    assert (np.sort(plain) == np.sort(shuffled)).all() and (plain != shuffled).any()


def test_an_empty_drawing_says_so():
    assert ImagesWidget(pixels=(0.0,) * 64).empty and not ImagesWidget().empty


test_bad_input_is_refused_when_made_and_when_set = refusing(
    ImagesWidget,
    [
        ("copies", 5, "copies must be a whole number from 1 to 4; got 5"),
        ("copies", 0, "copies must be a whole number from 1 to 4; got 0"),
        ("shuffled", 1, "shuffled must be True or False; got 1"),
        ("pixels", (1.0, 0.0), "pixels must be 64 values; got (1.0, 0.0)"),
        ("pixels", (1.5,) * 64, "pixels[0] must be a number from 0 to 1; got 1.5"),
    ],
)
