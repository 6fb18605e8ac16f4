"""Batches of sequences of like lengths."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.training.batches import sorted_batches


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(1, 10))
def test_sorted_batches_hold_each_once_and_pad_least(lengths, size):
    batches = list(sorted_batches(lengths, size))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    padded = sum(max(lengths[i] for i in batch) * len(batch) for batch in batches)
    by_length = sorted(lengths)
    cuts = [by_length[i : i + size] for i in range(0, len(lengths), size)]
    assert padded == sum(max(cut) * len(cut) for cut in cuts)


def test_sorted_batches_come_in_random_order():
    lengths = [length for length in range(1, 11) for _ in range(4)]
    first, second = (
        list(sorted_batches(lengths, 4, generator=torch.Generator().manual_seed(seed)))
        for seed in (0, 1)
    )
    assert first != second
    assert [lengths[batch[0]] for batch in first] != list(range(1, 11))


def test_wrong_batches():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        list(sorted_batches([1], 0))
    with pytest.raises(ValueError, match="lengths must be of one sequence or more, got none"):
        list(sorted_batches([], 2))
