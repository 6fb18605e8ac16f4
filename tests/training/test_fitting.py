"""The training loop and its seeds."""

import math
import random
from fractions import Fraction
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


def planted(what, at):
    """A loss that has `what` done to its value in step `at`, and counts its steps."""
    steps = []

    def loss(model, x):
        steps.append(x)
        value = square(model, x)
        return what(value) if len(steps) == at else value

    return loss


def interrupt(_):
    raise KeyboardInterrupt


def fail(_):
    raise ZeroDivisionError


class NaNGradient(torch.autograd.Function):
    """The number as it is, with a gradient of NaN."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad * math.nan


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda value: value * math.nan, "loss must be finite, got nan in step 3"),
        (lambda value: value + math.inf, "loss must be finite, got inf in step 3"),
        (NaNGradient.apply, "gradient must be finite, got a norm of nan in step 3"),
    ],
)
def test_a_step_that_is_not_finite_is_not_taken(what, message):
    trained_for = []
    for steps, loss in ((2, square), (5, planted(what, at=3))):
        seed_everything(0)
        model = nn.Linear(3, 2)
        try:
            fit(model, repeat(torch.ones(4, 3)), loss, steps=steps)
        except ValueError as error:
            assert message in str(error)
        else:
            assert loss is square
        trained_for.append(model.weight)
        assert not model.training
    assert torch.equal(*trained_for)  # it keeps what it learned in two steps


@pytest.mark.parametrize(
    ("what", "error"), [(interrupt, KeyboardInterrupt), (fail, ArithmeticError)]
)
@pytest.mark.parametrize("training", [True, False])
def test_a_model_whose_training_was_stopped_can_be_used(what, error, training):
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)).train(training)
    before = model[0].weight.clone()
    with pytest.raises(error) as stop:
        fit(model, repeat(torch.ones(4, 3)), planted(what, at=3), steps=5)
    assert not any(module.training for module in model.modules())
    assert not torch.equal(model[0].weight, before)
    if error is KeyboardInterrupt:
        assert stop.value.__notes__ == [
            "fit was stopped; the model keeps what it learned in 2 steps"
        ]


def test_a_batch_may_be_none():
    seen = []

    def loss(model, batch):
        seen.append(batch)
        return square(model, torch.ones(4, 3))

    assert len(fit(nn.Linear(3, 2), [1, None, 2], loss, steps=3)) == 3
    assert seen == [1, None, 2]
    with pytest.raises(ValueError, match="batches must be at least 4, got 3"):
        fit(nn.Linear(3, 2), [1, None, None], loss, steps=4)


def test_frozen_parameters_stay_as_they_are():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    before = [parameter.clone() for parameter in model.parameters()]
    fit(model, repeat(torch.ones(4, 3)), square, steps=2)
    moved = [not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True)]
    assert moved == [False, False, True, True]


def test_gradients_are_turned_on():
    with torch.no_grad():
        assert len(fit(nn.Linear(3, 2), repeat(torch.ones(4, 3)), square, steps=2)) == 2
        assert not torch.is_grad_enabled()


def test_they_are_in_inference_mode_too():
    expected, reference = trained(0)
    with torch.inference_mode():
        losses, model = trained_from(0)
        assert torch.is_inference_mode_enabled()
    assert losses == expected
    assert torch.equal(model.weight, reference.weight)


def trained_from(seed):
    """As `trained`, with a model and a seed from outside of inference mode."""
    with torch.inference_mode(False):
        seed_everything(seed)
        model = nn.Linear(3, 2)
    return fit(model, (torch.randn(4, 3) for _ in range(20)), square, steps=20), model


@pytest.mark.parametrize("where", ["batches", "loss"])
def test_who_evaluates_in_between_trains_in_training_mode(where):
    """With its dropout: the next step is one of training again."""
    model, modes = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)), []

    def batches():
        while True:
            yield torch.ones(4, 3)
            if where == "batches":
                model.eval()

    def loss(model, x):
        modes.append([module.training for module in model.modules()])
        value = square(model, x)
        if where == "loss":
            square(model.eval(), x)
        return value

    fit(model, batches(), loss, steps=3)
    assert modes == [[True] * 3] * 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_small_gradients_move_parameters_by_the_rate(dtype):
    """Adam's first step is as long as the rate, however small a gradient is."""
    model = nn.Linear(3, 2, bias=False).to(dtype)
    before = model.weight.detach().double().clone()
    x = torch.ones(4, 3, dtype=dtype)
    fit(model, [x], lambda model, x: 1e-4 * model(x).mean(), steps=1, lr=0.25)
    moved = before - model.weight.detach().double()
    torch.testing.assert_close(moved, torch.full_like(moved, 0.25), rtol=0.02, atol=0)


