"""The training loop and its seeds."""

from itertools import repeat

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.training.fitting import fit, seed_everything


def square(model, x):
    return model(x).square().mean()


def trained(seed, **options):
    seed_everything(seed)
    model = nn.Linear(3, 2)
    batches = (torch.randn(4, 3) for _ in range(20))
    return fit(model, batches, square, steps=20, **options), model


def test_same_seed_same_losses():
    assert trained(0)[0] == trained(0)[0]
    assert trained(0)[0] != trained(1)[0]


def test_seeds_start_every_generator():
    draws = []
    for _ in range(2):
        seed_everything(3)
        draws.append((torch.rand(()).item(), float(np.random.rand())))
    assert draws[0] == draws[1]


def test_fit_is_adam():
    """Against torch's own Adam, step by step, with a gradient that clipping cuts."""
    losses, ours = trained(0, lr=0.1, clip=0.01)
    seed_everything(0)
    theirs = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.1, betas=(0.9, 0.98))
    for step in range(20):
        loss = square(theirs, torch.randn(4, 3))
        assert loss.item() == pytest.approx(losses[step], rel=1e-5)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in theirs.parameters()]).norm().item()
        for parameter in theirs.parameters():
            parameter.grad *= min(1.0, 0.01 / (norm + 1e-6))
        optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_schedule_scales_the_rate():
    _, model = trained(0, schedule=lambda step: 0.0)
    seed_everything(0)
    assert torch.equal(model.weight, nn.Linear(3, 2).weight)
    asked = []
    trained(0, schedule=lambda step: asked.append(step) or 1.0)
    assert asked == list(range(1, 21))


def test_model_trains_in_training_mode_and_ends_in_evaluation_mode():
    modes = []

    def loss(model, x):
        modes.append(model.training)
        return square(model, x)

    model = nn.Linear(3, 2).eval()
    fit(model, repeat(torch.ones(4, 3)), loss, steps=2)
    assert modes == [True, True]
    assert not model.training


def test_no_steps_change_nothing():
    model = nn.Linear(3, 2)
    before = model.weight.clone()
    assert fit(model, [], square, steps=0) == []
    assert torch.equal(model.weight, before)


def test_wrong_training():
    model = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="batches must be at least 3, got 2"):
        fit(model, [torch.ones(4, 3)] * 2, square, steps=3)
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        fit(model, [], square, steps=-1)
    with pytest.raises(ValueError, match="lr must be positive and finite, got 0"):
        fit(model, [], square, steps=0, lr=0)
    for seed, error in ((-1, ValueError), (2**32, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="seed must be"):
            seed_everything(seed)
