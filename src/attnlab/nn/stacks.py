"""Stacks of layers: what encoder and decoder have in common, and the encoder.

Letters: B batch, L layers, h heads, m positions.
"""

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, Unpack, overload

from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.nn.blocks import DecoderLayer, EncoderLayer
from attnlab.nn.dropout import drop
from attnlab.nn.features import check_features
from attnlab.nn.finite import known_tame, squares_fit
from attnlab.nn.from_torch import check_class
from attnlab.nn.kernels import Kernel
from attnlab.nn.layer import LayerWeights, Norm
from attnlab.nn.options import EncoderOptions, PositionOptions
from attnlab.nn.positions import PositionScheme, Scheme
from attnlab.nn.typed import ModuleList, typed_like

L = TypeVar("L", EncoderLayer, DecoderLayer)


class Stack(nn.Module, Generic[L]):
    """Positions, dropout, layers, and a last norm: what encoder and decoder share.

    The last norm is what "pre" needs, whose residual stream is never normed elsewhere. With "post"
    it repeats the norm of the last layer: the paper has none there, `nn.Transformer` has it.
    """

    layer_class: type[L]
    torch_class: type[nn.TransformerEncoder] | type[nn.TransformerDecoder]

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
        kernel: Kernel = "auto",
        positions: Scheme = "none",
        max_len: int = 512,
    ):
        super().__init__()
        d_model, n_heads, n_layers = settings.count(
            1, d_model=d_model, n_heads=n_heads, n_layers=n_layers
        )
        self.layers: ModuleList[L] = ModuleList(
            self.layer_class(
                d_model, n_heads, d_ff, dropout=dropout, norm=norm, bias=bias, kernel=kernel
            )
            for _ in range(n_layers)
        )
        self.last_norm: nn.LayerNorm | nn.Identity = nn.LayerNorm(d_model, bias=bias)
        self.positions = PositionScheme(
            positions, d_model=d_model, n_heads=n_heads, max_len=max_len
        )
        self.dropout, self.d_model, self.n_heads = dropout, d_model, n_heads

    @classmethod
    def from_torch(
        cls,
        stack: nn.TransformerEncoder | nn.TransformerDecoder,
        *,
        positions: Scheme = "none",
        max_len: int = 512,
    ) -> Self:
        """The same stack with a copy of the weights of `stack`, its counterpart in `torch.nn`.

        A stack made with `norm=None` has no last norm here either. What a layer carries over is
        said in its own `from_torch`. Positions are ours: `torch.nn` has none.

        Args:
            stack: the `nn.TransformerEncoder` or `nn.TransformerDecoder`.
            positions, max_len: as for a new stack.

        Raises:
            TypeError: not the counterpart, or not with its layers; max_len is not an integer.
            ValueError: a last norm that is no `nn.LayerNorm`, no layers, layers that differ in
                their sizes or options or that their `from_torch` refuses, or wrong positions or
                max_len.
        """
        check_class(stack, cls.torch_class)
        if not isinstance(stack.norm, nn.LayerNorm | None):
            raise ValueError(
                f"expected a stack whose norm is a LayerNorm or None, got {stack.norm}"
            )
        if len(stack.layers) == 0:
            raise ValueError("expected a stack of one layer or more, got none")
        layers = [
            cls.layer_class.from_torch(layer)  # pyright: ignore[reportArgumentType] - checks it
            for layer in stack.layers
        ]
        options = [layer.options() for layer in layers]
        for other in options[1:]:
            if other != options[0]:
                raise ValueError(f"expected layers of one kind, got {options[0]} and {other}")
        ours = cls(**options[0], n_layers=len(layers), positions=positions, max_len=max_len)
        ours.to(next(layers[0].parameters()))
        ours.train(stack.training)
        ours.layers = ModuleList(layers)
        if stack.norm is None:
            ours.last_norm = nn.Identity()
        else:
            ours.last_norm = copy.deepcopy(stack.norm)
        return ours

    def _enter(
        self,
        x: Tensor,
        mask: Tensor | None = None,
        start: int = 0,
        rows: Tensor | None = None,
    ) -> tuple[Tensor, PositionOptions]:
        """The input with positions added, and what the layers must be told about positions."""
        check_features(x, self.d_model, self.layers[0].self_attention_norm.weight, "x")
        x = finite_padding(x, mask, "mask")
        x, inside = self.positions.enter(x, start, rows)
        return drop(x, self.dropout, self.training), inside

    def _through_layers(
        self,
        x: Tensor,
        *memory: Tensor,
        mask: Tensor | None,
        head_masks: Iterable[Tensor | None],
        return_weights: bool,
        **options: Any,  # those of a layer, and a layer checks them
    ) -> tuple[Tensor, list]:
        """x after all layers and the last norm; and the weights of every layer, if asked for."""
        settings.flag(return_weights=return_weights)
        x, inside = self._enter(x, mask)
        every = []
        for layer, head_mask in zip(self.layers, head_masks, strict=True):
            given = {"mask": mask, "head_mask": head_mask, **options, **inside}
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
        check.tensors(head_mask=head_mask)
        check.has_shape((len(self.layers), *shape), head_mask=head_mask)
        return head_mask


