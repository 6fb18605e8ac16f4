"""Answers beside what is right: a known mistake is named on evidence alone, by its own hint."""

from operator import eq

import numpy as np
import pytest
import torch

from attnlab.exercises.comparison import Comparison, judges, recognize
from attnlab.exercises.hint import Hint
from attnlab.exercises.work import Work
from tests.exercises.test_answers import X, told


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


CASES = [(np.sin, True, "sine is odd, not {got}"), (np.cos, False, "cosine is even, not {got}")]


@pytest.mark.parametrize("answer", [bool, np.bool_])
def test_a_judge_who_is_right_passes(answer):
    judges(lambda f, x: answer(np.allclose(f(-x), -f(x))), CASES, X)


@pytest.mark.parametrize(
    ("judge", "hint"),
    [
        (lambda f, x: False, "sine is odd, not False"),
        (lambda f, x: True, "cosine is even, not True"),
        (lambda f, x: np.allclose(f(x), x), "sine is odd, not False"),
        (lambda f, x: 1, "what you return should be True or False, got 1"),
        (lambda f, x: None, "what you return: got None; is a `return` missing?"),
        (
            lambda f, x: x.fill(0) or True,
            "`judge` changes `x` in place: leave it as it comes in, work on a copy",
        ),
    ],
)
def test_a_judge_who_is_not(judge, hint):
    assert told(judges, Work("judge", judge), CASES, X) == hint
