"""The feed-forward network: what a layer does at every position by itself."""

import torch
from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.nn.dropout import drop
from attnlab.nn.features import check_features


class FeedForward(nn.Module):
    r"""Two linear maps with a rectifier between them, the same at every position.

    $$\mathrm{FFN}(x) = \max(0, xW_1 + b_1)\,W_2 + b_2$$

    Args:
        d_model: width of what comes in and goes out.
        d_ff: width in between.
        dropout: how often, in training, something in between is dropped.
        bias: whether the two maps have a bias.

    Raises:
        TypeError: a size is not an integer, dropout not a number, or bias neither True nor False.
        ValueError: a size below 1, or a dropout outside of [0, 1).

    Source:
        Vaswani et al. (2017), section 3.3, equation 2.

    >>> FeedForward(6, 24)(torch.randn(5, 3, 6)).shape
    torch.Size([5, 3, 6])
    """

    def __init__(self, d_model: int, d_ff: int, *, dropout: float = 0.0, bias: bool = True):
        super().__init__()
        d_model, d_ff = settings.count(1, d_model=d_model, d_ff=d_ff)
        settings.share(dropout=dropout)
        settings.flag(bias=bias)
        self.expand = nn.Linear(d_model, d_ff, bias=bias)
        self.contract = nn.Linear(d_ff, d_model, bias=bias)
        self.dropout = dropout
        for linear in (self.expand, self.contract):
            nn.init.xavier_uniform_(linear.weight)
            if bias:
                nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        """`(..., d_model)` to the same shape: each token by itself.

        Raises:
            TypeError: x is no tensor, or of another dtype than the weights.
            ValueError: x of another shape, or on another device.
        """
        check_features(x, self.expand.in_features, self.expand.weight, "x", batch=False)
        hidden = torch.relu(self.expand(x))  # (B, n, d_ff)
        return self.contract(drop(hidden, self.dropout, self.training))