class Encoder(Stack[EncoderLayer]):
    """A stack of `EncoderLayer`s; with `causal`, the stack of a language model.

    Args:
        d_model, n_heads, d_ff, dropout, norm, bias, kernel: see `EncoderLayer`; dropout also falls
            on the input, once positions have been added.
        n_layers: L, how many layers.
        positions: "sinusoidal", "learned", "rotary", "alibi" or "none", see `PositionScheme`.
        max_len: the longest sequence that "learned" positions know.

    Raises:
        TypeError: a size is not an integer, dropout not a number, or bias neither True nor False.
        ValueError: a size below 1 or that does not fit the others, a dropout outside of [0, 1), or
            a norm, kernel or positions of another name.

    Source:
        Vaswani et al. (2017), section 3.1.

    >>> import torch
    >>> encoder = Encoder(d_model=6, n_heads=2, n_layers=3, d_ff=24, positions="sinusoidal")
    >>> x, weights = encoder(torch.randn(5, 7, 6), return_weights=True)
    >>> x.shape, len(weights), weights[0].self_attention.shape
    (torch.Size([5, 7, 6]), 3, torch.Size([5, 2, 7, 7]))
    """

    layer_class = EncoderLayer
    torch_class = nn.TransformerEncoder

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

        Returns:
            The same shape, or with weights the pair of both. Real positions do not depend on what
            padding holds, which is what a mask says that is the same for all queries, such as
            `(B, 1, m)` of `padding_mask`; whatever is not finite there is read as 0.

        Raises:
            TypeError: x is no tensor or of another dtype than the weights, a mask is not boolean,
                a head_mask no tensor, or a flag neither True nor False.
            ValueError: a wrong shape or device, or more positions than "learned" ones know.
        """
        x, every = self._through_layers(
            x, head_masks=self._head_masks(head_mask, self.n_heads),
            return_weights=return_weights, mask=mask, causal=causal,
        )  # fmt: skip
        return (x, every) if return_weights else x

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...


def finite_padding(x: Tensor, mask: Tensor | None, name: str) -> Tensor:
    """x `(B, n, d_model)` with 0 for padding that is not finite: what no query may attend to, by a
    mask that says the same of all queries, such as `(B, 1, n)`.

    No result at a real position depends on it, but a gradient would: 0 times NaN is NaN. Finite is
    what is finite when squared and added up, as norms do. A mask of pairs does not say what is
    padding, and changes nothing.
    """
    if mask is None:
        return x
    check.namespace(**{name: mask})
    if mask.ndim > 1 and mask.shape[-2] != 1:
        return x
    if mask.ndim == 4:  # what some head may attend to is no padding
        mask = mask.any(1)
    real = check.as_mask(mask, (x.shape[0], 1, x.shape[1]), x, name)
    if known_tame(x):  # mostly it is, and then there is nothing to fill
        return x
    wild = ~squares_fit(x, dim=-1)  # (B, n, 1)
    return x.masked_fill(wild & ~real.mT, 0)
