"""Masks: who may attend to whom, entry by entry, and lengths that cannot be."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import causal_mask, padding_mask, window_mask

sizes = st.integers(0, 13)


@given(sizes)
def test_causal_mask_is_j_up_to_i(n):
    mask = causal_mask(n)
    assert mask.dtype == bool
    assert mask.tolist() == [[j <= i for j in range(n)] for i in range(n)]


@given(sizes, st.integers(1, 15))
def test_window_mask_is_nearer_than_width(n, width):
    near = [[abs(i - j) < width for j in range(n)] for i in range(n)]
    past = [[0 <= i - j < width for j in range(n)] for i in range(n)]
    assert window_mask(n, width).tolist() == near
    assert window_mask(n, width, causal=True).tolist() == past
    both = window_mask(n, width) & causal_mask(n)
    assert (window_mask(n, width, causal=True) == both).all()


@pytest.mark.parametrize("like", [np.ones(1), torch.ones(1)])
def test_sizes_of_any_integer_type(like):
    for n in (np.uint8(200), np.int8(100), np.int64(3)):
        expected = np.tri(int(n), dtype=bool).tolist()
        assert causal_mask(n, like=like).tolist() == expected
        assert window_mask(n, 10**30, causal=True, like=like).tolist() == expected
    assert (
        window_mask(np.uint8(3), np.int8(1), like=like).tolist() == np.eye(3, dtype=bool).tolist()
    )
    assert padding_mask([3], np.uint8(200), like=like).sum() == 3


@given(st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_padding_mask_is_before_the_end(lengths):
    expected = [[[j < length for j in range(7)]] for length in lengths]
    for given_as in (lengths, tuple(lengths), np.array(lengths), torch.tensor(lengths)):
        mask = padding_mask(given_as, 7)
        assert isinstance(mask, torch.Tensor) == isinstance(given_as, torch.Tensor)
        assert tuple(mask.shape) == (len(lengths), 1, 7)
        assert mask.tolist() == expected


def test_lengths_with_an_axis_for_the_heads():
    mask = padding_mask(np.array([[2], [3]]), 3)
    assert mask.shape == (2, 1, 1, 3)
    assert mask[:, 0, 0].tolist() == [[True, True, False], [True, True, True]]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "uint64", "int64"])
def test_lengths_in_few_bits_are_compared_in_many(dtype):
    lengths = [0, 100, 127 if dtype == "int8" else 200]
    expected = [[[j < length for j in range(300)]] for length in lengths]
    for array in (np.array(lengths, dtype), torch.tensor(lengths, dtype=getattr(torch, dtype))):
        assert padding_mask(array, 300).tolist() == expected
    for array in (np.array([101], dtype), torch.tensor([101], dtype=getattr(torch, dtype))):
        with pytest.raises(ValueError, match="between 0 and max_len = 100, got 101"):
            padding_mask(array, 100)


def test_lengths_beyond_int64_are_refused_as_they_came():
    with pytest.raises(ValueError, match="max_len = 3, got 18446744073709551615"):
        padding_mask(np.array([2**64 - 1], np.uint64), 3)


def test_lengths_reversed_read_only_or_of_one_sequence():
    lengths = np.array([1, 2, 3])
    assert padding_mask(lengths[::-1], 3).tolist() == padding_mask([3, 2, 1], 3).tolist()
    assert padding_mask(np.broadcast_to(2, 2), 3).tolist() == [[[True, True, False]]] * 2
    for one in (np.array(2), torch.tensor(2)):
        assert padding_mask(one, 3).tolist() == [[True, True, False]]


def test_padding_takes_the_library_and_the_device_of_like_too():
    expected = padding_mask([2, 3], 3)
    for like in (torch.ones(1), torch.arange(2)):
        for lengths in ([2, 3], np.array([2, 3])[::1], torch.tensor([2, 3])):
            mask = padding_mask(lengths, 3, like=like)
            assert isinstance(mask, torch.Tensor) and mask.tolist() == expected.tolist()
    assert padding_mask([2], 3, like=torch.ones(1, device="meta")).device.type == "meta"
    assert isinstance(padding_mask([2], 3, like=np.ones(1)), np.ndarray)


@pytest.mark.parametrize("like", [None, torch.ones(2, dtype=torch.float16), torch.arange(3)])
def test_masks_combine_and_take_the_library_of_like(like):
    lengths = np.array([2, 5]) if like is None else torch.tensor([2, 5])
    mask = padding_mask(lengths, 5) & causal_mask(5, like=like) & window_mask(5, 2, like=like)
    assert isinstance(mask, np.ndarray if like is None else torch.Tensor)
    assert str(mask.dtype) in ("bool", "torch.bool")
    expected = [
        [[j < end and j <= i and abs(i - j) < 2 for j in range(5)] for i in range(5)]
        for end in (2, 5)
    ]
    assert mask.tolist() == expected


def test_like_carries_its_device():
    like = torch.ones(1, device="meta")
    assert causal_mask(3, like=like).device == window_mask(3, 1, like=like).device == like.device


def test_padding_mask_is_on_the_device_of_the_lengths():
    lengths = torch.tensor([1, 2])
    with torch.device("meta"):  # where tensors are made that name no device
        assert padding_mask(lengths, 3).device == lengths.device


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: causal_mask(-1), ValueError, "n must be at least 0, got -1"),
        (lambda: causal_mask(2.0), TypeError, "n must be an integer, got float"),
        (lambda: causal_mask(True), TypeError, "n must be an integer, got bool"),
        (lambda: causal_mask(2, like=[1.0]), TypeError, "like must be a NumPy array.*got list"),
        (lambda: window_mask(-2, 1), ValueError, "n must be at least 0, got -2"),
        (lambda: window_mask(2, 0), ValueError, "width must be at least 1, got 0"),
        (lambda: window_mask(2, 1.0), TypeError, "width must be an integer, got float"),
        (lambda: padding_mask([1, -1], 3), ValueError, "between 0 and max_len = 3, got -1"),
        (lambda: padding_mask([3, 4, 5], 3), ValueError, "between 0 and max_len = 3, got 4"),
        (lambda: padding_mask(torch.tensor([4]), 3), ValueError, "max_len = 3, got 4"),
        (lambda: padding_mask([1.0], 3), TypeError, "lengths must be integers, got float64"),
        (lambda: padding_mask(np.array([True]), 3), TypeError, "integers, got bool"),
        (lambda: padding_mask(3, 3), TypeError, "lengths must be a NumPy array.*got int"),
        (
            lambda: padding_mask([[1], [2, 3]], 3),
            TypeError,
            "lengths must be a sequence of numbers",
        ),
        (lambda: padding_mask([None], 3), TypeError, "lengths must be integers, got object"),
        (lambda: padding_mask(["1"], 3), TypeError, "lengths must be integers, got <U1"),
        (lambda: padding_mask([True], 3), TypeError, "lengths must be integers, got bool"),
        (lambda: padding_mask(None, 3), TypeError, "lengths must be a NumPy.*got NoneType"),
        (
            lambda: padding_mask(torch.tensor([1]), 3, like=np.ones(1)),
            TypeError,
            "lengths is a torch.Tensor, like is a numpy.ndarray",
        ),
        (
            lambda: padding_mask(torch.tensor([1]), 3, like=torch.ones(1, device="meta")),
            ValueError,
            "one device, got lengths cpu, like meta",
        ),
        (lambda: window_mask(2, 1, like=3), TypeError, "like must be a NumPy array.*got int"),
        (lambda: window_mask(2, 1, causal=1), TypeError, "causal must be True or False, got int"),
        (lambda: padding_mask([0], -1), ValueError, "max_len must be at least 0, got -1"),
        (lambda: padding_mask([0], 1.0), TypeError, "max_len must be an integer, got float"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_nothing_to_mask():
    assert padding_mask([], 3).shape == (0, 1, 3)
    assert padding_mask([0, 0], 0).shape == (2, 1, 0)
    assert padding_mask(np.array([], int), 3).shape == (0, 1, 3)
    assert causal_mask(1).tolist() == window_mask(1, 1).tolist() == [[True]]
