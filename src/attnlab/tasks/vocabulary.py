"""Words to numbers and back, with four numbers that are not words."""

from collections.abc import Iterable

PAD, BOS, EOS, UNK = 0, 1, 2, 3
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")


class Vocabulary:
    """A numbering of tokens: <pad>, <bos>, <eos>, <unk>, then the given ones, in their order.

    Args:
        tokens: words or characters. One that comes again keeps its first number.

    Raises:
        ValueError: a token is one of the four special ones.

    >>> letters = Vocabulary("abc")
    >>> letters.encode("cab"), letters.encode("x")
    ([6, 4, 5], [3])
    >>> letters.decode([1, 6, 4, 2, 0])
    ['c', 'a']
    """

    def __init__(self, tokens: Iterable[str]):
        words = list(dict.fromkeys(tokens))
        for word in words:
            if word in SPECIAL:
                raise ValueError(f"tokens must not be special ones, got {word!r}")
        self._words = [*SPECIAL, *words]
        self._numbers = {word: number for number, word in enumerate(self._words)}

    def __len__(self) -> int:
        return len(self._words)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """The number of each token; a token that is not known, or is special, becomes <unk>."""
        return [max(self._numbers.get(token, UNK), UNK) for token in tokens]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The tokens up to the first <eos>, without <pad> and <bos>.

        Raises:
            ValueError: a number that no token has.
        """
        tokens = []
        for number in map(int, numbers):
            if not 0 <= number < len(self):
                raise ValueError(f"numbers must be from 0 to {len(self) - 1}, got {number}")
            if number == EOS:
                break
            if number not in (PAD, BOS):
                tokens.append(self._words[number])
        return tokens
