"""What checkers ask of answers: each question lets the right ones pass, and names what is wrong."""

from operator import eq

import numpy as np
import pytest
import torch

from attnlab.exercises.answers import judges, on_copy, pair_of, recognize
from attnlab.exercises.marking import Hint


def told(ask, *args, **options) -> str:
    with pytest.raises(Hint) as hint:
        ask(*args, **options)
    return str(hint.value)


X = np.arange(6.0).reshape(2, 3)
MISTAKES = [(X.T, "transposed"), (X + 1, "one too many"), (X[:1], "a row is missing")]


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        (X.T, "transposed"),
        (X + 1 + 1e-9, "one too many"),
        ((X + 1).tolist(), "one too many"),
        (torch.tensor(X[:1]), "a row is missing"),
    ],
)
def test_a_known_mistake_gets_its_hint(got, hint):
    assert told(recognize, got, MISTAKES) == hint


@pytest.mark.parametrize("got", [X, X - 1, X[0], 0.0, np.full((2, 3), np.nan)])
def test_anything_else_gets_none(got):
    recognize(got, MISTAKES)


def test_a_row_that_would_broadcast_is_another_answer():
    recognize(np.ones((2, 3)), [(np.ones(3), "one row"), (1.0, "one number")])


def test_the_first_of_two_is_told_with_its_places_filled():
    wrong = [(3, "{case}: that is {got}, as {case} says"), (3, "too late")]
    assert told(recognize, 3, wrong, alike=eq, case="d = 3", got=3) == (
        "d = 3: that is 3, as d = 3 says"
    )
    recognize("3", wrong, alike=eq, case="d = 3", got=3)


@pytest.mark.parametrize("two", [(1, 2), [X, None]])
def test_two_things_are_handed_on(two):
    assert pair_of(two, "return two") is two


@pytest.mark.parametrize("got", [None, 2, X, "ab", (1,), [1, 2, 3], {1, 2}])
def test_what_is_not_two_things(got):
    assert told(pair_of, got, "return two") == "return two"


@pytest.mark.parametrize("x", [X, torch.tensor(X)])
def test_work_is_done_on_a_copy(x):
    given = []
    got = on_copy(lambda x, y: given.append(x) or y, x, "y", changed="changed")
    assert got == "y"
    assert given[0] is not x and (given[0] == x).all()


@pytest.mark.parametrize("x", [X.copy(), torch.tensor(X)])
def test_whoever_changes_it_is_told(x):
    def spoil(x):
        x[0] = 7

    assert told(on_copy, spoil, x, changed="x was changed") == "x was changed"
    assert (np.asarray(x) == X).all()


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
        (lambda f, x: 1, "return True or False, got 1"),
        (lambda f, x: None, "return True or False, got None"),
        (lambda f, x: x.sort(), "return True or False, got None"),
        (lambda f, x: x.fill(0) or True, "your test changed x itself: work on a copy"),
    ],
)
def test_a_judge_who_is_not(judge, hint):
    assert told(judges, judge, CASES, X) == hint
