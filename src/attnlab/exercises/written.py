"""Exercises in writing: a paragraph, which a person marks by a few points."""

import re
from dataclasses import dataclass
from typing import Any

from attnlab.exercises.answers import text
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import TEXT, exercise, exercise_of

FOR_A_PERSON = "{count} words; whether they are right, a person says, by the points in the solution"
ONE_WORD = "1 word; whether it is right, a person says, by the points in the solution"
NOT_WRITTEN = "`{target}` is None: write a few sentences, in quotes"
NO_WORDS = "there are no words in `{target}` yet: write a few sentences, in quotes"
NO_RUBRIC = "{name!r} is marked by its check, not by points"


@dataclass(frozen=True)
class Written:
    """The checker of an exercise in writing: it counts words, and never says that they are right.

    Args:
        target: the name of the learner's text.
        points: what a good answer says, three to five sentences, for whoever marks it.

    Raises:
        ValueError: fewer points, or more, or one without words.
    """

    target: str
    points: tuple[str, ...]

    def __post_init__(self):
        if not 3 <= len(self.points) <= 5 or not all(map(_words, self.points)):
            raise ValueError(f"expected three to five points, each a sentence; got {self.points}")

    def __call__(self, answer: Any) -> str:
        if answer is None:  # which no `return` would mend
            raise Hint(NOT_WRITTEN, target=self.target)
        count = _words(text(answer, name=f"`{self.target}`"))
        if not count:
            raise Hint(NO_WORDS, target=self.target)
        return ONE_WORD if count == 1 else FOR_A_PERSON.format(count=count)


def written(name: str, target: str, *, points: list[str]) -> None:
    """Register the exercise in writing `name` ("chapter/what"), whose text is in `target`.

    Raises:
        ValueError: the points or the name are not as they should be.
    """
    exercise(name, target, asks=TEXT)(Written(target, tuple(points)))


def rubric(name: str) -> None:
    """Print the points by which the answer to an exercise in writing is marked.

    Raises:
        ValueError: there is no exercise of that name, or it is not one in writing.
    """
    checker = exercise_of(name).checker
    if not isinstance(checker, Written):
        raise ValueError(NO_RUBRIC.format(name=name))
    for number, point in enumerate(checker.points, 1):
        print(f"{number}. {point}")


def _words(answer: str) -> int:
    """How many words there are; what has no letter and no digit in it is none."""
    return sum(bool(re.search(r"\w", word)) for word in answer.split())
