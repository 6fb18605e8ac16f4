"""Every chapter's exercises are tested by tables of right and wrong answers."""

from importlib import import_module

import pytest

from tests.exercises.rooms import CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_its_tables(chapter):
    """How many answers they must hold, the test class itself asks: see `marking_of`."""
    tests = import_module(f"tests.chapters.{chapter.replace('-', '_')}.test_exercises")
    assert tests.TestMarking.chapter == chapter
