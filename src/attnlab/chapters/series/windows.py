"""Three series that were measured, cut into pasts and futures in the order of time.

Letters: N windows, w past values, f future values.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from attnlab.chapters.series.recording import SERIES_FILE
from attnlab.functional import settings

Part = Literal["train", "validation", "test"]

ENDS: dict[Part, float] = {"train": 0.6, "validation": 0.7, "test": 1.0}  # shares of the series
SHAPES = {"elnino": (12, 48, 12), "sunspots": (11, 44, 11), "co2": (12, 48, 12)}


@dataclass(frozen=True)
class Series:
    """Values in the order of time, with the season that they may have and how they are cut.

    >>> elnino = series("elnino")
    >>> x, y = elnino.windows("train")
    >>> x.shape, y.shape
    ((380, 48), (380, 12))
    """

    values: np.ndarray  # (n,), as they were measured
    season: int
    past: int  # w
    future: int  # f

    @property
    def known(self) -> int:
        """How many values a forecaster may learn from: all before this place."""
        return int(ENDS["train"] * len(self.values))

    @property
    def mean(self) -> float:
        """Of the values to learn from, and of no others."""
        return float(self.values[: self.known].mean())

    @property
    def size(self) -> float:
        """Their standard deviation."""
        return float(self.values[: self.known].std())

    @property
    def scaled(self) -> np.ndarray:
        """All values, less the mean and divided by the size. `(n,)`"""
        return (self.values - self.mean) / self.size

    def windows(self, part: Part) -> tuple[np.ndarray, np.ndarray]:
        """Scaled pasts `(N, w)` and futures `(N, f)`, one for each place where a future can begin.

        A whole future is in one part of the series; a past may begin in the part before.

        Raises:
            ValueError: no such part.
        """
        settings.one_of([*ENDS], part=part)
        ends = [0, *(int(end * len(self.values)) for end in ENDS.values())]
        place = list(ENDS).index(part)
        first, last = max(ends[place], self.past), ends[place + 1] - self.future
        cut = np.lib.stride_tricks.sliding_window_view(self.scaled, self.past + self.future)
        rows = cut[first - self.past : last - self.past + 1]
        return rows[:, : self.past].copy(), rows[:, self.past :].copy()


@cache
def series(name: str) -> Series:
    """A stored series: "elnino" and "co2" by months, "sunspots" by years.

    Raises:
        ValueError: no such series.

    >>> series("sunspots").values[:3].tolist()
    [5.0, 11.0, 16.0]
    """
    settings.one_of([*SHAPES], series=name)
    stored = json.loads(SERIES_FILE.read_text("utf-8"))["series"]
    return Series(np.array(stored[name]), *SHAPES[name])
