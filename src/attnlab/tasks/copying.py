"""Repeat a sequence: what is to be repeated, a mark, and the same symbols again.

Letters: B batch, n symbols to repeat, T = 2n + 1 tokens, V symbols.
"""

from collections.abc import Iterator
from itertools import count

import torch
from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.tasks.marks import logits_from, most_probable
from attnlab.training.losses import cross_entropy

V = 10  # different symbols; one more token marks the end of what is to be repeated


def copy_tokens(n: int, *, size: int, distinct: int = V) -> Tensor:
    """So many sequences of n random symbols, a mark, and the same symbols again: `(B, 2n + 1)`.

    Args:
        n: how many symbols are to be repeated.
        size: how many sequences.
        distinct: how many different symbols they are drawn from, V or fewer.

    Raises:
        TypeError: one of them is not an integer.
        ValueError: one is below 1, or there are not so many symbols.

    >>> tokens = copy_tokens(3, size=2)
    >>> tokens[:, 3].tolist(), bool((tokens[:, :3] == tokens[:, 4:]).all())
    ([10, 10], True)
    """
    settings.count(1, n=n, size=size, distinct=distinct)
    if distinct > V:
        raise ValueError(f"distinct must be at most {V}, got {distinct}")
    symbols = torch.randint(int(distinct), (int(size), int(n)), device="cpu")
    return torch.cat([symbols, symbols.new_full((len(symbols), 1), V), symbols], dim=1)


def copy_batches(max_n: int, *, size: int = 64) -> Iterator[Tensor]:
    """Training batches without end, each of one length from 1 to `max_n`.

    Raises:
        TypeError: max_n or size is not an integer. ValueError: it is below 1.
    """
    settings.count(1, max_n=max_n, size=size)
    after = int(max_n) + 1
    lengths = (int(torch.randint(1, after, (), device="cpu")) for _ in count())
    return (copy_tokens(n, size=size) for n in lengths)


def copy_loss(model: nn.Module, tokens: Tensor) -> Tensor:
    """Mean cross-entropy of the repeated symbols; what comes before them cannot be known.

    Raises:
        TypeError, ValueError: as `attnlab.cross_entropy` does.

    >>> round(copy_loss(lambda x: torch.zeros(*x.shape, V), copy_tokens(3, size=2)).item(), 4)
    2.3026
    """
    n = tokens.shape[1] // 2
    logits = logits_from(n, model(tokens[:, :-1]))  # (B, n, V)
    return cross_entropy(logits, tokens[:, n + 1 :])


@torch.no_grad()
def copy_accuracy(model: nn.Module, n: int, *, size: int = 100, distinct: int = V) -> float:
    """The share of n repeated symbols that the model gets right, each after the right ones before.

    Raises:
        TypeError, ValueError: as `copy_tokens` does, and for logits that are no tensor, not those
            of n symbols, or NaN.

    >>> from torch.nn import functional as F
    >>> copy_accuracy(lambda x: F.one_hot(x.roll(3, 1), V + 1), 3)
    1.0
    """
    tokens = copy_tokens(n, size=size, distinct=distinct)
    targets = tokens[:, n + 1 :]  # (B, n)
    best = most_probable(logits_from(n, model(tokens[:, :-1])), targets)
    return (best == targets).double().mean().item()
