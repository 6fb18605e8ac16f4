"""Exercises in writing: words are counted, and what they are worth a person says."""

import pytest

from attnlab.exercises import grade, rubric
from attnlab.exercises.marking import Hint, exercise_of
from attnlab.exercises.written import Written, written

POINTS = ("It says what.", "It says why.", "It gives an example.")


def test_words_are_counted_and_nothing_is_praised():
    said = Written("why", POINTS)("Because 2 keys — by chance — are alike.\nAnd so?")
    assert said == "9 words; whether they are right, a person says, by the points in the solution"
    assert "right:" not in said
    assert Written("why", POINTS)("Because.").startswith("1 word; whether it is right, a p")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("", "there are no words in `why` yet: write a few sentences, in quotes"),
        ("  \n", "there are no words in `why` yet"),
        ("...", "there are no words in `why` yet"),
        (None, "`why` is None: write a few sentences"),
        (3, "`why` should be text, in quotes; got 3"),
        (["words"], "`why` should be text, in quotes; got ['words']"),
        (b"words", "`why` should be text, in quotes"),
    ],
)
def test_what_is_no_text(answer, hint):
    with pytest.raises(Hint) as told:
        Written("why", POINTS)(answer)
    assert hint in str(told.value)


@pytest.mark.parametrize("points", [[], POINTS[:2], POINTS * 2, [*POINTS, ""], [*POINTS, "…"]])
def test_three_to_five_points(points):
    with pytest.raises(ValueError, match="expected three to five points, each a sentence; got"):
        written("lookup/again", "why", points=list(points))


def test_it_is_graded_as_written_and_its_points_can_be_read(capsys):
    result = grade("lookup/in-writing", {"to_a_friend": "Some words."})
    assert (result.status, result.fault) == ("written", None)
    assert str(result).startswith("✎ lookup/in-writing: 2 words;")
    assert grade("lookup/in-writing", {"to_a_friend": ...}).status == "not attempted"
    rubric("lookup/in-writing")
    shown = capsys.readouterr().out.splitlines()
    points = exercise_of("lookup/in-writing").checker.points
    assert shown == [f"{number}. {point}" for number, point in enumerate(points, 1)]
    with pytest.raises(ValueError, match="'lookup/hard' is marked by its check, not by points"):
        rubric("lookup/hard")
