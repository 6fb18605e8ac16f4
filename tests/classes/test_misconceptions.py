"""The sentences of a checker are those that the tests' wrong answers get."""

import re

import pytest

from attnclass.misconceptions import _GENERAL, misconceptions
from attnlab.exercises import grade
from attnlab.exercises.marking import FUNCTION, exercise_of, exercises_of
from tests.classes.known import answers
from tests.exercises.rooms import CHAPTERS

FUNCTIONS = [
    x for chapter in CHAPTERS for x in exercises_of(chapter) if exercise_of(x).asks == FUNCTION
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_exercise_knows_misconceptions_each_a_line_of_words(name):
    found = misconceptions(exercise_of(name).checker)
    assert len(found) >= 3 and len({*found}) == len(found)
    for words in found:
        assert "\n" not in words and "{" not in words and not words.startswith("right")


@pytest.mark.parametrize("room", ["heads", "block"])
def test_what_wrong_answers_are_told_is_among_them(room):
    """Unless it is said of any answer of the wrong kind."""
    general = "|".join(re.sub(r"\\\{[^}]*\\\}", ".*", re.escape(words)) for words in _GENERAL)
    for case, name, answer in answers(room):
        if exercise_of(name).asks != FUNCTION or "wrong" not in case:
            continue
        said = grade(name, {exercise_of(name).target: answer}).message
        known = misconceptions(exercise_of(name).checker)
        patterns = [".*" + re.escape(words).replace("…", ".*") for words in known]
        assert re.fullmatch("|".join([*patterns, general]), said, re.DOTALL), f"{name}: {said}"
