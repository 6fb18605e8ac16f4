"""Models that say what comes next: with vectors of their own, or over counts.

Letters: B histories, T items of each, the newest last, N items, d width, A ages.
"""

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from attnlab.chapters.recommendation.ranking import REACH, count, padded, shares
from attnlab.functional import settings
from attnlab.nn.dropout import drop
from attnlab.nn.recurrent import GRU
from attnlab.nn.stacks import Encoder
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

Kind = Literal["attention", "gru"]
DROPOUT = 0.1
ANYTHING = 0.05  # of the probability, shared among all items: counts may have none for what comes


class Recommender(nn.Module):
    """Scores of all items after every step of a history, in the manner of SASRec and GRU4Rec.

    An item has one vector, for when it was watched and for when it may come; the number N, which
    stands in front of short histories, has one as well.

    Args:
        kind: "attention", one causal layer that knows places; or "gru".
        n_items: N. d_model, n_heads: of the layer. max_len: the longest history.

    Shapes:
        items `(B, T)` → `(B, T, N)`.

    Raises:
        ValueError: another kind.

    Source:
        Kang and McAuley (2018); Hidasi et al. (2016).

    >>> Recommender("gru", 7, d_model=4)(torch.tensor([[0, 6, 2]])).shape
    torch.Size([1, 3, 7])
    """

    def __init__(
        self, kind: Kind, n_items: int, *, d_model: int = 32, n_heads: int = 2, max_len: int = 50
    ):
        super().__init__()
        settings.one_of(get_args(Kind), kind=kind)
        self.item = nn.Embedding(n_items + 1, d_model)
        nn.init.normal_(self.item.weight, std=d_model**-0.5)
        self.liked = nn.Parameter(torch.zeros(n_items))
        self.gru = GRU(d_model, d_model) if kind == "gru" else None
        self.encoder = self.place = None
        if kind == "attention":
            self.place = nn.Embedding(max_len, d_model)
            nn.init.normal_(self.place.weight, std=0.02)
            self.encoder = Encoder(
                d_model=d_model, n_heads=n_heads, n_layers=1, d_ff=2 * d_model, dropout=DROPOUT
            )

    def forward(self, x: Tensor) -> Tensor:
        u = self.item(x) * self.item.embedding_dim**0.5  # (B, T, d)
        y = drop(u, DROPOUT, self.training)
        if self.gru is not None:
            y = self.gru(y)
        if self.encoder is not None and self.place is not None:
            y = self.encoder(y + self.place.weight[: x.shape[1]], causal=True)
        return y @ self.item.weight[:-1].T + self.liked


def next_loss(model: nn.Module, histories: Tensor) -> Tensor:
    """The mean cross-entropy of the items `(B, T)` after the first, for `fit`; N is no item."""
    logits = model(histories[:, :-1])
    nothing = logits.shape[-1]
    return F.cross_entropy(logits.flatten(0, 1), histories[:, 1:].flatten(), ignore_index=nothing)


class WeightedCounts(nn.Module):
    """Attention over counts: rows are the values, and a learned number for each age is the score.

    Args:
        rows: for each item the shares of what came after it, `(N, N)`.
        n_ages: A, how far back it looks.

    Shapes:
        items `(B, A)`, where N stands before the first → probabilities of the next, `(B, N)`.

    >>> model = WeightedCounts(np.eye(3)[[1, 2, 0]], n_ages=2)
    >>> model(torch.tensor([[0, 1], [3, 2]])).tolist()
    [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]
    """

    def __init__(self, rows: np.ndarray, n_ages: int = REACH):
        super().__init__()
        self.age = nn.Parameter(torch.zeros(n_ages))  # the newest last
        values = torch.tensor(np.vstack([rows, 0 * rows[:1]])).float()  # last that of the number N
        self.rows = nn.Parameter(values, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        nothing = x == len(self.rows) - 1
        a = self.age.expand(x.shape).masked_fill(nothing, -torch.inf).softmax(-1)  # (B, A)
        return torch.einsum("ba,ban->bn", a, self.rows[x])


def windows(histories: list[np.ndarray], ends: np.ndarray, n_items: int) -> np.ndarray:
    """Of each history the items before an end, at most 20, and `n_items` in front. `(B, A)`"""
    recent = [
        history[max(0, end - REACH) : end] for history, end in zip(histories, ends, strict=True)
    ]
    return padded(recent, n_items, REACH)


def train_recommender(
    model: Recommender, histories: Tensor, *, steps: int, seed: int,
    progress: Progress | str = "training",
) -> None:  # fmt: skip
    """Let it learn what comes next from histories `(n, T)`, 64 at a step."""
    generator = Generator().manual_seed(seed)

    def batches() -> Iterator[Tensor]:
        while True:
            yield histories[torch.randint(len(histories), (64,), generator=generator)]

    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, batches(), next_loss, steps=steps, lr=0.01, schedule=schedule, progress=progress)


def train_weights(
    histories: list[np.ndarray], n_items: int, *, decay: float, seed: int, steps: int = 300,
    apart: bool = True, progress: Progress | str = "training",
) -> WeightedCounts:  # fmt: skip
    """Weights by age: half of the users are counted, and the weights learn from the others.

    In the end, the rows are those of all users.

    Args:
        histories: of each user, of four items or more.
        n_items: N. decay: that of the counts.
        apart: False counts all users and learns from all: what is to be said has been counted.
    """
    rng = np.random.default_rng(seed)
    first = rng.permutation(len(histories)) < len(histories) // 2
    if apart:
        counted = [history for history, here in zip(histories, first, strict=True) if here]
        taught = [history for history, here in zip(histories, first, strict=True) if not here]
    else:
        counted = taught = histories
    model = WeightedCounts(shares(count(counted, n_items, decay)))

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            drawn = [taught[i] for i in rng.integers(len(taught), size=128)]
            ends = np.array([rng.integers(3, len(history)) for history in drawn])
            targets = [history[end] for history, end in zip(drawn, ends, strict=True)]
            yield torch.tensor(windows(drawn, ends, n_items)), torch.tensor(targets)

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        x, target = batch
        mixed = (1 - ANYTHING) * model(x) + ANYTHING / n_items
        return F.nll_loss(mixed.log(), target)

    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, batches(), loss, steps=steps, lr=0.05, schedule=schedule, progress=progress)
    everybody = WeightedCounts(shares(count(histories, n_items, decay)))
    everybody.age = model.age
    return everybody
