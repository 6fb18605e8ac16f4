"""The example by hand: the diagram's numbers are those of the text, and are shares."""

import json
import re

import numpy as np

from attnbook.diagrams import captions
from tests.book.books import ROOT


def test_rows_sum_to_1_and_backwards_columns_do():
    np.testing.assert_allclose(captions.WEIGHTS.sum(axis=1), 1)
    np.testing.assert_allclose(captions.backwards().sum(axis=0), 1)


def test_the_text_works_with_the_same_numbers():
    text = (ROOT / "book/work/captions.md").read_text("utf-8")
    (given,) = re.findall(r"^A = np\.array\((.*)\)$", text, re.MULTILINE)
    assert json.loads(given) == captions.WEIGHTS.tolist()
    shown = {text.text for text in captions.draw().svg.iter("text") if text.text}
    for number in (*captions.WEIGHTS.ravel(), *captions.backwards().ravel()):
        assert f"{number:.2f}" in shown
