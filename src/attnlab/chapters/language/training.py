"""How this chapter's readers are trained, and how their gaps are filled.

Letters: B batch, N windows, n letters of a window, V letters of the alphabet.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from attnlab.chapters.language.ngrams import V
from attnlab.models.language import LanguageModel
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

WINDOW, BATCH, LR, HIDDEN = 64, 32, 0.004, 0.15


def reader(*, causal: bool) -> LanguageModel:
    """An untrained reader of this chapter's size."""
    return LanguageModel(V, d_model=64, n_heads=4, n_layers=2, d_ff=256, causal=causal)


def windows(letters: np.ndarray, count: int, length: int = WINDOW) -> Tensor:
    """As many windows as asked for, at places that torch's own random numbers choose: `(N, n)`."""
    starts = torch.randint(len(letters) - length + 1, (count, 1))
    return torch.from_numpy(letters)[starts + torch.arange(length)]


def batches(letters: np.ndarray, length: int = WINDOW) -> Iterator[Tensor]:
    """Windows to learn from, drawn again and again."""
    while True:
        yield windows(letters, BATCH, length)


def next_loss(model: Any, batch: Tensor) -> Tensor:
    """Nats a letter, of each letter from those before it."""
    return cross_entropy(model(batch[:, :-1]).mT, batch[:, 1:])


def hidden_loss(model: Any, batch: Tensor) -> Tensor:
    """Nats a letter, of those that are hidden, from all that are not."""
    hidden = torch.rand(batch.shape) < HIDDEN
    logits = model(batch.masked_fill(hidden, model.mask))
    return cross_entropy(logits[hidden], batch[hidden])


def train(
    model: LanguageModel, letters: np.ndarray, steps: int, progress: Progress | str = "training"
) -> LanguageModel:
    """The reader, trained to say the next letter if it is causal, or else the hidden ones."""
    loss = next_loss if model.causal else hidden_loss
    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, batches(letters), loss, steps=steps, lr=LR, schedule=schedule, progress=progress)
    return model


@torch.no_grad()
def bits(model: LanguageModel, letters: np.ndarray, context: int = WINDOW // 2) -> float:
    """Bits a letter of a causal reader, which has at least so many letters before each."""
    step = WINDOW - context
    cut = torch.from_numpy(letters).unfold(0, WINDOW + 1, step)
    found = model(cut[:, :-1])[:, context:]
    loss = cross_entropy(found.mT, cut[:, context + 1 :])
    return float(loss / np.log(2))


@torch.no_grad()
def from_left(model: LanguageModel, texts: Tensor, place: int) -> Tensor:
    """Log probabilities `(N, V)` of the letter at `place`, by a causal reader of what is before."""
    return model(texts[:, :place])[:, -1].log_softmax(-1)


@torch.no_grad()
def trying(model: LanguageModel, texts: Tensor, place: int, after: int) -> Tensor:
    """Each letter is tried in the gap: a causal reader's log probabilities `(N, V, after + 1)` of
    that letter, and of each one behind it.
    """
    tried = texts[:, None, : place + after + 1].repeat(1, V, 1)
    tried[:, :, place] = torch.arange(V)
    flat = tried.flatten(0, 1)  # (N · V, place + after + 1)
    said = model(flat[:, :-1])[:, place - 1 :].log_softmax(-1)
    return said.gather(-1, flat[:, place:, None])[..., 0].unflatten(0, (-1, V))


def by_trying(model: LanguageModel, texts: Tensor, place: int, after: int) -> Tensor:
    """The same as `from_left`, `(N, V)`, with what `after` letters behind the gap tell as well."""
    return trying(model, texts, place, after).sum(-1).log_softmax(-1)


@torch.no_grad()
def from_both(model: LanguageModel, texts: Tensor, place: int) -> Tensor:
    """The same `(N, V)`, by a reader of both sides who sees a mask in the gap."""
    seen = texts.clone()
    seen[:, place] = model.mask
    return model(seen)[:, place].log_softmax(-1)
