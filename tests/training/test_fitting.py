"""The training loop, schedules, losses and batches."""

import math
import sys
from itertools import repeat

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from attnlab.training.batches import sorted_batches
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.losses import cross_entropy
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay, noam, warmup

B, N, V, PAD = 2, 5, 7, 0


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


def test_progress_writes_nothing_where_nobody_watches(capsys):
    with Progress("both", total=4) as progress:
        for _ in range(2):
            fit(nn.Linear(3, 2), repeat(torch.ones(4, 3)), square, steps=2, progress=progress)
    assert progress.done == 4
    assert capsys.readouterr() == ("", "")


def test_progress_in_a_terminal_ends_with_the_steps_alone(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("training", total=2) as progress:
        progress.advance("loss 1.0")
        progress.advance("loss 0.5")
    shown = capsys.readouterr().err
    assert "step 1 of 2 loss 1.0" in shown
    assert shown.endswith("\rtraining: 2 steps".ljust(80) + "\n")


def test_warmup():
    assert [warmup(2)(step) for step in (1, 2, 3)] == [0.5, 1.0, 1.0]


def test_linear_decay_never_rises_again_nor_falls_below_zero():
    schedule = linear_decay(10, warmup_steps=4)
    rates = [schedule(step) for step in range(1, 13)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4:10] == pytest.approx([6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7])
    assert rates[10:] == [0.0, 0.0]


def test_noam_is_highest_at_the_end_of_its_warmup():
    schedule = noam(512, warmup_steps=4000)
    rates = [schedule(step) for step in range(1, 9000)]
    assert max(range(len(rates)), key=rates.__getitem__) + 1 == 4000
    assert schedule(4000) == pytest.approx(1 / math.sqrt(512 * 4000))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: warmup(0), "steps must be at least 1, got 0"),
        (lambda: linear_decay(3, warmup_steps=4), "total must be at least 4, got 3"),
        (lambda: linear_decay(3, warmup_steps=0), "warmup_steps must be at least 1, got 0"),
        (lambda: noam(0), "d_model must be at least 1, got 0"),
    ],
)
def test_wrong_schedules(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@given(smoothing=st.floats(0, 0.9), seed=st.integers(0, 100))
def test_cross_entropy_is_that_of_torch(smoothing, seed):
    torch.manual_seed(seed)
    logits = torch.randn(B, N, V, dtype=torch.float64)
    targets = torch.randint(V, (B, N))
    ours = cross_entropy(logits, targets, smoothing=smoothing)
    theirs = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), label_smoothing=smoothing)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_smoothing_gives_padding_nothing():
    """Neither padded targets nor the padding token in the others' labels count."""
    logits = torch.randn(1, 2, V, dtype=torch.float64, requires_grad=True)
    loss = cross_entropy(logits, torch.tensor([[3, PAD]]), pad=PAD, smoothing=0.6)
    label = torch.full((V,), 0.6 / (V - 1), dtype=torch.float64)
    label[3] += 0.4
    label[PAD] = 0.0
    expected = -(label * logits[0, 0].log_softmax(-1)).sum()
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-12)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert gradient[0, 1].count_nonzero() == 0  # the padded position teaches nothing


def test_more_padding_changes_nothing():
    logits, targets = torch.randn(B, N, V), torch.randint(1, V, (B, N))
    padded = F.pad(targets, (0, 3), value=PAD)
    longer = torch.cat([logits, torch.randn(B, 3, V)], dim=1)
    torch.testing.assert_close(
        cross_entropy(longer, padded, pad=PAD, smoothing=0.1),
        cross_entropy(logits, targets, pad=PAD, smoothing=0.1),
    )


def test_nothing_but_padding_is_zero_with_a_finite_gradient():
    logits = torch.randn(B, N, V, requires_grad=True)
    loss = cross_entropy(logits, torch.zeros(B, N, dtype=torch.int64), pad=PAD)
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad.count_nonzero() == 0


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        ([[1, 2]], {}, r"must have shapes \(B, n, V\) and \(B, n\), got \(2, 5, 7\) and \(1, 2\)"),
        ([[V] * N] * B, {}, "targets must be from 0 to 6, got 7"),
        ([[-100] * N] * B, {}, "targets must be from 0 to 6, got -100"),
        ([[1] * N] * B, {"pad": 9}, "pad must be from 0 to 6, got 9"),
        ([[1] * N] * B, {"smoothing": 1.0}, r"smoothing must be in \[0, 1\), got 1.0"),
    ],
)
def test_wrong_losses(targets, options, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(torch.zeros(B, N, V), torch.tensor(targets), **options)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(1, 10))
def test_sorted_batches_hold_each_once_and_pad_least(lengths, size):
    batches = list(sorted_batches(lengths, size))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    padded = sum(max(lengths[i] for i in batch) * len(batch) for batch in batches)
    by_length = sorted(lengths)
    cuts = [by_length[i : i + size] for i in range(0, len(lengths), size)]
    assert padded == sum(max(cut) * len(cut) for cut in cuts)


def test_sorted_batches_come_in_random_order():
    lengths = [length for length in range(1, 11) for _ in range(4)]
    first, second = (
        list(sorted_batches(lengths, 4, generator=torch.Generator().manual_seed(seed)))
        for seed in (0, 1)
    )
    assert first != second
    assert [lengths[batch[0]] for batch in first] != list(range(1, 11))


def test_wrong_batches():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        list(sorted_batches([1], 0))
    with pytest.raises(ValueError, match="lengths must be of one sequence or more, got none"):
        list(sorted_batches([], 2))
