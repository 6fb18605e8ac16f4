"""What is right passes, and a misconception is named where nothing else explains the answers."""

from operator import eq

import numpy as np
import pytest
import torch

from attnlab.exercises.comparison import Comparison, near, recognize
from attnlab.exercises.hint import Hint
from tests.exercises.marking import told

X = np.arange(6.0).reshape(2, 3) + 0.1


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (X, X),
        (X.tolist(), X),
        (torch.tensor(X), X),
        (X.astype(np.float32), X),  # single precision is excused
        (X.astype(np.float32).tolist(), X),  # and shows in the numbers themselves
        (X * (1 + 1e-9), X),
        (X - X.mean() + 1e-12, X - X.mean()),  # the largest says what is small
        ([np.inf, np.nan], np.array([np.inf, np.nan])),
        (3, 3.0),
        (np.float64(3), 3),
        (None, None),
        ({"A", "B"}, {"B", "A"}),
        ("a", "a"),
        ([], np.zeros(0)),
    ],
)
def test_what_is_near(got, right):
    assert near(got, right)


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (X + 1e-6, X),
        (X / (1 + 1e-6), X),
        (X.astype(np.float32) * np.float32(1.001), X),
        (X[0], X),
        (X[:1], X),
        (1.0, np.ones(3)),
        (X.T, X),
        (np.nan, 1.0),
        (True, 1),
        (1, True),
        (49320.4, 49320),
        ([0.5 + 1e-6, 0.5], [0.5, 0.5]),  # though a float32 holds what is right
        ([1e9, 1.001], [1e9, 1.0]),
        (100_000_001, 100_000_000),
        ("3", 3),
        (None, 0.0),
        ({"A"}, {"A", "B"}),
        (frozenset("A"), "A"),
    ],
)
def test_what_is_not(got, right):
    assert not near(got, right)


def compared(answer, wrong, cases=((2, 2), (3, 2), (1, 5))):
    """What is told of a product that is `answer`; each of `wrong` is a misconception's."""
    with Comparison() as compare:
        for a, b in cases:
            given = [(f(a, b), hint) for f, hint in wrong]
            compare(answer(a, b), a * b, given, case=f"{a}, {b}", a=a)


SUM = (lambda a, b: a + b, "{case}: the sum, for {a}")
POWER = (lambda a, b: a**b, "the power")
DOUBLE = (lambda a, b: 2 * a, "the double")


def test_a_right_answer_passes_and_a_known_mistake_gets_its_hint():
    assert compared(lambda a, b: b * a, [SUM, POWER]) is None
    assert told(compared, SUM[0], [SUM, POWER]) == "3, 2: the sum, for 3"
    assert told(compared, POWER[0], [SUM, POWER]) == "the power"


def test_a_mistake_that_explains_one_case_and_not_the_other_is_not_named():
    assert told(compared, lambda a, b: a + b if b < 5 else 7, [SUM, POWER]) == (
        "3, 2: expected 6, got 5"
    )


def test_neither_of_two_that_no_case_tells_apart_is_named():
    twice = [DOUBLE, (lambda a, b: a + a, "another double")]
    assert told(compared, DOUBLE[0], twice) == "1, 5: expected 5, got 2"
    with Comparison() as compare:
        compare(6, 6, [(5, "five"), (5, "one less"), (6, "the same")], case="3, 2")
    assert compare.indistinct() == [("five", "one less"), ("the same", "right")]


def test_a_mistake_may_have_two_forms_and_a_case_may_lack_it():
    with pytest.raises(Hint, match="a turn"), Comparison() as compare:
        compare(9, 8, [(7, "a turn off"), (9, "a turn off")], case="2, 4")
        compare(6, 6, [(5, "one less")], case="2, 3")


def test_more_is_told_later():
    with pytest.raises(Hint) as hint, Comparison() as compare:
        compare(5, 6, [(5, "no: {case}", "add nothing in {case}")], case="3, 2")
    assert (str(hint.value), hint.value.more) == ("no: 3, 2", "add nothing in 3, 2")


def test_a_place_that_stays_empty_is_found_by_any_answer():
    with pytest.raises(KeyError, match="b"), Comparison() as compare:
        compare(6, 6, [(5, "no: {b}")], case="3, 2")


def test_an_error_inside_is_not_hidden_by_a_verdict():
    with pytest.raises(ZeroDivisionError), Comparison() as compare:
        compare(5, 6, case="3, 2")
        1 / 0  # noqa: B018


@pytest.mark.parametrize(
    ("got", "right", "hint"),
    [
        (1.8, 1.8000001, "c: expected 1.8000001, got 1.8"),
        (3, 3.5, "c: expected 3.5, got 3"),
        (None, 4, "c: expected 4, got None"),
        ("49320", 49320, "c: expected 49320, got '49320'"),
        (X.T, X, "c: expected shape (2, 3), got (3, 2)"),
        (X + np.array([0, 0, 1e-5]), X, "c: at [0, 2] expected 2.1, got 2.10001"),
        (np.where(X > 5, np.nan, X), X, "c: at [1, 2] expected 5.1, got nan"),
        (X > 2, X > 3, "c: at [0, 2] expected False, got True"),
        ([1, 3], [1, 2], "c: at [1] expected 2, got 3"),
    ],
)
def test_the_neutral_hint_shows_what_differs(got, right, hint):
    with pytest.raises(Hint) as given, Comparison() as compare:
        compare(got, right, case="c")
    assert str(given.value) == hint


MISTAKES = [(X.T, "transposed"), (X + 1, "one too many"), (X[:1], "a row is missing")]


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        (X.T, "transposed"),
        (X + 1 + 1e-12, "one too many"),
        ((X + 1).tolist(), "one too many"),
        (torch.tensor(X[:1]), "a row is missing"),
    ],
)
def test_one_case_may_be_enough(got, hint):
    assert told(recognize, got, MISTAKES) == hint


@pytest.mark.parametrize("got", [X, X - 1, X[0], 0.0, np.full((2, 3), np.nan)])
def test_anything_else_is_not_recognized(got):
    recognize(got, MISTAKES)


def test_what_two_misconceptions_give_is_none_of_them():
    recognize(3, [(3, "{case}: one"), (3, "another")], alike=eq, case="d = 3")
    twice = [(3, "{case}: one"), (3, "{case}: one")]
    assert told(recognize, 3, twice, alike=eq, case="d = 3") == "d = 3: one"
