"""Positions that are learned: a code to add to the embeddings, and a bias to add to the scores."""

import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check


class LearnedEncoding(nn.Module):
    """A learned code for each position up to a longest one; beyond it there is nothing to look up.

    Args:
        max_len: the longest sequence.
        d_model: the width of the code.

    Shapes:
        n → `(n, d_model)`, as from `sinusoidal_encoding`.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: max_len or d_model is below 1; at the call, n is negative or above max_len.

    Source:
        Gehring et al. (2017), section 3.1; Vaswani et al. (2017), table 3, row (E).

    >>> LearnedEncoding(max_len=7, d_model=4)(3).shape
    torch.Size([3, 4])
    """

    def __init__(self, max_len: int, d_model: int) -> None:
        super().__init__()
        check.count(1, max_len=max_len, d_model=d_model)
        # The size of a sine's values would drown small embeddings; this is what BERT starts with.
        self.code = nn.Parameter(torch.randn(max_len, d_model) * 0.02)

    def forward(self, n: int) -> Tensor:
        check.count(0, n=n)
        if n > len(self.code):
            raise ValueError(f"n must be at most max_len = {len(self.code)}, got {n}")
        return self.code[:n]


class RelativeBias(nn.Module):
    """A learned bias on the scores for each head and each distance j − i, clipped at a largest one.

    Args:
        n_heads: h.
        max_distance: distances beyond it, on either side, share its bias.

    Shapes:
        n queries and m keys (m = n unless given) → `(h, n, m)`, to be added to the scores.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: n_heads is below 1 or max_distance negative; at the call, n or m is negative.

    Source:
        The clipping is Shaw, Uszkoreit and Vaswani (2018), section 3.2; a scalar for each head,
        added to the scores, is Raffel et al. (2020), section 2.1.

    >>> bias = RelativeBias(n_heads=2, max_distance=3)
    >>> bias(5, 7).shape
    torch.Size([2, 5, 7])
    """

    def __init__(self, n_heads: int, max_distance: int) -> None:
        super().__init__()
        check.count(1, n_heads=n_heads)
        check.count(0, max_distance=max_distance)
        self.max_distance = max_distance
        # All zeros: attention starts blind to distance, and the heads differ by their projections.
        self.bias = nn.Parameter(torch.zeros(n_heads, 2 * max_distance + 1))

    def forward(self, n: int, m: int | None = None) -> Tensor:
        m = n if m is None else m
        check.count(0, n=n, m=m)
        position = torch.arange(max(n, m), device=self.bias.device)
        distance = position[:m] - position[:n, None]  # (n, m), j − i
        clipped = distance.clamp(-self.max_distance, self.max_distance)
        return self.bias[:, clipped + self.max_distance]  # (h, n, m)
