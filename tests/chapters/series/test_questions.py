"""Questions on `work/series`."""

import numpy as np

from attnclass.questions.series import CHANGE, LEVEL
from tests.classes.asked import asking_of


def sized(x):
    return x / x.std(axis=1, keepdims=True)


def moved(x):
    return x - x[:, -1:]


WRONG = {
    "series/differences": [
        ({"forecasts": LEVEL, "scaled": False}, moved, "is the last value subtracted?"),
        ({"forecasts": CHANGE, "scaled": False}, lambda x: x, "is the last value subtracted?"),
        ({"forecasts": CHANGE, "scaled": True}, moved, "its own standard deviation, or not?"),
        ({"forecasts": LEVEL, "scaled": False}, sized, "its own standard deviation, or not?"),
        ({"forecasts": CHANGE, "scaled": False}, lambda x: x - x[:, :1], "the first value"),
        ({"forecasts": CHANGE, "scaled": False},
         lambda x: np.diff(x, axis=1, prepend=x[:, :1]), "from month to month"),
        ({"forecasts": CHANGE, "scaled": True}, lambda x: moved(x) / x.std(), "of its own"),
        ({"forecasts": LEVEL, "scaled": True}, lambda x: sized(x)[:, 1:], "should have shape"),
    ]
}  # fmt: skip

TestAsking = asking_of("series", WRONG)
