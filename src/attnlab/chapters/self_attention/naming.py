"""Sequences of tokens that name each other, two questions about each token, and who answers them.

A token is a name, the name of another token of its sequence, and a digit. Asked is the digit of the
token that it names, wherever that stands, or of the one at its left.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NAMES = "abcdefghijklmnopqrst"
D_IN = 2 * len(NAMES) + 10  # a name, another name, a digit
Answers = dict[str, Tensor]


def sequences(count: int, n: int = 12) -> tuple[Tensor, Answers]:
    """Sequences `(count, n, D_IN)`, and by question the right digit for each token `(count, n)`.

    The first token has no left neighbor: what stands there as its answer is not asked.

    >>> x, answers = sequences(3, n=5)
    >>> tuple(x.shape), sorted(answers)
    ((3, 5, 50), ['left', 'named'])
    """
    name = torch.rand(count, len(NAMES)).argsort(dim=-1)[:, :n]  # (count, n)
    further = torch.randint(1, n, (count, n))
    place = (torch.arange(n) + further) % n  # of the token that is named
    digit = torch.randint(10, (count, n))
    parts = (
        F.one_hot(name, len(NAMES)),
        F.one_hot(name.gather(1, place), len(NAMES)),
        F.one_hot(digit, 10),
    )
    answers = {"named": digit.gather(1, place), "left": digit.roll(1, dims=1)}
    return torch.cat(parts, dim=-1).float(), answers


def spell(x: Tensor) -> list[str]:
    """One sequence `(n, D_IN)` in letters, a token each: `c→a 7` is called c, names a, has a 7.

    >>> x = torch.zeros(1, D_IN)
    >>> x[0, [2, 20, 47]] = 1
    >>> spell(x)
    ['c→a 7']
    """
    parts = x.split((len(NAMES), len(NAMES), 10), dim=-1)
    name, named, digit = (part.argmax(-1).tolist() for part in parts)
    return [f"{NAMES[i]}→{NAMES[j]} {k}" for i, j, k in zip(name, named, digit, strict=True)]


def loss_of(question: str) -> Callable[[nn.Module, tuple[Tensor, Answers]], Tensor]:
    """The cross entropy of the digits that a model says to the `question`."""

    def loss(model: nn.Module, batch: tuple[Tensor, Answers]) -> Tensor:
        x, answers = batch
        logits = model(x)[:, 1:]  # the first token is not asked
        return F.cross_entropy(logits.mT, answers[question][:, 1:])

    return loss


def accuracy(model: nn.Module, question: str, n: int = 12) -> float:
    """The share of right answers in 500 sequences of `n` tokens that training has not seen."""
    generator = torch.random.get_rng_state()
    torch.manual_seed(100)
    x, answers = sequences(500, n)
    torch.random.set_rng_state(generator)
    with torch.no_grad():
        said = model(x).argmax(-1)
    return (said == answers[question])[:, 1:].double().mean().item()


class Recurrent(nn.Module):
    """A GRU that reads the sequence in both directions: `(B, n, D_IN)` to `(B, n, 10)`."""

    def __init__(self, d_hidden: int = 21, n_layers: int = 1):
        super().__init__()
        self.gru = nn.GRU(D_IN, d_hidden, num_layers=n_layers, batch_first=True, bidirectional=True)
        self.to_digit = nn.Linear(2 * d_hidden, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.to_digit(self.gru(x)[0])
