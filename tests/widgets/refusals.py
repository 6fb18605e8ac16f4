"""The test that every widget's traits pass: bad input is refused when made and when set."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from traitlets import TraitError

from attnlab.widgets.base import LabWidget


def refusing(make: Callable[..., LabWidget], cases: list[tuple[str, Any, str]]) -> Callable:
    """A test function: `make(**traits)` makes the widget; a case is a trait's name, a value that
    it refuses, and what the error says."""
    made_well = cache(make)

    @pytest.mark.parametrize(("name", "value", "message"), cases)
    def test(name, value, message):
        with pytest.raises(TraitError) as made:
            make(**{name: value})
        assert str(made.value) == message
        good = made_well()
        before = getattr(good, name)
        with pytest.raises(TraitError) as later:
            setattr(good, name, value)
        assert str(later.value) == message
        assert getattr(good, name) == before

    return test
