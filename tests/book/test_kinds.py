"""Of each chapter's exercises one takes a minute, one is hard, and one is answered in writing."""

import re

import pytest

from attnlab.exercises.marking import exercise_of
from attnlab.exercises.written import Written
from tests.exercises.rooms import BOOK, CHAPTERS

TASK = re.compile(r"^```\{exercise-start\} (.*?)$(.*?)^```\{solution-end\}", re.M | re.S)
KINDS = ("a minute", "hard", "in writing")


def tasks(chapter: str) -> list[tuple[str, str, str]]:
    """Title, name and text of each exercise on a chapter's page, with its solution."""
    (page,) = BOOK.glob(f"*/{chapter}.md")
    return [
        (title, re.search(r'^check\("(.+)"\)$', text, re.M)[1], text)
        for title, text in TASK.findall(page.read_text("utf-8"))
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_one_of_each_kind(chapter, kind):
    assert sum(title.endswith(f" · {kind}") for title, *_ in tasks(chapter)) == 1


# By the folder of a chapter: in Part 4 one measures more, and is asked less.
COUNTS = {"start": {4}, "work": {4, 5, 6, 7}}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_as_many_exercises_as_its_part_promises(chapter):
    (page,) = BOOK.glob(f"*/{chapter}.md")
    assert len(tasks(chapter)) in COUNTS.get(page.parent.name, {7, 8, 9})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_in_writing_is_marked_by_a_person_and_says_so(chapter):
    for title, name, text in tasks(chapter):
        written = isinstance(exercise_of(name).checker, Written)
        assert written == title.endswith(" · in writing"), title
        if written:
            stub, solution = text.split("```{solution-start}")
            assert "a person" in stub, "the page says that a person marks it"
            assert f'rubric("{name}")' in solution, "the solution shows the points"
