"""An exercise of a chapter, or a question, as one student has it."""

import re
from dataclasses import dataclass

from attnlab.exercises.choice import Choice
from attnlab.exercises.marking import Exercise as Marker

from .kits import Exercise
from .questions import question_of
from .variants import Variant

LABEL = "question-{name}"
_OPTION = re.compile(r"^- \*\*([a-d])\*\* (.*(?:\n(?!- \*\*|\n).*)*)", re.MULTILINE)


@dataclass(frozen=True)
class _Own(Exercise):
    """A multiple choice with its options in another order, or a question that was drawn."""

    own_marker: Marker

    @property
    def marker(self) -> Marker:
        return self.own_marker


def in_order(exercise: Exercise, variant: Variant) -> Exercise:
    """A chapter's exercise; if it is a multiple choice, with letters in the variant's order."""
    order = variant.orders.get(exercise.name)
    if order is None:
        return exercise
    printed = f'check("{exercise.name}")'
    told = vars(exercise) | {
        "stub": exercise.stub.replace(printed, f'check("{exercise.name}", order="{order}")'),
        "solution": _letter_in(exercise, variant),
    }
    return _Own(**told, own_marker=variant.marker(exercise.name))


def options_in(order: str, text: str) -> str:
    """A text with the options of a multiple choice in another order; the same if it has none.

    >>> print(options_in("badc", "- **a** one\\n- **b** two\\n- **c** three\\n- **d** four"))
    - **a** two
    - **b** one
    - **c** four
    - **d** three
    """
    options = dict(_OPTION.findall(text))
    if not options:
        return text
    texts = iter([options[letter] for letter in order])
    return _OPTION.sub(lambda shown: f"- **{shown[1]}** {next(texts)}", text)


def _letter_in(exercise: Exercise, variant: Variant) -> str:
    """The solution of a multiple choice, with the letter that the right option has there."""
    marker = variant.marker(exercise.name)
    assert isinstance(marker.checker, Choice)
    return f'{marker.target} = "{marker.checker.right}"'


def asked_of(name: str, variant: Variant) -> Exercise:
    """A question, as an exercise: a cell with what is asked, and one with its stub."""
    asked, title = variant.asked(name), question_of(name).title
    return _Own(
        name=name,
        label=LABEL.format(name=name.replace("/", "-")),
        title=title,
        task=f"### {title}\n\n{asked.task}",
        stub=asked.stub,
        solution=asked.solution,
        explanation="",
        own_marker=asked.marker,
    )
