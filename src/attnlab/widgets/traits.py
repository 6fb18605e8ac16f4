"""The traits of widgets, which say what they expect."""

import math
import operator

import numpy as np
import traitlets


class Whole(traitlets.TraitType):
    """A whole number from `low` to `high`; NumPy's integers are taken too.

    Errors: TraitError for anything else, True and False among it.
    """

    def __init__(self, low: int, high: int, *, default: int):
        self.low, self.high = low, high
        super().__init__(default)

    def validate(self, obj, value) -> int:
        try:
            number = operator.index(value)
        except TypeError:
            number = None
        if number is None or isinstance(value, bool) or not self.low <= number <= self.high:
            raise traitlets.TraitError(
                f"{self.name} must be a whole number from {self.low} to {self.high}; got {value!r}"
            )
        return number


class Real(traitlets.TraitType):
    """A number from `low` to `high`.

    Errors: TraitError for anything else, NaN among it.
    """

    def __init__(self, low: float, high: float, *, default: float):
        self.low, self.high = low, high
        super().__init__(default)

    def validate(self, obj, value) -> float:
        try:
            number = math.nan if isinstance(value, (bool, str)) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not self.low <= number <= self.high:
            raise traitlets.TraitError(
                f"{self.name} must be a number from {self.low} to {self.high}; got {value!r}"
            )
        return number


class Switch(traitlets.Bool):
    """True or False.

    Errors: TraitError for anything else.
    """

    def validate(self, obj, value) -> bool:
        if not isinstance(value, bool):
            raise traitlets.TraitError(f"{self.name} must be True or False; got {value!r}")
        return value


class Choice(traitlets.TraitType):
    """One of some words, the first of them unless said otherwise.

    Errors: TraitError for anything else.
    """

    def __init__(self, *words: str):
        self.words = words
        super().__init__(words[0])

    def validate(self, obj, value) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise traitlets.TraitError(
                f"{self.name} must be one of {', '.join(self.words)}; got {value!r}"
            )
        return value


class Row(traitlets.TraitType):
    """A tuple with as many values as `default`, each of which the trait `item` takes.

    Lists and NumPy's arrays are taken too.

    Errors: TraitError for another number of values, or for a value that `item` does not take.
    """

    def __init__(self, item: traitlets.TraitType, *, default: tuple):
        self.item = item
        super().__init__(default)

    def validate(self, obj, value) -> tuple:
        try:
            values = value.tolist() if isinstance(value, np.ndarray) else list(value)
        except TypeError:
            values = []
        count = len(self.default_value)
        if len(values) != count:
            raise traitlets.TraitError(f"{self.name} must be {count} values; got {value!r}")
        row = []
        for i, each in enumerate(values):
            self.item.name = f"{self.name}[{i}]"  # what the item's own error says
            row.append(self.item.validate(obj, each))
        return tuple(row)
