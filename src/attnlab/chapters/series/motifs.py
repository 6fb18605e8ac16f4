"""Noisy rhythms of unknown length, the rule that finds and repeats them, and attention that does.

Letters: B series, w past values, f future values, c the values of a context, n of them.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Generator, Tensor, nn

from attnlab.functional import settings
from attnlab.functional.attention import attention
from attnlab.functional.scores import scaled_dot_scores

PAST, FUTURE, NOISE = 48, 12, 0.1
PERIODS = (6, 20)  # in training, the shortest and the longest
UNSEEN = (21, 28)


def motifs(
    count: int, periods: tuple[int, int] = PERIODS, *, generator: Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Pasts `(B, 48)` and futures `(B, 12)`: normal numbers that return after a period, and noise.

    Raises:
        TypeError, ValueError: a count or periods that are not integers of 1 or more, or no range.

    >>> x, y = motifs(3, (6, 6))
    >>> x.shape, y.shape, bool((x[:, 0] - x[:, 6]).abs().max() < 1)
    (torch.Size([3, 48]), torch.Size([3, 12]), True)
    """
    settings.count(1, count=count, shortest=periods[0])
    settings.count(periods[0], longest=periods[1])
    period = torch.randint(periods[0], periods[1] + 1, (count, 1), generator=generator)
    motif = torch.randn(count, periods[1], generator=generator)
    place = torch.arange(PAST + FUTURE) % period  # (B, w + f)
    noise = torch.randn(count, PAST + FUTURE, generator=generator)
    drawn = motif.gather(1, place) + NOISE * noise
    return drawn[:, :PAST], drawn[:, PAST:]


def fresh() -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of 64 new series without end, by torch's own random numbers."""
    while True:
        yield motifs(64)


def find_lags(x: np.ndarray, shortest: int, longest: int) -> np.ndarray:
    """The lag at which each row of `(N, w)` is most like itself: `(N,)`.

    >>> find_lags(np.array([[0, 1, 2, 0, 1, 2, 0, 1, 2.0]]), 2, 5).tolist()
    [3]
    """
    lags = range(shortest, longest + 1)
    gaps = [((x[:, lag:] - x[:, :-lag]) ** 2).mean(axis=1) for lag in lags]
    return np.argmin(gaps, axis=0) + shortest


def fold(x: np.ndarray, lags: np.ndarray, future: int) -> np.ndarray:
    """Each row goes on with the mean of all its periods: `(N, w)` to `(N, f)`.

    >>> fold(np.array([[9, 1, 2, 3, 2.0]]), np.array([2]), 3).round(6).tolist()
    [[2.0, 4.333333, 2.0]]
    """
    found = np.empty((len(x), future))
    for lag in np.unique(lags):
        rows = lags == lag
        for i in range(future):
            place = x.shape[1] - lag + i % lag  # the last one known at this place of the period
            found[rows, i] = x[rows, place::-lag].mean(axis=1)
    return found


class Follower(nn.Module):
    """Forecasts what followed when the past looked like now: one head of attention over contexts.

    The query is the last c values, keys are c values in a row from all places of the past, and the
    value of each is what came next. Queries and keys go through one map of c × d_k numbers, which
    is all that is trained.

    Args:
        c: how many values make a context. d_k: the width of queries and keys.
        score: "distance", the negative squared one, or "dot", the dot product.

    Shapes:
        `(B, w)` → `(B, 12)`.

    >>> follower = Follower(8)
    >>> follower(torch.zeros(5, 48)).shape, follower.look(torch.zeros(5, 48))[1].shape
    (torch.Size([5, 12]), torch.Size([5, 29]))

    Source:
        The idea without training: analogs, Lorenz (1969).
    """

    def __init__(self, c: int = 8, d_k: int = 16, score: str = "distance"):
        super().__init__()
        settings.one_of(("distance", "dot"), score=score)
        self.c, self.score = c, score
        self.project = nn.Linear(c, d_k, bias=False)

    def look(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Forecasts `(B, 12)`, and the weights of the contexts `(B, n)`."""
        contexts = self.project(x.unfold(1, self.c, 1))  # (B, w - c + 1, d_k)
        query, keys = contexts[:, -1:], contexts[:, :-FUTURE]  # (B, 1, d_k), (B, n, d_k)
        values = x[:, self.c :].unfold(1, FUTURE, 1)  # (B, n, f): what followed each key
        scores = scaled_dot_scores if self.score == "dot" else closeness
        context, weights = attention(query, keys, values, scores=scores)
        return context[:, 0], weights[:, 0]

    def forward(self, x: Tensor) -> Tensor:
        return self.look(x)[0]


def closeness(q: Tensor, k: Tensor) -> Tensor:
    """Scores: minus the squared distance of every query to every key."""
    return -(q[:, :, None] - k[:, None]).square().sum(-1)  # (B, n, m)
