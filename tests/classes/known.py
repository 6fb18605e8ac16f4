"""The answers that the tests of exercises know, marked on both sides of the border.

`python -m tests.classes.known` does it for all chapters, `… known heads` for one.
"""

import importlib
import sys
from collections.abc import Iterator
from typing import Any

from attnlab.exercises import grade
from attnlab.exercises.marking import exercise_of
from tests.book.books import ROOT
from tests.classes.forked import across

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


def differences(chapter: str) -> tuple[int, list[str]]:
    """How many answers of the chapter are known, and which get another verdict over the border."""
    n, others = 0, []
    for case, exercise, answer in answers(chapter):
        target = exercise_of(exercise).target
        here = grade(exercise, {target: answer})
        with across({target: answer}) as remote:
            there = grade(exercise, {target: remote.work(target)})
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
