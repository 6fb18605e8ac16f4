r"""Two tiny models in which one node asks its neighbors, once, and a linear map reads what it gets.

Letters: B graphs, n nodes that ask, m nodes that are looked at, V answers to choose from.
"""

from torch import Tensor, nn

from attnlab.nn.graph import GraphAttention, Score
from attnlab.tasks.lookups import LookupBatch, Lookups


class Reader(nn.Module):
    """What a node knows itself and what its neighbors tell it, each through a map of its own.

    Args:
        d_in: the width of what is known of a node.
        n_answers: V.
        score: how neighbors are weighed, as in `GraphAttention`; None is a node that asks nobody.
        width: of what the neighbors tell. n_heads: of the attention.

    Shapes:
        x `(B, n, d_in)`, edges `(B, n, m)`, memory `(B, m, d_in)` → logits `(B, n, V)` and weights
        `(B, h, n, m)`, or None.

    >>> import torch
    >>> reader = Reader(2, 3, "dot")
    >>> logits, weights = reader(torch.ones(1, 5, 2), torch.ones(1, 5, 5).bool())
    >>> logits.shape, weights.shape
    (torch.Size([1, 5, 3]), torch.Size([1, 1, 5, 5]))
    """

    def __init__(
        self, d_in: int, n_answers: int, score: Score | None, *, width: int = 16, n_heads: int = 1
    ):
        super().__init__()
        self.own = nn.Linear(d_in, n_answers)
        self.ask = self.near = None
        if score is not None:
            self.ask = GraphAttention(d_in, width, score=score, n_heads=n_heads)
            self.near = nn.Linear(width, n_answers, bias=False)

    def forward(
        self, x: Tensor, edges: Tensor, memory: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        if self.ask is None or self.near is None:
            return self.own(x), None
        context, weights = self.ask(x, edges, memory=memory, return_weights=True)
        return self.own(x) + self.near(context), weights


class LookUpReader(nn.Module):
    """Each question of `Lookups` is a node, and all pairs of the table are its neighbors.

    Args:
        task: what is asked.
        score: how the pairs are weighed. d_model: width of what is embedded. width: of what the
            pairs tell. n_heads: of the attention.

    Shapes:
        a batch of B tables → logits `(B, L, V)` and weights `(B, h, L, m)`.

    >>> task = Lookups(n_lookups=2, n_pairs=5)
    >>> logits, weights = LookUpReader(task, "static", d_model=8)(task.batch(3))
    >>> logits.shape, weights.shape
    (torch.Size([3, 2, 8]), torch.Size([3, 1, 2, 5]))
    """

    def __init__(
        self, task: Lookups, score: Score, *, d_model: int = 32, width: int = 32, n_heads: int = 1
    ):
        super().__init__()
        self.asked, self.key = (nn.Embedding(task.n_keys, d_model) for _ in range(2))
        self.value = nn.Embedding(task.n_values, d_model)
        self.read = Reader(d_model, task.n_values, score, width=width, n_heads=n_heads)

    def forward(self, batch: LookupBatch) -> tuple[Tensor, Tensor | None]:
        pairs = self.key(batch.keys) + self.value(batch.values)  # (B, m, d_model)
        edges = batch.alignment.new_ones(batch.alignment.shape)  # (B, L, m): all are neighbors
        return self.read(self.asked(batch.asked), edges, pairs)
