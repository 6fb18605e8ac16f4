"""A graph of two communities in the plane, with the weights that trained attention gives."""

from functools import cache

import numpy as np
import traitlets

from attnlab.functional.attention import attention
from attnlab.stored import load
from attnlab.tasks.communities import Communities
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals, uniforms
from attnlab.widgets.traits import Constants, Real, Switch, Whole

N = 60  # nodes, of which the first half is one community and the second the other
INSIDE, SLOPE = 0.6, 0.2
BADGE = 4.0
STEP = 0.5


class Separation(Real):
    """A multiple of a half from 0 to 4. Errors: TraitError for anything else."""

    refusal = "{name} must be a multiple of {step} from {min} to {max}; got {value!r}"

    def __init__(self):
        self.step = STEP
        super().__init__(0, 4, default=1.0)

    def validate(self, obj, value) -> float:
        number = super().validate(obj, value)
        return number if number % STEP == 0 else self.error(obj, value)


class GraphsWidget(LabWidget):
    """Sixty nodes in the plane, their links, and how much each node listens to which neighbor.

    The weights are those of "dynamic" scores, trained for each separation, with badges and without
    (see `experiment.py`).

    Args:
        separation: how far apart the centers of the two communities are, a multiple of 0.5 from 0
            to 4.
        badges: whether each node also shows, up or down, which community it is of; which of the two
            is up depends on the graph.
        degree: how many neighbors a node has on average, 0 to 20.
        node: whose links are shown, 0 to 59; the first 30 are friends of each other, and so are the
            last 30.
        graph: which of 100 graphs, 0 to 99.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.

    >>> w = GraphsWidget(separation=4.0)
    >>> w.x.shape, w.edges.shape, w.weights.shape
    ((60, 2), (60, 60), (60, 60))
    >>> w.on_friends > w.inside
    True
    """

    _front_end = "widget.js"

    separation = Separation().tag(sync=True)
    badges = Switch(False).tag(sync=True)
    degree = Whole(0, 20, default=10).tag(sync=True)
    node = Whole(0, N - 1, default=12).tag(sync=True)
    graph = Whole(0, 99, default=0).tag(sync=True)
    _layers = traitlets.List().tag(sync=True)
    _constants = Constants(n=N, inside=INSIDE, badge=BADGE, slope=SLOPE)

    def __init__(
        self,
        *,
        separation: float = 1.0,
        badges: bool = False,
        degree: int = 10,
        node: int = 12,
        graph: int = 0,
    ):
        super().__init__(
            separation=separation, badges=badges, degree=degree, node=node, graph=graph,
            _layers=_layers(),
        )  # fmt: skip

    @property
    def x(self) -> np.ndarray:
        """Where the nodes are, (60, 2)."""
        side = np.repeat([-0.5, 0.5], N // 2)
        up = 1 - 2 * (self.graph % 2)
        centers = [self.separation * side, self.badges * BADGE * up * side]
        return normals(2 * N, 2 * self.graph).reshape(N, 2) + np.stack(centers, axis=1)

    @property
    def edges(self) -> np.ndarray:
        """Who is linked to whom, (60, 60) booleans."""
        odds = Communities(n_nodes=N, degree=self.degree, inside=INSIDE).odds
        drawn = uniforms(N * N, 2 * self.graph + 1).reshape(N, N)
        above = np.triu(drawn < np.where(self.friends, *odds), 1)
        return above | above.T

    @property
    def friends(self) -> np.ndarray:
        """Who belongs together, linked or not, (60, 60) booleans."""
        second = np.arange(N) >= N // 2
        return second[:, None] == second

    @property
    def weights(self) -> np.ndarray:
        """How much node i listens to node j, (60, 60); each row sums to 1, or is 0."""
        layer = next(
            each for each in self._layers
            if each["separation"] == self.separation and bool(each["badge"]) == self.badges
        )  # fmt: skip
        w_q, w_k, u = (np.array(layer[name]) for name in ("w_q", "w_k", "u"))

        def scores(q: np.ndarray, k: np.ndarray) -> np.ndarray:
            pairs = q[:, None] + k  # (n, n, d_k)
            return np.maximum(pairs, SLOPE * pairs) @ u

        x = self.x
        return attention(x @ w_q, x @ w_k, x, mask=self.edges, scores=scores)[1]

    @property
    def inside(self) -> float:
        """The share of friends among a node's neighbors, the mean of all that have any; or NaN."""
        edges = self.edges.astype(float)
        return self._mean(edges / np.maximum(edges.sum(1, keepdims=True), 1))

    @property
    def on_friends(self) -> float:
        """The weight on a node's friends, the mean of all that have neighbors; or NaN."""
        return self._mean(self.weights)

    @property
    def own_side(self) -> float:
        """The share of nodes that are on their community's side of the middle."""
        return float(((self.x[:, 0] > 0) == (np.arange(N) >= N // 2)).mean())

    def _mean(self, weights: np.ndarray) -> float:
        linked = self.edges.any(axis=1)
        if not linked.any():
            return float("nan")
        return float((weights * self.friends).sum(axis=1)[linked].mean())


@cache
def _layers() -> list[dict]:
    """The trained layers, as the experiment stored them."""
    names = ("separation", "badge", "w_q", "w_k", "u")
    return [{name: layer[name] for name in names} for layer in load("graphs")["layers"]]
