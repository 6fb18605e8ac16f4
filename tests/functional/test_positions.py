"""Positions: sines, rotations and distances beside their formulas, and what is invariant."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import alibi_bias, rotary, sinusoidal_encoding

LIBRARIES = [np.asarray, torch.from_numpy]


@given(st.integers(0, 40), st.integers(1, 9).map(lambda half: 2 * half))
def test_sinusoidal_encoding_is_its_formula(n, d_model):
    code = sinusoidal_encoding(n, d_model)
    assert code.shape == (n, d_model)
    for t in range(n):
        for i in range(d_model // 2):
            angle = t / 10_000 ** (2 * i / d_model)
            assert code[t, 2 * i] == pytest.approx(math.sin(angle), abs=1e-13)
            assert code[t, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-13)


def test_dot_products_of_codes_depend_on_the_distance_only():
    code = sinusoidal_encoding(31, 14)
    products = code @ code.T
    for distance in range(31):
        np.testing.assert_allclose(np.diagonal(products, distance), products[0, distance])


@given(st.integers(-50, 50), st.integers(0, 99))
def test_rotated_dot_products_depend_on_the_distance_only(shift, seed):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, 3, 5, 14)), rng.standard_normal((2, 3, 5, 14))
    near = rotary(q, np.arange(5)) @ rotary(k, np.arange(5)).swapaxes(-1, -2)
    far = rotary(q, np.arange(5) + shift) @ rotary(k, np.arange(5) + shift).swapaxes(-1, -2)
    np.testing.assert_allclose(far, near, atol=1e-12)
    assert abs(near - q @ k.swapaxes(-1, -2))[..., 0, 1].min() > 1e-6


def test_rotary_is_a_rotation_of_each_pair():
    x, positions = np.random.default_rng(0).standard_normal((3, 5, 6)), [0, 1, 2, 7, 100]
    turned = rotary(x, positions)
    for b, row in np.ndindex(3, 5):
        t = positions[row]
        for i in range(3):
            pair = complex(*x[b, row, 2 * i : 2 * i + 2])
            expected = pair * np.exp(1j * t / 10_000 ** (2 * i / 6))
            got = complex(*turned[b, row, 2 * i : 2 * i + 2])
            assert got == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("array", LIBRARIES)
def test_rotary_takes_positions_of_any_kind(array):
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 4))
    expected = rotary(x, np.arange(5))
    for positions in (range(5), [0, 1, 2, 3, 4], np.arange(5.0), np.arange(5)[None, None]):
        np.testing.assert_allclose(rotary(array(x), positions), expected, atol=1e-14)
    each = np.array([np.arange(5), np.arange(5) + 7])[:, None]
    turned = np.asarray(rotary(array(x), array(each)))
    np.testing.assert_allclose(turned[0], expected[0], atol=1e-14)
    np.testing.assert_allclose(turned[1], rotary(x[1], np.arange(7, 12)), atol=1e-14)
    one_for_all = rotary(array(x), [3])
    np.testing.assert_allclose(one_for_all, rotary(x, [3] * 5), atol=1e-14)


def test_rotary_gradients_are_right_and_arguments_are_left_as_they_were():
    x = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    positions = torch.tensor([5, 0, 2])
    before = x.detach().clone(), positions.clone()
    assert torch.autograd.gradcheck(lambda x: rotary(x, positions), x)
    assert torch.equal(x, before[0]) and torch.equal(positions, before[1])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtype_stays_and_far_positions_are_exact(dtype):
    x = torch.randn(5, 8, generator=torch.Generator().manual_seed(0)).to(dtype)
    turned = rotary(x, torch.arange(100_003, 100_008))
    exact = rotary(x.double(), torch.arange(100_003, 100_008))
    assert turned.dtype == dtype
    assert (turned.double() - exact).abs().max() <= 2 * torch.finfo(dtype).eps * x.abs().max()
    assert sinusoidal_encoding(3, 4, like=x).dtype == alibi_bias(2, 3, like=x).dtype == dtype
    if dtype != torch.bfloat16:
        assert rotary(x.numpy(), range(5)).dtype == x.numpy().dtype


def test_like_carries_library_and_device():
    like = torch.ones(1, device="meta")
    assert sinusoidal_encoding(3, 4, like=like).device == like.device
    assert alibi_bias(2, 3, like=like).device == like.device
    assert alibi_bias(2, 3, like=np.ones(1, np.float32)).dtype == np.float32
    assert sinusoidal_encoding(3, 4).dtype == alibi_bias(2, 3).dtype == np.float64


@given(st.integers(1, 13), st.integers(0, 11))
def test_alibi_bias_is_its_formula(n_heads, n):
    bias = alibi_bias(n_heads, n)
    expected = [
        [[-(2 ** (-8 * head / n_heads)) * abs(i - j) for j in range(n)] for i in range(n)]
        for head in range(1, n_heads + 1)
    ]
    np.testing.assert_allclose(bias, np.reshape(expected, (n_heads, n, n)), rtol=1e-14)


def test_eight_heads_have_the_slopes_of_the_paper():
    assert (-alibi_bias(8, 2)[:, 0, 1]).tolist() == [2.0**-k for k in range(1, 9)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sinusoidal_encoding(3, 5), ValueError, "d_model must be even, got 5"),
        (lambda: sinusoidal_encoding(3, 0), ValueError, "d_model must be at least 2, got 0"),
        (lambda: sinusoidal_encoding(-1, 4), ValueError, "n must be at least 0, got -1"),
        (lambda: sinusoidal_encoding(3.0, 4), TypeError, "n must be an integer, got float"),
        (
            lambda: sinusoidal_encoding(3, 4, like=np.ones(1, int)),
            TypeError,
            "like must hold float",
        ),
        (lambda: alibi_bias(0, 3), ValueError, "n_heads must be at least 1, got 0"),
        (lambda: alibi_bias(2, -3), ValueError, "n must be at least 0, got -3"),
        (lambda: alibi_bias(2, 3, like=[1.0]), TypeError, "like must be a NumPy array.*got list"),
        (lambda: rotary(np.ones((3, 5)), range(3)), ValueError, "d must be even, got 5"),
        (lambda: rotary(np.ones((3, 0)), range(3)), ValueError, "d must be at least 2, got 0"),
        (lambda: rotary(np.ones(4), [0]), ValueError, r"x must have at least 2 axes.*\(4,\)"),
        (lambda: rotary(np.ones((3, 4), int), range(3)), TypeError, "x must hold floating"),
        (
            lambda: rotary(np.ones((3, 4)), range(2)),
            ValueError,
            r"at of shape \(2,\) does not broadcast to \(3,\)",
        ),
        (
            lambda: rotary(np.ones((3, 4)), np.zeros((2, 3))),
            ValueError,
            r"at of shape \(2, 3\) does not broadcast to \(3,\)",
        ),
        (lambda: rotary(np.ones((1, 4)), [True]), TypeError, "at must be numbers, got bool"),
        (lambda: rotary(np.ones((1, 4)), ["a"]), TypeError, "at must be numbers, got <U1"),
        (
            lambda: rotary(np.ones((1, 4)), torch.ones(1)),
            TypeError,
            "at is a torch.Tensor, x is a numpy.ndarray",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_nowhere_and_the_first_position():
    x = np.random.default_rng(0).standard_normal((1, 4))
    assert rotary(x, [0]).tolist() == x.tolist()
    assert rotary(np.ones((2, 0, 4)), []).shape == (2, 0, 4)
    assert sinusoidal_encoding(1, 4).tolist() == [[0, 1, 0, 1]]
    assert alibi_bias(3, 1).tolist() == [[[0]]] * 3
