"""Mistakes inside attention, each the smallest change to the healthy one."""

import math

from torch import Tensor, nn
from torch.nn import functional as F

from tests.examine.mutants.healthy import HEADS, Attention, D

# Masks


class TinyFill(Attention):
    def fill(self, scores: Tensor) -> float:
        return -1e-9


class SmallFill(Attention):
    def fill(self, scores: Tensor) -> float:
        return -1e4


class InfiniteFill(Attention):
    def fill(self, scores: Tensor) -> float:
        return -math.inf


class InvertedMask(Attention):
    def weigh(self, scores: Tensor, mask: Tensor) -> Tensor:
        return self.softmax(scores.masked_fill(mask, self.fill(scores)))


class MaskAfterSoftmax(Attention):
    def weigh(self, scores: Tensor, mask: Tensor) -> Tensor:
        return self.softmax(scores) * mask


# Softmax and scores


class SoftmaxOverQueries(Attention):
    def softmax(self, scores: Tensor) -> Tensor:
        return scores.softmax(dim=-2)


class SoftmaxOverOneNumber(Attention):
    """Each score by itself, so that every weight is 1."""

    def softmax(self, scores: Tensor) -> Tensor:
        return scores[..., None].softmax(dim=-1)[..., 0]


class ScaledByTheModel(Attention):
    def score(self, q: Tensor, k: Tensor) -> Tensor:
        return q @ k.mT / math.sqrt(D)


class NotScaled(Attention):
    def score(self, q: Tensor, k: Tensor) -> Tensor:
        return q @ k.mT


class Dropped(nn.Module):
    """`F.dropout` where it isn't told whether the model trains."""

    def forward(self, weights: Tensor) -> Tensor:
        return F.dropout(weights, 0.1)


class DropoutInEvaluation(Attention):
    def __init__(self):
        super().__init__()
        self.dropout = Dropped()


# Heads and projections


class ViewWithoutTranspose(Attention):
    def split(self, x: Tensor) -> Tensor:
        B, n, _ = x.shape
        return x.view(B, self.heads, n, self.d_head)

    def join(self, x: Tensor) -> Tensor:
        B, _, n, _ = x.shape
        return x.reshape(B, n, -1)


class BatchSecond(nn.Module):
    """The library's layer as it comes, which reads (n, B, d)."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(D, HEADS)

    def forward(self, x: Tensor, y: Tensor, mask: Tensor, past: None = None):
        return self.attention(x, y, y, need_weights=False)[0], None


class SharedHeads(Attention):
    """One head, as often as there should be heads."""

    def split(self, x: Tensor) -> Tensor:
        return super().split(x)[:, :1].expand(-1, self.heads, -1, -1)


class ValuesAreKeys(Attention):
    def project(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, _ = super().project(x, y)
        return q, k, k


class NoOutputMatrix(Attention):
    def mix(self, x: Tensor) -> Tensor:
        return x


# Cache


class PastWithoutPresent(Attention):
    """Keys and values go into the cache after the step that makes them."""

    def extend(self, past: tuple | None, new: tuple) -> tuple[tuple, tuple]:
        return past or new, super().extend(past, new)[1]

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        return super().attend(q, k, v, mask[..., : k.shape[2]])
