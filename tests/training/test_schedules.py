"""Schedules of the learning rate."""

import math

import pytest

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
