"""Which sequences are held out: a property of the sequence, so that no seed can leak one."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

Split = Literal["train", "test"]
HELD_OUT = 5  # one sequence in five


def is_held_out(sequences: Tensor) -> Tensor:
    """Whether each sequence belongs to the test split: a fixed hash of its tokens decides.

    No sequence can be in both splits, whatever the seed or the batch. Trailing zeros (padding) do
    not change the answer.

    Shapes: sequences (B, T) of whole numbers; returns (B,) of booleans.

    >>> is_held_out(torch.tensor([[3, 1, 4, 0], [3, 1, 4, 1]])).tolist()
    [False, False]
    """
    prime, base = 2**31 - 1, 48_271  # Park and Miller's generator as a polynomial hash
    code = torch.zeros(len(sequences), dtype=torch.int64)
    for column in sequences.flip(1).unbind(1):
        code = (code * base + column) % prime
    return code * base % prime % HELD_OUT == 0


def draw(propose: Callable[[int], Tensor], size: int, split: Split) -> Tensor:
    """`size` sequences of one split, by proposing and keeping those that belong to it.

    Shapes: `propose(B)` gives (B, T); returns (size, T).
    Errors: ValueError for another split than "train" or "test", for size < 1, and where the split
    is empty because there are too few different sequences.

    >>> sequences = draw(lambda size: torch.randint(10, (size, 4)), 3, "test")
    >>> is_held_out(sequences).tolist()
    [True, True, True]
    """
    if split not in ("train", "test"):
        raise ValueError(f"expected split 'train' or 'test', got {split!r}")
    if size < 1:
        raise ValueError(f"expected a batch size ≥ 1, got {size}")
    kept, found = [], 0
    for _ in range(1000):
        proposed = propose(2 * size if split == "train" else HELD_OUT * size)
        kept.append(proposed[is_held_out(proposed) == (split == "test")])
        found += len(kept[-1])
        if found >= size:
            return torch.cat(kept)[:size]
    raise ValueError(f"the {split} split is empty: too few different sequences; use more symbols")
