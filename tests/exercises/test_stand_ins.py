"""A stand-in for a widget has everything that the widget offers a learner."""

from dataclasses import fields, is_dataclass
from importlib import import_module

import pytest

from attnlab.chapters.lookup.widget import LookupWidget
from attnlab.exercises.marking import Exercise
from attnlab.widgets.base import LabWidget
from tests.exercises.rooms import EXERCISES

MODULES = [import_module(f"attnlab.chapters.{path.parent.name}.exercises") for path in EXERCISES]
# Whatever class a checker's module defines, it defines in place of a widget.
STAND_INS = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__
]


def offered(widget: type[LabWidget]) -> set[str]:
    """What a learner can set and read of a widget: its public traits and properties."""
    classes = [cls for cls in widget.__mro__ if issubclass(cls, LabWidget)]
    own = {name: value for cls in classes for name, value in vars(cls).items()}
    traits = widget.class_traits()
    return {
        name
        for name, value in own.items()
        if not name.startswith("_") and (name in traits or isinstance(value, property))
    }


def has(cls: type) -> set[str]:
    """What every object of a class has."""
    stored = {field.name for field in fields(cls)} if is_dataclass(cls) else set()
    return {name for name in dir(cls) if not name.startswith("_")} | stored


@pytest.mark.parametrize("stand_in", STAND_INS, ids=lambda cls: cls.__qualname__)
def test_a_stand_in_has_all_that_its_widget_has(stand_in):
    widget = getattr(stand_in, "stands_for", None)
    assert widget is not None, f"{stand_in.__name__} does not say which widget it stands for"
    assert issubclass(widget, LabWidget)
    assert offered(widget) - has(stand_in) == set()


def test_what_a_widget_offers():
    traits = {"x", "y", "query", "width", "point"}
    read = {"weights", "context", "keys_in_effect", "error_left_out", "error_kept_in"}
    assert offered(LookupWidget) == traits | read
    assert "checker" in has(Exercise) and "asks" in has(Exercise)
