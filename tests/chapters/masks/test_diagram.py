"""The example by hand, in the diagram and in the text, is attnlab's softmax under a mask."""

from fractions import Fraction

import numpy as np
import pytest

from attnbook.diagrams import mask
from attnlab import causal_mask, softmax
from tests.book.books import ROOT


def numbers() -> list[str]:
    shown = [e.text for e in mask.draw().svg.iter("text") if "number" in e.get("class").split()]
    return [text for text in shown if text and not text.startswith("÷")]


def square(place: int) -> np.ndarray:
    """The numbers of one of the three squares."""
    cells = numbers()[9 * place : 9 * place + 9]
    return np.array([float(Fraction(n.replace("−∞", "-1000"))) for n in cells]).reshape(3, 3)


def test_each_square_follows_from_the_one_before():
    scores, exponentials, weights = map(square, range(3))
    seen = causal_mask(3)
    np.testing.assert_allclose(np.exp(scores), exponentials, atol=0.02)  # e^0.7 is 2.01
    np.testing.assert_allclose(weights, exponentials / exponentials.sum(1, keepdims=True))
    np.testing.assert_allclose(weights, softmax(np.log(mask.EXPONENTIALS), mask=seen))
    assert (weights[~seen] == 0).all()


def test_the_text_has_the_same_scores():
    text = (ROOT / "book/mechanism/masks.md").read_text("utf-8")
    rows = [[f"{score:.1f}".replace("0.0", "0") for score in row] for row in mask.SCORES]
    assert r" \\ ".join(" & ".join(row) for row in rows) in text
    assert f"np.log({mask.EXPONENTIALS.tolist()})" in text


@pytest.mark.parametrize("row", range(3))
def test_each_row_is_divided_by_its_sum(row):
    shown = [e.text for e in mask.draw().svg.iter("text") if (e.text or "").startswith("÷")]
    assert shown[row] == f"÷{int(square(1)[row].sum())}"
