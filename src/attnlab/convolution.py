r"""Stacked 1-D convolutions, and how far they see: on paper (theoretical) and in fact (effective).

Letters: B batch, T time, d_in and d_hidden widths.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvStack(nn.Module):
    """Layers of convolution and ReLU, one for each entry of `dilations`.

    The same `kernel` weights slide over all positions (weight sharing), so the number of parameters
    does not depend on T. Padding with zeros keeps the length; `causal` puts all of it on the left,
    so that no output sees its future. `pool` > 1 takes the maximum of every `pool` neighbors after
    each layer and so divides the length.

    Shapes: x (B, T, d_in); returns (B, T, d_hidden), or T // pool at each layer with pooling.
    Errors: ValueError for an even kernel unless causal, no layers, a dilation or pool < 1, pooling
    a causal stack (its windows would reach ahead), and x that is too short for the pooling.
    Source: LeCun et al. (1998), section II; dilation: Yu & Koltun (2016), equation 2; causal and
    dilated: van den Oord et al. (2016), "WaveNet", section 2.1.

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
        _check_stack(kernel, dilations, pool)
        if kernel % 2 == 0 and not causal:
            raise ValueError(f"expected an odd kernel, which has a center, got {kernel}")
        if causal and pool > 1:
            raise ValueError(f"expected pool = 1 in a causal stack, got {pool}")
        widths = [d_in] + [d_hidden] * len(dilations)
        self.layers = nn.ModuleList(
            nn.Conv1d(widths[i], d_hidden, kernel, dilation=dilation)
            for i, dilation in enumerate(dilations)
        )
        self.pool, self.causal = pool, causal

    def forward(self, x: Tensor) -> Tensor:
        d_in = self.layers[0].in_channels
        if x.ndim != 3 or x.shape[1] < self.pool ** len(self.layers) or x.shape[2] != d_in:
            raise ValueError(
                f"expected x of shape (B, T ≥ {self.pool ** len(self.layers)}, d_in = {d_in}), "
                f"got {tuple(x.shape)}"
            )
        x = x.transpose(1, 2)  # (B, d_in, T): Conv1d wants the channels before time
        for layer in self.layers:
            reach = (layer.kernel_size[0] - 1) * layer.dilation[0]
            left = reach if self.causal else reach // 2
            x = F.relu(layer(F.pad(x, (left, reach - left))))  # (B, d_hidden, T)
            x = F.max_pool1d(x, self.pool)  # (B, d_hidden, T // pool)
        return x.transpose(1, 2)


def receptive_field(*, dilations: Sequence[int], kernel: int = 3, pool: int = 1) -> int:
    r"""How many inputs can reach one output on paper: $1 + \sum_l (k_l - 1) \prod_{i<l} s_i$.

    Each layer adds its reach, counted in steps that every pooling before it has made longer.

    Errors: as for `ConvStack`.
    Source: Araujo, Norris & Sim (2019), "Computing receptive fields of convolutional neural
    networks", equation 2.

    >>> receptive_field(dilations=[1] * 16), receptive_field(dilations=[1, 2, 4, 8])
    (33, 31)
    """
    _check_stack(kernel, dilations, pool)
    field, step = 1, 1
    for dilation in dilations:
        field += (kernel - 1) * dilation * step
        field += (pool - 1) * step
        step *= pool
    return field


def input_influence(layer: Callable[[Tensor], Tensor], x: Tensor, position: int) -> Tensor:
    r"""How strongly each input moves one output: $\lVert \partial y_p / \partial x_t \rVert_F$.

    As a share of their sum. The output `position` counts steps of the output, which pooling makes
    fewer. Averaged over the batch, with one random direction v an item, as in
    `attnlab.recurrent.gradient_by_lag`.

    Shapes: x (B, T, d_in); returns (T,), sum 1.
    Errors: ValueError for a wrong shape, a position outside the output, or an output that does not
    depend on x at all.
    Source: Luo, Li, Urtasun & Zemel (2016), "Understanding the effective receptive field in deep
    convolutional neural networks", section 2.

    >>> pick = lambda x: 3 * x
    >>> input_influence(pick, torch.ones(2, 4, 3), position=1).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    if x.ndim != 3 or 0 in x.shape:
        raise ValueError(f"expected x of shape (B, T, d_in), none of them 0, got {tuple(x.shape)}")
    x = x.detach().clone().requires_grad_()
    y = layer(x)  # (B, T_out, d_out)
    if not 0 <= position < y.shape[1]:
        raise ValueError(f"expected a position from 0 to {y.shape[1] - 1}, got {position}")
    output = y[:, position]  # (B, d_out)
    (gradient,) = torch.autograd.grad(output, x, torch.randn_like(output))  # (B, T, d_in)
    influence = gradient.square().mean(dim=(0, 2)).sqrt()  # (T,)
    if influence.sum() == 0:
        raise ValueError(f"output {position} does not depend on x")
    return influence / influence.sum()


def effective_width(influence: Tensor) -> float:
    r"""Four standard deviations of the influence, read as a distribution over positions.

    A bell curve has 95 % of its mass within this width.

    Shapes: influence (T,), not negative, not all 0.
    Source: Luo et al. (2016), section 2.3: the width grows with the square root of the depth.

    >>> round(effective_width(torch.tensor([0.25, 0.5, 0.25])), 3)
    2.828
    """
    if influence.ndim != 1 or bool((influence < 0).any()) or influence.sum() == 0:
        raise ValueError(
            f"expected influence (T,), ≥ 0 and not all 0, got shape {tuple(influence.shape)}"
        )
    share = influence / influence.sum()
    position = torch.arange(len(share), dtype=share.dtype)
    mean = (share * position).sum()
    return 4 * (share * (position - mean).square()).sum().sqrt().item()


def _check_stack(kernel: int, dilations: Sequence[int], pool: int) -> None:
    if kernel < 1 or pool < 1:
        raise ValueError(f"expected kernel ≥ 1 and pool ≥ 1, got {kernel} and {pool}")
    if len(dilations) == 0 or min(dilations) < 1:
        raise ValueError(f"expected one dilation ≥ 1 a layer, got {list(dilations)}")
