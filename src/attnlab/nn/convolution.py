r"""Stacked 1-D convolutions, and how far they see: on paper (theoretical) and in fact (effective).

Letters: B batch, T time, d_in and d_hidden widths.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.nn.features import check_features
from attnlab.nn.recurrent import gradient_of_output
from attnlab.nn.typed import ModuleList


class ConvStack(nn.Module):
    """Layers of convolution and ReLU: the same few weights slide over every position.

    Args:
        d_in: width of the inputs.
        d_hidden: width of every layer.
        dilations: one for each layer, how many steps lie between the inputs that it reads.
        kernel: how many inputs it reads; odd, unless `causal`.
        pool: after each layer, the largest of so many neighbors stands for them all.
        causal: read only the present and the past. Pooling would reach ahead, so it cannot be had.

    Shapes:
        `(B, T, d_in)` → `(B, T, d_hidden)`; with pooling, every layer divides T by `pool` and
        rounds down. Zeros stand for what is outside of the sequence.

    Raises:
        TypeError: a size is not an integer, dilations are no sequence, or causal is neither True
            nor False; at the call, x is no tensor or of another dtype than the weights.
        ValueError: a size below 1, no layers, an even kernel that is not causal, or pooling that
            is; at the call, x of another shape or device, or too short for the pooling.

    Source:
        LeCun et al. (1998), section II. Dilation: Yu and Koltun (2016), equation 2; causal and
        dilated: van den Oord et al. (2016), section 2.1.

    >>> ConvStack(3, 5, dilations=[1, 2, 4])(torch.zeros(2, 7, 3)).shape
    torch.Size([2, 7, 5])
    >>> ConvStack(3, 5, dilations=[1, 1], pool=2)(torch.zeros(2, 8, 3)).shape
    torch.Size([2, 2, 5])
    """

    def __init__(
        self,
        d_in: int,
        d_hidden: int,
        *,
        dilations: Sequence[int],
        kernel: int = 3,
        pool: int = 1,
        causal: bool = False,
    ):
        super().__init__()
        d_in, d_hidden = settings.count(1, d_in=d_in, d_hidden=d_hidden)
        kernel, dilations, pool = _stack(kernel, dilations, pool)
        _check_center(kernel, causal)
        if causal and pool > 1:
            raise ValueError(f"pool must be 1 in a causal stack, got {pool}")
        widths = [d_in] + [d_hidden] * len(dilations)
        self.layers: ModuleList[nn.Conv1d] = ModuleList(
            nn.Conv1d(widths[i], d_hidden, kernel, dilation=dilation)
            for i, dilation in enumerate(dilations)
        )
        self.pool, self.causal = pool, causal

    def forward(self, x: Tensor) -> Tensor:
        check.tensors(x=x)
        d_in = self.layers[0].in_channels
        if x.ndim != 3 or x.shape[1] < self.pool ** len(self.layers) or x.shape[2] != d_in:
            raise ValueError(
                f"x must have shape (B, T ≥ {self.pool ** len(self.layers)}, d_in = {d_in}), "
                f"got {tuple(x.shape)}"
            )
        check_features(x, d_in, self.layers[0].weight, "x")
        x = x.transpose(1, 2)  # (B, d_in, T): a convolution of torch slides over the last axis
        for layer in self.layers:
            padding = _padding(layer.kernel_size[0], layer.dilation[0], self.causal)
            x = F.relu(layer(F.pad(x, padding)))  # (B, d_hidden, T)
            x = F.max_pool1d(x, self.pool)  # (B, d_hidden, T // pool)
        return x.transpose(1, 2)


def receptive_field(*, dilations: Sequence[int], kernel: int = 3, pool: int = 1) -> int:
    r"""How many inputs can reach one output on paper: $1 + \sum_l (k_l - 1) \prod_{i<l} s_i$.

    Each layer l, and each pooling, adds its reach $k_l - 1$ times the dilation, in steps that every
    pooling before it, $s_i$, has made longer.

    Args:
        dilations, kernel, pool: as for `ConvStack`.

    Returns:
        The theoretical receptive field, in inputs.

    Raises:
        TypeError, ValueError: as for `ConvStack`.

    Source:
        Araujo, Norris and Sim (2019), equation 2.

    >>> receptive_field(dilations=[1] * 16), receptive_field(dilations=[1, 2, 4, 8])
    (33, 31)
    """
    kernel, dilations, pool = _stack(kernel, dilations, pool)
    field, step = 1, 1
    for dilation in dilations:
        field += (kernel - 1) * dilation * step
        field += (pool - 1) * step
        step *= pool
    return field


def input_influence(layer: Callable[[Tensor], Tensor], x: Tensor, position: int) -> Tensor:
    r"""How much each input moves one output: its share of the squared gradient.

    $$\text{share}_t = \lVert \partial y_p / \partial x_t \rVert_F^2 \;\Big/\;
                       \textstyle\sum_s \lVert \partial y_p / \partial x_s \rVert_F^2$$

    Squares, because random weights make gradients of either sign, and it is variances that add up
    over the layers. They are estimated as in `attnlab.nn.recurrent.gradient_by_lag`: by one random
    direction for each item of the batch.

    Args:
        layer: anything that maps `(B, T, d_in)` to `(B, T_out, d_out)`.
        x: the inputs, `(B, T, d_in)`.
        position: p, which counts steps of the output: pooling makes them fewer.

    Returns:
        `(T,)`, sum 1, in the dtype of x. Gradients are taken under `torch.no_grad()` and
        `torch.inference_mode()` as well, and those of the layer are left as they are.

    Raises:
        TypeError: x is no tensor of floats, position not an integer, or the layer is not callable
            or returns no tensor.
        ValueError: x has another shape, the layer returns another one, the output has no such
            position or does not depend on x.

    Source:
        Luo, Li, Urtasun and Zemel (2016), section 2.

    >>> pick = lambda x: 3 * x
    >>> input_influence(pick, torch.ones(2, 4, 3), position=1).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    (position,) = settings.count(0, position=position)
    gradient = check.wide(gradient_of_output(layer, x, position))  # (B, T, d_in)
    largest = gradient.abs().amax()
    if largest == 0:
        raise ValueError(f"output {position} must depend on x, its gradient is 0")
    # squared as it is, the gradient of a deep stack may leave float32's range
    influence = (gradient / largest).square().sum(dim=(0, 2))  # (T,)
    return (influence / influence.sum()).to(x.dtype)


