"""The layers that a Transformer is a stack of.

Letters: B batch, h heads, n queries (target positions), m keys (source positions).

With `norm="post"`, as in the paper, a sublayer f turns x into LayerNorm(x + f(x)); with
`norm="pre"` into x + f(LayerNorm(x)), which deep stacks learn with more easily.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, Unpack, get_args, overload

from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.nn.attention import MultiHeadAttention, check_features
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.dropout import drop
from attnlab.nn.feed_forward import FeedForward
from attnlab.nn.from_torch import check_class, check_layer, copy_parts
from attnlab.nn.kernels import Kernel, known_finite
from attnlab.nn.options import AttentionOptions, DecoderLayerOptions, EncoderLayerOptions
from attnlab.nn.typed import typed_like

Norm = Literal["pre", "post"]
Cross = TypeVar("Cross", Tensor, None)

# What torch.nn calls the parts that encoder and decoder layers have in common.
_SHARED_NAMES = {
    "self_attention": "self_attn",
    "self_attention_norm": "norm1",
    "feed_forward.expand": "linear1",
    "feed_forward.contract": "linear2",
}


@dataclass(frozen=True)
class LayerWeights(Generic[Cross]):
    """The attention weights of one layer; an encoder layer has no cross-attention."""

    self_attention: Tensor  # (B, h, n, n)
    cross_attention: Cross  # (B, h, n, m), or None


class _Layer(nn.Module):
    """What both layers share: the feed-forward sublayer, and where norm, dropout and sum stand."""

    torch_class: type[nn.TransformerEncoderLayer] | type[nn.TransformerDecoderLayer]
    torch_names: dict[str, str]  # what torch calls our parts

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm: Norm = "pre",
        bias: bool = True,
        kernel: Kernel = "auto",
    ):
        super().__init__()
        settings.one_of(get_args(Norm), norm=norm)
        settings.flag(bias=bias)
        self.norm: Norm = norm
        self.dropout = dropout
        self.self_attention = MultiHeadAttention(
            d_model, n_heads, dropout=dropout, bias=bias, kernel=kernel
        )
        self.self_attention_norm = nn.LayerNorm(d_model, bias=bias)
        self.feed_forward = FeedForward(d_model, d_ff, dropout=dropout, bias=bias)
        self.feed_forward_norm = nn.LayerNorm(d_model, bias=bias)

    @classmethod
    def from_torch(cls, layer: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> Self:
        """The same layer with a copy of the weights of `layer`, its counterpart in `torch.nn`.

        Dtype, device, the norms' epsilon, which weights are frozen, and which parts are in training
        are carried over; `batch_first` is not: here the batch always comes first.

        Raises:
            TypeError: not the counterpart.
            ValueError: another activation than the rectifier, or dropouts of several rates.
        """
        check_class(layer, cls.torch_class)
        check_layer(layer)
        ours = cls(
            layer.self_attn.embed_dim,
            layer.self_attn.num_heads,
            layer.linear1.out_features,
            dropout=layer.dropout.p,
            norm="pre" if layer.norm_first else "post",
            bias=layer.linear1.bias is not None,
        ).to(layer.linear1.weight)
        ours.train(layer.training)
        copy_parts(ours, layer, cls.torch_names)
        return ours

    def options(self) -> dict[str, Any]:
        """What to call the class with, for another layer of this kind."""
        attention, expand = self.self_attention, self.feed_forward.expand
        return {
            "d_model": attention.d_model, "n_heads": attention.n_heads, "d_ff": expand.out_features,
            "dropout": self.dropout, "norm": self.norm, "bias": expand.bias is not None,
            "kernel": attention.kernel,
        }  # fmt: skip

    def _check(self, x: Tensor, return_weights: bool) -> None:
        attention = self.self_attention
        check_features(x, attention.d_model, attention.project_in.weight, "x")
        settings.flag(return_weights=return_weights)

    def _enter(self, x: Tensor, norm: nn.LayerNorm) -> Tensor:
        """What a sublayer is given."""
        return norm(x) if self.norm == "pre" else x

    def _leave(self, x: Tensor, change: Tensor, norm: nn.LayerNorm) -> Tensor:
        """What goes on, once the sublayer has said what to change."""
        x = x + drop(change, self.dropout, self.training)
        return x if self.norm == "pre" else norm(x)

    def _self_attend(
        self, x: Tensor, return_weights: bool, **options: Unpack[AttentionOptions]
    ) -> tuple[Tensor, Tensor | None]:
        entering = self._enter(x, self.self_attention_norm)
        if return_weights:
            change, weights = self.self_attention(entering, return_weights=True, **options)
        else:
            change, weights = self.self_attention(entering, **options), None
        return self._leave(x, change, self.self_attention_norm), weights

    def _feed_forward(self, x: Tensor) -> Tensor:
        change = self.feed_forward(self._enter(x, self.feed_forward_norm))
        return self._leave(x, change, self.feed_forward_norm)


class EncoderLayer(_Layer):
    """Self-attention, then the feed-forward network, each with a residual and a LayerNorm.

    Args:
        d_model, n_heads, kernel: see `MultiHeadAttention`.
        d_ff: see `FeedForward`.
        dropout: of weights, of what is between the two maps, and of each sublayer's result.
        norm: "pre" or "post".
        bias: whether linear maps and norms have a bias.

    Raises:
        TypeError: a size is not an integer, dropout not a number, or bias neither True nor False.
        ValueError: a size below 1, `n_heads` that does not divide `d_model`, a dropout outside of
            [0, 1), or another norm or kernel.

    Source:
        Vaswani et al. (2017), section 3.1; "pre": Xiong et al. (2020), figure 1.

    >>> import torch
    >>> layer = EncoderLayer(6, 2, 24)
    >>> x, weights = layer(torch.randn(5, 3, 6), return_weights=True)
    >>> x.shape, weights.self_attention.shape
    (torch.Size([5, 3, 6]), torch.Size([5, 2, 3, 3]))
    """

    torch_class = nn.TransformerEncoderLayer
    torch_names = _SHARED_NAMES | {"feed_forward_norm": "norm2"}

    @overload
    def forward(
        self,
        x: Tensor,
        *,
        return_weights: Literal[False] = False,
        **options: Unpack[EncoderLayerOptions],
    ) -> Tensor: ...

    @overload
    def forward(
        self, x: Tensor, *, return_weights: Literal[True], **options: Unpack[EncoderLayerOptions]
    ) -> tuple[Tensor, LayerWeights[None]]: ...

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        causal: bool = False,
        head_mask: Tensor | None = None,
        bias: Tensor | None = None,
        at: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, LayerWeights[None]]:
        """`(B, n, d_model)` to the same shape; the options are those of `MultiHeadAttention`.

        Raises:
            TypeError: x is no tensor or of another dtype than the weights, or return_weights
                neither True nor False; and as `MultiHeadAttention` does.
            ValueError: x of another shape or device; and as `MultiHeadAttention` does.
        """
        self._check(x, return_weights)
        x, weights = self._self_attend(
            x, return_weights, mask=mask, causal=causal, head_mask=head_mask, bias=bias,
            at=at,
        )  # fmt: skip
        x = self._feed_forward(x)
        return x if weights is None else (x, LayerWeights(weights, None))

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...


class DecoderLayer(_Layer):
    """Causal self-attention, cross-attention to the memory, then the feed-forward network.

    Arguments, errors and source are those of `EncoderLayer`.

    >>> import torch
    >>> layer = DecoderLayer(6, 2, 24)
    >>> x, weights = layer(torch.randn(5, 3, 6), torch.randn(5, 7, 6), return_weights=True)
    >>> x.shape, weights.self_attention.shape, weights.cross_attention.shape
    (torch.Size([5, 3, 6]), torch.Size([5, 2, 3, 3]), torch.Size([5, 2, 3, 7]))
    """

    torch_class = nn.TransformerDecoderLayer
    torch_names = _SHARED_NAMES | {
        "cross_attention": "multihead_attn",
        "cross_attention_norm": "norm2",
        "feed_forward_norm": "norm3",
    }

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm: Norm = "pre",
        bias: bool = True,
        kernel: Kernel = "auto",
    ):
        super().__init__(
            d_model, n_heads, d_ff, dropout=dropout, norm=norm, bias=bias, kernel=kernel
        )
        self.cross_attention = MultiHeadAttention(
            d_model, n_heads, dropout=dropout, bias=bias, kernel=kernel
        )
        self.cross_attention_norm = nn.LayerNorm(d_model, bias=bias)

    @overload
    def forward(
        self,
        x: Tensor,
        memory: Tensor | tuple[Tensor, Tensor],
        *,
        return_weights: Literal[False] = False,
        **options: Unpack[DecoderLayerOptions],
    ) -> Tensor: ...

    @overload
    def forward(
        self,
        x: Tensor,
        memory: Tensor | tuple[Tensor, Tensor],
        *,
        return_weights: Literal[True],
        **options: Unpack[DecoderLayerOptions],
    ) -> tuple[Tensor, LayerWeights[Tensor]]: ...

    def forward(
        self,
        x: Tensor,
        memory: Tensor | tuple[Tensor, Tensor],
        *,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        memory_bias: Tensor | None = None,
        memory_finite: bool = False,
        causal: bool = True,
        head_mask: Tensor | None = None,
        bias: Tensor | None = None,
        at: Tensor | None = None,
        cache: KeyValueCache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, LayerWeights[Tensor]]:
        """One layer of the decoder.

        Args:
            x: `(B, n, d_model)`.
            memory: the encoder's output `(B, m, d_model)`, or its keys and values from
                `cross_attention.project_memory`, for decoding, which projects them only once.
            mask: which positions of x may be attended, beside `causal`.
            memory_mask: which positions of the memory may be attended.
            memory_bias: what is added to the scores of the cross-attention.
            memory_finite: whether the memory's keys and values are known to be finite, and need not
                be looked through.
            head_mask: `(2, h)`, for the heads of self-attention and of cross-attention.
            causal, bias, at, cache: of the self-attention, see `MultiHeadAttention`.
            return_weights: also return the `LayerWeights`.

        Returns:
            `(B, n, d_model)`, or with weights the pair of both.

        Raises:
            TypeError: x, memory or head_mask is no tensor, or of another dtype than the weights, or
                return_weights neither True nor False; and as `MultiHeadAttention` does.
            ValueError: another shape or device; and as `MultiHeadAttention` does.
        """
        self._check(x, return_weights)
        cross = self.cross_attention
        if not isinstance(memory, tuple):
            check_features(memory, cross.d_model, cross.project_in.weight, "memory")
            check.has_shape((x.shape[0], *memory.shape[1:]), memory=memory)
        if head_mask is not None:
            check.tensors(head_mask=head_mask)
            check.has_shape((2, cross.n_heads), head_mask=head_mask)
        self_heads, cross_heads = (None, None) if head_mask is None else head_mask
        x, self_weights = self._self_attend(
            x, return_weights, mask=mask, causal=causal, head_mask=self_heads, bias=bias,
            at=at, cache=cache,
        )  # fmt: skip
        query = cross.project_query(self._enter(x, self.cross_attention_norm))
        change, cross_weights = cross.attend(
            query, *(memory if isinstance(memory, tuple) else cross.project_memory(memory)),
            mask=memory_mask, bias=memory_bias, head_mask=cross_heads,
            return_weights=return_weights, finite=memory_finite and known_finite(query),
        )  # fmt: skip
        x = self._leave(x, change, self.cross_attention_norm)
        x = self._feed_forward(x)
        if self_weights is None or cross_weights is None:
            return x
        return x, LayerWeights(self_weights, cross_weights)

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...
