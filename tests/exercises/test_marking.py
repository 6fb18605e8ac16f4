"""The machinery behind `check`: work is found by name, a stub is told from an answer."""

import pytest

from attnlab.exercises import Hint, check, exercise, exercises_of, grade
from attnlab.exercises import marking as machinery
from attnlab.exercises.choice import Choice
from attnlab.exercises.marking import exercise_of


@pytest.fixture
def double(monkeypatch):
    """An exercise "scaling/double" about a function `double`, beside those that exist."""
    exercises_of("scaling")
    monkeypatch.setattr(machinery, "_REGISTRY", dict(machinery._REGISTRY))

    @exercise("scaling/double", "double")
    def checker(double):
        if double(3) == 9:
            raise Hint("that is the square")
        if double(3) != 6:
            raise Hint("not twice the number: {got:.1f} for {n}", got=double(3), n=3)

    return "scaling/double"


class Empty:
    def __call__(self):
        """Nothing yet."""
        ...


def documented(x):
    """What it shall do."""
    ...


def returning(x):
    return ...


@pytest.mark.parametrize("stub", [..., documented, returning, Empty, lambda x: None])
def test_an_untouched_stub_is_not_attempted(double, stub):
    assert grade(double, {"double": stub}).status == "not attempted"


def test_a_name_that_is_not_defined_is_not_attempted(double):
    assert "define `double`" in grade(double, {}).message


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (lambda x: 2 * x, "passed", "right"),
        (lambda x: x**2, "failed", "that is the square"),
        (lambda x: 7, "failed", "not twice the number: 7.0 for 3"),
        (lambda x: "{n}", "failed", "`double` raised ValueError"),
        (lambda: 6, "failed", "`double` raised TypeError"),
        (42, "failed", "`double` raised TypeError: 'int' object is not callable"),
    ],
)
def test_an_answer_is_marked(double, answer, status, message):
    result = grade(double, {"double": answer})
    assert result.status == status
    assert message in result.message


def test_check_looks_where_it_is_called(double, capsys):
    exec("double = lambda x: x + x\ncheck(name)", {"check": check, "name": double})
    assert capsys.readouterr().out == "✓ scaling/double: right\n"


def test_unknown_names_are_listed_with_those_there_are(double):
    with pytest.raises(ValueError, match=r"no exercise 'scaling/triple'; .*scaling/double"):
        grade("scaling/triple", {})
    with pytest.raises(ValueError, match="no exercises for a chapter 'gardening'"):
        exercises_of("gardening")


def test_an_exercise_can_be_read_as_data(double):
    assert exercise_of(double).target == "double"
    explain = exercise_of("scaling/explain").checker
    assert isinstance(explain, Choice)
    assert explain.options == ("a", "b", "c", "d")
    assert explain.hints.keys() == set(explain.options) - {explain.right}
    with pytest.raises(ValueError, match="no exercise 'scaling/triple'"):
        exercise_of("scaling/triple")


def test_a_hint_keeps_its_sentence_and_what_its_places_hold():
    hint = Hint("{n} of {{a, b}}, got {got!r}", n=2, got="{n}")
    assert str(hint) == "2 of {a, b}, got '{n}'"
    assert hint.template == "{n} of {{a, b}}, got {got!r}"
    assert hint.places == {"n": 2, "got": "{n}"}


@pytest.mark.parametrize("places", [{}, {"got": 3}])
def test_a_hint_without_one_of_its_places_cannot_be_made(places):
    with pytest.raises(KeyError, match="right"):
        Hint("expected {right}, got {got}", **places)


def test_a_name_belongs_to_one_exercise(double):
    with pytest.raises(ValueError, match="registered twice"):
        exercise(double, "double")(lambda work: None)
    with pytest.raises(ValueError, match='named "chapter/what"'):
        exercise("double", "double")
