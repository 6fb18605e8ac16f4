"""Batches of sequences of like lengths."""

import numpy as np
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


@pytest.mark.parametrize("kind", [np.array, torch.tensor, np.uint8, tuple])
def test_lengths_of_any_library_and_on_any_default_device(kind):
    lengths = [3, 9, 3, 200] * 40
    expected = list(sorted_batches(lengths, 2, generator=torch.Generator().manual_seed(1)))
    given = kind(lengths)
    with torch.device("meta"):
        got = list(sorted_batches(given, np.int8(2), generator=torch.Generator().manual_seed(1)))
    assert got == expected


@pytest.mark.parametrize(
    ("lengths", "options", "error", "message"),
    [
        ([1], {"size": 0}, ValueError, "size must be at least 1, got 0"),
        ([], {}, ValueError, "lengths must be of one sequence or more, got none"),
        (
            torch.zeros(0).long(),
            {},
            ValueError,
            "lengths must be of one sequence or more, got none",
        ),
        ([1, -2], {}, ValueError, "lengths must be at least 0, got -2"),
        ([1, 2.5], {}, TypeError, "lengths must be an integer, got float"),
        (["a"], {}, TypeError, "lengths must be an integer, got str"),
        (np.array([0.5]), {}, TypeError, "lengths must be integers, got float64"),
        (np.array(3), {}, ValueError, r"lengths must have one axis, got shape \(\)"),
        ({1, 2}, {}, TypeError, "lengths must be a NumPy array or a torch tensor, got set"),
        ([1], {"size": 1.5}, TypeError, "size must be an integer, got float"),
        ([1], {"generator": 3}, TypeError, r"generator must be a torch.Generator, got int"),
    ],
)
def test_wrong_batches(lengths, options, error, message):
    """At once, and not when the first batch is asked for."""
    with pytest.raises(error, match=message):
        sorted_batches(lengths, **{"size": 2} | options)
