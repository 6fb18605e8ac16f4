"""Convolutions: what one output sees, on paper and by its gradient."""

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.nn.convolution import (
    ConvStack,
    effective_width,
    expected_influence,
    input_influence,
    receptive_field,
)

B, T, D_IN, D_HIDDEN = 2, 41, 3, 5


def linear(stack: ConvStack) -> ConvStack:
    """The stack with all weights and biases positive: no ReLU is ever shut."""
    for parameter in stack.parameters():
        nn.init.uniform_(parameter, 0.1, 1.0)
    return stack


def seen(stack: ConvStack, position: int) -> list[int]:
    influence = input_influence(linear(stack), torch.ones(B, T, D_IN), position)
    return influence.nonzero().flatten().tolist()


def test_one_layer_is_the_sum_of_products():
    stack = ConvStack(D_IN, D_HIDDEN, dilations=[2])
    x = torch.randn(B, T, D_IN)
    (layer,) = stack.layers
    padded = torch.cat([torch.zeros(B, 2, D_IN), x, torch.zeros(B, 2, D_IN)], dim=1)
    by_hand = layer.bias + sum(
        padded[:, 2 * tap : 2 * tap + T] @ layer.weight[:, :, tap].T for tap in range(3)
    )
    torch.testing.assert_close(stack(x), by_hand.relu())


@pytest.mark.parametrize(
    ("dilations", "kernel", "field"),
    [([1], 3, 3), ([1, 1, 1], 3, 7), ([1, 2, 4], 3, 15), ([1, 1], 5, 9), ([3], 1, 1)],
)
def test_centered_field_is_what_the_gradient_sees(dilations, kernel, field):
    stack = ConvStack(D_IN, D_HIDDEN, dilations=dilations, kernel=kernel)
    assert receptive_field(dilations=dilations, kernel=kernel) == field
    middle, reach = T // 2, field // 2
    inputs = seen(stack, middle)
    assert (inputs[0], inputs[-1]) == (middle - reach, middle + reach)


@pytest.mark.parametrize("kernel", [2, 3])
def test_causal_stack_never_sees_ahead(kernel):
    stack = ConvStack(D_IN, D_HIDDEN, dilations=[1, 2], kernel=kernel, causal=True)
    field = receptive_field(dilations=[1, 2], kernel=kernel)
    inputs = seen(stack, 20)
    assert (inputs[0], inputs[-1]) == (20 - field + 1, 20)


