"""One switch for the ways in which a stack of layers can know the order of its inputs."""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from attnlab.functional.positions import alibi_bias, sinusoidal_encoding
from attnlab.learned_positions import LearnedEncoding

Scheme = Literal["sinusoidal", "learned", "rotary", "alibi", "none"]


class PositionScheme(nn.Module):
    """Where the position enters: added to the inputs, or inside self-attention, or not at all.

    Args:
        scheme: "sinusoidal" and "learned" codes are added to what comes in; "rotary" turns queries
            and keys, "alibi" adds a bias to the scores; "none" leaves a stack blind to order.
        d_model, n_heads: sizes of the stack.
        max_len: the longest sequence, for "learned" alone.

    Raises:
        ValueError: another scheme, or a d_model that the scheme cannot take.

    >>> PositionScheme("sinusoidal", d_model=4, n_heads=2, max_len=7).add(torch.zeros(1, 1, 4))
    tensor([[[0., 1., 0., 1.]]])
    """

    def __init__(self, scheme: Scheme, *, d_model: int, n_heads: int, max_len: int):
        super().__init__()
        if scheme not in get_args(Scheme):
            raise ValueError(f"positions must be one of {get_args(Scheme)}, got {scheme!r}")
        if scheme == "sinusoidal" and d_model % 2:
            raise ValueError(f"sinusoidal positions need an even d_model, got {d_model}")
        if scheme == "rotary" and d_model // n_heads % 2:
            raise ValueError(f"rotary positions need an even d_k, got {d_model // n_heads}")
        self.scheme, self.d_model, self.n_heads = scheme, d_model, n_heads
        self.learned = LearnedEncoding(max_len, d_model) if scheme == "learned" else None
        self._table: Tensor | None = None  # sinusoids or bias, kept for the next call

    def add(self, x: Tensor, start: int = 0) -> Tensor:
        """x `(B, n, d_model)` with the codes of the positions from `start` on added to it."""
        stop = start + x.shape[1]
        if self.scheme == "learned":
            return x + self.learned(stop)[start:]
        if self.scheme == "sinusoidal":
            code = self._kept(stop, x, lambda n: sinusoidal_encoding(n, self.d_model, like=x))
            return x + code[start:stop]
        return x

    def inside(self, x: Tensor, start: int = 0) -> dict[str, Tensor]:
        """What self-attention must be told, when x is the positions from `start` on."""
        stop = start + x.shape[1]
        if self.scheme == "rotary":
            return {"positions": torch.arange(start, stop, device=x.device)}
        if self.scheme == "alibi":
            bias = self._kept(stop, x, lambda n: alibi_bias(self.n_heads, n, like=x))
            return {"bias": bias[:, start:stop, :stop]}  # (h, n, T)
        return {}

    def _kept(self, length: int, x: Tensor, make: Callable[[int], Tensor]) -> Tensor:
        """The table for at least `length` positions, in the dtype and on the device of x."""
        table = self._table
        if (
            table is None
            or table.shape[-2] < length
            or (table.dtype, table.device)
            != (
                x.dtype,
                x.device,
            )
        ):
            # Twice as long as needed, so that decoding does not come back at every step.
            with torch.inference_mode(False):  # the next call may be one of training
                table = self._table = make(2 * length)
        return table
