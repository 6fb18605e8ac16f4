"""Score functions beside their definitions, written out pair by pair."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from attnlab import (
    additive_scores,
    bilinear_scores,
    dot_scores,
    gaussian_scores,
    scaled_dot_scores,
)
from attnlab.functional.scores import scaled_products

B, H, N, M, D_Q, D_K, D_A = 2, 3, 5, 7, 11, 13, 17
LIBRARIES = [np.asarray, torch.from_numpy]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape) + sum(shape)).standard_normal(shape)


Q, K, K_LIKE_Q = normal(B, H, N, D_Q), normal(B, 1, M, D_K), normal(B, 1, M, D_Q)
W, W_Q, W_K, V = normal(D_Q, D_K), normal(D_Q, D_A), normal(D_K, D_A), normal(D_A)

# Each function, its arguments, and the score of one pair (a query, a key) by definition.
CASES = {
    "dot": (dot_scores, (Q, K_LIKE_Q), lambda q, k: np.sum(q * k)),
    "scaled": (scaled_dot_scores, (Q, K_LIKE_Q), lambda q, k: np.sum(q * k) / np.sqrt(D_Q)),
    "gaussian": (gaussian_scores, (Q, K_LIKE_Q), lambda q, k: -np.sum((q - k) ** 2) / 2),
    "bilinear": (bilinear_scores, (Q, K, W), lambda q, k: np.sum(np.outer(q, k) * W)),
    "additive": (
        additive_scores,
        (Q, K, W_Q, W_K, V),
        lambda q, k: np.sum(V * np.tanh(q @ W_Q + k @ W_K)),
    ),
}


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("case", CASES)
def test_each_pair_by_definition(case, array):
    function, arrays, of_pair = CASES[case]
    scores = np.asarray(function(*map(array, arrays)))
    assert scores.shape == (B, H, N, M)
    for b, h, i, j in np.ndindex(B, H, N, M):
        expected = of_pair(arrays[0][b, h, i], arrays[1][b, 0, j])
        assert scores[b, h, i, j] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_numpy_and_torch_agree_and_gradients_are_right(case):
    function, arrays, _ = CASES[case]
    tensors = [torch.from_numpy(array).requires_grad_() for array in arrays]
    with torch.no_grad():
        there = function(*tensors).numpy()
    np.testing.assert_allclose(there, function(*arrays), rtol=1e-12, atol=1e-12)
    few = [tensor[:1, :1, :2] if tensor.ndim == 4 else tensor for tensor in tensors]
    assert torch.autograd.gradcheck(function, few)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_dtype_stays_and_arguments_are_left_as_they_were(case, dtype):
    function, arrays, _ = CASES[case]
    tensors = [torch.from_numpy(array).to(dtype) for array in arrays]
    before = [tensor.clone() for tensor in tensors]
    assert function(*tensors).dtype == dtype
    assert all(torch.equal(a, b) for a, b in zip(tensors, before, strict=True))
    if dtype != torch.bfloat16:
        assert function(*(t.numpy() for t in tensors)).dtype == tensors[0].numpy().dtype


def test_scaling_first_keeps_half_precision_from_overflowing():
    q = np.full((1, 64), 50.0, np.float16)  # q · q = 160,000, beyond float16; an eighth is not
    assert scaled_dot_scores(q, q).tolist() == [[20_000]]


def test_a_factor_multiplies_them():
    q, k = np.random.default_rng(0).standard_normal((2, 3, 4))
    twice = 2 * scaled_dot_scores(q, k)
    np.testing.assert_allclose(scaled_products(q, k, 2.0), twice, rtol=1e-15)


def test_a_width_divides_the_distances():
    scores = gaussian_scores(Q, K_LIKE_Q)
    np.testing.assert_allclose(gaussian_scores(Q, K_LIKE_Q, width=3), scores / 9, rtol=1e-12)
    half = [array.astype(np.float16) for array in (Q, K_LIKE_Q)]
    assert gaussian_scores(*half, width=np.float64(3)).dtype == np.float16


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_width_beyond_the_precision_leaves_the_nearest_or_all(array, dtype):
    q, k = array(np.zeros((1, 2), dtype)), array(np.array([[0, 0], [1, 0]], dtype))
    assert gaussian_scores(q, k, width=1e-300).tolist() == [[0, -np.inf]]
    assert gaussian_scores(q, k, width=10**300).tolist() == [[0, 0]]
    assert gaussian_scores(q, k, width=Fraction(1, 2)).tolist() == [[0, -2]]


@pytest.mark.parametrize("array", LIBRARIES)
def test_half_precision_is_summed_in_float32(array):
    def half(*shape, of=1.0):
        return array(np.full(shape, of, np.float16))

    m = 5000
    assert gaussian_scores(half(1, m), half(1, m, of=2)).tolist() == [[-m / 2]]
    assert gaussian_scores(half(1, 1, of=300), half(1, 1, of=0)).tolist() == [
        [-44_992]
    ]  # float16's next
    # 300 · 300 leaves float16, and a hundredth of it comes back.
    tenth = np.float16(0.01)
    assert bilinear_scores(
        half(1, 1, of=300), half(1, 1, of=tenth), half(1, 1, of=300)
    ).tolist() == [[float(np.float16(90_000 * np.float32(tenth)))]]
    ones = half(1, m)
    additive = additive_scores(ones, ones, half(m, 1, of=1e-3), half(m, 1, of=-1e-3), half(1))
    assert additive.tolist() == [[0]]


@pytest.mark.parametrize("case", CASES)
def test_no_queries_no_keys_one_of_each_and_an_empty_batch(case):
    function, (_, _, *weights), _ = CASES[case]
    d_q, d_k = D_Q, D_K if weights else D_Q
    for lead, n, m in [((), 0, M), ((), N, 0), ((), 1, 1), ((0, H), N, M)]:
        scores = function(normal(*lead, n, d_q), normal(*lead, m, d_k), *weights)
        assert scores.shape == (*lead, n, m)


ONE = np.ones


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: dot_scores(ONE((3, 5)), ONE((3, 7))),
            ValueError,
            r"q and k must be equally long on axis -1, got shapes q \(3, 5\), k \(3, 7\)",
        ),
        (lambda: scaled_dot_scores(ONE((3, 5)), ONE((3, 7))), ValueError, "equally long"),
        (
            lambda: dot_scores(ONE((2, 3, 5)), ONE((7, 3, 5))),
            ValueError,
            r"leading axes.*must broadcast, got shapes q \(2, 3, 5\), k \(7, 3, 5\)",
        ),
        (lambda: dot_scores(ONE(5), ONE((3, 5))), ValueError, r"q must have at least 2.*\(5,\)"),
        (lambda: dot_scores(ONE((3, 5)), ONE(5)), ValueError, r"k must have at least 2.*\(5,\)"),
        (lambda: scaled_dot_scores(ONE((3, 0)), ONE((3, 0))), ValueError, "axis -1 of q is empty"),
        (lambda: dot_scores(ONE((3, 5), int), ONE((3, 5))), TypeError, "q must hold float.*int64"),
        (
            lambda: dot_scores(ONE((3, 5), np.float32), ONE((3, 5))),
            TypeError,
            "expected one dtype, got q float32, k float64",
        ),
        (
            lambda: dot_scores(ONE((3, 5)), torch.ones(3, 5)),
            TypeError,
            "one library.*q is a numpy.ndarray, k is a torch.Tensor",
        ),
        (
            lambda: dot_scores(torch.ones(3, 5), torch.ones(3, 5, device="meta")),
            ValueError,
            "expected one device, got q cpu, k meta",
        ),
        (lambda: gaussian_scores(ONE((3, 5)), ONE((3, 1))), ValueError, "equally long"),
        (
            lambda: gaussian_scores(ONE((3, 5)), ONE((3, 5)), width=0),
            ValueError,
            "width must be positive and finite, got 0",
        ),
        (
            lambda: gaussian_scores(ONE((3, 5)), ONE((3, 5)), width="1"),
            TypeError,
            "width must be a number, got str",
        ),
        (
            lambda: bilinear_scores(ONE((3, 5)), ONE((3, 7)), ONE((7, 5))),
            ValueError,
            r"w must have shape \(5, 7\), got \(7, 5\)",
        ),
        (
            lambda: bilinear_scores(ONE((3, 5)), ONE((3, 7)), ONE((5, 7), int)),
            TypeError,
            "w must hold floating-point numbers, got int64",
        ),
        (lambda: bilinear_scores(ONE((3, 0)), ONE((3, 7)), ONE((0, 7))), ValueError, "empty"),
        (
            lambda: additive_scores(ONE((3, 5)), ONE((3, 7)), ONE((7, 2)), ONE((7, 2)), ONE(2)),
            ValueError,
            r"w_q must have shape \(5, 2\), got \(7, 2\)",
        ),
        (
            lambda: additive_scores(ONE((3, 5)), ONE((3, 7)), ONE((5, 2)), ONE((7, 3)), ONE(2)),
            ValueError,
            r"w_k must have shape \(7, 2\), got \(7, 3\)",
        ),
        (
            lambda: additive_scores(
                ONE((3, 5)), ONE((3, 7)), ONE((5, 2)), ONE((7, 2)), ONE((1, 2))
            ),
            ValueError,
            r"v must have shape \(2,\), got \(1, 2\)",
        ),
        (
            lambda: additive_scores(
                ONE((3, 5)), ONE((3, 7)), ONE((5, 2)), ONE((7, 2)), np.array(1.0)
            ),
            ValueError,
            r"v must have at least 1 axes, got shape \(\)",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["w_q", "w_k", "v"])
def test_a_parameter_of_another_dtype_is_named(name):
    parameters = {"w_q": np.ones((2, 5)), "w_k": np.ones((3, 5)), "v": np.ones(5)}
    parameters[name] = parameters[name].astype(np.float32)
    with pytest.raises(TypeError, match=f"expected one dtype, got .*{name} float32"):
        additive_scores(np.ones((1, 2)), np.ones((1, 3)), **parameters)


def test_keys_of_no_width_are_named():
    with pytest.raises(ValueError, match="axis -1 of k is empty"):
        bilinear_scores(np.ones((1, 2)), np.ones((1, 0)), np.ones((2, 0)))
