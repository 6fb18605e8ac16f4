"""What encoder and decoder layers have in common.

Letters: B batch, h heads, n queries (target positions), m keys (source positions).

With `norm="post"`, as in the paper, a sublayer f turns x into LayerNorm(x + f(x)); with
`norm="pre"` into x + f(LayerNorm(x)), which deep stacks learn with more easily.
"""

from dataclasses import dataclass
from typing import Any, Generic, Literal, Self, TypeVar, Unpack, get_args

from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.dropout import drop
from attnlab.nn.features import check_features
from attnlab.nn.feed_forward import FeedForward
from attnlab.nn.from_torch import check_class, check_layer, copy_parts
from attnlab.nn.kernels import Kernel
from attnlab.nn.options import AttentionOptions

Norm = Literal["pre", "post"]
Cross = TypeVar("Cross", Tensor, None)

# What torch.nn calls the parts that encoder and decoder layers have in common.
SHARED_NAMES = {
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


class Layer(nn.Module):
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
            TypeError: not the counterpart, or with a part that torch does not give it, such as a
                norm of another class.
            ValueError: another activation than the rectifier, dropouts of several rates, or parts
                of which only some have a bias.
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
