"""Recurrent layers: the recurrence itself, their options, and how far gradients reach."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.autograd.functional import jacobian

from attnlab.nn.convolution import ConvStack, input_influence
from attnlab.nn.recurrent import GRU, LSTM, TanhRNN, gradient_by_lag

B, T, D_IN, D_HIDDEN = 2, 7, 3, 5
LAYERS = [TanhRNN, LSTM, GRU]


def test_tanh_rnn_is_its_formula():
    layer = TanhRNN(D_IN, D_HIDDEN).double()
    x = torch.randn(B, T, D_IN, dtype=torch.float64)
    core = layer.core
    state = torch.zeros(B, D_HIDDEN, dtype=torch.float64)
    states = layer(x)
    for t in range(T):
        state = torch.tanh(
            x[:, t] @ core.weight_ih_l0.T
            + state @ core.weight_hh_l0.T
            + core.bias_ih_l0
            + core.bias_hh_l0
        )
        torch.testing.assert_close(states[:, t], state, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [np.uint8, np.int64])
@pytest.mark.parametrize("layer", LAYERS)
def test_widths_of_numpy(layer, kind):
    assert layer(kind(D_IN), kind(100))(torch.randn(B, T, D_IN)).shape == (B, T, 100)
    bias = LSTM(kind(D_IN), kind(100), forget_bias=3).core.bias_ih_l0
    assert (bias == 3).nonzero().flatten().tolist() == list(range(100, 200))


@pytest.mark.parametrize("layer", LAYERS)
def test_states_are_those_of_torch(layer):
    ours = layer(D_IN, D_HIDDEN)
    theirs = type(ours.core)(D_IN, D_HIDDEN, batch_first=True)
    theirs.load_state_dict(ours.core.state_dict())
    x = torch.randn(B, T, D_IN)
    assert torch.equal(ours(x), theirs(x)[0])
    assert ours(x).shape == (B, T, D_HIDDEN)


def test_gain_scales_an_orthogonal_matrix():
    matrix = TanhRNN(D_IN, D_HIDDEN, gain=1.5).core.weight_hh_l0
    torch.testing.assert_close(matrix @ matrix.T, 2.25 * torch.eye(D_HIDDEN))


def test_forget_bias_moves_the_forget_gate_and_nothing_else():
    torch.manual_seed(0)
    plain = LSTM(D_IN, D_HIDDEN).core
    torch.manual_seed(0)
    biased = LSTM(D_IN, D_HIDDEN, forget_bias=3.0).core
    bias = biased.bias_ih_l0 + biased.bias_hh_l0
    assert torch.equal(bias[D_HIDDEN : 2 * D_HIDDEN], torch.full((D_HIDDEN,), 3.0))
    others = torch.ones(4 * D_HIDDEN, dtype=bool)
    others[D_HIDDEN : 2 * D_HIDDEN] = False
    assert torch.equal(bias[others], (plain.bias_ih_l0 + plain.bias_hh_l0)[others])
    assert torch.equal(biased.weight_hh_l0, plain.weight_hh_l0)


def test_forget_bias_keeps_the_cell_of_a_silent_lstm():
    """With all weights zero, the state shrinks by the gate alone: σ(bias) at every step."""
    layer = LSTM(1, 1, forget_bias=2.0)
    with torch.no_grad():
        layer.core.weight_hh_l0.zero_()
        layer.core.weight_ih_l0.zero_()
        layer.core.bias_ih_l0[[0, 2, 3]] = 0.0
        layer.core.bias_hh_l0.zero_()
    _, (_, cell) = layer.core(torch.zeros(1, 4, 1), (torch.zeros(1, 1, 1), torch.ones(1, 1, 1)))
    assert cell.item() == pytest.approx(torch.sigmoid(torch.tensor(2.0)).item() ** 4)


@pytest.mark.parametrize("layer", LAYERS)
def test_probe_is_the_jacobian(layer):
    """With one output, one item is enough and the probe is exact."""
    torch.manual_seed(0)
    layer = layer(D_IN, 1).double()
    x = torch.randn(1, T, D_IN, dtype=torch.float64)
    exact = jacobian(lambda x: layer(x)[:, -1], x)[0, 0, 0].norm(dim=-1).flip(0)  # (T,)
    torch.testing.assert_close(gradient_by_lag(layer, x), exact / exact[0])


def test_probe_of_many_outputs_is_the_frobenius_norm():
    torch.manual_seed(0)
    layer = GRU(D_IN, D_HIDDEN).double()
    x = torch.randn(1, T, D_IN, dtype=torch.float64)
    exact = jacobian(lambda x: layer(x)[:, -1], x)[0, :, 0].norm(dim=(0, 2)).flip(0)  # (T,)
    measured = gradient_by_lag(layer, x.expand(20_000, T, D_IN))
    torch.testing.assert_close(measured, exact / exact[0], rtol=0.03, atol=0)


def test_gradient_of_an_orthogonal_rnn_is_bounded_by_the_gain():
    torch.manual_seed(0)
    layer = TanhRNN(16, 16, gain=0.9).double()
    measured = gradient_by_lag(layer, 1e-3 * torch.randn(64, 50, 16, dtype=torch.float64))
    # inputs so small that tanh is straight: the bound is nearly reached
    assert measured[49].item() == pytest.approx(0.9**49, rel=0.05)


def test_probe_leaves_layer_and_input_alone():
    layer, x = GRU(D_IN, D_HIDDEN).double(), torch.randn(B, T, D_IN, dtype=torch.float64)
    gradient_by_lag(layer, x)
    assert all(parameter.grad is None for parameter in layer.parameters())
    assert not x.requires_grad


def test_one_step_is_lag_zero():
    x = torch.randn(B, 1, D_IN, dtype=torch.float64)
    assert gradient_by_lag(GRU(D_IN, D_HIDDEN).double(), x).tolist() == [1.0]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("shape", [(B, T), (B, 0, D_IN), (B, T, D_IN + 1)])
def test_wrong_input_shape(layer, shape):
    with pytest.raises(ValueError, match=r"x must have shape \(B, T ≥ 1, d_in = 3\), got"):
        layer(D_IN, D_HIDDEN)(torch.zeros(shape))


@pytest.mark.parametrize("layer", LAYERS)
def test_empty_batch_stays_empty(layer):
    assert layer(D_IN, D_HIDDEN)(torch.zeros(0, T, D_IN)).shape == (0, T, D_HIDDEN)


@pytest.mark.parametrize("layer", LAYERS)
def test_wrong_widths(layer):
    with pytest.raises(ValueError, match="d_hidden must be at least 1, got 0"):
        layer(D_IN, 0)
    with pytest.raises(TypeError, match="d_in must be an integer, got float"):
        layer(3.0, D_HIDDEN)


@pytest.mark.parametrize("gain", [0.0, -1.0, float("nan")])
def test_wrong_gain(gain):
    with pytest.raises(ValueError, match="gain must be positive and finite, got"):
        TanhRNN(D_IN, D_HIDDEN, gain=gain)


def test_probe_rejects_what_it_cannot_measure():
    layer = GRU(D_IN, D_HIDDEN)
    with pytest.raises(TypeError, match=r"x must be torch.float64 .* got torch.float32"):
        gradient_by_lag(layer, torch.zeros(B, T, D_IN))
    with pytest.raises(ValueError, match=r"none of them 0, got \(2, 0, 3\)"):
        gradient_by_lag(layer.double(), torch.zeros(B, 0, D_IN, dtype=torch.float64))
    with pytest.raises(ValueError, match="must depend on the last input"):
        gradient_by_lag(lambda x: x.flip(1), torch.ones(B, T, D_IN, dtype=torch.float64))


def probes():
    """Gradient_by_lag, input_influence, and a layer for both."""
    layer = GRU(D_IN, D_HIDDEN).double()
    x = torch.randn(B, T, D_IN, dtype=torch.float64)
    return layer, x, (lambda f: gradient_by_lag(f, x), lambda f: input_influence(f, x, 3))


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_probes_work_where_gradients_are_off(off):
    layer, x, every = probes()
    for probe in every:
        torch.manual_seed(1)
        expected = probe(layer)
        torch.manual_seed(1)
        with off():
            assert torch.equal(probe(layer), expected)
            assert not torch.is_grad_enabled()
            made_here = torch.randn_like(x)
            assert gradient_by_lag(layer, made_here).shape == (T,)
            assert input_influence(layer, made_here, 3).shape == (T,)


def test_probes_leave_no_trace():
    layer, x, every = probes()
    layer.core.weight_ih_l0.requires_grad_(False)
    layer.core.bias_ih_l0.grad = marked = torch.ones_like(layer.core.bias_ih_l0)
    x.requires_grad_()
    for probe in every:
        assert not probe(layer).requires_grad
        assert x.grad is None and x.requires_grad
        assert not layer.core.weight_ih_l0.requires_grad and layer.core.weight_ih_l0.grad is None
        assert layer.core.bias_ih_l0.grad is marked and marked.eq(1).all()
        layer.requires_grad_(False)  # a frozen layer can be probed as well
        assert probe(layer).isfinite().all()
        layer.core.bias_ih_l0.requires_grad_(True)


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (None, TypeError, "layer must be callable, got NoneType"),
        (lambda x: (x, x), TypeError, "layer must return a torch tensor, got tuple"),
        (lambda x: x.detach().numpy(), TypeError, "layer must return a torch tensor, got numpy"),
        (lambda x: x[0], ValueError, r"layer must return shape \(2, T_out, d_out\), got \(7, 3\)"),
        (lambda x: x[:1], ValueError, r"layer must return shape \(2, T_out, d_out\), got \(1, 7"),
        (lambda x: x[:, :0], ValueError, r"layer must return shape .* got \(2, 0, 3\)"),
        (lambda x: x.detach(), ValueError, "must depend on"),
        (lambda x: torch.ones_like(x, requires_grad=True), ValueError, "must depend on"),
    ],
)
def test_probes_refuse_what_is_no_layer(layer, error, message):
    for probe in probes()[2]:
        with pytest.raises(error, match=message):
            probe(layer)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (None, TypeError, "x must be a torch tensor, got NoneType"),
        ([[[1.0]]], TypeError, "x must be a torch tensor, got list"),
        (torch.ones(B, T, D_IN).numpy(), TypeError, "x must be a torch tensor, got numpy"),
        (torch.ones(B, T, D_IN, dtype=torch.int64), TypeError, "x must"),
        (torch.ones(B, T, D_IN).to_sparse(), TypeError, "x must be dense"),
    ],
)
def test_probes_and_layers_name_what_is_no_input(x, error, message):
    for call in (
        lambda: gradient_by_lag(lambda x: x, x),
        lambda: input_influence(lambda x: x, x, 0),
        lambda: GRU(D_IN, D_HIDDEN)(x),
        lambda: TanhRNN(D_IN, D_HIDDEN)(x),
        lambda: LSTM(D_IN, D_HIDDEN)(x),
        lambda: ConvStack(D_IN, D_HIDDEN, dilations=[1])(x),
    ):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize("layer", [*LAYERS, lambda d, h: ConvStack(d, h, dilations=[1])])
def test_layers_name_dtype_and_device(layer):
    with pytest.raises(
        TypeError, match=r"x must have the dtype of the weights, torch\.float32, got"
    ):
        layer(D_IN, D_HIDDEN)(torch.ones(B, T, D_IN).double())
    with pytest.raises(ValueError, match="x must be on the device of the weights, cpu, got meta"):
        layer(D_IN, D_HIDDEN)(torch.ones(B, T, D_IN, device="meta"))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TanhRNN(3, 5, gain="1"), TypeError, "gain must be a number, got str"),
        (lambda: TanhRNN(3, 5, gain=True), TypeError, "gain must be a number, got bool"),
        (lambda: LSTM(3, 5, forget_bias="1"), TypeError, "forget_bias must be a number, got str"),
        (lambda: LSTM(3, 5, forget_bias=[1]), TypeError, "forget_bias must be a number, got list"),
        (lambda: LSTM(3, 5, forget_bias=float("nan")), ValueError, "forget_bias must be finite"),
        (lambda: LSTM(3, 5, forget_bias=10**400), ValueError, "forget_bias must be finite"),
        (lambda: GRU(3, True), TypeError, "d_hidden must be an integer, got bool"),
    ],
)
def test_wrong_options(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_options_of_any_real_type():
    layer = TanhRNN(3, 5, gain=Fraction(1, 2)).core
    squares = (layer.weight_hh_l0.square().sum(dim=1)).tolist()
    assert squares == pytest.approx([0.25] * 5)
    bias = LSTM(3, 5, forget_bias=np.float32(3)).core.bias_ih_l0[5:10]
    assert bias.tolist() == [3] * 5
