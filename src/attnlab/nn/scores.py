"""Score functions that learn: those of `functional.scores`, with parameters of their own."""

import torch
from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.functional.scores import additive_scores, bilinear_scores


class BilinearScore(nn.Module):
    r"""Scores $QWK^\top$ with a learned W; an instance serves as `scores=` of `attention`.

    Args:
        d_q: the width of a query.
        d_k: the width of a key.

    Shapes:
        q `(..., n, d_q)`, k `(..., m, d_k)` → `(..., n, m)`.

    Raises:
        TypeError: a width is not an integer.
        ValueError: a width is below 1; at the call, what `bilinear_scores` raises.

    Source:
        Luong, Pham and Manning (2015), section 3.1, "general".

    >>> BilinearScore(2, 3)(torch.ones(5, 2), torch.ones(7, 3)).shape
    torch.Size([5, 7])
    """

    def __init__(self, d_q: int, d_k: int) -> None:
        super().__init__()
        d_q, d_k = settings.count(1, d_q=d_q, d_k=d_k)
        # Variance 1 / (d_q d_k): scores of unit queries and keys then start with unit variance.
        self.w = nn.Parameter(torch.randn(d_q, d_k) * (d_q * d_k) ** -0.5)

    def forward(self, q: Tensor, k: Tensor) -> Tensor:
        return bilinear_scores(q, k, self.w)


class AdditiveScore(nn.Module):
    r"""Scores $v^\top \tanh(q W_q + k W_k)$ with all three learned; serves as `scores=` too.

    Args:
        d_q: the width of a query.
        d_k: the width of a key.
        d_hidden: the width of the hidden layer.

    Shapes:
        q `(..., n, d_q)`, k `(..., m, d_k)` → `(..., n, m)`.

    Raises:
        TypeError: a width is not an integer.
        ValueError: a width is below 1; at the call, what `additive_scores` raises.

    Source:
        Bahdanau, Cho and Bengio (2015), section 3.1 and appendix A.1.2.

    >>> AdditiveScore(2, 3, 11)(torch.ones(5, 2), torch.ones(7, 3)).shape
    torch.Size([5, 7])
    """

    def __init__(self, d_q: int, d_k: int, d_hidden: int) -> None:
        super().__init__()
        d_q, d_k, d_hidden = settings.count(1, d_q=d_q, d_k=d_k, d_hidden=d_hidden)
        # Each sum starts with about unit variance, so that tanh bends but does not saturate.
        self.w_q = nn.Parameter(torch.randn(d_q, d_hidden) * d_q**-0.5)
        self.w_k = nn.Parameter(torch.randn(d_k, d_hidden) * d_k**-0.5)
        self.v = nn.Parameter(torch.randn(d_hidden) * d_hidden**-0.5)

    def forward(self, q: Tensor, k: Tensor) -> Tensor:
        return additive_scores(q, k, self.w_q, self.w_k, self.v)
