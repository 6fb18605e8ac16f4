"""Multiple choice: an exercise whose answer is a letter, declared as data."""

from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import listed

NOT_A_LETTER = "expected one of the letters {letters}, got {answer!r}"


@dataclass(frozen=True)
class Choice:
    """The checker of a multiple choice. What each letter stands for is in the book's text.

    Args:
        right: the letter of the right option.
        hints: for the letter of each wrong option, what to tell whoever chose it.
        praise: what to tell whoever is right.

    Raises:
        ValueError: the letters are not a, b, c, … with each there once.
    """

    right: str
    hints: dict[str, str]
    praise: str

    def __post_init__(self):
        if len(self.options) < 2 or self.options != tuple(ascii_lowercase[: len(self.options)]):
            raise ValueError(
                f"the options of a choice are the letters a, b, c, …, each once; got {self.options}"
            )

    @property
    def options(self) -> tuple[str, ...]:
        """The letters of all options, in order."""
        return tuple(sorted([self.right, *self.hints]))

    def __call__(self, answer: Any) -> str:
        letter = str(answer).strip().lower()
        if letter in self.hints:
            raise Hint(self.hints[letter])
        if letter != self.right:
            raise Hint(
                NOT_A_LETTER, letters=listed(map('"{}"'.format, self.options)), answer=answer
            )
        return self.praise


def choice(name: str, target: str, *, right: str, hints: dict[str, str], praise: str) -> None:
    """Register the multiple choice `name` ("chapter/what"), whose letter is in `target`.

    Raises:
        ValueError: the letters or the name are not as they should be.
    """
    exercise(name, target)(Choice(right, hints, praise))
