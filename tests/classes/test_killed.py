"""A grader that is stopped or killed midway, with real boxes, and started again."""

import os
import select
import signal
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager

import psutil
import pytest

from attnclass.__main__ import STOPPED, main
from attnclass.box import running
from attnclass.kits import kit_in
from tests.classes import made
from tests.classes.boxes import BOXES

DUE = "2027-02-01T23:59+01:00"
LONG = 300  # seconds that nothing here takes: a test that waits for so long has failed


@pytest.fixture
def desk(kits, tmp_path):
    """What a class has handed in, with the marks it deserves, and the command that grades it."""
    # So many that some are left when the grader ends, though a busy machine may notice it late.
    handed_in = [*made.submissions(kit_in(kits / "heads"), 4, seed=1)]
    (tmp_path / "in").mkdir()
    for each in handed_in:
        (tmp_path / "in" / f"{each.student}.ipynb").write_bytes(each.content)
    roster = tmp_path / "roster.csv"
    roster.write_text("id\n" + "".join(f"{each.student}\n" for each in handed_in))
    hw = str(tmp_path / "hw")
    assert main(["new", hw, "--chapters", "heads", "--due", DUE, "--kits", str(kits)]) == 0
    words = ["grade", hw, str(tmp_path / "in"), "--roster", str(roster), "--jobs", "2"]
    return handed_in, [sys.executable, "-m", "attnclass", *words], tmp_path


def kept(place):
    """The verdicts on the disk: of each file its content, and when it was written."""
    found = (place / "hw" / "results").glob("[!.]*.json")
    return {path: (path.read_text(), path.stat().st_mtime_ns) for path in found}


def at_work(grader, place):
    """The processes below a grader that has marked one student and has a box at work on another."""
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        below = grader.children(recursive=True)
        if kept(place) and any("attnclass.box.inside" in words(each) for each in below):
            return below
        time.sleep(0.01)
    raise AssertionError("the grader has marked nothing")


@contextmanager
def heeding_ctrl_c():
    """Tests that run in the background ignore what Ctrl-C sends, and so would what they start."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, before)


def words(process):
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return []


@pytest.mark.parametrize(
    ("ending", "rung"), [(signal.SIGINT, BOXES[0]), *((signal.SIGKILL, rung) for rung in BOXES)]
)
def test_what_was_marked_is_not_marked_again_and_nothing_is_left(ending, rung, desk):
    handed_in, command, place = desk
    (place / "tmp").mkdir()
    path = os.environ["PATH"] if rung == BOXES[0] else "/nowhere"  # where no bubblewrap is
    env = {**os.environ, "TMPDIR": str(place / "tmp"), "PATH": path}
    with heeding_ctrl_c():
        grader = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    with grader as process:
        below = at_work(psutil.Process(process.pid), place)
        process.send_signal(ending)
        _, said = process.communicate(timeout=LONG)
    before = kept(place)
    assert process.returncode == (130 if ending == signal.SIGINT else -ending)
    assert (STOPPED in said) is (ending == signal.SIGINT) and "Traceback" not in said
    assert psutil.wait_procs(below, timeout=LONG)[1] == [], "boxes and markers have ended"
    assert 0 < len(before) < len(handed_in)
    assert not [*(place / "tmp").iterdir()]
    results = place / "hw" / "results"
    half = results / ".half.new"  # as left by whoever is killed while it writes
    half.write_text('{"student": ')
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=LONG)
    after = kept(place)
    assert len(after) == len(handed_in) and not half.exists()
    assert {path: after[path] for path in before} == before
    assert made.wrong_marks(handed_in, results) == []
    assert not [*(place / "tmp").iterdir()]


@pytest.mark.parametrize("rung", BOXES)
def test_a_box_ends_with_the_marker_though_it_would_rather_not(rung):
    undo = "import ctypes, time\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\ntime.sleep(1000)"
    reads, writes = os.pipe()
    with warnings.catch_warnings(action="ignore"):  # a test's process may have threads
        child = os.fork()
    if child == 0:
        with running(rung, [(undo, True)]):
            os.write(writes, b"!")
            time.sleep(LONG)
        os._exit(0)
    try:
        assert select.select([reads], [], [], LONG)[0], "the box is at work"
        time.sleep(0.5)  # the cell, too
        below = psutil.Process(child).children(recursive=True)
        assert below
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reads)
        os.close(writes)
    _, left = psutil.wait_procs(below, timeout=LONG / 10)
    for process in left:
        process.kill()
    assert left == []
