r"""Small models that repeat a sequence, alike in all but the way in which they know its order.

Letters: B batch, n symbols to repeat, T = 2n + 1 tokens, d_model width, V symbols.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from attnlab.functional.positions import sinusoidal_encoding
from attnlab.nn.options import PositionOptions
from attnlab.nn.positions import PositionScheme, RelativeBias, Scheme
from attnlab.nn.stacks import Encoder
from attnlab.tasks.copying import V

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

    >>> from attnlab.tasks.copying import copy_tokens
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
            self.layers.positions = _RelativePositions(d_model, n_heads=4, max_distance=16)
        self.read_out = nn.Linear(d_model, V)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)  # (B, T, d_model)
        if self.code_width:
            code = sinusoidal_encoding(tokens.shape[1], self.code_width, like=x)
            x = torch.cat([x, code.expand(len(x), -1, -1)], dim=-1)
        return self.read_out(self.layers(x, causal=True))


class _RelativePositions(PositionScheme):
    """Nothing is added to what comes in; a learned bias is, to the scores, in all layers alike."""

    def __init__(self, d_model: int, n_heads: int, max_distance: int):
        super().__init__("none", d_model=d_model, n_heads=n_heads, max_len=1)
        self.bias = RelativeBias(n_heads, max_distance)

    def inside(self, x: Tensor, start: int = 0) -> PositionOptions:
        return {"bias": self.bias(x.shape[1])}  # (h, T, T)
