"""Wherever the project names an exercise, there is one, and each is on its chapter's page."""

import re

import pytest

from attnlab.exercises import exercises_of
from tests.book.books import ROOT
from tests.book.test_kinds import tasks
from tests.exercises.rooms import CHAPTERS

EVERY = {name for chapter in CHAPTERS for name in exercises_of(chapter)}
CALLED = re.compile(r"""\b(?:check|grade|rubric|exercise_of)\(\s*["']([\w-]+/[\w-]+)["']""")
# What is quoted in prose and looks like one; in code it may be a chapter's page, or a file.
QUOTED = re.compile(rf"""["`]((?:{"|".join(CHAPTERS)})/[\w-]+)["`]""")
# The changelog speaks of what has gone.
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("book/**/*.md")]
CODE = [
    path
    for folder in ("src", "tests", "tools")
    for path in ROOT.glob(f"{folder}/**/*.py")
    # The machinery's own tests register exercises, and ask for some that there are not.
    if ROOT / "tests" / "exercises" not in path.parents and path.name != "test_exercise_names.py"
]


def unknown(text: str, *patterns: re.Pattern) -> set[str]:
    """The exercises that a text names, of a chapter that there is, and that there are not."""
    named = {name for pattern in patterns for name in pattern.findall(text)}
    return {name for name in named - EVERY if name.partition("/")[0] in CHAPTERS}


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_prose_names_exercises_that_there_are(path):
    assert unknown(path.read_text("utf-8"), CALLED, QUOTED) == set()


def test_code_names_exercises_that_there_are():
    found = {str(path): unknown(path.read_text("utf-8"), CALLED) for path in CODE}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_page_asks_for_each_exercise_in_the_order_of_the_checkers(chapter):
    assert [name for _, name, _ in tasks(chapter)] == exercises_of(chapter)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('check("heads/roses")', {"heads/roses"}),
        ("e.grade('heads/roses', {})", {"heads/roses"}),
        ('see "heads/roses" and `heads/tulips`', {"heads/roses", "heads/tulips"}),
        ('check("heads/writes") and "heads/count"', set()),
        ('check("gardening/roses"), `heads/widget.js`, "mechanism/lookup"', set()),
    ],
)
def test_what_counts_as_a_name(text, names):
    assert unknown(text, CALLED, QUOTED) == names
