"""Stacks of layers: the encoder, and the decoder that attends to it.

Letters: B batch, L layers, h heads, n target positions, m source positions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, Unpack, overload

import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.nn.attention import check_features
from attnlab.nn.blocks import DecoderLayer, EncoderLayer, LayerWeights, Norm, copy_weights
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.dropout import drop
from attnlab.nn.options import DecoderOptions, EncoderOptions, PositionOptions
from attnlab.nn.positions import PositionScheme, Scheme
from attnlab.nn.typed import ModuleList, typed_like

L = TypeVar("L", EncoderLayer, DecoderLayer)


class _Stack(nn.Module, Generic[L]):
    """Positions, dropout, layers, and a last norm: what encoder and decoder share.

    The last norm is what "pre" needs, whose residual stream is never normed elsewhere. With "post"
    it repeats the norm of the last layer: the paper has none there, `nn.Transformer` has it.
    """

    layer_class: type[L]

    def __init__(
        self,
        *,
        d_model: int,
        n_heads: int,
        n_layers: int,
        d_ff: int,
        dropout: float = 0.0,
        norm: Norm = "pre",
        bias: bool = True,
        positions: Scheme = "none",
        max_len: int = 512,
    ):
        super().__init__()
        settings.count(1, n_layers=n_layers)
        self.layers: ModuleList[L] = ModuleList(
            self.layer_class(d_model, n_heads, d_ff, dropout=dropout, norm=norm, bias=bias)
            for _ in range(n_layers)
        )
        self.last_norm = nn.LayerNorm(d_model, bias=bias)
        self.positions = PositionScheme(
            positions, d_model=d_model, n_heads=n_heads, max_len=max_len
        )
        self.dropout, self.d_model, self.n_heads = dropout, d_model, n_heads

    @classmethod
    def from_torch(cls, stack: nn.TransformerEncoder | nn.TransformerDecoder, **options) -> Self:
        """The same stack with a copy of the weights; options are `positions` and `max_len`.

        Raises:
            TypeError: the layers are not those of torch.nn.
            ValueError: there is no last norm, or the activation is not relu.
        """
        layers = [cls.layer_class.from_torch(layer) for layer in stack.layers]
        if not isinstance(stack.norm, nn.LayerNorm):
            raise ValueError(
                f"expected {type(stack).__name__} with a last norm, got norm={stack.norm}"
            )
        first, attention = layers[0], layers[0].self_attention
        ours = cls(
            d_model=attention.d_model, n_heads=attention.n_heads, n_layers=len(layers),
            d_ff=first.feed_forward.expand.out_features, dropout=first.dropout, norm=first.norm,
            bias=first.feed_forward.expand.bias is not None, **options,
        ).to(stack.norm.weight)  # fmt: skip
        ours.layers = ModuleList(layers)
        copy_weights(ours.last_norm, stack.norm)
        return ours.train(stack.training)

    def _enter(self, x: Tensor, start: int = 0) -> tuple[Tensor, PositionOptions]:
        """The input with positions added, and what the layers must be told about positions."""
        check_features(x, self.d_model, self.last_norm.weight, "x")
        inside = self.positions.inside(x, start)
        return drop(self.positions.add(x, start), self.dropout, self.training), inside

    def _through_layers(
        self,
        x: Tensor,
        *memory: Tensor,
        head_masks: Iterable[Tensor | None],
        return_weights: bool,
        **options: Any,  # those of a layer, and a layer checks them
    ) -> tuple[Tensor, list]:
        """x after all layers and the last norm; and the weights of every layer, if asked for."""
        x, inside = self._enter(x)
        every = []
        for layer, head_mask in zip(self.layers, head_masks, strict=True):
            given = {"head_mask": head_mask, **options, **inside}
            if return_weights:
                x, weights = layer(x, *memory, return_weights=True, **given)
                every.append(weights)
            else:
                x = layer(x, *memory, **given)
        return self.last_norm(x), every

    def _head_masks(self, head_mask: Tensor | None, *shape: int) -> Tensor | list[None]:
        """One head mask for each layer."""
        if head_mask is None:
            return [None] * len(self.layers)
        check.has_shape((len(self.layers), *shape), head_mask=head_mask)
        return head_mask


class Encoder(_Stack[EncoderLayer]):
    """A stack of `EncoderLayer`s; with `causal`, the stack of a language model.

    Args:
        d_model, n_heads, d_ff, dropout, norm, bias: see `EncoderLayer`; dropout also falls on the
            input, once positions have been added.
        n_layers: L, how many layers.
        positions: "sinusoidal", "learned", "rotary", "alibi" or "none", see `PositionScheme`.
        max_len: the longest sequence that "learned" positions know.

    Raises:
        TypeError, ValueError: as the parts do.

    Source:
        Vaswani et al. (2017), section 3.1.

    >>> import torch
    >>> encoder = Encoder(d_model=6, n_heads=2, n_layers=3, d_ff=24, positions="sinusoidal")
    >>> x, weights = encoder(torch.randn(5, 7, 6), return_weights=True)
    >>> x.shape, len(weights), weights[0].self_attention.shape
    (torch.Size([5, 7, 6]), 3, torch.Size([5, 2, 7, 7]))
    """

    layer_class = EncoderLayer

    @overload
    def forward(
        self,
        x: Tensor,
        *,
        return_weights: Literal[False] = False,
        **options: Unpack[EncoderOptions],
    ) -> Tensor: ...

    @overload
    def forward(
        self, x: Tensor, *, return_weights: Literal[True], **options: Unpack[EncoderOptions]
    ) -> tuple[Tensor, list[LayerWeights[None]]]: ...

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        causal: bool = False,
        head_mask: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, list[LayerWeights[None]]]:
        """`(B, m, d_model)` to the same shape.

        Args:
            x: `(B, m, d_model)`.
            mask, causal: see `MultiHeadAttention`.
            head_mask: `(L, h)`, which heads of which layer take part.
            return_weights: also return the `LayerWeights` of every layer.
        """
        x, every = self._through_layers(
            x, head_masks=self._head_masks(head_mask, self.n_heads),
            return_weights=return_weights, mask=mask, causal=causal,
        )  # fmt: skip
        return (x, every) if return_weights else x

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...


class Decoder(_Stack[DecoderLayer]):
    """A stack of `DecoderLayer`s. Arguments, errors and source are those of `Encoder`.

    >>> import torch
    >>> decoder = Decoder(d_model=6, n_heads=2, n_layers=3, d_ff=24, positions="sinusoidal")
    >>> decoder(torch.randn(5, 3, 6), memory=torch.randn(5, 7, 6)).shape
    torch.Size([5, 3, 6])
    """

    layer_class = DecoderLayer

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
        """
        x, every = self._through_layers(
            x, memory, head_masks=self._head_masks(head_mask, 2, self.n_heads),
            return_weights=return_weights, mask=mask, memory_mask=memory_mask, causal=causal,
        )  # fmt: skip
        return (x, every) if return_weights else x

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...

    def start(self, memory: Tensor, memory_mask: Tensor | None, max_len: int) -> "DecoderState":
        """What `step` needs to begin: the memory projected, and caches with room for max_len.

        memory_mask: None, or `(B, 1, m)`, as from `padding_mask`.
        """
        B, m, _ = memory.shape
        memory_bias = empty = None
        if memory_mask is not None:
            mask = check.as_mask(memory_mask, (B, 1, m), memory)
            mask = mask.expand(B, 1, m)
            empty = ~mask.any(-1)[..., None, None]  # (B, 1, 1, 1)
            memory_bias = torch.zeros_like(mask, dtype=memory.dtype)
            memory_bias = memory_bias.masked_fill_(~mask & ~empty[:, 0], -torch.inf)[:, None]
        layers = []
        for layer in self.layers:
            k, v = layer.cross_attention.project_memory(memory)
            # A source without a token is attended to, but has nothing to give.
            v = v if empty is None else v.masked_fill(empty, 0)
            attention = layer.self_attention
            cache = KeyValueCache(
                batch=B, n_heads=attention.n_heads, max_len=max_len,
                d_k=attention.d_k, d_v=attention.d_v, like=memory,
            )  # fmt: skip
            # In one piece, or every step would have to copy them.
            layers.append((cache, k.contiguous(), v.contiguous()))
        return DecoderState(layers, memory_bias)

    def step(self, x: Tensor, state: "DecoderState") -> Tensor:
        """`forward` for the next position alone, `(B, 1, d_model)`."""
        x, inside = self._enter(x, start=state.length)
        for layer, (cache, keys, values) in zip(self.layers, state.layers, strict=True):
            x = layer(x, (keys, values), memory_bias=state.memory_bias, cache=cache, **inside)
        return self.last_norm(x)


@dataclass
class DecoderState:
    """What a decoder remembers from step to step; `step` changes it."""

    layers: list[tuple[KeyValueCache, Tensor, Tensor]]  # memory's keys and values: (B, h, m, d)
    memory_bias: Tensor | None  # (B, 1, 1, m): 0 where the memory may be attended, else -inf

    @property
    def length(self) -> int:
        """How many positions have been decoded."""
        return self.layers[0][0].length

    def select(self, rows: Tensor) -> None:
        """Keep the given rows of the batch, in the given order; one may come several times."""
        for cache, _, _ in self.layers:
            cache.select(rows)
        self.layers = [(cache, k[rows], v[rows]) for cache, k, v in self.layers]
        if self.memory_bias is not None:
            self.memory_bias = self.memory_bias[rows]
