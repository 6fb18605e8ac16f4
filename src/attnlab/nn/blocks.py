"""The layers that a Transformer is a stack of.

Letters: B batch, h heads, n queries (target positions), m keys (source positions).

With `norm="post"`, as in the paper, a sublayer f turns x into LayerNorm(x + f(x)); with
`norm="pre"` into x + f(LayerNorm(x)), which deep stacks learn with more easily.
"""

from dataclasses import dataclass
from typing import Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.dropout import check_dropout, drop

Norm = Literal["pre", "post"]


@dataclass(frozen=True)
class LayerWeights:
    """The attention weights of one layer; an encoder layer has no cross-attention."""

    self_attention: Tensor  # (B, h, n, n)
    cross_attention: Tensor | None = None  # (B, h, n, m)


class FeedForward(nn.Module):
    r"""Two linear maps with a rectifier between them, the same at every position.

    $$\mathrm{FFN}(x) = \max(0, xW_1 + b_1)\,W_2 + b_2$$

    Args:
        d_model: width of what comes in and goes out.
        d_ff: width in between.
        dropout: how often, in training, something in between is dropped.
        bias: whether the two maps have a bias.

    Raises:
        TypeError: a size is not an integer.
        ValueError: a size below 1, or a wrong dropout.

    Source:
        Vaswani et al. (2017), section 3.3, equation 2.

    >>> FeedForward(6, 24)(torch.randn(5, 3, 6)).shape
    torch.Size([5, 3, 6])
    """

    def __init__(self, d_model: int, d_ff: int, *, dropout: float = 0.0, bias: bool = True):
        super().__init__()
        check.count(1, d_model=d_model, d_ff=d_ff)
        check_dropout(dropout)
        self.expand = nn.Linear(d_model, d_ff, bias=bias)
        self.contract = nn.Linear(d_ff, d_model, bias=bias)
        self.dropout = dropout
        for linear in (self.expand, self.contract):
            nn.init.xavier_uniform_(linear.weight)
            if bias:
                nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, n, d_model)` to the same shape."""
        hidden = torch.relu(self.expand(x))  # (B, n, d_ff)
        return self.contract(drop(hidden, self.dropout, self.training))


class _Layer(nn.Module):
    """What both layers share: the feed-forward sublayer, and where norm, dropout and sum stand."""

    def __init__(
        self, d_model: int, n_heads: int, d_ff: int, *, dropout: float, norm: Norm, bias: bool
    ):
        super().__init__()
        if norm not in ("pre", "post"):
            raise ValueError(f'norm must be "pre" or "post", got {norm!r}')
        self.norm, self.dropout = norm, dropout
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout=dropout, bias=bias)
        self.self_attention_norm = nn.LayerNorm(d_model, bias=bias)
        self.feed_forward = FeedForward(d_model, d_ff, dropout=dropout, bias=bias)
        self.feed_forward_norm = nn.LayerNorm(d_model, bias=bias)

    def _enter(self, x: Tensor, norm: nn.LayerNorm) -> Tensor:
        """What a sublayer is given."""
        return norm(x) if self.norm == "pre" else x

    def _leave(self, x: Tensor, change: Tensor, norm: nn.LayerNorm) -> Tensor:
        """What goes on, once the sublayer has said what to change."""
        x = x + drop(change, self.dropout, self.training)
        return x if self.norm == "pre" else norm(x)

    def _self_attend(self, x: Tensor, **options: object) -> tuple[Tensor, Tensor | None]:
        attended = self.self_attention(self._enter(x, self.self_attention_norm), **options)
        change, weights = attended if options["return_weights"] else (attended, None)
        return self._leave(x, change, self.self_attention_norm), weights

    def _feed_forward(self, x: Tensor) -> Tensor:
        change = self.feed_forward(self._enter(x, self.feed_forward_norm))
        return self._leave(x, change, self.feed_forward_norm)


class EncoderLayer(_Layer):
    """Self-attention, then the feed-forward network, each with a residual and a LayerNorm.

    Args:
        d_model, n_heads: see `MultiHeadAttention`.
        d_ff: see `FeedForward`.
        dropout: of weights, of what is between the two maps, and of each sublayer's result.
        norm: "pre" or "post".
        bias: whether linear maps and norms have a bias.

    Raises:
        TypeError, ValueError: as the parts do; ValueError also for another norm.

    Source:
        Vaswani et al. (2017), section 3.1; "pre": Xiong et al. (2020), figure 1.

    >>> layer = EncoderLayer(6, 2, 24)
    >>> x, weights = layer(torch.randn(5, 3, 6), return_weights=True)
    >>> x.shape, weights.self_attention.shape
    (torch.Size([5, 3, 6]), torch.Size([5, 2, 3, 3]))
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm: Norm = "pre",
        bias: bool = True,
    ):
        super().__init__(d_model, n_heads, d_ff, dropout=dropout, norm=norm, bias=bias)

    @classmethod
    def from_torch(cls, layer: nn.TransformerEncoderLayer) -> Self:
        """The same layer with a copy of the weights of `layer`, which must use the rectifier.

        Raises:
            TypeError: not an `nn.TransformerEncoderLayer`.
            ValueError: another activation.
        """
        return _from_torch(cls, layer, nn.TransformerEncoderLayer, _ENCODER_PARTS)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        causal: bool = False,
        head_mask: Tensor | None = None,
        bias: Tensor | None = None,
        positions: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, LayerWeights]:
        """`(B, n, d_model)` to the same shape; the options are those of `MultiHeadAttention`."""
        x, weights = self._self_attend(
            x, mask=mask, causal=causal, head_mask=head_mask, bias=bias, positions=positions,
            return_weights=return_weights,
        )  # fmt: skip
        x = self._feed_forward(x)
        return (x, LayerWeights(weights)) if return_weights else x


class DecoderLayer(_Layer):
    """Causal self-attention, cross-attention to the memory, then the feed-forward network.

    Arguments, errors and source are those of `EncoderLayer`.

    >>> layer = DecoderLayer(6, 2, 24)
    >>> x, weights = layer(torch.randn(5, 3, 6), torch.randn(5, 7, 6), return_weights=True)
    >>> x.shape, weights.self_attention.shape, weights.cross_attention.shape
    (torch.Size([5, 3, 6]), torch.Size([5, 2, 3, 3]), torch.Size([5, 2, 3, 7]))
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm: Norm = "pre",
        bias: bool = True,
    ):
        super().__init__(d_model, n_heads, d_ff, dropout=dropout, norm=norm, bias=bias)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout=dropout, bias=bias)
        self.cross_attention_norm = nn.LayerNorm(d_model, bias=bias)

    @classmethod
    def from_torch(cls, layer: nn.TransformerDecoderLayer) -> Self:
        """As `EncoderLayer.from_torch`, from an `nn.TransformerDecoderLayer`."""
        return _from_torch(cls, layer, nn.TransformerDecoderLayer, _DECODER_PARTS)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | tuple[Tensor, Tensor],
        *,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        memory_bias: Tensor | None = None,
        causal: bool = True,
        head_mask: Tensor | None = None,
        bias: Tensor | None = None,
        positions: Tensor | None = None,
        cache: KeyValueCache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, LayerWeights]:
        """One layer of the decoder.

        Args:
            x: `(B, n, d_model)`.
            memory: the encoder's output `(B, m, d_model)`, or its keys and values from
                `cross_attention.project_memory`, for decoding, which projects them only once.
            mask: which positions of x may be attended, beside `causal`.
            memory_mask: which positions of the memory may be attended.
            memory_bias: what is added to the scores of the cross-attention.
            head_mask: `(2, h)`, for the heads of self-attention and of cross-attention.
            causal, bias, positions, cache: of the self-attention, see `MultiHeadAttention`.
            return_weights: also return the `LayerWeights`.

        Returns:
            `(B, n, d_model)`, or with weights the pair of both.
        """
        self_heads, cross_heads = (None, None) if head_mask is None else head_mask
        x, self_weights = self._self_attend(
            x, mask=mask, causal=causal, head_mask=self_heads, bias=bias, positions=positions,
            cache=cache, return_weights=return_weights,
        )  # fmt: skip
        cross = self.cross_attention
        change, cross_weights = cross.attend(
            cross.project_query(self._enter(x, self.cross_attention_norm)),
            *(memory if isinstance(memory, tuple) else cross.project_memory(memory)),
            mask=memory_mask, bias=memory_bias, head_mask=cross_heads,
            return_weights=return_weights,
        )  # fmt: skip
        x = self._leave(x, change, self.cross_attention_norm)
        x = self._feed_forward(x)
        return (x, LayerWeights(self_weights, cross_weights)) if return_weights else x


# Our names for the parts of a layer, and those of torch.nn.
_SHARED_PARTS = {
    "self_attention": "self_attn",
    "self_attention_norm": "norm1",
    "feed_forward.expand": "linear1",
    "feed_forward.contract": "linear2",
}
_ENCODER_PARTS = _SHARED_PARTS | {"feed_forward_norm": "norm2"}
_DECODER_PARTS = _SHARED_PARTS | {
    "cross_attention": "multihead_attn",
    "cross_attention_norm": "norm2",
    "feed_forward_norm": "norm3",
}


def _from_torch(
    cls: type[_Layer], layer: nn.Module, expected: type[nn.Module], parts: dict[str, str]
) -> _Layer:
    if not isinstance(layer, expected):
        raise TypeError(f"expected nn.{expected.__name__}, got {type(layer).__name__}")
    if layer.activation is not F.relu and not isinstance(layer.activation, nn.ReLU):
        raise ValueError(f"expected a layer whose activation is relu, got {layer.activation}")
    ours = cls(
        layer.self_attn.embed_dim,
        layer.self_attn.num_heads,
        layer.linear1.out_features,
        dropout=layer.dropout.p,
        norm="pre" if layer.norm_first else "post",
        bias=layer.linear1.bias is not None,
    ).to(layer.linear1.weight)
    for name, other in parts.items():
        theirs = layer.get_submodule(other)
        if isinstance(theirs, nn.MultiheadAttention):
            setattr(ours, name, MultiHeadAttention.from_torch(theirs))
        else:
            copy_weights(ours.get_submodule(name), theirs)
    return ours.train(layer.training)


def copy_weights(ours: nn.Module, theirs: nn.Module) -> None:
    """Copy the weights of a linear map or a norm, and what else a norm's result depends on."""
    ours.load_state_dict(theirs.state_dict())
    if isinstance(theirs, nn.LayerNorm):
        ours.eps = theirs.eps
