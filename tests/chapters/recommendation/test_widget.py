"""The recommendation widget: what it computes and what it refuses."""

import pytest

from attnlab.chapters.recommendation.widget import RecommendationWidget
from tests.widgets.refusals import refusing


def test_the_size_of_a_mean():
    assert RecommendationWidget(n=4).size == pytest.approx(0.5)


test_bad_input_is_refused = refusing(
    RecommendationWidget,
    [
        ("n", 0, "n must be a whole number from 1 to 100; got 0"),
        ("n", 2.5, "n must be a whole number from 1 to 100; got 2.5"),
    ],
)
