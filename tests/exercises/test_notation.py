"""What hints show: short, and with what differs."""

import numpy as np
import pytest
import torch

from attnlab.exercises.notation import apart, shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "'a'"),
        (10**90, str(10**90)),
        (True, "True"),
        (torch.tensor([1.5, 2]), "[1.5, 2.0]"),
        (torch.zeros(3, 4, requires_grad=True), "an array of shape (3, 4)"),
        (torch.tensor(2.5), "2.5"),
        (np.zeros((0, 4)), "[]"),
        (list(range(100)), "a list of length 100"),
        ([np.zeros(9), "x" * 80], "a list of length 2"),
        ((), "()"),
        (print, "a value of type builtin_function_or_method"),
        (torch.nn.Linear(2, 2), "a value of type Linear"),
    ],
)
def test_a_value_is_shown_briefly(value, expected):
    assert shown(value) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.8, 1.8), ("1.8", "1.8")),
        ((1 / 3, 1 / 3 + 1e-15), ("0.333333333333333", "0.333333333333334")),
        ((0.0, -0.0), ("0", "-0")),
        ((np.float32(0.1), 0.1), ("0.100000001", "0.1")),
        ((12345.6, 12345.7), ("12345.6", "12345.7")),
        ((1e300, np.inf), ("1e+300", "inf")),
        ((3, True), ("3", "True")),
    ],
)
def test_two_numbers_are_told_apart(values, expected):
    assert apart(*values) == expected
