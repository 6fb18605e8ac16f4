"""Say what users watch next, of two habits of our making and of MovieLens 100k.

    python -m attnlab.chapters.recommendation.experiment     # some twelve minutes of one core

Every user's last item is to be said from those before it. Cells are stored as they finish, so the
script can be stopped and started again. The movies need `pip install --no-deps recbole==1.2.1`.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
import torch

from attnlab.chapters.recommendation.models import (
    Recommender,
    WeightedCounts,
    train_recommender,
    train_weights,
    windows,
)
from attnlab.chapters.recommendation.movies import facts, ratings
from attnlab.chapters.recommendation.ranking import (
    DECAYS,
    count,
    decayed,
    padded,
    ranks,
    sampled_hit,
    shares,
)
from attnlab.chapters.recommendation.watching import N_ITEMS, Watching
from attnlab.stored import complete
from attnlab.training.fitting import seed_everything

SEEDS = range(5)
USERS, TESTS, STEPS = 2000, 1000, 600
LONGER = 4 * STEPS
LATEST = 50  # of the movies, how many the networks see
ROWS = {"habits": 0.8, "movies": 0.7}  # the decay of the counts that weights are learned for

Scorer = Callable[[list[np.ndarray]], np.ndarray]  # histories → scores (n, N)


def habits() -> Iterator[dict]:
    """Each habit, and each method; and attention that learned from shuffled histories."""
    for seed in SEEDS:
        for habit in ("chance", "turns"):
            for method in ("popularity", "weights", "attention", "gru"):
                yield cell(method, seed, habit=habit)
            for decay in DECAYS:
                yield cell("counts", seed, habit=habit, decay=decay)
            yield cell("attention", seed, habit=habit, learned="shuffled")


def longer() -> Iterator[dict]:
    """The networks with more steps to find the turns."""
    for method in ("attention", "gru"):
        for seed in SEEDS[:3]:
            yield cell(method, seed, habit="turns", steps=LONGER)


def movies() -> Iterator[dict]:
    """The same of the movies; and weights that learned from counts which hold the answers."""
    yield cell("popularity", 0)
    for decay in DECAYS:
        yield cell("counts", 0, decay=decay)
    yield cell("counts", 0, decay=ROWS["movies"], learned="shuffled")
    for seed in SEEDS:
        for method in ("weights", "leaking weights", "attention", "gru"):
            yield cell(method, seed)
        yield cell("attention", seed, learned="shuffled")


def cell(method: str, seed: int, learned: str = "in order", **more) -> dict:
    return {**more, "method": method, "learned": learned, "seed": seed}


def watch(todo: dict) -> dict:
    task, seed = Watching(todo["habit"]), todo["seed"]
    tests = task.histories(TESTS, 1000 + seed)
    return measure(
        todo, taught=[*task.histories(USERS, seed)], tests=[*tests[:, :-1]], targets=tests[:, -1],
        n_items=N_ITEMS, decay=ROWS["habits"],
    )  # fmt: skip


@cache
def rated() -> tuple[list[np.ndarray], list[np.ndarray]]:
    return ratings()


def rate(todo: dict) -> dict:
    users, _ = rated()
    before, targets = [user[:-1] for user in users], np.array([user[-1] for user in users])
    n_items = 1 + max(user.max() for user in users)
    return measure(
        todo, taught=before, tests=before, targets=targets, n_items=n_items, decay=ROWS["movies"]
    )


def measure(
    todo: dict, *, taught: list[np.ndarray], tests: list[np.ndarray], targets: np.ndarray,
    n_items: int, decay: float,
) -> dict:  # fmt: skip
    """The cell, with the share of targets ranked first and among the first ten; the same with the
    histories shuffled; and the share that would be among the first ten of itself and a hundred."""
    rng = np.random.default_rng(2000 + todo["seed"])
    mixed = [rng.permutation(history) for history in tests]
    if todo["learned"] == "shuffled":
        taught = [rng.permutation(user) for user in taught]
    score, told = scorer(todo, taught, n_items, decay)
    placed, shuffled = (
        ranks(score(seen), padded(seen, n_items), targets) for seen in (tests, mixed)
    )
    others = [n_items - len(history) - 1 for history in tests]
    sampled = [sampled_hit(*each) for each in zip(placed, others, strict=True)]
    hits = {
        "hit@1": placed <= 1, "hit@10": placed <= 10,
        "shuffled@1": shuffled <= 1, "shuffled@10": shuffled <= 10, "sampled": sampled,
    }  # fmt: skip
    return {**todo, **{name: round(float(np.mean(hit)), 3) for name, hit in hits.items()}, **told}


def scorer(todo: dict, taught: list[np.ndarray], n_items: int, decay: float) -> tuple[Scorer, dict]:
    """A method that knows what was taught, and what there is to tell of it."""
    method, seed = todo["method"], todo["seed"]
    if method == "popularity":
        often = np.bincount(np.concatenate(taught), minlength=n_items)
        return lambda seen: np.tile(often, (len(seen), 1)), {}
    if method == "counts":
        rows = shares(count(taught, n_items, todo["decay"]))
        return lambda seen: decayed(rows, padded(seen, n_items), todo["decay"]), {}
    seed_everything(seed)
    if method.endswith("weights"):
        model = train_weights(taught, n_items, decay=decay, seed=seed, apart=method == "weights")
        by_age = model.age.detach().softmax(-1).flip(0)[:10]
        return partial(by_weights, model, n_items), {
            "by age": by_age.double().numpy().round(3).tolist()
        }
    model = Recommender(method, n_items)
    ends = [(user, end) for user in taught for end in range(len(user), 1, -LATEST)]
    pieces = [user[max(0, end - LATEST - 1) : end] for user, end in ends]
    steps = todo.get("steps", STEPS)
    train_recommender(model, torch.tensor(padded(pieces, n_items)), steps=steps, seed=seed)
    return partial(by_network, model, n_items), {}


@torch.no_grad()
def by_weights(model: WeightedCounts, n_items: int, seen: list[np.ndarray]) -> np.ndarray:
    ends = np.array([len(history) for history in seen])
    return model(torch.tensor(windows(seen, ends, n_items))).numpy()


@torch.no_grad()
def by_network(model: Recommender, n_items: int, seen: list[np.ndarray]) -> np.ndarray:
    latest = padded([history[-LATEST:] for history in seen], n_items)
    return model(torch.tensor(latest))[:, -1].numpy()


if __name__ == "__main__":
    head = {
        "users": USERS, "tests": TESTS, "steps": STEPS,
        "source": "habits: drawn; movies: MovieLens 100k (GroupLens; for research, not to be "
        "passed on), as recbole 1.2.1 brings it, of which nothing but these numbers is stored",
    }  # fmt: skip
    complete(
        "recommendation", head,
        habits=(habits(), watch), longer=(longer(), watch), movies=(movies(), rate),
        facts=(iter([{"of": "MovieLens 100k"}]), lambda todo: {**todo, **facts(rated()[1])}),
    )  # fmt: skip
