"""Train what reads digits, scenes and heaps in the chapter on images, and store what it gets right.

    python -m attnlab.chapters.images.experiment     # some five minutes of one core

Cells are stored as they finish, so the script can be stopped and started again. The digits are
those of `attnlab.tasks.digits`.
"""

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
import torch
from torch import nn

from attnlab.chapters.images import training
from attnlab.chapters.images.models import (
    MODELS_FILE,
    Counter,
    Eyes,
    Onlooker,
    PatchReader,
    convolutions,
)
from attnlab.chapters.images.scenes import Scenes, heaps, scenes, without_end
from attnlab.stored import complete
from attnlab.tasks.digits import digits
from attnlab.training.fitting import seed_everything

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
        right = (training.nearest(images[some], labels[some], asked) == truth).mean()
        return {**todo, "right": round(float(right), 4)}
    with torch.no_grad():
        right = training.share_right(network(test), torch.from_numpy(digits("test")[1]))
    size = sum(p.numel() for p in network.parameters())
    return {**todo, "parameters": size, "right": round(right, 4)}


def digit_reader(todo: dict, steps: int = 400) -> tuple[nn.Module, torch.Tensor]:
    """A network trained on n digits, and the test images as it gets them."""
    images, labels = digits("train")
    rng = np.random.default_rng(todo["seed"])
    some = rng.permutation(len(images))[: todo["n"]]
    order = rng.permutation(64) if todo["shuffled"] else np.arange(64)
    seed_everything(todo["seed"])
    network = NETWORKS[todo["model"]]()
    x = torch.from_numpy(shuffle(images[some], order))
    batches = training.drawn(x, torch.from_numpy(labels[some]))
    training.train(network, batches, training.image_loss, steps=steps, lr=3e-3)
    return network, torch.from_numpy(shuffle(digits("test")[0], order))


def onlookers() -> Iterator[dict]:
    for seed in SEEDS:
        for reader in READERS:
            for lr in (3e-3, 1e-2):
                yield {"reader": reader, "lr": lr, "seed": seed}


@cache
def _eyes(seed: int) -> tuple[Eyes, Scenes]:
    seed_everything(seed)
    return training.trained_eyes(seed), scenes(1000, np.random.default_rng(10**6), "test")


def look(todo: dict) -> dict:
    """The cell, with the share of scenes that are right, and the weight on the asked quarter."""
    eyes, tests = _eyes(todo["seed"])
    seed_everything(todo["seed"])
    model = Onlooker(**READERS[todo["reader"]])
    training.train_onlooker(model, eyes, todo["seed"], todo["lr"])
    with torch.no_grad():
        logits, weights = model(training.seen(eyes, tests))
    found = {"right": round(training.share_right(logits, tests.targets), 4)}
    if weights is not None:
        found["looks_at"] = round(training.looks_at(weights, tests.asked).mean().item(), 4)
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
    batches = without_end(draw, 64, todo["seed"])
    training.train(model, batches, training.count_loss, steps=1000, lr=3e-3)
    return model


def count(todo: dict) -> dict:
    """The cell, with the share of heaps that are counted right."""
    tests = heaps(2000, np.random.default_rng(10**6), "test", full=todo["full"])
    with torch.no_grad():
        right = training.share_right(counter(todo)(tests.cells, tests.there), tests.targets)
    return {**todo, "right": round(right, 4)}


def store_models() -> None:
    """Train what the widget computes with, and store its parameters."""
    found = {
        name: digit_reader({"model": "patches", "n": 1300, "shuffled": shuffled, "seed": 0}, 1000)[
            0
        ]
        for name, shuffled in (("plain", False), ("shuffled", True))
    }
    for pooling in ("softmax", "gates"):
        found[pooling] = counter({"pooling": pooling, "full": False, "seed": 0})
    parameters = {
        f"{name}/{parameter}": value.numpy().astype(np.float16)
        for name, model in found.items()
        for parameter, value in model.state_dict().items()
    }
    np.savez_compressed(MODELS_FILE, **parameters)


if __name__ == "__main__":
    if not MODELS_FILE.exists():
        store_models()
    source = "digits: Alpaydin and Kaynak (1998), UCI, CC BY 4.0; from scikit-learn, BSD"
    complete(
        "images", {"tests": 497, "source": source},
        counts=(counts(), count), pixels=(pixels(), read_pixels),
        onlookers=(onlookers(), look),
    )  # fmt: skip
