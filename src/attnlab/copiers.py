r"""Small models that repeat a sequence, alike in all but the way in which they know its order.

Letters: B batch, n symbols to repeat, T = 2n + 1 tokens, d_model width, V symbols.
"""

from collections.abc import Iterator
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional.positions import sinusoidal_encoding
from attnlab.nn.positions import RelativeBias, Scheme
from attnlab.nn.stacks import Encoder

V = 10  # different symbols; one more token marks the end of what is to be repeated
CODE_WIDTH = 16  # coordinates of d_model that "concatenated" gives to the position


class Copier(nn.Module):
    """Embedding → two causal layers of four heads → scores of the next symbol.

    Args:
        positions: a `Scheme` of `Encoder`; or "relative", a learned bias on the scores for each
            distance up to 16, shared by all farther ones; or "concatenated", a sinusoidal code of
            16 coordinates beside an embedding of the other ones.
        d_model: width.

    Shapes:
        tokens `(B, T)` → `(B, T, V)`.

    Raises:
        ValueError: other positions, or a d_model that is not a multiple of 8 above 16.

    >>> Copier("rotary")(copy_tokens(3, size=2)).shape
    torch.Size([2, 7, 10])
    """

    def __init__(self, positions: Scheme | Literal["relative", "concatenated"], d_model: int = 64):
        super().__init__()
        if d_model % 8 or d_model <= CODE_WIDTH:
            raise ValueError(f"d_model must be a multiple of 8 above {CODE_WIDTH}, got {d_model}")
        self.code_width = CODE_WIDTH if positions == "concatenated" else 0
        self.embed = nn.Embedding(V + 1, d_model - self.code_width)
        nn.init.normal_(self.embed.weight, std=0.5)  # a sinusoidal code's values are about 0.7
        within = positions in ("relative", "concatenated")
        self.layers = Encoder(
            d_model=d_model, n_heads=4, n_layers=2, d_ff=2 * d_model,
            positions="none" if within else positions,
        )  # fmt: skip
        if positions == "relative":
            self.layers.positions = _RelativePositions(n_heads=4, max_distance=16)
        self.read_out = nn.Linear(d_model, V)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)  # (B, T, d_model)
        if self.code_width:
            code = sinusoidal_encoding(tokens.shape[1], self.code_width, like=x)
            x = torch.cat([x, code.expand(len(x), -1, -1)], dim=-1)
        return self.read_out(self.layers(x, causal=True))


class _RelativePositions(nn.Module):
    """A `PositionScheme` whose only part is a learned bias on the scores, for all layers alike."""

    def __init__(self, n_heads: int, max_distance: int):
        super().__init__()
        self.bias = RelativeBias(n_heads, max_distance)

    def add(self, x: Tensor, start: int = 0) -> Tensor:
        return x

    def inside(self, x: Tensor, start: int = 0) -> dict[str, Tensor]:
        return {"bias": self.bias(x.shape[1])}  # (h, T, T)


def copy_tokens(n: int, *, size: int) -> Tensor:
    """So many sequences of n random symbols, a mark, and the same symbols again: `(B, 2n + 1)`.

    Raises:
        TypeError: n or size is not an integer. ValueError: it is below 1.

    >>> tokens = copy_tokens(3, size=2)
    >>> tokens[:, 3].tolist(), bool((tokens[:, :3] == tokens[:, 4:]).all())
    ([10, 10], True)
    """
    check.count(1, n=n, size=size)
    symbols = torch.randint(V, (size, n))
    return torch.cat([symbols, torch.full((size, 1), V), symbols], dim=1)


def copy_batches(max_n: int, *, size: int = 64) -> Iterator[Tensor]:
    """Training batches without end, each of one length from 1 to `max_n`."""
    while True:
        yield copy_tokens(int(torch.randint(1, max_n + 1, ())), size=size)


def copy_loss(model: nn.Module, tokens: Tensor) -> Tensor:
    """Mean cross-entropy of the repeated symbols; what comes before them cannot be known.

    >>> round(copy_loss(lambda x: torch.zeros(*x.shape, V), copy_tokens(3, size=2)).item(), 4)
    2.3026
    """
    n = tokens.shape[1] // 2
    logits = model(tokens[:, :-1])[:, n:]  # (B, n, V)
    return F.cross_entropy(logits.transpose(1, 2), tokens[:, n + 1 :])


@torch.no_grad()
def copy_accuracy(model: nn.Module, n: int, *, size: int = 100) -> float:
    """The share of n repeated symbols that the model gets right, each after the right ones before.

    >>> copy_accuracy(lambda x: F.one_hot(x.roll(3, 1), V + 1), 3)
    1.0
    """
    tokens = copy_tokens(n, size=size)
    best = model(tokens[:, :-1])[:, n:].argmax(-1)  # (B, n)
    return (best == tokens[:, n + 1 :]).double().mean().item()
