"""Two forecasters that are trained: a Transformer's encoder, and two linear maps.

Letters: B windows, w past values, f future values, m tokens.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from attnlab.nn.stacks import Encoder


class Forecaster(nn.Module):
    """Past values as tokens → self-attention → a linear map from all tokens to the future.

    Args:
        past, future: w and f.
        patch: how many values make a token; it divides w.
        d_model, n_layers: of the encoder, which has four heads.
        positions: "learned" or "none".
        read: from "all" tokens, one behind the other, or from their "mean".
        from_last: whether the last past value is subtracted first and added to the forecast.

    Shapes:
        `(B, w)` → `(B, f)`.

    >>> Forecaster(48, 12, patch=4)(torch.zeros(5, 48)).shape
    torch.Size([5, 12])
    """

    def __init__(
        self,
        past: int,
        future: int,
        *,
        patch: int = 1,
        d_model: int = 32,
        n_layers: int = 1,
        positions: Literal["learned", "none"] = "learned",
        read: Literal["all", "mean"] = "all",
        from_last: bool = True,
    ):
        super().__init__()
        self.patch, self.read, self.from_last = patch, read, from_last
        n_tokens = past // patch
        self.embed = nn.Linear(patch, d_model)
        self.encoder = Encoder(
            d_model=d_model, n_heads=4, n_layers=n_layers, d_ff=2 * d_model, positions=positions,
            max_len=n_tokens,
        )  # fmt: skip
        self.to_future = nn.Linear(d_model * (n_tokens if read == "all" else 1), future)

    @property
    def plain(self) -> bool:
        """Whether it is as by default, but for its sizes."""
        known = self.encoder.positions.learned is not None
        return known and self.from_last and self.read == "all" and len(self.encoder.layers) == 1

    def forward(self, x: Tensor) -> Tensor:
        last = x[:, -1:] if self.from_last else torch.zeros_like(x[:, -1:])
        tokens = (x - last).unflatten(1, (-1, self.patch))  # (B, m, patch)
        seen = self.encoder(self.embed(tokens))  # (B, m, d_model)
        return self.to_future(seen.flatten(1) if self.read == "all" else seen.mean(1)) + last


class DLinear(nn.Module):
    """A moving mean, and what is left without it, each through a linear map of its own.

    Args:
        past, future: w and f.
        width: of the moving mean, odd; beyond the ends it sees the first and the last value.

    Shapes:
        `(B, w)` → `(B, f)`.

    Source: Zeng et al. (2023), section 4.

    >>> DLinear(48, 12)(torch.zeros(5, 48)).shape
    torch.Size([5, 12])
    """

    def __init__(self, past: int, future: int, width: int = 25):
        super().__init__()
        self.side = width // 2
        self.trend, self.rest = nn.Linear(past, future), nn.Linear(past, future)

    def forward(self, x: Tensor) -> Tensor:
        ends = [x[:, :1].expand(-1, self.side), x, x[:, -1:].expand(-1, self.side)]
        trend = torch.cat(ends, dim=1).unfold(1, 2 * self.side + 1, 1).mean(-1)  # (B, w)
        return self.trend(trend) + self.rest(x - trend)
