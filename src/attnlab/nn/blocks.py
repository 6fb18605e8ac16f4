"""The layers that a Transformer is a stack of.

Letters: B batch, h heads, n queries (target positions), m keys (source positions).
"""

from typing import TYPE_CHECKING, Literal, Unpack, overload

from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.features import check_features
from attnlab.nn.kernels import Kernel
from attnlab.nn.layer import SHARED_NAMES, Layer, LayerWeights, Norm
from attnlab.nn.options import AttentionOptions, DecoderLayerOptions, EncoderLayerOptions
from attnlab.nn.typed import typed_like


class EncoderLayer(Layer):
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
    torch_names = SHARED_NAMES | {"feed_forward_norm": "norm2"}

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


class DecoderLayer(Layer):
    """Causal self-attention, cross-attention to the memory, then the feed-forward network.

    Arguments, errors and source are those of `EncoderLayer`.

    >>> import torch
    >>> layer = DecoderLayer(6, 2, 24)
    >>> x, weights = layer(torch.randn(5, 3, 6), torch.randn(5, 7, 6), return_weights=True)
    >>> x.shape, weights.self_attention.shape, weights.cross_attention.shape
    (torch.Size([5, 3, 6]), torch.Size([5, 2, 3, 3]), torch.Size([5, 2, 3, 7]))
    """

    torch_class = nn.TransformerDecoderLayer
    torch_names = SHARED_NAMES | {
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
        memory_vouched: bool = False,
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
            memory_vouched: whether the memory's keys and values, and memory_bias, need no look, see
                `MultiHeadAttention.attend`.
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
        entering = self._enter(x, self.cross_attention_norm)
        options: AttentionOptions = {
            "mask": memory_mask, "bias": memory_bias, "head_mask": cross_heads,
        }  # fmt: skip
        if isinstance(memory, tuple):
            change, cross_weights = cross.attend(
                cross.project_query(entering), *memory, mask=memory_mask, bias=memory_bias,
                head_mask=cross_heads, return_weights=return_weights, vouched=memory_vouched,
            )  # fmt: skip
        elif return_weights:
            change, cross_weights = cross(entering, memory, return_weights=True, **options)
        else:
            change, cross_weights = cross(entering, memory, **options), None
        x = self._leave(x, change, self.cross_attention_norm)
        x = self._feed_forward(x)
        if self_weights is None or cross_weights is None:
            return x
        return x, LayerWeights(self_weights, cross_weights)

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...
