"""Train what reads digits, scenes and heaps in the chapter on images, and store what it gets right.

    python -m attnlab.chapters.images.experiment     # some four minutes of one core

Cells are stored as they finish, so the script can be stopped and started again. The digits are
those of `attnlab.tasks.digits`.
"""

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
import torch
from torch import nn

from attnlab.chapters.images.models import Counter, Eyes, Onlooker, PatchReader, convolutions
from attnlab.chapters.images.scenes import Scenes, heaps, scenes, without_end
from attnlab.chapters.images.training import (
    count_loss, drawn, image_loss, looks_at, nearest, seen, share_right, train, train_onlooker,
    trained_eyes,
)  # fmt: skip
from attnlab.stored import complete
from attnlab.tasks.digits import digits
from attnlab.training.fitting import seed_everything
from attnlab.widgets.packing import pack

SEEDS = range(3)
READERS = {
    "block, middle": {"block": True, "reading": "middle"},
    "middle alone": {"block": False, "reading": "middle"},
    "mean of all": {"block": False, "reading": "mean"},
    "all side by side": {"block": False, "reading": "all"},
    "three more convolutions": {"block": False, "reading": "middle", "more": 3},
    "block, mean of all": {"block": True, "reading": "mean"},
}
NETWORKS = {"patches": PatchReader, "convolutions": convolutions}


def pixels() -> Iterator[dict]:
    for seed in SEEDS:
        for n in (50, 200, 1300):
            yield {"model": "nearest", "n": n, "shuffled": False, "seed": seed}
            for model in NETWORKS:
                for shuffled in (False, True):
                    yield {"model": model, "n": n, "shuffled": shuffled, "seed": seed}


def shuffle(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The same images with their 64 pixels in another order, the same for all."""
    return images.reshape(-1, 64)[:, order].reshape(-1, 8, 8)


def read_pixels(todo: dict) -> dict:
    """The cell, with the share of test digits that are right."""
    network, test = digit_reader(todo) if todo["model"] != "nearest" else (None, None)
    if network is None:
        images, labels = digits("train")
        some = np.random.default_rng(todo["seed"]).permutation(len(images))[: todo["n"]]
        asked, truth = digits("test")
        right = (nearest(images[some], labels[some], asked) == truth).mean()
        return {**todo, "right": round(float(right), 4)}
    with torch.no_grad():
        right = share_right(network(test), torch.from_numpy(digits("test")[1]))
    size = sum(p.numel() for p in network.parameters())
    return {**todo, "parameters": size, "right": round(right, 4)}


def digit_reader(todo: dict) -> tuple[nn.Module, torch.Tensor]:
    """A network trained on n digits, and the test images as it gets them."""
    images, labels = digits("train")
    rng = np.random.default_rng(todo["seed"])
    some = rng.permutation(len(images))[: todo["n"]]
    order = rng.permutation(64) if todo["shuffled"] else np.arange(64)
    seed_everything(todo["seed"])
    network = NETWORKS[todo["model"]]()
    x = torch.from_numpy(shuffle(images[some], order))
    batches = drawn(x, torch.from_numpy(labels[some]))
    train(network, batches, image_loss, todo.get("steps", 400), 3e-3, "training")
    return network, torch.from_numpy(shuffle(digits("test")[0], order))


def onlookers() -> Iterator[dict]:
    for seed in SEEDS:
        for reader in READERS:
            for lr in (3e-3, 1e-2):
                yield {"reader": reader, "lr": lr, "seed": seed}


@cache
def _eyes(seed: int) -> tuple[Eyes, Scenes]:
    seed_everything(seed)
    return trained_eyes(seed), scenes(1000, np.random.default_rng(10**6), "test")


def look(todo: dict) -> dict:
    """The cell, with the share of scenes that are right, and the weight on the asked quarter."""
    eyes, tests = _eyes(todo["seed"])
    seed_everything(todo["seed"])
    model = Onlooker(**READERS[todo["reader"]])
    train_onlooker(model, eyes, todo["seed"], todo["lr"])
    with torch.no_grad():
        logits, weights = model(seen(eyes, tests))
    found = {"right": round(share_right(logits, tests.targets), 4)}
    if weights is not None:
        found["looks_at"] = round(looks_at(weights, tests.asked).mean().item(), 4)
    return {**todo, "parameters": sum(p.numel() for p in model.parameters()), **found}


def counts() -> Iterator[dict]:
    for seed in SEEDS:
        for full in (False, True):
            for pooling in ("softmax", "mean", "gates", "sum"):
                yield {"pooling": pooling, "full": full, "seed": seed}


def counter(todo: dict) -> Counter:
    """A counter trained on heaps for 1000 steps."""
    draw = partial(heaps, full=todo["full"])
    seed_everything(todo["seed"])
    model = Counter(todo["pooling"])
    train(model, without_end(draw, 64, todo["seed"]), count_loss, 1000, 3e-3, "training")
    return model


def count(todo: dict) -> dict:
    """The cell, with the share of heaps that are counted right."""
    tests = heaps(2000, np.random.default_rng(10**6), "test", full=todo["full"])
    with torch.no_grad():
        right = share_right(counter(todo)(tests.cells, tests.there), tests.targets)
    return {**todo, "right": round(right, 4)}


def shown() -> Iterator[dict]:
    """What the widget computes with."""
    for shuffled in (False, True):
        yield {"model": "patches", "n": 1300, "shuffled": shuffled, "seed": 0, "steps": 1000}
    for pooling in ("softmax", "gates"):
        yield {"pooling": pooling, "full": False, "seed": 0}


def packed(todo: dict) -> dict:
    """The cell, with the trained parameters."""
    model = counter(todo) if "pooling" in todo else digit_reader(todo)[0]
    return {**todo, "packed": pack(model)}


if __name__ == "__main__":
    source = "digits: Alpaydin and Kaynak (1998), UCI, CC BY 4.0; from scikit-learn, BSD"
    complete(
        "images", {"tests": 497, "source": source},
        shown=(shown(), packed), counts=(counts(), count), pixels=(pixels(), read_pixels),
        onlookers=(onlookers(), look),
    )  # fmt: skip
