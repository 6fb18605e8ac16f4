"""What checkers ask of answers: what may be right is taken, in any style, the rest is told."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from attnlab.exercises.answers import array, near, number, parts, tensor, text, truth, whole
from attnlab.exercises.marking import Hint


def told(ask, *args, **options) -> str:
    with pytest.raises(Hint) as hint:
        ask(*args, **options)
    return str(hint.value)


X = np.arange(6.0).reshape(2, 3) + 0.1
EVERY = [array, tensor, number, whole, truth, text, parts]


@pytest.mark.parametrize("ask", EVERY)
def test_whoever_returns_nothing_is_asked_for_a_return(ask):
    assert told(ask, None) == "what you return: got None; is a `return` missing?"


@pytest.mark.parametrize(
    "got",
    [
        X,
        X.tolist(),
        tuple(map(tuple, X)),
        torch.tensor(X),
        torch.tensor(X, requires_grad=True),
        list(torch.tensor(X)),
        [torch.tensor(row, requires_grad=True) for row in X],
        X.astype(object),
        X[::-1][::-1],
    ],
)
def test_what_may_be_an_array(got):
    found = array(got, (2, 3))
    assert type(found) is np.ndarray and found.dtype == float
    assert np.array_equal(found, X)
    assert torch.equal(tensor(got, {"n": 2, "m": 3}), torch.tensor(X))


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        ("012", "what you return should be an array of numbers, got '012'"),
        ({1, 2}, "what you return should be an array of numbers, got {1, 2}"),
        ({"a": 1}, "what you return should be an array of numbers, got {'a': 1}"),
        ([[1, 2], [3]], "what you return should be an array of numbers, got [[1, 2], [3]]"),
        ([1, None], "what you return should be an array of numbers, got [1, None]"),
        (np.array([1, None]), "what you return should be an array of numbers, got [1, None]"),
        (np.array(None), "what you return should be an array of numbers, got None"),
        (np.array(["1"], dtype=object), "what you return should be an array of numbers, got ['1']"),
        (["a"], "what you return should be an array of numbers, got ['a']"),
        (..., "what you return should be an array of numbers, got a value of type ellipsis"),
        (iter([1]), "what you return should be an array of numbers, got a value of type list_it"),
        (X > 0, "should be an array of numbers, got [[True, True, True], [True, True, True]] of"),
        (X * 1j, "of dtype complex128"),
        (torch.tensor(X) * 1j, "of dtype torch.complex128"),
        (torch.tensor(X).to_sparse(), "what you return should be an array of numbers, got an arr"),
        (X.T, "what you return should have shape (2, 3), got (3, 2)"),
        (X[0], "what you return should have shape (2, 3), got (3,)"),
        (1.0, "what you return should have shape (2, 3), got ()"),
        ([[1, 2, np.inf], [3, 4, 5]], "what you return should be finite, got inf at [0, 2]"),
        (np.where(X > 4, np.nan, X), "what you return should be finite, got nan at [1, 1]"),
    ],
)
def test_what_is_no_array_of_that_shape(got, hint):
    assert hint in told(array, got, (2, 3))


def test_axes_have_names_and_so_have_results():
    expected = "the weights should have shape (n, m) = (2, 5), got (2, 3)"
    assert told(array, X, {"n": 2, "m": 5}, name="the weights") == expected


def test_what_need_not_be_finite():
    assert np.isnan(array([np.nan, 1.0], finite=False)[0])
    assert np.isinf(number(np.inf, finite=False))
    assert told(number, np.inf) == "what you return should be finite, got inf"


def test_arrays_of_other_kinds():
    assert array([1.0, 3.0000000000000004], of="whole numbers").tolist() == [1, 3]
    assert array([], of="whole numbers").dtype == int
    assert "array of whole numbers, got [1.5]" in told(array, [1.5], of="whole numbers")
    assert array([True, False], of="booleans").tolist() == [True, False]
    assert "array of True and False, got [0, 1]" in told(array, [0, 1], of="booleans")


@pytest.mark.parametrize(
    "got",
    [2, 2.0, np.int64(2), np.float32(2), np.array(2), torch.tensor(2.0), Fraction(2), 2.0000000001],
)
def test_what_may_be_a_number(got):
    assert number(got) == pytest.approx(2)
    assert whole(got) == 2 and type(whole(got)) is int


@pytest.mark.parametrize("got", [True, np.True_, "2", b"2", [2], np.array([2]), (), {}, 2j, print])
def test_what_is_no_number(got):
    assert told(number, got).startswith("what you return should be one number, got ")
    assert told(whole, got).startswith("what you return should be one number, got ")


def test_a_number_that_is_not_whole_and_one_that_is_large():
    assert told(whole, 34.3, name="f(2)") == "f(2) should be a whole number, got 34.3"
    assert whole(2**80 + 1) == 2**80 + 1


@pytest.mark.parametrize("got", [True, np.True_, np.array(True), torch.tensor(True)])
def test_what_may_be_a_verdict(got):
    assert truth(got) is True


@pytest.mark.parametrize("got", [1, 0, "True", [True], np.array([True]), 1.0])
def test_what_is_no_verdict(got):
    assert told(truth, got).startswith("what you return should be True or False, got ")


def test_text():
    assert text("a b") == "a b"
    assert told(text, ["a"], name="`t`") == "`t` should be text, in quotes; got ['a']"


@pytest.mark.parametrize(
    "two", [(1, 2), [X, "b"], np.array([1, 2]), torch.tensor([1, 2]), torch.ones(2).max(dim=0)]
)
def test_parts_are_handed_on(two):
    assert len(parts(two, "a", "b")) == 2


@pytest.mark.parametrize("got", [2, X[0], "ab", (1,), [1, 2, 3], {1, 2}, np.array(2), {1: 2, 3: 4}])
def test_what_has_not_as_many_parts(got):
    said = told(parts, got, "the context", "the weights")
    assert said.startswith("return 2 things, in this order: the context, the weights; got ")


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
