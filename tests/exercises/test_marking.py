"""The machinery behind `check`: work is found by name, a stub is told from an answer."""

import sys
from collections import Counter

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
    monkeypatch.setattr(machinery, "_FAILURES", Counter())

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


class Unreadable:
    """An object that raises whatever one asks of it."""

    def __getattribute__(self, name):
        raise SystemExit("enough")

    __repr__ = __str__ = __eq__ = __bool__ = __float__ = lambda *_: sys.exit()
    __hash__ = None


def leave(x):
    raise SystemExit


def exit_(x):
    exit()  # noqa: PLR1722


def speechless(x):
    class Mute(Exception):
        def __str__(self):
            raise KeyError("no words")

    raise Mute


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (lambda x: 2 * x, "passed", "right"),
        (lambda x: x**2, "failed", "that is the square"),
        (lambda x: 7, "failed", "not twice the number: 7.0 for 3"),
        (lambda: 6, "failed", "takes 0 positional arguments but 1 was given"),
        (exit_, "failed", "`double` raised SystemExit"),
        (lambda x: sys.exit("good bye"), "failed", "`double` raised SystemExit: good bye"),
        (leave, "failed", "`double` raised SystemExit"),
        (speechless, "failed", "`double` raised Mute"),
        (42, "failed", "`double` should be a function; got 42"),
        ("x" * 100, "failed", "`double` should be a function; got a str of length 100"),
        (lambda x: Unreadable(), "failed", "what you give in `double` cannot be read: SystemExit"),
        # What goes wrong in the checker itself is not said to be theirs.
        (lambda x: "{n}", "failed", "what you give in `double` cannot be read: ValueError"),
    ],
)
def test_an_answer_is_marked(double, answer, status, message):
    result = grade(double, {"double": answer})
    assert result.status == status and result.message.endswith(message)


def test_an_object_that_raises_at_every_touch_is_failed(double):
    said = "what you give in `double` cannot be read: SystemExit"
    assert grade(double, {"double": Unreadable()}).message == said


def test_what_the_checker_itself_raised_is_kept(double):
    assert isinstance(grade(double, {"double": lambda x: "{n}"}).fault, ValueError)
    assert grade(double, {"double": lambda x: 7}).fault is None
    assert grade(double, {"double": lambda: 7}).fault is None


def test_a_reader_can_stop_what_takes_too_long(double):
    def forever(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(double, {"double": forever})


def test_check_looks_where_it_is_called(double, capsys):
    exec("double = lambda x: x + x\ncheck(name)", {"check": check, "name": double})
    assert capsys.readouterr().out == "✓ scaling/double: right\n"


def test_later_tries_are_told_more(double, capsys):
    def tried(answer):
        exec("check(name)", {"check": check, "name": "scaling/half", "half": answer})
        return capsys.readouterr().out

    @exercise("scaling/half", "half")
    def checker(half):
        if half(4) == 2:
            return
        if half(4) == 8:
            raise Hint("{got} is more", more="divide {n} by 2", got=8, n=4)
        raise Hint("no")

    assert tried(lambda x: x * 2) == "✗ scaling/half: 8 is more (The next try tells more.)\n"
    assert tried(lambda x: x * 2) == "✗ scaling/half: divide 4 by 2\n"
    assert tried(lambda x: 1) == "✗ scaling/half: no\n"
    assert tried(lambda x: 2) == "✓ scaling/half: right\n"
    result = grade("scaling/half", {"half": lambda x: x * 2})
    assert (result.message, result.more) == ("8 is more", "divide 4 by 2")


def test_what_an_exercise_asks_for(double):
    got = []
    for asks in ("a function", "a change", "a value", "a text"):
        exercise(f"scaling/{asks}", "x", asks=asks)(got.append)
    statuses = [grade(f"scaling/{asks}", {"x": len}).status for asks in ("a value", "a text")]
    assert statuses == ["passed", "written"] and got == [len, len]
    grade("scaling/a function", {"x": len})
    grade("scaling/a change", {"x": len})
    assert [work.in_place for work in got[2:]] == [False, True]
    with pytest.raises(ValueError, match=r"asks should be one of .*; got 'a poem'"):
        exercise("scaling/poem", "x", asks="a poem")


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
