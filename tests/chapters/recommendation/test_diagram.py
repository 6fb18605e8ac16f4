"""The example by hand: the picture has the numbers that the chapter's counting gives."""

import numpy as np

from attnbook.diagrams import counting
from attnlab.chapters.recommendation.ranking import count, decayed, shares

ITEMS = ("A1", "A2", "B1", "B2")


def test_its_numbers_are_those_of_counts_weighed_by_decay():
    number = {name: i for i, name in enumerate(ITEMS)}
    users = [np.array([number[name] for name in user.split()])
             for user in ("A1 B1 A2 B2", "A1 A2 B1 B2")]  # fmt: skip
    rows = shares(count(users, 4, decay=0.0))
    watched = np.array([[number["A1"], number["B1"]]])
    found = decayed(rows, watched, 0.5)[0] / 1.5
    nexts = [number[name] for name in counting.TEXT["next"]]
    np.testing.assert_allclose(counting.ROWS, rows[watched[0]][:, nexts])
    np.testing.assert_allclose(counting.WEIGHTS @ counting.ROWS, found[nexts])
    shown = [text.text for text in counting.draw().svg.iter("text") if text.text]
    assert {"½", "⅓", "⅙", "0"} <= {*shown}
