"""Dates as people write them, in many languages, to be written as 2026-03-08.

The ways of writing are those of the Unicode CLDR, as the package Babel brings them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import torch
from babel import Locale, UnknownLocaleError
from babel.dates import DateTimeFormat, match_skeleton, tokenize_pattern
from torch import Generator

from attnlab.functional import settings
from attnlab.tasks.pairs import Batch, Pair, collate
from attnlab.tasks.sizes import whole, without_end
from attnlab.tasks.split import Split, draw, is_held_out
from attnlab.tasks.vocabulary import Vocabulary
from attnlab.training.batches import drawing_device

# Each way of writing, and the fields that CLDR looks it up by where it has no name there.
FORMATS = {"full": None, "long": None, "medium": None, "abbreviated": "yMMMEd", "numeric": "yMd"}
# The fields of 2026-03-08, by their letters.
ISO: dict[str | None, range] = {
    "y": range(4),
    "M": range(5, 7),
    "L": range(5, 7),
    "d": range(8, 10),
}


@dataclass(frozen=True)
class Dates:
    """Sources such as "Sunday, March 8, 2026" to targets such as "2026-03-08", by character.

    One *day* in five is held out, in every language and format, so that neither a test date nor
    any way to write it is in training.

    Args:
        languages: as CLDR names them: "en", "de", "zh", "pt_BR" …
        formats: some of "full", "long", "medium", "abbreviated" and "numeric".
        first_year, last_year: which years to draw from, between 1000 and 9999.

    Raises:
        TypeError: a year is not an integer, or a language is no text.
        ValueError: no or unknown languages or formats, years out of order or range, or a text that
            means two days, as 3/8/2026 does in "en" and "es" together.

    >>> dates = Dates(("en", "zh"))
    >>> dates.text(date(2026, 3, 8), "en", "full"), dates.text(date(2026, 3, 8), "zh", "long")
    ('Sunday, March 8, 2026', '2026年3月8日')
    >>> pair = dates.pair(date(2026, 3, 8), "en", "medium")
    >>> "".join(dates.tgt_vocabulary.decode(pair.tgt)), pair.alignment[-1]
    ('2026-03-08', {4})
    """

    languages: tuple[str, ...] = ("en",)
    formats: tuple[str, ...] = tuple(FORMATS)
    first_year: int = 1950
    last_year: int = 2049

    def __post_init__(self):
        whole(1000, self, "first_year")
        whole(self.first_year, self, "last_year")
        if self.last_year > 9999:
            raise ValueError(f"last_year must be at most 9999, got {self.last_year}")
        for name in ("languages", "formats"):
            value = getattr(self, name)
            if not isinstance(value, tuple | list) or not value:  # a set would have no order
                raise ValueError(f"{name} must be a tuple of one or more, got {value!r}")
            object.__setattr__(self, name, tuple(value))
        for name in self.languages:
            if not isinstance(name, str):
                raise TypeError(f"languages must be text, got {settings.kind(name)}")
        for name in self.formats:
            settings.one_of(tuple(FORMATS), formats=name)
        self._check_meaning()

    @cached_property
    def src_vocabulary(self) -> Vocabulary:
        """Every character that a date can be written with."""
        return Vocabulary(sorted({*"0123456789", *"".join(text for text, _ in self._one_year())}))

    @cached_property
    def tgt_vocabulary(self) -> Vocabulary:
        return Vocabulary("0123456789-")

    def text(self, day: date, language: str, format: str) -> str:
        """The day, written in one language and format.

        Raises:
            TypeError: the day is no date. ValueError: a language or format that is none of ours.
        """
        return "".join(part for part, _ in self._parts(day, language, format))

    def pair(self, day: date, language: str, format: str) -> Pair:
        """The day as source and target; a digit comes from the whole word or number for it.

        Raises:
            TypeError, ValueError: as `text` does.
        """
        alignment: list[set[int]] = [set() for _ in range(10)]
        text = ""
        for part, field in self._parts(day, language, format):
            for position in ISO.get(field, ()):
                alignment[position] = set(range(len(text), len(text) + len(part)))
            text += part
        src = self.src_vocabulary.encode(text)
        iso = date.isoformat(day)  # without the hour that a datetime's own has
        return Pair(src, self.tgt_vocabulary.encode(iso), alignment)

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> Batch:
        """So many random days, each in a random language and format.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, or another split.
        """
        first = date(self.first_year, 1, 1).toordinal()
        after = date(self.last_year, 12, 31).toordinal() + 1
        drawn = {"generator": generator, "device": drawing_device(generator)}
        days = draw(lambda n: torch.randint(first, after, (n, 1), **drawn), size, split)
        ways = [(name, way) for name in self.languages for way in self.formats]
        chosen = torch.randint(len(ways), (len(days),), **drawn).tolist()
        return collate(
            [
                self.pair(date.fromordinal(day), *ways[way])
                for day, way in zip(days[:, 0].tolist(), chosen, strict=True)
            ]
        )

    def batches(self, size: int) -> Iterator[Batch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)

    @staticmethod
    def is_held_out(day: date) -> bool:
        """Whether the day belongs to the test split.

        Raises:
            TypeError: it is no date.
        """
        _check_day(day)
        return bool(is_held_out(torch.tensor([[day.toordinal()]], device="cpu")))

    def _parts(self, day: date, language: str, format: str) -> Iterator[tuple[str, str | None]]:
        """The text in parts, each with the letter of its CLDR field, None between fields."""
        _check_day(day)
        settings.one_of(self.languages, language=language)
        settings.one_of(self.formats, format=format)
        locale, pattern = self._patterns[language, format]
        for kind, value in pattern:
            if kind == "field":
                letter, width = value
                yield DateTimeFormat(day, locale)[letter * width], letter
            else:
                yield value, None

    @cached_property
    def _patterns(self) -> dict[tuple[str, str], tuple[Locale, list]]:
        patterns = {}
        for name in self.languages:
            try:
                locale = Locale.parse(name)
            except (UnknownLocaleError, ValueError):
                raise ValueError(f"languages must be known to Babel, got {name!r}") from None
            for way in self.formats:
                if FORMATS[way] is None:
                    pattern = locale.date_formats[way]
                else:
                    skeletons = locale.datetime_skeletons
                    pattern = skeletons[match_skeleton(FORMATS[way], skeletons)]
                patterns[name, way] = locale, tokenize_pattern(pattern.pattern)
        return patterns

    def _one_year(self) -> Iterator[tuple[str, date]]:
        """Every way to write every day of a leap year."""
        for ordinal in range(date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            for name, way in self._patterns:
                yield self.text(day, name, way), day

    def _check_meaning(self) -> None:
        meaning: dict[str, date] = {}
        for text, day in self._one_year():
            if meaning.setdefault(text, day) != day:
                raise ValueError(
                    f"texts must mean one day each, but {text!r} is both {meaning[text]} and {day} "
                    f"in languages {self.languages} and formats {self.formats}"
                )


def _check_day(day: date) -> None:
    if not isinstance(day, date):
        raise TypeError(f"day must be a date, got {settings.kind(day)}")
