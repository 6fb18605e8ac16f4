"""The smallest model that attends: the last word asks, and the answer is read off one mean.

Beside it models in which “it” asks, in one layer or in two. Letters: B batch, n words of a
sentence, d width of all vectors.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from attnlab.chapters.ten_minutes.sentences import IT, NOUNS, WORDS, Batch, batches
from attnlab.functional.attention import attention
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.losses import cross_entropy
from attnlab.training.progress import Progress

D = 16
STEPS = 400
Model = TypeVar("Model", bound=nn.Module)
START = 0.3  # how large the embeddings are before they have learned anything


class LastWordAsks(nn.Module):
    """One attention: the last word's query over all words of the sentence.

    The model does not know where a word stands, and nothing reaches the read-out but the mean of
    the values.

    Shapes:
        words `(B, n)` → logits of the nouns `(B, 24)` and weights `(B, n)`.

    >>> logits, weights = LastWordAsks()(torch.tensor([[3, 20, 30]]))
    >>> logits.shape, weights.shape
    (torch.Size([1, 24]), torch.Size([1, 3]))
    """

    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(WORDS), D)
        self.query = nn.Linear(D, D, bias=False)
        self.key = nn.Linear(D, D, bias=False)
        self.value = nn.Linear(D, D, bias=False)
        self.read_out = nn.Linear(D, len(NOUNS), bias=False)
        nn.init.normal_(self.word.weight, std=START)

    def forward(self, words: Tensor) -> tuple[Tensor, Tensor]:
        x = self.word(words)  # (B, n, d)
        q = self.query(x[:, -1:])  # (B, 1, d): the last word's
        k, v = self.key(x), self.value(x)  # (B, n, d)
        context, weights = attention(q, k, v)  # (B, 1, d), (B, 1, n)
        return self.read_out(context[:, 0]), weights[:, 0]


class PlainMean(LastWordAsks):
    """The same without attention: every word has the same weight.

    >>> PlainMean()(torch.tensor([[3, 20, 30, 7]]))[1]
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """

    def forward(self, words: Tensor) -> tuple[Tensor, Tensor]:
        values = self.value(self.word(words))  # (B, n, d)
        weights = torch.full(words.shape, 1 / words.shape[1])
        return self.read_out(values.mean(1)), weights


class Layer(nn.Module):
    """Every word asks all words, and what it has read is added to it: `(B, n, d)` → the same."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(D, D, bias=False) for _ in range(3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        read, weights = attention(self.query(x), self.key(x), self.value(x))
        return x + read, weights


class ItAsks(nn.Module):
    """Layers of attention, of which the last has “it” ask.

    In the first of two, every word reads the others; so the second has other queries for another
    last word. What “it” is in the end gives the answer, or, if it `points`, the weights do: the
    answer is then the noun that it reads most.

    Shapes:
        words `(B, n)` → logits of the nouns `(B, 24)` and the weights of “it” `(B, n)`.

    >>> from attnlab.chapters.ten_minutes.sentences import sentences
    >>> logits, weights = ItAsks(2, points=True)(sentences("test").words[:3])
    >>> logits.shape, weights.shape
    (torch.Size([3, 24]), torch.Size([3, 11]))
    """

    def __init__(self, layers: int, *, points: bool):
        super().__init__()
        self.points = points
        self.word = nn.Embedding(len(WORDS), D)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.read_out = nn.Linear(D, len(NOUNS), bias=False)
        nn.init.normal_(self.word.weight, std=START)

    def forward(self, words: Tensor) -> tuple[Tensor, Tensor]:
        x, weights = self.layers[0](self.word(words))  # (B, n, d), (B, n, n)
        for layer in self.layers[1:]:
            x, weights = layer(x)
        of_it = weights[:, IT]
        if not self.points:
            return self.read_out(x[:, IT]), of_it
        nouns = torch.arange(len(NOUNS))
        on_nouns = (of_it[:, :, None] * (words[:, :, None] == nouns)).sum(1)  # (B, 24)
        return on_nouns.clamp(min=1e-9).log(), of_it


def trained(
    seed: int,
    kind: Callable[[], Model] = LastWordAsks,
    *,
    progress: Progress | str = "training",
) -> Model:
    """A model of this kind after 400 steps of training."""
    seed_everything(seed)
    model = kind()
    fit(model, batches(64), noun_loss, steps=STEPS, lr=0.01, progress=progress)
    return model


def noun_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy of the noun that is meant."""
    logits, _ = model(batch.words)
    return cross_entropy(logits[:, None], batch.meant[:, None])


@torch.no_grad()
def measured(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Which answers are right, the weight on the noun that is meant, and that on the other noun.

    Shapes:
        returns booleans `(B,)`, and twice `(B,)`.
    """
    logits, weights = model(batch.words)
    on = [(weights * batch.at(nouns)).sum(1) for nouns in (batch.meant, batch.other)]
    return logits.argmax(1) == batch.meant, *on
