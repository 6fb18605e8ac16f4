"""The example by hand: the picture has the numbers that attention gives."""

import pytest

from attnbook.diagrams import soft_lookup
from attnlab import attention, gaussian_scores


def test_its_numbers_are_those_of_attention_and_come_out_even():
    keys, values = soft_lookup.KEYS[:, None], soft_lookup.VALUES[:, None]
    query = keys[:1] * 0 + soft_lookup.QUERY
    context, weights = attention(
        query, keys, values, scores=lambda q, k: gaussian_scores(q, k, width=soft_lookup.WIDTH)
    )
    shown = [text.text for text in soft_lookup.draw().svg.iter("text") if text.text]
    for number in (*weights[0], *(weights * values.T)[0], *context[0]):
        assert number == pytest.approx(round(number, 1))  # so no figure that is shown is rounded
        assert f"{number:.1f}" in shown
