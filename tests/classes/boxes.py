"""The boxes that can be had on this machine, found by trying."""

import os

import pytest

from attnclass.box import NO_BOX, RUNGS, works
from tests.classes.places import here, user

HERE = [rung for rung in RUNGS[:2] if works(rung)]
# For tests of each of them; where there is none, which is said, nothing hostile is ever run.
NONE = pytest.param("none", marks=pytest.mark.skip(reason=NO_BOX))
BOXES = HERE or [NONE]
# And each where it is taken: to root and to others, bubblewrap gives a box in different ways.
PLACED = [(here, rung) for rung in HERE]
PLACED += [(user, "bubblewrap")] if os.getuid() == 0 and "bubblewrap" in HERE else []
NOWHERE = pytest.param(here, *NONE.values, marks=NONE.marks)
