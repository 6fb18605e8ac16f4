"""Which box is taken where: by root and others, in containers, without namespaces or bubblewrap."""

import os
import shutil

import pytest

from attnclass.box import NO_BOX, best
from attnclass.box.locks import landlock_version
from tests.classes import places
from tests.classes.places import inside, needs_namespaces

LOWERED = "lowered" if landlock_version() >= 6 else NO_BOX
TAKEN = [
    (places.user, "bubblewrap"),
    (places.user_without_namespaces, NO_BOX),
    (places.user_without_bubblewrap, NO_BOX),
    (places.root_of_nobody_else, NO_BOX),
]
TAKEN_BY_ROOT = [
    (places.here, "bubblewrap"),
    (places.root_without_namespaces, "bubblewrap"),
    (places.container, LOWERED),
    (places.without_bubblewrap, LOWERED),
]
BY_ROOT_ALONE = "where root takes a box is tested as root alone"
pytestmark = [
    needs_namespaces,
    pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed"),
]


def taken() -> str:
    """The rung, or why there is none."""
    try:
        return best(trust=False)
    except RuntimeError as refusal:
        return str(refusal)


@pytest.mark.parametrize(("place", "rung"), TAKEN)
def test_the_box_of_a_user(place, rung):
    assert inside(place, taken) == rung


@pytest.mark.skipif(os.getuid() != 0, reason=BY_ROOT_ALONE)
@pytest.mark.parametrize(("place", "rung"), TAKEN_BY_ROOT)
def test_the_box_of_root(place, rung):
    assert inside(place, taken) == rung
