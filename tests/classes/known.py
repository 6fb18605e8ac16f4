"""Answers that the tests know, to exercises and to questions, marked on both sides of the border.

`python -m tests.classes.known` does it for all chapters, `… known heads` for one.
"""

import importlib
import sys
from collections.abc import Iterator
from typing import Any

from attnclass.questions import questions_of
from attnlab.exercises.marking import Exercise, exercise_of, grade_by
from tests.book.books import ROOT
from tests.classes.asked import asked, solved
from tests.classes.forked import across

DRAWS = 3  # of each question
CHAPTERS = sorted(
    path.parent.name for path in (ROOT / "tests/chapters").glob("*/test_exercises.py")
)


def answers(chapter: str) -> Iterator[tuple[str, str, Any]]:
    """The known answers of a chapter, right and wrong: a name for each, its exercise, and it."""
    module = importlib.import_module(f"tests.chapters.{chapter}.test_exercises")
    for name, kind in vars(module).items():
        if name.startswith("Test") and isinstance(kind, type):
            for test in (kind.test_right_answers_pass, kind.test_wrong_answers_get_their_hint):
                (mark,) = (mark for mark in test.pytestmark if mark.name == "parametrize")
                for case in mark.args[1]:
                    yield f"{test.__name__}[{case.id}]", case.values[0], case.values[1]


def cases(chapter: str) -> Iterator[tuple[str, str, Exercise, Any]]:
    """Each known answer with what marks it; to the questions of the bank, in a few draws."""
    for case, name, answer in answers(chapter):
        yield case, name, exercise_of(name), answer
    for question in questions_of(chapter.replace("_", "-")):
        for seed in range(DRAWS):
            drawn = asked(question, seed)
            for i, answer in enumerate([solved(drawn), *(wrong for wrong, _ in drawn.wrong)]):
                yield f"{question.name}, draw {seed}, {i}", question.name, drawn.marker, answer


def differences(chapter: str) -> tuple[int, list[str]]:
    """How many answers of the chapter are known, and which get another verdict over the border."""
    n, others = 0, []
    for case, name, marker, answer in cases(chapter):
        here = grade_by(marker, name, {marker.target: answer})
        with across({marker.target: answer}) as remote:
            there = grade_by(marker, name, {marker.target: remote.work(marker.target)})
        n += 1
        if (here.status, here.message) != (there.status, there.message):
            others.append(
                f"{case}: {here.status}, {here.message!r}; {there.status}, {there.message!r}"
            )
    return n, others


if __name__ == "__main__":
    failed = False
    for each in sys.argv[1:] or CHAPTERS:
        known, others = differences(each)
        print(each, known, *others, sep="\n  ", flush=True)
        failed |= bool(others)
    sys.exit(failed)
