"""Questions on `mechanism/scaling`."""

from attnlab import scaled_dot_scores, softmax
from tests.classes.asked import asking_of

QUARTER = {"spread": ["variance", 0.25], "vectors": "rows"}
THREE = {"spread": ["standard deviation", 3], "vectors": "columns"}


def divided(by):
    return lambda q, k: q @ k.T / by(q.shape[1], len(k))


def in_columns(by):
    return lambda q, k: q.T @ k / by(len(q), k.shape[1])


def rows_where_it_fits(q, k):
    """Takes rows for vectors where nothing stops it."""
    square = q.shape == k.shape == q.shape[::-1]
    return (q @ k.T if square else q.T @ k) / (9 * len(q) ** 0.5)


WRONG = {
    "scaling/of-variance-one": [
        (QUARTER, scaled_dot_scores, "for entries of variance 1"),
        (QUARTER, divided(lambda d, m: (d / 4) ** 0.5), "and one of the key"),
        (QUARTER, divided(lambda d, m: d / 16), "that divides by the variance, and not its root"),
        (QUARTER, divided(lambda d, m: d / 4), "the width enters by its root"),
        (QUARTER, divided(lambda d, m: m**0.5 / 4), "not over the keys"),
        (QUARTER, divided(lambda d, m: d**0.5 / 16), "a variance already"),
        (QUARTER, lambda q, k: softmax(scaled_dot_scores(q, k) * 4), "the scores are asked for"),
        (THREE, in_columns(lambda d, m: 3 * d**0.5), "and one of the key"),
        (THREE, in_columns(lambda d, m: 9), "grows with the width"),
        (THREE, rows_where_it_fits, "where a vector stands"),
        (THREE, lambda q, k: 9 * q.T @ k / len(q) ** 0.5, "not raised"),
    ]
}

TestAsking = asking_of("scaling", WRONG)
