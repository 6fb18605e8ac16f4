"""Which sequences are held out: a property of the sequence, so that no seed can leak one."""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import settings

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
HELD_OUT = 5  # one sequence in five


def is_held_out(sequences: Tensor) -> Tensor:
    """Whether each sequence belongs to the test split: a fixed hash of its tokens decides.

    No sequence can be in both splits, whatever the seed or the batch.

    Args:
        sequences: `(B, T)` of integers. Zeros at the end, padding, do not change the answer.

    Returns:
        `(B,)` of booleans; about one in five is True.

    Raises:
        TypeError: sequences that are no tensor of integers. ValueError: another shape.

    Source:
        A polynomial hash: Karp and Rabin (1987).

    >>> is_held_out(torch.tensor([[3, 1, 4, 0], [3, 1, 4, 1]])).tolist()
    [False, False]
    """
    check.tensors(sequences=sequences)
    check.integers(sequences=sequences)
    if sequences.ndim != 2:
        raise ValueError(f"sequences must have shape (B, T), got {tuple(sequences.shape)}")
    prime, base = 2**31 - 1, 48_271
    code = sequences.new_zeros(len(sequences), dtype=torch.int64)
    for column in sequences.long().flip(1).unbind(1):  # torch can flip few kinds of integers
        code = (code * base + column) % prime
    return code * base % prime % HELD_OUT == 0


def draw(propose: Callable[[int], Tensor], size: int, split: Split) -> Tensor:
    """Random sequences of one split: propose, and keep those that belong to it.

    Args:
        propose: gives so many sequences, `(B, T)`.
        size: how many to draw.
        split: "train" or "test".

    Returns:
        `(size, T)`.

    Raises:
        TypeError: size is not an integer.
        ValueError: another split, size below 1, or a split that seems to have no sequence.

    >>> sequences = draw(lambda size: torch.randint(10, (size, 4)), 3, "test")
    >>> is_held_out(sequences).tolist()
    [True, True, True]
    """
    settings.one_of(SPLITS, split=split)
    settings.count(1, size=size)
    size = int(size)
    kept, found = [], 0
    for _ in range(1000):
        proposed = propose(2 * size if split == "train" else HELD_OUT * size)
        kept.append(proposed[is_held_out(proposed) == (split == "test")])
        found += len(kept[-1])
        if found >= size:
            return torch.cat(kept)[:size]
    raise ValueError(f"the {split} split is empty: too few different sequences; use more symbols")
