"""softmax and its relatives: what defines them, their edges, both libraries, all precisions."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from attnlab import entropy, log_softmax, online_softmax, softmax, softmax_jacobian
from attnlab.functional.softmax import softmax_into

TORCH_FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
NUMPY_FLOATS = [np.float16, np.float32, np.float64]
LIBRARIES = [np.asarray, torch.from_numpy]

scores_of_any_size = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=7),
    elements=st.floats(-1e4, 1e4),
)


def a_mask(draw_from: np.ndarray, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(draw_from.shape) < 0.6


@given(scores_of_any_size, st.integers(0, 99), st.floats(1e-3, 1e3))
def test_rows_sum_to_one_or_are_all_zero(scores, seed, temperature):
    mask = a_mask(scores, seed)
    weights = softmax(scores, temperature=temperature, mask=mask)
    assert (weights >= 0).all()
    assert (weights[~mask] == 0).all()
    np.testing.assert_allclose(weights.sum(-1), mask.any(-1), atol=1e-12)


@given(scores_of_any_size, st.floats(-1e4, 1e4))
def test_a_shift_changes_nothing(scores, shift):
    np.testing.assert_allclose(softmax(scores + shift), softmax(scores), atol=1e-11)


@given(scores_of_any_size, st.integers(0, 99))
def test_a_permutation_permutes_the_weights(scores, seed):
    order = np.random.default_rng(seed).permutation(scores.shape[-1])
    np.testing.assert_allclose(softmax(scores[..., order]), softmax(scores)[..., order], rtol=1e-12)


@given(scores_of_any_size, st.integers(0, 99), st.floats(0.1, 10))
def test_numpy_and_torch_agree(scores, seed, temperature):
    mask = a_mask(scores, seed)
    for function in (softmax, log_softmax):
        here = function(scores, temperature=temperature, mask=mask)
        there = function(
            torch.from_numpy(scores), temperature=temperature, mask=torch.from_numpy(mask)
        )
        np.testing.assert_allclose(there.numpy(), here, rtol=1e-12, atol=1e-12)


@given(scores_of_any_size, st.integers(1, 9))
def test_online_softmax_is_softmax(scores, block):
    np.testing.assert_allclose(online_softmax(scores, block=block), softmax(scores), atol=1e-12)


@pytest.mark.parametrize("array", LIBRARIES)
def test_online_softmax_waits_for_the_first_score_that_is_not_minus_infinity(array):
    scores = array(np.array([[-np.inf, -np.inf, 1.0, 1.0, -np.inf]]))
    assert online_softmax(scores, block=1).tolist() == [[0, 0, 0.5, 0.5, 0]]


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("axis", [0, 1, 2, -2, -3])
def test_any_axis_with_a_mask_that_broadcasts(array, axis):
    rng = np.random.default_rng(0)
    scores, mask = rng.standard_normal((2, 3, 5)), rng.random((3, 1)) < 0.5
    mask[0] = True
    expected = np.exp(scores) * mask
    total = expected.sum(axis, keepdims=True)
    expected = np.divide(expected, total, out=np.zeros_like(expected), where=total > 0)
    ours = softmax(array(scores), axis=axis, mask=array(mask))
    np.testing.assert_allclose(np.asarray(ours), expected, atol=1e-15)
    logs = log_softmax(array(scores), axis=axis, mask=array(mask))
    np.testing.assert_allclose(np.exp(np.asarray(logs)), expected, atol=1e-15)


@pytest.mark.parametrize("temperature", [0.25, 2.0, 4.0])
def test_temperature_divides_the_scores(temperature):
    scores = np.array([0.0, 1.0, -2.0])
    expected = np.exp(scores / temperature) / np.exp(scores / temperature).sum()
    np.testing.assert_allclose(softmax(scores, temperature=temperature), expected, rtol=1e-14)
    logs = log_softmax(scores, temperature=temperature)
    np.testing.assert_allclose(logs, np.log(expected), rtol=1e-13)


@pytest.mark.parametrize("array", LIBRARIES)
def test_temperature_towards_zero_is_argmax_without_overflow(array):
    for dtype in NUMPY_FLOATS:
        scores = array(np.array([[3.0, 1.0, 2.0], [-9.0, -8.0, -7.0]], dtype))
        assert softmax(scores, temperature=1e-38).tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("dtype", NUMPY_FLOATS)
@pytest.mark.parametrize("temperature", [1e-50, 1e-300, 5e-324, Fraction(1, 10**60)])
def test_a_temperature_that_the_precision_rounds_to_0_lets_the_largest_take_all(
    array, dtype, temperature
):
    scores = array(np.array([[3.0, 1.0, 2.0], [-9.0, -8.0, -7.0], [1e4, 1e4, -1e4]], dtype))
    expected = np.array([[1, 0, 0], [0, 0, 1], [0.5, 0.5, 0]])
    weights = softmax(scores, temperature=temperature)
    assert weights.dtype == scores.dtype and weights.tolist() == expected.tolist()
    logs = np.asarray(log_softmax(scores, temperature=temperature)).astype(float)
    assert np.exp(logs[:2]).tolist() == expected[:2].tolist()
    np.testing.assert_allclose(np.exp(logs[2]), expected[2], rtol=1e-3)
    masked = softmax(scores, temperature=temperature, mask=np.array([False, True, True]))
    assert masked.tolist() == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("array", LIBRARIES)
def test_temperatures_at_the_ends_of_the_numbers_meet_scores_there(array):
    scores = np.array([1e-40, 0, 0], np.float32)
    assert softmax(array(scores), temperature=1e-50).tolist() == [1, 0, 0]
    scores = np.array([3e38, 0], np.float32)
    assert softmax(array(scores), temperature=1e300).tolist() == [0.5, 0.5]
    assert softmax(array(scores), temperature=1e-50).tolist() == [1, 0]


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("block", [np.int8(100), np.uint8(200), 10**30])
def test_blocks_of_any_integer_type(array, block):
    scores = array(np.linspace(0, 1, 300))
    ours = online_softmax(scores, block=block)
    np.testing.assert_allclose(ours, softmax(scores), atol=1e-12)


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("dtype", NUMPY_FLOATS)
@pytest.mark.parametrize("temperature", [10**20, 1e300, 1e308, 10**300])
def test_a_huge_temperature_shares_equally(array, dtype, temperature):
    scores = array(np.array([3.0, 1.0, 2.0, -9.0], dtype))
    assert softmax(scores, temperature=temperature).tolist() == [0.25] * 4


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize(
    "temperature", [Fraction(1, 2), np.float32(0.5), np.float16(0.5), np.float64(0.5)]
)
def test_temperatures_of_any_real_type_are_the_same_number(array, temperature):
    scores = array(np.array([3.0, 1.0, 2.0], np.float32))
    for function in (softmax, log_softmax):
        ours = function(scores, temperature=temperature)
        assert ours.dtype == scores.dtype
        assert ours.tolist() == function(scores, temperature=0.5).tolist()
        assert function(scores, temperature=np.int64(2)).tolist() == (
            function(scores, temperature=2.0).tolist()
        )


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("function", [softmax, log_softmax, entropy])
def test_an_axis_is_named_or_the_second_argument_of_any_integer_type(array, function):
    x = array(np.random.default_rng(0).random((2, 3, 5)))
    for axis in (0, 1, -1, -3):
        expected = np.asarray(function(x, axis=axis))
        for same in (function(x, axis), function(x, np.int64(axis))):
            assert (np.asarray(same) == expected).all()
    assert (np.asarray(function(x)) == np.asarray(function(x, 2))).all()
    for axis in (None, (0, 1), 1.0, "1", True):
        with pytest.raises(TypeError, match="axis must be an integer, got"):
            function(x, axis)


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("function", [softmax, log_softmax, online_softmax])
@pytest.mark.parametrize("row", [[np.inf, 1.0], [np.inf, -np.inf], [-np.inf, -np.inf]])
def test_a_row_without_a_largest_number_is_nan_and_no_warning(array, function, row):
    result = np.asarray(function(array(np.array([row, [0.5, 0.5]]))))
    assert np.isnan(result[0]).all() and np.isfinite(result[1]).all()


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("function", [softmax, online_softmax])
def test_scores_at_the_ends_of_the_numbers(array, function):
    largest = np.finfo(np.float32).max
    scores = array(np.array([largest, -largest, largest], np.float32))
    assert function(scores).tolist() == [0.5, 0, 0.5]


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("dtype", NUMPY_FLOATS)
def test_the_entropy_of_certainty_is_plain_0(array, dtype):
    for row in ([1.0], [1.0, 0.0], [0.0, 0.0]):
        for weights, axis in ((np.array([row], dtype), -1), (np.array([row], dtype).T, 0)):
            result = np.asarray(entropy(array(weights), axis=axis))
            assert result.tolist() == [0] and not np.signbit(result).any()


@pytest.mark.parametrize("array", LIBRARIES)
def test_the_entropy_of_many_in_half_precision(array):
    weights = array(np.full(5000, 1 / 5000, np.float16))
    assert float(entropy(weights)) == pytest.approx(np.log(5000), rel=2e-3)


@pytest.mark.parametrize("array", LIBRARIES)
def test_the_entropy_of_what_are_no_weights_is_nan(array):
    wrong = np.array([[-0.5, 1.5], [np.nan, 1.0], [np.inf, 1.0], [0.0, np.inf], [-np.inf, 0.0]])
    assert np.isnan(np.asarray(entropy(array(wrong)))).all()


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("dtype", NUMPY_FLOATS)
def test_scores_of_ten_thousand_are_finite(array, dtype):
    scores = array(np.array([[1e4, 1e4, -1e4]], dtype))
    assert softmax(scores).tolist() == [[0.5, 0.5, 0]]
    assert np.isfinite(np.asarray(log_softmax(scores))).all()


@pytest.mark.parametrize("array", LIBRARIES)
def test_a_row_with_no_key_is_zero_and_its_masked_scores_are_never_read(array):
    scores = array(np.array([[np.nan, np.inf], [np.nan, 1.0]]))
    mask = array(np.array([[False, False], [False, True]]))
    assert softmax(scores, mask=mask).tolist() == [[0, 0], [0, 1]]
    assert log_softmax(scores, mask=mask).tolist() == [[-np.inf, -np.inf], [-np.inf, 0]]


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_the_gradient_of_a_row_with_no_key_is_zero(function, temperature):
    scores = torch.tensor([[np.nan, np.inf], [2.0, 1.0]], dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[False, False], [True, True]])
    weights = function(scores, temperature=temperature, mask=mask)
    weights.where(mask, 0.0).square().sum().backward()
    assert scores.grad[0].tolist() == [0, 0]
    assert scores.grad[1].isfinite().all() and scores.grad[1].any()


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("function", [softmax, log_softmax, online_softmax, entropy])
def test_nan_is_not_hidden(array, function):
    result = np.asarray(function(array(np.array([[np.nan, 1.0], [0.5, 0.5]]))))
    assert np.isnan(result[0]).all()
    assert np.isfinite(result[1]).all()


@pytest.mark.parametrize("dtype", TORCH_FLOATS)
def test_dtype_stays_and_half_is_summed_in_float32(dtype):
    scores = torch.linspace(-3, 3, 2003).to(dtype)
    for function in (softmax, log_softmax, online_softmax):
        result = function(scores)
        exact = function(scores.double())
        assert result.dtype == dtype
        assert (result.double() - exact).abs().max() <= torch.finfo(dtype).eps * exact.abs().max()
    assert entropy(softmax(scores)).dtype == softmax_jacobian(scores[:5]).dtype == dtype


@pytest.mark.parametrize("dtype", NUMPY_FLOATS)
def test_numpy_dtype_stays(dtype):
    scores = np.linspace(-3, 3, 2003).astype(dtype)
    mask = np.ones(2003, bool)
    for function in (softmax, log_softmax):
        for result in (function(scores), function(scores, mask=mask, temperature=1.5)):
            assert result.dtype == dtype
    np.testing.assert_allclose(softmax(scores).astype(float).sum(), 1, atol=1e-2)
    assert online_softmax(scores).dtype == entropy(softmax(scores)).dtype == dtype
    assert softmax_jacobian(scores[:5]).dtype == dtype


@pytest.mark.parametrize("dtype", NUMPY_FLOATS)
def test_a_mask_that_allows_all_changes_no_digit(dtype):
    scores = np.linspace(-3, 3, 2003).astype(dtype)
    assert (softmax(scores, mask=np.ones(2003, bool)) == softmax(scores)).all()


@pytest.mark.parametrize(
    "function", [softmax, log_softmax, online_softmax, entropy, softmax_jacobian]
)
def test_device_stays(function):
    assert function(torch.ones(3, device="meta")).device.type == "meta"


def test_work_is_done_in_the_memory_that_is_offered():
    scores = np.linspace(-3, 3, 5)
    expected = softmax(scores)
    assert softmax_into(scores, scores, axis=-1, temperature=1.0, mask=None) is scores
    assert (scores == expected).all()


@pytest.mark.parametrize("array", LIBRARIES)
def test_arguments_are_left_as_they_were(array):
    original = np.random.default_rng(0).standard_normal((3, 5))
    scores, mask = array(original.copy()), array(original > 0)
    for function in (softmax, log_softmax):
        function(scores)
        function(scores, temperature=2.0, mask=mask)
    online_softmax(scores, block=2)
    entropy(scores.__abs__())
    softmax_jacobian(scores)
    assert (np.asarray(scores) == original).all()
    assert (np.asarray(mask) == (original > 0)).all()


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
def test_no_nan_is_on_the_way_to_the_gradient_of_a_row_with_no_key():
    scores = torch.tensor([[1.0, 2.0], [2.0, 1.0]], requires_grad=True)
    mask = torch.tensor([[False, False], [True, True]])
    with torch.autograd.detect_anomaly(check_nan=True):
        softmax(scores, mask=mask)[:, 0].sum().backward()
    assert scores.grad[0].tolist() == [0, 0]


def test_a_default_device_elsewhere_moves_nothing():
    scores, mask = torch.tensor([[1.0, 2.0]]), torch.tensor([[True, False]])
    torch.set_default_device("meta")
    try:
        assert softmax(scores, mask=mask).tolist() == [[1, 0]]
    finally:
        torch.set_default_device(None)


def test_gradients_are_right():
    scores = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    mask = torch.rand(3, 5) < 0.7
    mask[0], mask[1:, 0] = False, True
    check = torch.autograd.gradcheck
    assert check(lambda s: softmax(s, temperature=0.7, mask=mask), scores)
    assert check(lambda s: log_softmax(s, temperature=0.7, mask=mask)[mask], scores)
    assert check(lambda s: online_softmax(s, block=2), scores)
    assert check(lambda s: entropy(softmax(s)), scores)


def test_entropy_runs_from_zero_to_log_m():
    assert entropy(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])).tolist() == [0, 0]
    np.testing.assert_allclose(entropy(np.full((7, 2), 1 / 7), axis=0), np.log(7), rtol=1e-14)
    weights = torch.tensor([1.0, 0.0], requires_grad=True)
    entropy(weights).backward()
    assert weights.grad.tolist() == [-1, 0]


@given(scores_of_any_size)
@settings(max_examples=30)
def test_jacobian_is_what_autograd_finds(scores):
    row = torch.from_numpy(scores.reshape(-1, scores.shape[-1])[0] / 1e3)
    found = torch.autograd.functional.jacobian(softmax, row)
    np.testing.assert_allclose(softmax_jacobian(softmax(row)), found, atol=1e-14)
    assert softmax_jacobian(scores).shape == (*scores.shape, scores.shape[-1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: softmax(np.ones((2, 0))), ValueError, r"axis -1 of scores is empty.*\(2, 0\)"),
        (lambda: log_softmax(np.ones((0, 2)), axis=0), ValueError, r"axis 0 of scores is empty"),
        (lambda: softmax(np.ones(3), axis=1), ValueError, r"scores has no axis 1.*\(3,\)"),
        (lambda: softmax(np.ones((3, 2)), axis=-3), ValueError, "scores has no axis -3"),
        (lambda: softmax(np.ones(3), axis=0.0), TypeError, "axis must be an integer, got float"),
        (lambda: softmax(np.array(1.0)), ValueError, r"scores has no axis -1.*\(\)"),
        (lambda: softmax(np.arange(3)), TypeError, "scores must hold floating.*int64"),
        (lambda: softmax(np.ones(3) * 1j), TypeError, "scores must hold floating.*complex128"),
        (lambda: softmax([1.0]), TypeError, "scores must be a NumPy array.*got list"),
        (lambda: softmax(np.ones(3), temperature=0), ValueError, "temperature must be pos.*got 0"),
        (lambda: softmax(np.ones(3), temperature=-1.0), ValueError, "got -1.0"),
        (lambda: softmax(np.ones(3), temperature=np.nan), ValueError, "got nan"),
        (lambda: softmax(np.ones(3), temperature=np.inf), ValueError, "got inf"),
        (lambda: softmax(np.ones(3), temperature="1"), TypeError, "a number, got str"),
        (lambda: softmax(np.ones(3), temperature=True), TypeError, "a number, got bool"),
        (lambda: softmax(np.ones(3), mask=np.ones(3)), TypeError, "boolean.*got float64"),
        (
            lambda: softmax(np.ones((2, 3)), mask=np.ones((3, 2), bool)),
            ValueError,
            r"mask of shape \(3, 2\) does not broadcast to scores of shape \(2, 3\)",
        ),
        (lambda: softmax(np.ones(3), mask=np.ones((1, 3), bool)), ValueError, "not broadcast"),
        (lambda: entropy(np.ones((2, 0))), ValueError, "axis -1 of weights is empty"),
        (lambda: entropy(np.ones(2, int)), TypeError, "weights must hold floating"),
        (lambda: softmax_jacobian(np.ones(0)), ValueError, "axis -1 of p is empty"),
        (lambda: softmax_jacobian(np.ones(2, int)), TypeError, "p must hold floating"),
        (lambda: online_softmax(np.ones(0)), ValueError, "axis -1 of scores is empty"),
        (lambda: online_softmax(np.ones(2), block=0), ValueError, "block must be at least 1"),
        (lambda: online_softmax(np.ones(2), block=1.5), TypeError, "integer, got float"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_empty_batch_and_a_single_score():
    assert softmax(np.ones((0, 3))).shape == (0, 3)
    assert softmax(np.array([7.0])).tolist() == [1]
    assert log_softmax(np.array([7.0])).tolist() == [0]
    assert softmax_jacobian(np.ones(1)).tolist() == [[0]]
