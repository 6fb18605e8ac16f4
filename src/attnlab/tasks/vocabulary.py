"""Words to numbers and back, with four numbers that are not words."""

from collections.abc import Iterable
from typing import Any

from attnlab.functional import settings

PAD, BOS, EOS, UNK = 0, 1, 2, 3
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")


class Vocabulary:
    """A numbering of tokens: <pad>, <bos>, <eos>, <unk>, then the given ones, in their order.

    Args:
        tokens: words or characters. One that comes again keeps its first number.

    Raises:
        TypeError: a token is no text, or what holds them no iterable.
        ValueError: a token is one of the four special ones.

    >>> letters = Vocabulary("abc")
    >>> letters.encode("cab"), letters.encode("x")
    ([6, 4, 5], [3])
    >>> letters.decode([1, 6, 4, 2, 0])
    ['c', 'a']
    """

    def __init__(self, tokens: Iterable[str]):
        settings.iterable(tokens=tokens)
        words = list(dict.fromkeys(map(_text, tokens)))
        for word in words:
            if word in SPECIAL:
                raise ValueError(f"tokens must not be special ones, got {word!r}")
        self._words = [*SPECIAL, *words]
        self._numbers = {word: number for number, word in enumerate(self._words)}

    def __len__(self) -> int:
        return len(self._words)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """The number of each token; a token that is not known, or is special, becomes <unk>.

        Raises:
            TypeError: a token is no text, or what holds them no iterable.
        """
        settings.iterable(tokens=tokens)
        return [max(self._numbers.get(_text(token), UNK), UNK) for token in tokens]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The tokens up to the first <eos>, without <pad> and <bos>.

        Raises:
            TypeError: no iterable, or a number that is no integer, as in a tensor of floats, of
                truth values or of two axes.
            ValueError: a number that no token has.
        """
        settings.iterable(numbers=numbers)
        tokens = []
        for number in map(_integer, numbers):
            if not 0 <= number < len(self):
                raise ValueError(f"numbers must be from 0 to {len(self) - 1}, got {number}")
            if number == EOS:
                break
            if number not in (PAD, BOS):
                tokens.append(self._words[number])
        return tokens


def _text(token: str) -> str:
    if not isinstance(token, str):
        raise TypeError(f"tokens must be text, got {settings.kind(token)}")
    return token


def _integer(number: Any) -> int:
    """The number, which may be NumPy's or of a tensor."""
    value = number.tolist() if hasattr(number, "tolist") else number
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"numbers must be integers, got {number!r}")
    return value
