"""What is asked of counts, numbers, flags and names, and in which words they are refused."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from attnlab.functional import settings


def fine(check, *values, before=()):
    for value in values:
        check(*before, x=value)


def test_integers_of_any_library_are_counts():
    fine(settings.count, 3, np.int64(3), np.uint8(3), before=[3])
    fine(settings.integer, -3, np.int8(-3))
    fine(settings.even, 2, np.int64(4))
    settings.count(0, x=0, y=1)


def test_integers_come_back_as_pythons_own():
    for made in (
        settings.count(0, x=np.uint8(8), y=np.int8(100), z=2),
        settings.integer(x=np.uint8(8), y=np.int8(100), z=2),
        settings.even(x=np.uint8(8), y=np.int8(100), z=2),
    ):
        assert made == (8, 100, 2) and [type(x) for x in made] == [int] * 3


def test_numbers_of_any_type_are_numbers():
    numbers = (1, 1.5, Fraction(1, 2), np.float32(0.5), np.float16(2), np.int64(2), 10**20)
    fine(settings.number, *numbers, -1.0, np.inf, 10**400)
    fine(settings.positive, *numbers, 5e-324)
    fine(settings.share, 0, 0.0, 0.999, Fraction(1, 2), np.float32(0.5))


def test_flags_functions_and_names():
    fine(settings.flag, True, False)
    fine(settings.function, len, lambda: None, int)
    fine(settings.one_of, "a", "b", before=[("a", "b")])


@pytest.mark.parametrize("value", [True, 2.0, "2", None, [2], np.bool_(True), np.float64(2), 2j])
def test_what_is_no_integer_is_named(value):
    for check, before in ((settings.count, [0]), (settings.even, []), (settings.integer, [])):
        with pytest.raises(TypeError, match=f"x must be an integer, got {settings.kind(value)}"):
            check(*before, x=value)


@pytest.mark.parametrize("value", [True, "2", None, [2.0], 2j, Decimal(2), np.array(2.0)])
def test_what_is_no_number_is_named(value):
    for check in (settings.number, settings.positive, settings.share):
        with pytest.raises(TypeError, match=f"x must be a number, got {settings.kind(value)}"):
            check(x=value)
    with pytest.raises(TypeError, match=r"x must be a number, got torch\.Tensor"):
        settings.positive(x=torch.tensor(2.0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: settings.count(3, a=5, b=2), ValueError, "b must be at least 3, got 2"),
        (lambda: settings.even(d=3), ValueError, "d must be even, got 3"),
        (lambda: settings.even(d=0), ValueError, "d must be at least 2, got 0"),
        (lambda: settings.positive(t=0), ValueError, "t must be positive and finite, got 0"),
        (lambda: settings.positive(t=-1e-9), ValueError, "t must be positive and finite, got -1e"),
        (lambda: settings.positive(t=np.nan), ValueError, "t must be positive and finite, got nan"),
        (lambda: settings.positive(t=np.inf), ValueError, "t must be positive and finite, got inf"),
        (lambda: settings.positive(t=10**400), ValueError, "t must be positive and finite, got 1"),
        (
            lambda: settings.positive(t=Fraction(1, 10**400)),
            ValueError,
            "t must be positive and finite, got 1/1",
        ),
        (lambda: settings.share(p=1), ValueError, "p must be at least 0 and below 1, got 1"),
        (lambda: settings.share(p=-0.1), ValueError, "p must be at least 0 and below 1, got -0.1"),
        (lambda: settings.share(p=np.nan), ValueError, "p must be at least 0 and below 1, got nan"),
        (lambda: settings.flag(f=1), TypeError, "f must be True or False, got int"),
        (lambda: settings.flag(f=None), TypeError, "f must be True or False, got NoneType"),
        (lambda: settings.function(f="len"), TypeError, "f must be a function, got str"),
        (
            lambda: settings.one_of(("a", "b"), x="c"),
            ValueError,
            "x must be one of 'a', 'b'; got 'c'",
        ),
        (
            lambda: settings.one_of(("a",), x=["a"]),
            ValueError,
            r"x must be one of 'a'; got \['a'\]",
        ),
    ],
)
def test_bad_settings_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_numbers_beyond_the_floats_are_infinite():
    assert settings.as_float(10**400) == np.inf
    assert settings.as_float(-(10**400)) == -np.inf
    assert settings.as_float(Fraction(1, 4)) == 0.25


def test_kinds_are_shown_with_their_module_unless_they_are_pythons_own():
    assert settings.kind(3) == "int"
    assert settings.kind(np.float32(3)) == "numpy.float32"
