"""Multiple choice: marked by letter, and declared so that others can read it as data."""

import re

import numpy as np
import pytest

from attnlab.exercises import check
from attnlab.exercises.choice import Choice, choice
from attnlab.exercises.marking import Hint, exercise_of, exercises_of
from tests.exercises.rooms import BOOK, CHAPTERS

CHOICES = {
    name: exercise.checker
    for chapter in CHAPTERS
    for name in exercises_of(chapter)
    if isinstance((exercise := exercise_of(name)).checker, Choice)
}


@pytest.fixture
def colour():
    hints = {"c": "that is the {{sky}}", "a": "that is grass", "d": "that is snow"}
    return Choice("b", hints, "right: as blood is")


@pytest.mark.parametrize(
    "answer",
    [
        "b",
        "B",
        " b",
        "b \n",
        "b)",
        "(b)",
        " ( B ) ",
        "b.",
        "b:",
        '"b"',
        "'B'",
        np.array("b"),
        np.str_("b"),
    ],
)
def test_the_right_letter_is_praised(colour, answer):
    assert colour(answer) == "right: as blood is"


EXPECTED = 'expected one of the letters "a", "b", "c", "d", got '


class Quiet:
    def __str__(self):
        return "b"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("a", "that is grass"),
        (" C ", "that is the {sky}"),
        ("(d)", "that is snow"),
        ("e", EXPECTED + "'e'"),
        ("", EXPECTED + "''"),
        ("ab", EXPECTED + "'ab'"),
        ("b, c", EXPECTED + "'b, c'"),
        ("b" * 100, EXPECTED + "a str of length 100"),
        (2, EXPECTED + "2"),
        (["b"], EXPECTED + "['b']"),
        ({"b"}, EXPECTED + "{'b'}"),
        (b"b", EXPECTED + "a value of type bytes"),
        (np.array(["b"]), EXPECTED + "['b']"),
        (np.array("e"), EXPECTED + "'e'"),
        (Quiet(), EXPECTED + "a value of type Quiet"),
        (None, EXPECTED + "None"),
    ],
)
def test_any_other_answer_gets_its_hint(colour, answer, hint):
    with pytest.raises(Hint) as given:
        colour(answer)
    assert str(given.value) == hint


@pytest.mark.parametrize(
    ("right", "hints"),
    [
        ("a", {}),
        ("a", {"b": "three", "c": "options"}),
        ("a", {"a": "that is right, too", "b": "", "c": ""}),
        ("a", {"c": "where is b?", "d": "", "e": ""}),
        ("b", {"A": "a capital", "c": "", "d": ""}),
        ("c", {"a": "one", "b": "two", "d)": "three"}),
        ("a", {"b": "", "c": "", "d": "", "e": "five"}),
    ],
)
def test_other_letters_than_the_first_four_are_refused(right, hints):
    with pytest.raises(ValueError, match=r"the options a, b, c, d, each once; got \('"):
        Choice(right, hints, "right")


def test_a_choice_has_an_exercises_name():
    with pytest.raises(ValueError, match='named "chapter/what"'):
        choice(
            "colours", "colour", right="a", hints={"b": "no", "c": "no", "d": "no"}, praise="right"
        )


def test_a_chapter_has_a_choice_but_for_three_that_ask_less():
    having = {name.partition("/")[0] for name in CHOICES}
    assert set(CHAPTERS) - having == {"captions", "pointers", "recommendation"}


@pytest.mark.parametrize("name", CHOICES)
def test_the_text_offers_the_letters_that_are_marked(name):
    """The options' sentences are in the book, and only there."""
    tasks = (
        task
        for page in BOOK.glob("*/*.md")
        for task in page.read_text("utf-8").split("```{exercise-start}")[1:]
    )
    (task,) = (task for task in tasks if f'check("{name}")' in task)
    offered = re.findall(r'^- (?:`"(\w)"`:|\*\*(\w)\*\*) \S', task, re.MULTILINE)
    assert tuple(a or b for a, b in offered) == CHOICES[name].options


@pytest.mark.parametrize("order", ["abcd", "dbca", "badc"])
def test_in_another_order_each_option_has_its_new_letter_and_its_old_hint(colour, order):
    shuffled = colour.in_order(order)
    for place, letter in zip("abcd", order, strict=True):
        if letter == "b":
            assert shuffled(place) == colour("b")
        else:
            with pytest.raises(Hint) as told:
                colour(letter)
            with pytest.raises(Hint, match=str(told.value)):
                shuffled(place)


@pytest.mark.parametrize("order", ["abc", "abca", "abcde", "", 7, None])
def test_an_order_has_every_letter_once(colour, order):
    with pytest.raises(ValueError, match='as in "dbca"; got '):
        colour.in_order(order)


def test_a_notebook_may_show_options_in_another_order(capsys):
    namespace = {"check": check, "what_to_write": "d"}  # the book's c
    exec('check("heads/explain", order="abdc")', namespace)
    exec('check("heads/explain", order="abcc")', namespace)
    exec('check("heads/count", order="abcd")', namespace)
    right, no_order, no_options = capsys.readouterr().out.splitlines()
    assert right.startswith("✓ heads/explain: right")
    assert "got 'abcc'" in no_order and "`count` has none" in no_options