def test_pooling_widens_the_field_and_shortens_the_sequence():
    stack = ConvStack(D_IN, D_HIDDEN, dilations=[1, 1], pool=2)
    assert stack(torch.zeros(B, T, D_IN)).shape == (B, T // 4, D_HIDDEN)
    # 3 inputs, then two of those windows, three of these pairs, and two of those again
    assert receptive_field(dilations=[1, 1], pool=2) == 10
    # the maximum passes one gradient on, so the inputs that *can* be seen are found one by one
    x = torch.randn(B, T, D_IN)
    y = linear(stack)(x)[:, 5]
    changed = []
    for t in range(T):
        poked = x.clone()
        poked[:, t] += 1e3
        if not torch.equal(stack(poked)[:, 5], y):
            changed.append(t)
    assert changed == list(range(changed[0], changed[0] + 10))


def test_weights_are_shared():
    """Shift the input and the output shifts; a longer sequence needs no more weights."""
    stack = ConvStack(D_IN, D_HIDDEN, dilations=[1, 2])
    x = torch.zeros(B, T, D_IN)
    x[:, 10:20] = torch.randn(B, 10, D_IN)
    # away from the ends, where zeros stand for what is outside
    torch.testing.assert_close(stack(x.roll(5, dims=1))[:, 8:-3], stack(x)[:, 3:-8])
    assert sum(p.numel() for p in stack.parameters()) == (3 * 3 * 5 + 5) + (3 * 5 * 5 + 5)


@pytest.mark.parametrize("depth", [4, 8, 16])
def test_effective_field_grows_as_the_root_of_the_depth(depth):
    torch.manual_seed(0)
    stack = ConvStack(8, 32, dilations=[1] * depth)
    width = effective_width(input_influence(stack, torch.randn(32, 101, 8), 50))
    assert width == pytest.approx(4 * (depth * (3**2 - 1) / 12) ** 0.5, rel=0.06)


@pytest.mark.parametrize(
    ("dilations", "kernel", "causal", "position"),
    [
        ([1] * 4, 3, False, 20),
        ([1, 2, 4], 3, False, 1),
        ([1, 2], 5, False, 39),
        ([1, 2], 2, True, 9),
    ],
)
def test_influence_of_random_stacks_is_that_of_the_paths(dilations, kernel, causal, position):
    torch.manual_seed(0)
    stack = ConvStack(8, 64, dilations=dilations, kernel=kernel, causal=causal)
    for layer in stack.layers:
        nn.init.zeros_(layer.bias)
    measured = input_influence(stack, torch.randn(64, T, 8), position).double()
    expected = expected_influence(T, position, dilations=dilations, kernel=kernel, causal=causal)
    torch.testing.assert_close(measured, expected, atol=0.02, rtol=0.2)
    assert ((measured > 0) == (expected > 0)).all()
    assert expected.sum() == pytest.approx(1.0)


def test_expected_influence_rejects_what_is_not_there():
    with pytest.raises(ValueError, match="position must be below n_inputs = 5, got 5"):
        expected_influence(5, 5, dilations=[1])
    with pytest.raises(ValueError, match="kernel must be odd, to have a center"):
        expected_influence(5, 0, dilations=[1], kernel=2)
    with pytest.raises(ValueError, match="n_inputs must be at least 1, got 0"):
        expected_influence(0, 0, dilations=[1])


def test_gradients_beyond_the_range_of_float32_squared():
    stack = linear(ConvStack(D_IN, 32, dilations=[1] * 16))
    influence = input_influence(stack, torch.ones(1, T, D_IN), T // 2)
    assert influence.sum().item() == pytest.approx(1.0)


def test_width_of_a_box():
    # the variance of n equal weights side by side is (n² − 1) / 12
    box = torch.cat([torch.zeros(4), torch.ones(9), torch.zeros(2)])
    assert effective_width(box) == pytest.approx(4 * ((81 - 1) / 12) ** 0.5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_width_of_a_long_box_in_any_precision(dtype):
    box = torch.full((5000,), 1 / 5000, dtype=dtype)
    with torch.device("meta"):  # where tensors are made that name no device
        assert effective_width(box) == pytest.approx(4 * ((5000**2 - 1) / 12) ** 0.5)
    assert effective_width(torch.full((3,), 6e4, dtype=dtype)) == pytest.approx(4 * (2 / 3) ** 0.5)


def test_influence_sums_to_one_and_leaves_no_trace():
    stack, x = ConvStack(D_IN, D_HIDDEN, dilations=[1]), torch.randn(B, T, D_IN)
    assert input_influence(linear(stack), x, 0).sum().item() == pytest.approx(1.0)
    assert all(parameter.grad is None for parameter in stack.parameters())
    assert not x.requires_grad


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dilations": []}, "one for each layer, got none"),
        ({"dilations": [0]}, "dilation must be at least 1, got 0"),
        ({"dilations": [1], "kernel": 0}, "kernel must be at least 1, got 0"),
        ({"dilations": [1], "kernel": 2}, "kernel must be odd, .* got 2"),
        ({"dilations": [1], "pool": 0}, "pool must be at least 1, got 0"),
        ({"dilations": [1], "pool": 2, "causal": True}, "pool must be 1 in a causal stack, got 2"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ConvStack(D_IN, D_HIDDEN, **settings)


@pytest.mark.parametrize("shape", [(B, T), (B, 3, D_IN), (B, T, D_IN + 1)])
def test_wrong_input(shape):
    stack = ConvStack(D_IN, D_HIDDEN, dilations=[1, 1], pool=2)
    with pytest.raises(ValueError, match=r"x must have shape \(B, T ≥ 4, d_in = 3\), got"):
        stack(torch.zeros(shape))


def test_probe_rejects_what_it_cannot_measure():
    stack, x = ConvStack(D_IN, D_HIDDEN, dilations=[1]), torch.randn(B, T, D_IN)
    with pytest.raises(ValueError, match="position must be below T_out = 41, got 41"):
        input_influence(stack, x, T)
    with pytest.raises(ValueError, match="position must be at least 0, got -1"):
        input_influence(stack, x, -1)
    with pytest.raises(ValueError, match=r"x must have shape .* got \(41, 3\)"):
        input_influence(stack, x[0], 0)
    with pytest.raises(ValueError, match="output 0 must depend on x"):
        input_influence(lambda x: 0 * x, x, 0)
    inf, nan = float("inf"), float("nan")
    for wrong in ([0.0, 0.0], [-1.0, 2.0], [nan, 1.0], [inf, 1.0], [[1.0, 1.0]], []):
        with pytest.raises(ValueError, match="influence must have shape"):
            effective_width(torch.tensor(wrong))
    for no_tensor in ([1.0], None, np.ones(3)):
        with pytest.raises(TypeError, match="influence must be a torch tensor"):
            effective_width(no_tensor)
    with pytest.raises(TypeError, match="influence must hold floating-point numbers, got"):
        effective_width(torch.ones(3, dtype=torch.int64))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_widths_and_shares_in_half_precision(dtype):
    equal = torch.full((5000,), 1 / 5000, dtype=dtype)
    exact = 4 * ((5000**2 - 1) / 12) ** 0.5
    assert effective_width(equal) == pytest.approx(exact, rel=1e-9)
    many = torch.randn(400, 3, 200).to(dtype)  # 80,000 squares of about 1: more than float16 holds
    shares = input_influence(lambda x: x.cumsum(1), many, 2)
    assert shares.dtype == dtype
    assert shares.tolist() == pytest.approx([1 / 3] * 3, rel=0.02)


def test_a_width_where_the_default_device_is_elsewhere():
    shares = torch.tensor([0.25, 0.5, 0.25])
    torch.set_default_device("meta")
    try:
        assert effective_width(shares) == pytest.approx(8**0.5)
    finally:
        torch.set_default_device(None)


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_sizes_of_few_bits(kind):
    options = {"dilations": np.array([100, 100], kind), "kernel": kind(5)}
    x = torch.randn(1, 9, kind(3))
    stack = ConvStack(kind(3), kind(100), **options)
    assert stack(x).shape == (1, 9, 100)
    assert receptive_field(**options) == 1 + 2 * 4 * 100
    assert receptive_field(dilations=[1] * 9, kernel=kind(5), pool=kind(4)) == receptive_field(
        dilations=[1] * 9, kernel=5, pool=4
    )
    expected = expected_influence(120, 60, dilations=[100, 10], kernel=3)
    options = {"dilations": np.array([100, 10], kind), "kernel": kind(3)}
    assert torch.equal(expected_influence(kind(120), kind(60), **options), expected)


def test_dilations_of_numpy():
    assert len(ConvStack(3, 5, dilations=np.array([1, 2])).layers) == 2
    field = receptive_field(dilations=np.array([1, 2]))
    assert type(field) is int and field == 7


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(dilations=3), TypeError, "dilations must be a sequence, got int"),
        (lambda f: f(dilations=None), TypeError, "dilations must be a sequence, got NoneType"),
        (lambda f: f(dilations=iter([1])), TypeError, "dilations must be a sequence, got list_ite"),
        (lambda f: f(dilations={4, 1}), TypeError, "dilations must be a sequence, got set"),
        (lambda f: f(dilations={1: 2}), TypeError, "dilations must be a sequence, got dict"),
        (lambda f: f(dilations=[1.0]), TypeError, "dilation must be an integer, got float"),
        (lambda f: f(dilations="12"), TypeError, "dilation must be an integer, got str"),
        (lambda f: f(dilations=[1], kernel="3"), TypeError, "kernel must be an integer, got str"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [
        lambda **options: ConvStack(3, 5, **options),
        receptive_field,
        lambda **options: expected_influence(5, 2, **options),
    ],
)
def test_wrong_stacks(function, call, error, message):
    with pytest.raises(error, match=message):
        call(function)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ConvStack(3, 5, dilations=[1], causal=1), TypeError, "causal must be True or Fal"),
        (lambda: expected_influence(5, 2.0, dilations=[1]), TypeError, "position must be an integ"),
        (
            lambda: expected_influence(5, 2, dilations=[1], causal=None),
            TypeError,
            "causal must be True or False, got NoneType",
        ),
        (
            lambda: input_influence(lambda x: x, torch.ones(1, 2, 3), 1.0),
            TypeError,
            "position must be an integer, got float",
        ),
        (
            lambda: effective_width(np.ones(3)),
            TypeError,
            "influence must be a torch tensor, got nu",
        ),
        (lambda: effective_width(torch.tensor([1, torch.inf])), ValueError, "be finite"),
        (lambda: effective_width(torch.tensor([1, torch.nan])), ValueError, "be finite"),
    ],
)
def test_bad_calls_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
