"""Repeat a sequence: what is to be repeated, a mark, and the same symbols again.

Letters: B batch, n symbols to repeat, T = 2n + 1 tokens, V symbols.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import settings

V = 10  # different symbols; one more token marks the end of what is to be repeated


def copy_tokens(n: int, *, size: int) -> Tensor:
    """So many sequences of n random symbols, a mark, and the same symbols again: `(B, 2n + 1)`.

    Raises:
        TypeError: n or size is not an integer. ValueError: it is below 1.

    >>> tokens = copy_tokens(3, size=2)
    >>> tokens[:, 3].tolist(), bool((tokens[:, :3] == tokens[:, 4:]).all())
    ([10, 10], True)
    """
    settings.count(1, n=n, size=size)
    symbols = torch.randint(V, (size, n))
    return torch.cat([symbols, torch.full((size, 1), V), symbols], dim=1)


def copy_batches(max_n: int, *, size: int = 64) -> Iterator[Tensor]:
    """Training batches without end, each of one length from 1 to `max_n`."""
    while True:
        yield copy_tokens(int(torch.randint(1, max_n + 1, ())), size=size)


def copy_loss(model: nn.Module, tokens: Tensor) -> Tensor:
    """Mean cross-entropy of the repeated symbols; what comes before them cannot be known.

    >>> round(copy_loss(lambda x: torch.zeros(*x.shape, V), copy_tokens(3, size=2)).item(), 4)
    2.3026
    """
    n = tokens.shape[1] // 2
    logits = model(tokens[:, :-1])[:, n:]  # (B, n, V)
    return F.cross_entropy(logits.transpose(1, 2), tokens[:, n + 1 :])


@torch.no_grad()
def copy_accuracy(model: nn.Module, n: int, *, size: int = 100) -> float:
    """The share of n repeated symbols that the model gets right, each after the right ones before.

    >>> copy_accuracy(lambda x: F.one_hot(x.roll(3, 1), V + 1), 3)
    1.0
    """
    tokens = copy_tokens(n, size=size)
    best = model(tokens[:, :-1])[:, n:].argmax(-1)  # (B, n)
    return (best == tokens[:, n + 1 :]).double().mean().item()
