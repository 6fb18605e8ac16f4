"""Which box is taken, and that it holds what it should and nothing else."""

import json
import shutil

import pytest

from attnclass import box
from attnclass.border.channel import Channel
from attnclass.border.remote import Remote
from attnclass.box import LIMITS, RUNGS, best, start, works
from tests.classes.boxes import BOXES


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


def test_an_unknown_rung_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected one of"):
        start("cardboard", tmp_path)


def found(rung, source, tmp_path):
    """What a cell has left under the name `found`, beside a chapter's own imports."""
    code = tmp_path / "cells.json"
    chapter = "import numpy, torch, matplotlib, attnlab"
    code.write_text(json.dumps([[chapter, False], [source, True]]))
    started = start(rung, code)
    channel = Channel(started.answers, started.asks, 60)
    try:
        return Remote(channel).work("found")
    finally:
        channel.close()
        started.stop()


@pytest.mark.parametrize("rung", BOXES)
def test_limits_hold_and_what_answers_need_is_there(rung, tmp_path, monkeypatch):
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
    ran, most, filled, sees_secrets, total, user = found(rung, source, tmp_path)
    assert ran == [1]
    assert most == [*vars(LIMITS).values(), 0]
    assert filled == "refused"
    assert not sees_secrets
    assert total == 3
    assert user != 0


@pytest.mark.parametrize("rung", BOXES)
def test_what_has_been_stopped_is_gone(rung, tmp_path):
    code = tmp_path / "cells.json"
    code.write_text(json.dumps([["import time; time.sleep(1000)", True]]))
    started = start(rung, code)
    started.stop()
    started.stop()
    assert started.process.returncode is not None
