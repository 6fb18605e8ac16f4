"""Hostile submissions, in every box that can be had here: none is marked right, none gets out."""

import socket
from contextlib import contextmanager

import pytest

from attnclass.border.remote import Remote
from attnclass.border.values import Broken
from attnclass.box import running
from attnclass.kits import kit_of
from attnclass.limits import Limits
from attnclass.marking import mark
from attnclass.notebooks import Notebook
from tests.classes import attacks
from tests.classes.boxes import NOWHERE, PLACED
from tests.classes.places import inside

SHORT = Limits(cells=6, call=3, whole=12)
# What a checker makes of an answer hangs on no box, but what the kernel limits does.
LIMITED = ("memory", "forks", "disk", "threads that outlive")
CASES = [(n, *box) for box in PLACED[:1] for n in attacks.ATTACKS if n not in attacks.REACHING]
CASES += [(name, *box) for box in PLACED[1:] for name in LIMITED]
CASES = CASES or [pytest.param("", *NOWHERE.values, marks=NOWHERE.marks)]
WORD = "what only the instructor may know"


@pytest.fixture(scope="module")
def heads(kits):
    return kit_of("heads", kits)


def cells(*sources: str) -> Notebook:
    prelude = attacks.PRELUDE.format(secret="", outside="", port=1)
    return Notebook(tuple(("", source) for source in (prelude, *sources)), None, None, None)


@pytest.mark.parametrize(("name", "place", "rung"), CASES)
def test_no_attack_is_marked_right(name, place, rung, heads):
    names = [each.name for each in heads.exercises if not each.hints]  # a letter may be guessed
    handed_in = cells(attacks.ATTACKS[name])
    results = inside(place, lambda: mark(handed_in, heads, names, rung, limits=SHORT))
    assert [result.exercise for result in results] == names
    assert not [result for result in results if result.status == "passed"]


@contextmanager
def listener():
    """A port that takes connections and datagrams, and what came in by it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.1", port))
            for each in (server, datagrams):
                each.setblocking(False)
            yield port, server, datagrams


@pytest.mark.parametrize(("place", "rung"), PLACED or [NOWHERE])
def test_nothing_gets_out(place, rung, tmp_path):
    (tmp_path / "secret").write_text(WORD)
    (tmp_path / "outside").mkdir()
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o777)
    with listener() as (port, server, datagrams):
        prelude = attacks.PRELUDE.format(
            secret=str(tmp_path / "secret"), outside=str(tmp_path / "outside"), port=port
        )
        ending = ("kill everybody", "kill the group")
        harmless = [code for name, code in attacks.REACHING.items() if name not in ending]
        loot = inside(place, lambda: what_comes_of(rung, [prelude, *harmless], "loot"))
        assert len(loot) > 50, "the attacks have run"
        assert not [got for got in loot if WORD in str(got) or "ESCAPED" in str(got)]
        for name in ending:
            given = [prelude, attacks.REACHING[name]]
            inside(place, lambda given=given: what_comes_of(rung, given, None))
        for each in (server.accept, lambda: datagrams.recv(99)):
            with pytest.raises(BlockingIOError):
                each()
    assert not [*(tmp_path / "outside").iterdir()]


def what_comes_of(rung, sources, name):
    """What cells leave under a name, once they have run in a box; None if that has ended."""
    with running(rung, [(source, True) for source in sources]) as channel:
        try:
            return Remote(channel).work(name or "loot")
        except Broken:
            assert name is None
