"""Putting the spaces back: where words end, from few windows of which it is known.

Letters: B batch, N windows, n letters of a window, d width of a reader, V letters of the alphabet.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as loss_of

from attnlab.chapters.language.ngrams import NGrams, V
from attnlab.chapters.language.training import BATCH, LR, WINDOW
from attnlab.models.language import LanguageModel
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

EDGE = 8

Labeled = tuple[Tensor, Tensor]  # letters (N, n), whether a word ends there (N, n)


class Spacer(nn.Module):
    """A reader with a new last map: at each letter, a score of whether a word ends there.

    Args:
        reader: a language model, pretrained or not; it goes on learning.

    Shapes:
        letters `(B, n)` → `(B, n)`.
    """

    def __init__(self, reader: LanguageModel):
        super().__init__()
        self.reader = reader
        self.read_out = nn.Linear(reader.src_embedding.embedding_dim, 1)

    def forward(self, letters: Tensor) -> Tensor:
        return self.read_out(self.reader.features(letters))[..., 0]


def labeled(letters: np.ndarray, breaks: np.ndarray, count: int) -> Labeled:
    """As many windows as asked for, at places that torch's own random numbers choose."""
    places = torch.randint(len(letters) - WINDOW + 1, (count, 1)) + torch.arange(WINDOW)
    return torch.from_numpy(letters)[places], torch.from_numpy(breaks)[places]


def tune(spacer: Spacer, known: Labeled, steps: int, progress: Progress | str = "tuning") -> Spacer:
    """The spacer, trained on what is known."""

    def draws() -> Iterator[Labeled]:
        while True:
            rows = torch.randint(len(known[0]), (BATCH,))
            yield known[0][rows], known[1][rows]

    def loss(model: nn.Module, batch: Labeled) -> Tensor:
        return loss_of(model(batch[0]), batch[1].float())

    schedule = linear_decay(steps, warmup_steps=20)
    fit(spacer, draws(), loss, steps=steps, lr=LR / 4, schedule=schedule, progress=progress)
    return spacer


def surroundings(letters: Tensor, reach: int = 3) -> Tensor:
    """Which letters stand up to `reach` places before and behind each: `(N, n, (2 reach + 1) V)`.

    Ones and zeros; beyond the ends of a window nothing stands.
    """
    padded = nn.functional.pad(letters, (reach, reach), value=V).unfold(1, 2 * reach + 1, 1)
    return nn.functional.one_hot(padded, V + 1)[..., :V].flatten(2).float()


def doubts(p: Tensor, letters: Tensor) -> Tensor:
    """How unsure a reader was of the letters around each place, and how surprised: `(N, n, 12)`.

    Args:
        p: `(N, n, V)`, the reader's probabilities of each letter, before it has seen it.
        letters: `(N, n)`.

    Returns:
        The entropy of p, and the surprise at the letter that came, in bits, for two letters before
        each, itself, and three behind it. Those beyond one end are taken from the other.

    >>> doubts(torch.full((1, 8, 4), 0.25), torch.zeros(1, 8, dtype=torch.int64))[0, 0].unique()
    tensor([2.])
    """
    entropy = torch.special.entr(p).sum(-1) / math.log(2)
    surprise = -p.gather(-1, letters[..., None])[..., 0].log2()
    moved = [x.roll(-step, 1) for x in (entropy, surprise) for step in range(-2, 4)]
    return torch.stack(moved, -1)


def reader_probabilities(model: LanguageModel, letters: Tensor) -> Tensor:
    """What a causal reader expects at each place, `(N, n, V)`; at the first, any letter alike."""
    with torch.no_grad():
        p = model(letters[:, :-1]).softmax(-1)
    return torch.cat([torch.full_like(p[:, :1], 1 / V), p], dim=1)


def count_probabilities(grams: NGrams, letters: Tensor) -> Tensor:
    """What counts of n-grams expect at each place, `(N, n, V)`."""
    texts = letters.numpy()
    p = np.stack([grams.at(texts, t) for t in range(texts.shape[1])], axis=1)
    return torch.from_numpy(p).float()


def logistic(features: Tensor, ends: Tensor, penalty: float = 1.0) -> nn.Linear:
    """Logistic regression of `ends` `(N, n)` on features `(N, n, f)`, fitted by L-BFGS."""
    x, y = features.flatten(0, 1), ends.flatten().float()
    model = nn.Linear(x.shape[1], 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of(model(x)[:, 0], y, reduction="sum")
        loss = loss + penalty / 2 * model.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)  # pyright: ignore[reportArgumentType] - torch's own example
    return model


def f1(scores: Tensor, truth: Tensor) -> float:
    """Twice the spaces found, as a share of those said and those there are; said is what has a
    score above 0. Letters near the ends of their windows, which lack neighbors, don't count.
    """
    inner = slice(EDGE, WINDOW - EDGE)
    found, truth = scores[:, inner] > 0, truth[:, inner]
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum()))
