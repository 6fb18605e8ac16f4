"""Which box is taken, and that it holds what it should and nothing else."""

import shutil

import psutil
import pytest

from attnclass import box
from attnclass.border.remote import Remote
from attnclass.box import RUNGS, NoBox, best, running, visible, works
from attnclass.box.visible import SOURCES
from attnclass.limits import USUAL, Limits
from attnlab.exercises.names import chapters
from tests.classes.boxes import BOXES, NOWHERE, PLACED
from tests.classes.places import inside


@pytest.mark.parametrize("rung", BOXES[:1])
def test_the_safest_box_that_works_here_is_taken(rung):
    assert rung in RUNGS[:2] and best(trust=False) == rung


def test_without_any_box_nothing_runs_unless_the_instructor_says_so(monkeypatch):
    monkeypatch.setattr(box, "works", lambda rung: False)
    with pytest.raises(RuntimeError, match="no box for submissions works here: install bubblewrap"):
        best(trust=False)
    assert best(trust=True) == "trusted"


def test_where_bubblewrap_is_missing_the_next_is_tried(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not works.__wrapped__("bubblewrap")


def test_an_unknown_rung_is_refused():
    with pytest.raises(ValueError, match="expected one of"), running("cardboard", []):
        pass


def test_a_box_that_is_none_is_no_fault_of_what_runs_in_it(monkeypatch):
    monkeypatch.setattr(box, "_bubblewrap", lambda inside, limits: ["false"])
    with pytest.raises(NoBox, match="ended before anything ran in it"), running("bubblewrap", []):
        pass


def processes_below() -> int:
    """How many processes this one has started, and those in their turn."""
    return len(psutil.Process().children(recursive=True))


def found(rung, source):
    """What a cell has left under the name `found`, beside a chapter's own imports."""
    chapter = "import numpy, torch, matplotlib, attnlab"
    with running(rung, [(chapter, False), (source, True)]) as channel:
        return Remote(channel).work("found")


@pytest.mark.parametrize(("place", "rung"), PLACED or [NOWHERE])
def test_limits_hold_and_what_answers_need_is_there(place, rung, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "of the instructor")
    source = """
import os, resource, threading
ran = []
thread = threading.Thread(target=ran.append, args=(1,))
thread.start()
thread.join()
most = [resource.getrlimit(x)[1] for x in (
    resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC,
    resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)]
try:
    filled = b"1" * (1 << 31)
except MemoryError:
    filled = "refused"
found = [ran, most, filled, "SECRET_TOKEN" in os.environ, torch.ones(3).sum().item(), os.getuid()]
"""
    ran, most, filled, sees_secrets, total, user = inside(place, lambda: found(rung, source))
    assert ran == [1]
    memory, disk = (megabytes << 20 for megabytes in (USUAL.memory, USUAL.disk))
    assert most == [USUAL.processor, memory, disk, USUAL.threads, USUAL.files, 0]
    assert filled == "refused"
    assert not sees_secrets
    assert total == 3
    assert user != 0


@pytest.mark.parametrize(("place", "rung"), PLACED or [NOWHERE])
def test_what_tells_answers_cannot_be_read_and_all_else_of_the_course_can(place, rung):
    course = [*SOURCES.glob("attnlab/chapters/*/*.py"), *SOURCES.glob("attnclass/questions/*.py")]
    told = [path for path in course if path.stem == "exercises" or path.parent.name == "questions"]
    others = [path for path in course if path not in told and path.stem != "__init__"]
    assert len(told) > 2 * len(chapters()) < len(others)
    source = f"""
import importlib
from attnlab.exercises import check
def got(path):
    try: return bool(open(path).read())
    except OSError: return "refused"
def imported(name):
    try: return bool(importlib.import_module(name))
    except (ImportError, OSError): return "refused"
found = [
    {{got(path) for path in {[*map(str, told)]}}},
    {{imported(name) for name in ("attnlab.chapters.heads.exercises", "attnclass.questions")}},
    {{got(path) for path in {[*map(str, others)]}}},
    check("heads/count"),
]
"""
    assert inside(place, lambda: found(rung, source)) == [{"refused"}, {"refused"}, {True}, None]


def test_where_there_is_no_box_root_still_runs_nothing_as_root():
    source = "import os\nfound = os.getuid()"  # ours, and all that ever runs there
    assert found("trusted", source) != 0


def test_what_lies_beside_a_checker_later_is_not_read_either(tmp_path, monkeypatch):
    room = tmp_path / "attnlab" / "chapters" / "heads"
    room.mkdir(parents=True)
    (room / "exercises.py").touch()
    (room / "models.py").touch()
    monkeypatch.setattr(visible, "ROOMS", room.parent)
    monkeypatch.setattr(visible, "listed", lambda: [tmp_path])
    assert visible.readable() == [room / "models.py"]
    (room / "__pycache__").mkdir()
    (room / "widget.py").symlink_to(room / "exercises.py")
    assert visible.readable() == [room / "models.py"]


@pytest.mark.parametrize("rung", BOXES)
def test_what_has_been_left_is_gone(rung):
    before = processes_below()
    with running(rung, [("import time; time.sleep(1000)", True)]):
        assert processes_below() > before
    assert processes_below() == before


@pytest.mark.parametrize("rung", BOXES)
def test_an_assignment_may_allow_more_or_less(rung):
    source = """
import resource
most = [resource.getrlimit(x)[1] for x in (resource.RLIMIT_CPU, resource.RLIMIT_AS)]
found = most
"""
    with running(rung, [(source, True)], Limits(processor=7, memory=3000)) as channel:
        assert Remote(channel).work("found") == [7, 3000 << 20]
