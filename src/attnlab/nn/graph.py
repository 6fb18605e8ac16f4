"""Attention over a graph: each node looks at its neighbors and at nobody else.

Letters: n nodes that ask, m nodes that are looked at, h heads.
"""

from typing import TYPE_CHECKING, Literal, get_args, overload

import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.functional.attention import attention
from attnlab.functional.scores import scaled_dot_scores
from attnlab.nn.features import check_features
from attnlab.nn.typed import typed_like

Score = Literal["mean", "static", "dynamic", "dot"]
SLOPE = 0.2  # of the LeakyReLU below 0, as in both papers


class GraphAttention(nn.Module):
    r"""A weighted mean over each node's neighbors, with the weights of one of four scores.

    With $q_i = x_i W^Q$ and $k_j = x_j W^K$, and a learned vector $u$:

    - "mean": 0, so that all neighbors count alike;
    - "static": $\mathrm{LeakyReLU}(u \cdot (q_i + k_j))$, the graph attention network, GAT;
    - "dynamic": $u \cdot \mathrm{LeakyReLU}(q_i + k_j)$, GATv2;
    - "dot": $q_i \cdot k_j / \sqrt{d_k}$, a Transformer's.

    Args:
        d_in: the width of what is known of a node.
        d_out: the width of what comes out, of all heads together.
        score: "mean", "static", "dynamic" or "dot".
        n_heads: h, of which d_out is a multiple; each is d_out / h wide.

    Shapes:
        x `(..., n, d_in)`, edges `(..., n, m)` boolean, True = j is a neighbor of i, memory
        `(..., m, d_in)`, x itself without it → context `(..., n, d_out)`; with `return_weights`
        also the weights `(..., h, n, m)`. A node without neighbors has weights 0 and context 0.

    Raises:
        TypeError: a size is not an integer; at the call, x or memory is no tensor or of another
            dtype than the weights, or edges are not boolean.
        ValueError: a size below 1, a d_out that is no multiple of n_heads, another score; at the
            call, no nodes, or shapes that do not fit together.

    Source:
        Veličković et al. (2018), equations 1 to 4; Brody, Alon and Yahav (2022), equation 7. Both
        share matrices between queries, keys and values; here each has its own, as in a Transformer,
        so that the three differ in the score alone.

    >>> import torch
    >>> layer = GraphAttention(3, 8, score="dynamic", n_heads=2)
    >>> edges = torch.tensor([[0, 1, 1], [1, 0, 0], [1, 0, 0]]).bool()
    >>> context, weights = layer(torch.ones(3, 3), edges, return_weights=True)
    >>> context.shape, weights[0].tolist()
    (torch.Size([3, 8]), [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    """

    def __init__(self, d_in: int, d_out: int, *, score: Score, n_heads: int = 1):
        super().__init__()
        self.d_in, d_out, self.n_heads = settings.count(1, d_in=d_in, d_out=d_out, n_heads=n_heads)
        settings.one_of(get_args(Score), score=score)
        if d_out % n_heads:
            raise ValueError(f"d_out must be a multiple of n_heads, got {d_out} and {n_heads}")
        self.score = score
        self.to_v = nn.Linear(d_in, d_out, bias=False)
        if score != "mean":
            self.to_q, self.to_k = (nn.Linear(d_in, d_out, bias=False) for _ in "qk")
        if score in ("static", "dynamic"):
            self.u = nn.Linear(d_out // n_heads, n_heads, bias=False)

    @overload
    def forward(
        self,
        x: Tensor,
        edges: Tensor,
        *,
        memory: Tensor | None = None,
        return_weights: Literal[False] = False,
    ) -> Tensor: ...

    @overload
    def forward(
        self,
        x: Tensor,
        edges: Tensor,
        *,
        memory: Tensor | None = None,
        return_weights: Literal[True],
    ) -> tuple[Tensor, Tensor]: ...

    @overload
    def forward(
        self, x: Tensor, edges: Tensor, *, memory: Tensor | None = None, return_weights: bool
    ) -> Tensor | tuple[Tensor, Tensor]: ...

    def forward(
        self,
        x: Tensor,
        edges: Tensor,
        *,
        memory: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        seen = x if memory is None else memory
        mask = self._mask(x, seen, edges)
        if self.score == "mean":
            q, k = (y.new_zeros(*y.shape[:-1], self.n_heads) for y in (x, seen))
        else:
            q, k = self.to_q(x), self.to_k(seen)
        q, k, v = (self._heads(y) for y in (q, k, self.to_v(seen)))
        context, weights = attention(q, k, v, mask=mask, scores=self._scores)
        context = context.transpose(-3, -2).flatten(-2)  # (..., n, d_out)
        return (context, weights) if return_weights else context

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...

    def _mask(self, x: Tensor, seen: Tensor, edges: Tensor) -> Tensor:
        """The edges, `(..., 1, n, m)`: the same for all heads. Errors are those of the call."""
        for name, nodes in (("x", x), ("memory", seen)):
            check_features(nodes, self.d_in, self.to_v.weight, name, batch=False)
            check.at_least(2, **{name: nodes})
            check.filled_axis(-2, **{name: nodes})
        n, m = x.shape[-2], seen.shape[-2]
        mask = check.as_mask(edges, (*check.leading(x=x, memory=seen), n, m), x, "edges")
        if mask.shape[-2:] != (n, m):  # one row for all would be a graph that nobody meant
            raise ValueError(f"edges must have shape (..., {n}, {m}), got {tuple(edges.shape)}")
        return mask.unsqueeze(-3)

    def _heads(self, x: Tensor) -> Tensor:
        """`(..., n, d_out)` → `(..., h, n, d_k)`."""
        return x.unflatten(-1, (self.n_heads, -1)).transpose(-3, -2)

    def _scores(self, q: Tensor, k: Tensor) -> Tensor:
        """One score for each pair, `(..., h, n, m)`."""
        if self.score in ("mean", "dot"):
            return scaled_dot_scores(q, k)
        u = self.u.weight[:, :, None]  # (h, d_k, 1)
        if self.score == "static":
            return F.leaky_relu(q @ u + (k @ u).mT, SLOPE)
        pairs = q[..., :, None, :] + k[..., None, :, :]  # (..., h, n, m, d_k)
        return (F.leaky_relu(pairs, SLOPE) @ u[:, None])[..., 0]
