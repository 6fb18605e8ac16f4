r"""Recurrent layers, and a probe for how far their gradients reach.

Letters: B batch, T time, d_in and d_hidden widths, k the lag (steps back from the last state).

Each layer wraps its `torch.nn` counterpart, which stays reachable as `layer.core`, and returns the
hidden state of every step. The options are those that decide how far a gradient reaches: the gain
of an orthogonal recurrent matrix (tanh-RNN), and the bias of the forget gate (LSTM).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.nn.features import check_features


class _Recurrent(nn.Module):
    """What the three layers share: the batch comes first, and every hidden state comes out."""

    def __init__(self, core: Callable[..., nn.RNNBase], d_in: int, d_hidden: int):
        super().__init__()
        d_in, d_hidden = settings.count(1, d_in=d_in, d_hidden=d_hidden)
        self.core = core(d_in, d_hidden, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        check.tensors(x=x)
        if x.ndim != 3 or x.shape[1] == 0 or x.shape[2] != self.core.input_size:
            raise ValueError(
                f"x must have shape (B, T ≥ 1, d_in = {self.core.input_size}), got {tuple(x.shape)}"
            )
        check_features(x, self.core.input_size, self.core.get_parameter("weight_ih_l0"), "x")
        states, _ = self.core(x)  # (B, T, d_hidden)
        return states


class TanhRNN(_Recurrent):
    r"""The plain recurrent layer: $h_t = \tanh(W x_t + U h_{t-1} + b)$, from $h_0 = 0$.

    Args:
        d_in: width of the inputs.
        d_hidden: width of the states.
        gain: makes $U$ a random orthogonal matrix times the gain, and $b$ zero. Then the gradient
            of $h_T$ with respect to $h_{T-k}$ is at most $\text{gain}^k$ long. Left out: PyTorch's
            own random start.

    Shapes:
        `(B, T, d_in)` → `(B, T, d_hidden)`.

    Raises:
        TypeError: a width is not an integer, or the gain not a number; at the call, x is no tensor
            or of another dtype than the weights.
        ValueError: a width below 1, or a gain that is not positive and finite; at the call, x of
            another shape, T = 0 among them, or on another device.

    Source:
        Elman (1990). The orthogonal start: Saxe, McClelland and Ganguli (2014).

    >>> rnn = TanhRNN(3, 5, gain=0.5)
    >>> rnn(torch.zeros(2, 7, 3)).shape
    torch.Size([2, 7, 5])
    >>> bool(torch.allclose(rnn.core.weight_hh_l0 @ rnn.core.weight_hh_l0.T, 0.25 * torch.eye(5),
    ...                     atol=1e-6))
    True
    """

    def __init__(self, d_in: int, d_hidden: int, *, gain: float | None = None):
        super().__init__(nn.RNN, d_in, d_hidden)
        if gain is not None:
            settings.positive(gain=gain)
            nn.init.orthogonal_(self.core.get_parameter("weight_hh_l0"), float(gain))
            nn.init.zeros_(self.core.get_parameter("bias_ih_l0"))
            nn.init.zeros_(self.core.get_parameter("bias_hh_l0"))


class LSTM(_Recurrent):
    r"""Long short-term memory: a cell $c_t = f_t \odot c_{t-1} + i_t \odot g_t$ behind three gates.

    Args:
        d_in: width of the inputs.
        d_hidden: width of the states.
        forget_bias: where the forget gate starts: $f_t = \sigma(\text{bias} + \dots)$ is about .5
            at 0 and .95 at 3. Left out: PyTorch's own random start, close to 0.

    Shapes:
        `(B, T, d_in)` → the hidden states `(B, T, d_hidden)`.

    Raises:
        TypeError: a width is not an integer, or the bias not a number; at the call, x is no tensor
            or of another dtype than the weights.
        ValueError: a width below 1, or a bias that is not finite; at the call, x of another shape,
            T = 0 among them, or on another device.

    Source:
        Hochreiter and Schmidhuber (1997). The forget gate: Gers, Schmidhuber and Cummins (2000);
        its bias: Jozefowicz, Zaremba and Sutskever (2015).

    >>> LSTM(3, 5, forget_bias=1.0)(torch.zeros(2, 7, 3)).shape
    torch.Size([2, 7, 5])
    """

    def __init__(self, d_in: int, d_hidden: int, *, forget_bias: float | None = None):
        super().__init__(nn.LSTM, d_in, d_hidden)
        if forget_bias is not None:
            settings.number(forget_bias=forget_bias)
            if not math.isfinite(settings.as_float(forget_bias)):
                raise ValueError(f"forget_bias must be finite, got {forget_bias}")
            # PyTorch stacks the gates as input, forget, cell, output, and adds two biases to each.
            forget_gate = slice(self.core.hidden_size, 2 * self.core.hidden_size)
            nn.init.constant_(
                self.core.get_parameter("bias_ih_l0")[forget_gate], float(forget_bias)
            )
            nn.init.zeros_(self.core.get_parameter("bias_hh_l0")[forget_gate])


class GRU(_Recurrent):
    r"""Gated recurrent unit: $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t$.

    Args:
        d_in: width of the inputs.
        d_hidden: width of the states.

    Shapes:
        `(B, T, d_in)` → `(B, T, d_hidden)`.

    Raises:
        TypeError: a width is not an integer; at the call, x is no tensor or of another dtype than
            the weights.
        ValueError: a width below 1; at the call, x of another shape, T = 0 among them, or on
            another device.

    Source:
        Cho et al. (2014), section 2.3.

    >>> GRU(3, 5)(torch.zeros(2, 7, 3)).shape
    torch.Size([2, 7, 5])
    """

    def __init__(self, d_in: int, d_hidden: int):
        super().__init__(nn.GRU, d_in, d_hidden)


def gradient_by_lag(layer: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    r"""How strongly the last output depends on the input k steps back, relative to k = 0.

    $$g_k = \frac{\lVert \partial y_T / \partial x_{T-k} \rVert_F}
                 {\lVert \partial y_T / \partial x_T \rVert_F}$$

    One backward pass is enough: for $v \sim N(0, I)$ the mean of $\lVert v^\top J \rVert^2$ is
    $\lVert J \rVert_F^2$. Each item of the batch draws its own v from torch's global generator, and
    the squares are averaged over the batch: the larger the batch, the smoother the curve.

    Args:
        layer: anything that maps `(B, T, d_in)` to `(B, T, d_out)`: a recurrent layer, a
            convolution, attention. Its own gradients are left as they are.
        x: the inputs, `(B, T, d_in)`, in float64, as the layer must be (`layer.double()`).

    Returns:
        `(T,)`: item k is lag k, so item 0 is 1. Gradients are taken under `torch.no_grad()` and
        `torch.inference_mode()` as well.

    Raises:
        TypeError: x is no tensor, or not float64: a gradient that vanishes would leave float32's
            range (1e-38) and read as 0; the layer is not callable or returns no tensor.
        ValueError: x has another shape, the layer returns another one, or the last output does not
            depend on the last input.

    Source:
        Bengio, Simard and Frasconi (1994); Pascanu, Mikolov and Bengio (2013), equations 4 and 5.

    >>> weights = torch.tensor([0.25, 0.5, 1.0], dtype=torch.float64)
    >>> halving = lambda x: (weights[:, None] * x).cumsum(dim=1)
    >>> gradient_by_lag(halving, torch.ones(1, 3, 1, dtype=torch.float64)).tolist()
    [1.0, 0.5, 0.25]
    """
    check.tensors(x=x)
    if x.dtype != torch.float64:
        raise TypeError(f"x must be torch.float64 (and the layer: layer.double()), got {x.dtype}")
    gradient = gradient_of_output(layer, x, -1)  # (B, T, d_in)
    by_lag = gradient.square().mean(dim=(0, 2)).sqrt().flip(0)  # (T,), lag 0 first
    if by_lag[0] == 0:
        raise ValueError("the last output must depend on the last input, its gradient is 0")
    return by_lag / by_lag[0]


def gradient_of_output(layer: Callable[[Tensor], Tensor], x: Tensor, position: int) -> Tensor:
    """The gradient of one output in a random direction, with respect to all inputs.

    Args:
        layer: maps `(B, T, d_in)` to `(B, T_out, d_out)`.
        x: `(B, T, d_in)`.
        position: of the output, below T_out; -1 is the last.

    Returns:
        `(B, T, d_in)`, zeros where the layer ignores x.

    Raises:
        TypeError: x is no tensor of floats, or the layer is not callable or returns no tensor.
        ValueError: x or what the layer returns has another shape, or no such position.
    """
    if not callable(layer):
        raise TypeError(f"layer must be callable, got {settings.kind(layer)}")
    check.tensors(x=x)
    check.floats(x=x)
    if x.ndim != 3 or 0 in x.shape:
        raise ValueError(f"x must have shape (B, T, d_in), none of them 0, got {tuple(x.shape)}")
    with torch.inference_mode(False), torch.enable_grad():
        x = x.detach().clone().requires_grad_()
        y = layer(x)  # (B, T_out, d_out)
        if not isinstance(y, Tensor):
            raise TypeError(f"layer must return a torch tensor, got {settings.kind(y)}")
        if y.ndim != 3 or 0 in y.shape or len(y) != len(x):
            raise ValueError(
                f"layer must return shape ({len(x)}, T_out, d_out), got {tuple(y.shape)}"
            )
        if position >= y.shape[1]:
            raise ValueError(f"position must be below T_out = {y.shape[1]}, got {position}")
        output = y[:, position]  # (B, d_out)
        if not output.requires_grad:
            return torch.zeros_like(x)
        direction = torch.randn_like(output)
        (gradient,) = torch.autograd.grad(output, x, direction, materialize_grads=True)
        return gradient
