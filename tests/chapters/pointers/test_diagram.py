"""The example by hand: the picture has the numbers that the model's own mixing gives."""

import pytest
import torch

from attnbook.diagrams import pointing
from attnlab.models.pointer import copied


def test_its_numbers_are_those_of_a_pointer_and_come_out_even():
    number = {word: i for i, word in enumerate(pointing.SAID)}
    src = torch.tensor([[number[word] for word in pointing.REQUEST]])
    weights = torch.tensor([[pointing.WEIGHTS]], dtype=torch.float64)
    pointed = copied(weights, src, n_words=len(number))[0, 0].tolist()
    shown = [text.text for text in pointing.draw().svg.iter("text") if text.text]
    for word, found in zip(pointing.SAID, pointing.mixed(), strict=True):
        own = pointing.OWN.get(word, 0.0)
        assert found == pytest.approx(
            pointing.GATE * own + (1 - pointing.GATE) * pointed[number[word]]
        )
        assert found == pytest.approx(round(found, 2))  # so no figure that is shown is rounded
        assert f"{found:.2f}" in shown
    assert sum(pointing.mixed()) == pytest.approx(1)
