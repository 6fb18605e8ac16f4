"""A model, and everybody's random numbers, are as before an examination."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.examine import examine
from attnlab.examine.untouched import untouched
from tests.examine.models import IDS, Writer


def everything(model: nn.Module) -> dict:
    """All that one could notice of a model."""
    return {
        "tensors": {name: t.clone() for name, t in model.state_dict().items()},
        "gradients": {
            n: None if p.grad is None else p.grad.clone() for n, p in model.named_parameters()
        },
        "modes": [module.training for module in model.modules()],
        "wants": [p.requires_grad for p in model.parameters()],
        "attributes": {n: set(vars(module)) for n, module in model.named_modules()},
    }


def same(a, b) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    return a == b


class Hoarder(Writer):
    """Keeps what it is asked in a list, a dictionary, a tensor, a buffer and a new attribute."""

    def __init__(self):
        super().__init__()
        self.seen, self.counts, self.sum = [], {"calls": 0}, torch.zeros(1)
        self.register_buffer("mean", torch.zeros(1))

    def forward(self, ids, mask=None):
        self.seen.append(ids)
        self.counts["calls"] += 1
        self.sum += 1
        self.mean = self.mean + ids.double().mean().float()
        self.latest = ids
        return super().forward(ids, mask)


@pytest.mark.parametrize("training", [True, False])
def test_a_model_is_as_before(training):
    model = Writer().train(training)
    model.stack.layers[0].eval()  # modes of the parts need not agree
    model.embedding.weight.requires_grad_(False)
    model(IDS).sum().backward()
    before = everything(model)
    examine(model, IDS, loss=nn.functional.cross_entropy, weights=lambda *_: [])
    assert same(everything(model), before)


def test_what_a_model_keeps_is_as_before():
    model = Hoarder()
    model(IDS)
    before = everything(model)
    seen, counts, total = model.seen, model.counts, model.sum
    examine(model, IDS)
    assert same(everything(model), before)
    assert model.seen is seen and len(seen) == 1 and model.latest is seen[0]
    assert model.counts is counts and counts == {"calls": 1}
    assert model.sum is total and total.item() == 1


def test_a_model_that_raises_is_as_before():
    class Falls(Writer):
        def forward(self, ids, mask=None):
            if ids.shape[1] == 12:
                self.fallen = True
                raise RuntimeError("no more")
            return super().forward(ids, mask)

    model = Falls().train()
    before = everything(model)
    examine(model, IDS)
    assert same(everything(model), before)


def test_random_numbers_go_on_as_before():
    def drawn() -> list:
        return [random.random(), np.random.rand(), torch.rand(1).item()]

    def start() -> None:
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)

    model = Writer()
    start()
    expected = drawn()
    start()
    examine(model, IDS)
    assert drawn() == expected


def test_weights_that_were_moved_come_back():
    layer = nn.Linear(2, 2)
    before = layer.weight.detach().clone()
    with untouched(layer):
        layer.to(torch.float16)
        layer.weight.data.mul_(2)
        layer.bias = None
    assert layer.weight.dtype == torch.float32 and torch.equal(layer.weight, before)
    assert layer.bias is not None


def test_what_lies_deep_in_a_module_comes_back():
    class Cache:
        def __init__(self):
            self.keys, self.lengths = [torch.zeros(2)], np.zeros(2)
            self.inner = {"seen": [0]}

    class Keeps(Writer):
        def __init__(self):
            super().__init__()
            self.cache, self.pair = Cache(), (torch.zeros(1), [1])

        def forward(self, ids, mask=None):
            self.cache.keys[0] += 1
            self.cache.keys.append(ids)
            self.cache.lengths += 1
            self.cache.inner["seen"].append(1)
            self.pair[0].add_(1)
            self.pair[1].append(2)
            self.cache.new = ids
            return super().forward(ids, mask)

    model = Keeps()
    cache = model.cache
    examine(model, IDS)
    assert model.cache is cache and not hasattr(cache, "new")
    assert len(cache.keys) == 1 and cache.keys[0].tolist() == [0, 0]
    assert cache.lengths.tolist() == [0, 0] and cache.inner == {"seen": [0]}
    assert model.pair[0].item() == 0 and model.pair[1] == [1]
