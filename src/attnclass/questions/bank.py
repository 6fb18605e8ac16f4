"""The bank: questions by name, found by their chapter."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

from attnlab.exercises.marking import Exercise, exercises_of

NO_QUESTION = "there is no question {name!r} in this version of attnclass"
TWICE = "the question {name!r} is there twice"


@dataclass(frozen=True)
class Asked:
    """A question whose values are drawn.

    Attributes:
        task: what is asked, in Markdown.
        stub: what the student's cell holds.
        marker: what marks the answer.
        solution: code that gives a right answer, or words that are one.
        wrong: values that misconceptions give, each with its hint.
    """

    task: str
    stub: str
    marker: Exercise
    solution: str
    wrong: tuple[tuple[Any, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """A question before its values are drawn.

    Attributes:
        name: "chapter/what", which no exercise of the chapter has.
        draw: gives the values, of which JSON can be made.
        ask: makes the question of them.
    """

    name: str
    title: str
    draw: Callable[[Random], dict[str, Any]]
    ask: Callable[..., Asked]


_BANK: dict[str, Question] = {}


def question(
    name: str, title: str, **values: list
) -> Callable[[Callable[..., Asked]], Callable[..., Asked]]:
    """Add a question to the bank: a function of what is drawn, each from the values it may have.

    A question without values is the same for everybody.

    Raises:
        ValueError: the name is taken.
    """

    def register(ask: Callable[..., Asked]) -> Callable[..., Asked]:
        add(Question(name, title, lambda draws: _drawn(draws, values), ask))
        return ask

    return register


def _drawn(draws: Random, values: dict[str, list]) -> dict[str, Any]:
    return {key: draws.choice(each) for key, each in values.items()}


def add(asked: Question) -> None:
    """Add a question to the bank.

    Raises:
        ValueError: the name is taken.
    """
    if asked.name in _BANK:
        raise ValueError(TWICE.format(name=asked.name))
    _BANK[asked.name] = asked


def questions_of(chapter: str) -> list[Question]:
    """The questions on a chapter, in the order of their file; none where there is none.

    Raises:
        ValueError: there is no such chapter.
    """
    exercises_of(chapter)
    room = f"{__package__}.{chapter.replace('-', '_')}"
    if find_spec(room):
        import_module(room)
    return [each for name, each in _BANK.items() if name.startswith(chapter + "/")]


def question_of(name: str) -> Question:
    """The question of that name.

    Raises:
        ValueError: there is none.
    """
    questions_of(name.partition("/")[0])
    if name not in _BANK:
        raise ValueError(NO_QUESTION.format(name=name))
    return _BANK[name]
