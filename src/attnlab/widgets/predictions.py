"""Predictions: what a reader commits to before the result is shown, on a page and in a notebook."""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Any

import numpy as np
import traitlets
from traitlets import TraitError

from attnlab.functional import settings
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Choice, Input, plain

OPEN, COMMITTED, SHOWN = "open", "committed", "shown"
SURE = (50, 100)  # percent: below a half, one would choose otherwise


@dataclass(frozen=True)
class _Quantity:
    """What every quantity has: a name, and what readers call it, a phrase."""

    name: str
    label: str

    def __post_init__(self):
        for words in (self.name, self.label):
            if not isinstance(words, str) or not words:
                raise ValueError(f"a quantity needs a name and a label, both text; got {words!r}")

    def sent(self) -> dict:
        """What the front end is told of it."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class _Ranged(_Quantity):
    """A quantity whose values go from `low` to `high`, in even steps or, with `log`, in factors."""

    low: float
    high: float
    _: KW_ONLY
    log: bool = False

    def __post_init__(self):
        super().__post_init__()
        settings.number(low=self.low, high=self.high)
        settings.flag(log=self.log)
        if not -math.inf < self.low < self.high < math.inf:
            raise ValueError(f"low must be below high, got {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"factors need a low above 0, got {self.low}")

    def _number(self, value: Any) -> float:
        number = plain(value)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if is_number and self.low <= number <= self.high:  # which NaN is not
            return float(number)
        raise TraitError(
            f"{self.name!r} must be a number from {self.low} to {self.high}; got {value!r}"
        )

    def samples(self, count: int) -> list[float]:
        """Values from one end to the other, evenly along the scale."""
        spaced = np.geomspace if self.log else np.linspace
        return [float(x) for x in spaced(self.low, self.high, count)]


@dataclass(frozen=True)
class Number(_Ranged):
    """A number from `low` to `high`; a guess at it has an 80% interval.

    Args:
        name: by which the guess is kept, unique within its prediction.
        label: what readers call it, a phrase.
        low: the least it can be.
        high: the most it can be.
        log: whether its slider goes in factors.
        whole: whether it is a whole number.

    Raises:
        TypeError: a limit is no number.
        ValueError: no name or label, or limits with nothing between them.

    Examples:
        >>> keys = Number("8", "Keys in effect, at width 8", 1, 64, log=True)
        >>> keys.checked({"value": 20, "low": 10, "high": 40})
        {'value': 20.0, 'low': 10.0, 'high': 40.0}
    """

    whole: bool = False

    def checked(self, guess: Any) -> dict[str, float]:
        """The guess, `value` with the interval's ends `low` and `high`.

        Raises:
            TraitError: it is another thing, or out of order or range.
        """
        if not isinstance(guess, dict) or set(guess) != {"value", "low", "high"}:
            raise TraitError(f"{self.name!r} must have a value, a low and a high; got {guess!r}")
        found = {part: self._number(guess[part]) for part in ("value", "low", "high")}
        if not found["low"] <= found["value"] <= found["high"]:
            raise TraitError(f"{self.name!r} must lie within its own interval; got {guess!r}")
        return found


@dataclass(frozen=True)
class Option(_Quantity):
    """One of some `options`; a guess at it says how sure one is, from 50 to 100%.

    Raises:
        ValueError: no name or label, or fewer than two options that differ.

    Examples:
        >>> Option("first", "Which comes first?", ("a", "b")).checked({"option": "a", "sure": 70})
        {'option': 'a', 'sure': 70}
    """

    options: tuple[str, ...]

    def __post_init__(self):
        super().__post_init__()
        if len(set(self.options)) != len(self.options) or len(self.options) < 2:
            raise ValueError(f"options must be two or more that differ, got {self.options!r}")

    def checked(self, guess: Any) -> dict:
        """The guess, an `option`, and how `sure`.

        Raises:
            TraitError: it is another thing, or out of range.
        """
        if not isinstance(guess, dict) or set(guess) != {"option", "sure"}:
            raise TraitError(f"{self.name!r} must have an option and a sure; got {guess!r}")
        option, sure = guess["option"], plain(guess["sure"])
        if option not in self.options:
            raise TraitError(f"{self.name!r} must be one of {self.options}; got {option!r}")
        is_number = isinstance(sure, int | float) and not isinstance(sure, bool)
        if not (is_number and SURE[0] <= sure <= SURE[1]):
            raise TraitError(f"{self.name!r} must be sure from 50 to 100%; got {sure!r}")
        return {"option": str(option), "sure": sure}

    def samples(self, count: int) -> list[str]:
        """The options, whatever the `count`."""
        return list(self.options)


@dataclass(frozen=True)
class Curve(_Ranged):
    """A value for each of the places `x`, to be drawn.

    Raises:
        TypeError: a limit or a place is no number.
        ValueError: no name or label, limits with nothing between them, or places that do not rise.

    Examples:
        >>> Curve("loss", "The loss by step", 0, 3, x=(0, 10, 20)).checked([3, 2, 1])
        [3.0, 2.0, 1.0]
    """

    _: KW_ONLY
    x: tuple[float, ...] = ()

    def __post_init__(self):
        super().__post_init__()
        for place in self.x:
            settings.number(x=place)
        if len(self.x) < 2 or list(self.x) != sorted(set(self.x)):
            raise ValueError(f"x must be two or more places that rise, got {self.x}")

    def checked(self, guess: Any) -> list[float]:
        """The guess, a value for each place.

        Raises:
            TraitError: it is another thing, or out of range.
        """
        values = plain(guess)
        if not isinstance(values, list | tuple) or len(values) != len(self.x):
            raise TraitError(f"{self.name!r} must be {len(self.x)} values; got {guess!r}")
        return [self._number(value) for value in values]


Quantity = Number | Option | Curve


class Guess(Input, traitlets.Dict):
    """A guess at some or all quantities of a prediction; locked once it is committed."""

    refusal = "a guess must be a dict with a guess for each quantity; got {value!r}"

    def validate(self, obj, value) -> dict:
        if not isinstance(value, dict):
            self.error(obj, value)
        known = {quantity.name: quantity for quantity in obj.quantities}
        if foreign := sorted(map(str, value.keys() - known.keys())):
            raise TraitError(f"{obj.name!r} asks for {', '.join(known)}; got {', '.join(foreign)}")
        found = {name: known[name].checked(guess) for name, guess in value.items()}
        if obj.state != OPEN and found != obj.guess:
            raise TraitError(f"the prediction {obj.name!r} is {obj.state}: its guess is locked")
        return found


class Prediction(LabWidget):
    """A question that a reader answers before the result is shown.

    Its answer is drawn by `attnlab.figures.answer_to`, which adds the guess. Without the control a
    guess is made by setting `guess` and then `state` to "committed".

    Args:
        name: unique in the book; begins with the chapter's name.
        question: what is asked, one sentence.
        quantities: what to guess, each a `Number`, an `Option` or a `Curve`.

    Errors: TypeError for a quantity that is none; ValueError for none, or two of one name, or a
        name that cannot be part of an address; TraitError for a guess that does not fit, or that is
        changed once it is committed.

    >>> prediction = Prediction("sum", "What is 1 + 1?", [Number("sum", "The sum", 0, 10)])
    >>> prediction
    Prediction('sum')
    >>> prediction.guess = {"sum": {"value": 2, "low": 2, "high": 2}}
    >>> prediction.state = "committed"
    >>> prediction.committed
    True
    """

    _front_end = "js/prediction.js"

    guess = Guess().tag(sync=True)
    state = Choice(OPEN, COMMITTED, SHOWN).tag(sync=True)
    _prediction = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(self, name: str, question: str, quantities: Iterable[Quantity]):
        self.name, self.question, self.quantities = name, question, tuple(quantities)
        _check(name, question, self.quantities)
        sent = [quantity.sent() for quantity in self.quantities]
        self.set_trait(
            "_prediction",
            {
                "name": name,
                "version": version(self.quantities),
                "question": question,
                "quantities": sent,
            },
        )
        super().__init__()

    @traitlets.validate("state")
    def _complete(self, proposal) -> str:
        missing = [q.name for q in self.quantities if q.name not in self.guess]
        if proposal["value"] == COMMITTED and missing:
            raise TraitError(f"{self.name!r} has no guess yet for {', '.join(missing)}")
        return proposal["value"]

    @property
    def committed(self) -> bool:
        """Whether a guess was committed."""
        return self.state == COMMITTED

    def __repr__(self) -> str:
        return f"Prediction({self.name!r})"


def version(quantities: Sequence[Quantity]) -> str:
    """A short name for what is asked: a guess at other quantities is none at these.

    Labels may be put otherwise; names, limits, options and places may not.
    """
    asked = [{k: v for k, v in q.sent().items() if k != "label"} for q in quantities]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:8]


def _check(name: str, question: str, quantities: Sequence[Quantity]) -> None:
    if not isinstance(name, str) or not name.replace("-", "").isalnum():
        raise ValueError(f"name must be letters, digits and hyphens, got {name!r}")
    if not isinstance(question, str) or not question:
        raise ValueError(f"question must be a sentence, got {question!r}")
    for quantity in quantities:
        if not isinstance(quantity, Number | Option | Curve):
            raise TypeError(
                f"quantities must be of Number, Option or Curve, got {settings.kind(quantity)}"
            )
    names = [quantity.name for quantity in quantities]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"quantities must have names that differ, one or more; got {names}")
