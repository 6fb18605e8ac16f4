"""Schedules of the learning rate."""

import math

import numpy as np
import pytest
import torch

from attnlab.training.schedules import linear_decay, noam, warmup


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


SCHEDULES = [warmup(4), linear_decay(9, warmup_steps=3), linear_decay(1), noam(64), noam(1)]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_step_0_has_no_rate_yet(schedule):
    assert schedule(0) == 0.0


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_torchs_own_scheduler_may_call_them(schedule):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
    for step in range(1, 4):
        optimizer.step()
        scheduler.step()
        assert scheduler.get_last_lr() == [0.5 * schedule(step)]


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (-1, ValueError, "step must be at least 0, got -1"),
        (1.0, TypeError, "step must be an integer, got float"),
        (True, TypeError, "step must be an integer, got bool"),
        (None, TypeError, "step must be an integer, got NoneType"),
    ],
)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_wrong_steps(schedule, step, error, message):
    with pytest.raises(error, match=message):
        schedule(step)


@pytest.mark.parametrize("number", [np.int8, np.uint8, np.int64])
def test_small_integers_do_not_overflow(number):
    most = np.iinfo(number).max if number is not np.int64 else 1000
    for small, plain in (
        (warmup(number(most)), warmup(int(most))),
        (
            linear_decay(number(most), warmup_steps=number(2)),
            linear_decay(int(most), warmup_steps=2),
        ),
        (noam(number(most), warmup_steps=number(100)), noam(int(most), warmup_steps=100)),
    ):
        for step in (1, 100, 127):
            assert small(number(step)) == plain(step)


@pytest.mark.parametrize("make", [warmup, linear_decay, noam])
@pytest.mark.parametrize("wrong", [2.0, True, "2", None])
def test_schedules_of_integers_alone(make, wrong):
    with pytest.raises(TypeError, match="must be an integer, got"):
        make(wrong)
