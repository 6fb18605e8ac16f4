"""Train readers of graphs with four scores and none, and store what they get right.

    python -m attnlab.chapters.graphs.experiment     # some five minutes of one core

The tasks, the models and the training are those of the chapter `work/graphs`. Cells are stored as
they finish, so the script can be stopped and started again. The karate club (Zachary, 1977) is
networkx's, which torch brings along.
"""

from collections.abc import Iterator

import networkx
import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from attnlab.chapters.graphs.models import LookUpReader, Reader
from attnlab.nn.graph import GraphAttention, Score
from attnlab.stored import complete
from attnlab.tasks.answers import answer_loss
from attnlab.tasks.communities import Communities, node_loss, right_nodes, weight_on
from attnlab.tasks.lookups import Lookups
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = range(5)
SCORES: tuple[Score | None, ...] = (None, "mean", "static", "dynamic", "dot")
STEPS, GRAPHS, TESTS = 300, 8, 400  # graphs in a step, and to test with


def communities() -> Iterator[dict]:
    settings = [(0.6, separation, 0.0) for separation in (0.5, 1.0, 2.0, 3.0, 4.0)]
    settings += [(0.8, separation, 0.0) for separation in (1.0, 2.0, 4.0)]
    settings += [(0.6, 1.0, badge) for badge in (2.0, 4.0)]
    for seed in SEEDS:
        for inside, separation, badge in settings:
            for score in SCORES:
                yield {"inside": inside, "separation": separation, "badge": badge,
                       "score": score, "seed": seed}  # fmt: skip


def measure(todo: dict) -> dict:
    """The cell, with the share of nodes that are right and the mean weight on friends."""
    return {**todo, **trained(todo, todo["score"])[1]}


def trained(todo: dict, score: Score | None) -> tuple[Reader, dict]:
    """A reader of such graphs, and what it gets right."""
    names = ("inside", "separation", "badge")
    task = Communities(**{name: todo[name] for name in names})
    seed_everything(todo["seed"])
    model = Reader(2, 2, score)
    fit(
        model, task.batches(GRAPHS), node_loss, steps=STEPS, lr=0.02,
        schedule=linear_decay(STEPS, warmup_steps=20),
    )  # fmt: skip
    tests = task.batch(TESTS, generator=Generator().manual_seed(0))  # the same for all
    found: dict = {"parameters": sum(p.numel() for p in model.parameters())}
    found["right"] = round(right_nodes(model, tests).double().mean().item(), 4)
    if score is not None:
        with torch.no_grad():
            weights = model(tests.x, tests.edges)[1][:, 0]
        found["on_friends"] = round(weight_on(tests.friends, weights, tests.edges).mean().item(), 3)
    return model, found


def layers() -> Iterator[dict]:
    """What the widget shows."""
    for badge in (0.0, 4.0):
        for half in range(9):
            yield {"inside": 0.6, "separation": half / 2, "badge": badge, "seed": 1}


def layer(todo: dict) -> dict:
    """The cell, with the parameters of its scores."""
    model, found = trained(todo, "dynamic")
    p = model.state_dict()
    rows = {"w_q": p["ask.to_q.weight"].T, "w_k": p["ask.to_k.weight"].T, "u": p["ask.u.weight"][0]}
    return {**todo, **found, **{name: _rounded(row.tolist()) for name, row in rows.items()}}


def _rounded(numbers: float | list) -> float | list:
    return [_rounded(x) for x in numbers] if isinstance(numbers, list) else round(numbers, 3)


def lookups() -> Iterator[dict]:
    for seed in SEEDS:
        for steps, width, n_heads in ((1500, 32, 1), (300, 256, 1), (300, 32, 8), (1500, 256, 8)):
            yield {"score": "static", "steps": steps, "width": width, "n_heads": n_heads,
                   "seed": seed}  # fmt: skip


def look_up(todo: dict) -> dict:
    """The cell, with the share of right answers: what longer, wider and more heads bring to GAT."""
    seed_everything(todo["seed"])
    task = Lookups(n_lookups=8, n_pairs=8, n_keys=8, n_values=8)
    model = LookUpReader(task, todo["score"], width=todo["width"], n_heads=todo["n_heads"])
    schedule = linear_decay(todo["steps"], warmup_steps=20)
    fit(model, task.batches(32), answer_loss, steps=todo["steps"], lr=0.01, schedule=schedule)
    tests = task.batch(500, split="test", generator=Generator().manual_seed(0))
    with torch.no_grad():
        right = (model(tests)[0].argmax(-1) == tests.targets).double().mean().item()
    parameters = sum(p.numel() for p in model.parameters())
    return {**todo, "parameters": parameters, "right": round(right, 4)}


class Club(nn.Module):
    """Two layers over a graph whose nodes are known by their number alone; each sees itself."""

    def __init__(self, n: int, score: Score):
        super().__init__()
        self.first = GraphAttention(n, 16, score=score)
        self.second = GraphAttention(16, 2, score=score)

    def forward(self, edges: Tensor) -> Tensor:
        edges = edges | torch.eye(len(edges), dtype=torch.bool)
        names = torch.eye(len(edges))
        return self.second(F.relu(self.first(names, edges)), edges)


def clubs() -> Iterator[dict]:
    yield {"score": "propagation"}
    for seed in range(20):
        for score in ("mean", "static", "dynamic", "dot"):
            yield {"score": score, "seed": seed}


def club(todo: dict) -> dict:
    """The cell, with how many of the 32 other members are right, told two: the instructor, 0, and
    the administrator, 33."""
    graph = networkx.karate_club_graph()
    edges = torch.from_numpy(networkx.to_numpy_array(graph) > 0)
    side = torch.tensor([int(graph.nodes[i]["club"] != "Mr. Hi") for i in graph])
    told = torch.tensor([0, len(graph) - 1])
    others = np.setdiff1d(range(len(graph)), told)
    if todo["score"] == "propagation":
        guess = propagated(edges.double().numpy(), told.numpy(), side[told].numpy()) > 0.5
    else:
        seed_everything(todo["seed"])
        model = Club(len(graph), todo["score"])
        fit(model, [None] * 200, lambda model, _: F.cross_entropy(model(edges)[told], side[told]),
            steps=200, lr=0.01)  # fmt: skip
        with torch.no_grad():
            guess = model(edges).argmax(-1).numpy()
    right = int((guess == side.numpy())[others].sum())
    return {**todo, "right": right, "of": len(others)}


def propagated(edges: np.ndarray, told: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Label propagation to its end: each node that was not told has its neighbors' mean."""
    free = np.setdiff1d(range(len(edges)), told)
    laplacian = np.diag(edges.sum(1)) - edges
    found = np.zeros(len(edges))
    found[told] = values
    found[free] = np.linalg.solve(laplacian[np.ix_(free, free)], edges[np.ix_(free, told)] @ values)
    return found


if __name__ == "__main__":
    head = {
        "steps": STEPS, "graphs": GRAPHS, "tests": TESTS,
        "source": "karate club: W. W. Zachary (1977), from networkx, BSD; all else is drawn",
    }  # fmt: skip
    complete(
        "graphs", head,
        communities=(communities(), measure), lookups=(lookups(), look_up), clubs=(clubs(), club),
        layers=(layers(), layer),
    )  # fmt: skip