def expected_influence(
    n_inputs: int,
    position: int,
    *,
    dilations: Sequence[int],
    kernel: int = 3,
    causal: bool = False,
) -> Tensor:
    r"""The influence of each input in the mean over random weights: its share of the paths.

    Every path through the layers has on average the same squared weight, so an input counts by how
    many paths lead from it to the output. Paths through the zeros outside of the sequence count
    for nothing.

    Args:
        n_inputs: T.
        position: of the output.
        dilations, kernel, causal: as for `ConvStack`.

    Returns:
        `(T,)` in float64, sum 1.

    Raises:
        TypeError: as for `ConvStack`.
        ValueError: as for `ConvStack`, or there is no such position.

    Source:
        Luo, Li, Urtasun and Zemel (2016), section 2.2.

    >>> (expected_influence(5, 2, dilations=[1, 1]) * 9).round().tolist()
    [1.0, 2.0, 3.0, 2.0, 1.0]
    """
    (n_inputs,) = settings.count(1, n_inputs=n_inputs)
    (position,) = settings.count(0, position=position)
    kernel, dilations, _ = _stack(kernel, dilations, 1)
    _check_center(kernel, causal)
    if position >= n_inputs:
        raise ValueError(f"position must be below n_inputs = {n_inputs}, got {position}")
    share = torch.zeros(n_inputs, dtype=torch.float64)
    share[position] = 1
    for dilation in reversed(dilations):  # down from the output to the inputs
        left, right = _padding(kernel, dilation, causal)
        padded = F.pad(share, (right, left))  # what reads to its left is read from its right
        taps = range(0, left + right + 1, dilation)
        read = (padded[tap : tap + n_inputs] for tap in taps)
        share = sum(read, torch.zeros_like(share)) / kernel
    return share / share.sum()


def effective_width(influence: Tensor) -> float:
    r"""Four standard deviations of the influence, read as a distribution over positions.

    A bell curve has 95 % of its mass within this width. For a fresh stack the theory says
    $4 \sqrt{\sum_l d_l^2 (k^2 - 1) / 12}$, with kernel k and dilations $d_l$.

    Args:
        influence: `(T,)`, as from `input_influence`: not negative, not all zero.

    Returns:
        The effective receptive field, in inputs; it need not be whole.

    Raises:
        TypeError: influence is not a tensor of floats.
        ValueError: influence is of another shape, negative, infinite, NaN, or all zero.

    Source:
        Luo, Li, Urtasun and Zemel (2016): it grows with the square root of the depth.

    >>> round(effective_width(torch.tensor([0.25, 0.5, 0.25])), 3)
    2.828
    """
    check.tensors(influence=influence)
    check.floats(influence=influence)
    known = influence.isfinite().all() and (influence >= 0).all() and (influence > 0).any()
    if influence.ndim != 1 or not known:
        raise ValueError(
            f"influence must have shape (T,), be finite, ≥ 0 and not all 0, got {influence}"
        )
    share = influence.double()  # half precision has no room for squares of positions
    share = share / share.sum()
    position = torch.arange(len(share), dtype=share.dtype, device=share.device)
    mean = (share * position).sum()
    return 4 * (share * (position - mean).square()).sum().sqrt().item()


def _stack(kernel: int, dilations: Sequence[int], pool: int) -> tuple[int, list[int], int]:
    """What was checked, as Python's own integers."""
    kernel, pool = settings.count(1, kernel=kernel, pool=pool)
    if not isinstance(dilations, Sequence | np.ndarray):  # a set has no order
        raise TypeError(f"dilations must be a sequence, got {settings.kind(dilations)}")
    if len(dilations) == 0:
        raise ValueError("dilations must hold one for each layer, got none")
    return kernel, [settings.count(1, dilation=dilation)[0] for dilation in dilations], pool


def _check_center(kernel: int, causal: bool) -> None:
    settings.flag(causal=causal)
    if kernel % 2 == 0 and not causal:
        raise ValueError(f"kernel must be odd, to have a center, unless causal, got {kernel}")


def _padding(kernel: int, dilation: int, causal: bool) -> tuple[int, int]:
    """How many zeros stand on the left and on the right, for T outputs."""
    reach = (kernel - 1) * dilation
    left = reach if causal else reach // 2
    return left, reach - left
