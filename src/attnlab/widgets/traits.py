"""The traits of widgets: traitlets' own, whose errors say what they expect in our words."""

import math
import operator
from contextlib import suppress
from copy import deepcopy
from typing import Any, NoReturn

import traitlets
from traitlets import TraitError


def plain(value: Any) -> Any:
    """NumPy's and torch's numbers and arrays as Python's own, anything else as it is."""
    with suppress(Exception):  # a sparse tensor has no list, nor has one that holds no values
        return value.tolist()
    return value


def in_order(value: Any) -> tuple:
    """The values of what has an order: a tuple, a list, a range, an array of one axis or more.

    Raises:
        TypeError: for anything else: a number, text, a set, a dictionary, an iterator.

    >>> in_order(range(3)), in_order([True])
    ((0, 1, 2), (True,))
    """
    values = plain(value)
    if isinstance(values, list | tuple | range):
        return tuple(values)
    raise TypeError(f"expected values in an order, got {value!r}")


class Input(traitlets.TraitType):
    """What the reader sets: a mixin, before one of traitlets' classes, for its words.

    `refusal` is what its errors say, a whole sentence. Its places are the refused `value` and the
    trait's own attributes by their names; `error` can be given another such sentence as `info`.
    """

    refusal: str

    def error(self, obj, value, error=None, info=None) -> NoReturn:
        raise error or TraitError((info or self.refusal).format(**vars(self), value=value))

    @property
    def limits(self) -> dict:
        """What a control must know of it: `min` and `max`, or `values` to choose from."""
        return {name: vars(self)[name] for name in ("min", "max", "values") if name in vars(self)}


class Whole(Input, traitlets.Int):
    """A whole number from `low` to `high`; NumPy's integers are taken too.

    Errors: TraitError for anything else, True and False among it.
    """

    refusal = "{name} must be a whole number from {min} to {max}; got {value!r}"

    def __init__(self, low: int, high: int, *, default: int):
        super().__init__(default, min=low, max=high)

    def validate(self, obj, value) -> int:
        number = plain(value)
        if not isinstance(number, bool):
            with suppress(Exception):  # anything may be given, and raise anything
                return super().validate(obj, int(operator.index(number)))
        self.error(obj, value)


class Real(Input, traitlets.Float):
    """A number from `low` to `high`.

    Errors: TraitError for anything else, NaN among it.
    """

    refusal = "{name} must be a number from {min} to {max}; got {value!r}"

    def __init__(self, low: float, high: float, *, default: float):
        super().__init__(default, min=low, max=high)

    def validate(self, obj, value) -> float:
        given = plain(value)
        if not isinstance(given, bool | str | bytes | bytearray):
            with suppress(Exception):  # anything may be given, and raise anything
                number = super().validate(obj, float(given))
                if not math.isnan(number):  # which is neither below a minimum nor above a maximum
                    return number
        self.error(obj, value)


class Switch(Input, traitlets.Bool):
    """True or False.

    Errors: TraitError for anything else, 1 and 0 among it.
    """

    refusal = "{name} must be True or False; got {value!r}"

    def validate(self, obj, value) -> bool:
        return value if isinstance(value, bool) else self.error(obj, value)


class Choice(Input, traitlets.Enum):
    """One of some words, the first of them unless said otherwise.

    Errors: TraitError for anything else.
    """

    refusal = "{name} must be one of {words}; got {value!r}"

    def __init__(self, *words: str):
        self.words = ", ".join(words)
        super().__init__(words, words[0])

    def validate(self, obj, value) -> str:
        # An array may be equal to a word, and is none; of a subclass only the word is kept.
        word = str.__str__(value) if isinstance(value, str) else self.error(obj, value)
        return super().validate(obj, word)


class Row(Input, traitlets.Tuple):
    """A tuple with as many values as `default`, each of which the trait `item` takes.

    Lists and NumPy's arrays are taken too; a set or a dictionary is not, for it has no order.

    Errors: TraitError for another number of values, or for a value that `item` does not take.
    """

    refusal = "{name} must be {count} values; got {value!r}"

    def __init__(self, item: Input, *, default: tuple):
        self.item: Any = item
        self.count = len(default)
        self.items = [deepcopy(item) for _ in default]
        super().__init__(*self.items, default_value=default)

    def class_init(self, cls, name) -> None:
        super().class_init(cls, name)
        self.item.name = name
        for place, item in enumerate(self.items):
            item.class_init(cls, f"{name}[{place}]")  # what the item's own error says

    @property
    def limits(self) -> dict:
        return self.items[0].limits if self.items else {}

    def validate(self, obj, value):
        values = None
        with suppress(TypeError):
            values = in_order(value)
        if values is None or len(values) != len(self.items):
            self.error(obj, value)
        return super().validate(obj, values)


class Constants(traitlets.Dict):
    """What the front end must know and nobody sets: declared in Python alone, and sent.

    Beside the given values it has `limits`: those of the widget's inputs, by their names.
    """

    def __init__(self, **values):
        self.declared = values
        super().__init__(read_only=True)
        self.tag(sync=True)

    def default(self, obj: Any = None) -> dict:
        inputs = {name: trait for name, trait in obj.traits().items() if isinstance(trait, Input)}
        limits = {name: trait.limits for name, trait in inputs.items() if trait.limits}
        return {**self.declared, "limits": limits}
