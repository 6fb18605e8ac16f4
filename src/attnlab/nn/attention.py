"""Multi-head attention.

Letters: B batch, h heads, n queries, m keys, d_k and d_v widths of one head.
"""

from typing import TYPE_CHECKING, Literal, Self, Unpack, overload

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.positions import rotary
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.features import check_features
from attnlab.nn.finite import careful_linear, known_finite, known_tame
from attnlab.nn.from_torch import check_attention, copy_weights
from attnlab.nn.kernels import KERNELS, Kernel, checked, fitting, in_heads
from attnlab.nn.options import AttentionOptions
from attnlab.nn.typed import typed_like


class MultiHeadAttention(nn.Module):
    r"""Attention in `n_heads` subspaces at once, each with its own projections.

    $$\mathrm{head}_i = \mathrm{Attention}(QW_i^Q, KW_i^K, VW_i^V)$$

    $$\mathrm{MultiHead}(Q, K, V) = [\mathrm{head}_1; \dots; \mathrm{head}_h]\, W^O$$

    The rows of `project_in` are $W^Q$, $W^K$ and $W^V$ of all heads, in this order, so that
    self-attention needs one matrix product; `project_out` is $W^O$.

    Args:
        d_model: width of what comes in and goes out.
        n_heads: number of heads.
        d_k: width of a head's queries and keys; `d_model / n_heads` if left out.
        d_v: width of a head's values; `d_model / n_heads` if left out.
        dropout: how often, in training, a weight is dropped.
        bias: whether the four projections have a bias.
        kernel: "auto", "plain" or "fused", see `attnlab.nn.kernels.heads_attention`. For a second
            derivative, or one in forward mode, choose "plain", which has them at every length.

    Raises:
        TypeError: a size is not an integer, dropout not a number, or bias neither True nor False.
        ValueError: a size below 1, `n_heads` that does not divide `d_model` where it has to, a
            dropout outside of [0, 1), or another kernel.

    Source:
        Vaswani et al. (2017), section 3.2.2.

    >>> attend = MultiHeadAttention(d_model=6, n_heads=2)
    >>> x = torch.randn(5, 3, 6)  # (B, n, d_model)
    >>> context, weights = attend(x, causal=True, return_weights=True)
    >>> context.shape, weights.shape
    (torch.Size([5, 3, 6]), torch.Size([5, 2, 3, 3]))
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        *,
        d_k: int | None = None,
        d_v: int | None = None,
        dropout: float = 0.0,
        bias: bool = True,
        kernel: Kernel = "auto",
    ):
        super().__init__()
        d_model, n_heads = settings.count(1, d_model=d_model, n_heads=n_heads)
        settings.share(dropout=dropout)
        settings.flag(bias=bias)
        settings.one_of(KERNELS, kernel=kernel)
        if (d_k is None or d_v is None) and d_model % n_heads:
            raise ValueError(
                f"n_heads must divide d_model unless d_k and d_v are given, "
                f"got d_model = {d_model} and n_heads = {n_heads}"
            )
        d_k = d_model // n_heads if d_k is None else d_k
        d_v = d_model // n_heads if d_v is None else d_v
        d_k, d_v = settings.count(1, d_k=d_k, d_v=d_v)
        self.d_model, self.n_heads, self.d_k, self.d_v = d_model, n_heads, d_k, d_v
        self.widths = [n_heads * d_k, n_heads * d_k, n_heads * d_v]  # of Q, K and V, all heads
        self.dropout = dropout
        self.kernel: Kernel = kernel
        self.project_in = nn.Linear(d_model, sum(self.widths), bias=bias)
        self.project_out = nn.Linear(n_heads * d_v, d_model, bias=bias)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Glorot's uniform start for each of the four matrices, zero for the biases."""
        for w in self.project_in.weight.split(self.widths):
            nn.init.xavier_uniform_(w)
        nn.init.xavier_uniform_(self.project_out.weight)
        if self.project_in.bias is not None:
            nn.init.zeros_(self.project_in.bias)
            nn.init.zeros_(self.project_out.bias)

    @classmethod
    def from_torch(cls, module: nn.MultiheadAttention) -> Self:
        """The same layer with a copy of the weights of `module`.

        Dtype, device, dropout, training mode, and which weights are frozen, are carried over.
        `batch_first` is not: here the batch always comes first.

        Raises:
            TypeError: not an `nn.MultiheadAttention`, or a class of its kin that computes in
                another way.
            ValueError: `module` has what this class has not: `kdim`, `vdim`, `add_bias_kv`,
                `add_zero_attn`, or a bias on one side alone.

        >>> theirs = nn.MultiheadAttention(6, 2, batch_first=True)
        >>> x = torch.randn(5, 3, 6)
        >>> ours = MultiHeadAttention.from_torch(theirs)(x)
        >>> torch.allclose(ours, theirs(x, x, x)[0], atol=1e-6)
        True
        """
        check_attention(module)
        weight, bias = module.in_proj_weight, module.in_proj_bias
        with weight.device:
            ours = cls(
                module.embed_dim, module.num_heads, dropout=module.dropout, bias=bias is not None
            ).to(weight.dtype)
        for own, theirs in ((ours.project_in.weight, weight), (ours.project_in.bias, bias)):
            if own is not None and theirs is not None:
                own.detach().copy_(theirs.detach())
                own.requires_grad_(theirs.requires_grad)
        copy_weights(ours.project_out, module.out_proj)
        return ours.train(module.training)

    @overload
    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        return_weights: Literal[False] = False,
        **options: Unpack[AttentionOptions],
    ) -> Tensor: ...

    @overload
    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        return_weights: Literal[True],
        **options: Unpack[AttentionOptions],
    ) -> tuple[Tensor, Tensor]: ...

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        mask: Tensor | None = None,
        causal: bool = False,
        return_weights: bool = False,
        head_mask: Tensor | None = None,
        bias: Tensor | None = None,
        at: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Attend from `query` to `key` and take up `value`.

        What is masked never matters, NaN included; a query that may attend to what is not finite
        gets NaN, see `attnlab.nn.kernels.heads_attention`.

        Args:
            query: `(B, n, d_model)`.
            key: `(B, m, d_model)`; the query itself (self-attention) if left out.
            value: `(B, m, d_model)`; the key if left out.
            mask: boolean, True = may attend, broadcastable to `(B, n, m)`, or with an axis for the
                heads to `(B, h, n, m)`. A query that may attend to nothing has context 0 in every
                head, and weights 0.
            causal: position i attends to no position after i. This needs n = m (without a cache),
                and is faster than the same thing said by `mask`.
            return_weights: also return the weights; this always takes the plain product.
            head_mask: `(h,)`, multiplies what each head contributes: False or 0 switches it off.
                The weights that are returned do not change.
            bias: floats, added to the scores; broadcastable to `(B, h, n, m)`. Where it is -inf it
                masks.
            at: `(n,)`, where the tokens stand: queries and keys are rotated by these positions
                (self-attention only).
            cache: keys and values of earlier steps; those of this step are added to it. The
                queries are then the last n of its m positions (self-attention only).

        Returns:
            The context `(B, n, d_model)`, or with weights `(context, weights)`; the weights
            `(B, h, n, m)` are those before dropout.

        Raises:
            TypeError: what is no tensor or of another dtype than the weights (with autocast, no
                float), a mask that is not boolean, `at` that holds no numbers, a cache of another
                class or dtype, or a flag that is neither True nor False.
            ValueError: a wrong shape or device, no keys, causal with n ≠ m, `at` or a cache with a
                key, or a cache without room for n more.
            NotImplementedError: a derivative that the fused kernel has not, see `kernel`.
        """
        settings.flag(causal=causal, return_weights=return_weights)
        self_attention = key is None or key is query
        if not self_attention and (cache is not None or at is not None):
            raise ValueError("cache and at are for self-attention: expected no key, got one")
        if cache is not None and not isinstance(cache, KeyValueCache):
            raise TypeError(f"cache must be a KeyValueCache, got {settings.kind(cache)}")
        check_features(query, self.d_model, self.project_in.weight, "query")
        if self_attention and (value is None or value is key):
            (q, k, v), finite = self._project(query, 0, 3)  # all three in one product
        else:
            (q,), finite = self._project(query, 0, 1)
            k, v, known = self._project_memory(query if key is None else key, value)
            finite = finite and known
            if q.shape[0] != k.shape[0]:
                raise ValueError(f"key must have the B of query, {q.shape[0]}, got {k.shape[0]}")
        if causal and cache is None and q.shape[2] != k.shape[2]:
            raise ValueError(
                f"causal needs as many keys as queries, got n = {q.shape[2]} and m = {k.shape[2]}"
            )
        if at is not None:
            stand = check.numbers((q.shape[2],), query=q, at=at)
            q, k = rotary(torch.stack([q, k]), stand)  # both by the same sines and cosines
        if cache is not None:
            k, v = cache.append(k, v, finite=finite)
            finite = finite and cache.finite
        k, v, mask, bias = fitting(q, k, v, mask, bias, causal=causal)
        context, weights = self._attend(
            q, k, v, mask=mask, causal=causal, bias=bias,
            head_mask=head_mask, return_weights=return_weights, finite=finite,
        )  # fmt: skip
        return context if weights is None else (context, weights)

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...

    def project_query(self, query: Tensor) -> Tensor:
        """Queries `(B, n, d_model)` in heads, `(B, h, n, d_k)`.

        Raises:
            TypeError, ValueError: as `forward` does.
        """
        check_features(query, self.d_model, self.project_in.weight, "query")
        # Without gradients a query that is not finite harms itself alone: nobody needs to know.
        (q,), _ = self._project(query, 0, 1, tame=None if torch.is_grad_enabled() else True)
        return q

    def project_memory(self, key: Tensor, value: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Keys and values `(B, m, d_model)` in heads, `(B, h, m, d_k)` and `(B, h, m, d_v)`.

        Raises:
            TypeError, ValueError: as `forward` does.
        """
        return self._project_memory(key, value)[:2]

    def attend(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        mask: Tensor | None = None,
        causal: bool = False,
        bias: Tensor | None = None,
        head_mask: Tensor | None = None,
        return_weights: bool = False,
        vouched: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The second half of `forward`, from projected heads on; weights are None if not asked for.

        Decoding calls it with the keys and values of the memory, which it projects only once. It
        made them and the bias itself, and if it has `vouched` that they fit, are finite and leave a
        key to every query, nobody looks them through at every step.

        Raises:
            TypeError, ValueError, NotImplementedError: as `forward` and `heads_attention` do.
        """
        settings.flag(vouched=vouched)
        if not vouched:
            settings.flag(causal=causal, return_weights=return_weights)
            k, v, mask, bias = checked(q, k, v, mask, bias, causal=causal)
        return self._attend(
            q, k, v, mask=mask, causal=causal, bias=bias, head_mask=head_mask,
            return_weights=return_weights, finite=vouched or known_finite(q, k, v),
            open_bias=vouched,
        )  # fmt: skip

    def _attend(
        self, q: Tensor, k: Tensor, v: Tensor, *, head_mask: Tensor | None, finite: bool, **options
    ) -> tuple[Tensor, Tensor | None]:
        """The heads' contexts of what was checked, and what `project_out` makes of them."""
        if head_mask is not None:
            check.tensors(head_mask=head_mask, project_out=self.project_out.weight)
            if head_mask.is_complex():
                raise TypeError(f"head_mask must hold booleans or numbers, got {head_mask.dtype}")
            check.has_shape((self.n_heads,), head_mask=head_mask)
        context, weights = in_heads(
            q, k, v, dropout=self.dropout if self.training else 0.0, kernel=self.kernel,
            finite=finite, **options,
        )  # fmt: skip
        if head_mask is not None:
            share = head_mask.to(context)[:, None, None]
            if not finite:  # NaN times 0 is NaN
                context = context.masked_fill((share == 0) & ~context.isfinite(), 0)
            context = context * share
        context = context.transpose(1, 2).flatten(2)  # (B, n, h · d_v)
        if finite or known_finite(context):
            return self.project_out(context), weights  # (B, n, d_model)
        return careful_linear(context, self.project_out.weight, self.project_out.bias), weights

    def _project_memory(self, key: Tensor, value: Tensor | None) -> tuple[Tensor, Tensor, bool]:
        """Keys and values in heads; and whether they are known to be finite."""
        weight = self.project_in.weight
        check_features(key, self.d_model, weight, "key")
        if value is None or value is key:
            (k, v), finite = self._project(key, 1, 3)
            return k, v, finite
        check_features(value, self.d_model, weight, "value")
        if value.shape != key.shape:
            raise ValueError(
                f"value must have the shape of key, got {tuple(value.shape)} and {tuple(key.shape)}"
            )
        (k,), finite = self._project(key, 1, 2)
        (v,), known = self._project(value, 2, 3)
        return k, v, finite and known

    def _project(
        self, x: Tensor, start: int, stop: int, *, tame: bool | None = None
    ) -> tuple[tuple[Tensor, ...], bool]:
        """The parts start … stop - 1 of query, key and value of x, each in heads; and whether they
        are known to be finite, for which x is looked at unless it is to be taken for `tame`."""
        weight, bias = self.project_in.weight, self.project_in.bias
        if stop - start < 3:
            rows = slice(sum(self.widths[:start]), sum(self.widths[:stop]))
            weight, bias = weight[rows], None if bias is None else bias[rows]
        finite = known_tame(x) if tame is None else tame
        projected = (F.linear if finite else careful_linear)(x, weight, bias)
        parts = projected.split(self.widths[start:stop], dim=-1)
        return (
            tuple(  # each (B, h, n, d)
                part.view(*x.shape[:2], self.n_heads, part.shape[2] // self.n_heads).transpose(1, 2)
                for part in parts
            ),
            finite,
        )
