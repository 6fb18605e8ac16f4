"""The decoder: a stack that attends to what an encoder made of the source, at once or step by step.

Letters: B batch, L layers, h heads, n target positions, m source positions.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Unpack, overload

import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.nn.blocks import DecoderLayer
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.features import check_features
from attnlab.nn.finite import known_finite
from attnlab.nn.layer import LayerWeights
from attnlab.nn.options import DecoderOptions
from attnlab.nn.stacks import Stack, finite_padding
from attnlab.nn.typed import typed_like


@dataclass
class DecoderState:
    """What a decoder remembers of a batch from step to step; `step` changes it."""

    layers: list[tuple[KeyValueCache, Tensor, Tensor]]  # memory's keys and values: (B, h, m, d)
    memory_bias: Tensor | None  # (B, 1, 1, m): 0 where the memory may be attended, else -inf
    finite: bool  # whether all keys and values of the memory are known to be finite
    rows: Tensor | None  # what positions add at every step, see `PositionScheme.rows`

    @property
    def length(self) -> int:
        """How many positions have been decoded."""
        return self.layers[0][0].length

    @property
    def batch(self) -> int:
        """How many sequences are decoded side by side."""
        return len(self.layers[0][1])

    def select(self, rows: Tensor) -> None:
        """Keep the given rows of the batch, in the given order; one may come several times.

        Raises:
            TypeError: rows are no tensor of integers.
            ValueError: rows are not `(B,)`, on another device, or not from 0 to B − 1.
        """
        rows = contents.rows(self.batch, self.layers[0][1], rows=rows)
        for cache, _, _ in self.layers:
            cache.select(rows)
        self.layers = [(cache, k[rows], v[rows]) for cache, k, v in self.layers]
        if self.memory_bias is not None:
            self.memory_bias = self.memory_bias[rows]


class Decoder(Stack[DecoderLayer]):
    """A stack of `DecoderLayer`s. Arguments, errors and source are those of `Encoder`.

    >>> import torch
    >>> decoder = Decoder(d_model=6, n_heads=2, n_layers=3, d_ff=24, positions="sinusoidal")
    >>> decoder(torch.randn(5, 3, 6), memory=torch.randn(5, 7, 6)).shape
    torch.Size([5, 3, 6])
    """

    layer_class = DecoderLayer
    torch_class = nn.TransformerDecoder

    @overload
    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        *,
        return_weights: Literal[False] = False,
        **options: Unpack[DecoderOptions],
    ) -> Tensor: ...

    @overload
    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        *,
        return_weights: Literal[True],
        **options: Unpack[DecoderOptions],
    ) -> tuple[Tensor, list[LayerWeights[Tensor]]]: ...

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        *,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        causal: bool = True,
        head_mask: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, list[LayerWeights[Tensor]]]:
        """`(B, n, d_model)` to the same shape.

        Args:
            x: `(B, n, d_model)`.
            memory: the encoder's output, `(B, m, d_model)`.
            mask, memory_mask, causal: see `DecoderLayer`.
            head_mask: `(L, 2, h)`, for self-attention and cross-attention of every layer.
            return_weights: also return the `LayerWeights` of every layer.

        Returns:
            The same shape, or with weights the pair of both. As in `Encoder`, real positions do not
            depend on what padding holds, in x or in the memory.

        Raises:
            TypeError: x or memory is no tensor or of another dtype than the weights, a mask is not
                boolean, a head_mask no tensor, or a flag neither True nor False.
            ValueError: a wrong shape or device, or more positions than "learned" ones know.
        """
        memory = self._read(memory, memory_mask)
        x, every = self._through_layers(
            x, memory, head_masks=self._head_masks(head_mask, 2, self.n_heads),
            return_weights=return_weights, mask=mask, memory_mask=memory_mask, causal=causal,
        )  # fmt: skip
        return (x, every) if return_weights else x

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...

    def start(self, memory: Tensor, memory_mask: Tensor | None, max_len: int) -> DecoderState:
        """What `step` needs to begin: the memory projected, and caches with room for max_len.

        Args:
            memory: `(B, m, d_model)`.
            memory_mask: None, or which of its positions are real, as from `padding_mask`; it
                broadcasts to `(B, 1, m)`.
            max_len: how many positions may be decoded.

        Raises:
            TypeError: memory is no tensor or of another dtype than the weights, memory_mask is not
                boolean, or max_len not an integer.
            ValueError: a wrong shape or device, or max_len below 1.
        """
        memory = self._read(memory, memory_mask)
        B, m, _ = memory.shape
        memory_bias = empty = None
        if memory_mask is not None:
            mask = check.as_mask(memory_mask, (B, 1, m), memory, "memory_mask")
            mask = mask.expand(B, 1, m)
            empty = ~mask.any(-1)[..., None, None]  # (B, 1, 1, 1)
            memory_bias = torch.zeros_like(mask, dtype=memory.dtype)
            memory_bias = memory_bias.masked_fill_(~mask & ~empty[:, 0], -torch.inf)[:, None]
        layers, finite = [], True
        for layer in self.layers:
            k, v = layer.cross_attention.project_memory(memory)
            # A source without a token is attended to, but has nothing to give.
            v = v if empty is None else v.masked_fill(empty, 0)
            attention = layer.self_attention
            cache = KeyValueCache(
                batch=B, n_heads=attention.n_heads, max_len=max_len,
                d_k=attention.d_k, d_v=attention.d_v, like=memory,
            )  # fmt: skip
            # In one piece, or every step would have to copy them; and a look at them takes longer.
            k, v = k.contiguous(), v.contiguous()
            finite = finite and known_finite(k, v)
            layers.append((cache, k, v))
        return DecoderState(
            layers, memory_bias, finite, self.positions.rows(max_len, memory.device)
        )

    def step(self, x: Tensor, state: DecoderState) -> Tensor:
        """`forward` for the next position alone, `(B, 1, d_model)`; the state moves on.

        Raises:
            TypeError: x is no tensor or of another dtype than the weights, or state not from
                `start`.
            ValueError: a wrong shape or device, or no room for one more position.
        """
        settings.instance(DecoderState, state=state)
        x, inside = self._enter(x, start=state.length, rows=state.rows)
        for layer, (cache, keys, values) in zip(self.layers, state.layers, strict=True):
            x = layer(
                x, (keys, values), memory_bias=state.memory_bias, memory_vouched=state.finite,
                cache=cache, **inside,
            )  # fmt: skip
        return self.last_norm(x)

    def _read(self, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        """The memory, of the right kind, and finite in its padding."""
        check_features(memory, self.d_model, self.layers[0].self_attention_norm.weight, "memory")
        return finite_padding(memory, memory_mask, "memory_mask")