def test_numbers_of_other_types():
    losses, model = trained(0, lr=0.5, clip=2.0)
    seed_everything(np.int64(0))
    other = nn.Linear(3, 2)
    batches = (torch.randn(4, 3) for _ in range(20))
    options = {"steps": np.uint8(20), "lr": Fraction(1, 2), "clip": np.float32(2)}
    assert fit(other, batches, square, schedule=lambda _: np.float64(1), **options) == losses
    assert torch.equal(model.weight, other.weight)


def test_a_seed_of_numpy_is_a_seed():
    draws = []
    for seed in (7, np.int64(7), np.uint8(7)):
        seed_everything(seed)
        draws.append((random.random(), np.random.rand(), torch.rand(()).item()))
    assert draws[0] == draws[1] == draws[2]


MODEL, OTHER = nn.Linear(3, 2), nn.Linear(3, 2)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"model": square}, TypeError, r"model must be a torch\.nn\.Module, got function"),
        ({"model": nn.ReLU()}, ValueError, "model must have parameters that want a gradient"),
        ({"batches": 3}, TypeError, "batches must be an iterable, got int"),
        ({"batches": None}, TypeError, "batches must be an iterable, got NoneType"),
        ({"batches": [torch.ones(4, 3)]}, ValueError, "batches must be at least 2, got 1"),
        ({"loss": 0.5}, TypeError, "loss must be a function of model and batch, got float"),
        ({"loss": lambda m, x: 0.5}, TypeError, "loss must be a torch tensor, got float"),
        ({"loss": lambda m, x: None}, TypeError, "loss must be a torch tensor, got NoneType"),
        ({"loss": lambda m, x: m(x).mean().item()}, TypeError, "loss must be a torch tensor"),
        ({"loss": lambda m, x: m(x)}, ValueError, r"loss must be one number, got shape \(4, 2\)"),
        ({"loss": lambda m, x: (m(x) > 0).sum()}, TypeError, "loss must hold floating-point"),
        ({"loss": lambda m, x: m(x).mean().detach()}, ValueError, "loss must have a gradient"),
        ({"loss": lambda m, x: x.mean()}, ValueError, "loss must have a gradient"),
        ({"loss": lambda m, x: square(OTHER, x)}, ValueError, "come from the model's parameters"),
        (
            {"model": nn.Linear(3, 2).half()},
            TypeError,
            r"float32, .*, got torch\.float16; for half",
        ),
        (
            {"model": nn.Linear(3, 2, dtype=torch.cfloat)},
            TypeError,
            r"float32, .*, got torch\.complex64",
        ),
        (
            {"model": nn.Embedding(9, 2, sparse=True), "batches": repeat(torch.tensor([3, 4]))},
            TypeError,
            r"model must have dense gradients, got one of torch\.sparse_coo",
        ),
        ({"steps": -1}, ValueError, "steps must be at least 0, got -1"),
        ({"steps": 2.0}, TypeError, "steps must be an integer, got float"),
        ({"steps": True}, TypeError, "steps must be an integer, got bool"),
        ({"lr": 0}, ValueError, "lr must be positive and finite, got 0"),
        ({"lr": math.nan}, ValueError, "lr must be positive and finite, got nan"),
        ({"lr": "1e-3"}, TypeError, "lr must be a number, got str"),
        ({"clip": 0.0}, ValueError, "clip must be positive and finite, got 0"),
        ({"clip": None}, TypeError, "clip must be a number, got NoneType"),
        ({"schedule": 0.5}, TypeError, "schedule must be a function of the step, got float"),
        ({"schedule": lambda step: None}, TypeError, "schedule must be a number, got NoneType"),
        (
            {"schedule": lambda step: math.nan if step == 2 else 1},
            ValueError,
            "schedule must be 0 or more and finite, got nan in step 2",
        ),
        ({"schedule": lambda step: -1}, ValueError, "0 or more and finite, got -1 in step 1"),
        ({"schedule": lambda step: 10**400}, ValueError, "0 or more and finite, got 1000"),
        ({"progress": None}, TypeError, "progress must be text or a Progress, got NoneType"),
    ],
)
def test_wrong_training(wrong, error, message):
    good = {"model": MODEL, "batches": repeat(torch.ones(4, 3)), "loss": square, "steps": 2}
    with pytest.raises(error, match=message):
        fit(**good | wrong)
    assert all(parameter.isfinite().all() for parameter in MODEL.parameters())


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (2**32, ValueError), (1.5, TypeError), (True, TypeError), ("1", TypeError)],
)
def test_wrong_seeds(seed, error):
    with pytest.raises(error, match="seed must be"):
        seed_everything(seed)
