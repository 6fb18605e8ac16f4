"""Multiple choice: an exercise whose answer is a letter, declared as data."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import VALUE, exercise
from attnlab.exercises.notation import shown

LETTERS = "abcd"
NOT_A_LETTER = 'expected one of the letters "a", "b", "c", "d", got {answer}'
NO_ORDER = 'an order has each of the letters "a", "b", "c", "d" once, as in "dbca"; got {order!r}'
# A letter, as people write it: C, c), (c), c. and "c".
_LETTER = re.compile(r"""\s*["'(]*\s*([a-z])\s*["').:]*\s*""", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """The checker of a multiple choice. What each letter stands for is in the book's text.

    Args:
        right: the letter of the right option.
        hints: for the letter of each wrong option, what to tell whoever chose it.
        praise: what to tell whoever is right.

    Raises:
        ValueError: the letters are not a, b, c and d, each there once.
    """

    right: str
    hints: dict[str, str]
    praise: str

    def __post_init__(self):
        if self.options != tuple(LETTERS):
            raise ValueError(f"a choice has the options a, b, c, d, each once; got {self.options}")

    @property
    def options(self) -> tuple[str, ...]:
        """The letters of all options, in order."""
        return tuple(sorted([self.right, *self.hints]))

    def in_order(self, order: str) -> "Choice":
        """The same choice for somebody who sees its options in another order.

        Args:
            order: the letters of the options in the order in which they are shown.

        Raises:
            ValueError: not every letter is there once.

        >>> Choice("c", {"a": "no", "b": "nor this", "d": "nor that"}, "yes").in_order("dbca").right
        'c'
        >>> Choice("c", {"a": "no", "b": "nor this", "d": "nor that"}, "yes").in_order("cdab").right
        'a'
        """
        if not isinstance(order, str) or sorted(order) != list(LETTERS):
            raise ValueError(NO_ORDER.format(order=order))
        shown_as = dict(zip(order, LETTERS, strict=True))
        hints = {shown_as[letter]: hint for letter, hint in self.hints.items()}
        return Choice(shown_as[self.right], hints, self.praise)

    def __call__(self, answer: Any) -> str:
        if isinstance(answer, np.ndarray) and answer.shape == () and answer.dtype.kind == "U":
            answer = answer.item()
        found = _LETTER.fullmatch(answer) if isinstance(answer, str) else None
        letter = found[1].lower() if found else None
        if letter == self.right:
            return self.praise
        if letter in self.hints:
            raise Hint(self.hints[letter])
        raise Hint(NOT_A_LETTER, answer=shown(answer))


def choice(name: str, target: str, *, right: str, hints: dict[str, str], praise: str) -> None:
    """Register the multiple choice `name` ("chapter/what"), whose letter is in `target`.

    Raises:
        ValueError: the letters or the name are not as they should be.
    """
    exercise(name, target, asks=VALUE)(Choice(right, hints, praise))
