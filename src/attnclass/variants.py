"""What is otherwise in each student's notebook: the order of options, and what questions ask.

All of it is drawn from a secret, which stays in the assignment's folder, and is kept there, so that
each is marked by the values that were handed out, though the bank may have others by then.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from attnlab.exercises.choice import LETTERS, Choice
from attnlab.exercises.marking import VALUE, Exercise, exercise_of
from attnlab.exercises.written import Written

from .questions import Asked, question_of, questions_of

FILE, SECRET = "variants.json", "secret"
# In place of an id, which has neither: what all get, and, where each gets something of their own, a
# specimen.
EVERYBODY, NOBODY = "", " "
BROKEN = "{path} cannot be read as what `attnclass new` writes ({reason}): make the assignment anew"


@dataclass(frozen=True)
class Variant:
    """What was drawn for a student.

    Attributes:
        orders: of multiple choices, the book's letters in the order in which options are shown.
        drawn: of questions, the values.
    """

    orders: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, dict[str, Any]] = field(default_factory=dict)

    def asked(self, name: str) -> Asked:
        """A question as this student has it.

        Raises:
            ValueError: the bank has no such question any more.
        """
        return question_of(name).ask(**self.drawn[name])

    def marker(self, name: str) -> Exercise:
        """What marks an exercise or a question for this student."""
        if name in self.drawn:
            return self.asked(name).marker
        marker = exercise_of(name)
        return marker.in_order(self.orders[name]) if name in self.orders else marker

    @cached_property
    def fingerprint(self) -> str:
        """By which a notebook says whose it is, without saying what is in it."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]


AS_PRINTED = Variant()


def draw(secret: str, student: str, exercises: Iterable[str], chapters: Iterable[str]) -> Variant:
    """What a student gets: each draw rests on its own name, so that another one changes nothing.

    Args:
        exercises: those of chapters; of multiple choices among them the order is drawn.
        chapters: all of whose questions are drawn.

    >>> draw("s", "ada", ["heads/explain"], []) == draw("s", "ada", ["heads/explain"], [])
    True
    """

    def draws(name: str) -> Random:
        return Random(json.dumps([secret, student, name]))

    orders = {
        name: "".join(draws(name).sample(LETTERS, len(LETTERS)))
        for name in exercises
        if isinstance(exercise_of(name).checker, Choice)
    }
    every = [each for chapter in chapters for each in questions_of(chapter)]
    return Variant(orders, {each.name: each.draw(draws(each.name)) for each in every})


def of_numbers(chapter: str) -> list[str]:
    """The questions on a chapter whose answer is a number, or an array of numbers."""
    variant = draw("", "", [], [chapter])
    markers = {name: variant.marker(name) for name in variant.drawn}
    return [
        name
        for name, marker in markers.items()
        if marker.asks == VALUE and not isinstance(marker.checker, Choice)
    ]


def for_exam(secret: str, chapter: str, many: int) -> list[str]:
    """So many questions on a chapter, drawn for everybody, or all that there are."""
    names = [each.name for each in questions_of(chapter)]
    chosen = Random(json.dumps([secret, chapter])).sample(names, min(many, len(names)))
    return [name for name in names if name in chosen]


def points_of(question: str) -> float:
    """What a question is worth: a point, or one for each point of its rubric."""
    checker = draw("", "", [], [question.partition("/")[0]]).marker(question).checker
    return float(len(checker.points)) if isinstance(checker, Written) else 1.0


def of_students(variants: dict[str, Variant]) -> list[str]:
    """The ids of those who have something of their own."""
    return [student for student in variants if student not in (EVERYBODY, NOBODY)]


def read_variants(folder: Path) -> dict[str, Variant]:
    """By student what was drawn; nothing where all have the chapters as they are printed.

    Raises:
        ValueError: the file is not what was written.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        return {student: Variant(**each) for student, each in json.loads(path.read_text()).items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(BROKEN.format(path=path, reason=error)) from error


def written(variants: dict[str, Variant]) -> str:
    """`variants.json`, a line for each student."""
    lines = (f"{json.dumps(student)}: {json.dumps(asdict(x))}" for student, x in variants.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
