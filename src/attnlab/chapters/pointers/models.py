r"""A memory of facts that is asked several times, each answer changing the next question.

Letters: B batch, m facts, d width, H hops.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.chapters.pointers.stories import WHERE, WORDS, StoryBatch, batches
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

OLDEST = 40  # facts that can be told apart by their age


class MemoryNetwork(nn.Module):
    r"""Answers questions on stories by so many hops.

    A fact's key and its value are sums over its words, and over its age, in two sets of vectors.
    Each hop asks with a query $q$, and the next asks with $q$ and what came back:
    $q \leftarrow q + \sum_i a_i v_i$.

    Args:
        n_hops: how often it asks.
        d_model: width.
        start: the standard deviation of all vectors before training.
        scaled: whether scores are divided by the root of the width.
        ages: whether it is told how long ago a fact was.

    Source:
        Sukhbaatar et al. (2015), section 2, with other vectors for keys and values in place of
        tied ones, which all hops share.

    >>> from attnlab.chapters.pointers.stories import batches
    >>> logits, weights = MemoryNetwork(n_hops=2)(next(batches(5, seed=0)))
    >>> logits.shape, weights.shape  # (B, places), (B, H, m)
    (torch.Size([5, 6]), torch.Size([5, 2, 10]))
    """

    def __init__(
        self,
        *,
        n_hops: int,
        d_model: int = 32,
        start: float = 0.1,
        scaled: bool = False,
        ages: bool = True,
    ):
        super().__init__()
        self.n_hops, self.ages = n_hops, ages
        self.scale = 1 / math.sqrt(d_model) if scaled else 1.0
        self.ask = nn.Embedding(len(WORDS), d_model)
        self.key, self.value = (nn.Embedding(len(WORDS), d_model) for _ in range(2))
        self.key_age, self.value_age = (nn.Embedding(OLDEST, d_model) for _ in range(2))
        self.answer = nn.Linear(d_model, len(WHERE))
        for table in (self.ask, self.key, self.value, self.key_age, self.value_age):
            nn.init.normal_(table.weight, 0, start)

    def forward(self, batch: StoryBatch) -> tuple[Tensor, Tensor]:
        K = self.key(batch.facts).sum(2)  # (B, m, d)
        V = self.value(batch.facts).sum(2)  # (B, m, d)
        if self.ages:
            age = torch.arange(K.shape[1] - 1, -1, -1)  # the last fact's is 0
            K, V = K + self.key_age(age), V + self.value_age(age)
        q = self.ask(batch.asked)  # (B, d)
        weights = []
        for _ in range(self.n_hops):
            a = (self.scale * (K @ q[:, :, None])[..., 0]).softmax(-1)  # (B, m)
            q = q + (a[:, None] @ V)[:, 0]
            weights.append(a)
        return self.answer(q), torch.stack(weights, dim=1)


def story_loss(model: nn.Module, batch: StoryBatch) -> Tensor:
    """That of the answers; and where a story tells its facts, of the first hop's weights too."""
    logits, weights = model(batch)
    loss = F.cross_entropy(logits, batch.place)
    if batch.told.any():
        first = weights[:, 0].gather(1, batch.needed[:, :1])[:, 0]  # (B,)
        loss = loss - (batch.told * first.clamp_min(1e-9).log()).mean()
    return loss


def train_reader(
    model: MemoryNetwork,
    steps: int,
    *,
    seed: int,
    told: float = 0.0,
    two: bool | None = None,
    progress: Progress | str = "training",
) -> None:
    """On stories without end; what is `told`, and whether questions take `two` facts, as there."""
    lessons = batches(64, seed=seed, told=told, two=two)
    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, lessons, story_loss, steps=steps, lr=1e-2, schedule=schedule, progress=progress)


@torch.no_grad()
def share_answered(model: MemoryNetwork, batch: StoryBatch) -> float:
    """The share of stories whose most probable place is the right one."""
    return (model(batch)[0].argmax(-1) == batch.place).double().mean().item()
