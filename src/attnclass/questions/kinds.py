"""Kinds of questions: a value, one sentence of four, a function, a text."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.choice import LETTERS, Choice
from attnlab.exercises.comparison import recognize
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import FUNCTION, RIGHT, TEXT, VALUE, Exercise
from attnlab.exercises.written import Written

from .bank import Asked, Question, add

# What students read below what is asked, and what they are told.
NUMBER = "Set `{target}` to the number."
WHOLE = "Set `{target}` to the whole number."
ARRAY = "Set `{target}` to the array of shape {shape}; lists of numbers will do."
ROUNDED = "An error of {within:g} is allowed."
LETTER = "Set `{target}` to the letter of your answer."
WORDS = "Write a few sentences, in quotes; a person marks them."
OTHER = "`{target}` is not right"
NO_SENTENCE = "the question {name!r} has no sentence {sentence!r} any more"


def value(
    task: str,
    target: str,
    right: Any,
    wrong: Iterable[tuple[Any, str]],
    *,
    solution: str,
    places: int | None = None,
) -> Asked:
    """A question whose answer is a number, or an array of numbers.

    Args:
        target: the name that the student gives it.
        right: what is right.
        wrong: what comes out under a misconception, and the hint for whoever has it, which names
            no number that was drawn.
        solution: code that computes the answer in another way than `right`.
        places: how many places after the point count; without it the answer is exact.
    """
    numbers = np.asarray(right)
    within = 0.0 if places is None else 10.0**-places
    if numbers.shape:
        words = ARRAY.format(target=target, shape=numbers.shape)
    else:
        words = (WHOLE if numbers.dtype.kind in "iu" else NUMBER).format(target=target)
    if within:
        words = f"{words}\n{ROUNDED.format(within=within)}"

    def alike(got: Any, other: Any) -> bool:
        got, other = np.asarray(got), np.asarray(other)
        # A last place rounded twice is no mistake, nor is what floats add to a whole number.
        return got.shape == other.shape and np.allclose(got, other, rtol=1e-9, atol=1.01 * within)

    def checker(answer: Any) -> str:
        got = array(answer, numbers.shape, name=f"`{target}`")
        if alike(got, numbers):
            return RIGHT
        recognize(got, wrong, alike=alike)
        raise Hint(OTHER, target=target)

    wrong = tuple(wrong)
    marker = Exercise(checker, target, VALUE)
    return Asked(f"{task}\n\n{words}", f"{target} = ...", marker, solution, wrong)


def sentences(
    name: str, title: str, target: str, *, asks: str, right: list[str], wrong: dict[str, str]
) -> None:
    """Add a question that shows one right sentence and three wrong ones.

    Args:
        asks: the question above the sentences.
        wrong: for each wrong sentence what to tell whoever chose it.

    Raises:
        ValueError: the name is taken.
    """

    def draw(draws: Random) -> dict[str, Any]:
        options = [draws.choice(right), *draws.sample(sorted(wrong), 3)]
        draws.shuffle(options)
        return {"options": options}

    def ask(options: list[str]) -> Asked:
        for sentence in options:
            if sentence not in right and sentence not in wrong:
                raise ValueError(NO_SENTENCE.format(name=name, sentence=sentence))
        letters = dict(zip(LETTERS, options, strict=True))
        (letter,) = (x for x, sentence in letters.items() if sentence in right)
        hints = {x: wrong[sentence] for x, sentence in letters.items() if x != letter}
        shown = "\n".join(f"- **{x}** {sentence}" for x, sentence in letters.items())
        marker = Exercise(Choice(letter, hints, RIGHT), target, VALUE)
        task = f"{asks}\n\n{shown}\n\n{LETTER.format(target=target)}"
        return Asked(task, f"{target} = ...", marker, f'{target} = "{letter}"')

    add(Question(name, title, draw, ask))


def function(task: str, stub: str, checker: Callable[[Any], str | None], *, solution: str) -> Asked:
    """A question whose answer is a function.

    Args:
        stub: its head, such as `def split(x, h):`.
        checker: what marks it, as in a chapter's exercises.
        solution: code that defines a right one.
    """
    target = stub.removeprefix("def ").partition("(")[0]
    return Asked(task, f"{stub}\n    ...", Exercise(checker, target, FUNCTION), solution)


def essay(task: str, target: str, points: list[str], *, solution: str) -> Asked:
    """A question whose answer is a text, which a person marks.

    Args:
        points: what a good answer says, three to five sentences; whatever is drawn, the same.
        solution: an answer that says all of it.
    """
    marker = Exercise(Written(target, tuple(points)), target, TEXT)
    return Asked(f"{task}\n\n{WORDS}", f"{target} = ...", marker, solution)
