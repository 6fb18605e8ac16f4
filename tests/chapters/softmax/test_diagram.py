"""The diagram of the softmax by hand: its numbers are those of the formula."""

import numpy as np

from attnbook.diagrams import softmax


def test_the_numbers_are_those_of_the_formula():
    powers = np.exp([2, 1, 0])
    shown = " ".join(softmax.draw().svg.itertext())
    for power in powers:
        assert f"= {power:.2f}" in shown
    assert f"{powers.sum():.2f}" in shown
    for weight in powers / powers.sum():
        assert f"{weight:.2f}" in shown
