"""Positions that are learned, and the one switch for how a stack of layers knows its order."""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.functional.positions import alibi_bias, sinusoidal_encoding
from attnlab.nn.options import PositionOptions

Scheme = Literal["sinusoidal", "learned", "rotary", "alibi", "none"]


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
        max_len, d_model = settings.count(1, max_len=max_len, d_model=d_model)
        # The size of a sine's values would drown small embeddings; this is what BERT starts with.
        self.code = nn.Parameter(torch.randn(max_len, d_model) * 0.02)

    def forward(self, n: int) -> Tensor:
        (n,) = settings.count(0, n=n)
        if n > len(self.code):
            raise ValueError(f"n must be at most max_len = {len(self.code)}, got {n}")
        return self.code[:n]


class RelativeBias(nn.Module):
    """A learned bias on the scores for each head and each distance j − i, clipped at a largest one.

    Args:
        n_heads: h, how many heads.
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
        (n_heads,) = settings.count(1, n_heads=n_heads)
        (max_distance,) = settings.count(0, max_distance=max_distance)
        self.max_distance = max_distance
        # All zeros: attention starts blind to distance, and the heads differ by their projections.
        self.bias = nn.Parameter(torch.zeros(n_heads, 2 * max_distance + 1))

    def forward(self, n: int, m: int | None = None) -> Tensor:
        n, m = settings.count(0, n=n, m=n if m is None else m)
        position = torch.arange(max(n, m), device=self.bias.device)
        distance = position[:m] - position[:n, None]  # (n, m), j − i
        clipped = distance.clamp(-self.max_distance, self.max_distance)
        return self.bias[:, clipped + self.max_distance]  # (h, n, m)


class PositionScheme(nn.Module):
    """Where the position enters: added to the inputs, or inside self-attention, or not at all.

    What is not learned is computed anew at each call, for the positions of that call alone: nothing
    is kept that would have to be saved, copied, or moved to another device. Who decodes step by
    step may keep `rows` for that long.

    Args:
        scheme: "sinusoidal" and "learned" codes are added to what comes in; "rotary" turns queries
            and keys, "alibi" adds a bias to the scores; "none" leaves a stack blind to order.
        d_model, n_heads: sizes of the stack.
        max_len: the longest sequence, for "learned" alone.

    Raises:
        TypeError: a size is not an integer.
        ValueError: another scheme, a size below 1, or a d_model that the scheme cannot take.

    >>> PositionScheme("sinusoidal", d_model=4, n_heads=2, max_len=7).add(torch.zeros(1, 1, 4))
    tensor([[[0., 1., 0., 1.]]])
    """

    def __init__(self, scheme: Scheme, *, d_model: int, n_heads: int, max_len: int):
        super().__init__()
        settings.one_of(get_args(Scheme), positions=scheme)
        d_model, n_heads, max_len = settings.count(
            1, d_model=d_model, n_heads=n_heads, max_len=max_len
        )
        if scheme == "sinusoidal" and d_model % 2:
            raise ValueError(f"sinusoidal positions need an even d_model, got {d_model}")
        if scheme == "rotary" and d_model // n_heads % 2:
            raise ValueError(f"rotary positions need an even d_k, got {d_model // n_heads}")
        self.scheme, self.d_model, self.n_heads = scheme, d_model, n_heads
        self.learned = LearnedEncoding(max_len, d_model) if scheme == "learned" else None

    def add(self, x: Tensor, start: int = 0) -> Tensor:
        """x `(B, n, d_model)` with the codes of the positions from `start` on added to it."""
        n = x.shape[1]
        if self.learned is not None:
            return x + self.learned(start + n)[start:]
        if self.scheme == "sinusoidal":
            return x + sinusoidal_encoding(n, self.d_model, start=start, like=x)
        return x

    def inside(self, x: Tensor, start: int = 0) -> PositionOptions:
        """What self-attention must be told, when x is the positions from `start` on."""
        n = x.shape[1]
        if self.scheme == "rotary":
            return {"at": torch.arange(start, start + n, device=x.device)}
        if self.scheme == "alibi":
            return {"bias": alibi_bias(self.n_heads, n, start=start, like=x)}  # (h, n, T)
        return {}

    def rows(self, n: int, device: torch.device) -> Tensor | None:
        """What `enter` takes from for each of the first n positions; None if it computes nothing.

        It is in float64, all the digits that it is computed in, whatever x will be: sinusoids
        `(n, d_model)`, or for "alibi" the bias of the last position, `(h, 1, n)`, which ends with
        that of any other.
        """
        like = torch.empty(0, dtype=torch.float64, device=device)
        if self.scheme == "sinusoidal":
            return sinusoidal_encoding(n, self.d_model, like=like)
        if self.scheme == "alibi":
            return alibi_bias(self.n_heads, 1, start=n - 1, like=like)
        return None

    def enter(
        self, x: Tensor, start: int = 0, rows: Tensor | None = None
    ) -> tuple[Tensor, PositionOptions]:
        """What `add` and `inside` return; a single position's is taken from `rows`, if it is there,
        and costs a step of decoding next to nothing."""
        if rows is not None and x.shape[1] == 1:
            if self.scheme == "sinusoidal" and start < len(rows):
                return x + rows[start].to(x.dtype), {}
            if self.scheme == "alibi" and start < rows.shape[2]:
                own = rows[:, :, rows.shape[2] - start - 1 :]  # (h, 1, T)
                return x, {"bias": own.to(x.dtype)}
        return self.add(x, start), self.inside(x, start)
