"""Graphs of two communities, in which most links join friends and every node is a point.

Letters: B graphs, n nodes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from attnlab.functional import settings
from attnlab.tasks.marks import most_probable
from attnlab.tasks.sizes import whole, without_end
from attnlab.training.batches import drawing_device
from attnlab.training.losses import cross_entropy


@dataclass(frozen=True)
class Graphs:
    """What is known of each node, who is linked to whom, and where each node belongs."""

    x: Tensor  # (B, n, 2)
    edges: Tensor  # (B, n, n), symmetric booleans, False on the diagonal
    targets: Tensor  # (B, n), 0 or 1

    @property
    def friends(self) -> Tensor:
        """Which pairs belong together, linked or not. `(B, n, n)`"""
        return self.targets[:, :, None] == self.targets[:, None, :]


@dataclass(frozen=True)
class Communities:
    """Two communities of equal size, whose nodes are points in the plane.

    Every coordinate is normally distributed around its community's center, with variance 1. On the
    first axis the centers are `separation` apart, and on the second `badge`; but who is up and who
    is down there changes from graph to graph, so that a badge says who belongs together, and not
    where. Links are drawn one by one: a node has about `degree` neighbors, and of these a share
    `inside` is of its own community.

    Args:
        n_nodes: n, even.
        degree: how many neighbors a node has on average.
        inside: the share of them that is of the node's own community.
        separation: how far apart the centers are on the first axis, 0 or more.
        badge: how far apart they are on the second, 0 or more.

    Raises:
        TypeError: n_nodes is not an integer, or another is not a number.
        ValueError: n_nodes is not positive and even, a distance below 0, `inside` not from 0 to 1,
            or more neighbors than there are nodes to link to.

    Source:
        Deshpande et al. (2018), contextual stochastic block models; the badge is ours.

    >>> batch = Communities(n_nodes=6, degree=2).batch(3)
    >>> batch.x.shape, batch.edges.shape, batch.targets[0].tolist()
    (torch.Size([3, 6, 2]), torch.Size([3, 6, 6]), [0, 0, 0, 1, 1, 1])
    """

    n_nodes: int = 60
    degree: float = 10.0
    inside: float = 0.6
    separation: float = 1.0
    badge: float = 0.0

    def __post_init__(self):
        whole(1, self, "n_nodes")
        settings.even(n_nodes=self.n_nodes)
        for name in ("degree", "inside", "separation", "badge"):
            value = getattr(self, name)
            settings.number(**{name: value})
            if not value >= 0:
                raise ValueError(f"{name} must be 0 or more, got {value}")
        if self.inside > 1:
            raise ValueError(f"inside must be from 0 to 1, got {self.inside}")
        if max(self.odds) > 1:
            raise ValueError(
                f"degree must leave each node enough others to link to, {self.n_nodes // 2} of "
                f"each community, got {self.degree}"
            )

    @property
    def odds(self) -> tuple[float, float]:
        """The probability of a link within a community, and of one between the two."""
        half = self.n_nodes / 2
        return self.degree * self.inside / half, self.degree * (1 - self.inside) / half

    def batch(self, size: int, *, generator: Generator | None = None) -> Graphs:
        """So many graphs, each of them new: no two draws of such points are alike.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1.
        """
        (size,) = settings.count(1, size=size)
        drawn = {"generator": generator, "device": drawing_device(generator)}
        n = self.n_nodes
        y = torch.arange(n, device=drawn["device"]) * 2 // n  # (n,)
        up = 2 * torch.randint(2, (size, 1), **drawn) - 1  # which community is, on the second axis
        x = torch.randn(size, n, 2, **drawn)
        x[..., 0] += self.separation * (y - 0.5)
        x[..., 1] += self.badge * up * (y - 0.5)
        within, between = self.odds
        odds = torch.where(y[:, None] == y, within, between)  # (n, n)
        above = (torch.rand(size, n, n, **drawn) < odds).triu(1)  # each pair is drawn once
        return Graphs(x, above | above.mT, y.expand(size, n))

    def batches(self, size: int) -> Iterator[Graphs]:
        """Fresh graphs without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)


def node_loss(model: nn.Module, batch: Graphs) -> Tensor:
    """Mean cross-entropy over all nodes; `model(x, edges)` gives logits first, `(B, n, 2)`.

    Raises:
        TypeError, ValueError: as `attnlab.cross_entropy` does.
    """
    return cross_entropy(model(batch.x, batch.edges)[0], batch.targets)


@torch.no_grad()
def right_nodes(model: nn.Module, batch: Graphs) -> Tensor:
    """Which nodes are taken for what they are, `(B, n)` booleans.

    Raises:
        TypeError: logits that are no tensor. ValueError: logits of other nodes, or NaN.
    """
    return most_probable(model(batch.x, batch.edges)[0], batch.targets) == batch.targets


def weight_on(pairs: Tensor, weights: Tensor, edges: Tensor) -> Tensor:
    """The share of a node's weights that lies on the given pairs, of all that have neighbors.

    Args:
        pairs: `(B, n, n)` booleans, such as `Graphs.friends`.
        weights: `(B, n, n)`, of which each row sums to 1, or to 0 without neighbors.
        edges: `(B, n, n)` booleans.

    Returns:
        One number for each node that has neighbors, in order.

    >>> edges = torch.tensor([[[0, 1, 1], [1, 0, 0], [1, 0, 0]]]).bool()
    >>> weights = torch.tensor([[[0, 0.75, 0.25], [1, 0, 0], [1, 0, 0]]])
    >>> weight_on(torch.eye(3)[[1, 0, 2]].bool()[None], weights, edges).tolist()
    [0.75, 1.0, 0.0]
    """
    return (weights * pairs).sum(-1)[edges.any(-1)]
