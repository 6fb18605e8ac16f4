"""A choice in the page says what its check says in a notebook: in Python and in JavaScript."""

from collections import Counter
from pathlib import Path

import pytest

import attnbook
from attnbook.solving import told
from attnlab.exercises import Hint, check, marking
from attnlab.exercises.choice import Choice
from tests.exercises.test_choice import CHOICES
from tests.widgets.node import in_node

PAGE = Path(attnbook.__file__).parent / "front" / "exercises.js"
TRIES = ["a", "a", "b", "c", "d", "d", "b"]


@pytest.fixture(autouse=True)
def _no_failures_so_far(monkeypatch):
    monkeypatch.setattr(marking, "_FAILURES", Counter())


def in_a_notebook(name: str, letters: list[str], capsys) -> list[tuple[bool, str]]:
    """Whether each try is right, and what `check` prints behind the exercise's name."""
    target = marking.exercise_of(name).target
    for letter in letters:
        exec(f"check({name!r})", {"check": check, target: letter})
    lines = capsys.readouterr().out.splitlines()
    return [(line[0] == "✓", line.partition(f"{name}: ")[2]) for line in lines]


def in_a_page(name: str, letters: list[str]) -> list[tuple[bool, str]]:
    data, failures, said = told(name), 0, []
    for letter in letters:
        (outcome,) = in_node(("judge", data, letter, failures), modules=(PAGE,))
        failures += not outcome["right"]
        said.append((outcome["right"], outcome["words"]))
    return said


@pytest.mark.parametrize("name", CHOICES)
def test_a_page_says_what_a_notebook_says(name, capsys):
    expected = in_a_notebook(name, TRIES, capsys)
    assert len(expected) == len(TRIES)
    assert {right for right, _ in expected} == {True, False}
    assert in_a_page(name, TRIES) == expected


class Gentle(Choice):
    """Tells more from the second try on."""

    def __call__(self, answer):
        try:
            return super().__call__(answer)
        except Hint as hint:
            raise Hint(str(hint), more=f"{hint}, to say more") from None


def test_later_tries_are_told_more_in_both(monkeypatch, capsys):
    choice = Gentle("b", {"a": "not a", "c": "not c", "d": "not d"}, "right")
    exercise = marking.Exercise(choice, "letter", marking.VALUE)
    monkeypatch.setitem(marking._REGISTRY, "softmax/gentle", exercise)
    said = [
        (False, "not a (The next try tells more.)"),
        (False, "not a, to say more"),
        (True, "right"),
        (False, "not c, to say more"),
    ]
    tries = ["a", "a", "b", "c"]
    assert in_a_notebook("softmax/gentle", tries, capsys) == said
    assert in_a_page("softmax/gentle", tries) == said
