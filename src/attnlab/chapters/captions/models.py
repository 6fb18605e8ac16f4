"""Eyes, and four speakers that are told in different ways what they see.

Letters: B batch, m = 36 cells, c channels of the eyes, d width of a speaker, n words.
"""

from typing import Literal, cast, get_args

import torch
from torch import Tensor, nn

from attnlab.chapters.captions.scenes import SIDE, VOCABULARY
from attnlab.functional import settings
from attnlab.models.seq2seq import Seq2Seq, WriterState
from attnlab.nn.stacks import Encoder
from attnlab.tasks.pairs import Batch
from attnlab.tasks.vocabulary import SPECIAL

Told = Literal["mean", "flat", "wide", "grid", "no places", "self"]
CHANNELS = 32
HIDDEN = {"flat": 96, "wide": 512}  # numbers between one long vector and the writer's start


class Eyes(nn.Module):
    """Three convolutions, which make a vector of each cell, and a map from it to ten digits.

    They are told which digits are in a picture, and never where: a picture has as much of a digit
    as the cell that has most of it.

    Shapes:
        pictures `(B, 24, 24)` → vectors of the cells `(B, m, c)`.

    >>> Eyes()(torch.zeros(2, 24, 24)).shape
    torch.Size([2, 36, 32])
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(24, 24, 3, padding=1)
        self.conv3 = nn.Conv2d(24, CHANNELS, 4, stride=2, padding=1)
        self.name = nn.Linear(CHANNELS, 10)

    def forward(self, pictures: Tensor) -> Tensor:
        x = pictures[:, None]  # (B, 1, 24, 24)
        for layer in (self.conv1, self.conv2, self.conv3):
            x = torch.relu(layer(x))
        return x.flatten(2).mT  # (B, c, 6, 6) to (B, m, c)

    def found(self, pictures: Tensor) -> Tensor:
        """How much of each digit a picture has: `(B, 10)`."""
        return self.name(self(pictures)).amax(1)


def seeing_loss(eyes: nn.Module, batch: Batch) -> Tensor:
    """Cross-entropy for each of the two digits; which is which does not matter."""
    logits = cast(Eyes, eyes).found(batch.src).log_softmax(1)
    return -logits.gather(1, spoken_digits(batch)).mean()


def spoken_digits(batch: Batch) -> Tensor:
    """The two digits of each picture, in the order in which they are said: `(B, 2)`."""
    return batch.tgt_out[:, [0, 2]] - len(SPECIAL)


@torch.no_grad()
def share_seen(eyes: Eyes, batch: Batch) -> float:
    """Of pictures of two different digits, the share in which those have the two largest logits."""
    found = eyes.found(batch.src).topk(2).indices.sort().values
    there = spoken_digits(batch).sort().values
    unlike = there[:, 0] != there[:, 1]
    return (found == there).all(1)[unlike].double().mean().item()


class Speaker(Seq2Seq):
    """Says what eyes see, which don't learn any more.

    Args:
        eyes: trained ones.
        told: "mean" starts the writer with the mean of all cells, "flat" with all cells side by
            side, "wide" likewise through a wider layer; the three never look again. "grid" starts
            like "mean", and attends to the cells at every word, each with a learned vector for its
            place; "no places" leaves that out, and "self" lets the cells attend to each other
            first, in two layers.
        d_model: d.

    Raises:
        TypeError, ValueError: as `Seq2Seq`; another way to be told.

    Source:
        "flat" is after Vinyals et al. (2015), "grid" after Xu et al. (2015), with the attention of
        Luong et al. (2015).

    >>> model = Speaker(Eyes(), "grid")
    >>> logits, weights = model(torch.zeros(2, 24, 24), torch.ones(2, 4, dtype=torch.int64),
    ...                         return_weights=True)
    >>> logits.shape, weights.shape  # (B, n, V), (B, n, m)
    (torch.Size([2, 4, 16]), torch.Size([2, 4, 36]))
    """

    def __init__(self, eyes: Eyes, told: Told, *, d_model: int = 48):
        settings.one_of(get_args(Told), told=told)
        looks = told not in ("mean", *HIDDEN)
        super().__init__(1, len(VOCABULARY), d_model=d_model, attend="general" if looks else None)
        del self.src_embedding, self.reader  # pictures are read by the eyes
        self.told, self.eyes = told, eyes.requires_grad_(False)
        m, c = SIDE**2, CHANNELS
        if told in HIDDEN:
            self.start_from = nn.Sequential(
                nn.Flatten(), nn.Linear(m * c, HIDDEN[told]), nn.ReLU(),
                nn.Linear(HIDDEN[told], d_model),
            )  # fmt: skip
        else:
            self.start_from = nn.Linear(c, d_model)
        if looks:
            self.cell = nn.Linear(c, d_model)
        if told in ("grid", "self"):
            self.place = nn.Parameter(0.5 * torch.randn(m, d_model))
        if told == "self":
            self.encoder = Encoder(d_model=d_model, n_heads=4, n_layers=2, d_ff=2 * d_model)

    def read(self, src: Tensor, src_mask: Tensor | None = None) -> WriterState:
        with torch.no_grad():
            seen = self.eyes(src)  # (B, m, c)
        first = torch.tanh(self.start_from(seen if self.told in HIDDEN else seen.mean(1)))
        if self.attend is None:
            return WriterState(first, seen, None)
        memory = self.cell(seen)  # (B, m, d)
        if self.told != "no places":
            memory = memory + self.place
        if self.told == "self":
            memory = self.encoder(memory)
        return WriterState(first, memory, None)
