"""The browser's mathematics in node: the same inputs must give attnlab's numbers."""

import atexit
import functools
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnlab.widgets import base

SHARED = base.SHARED
MATH = SHARED / "mathematics.js"
ROOMS = SHARED.parents[1] / "chapters"
BESIDE = Path(sys.executable).with_name("node")  # of the environment that the tests run in
NODE = str(BESIDE) if BESIDE.exists() else shutil.which("node")


@dataclass(frozen=True)
class Result:
    """As an argument of a call: what an earlier call of the same batch returned, by its number."""

    of_call: int


def in_node(*calls: tuple, modules: tuple = (MATH,)) -> list:
    """What functions of these modules return: each call is a name and its arguments."""
    addresses = [m.as_uri() if isinstance(m, Path) else m for m in modules]
    asked = {"modules": addresses, "calls": [json.dumps(c, default=_plain) for c in calls]}
    process = _node()
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    given = process.stdout.readline()
    assert given, "node ended"
    given = json.loads(given)
    assert "error" not in given, given["error"]
    return given["results"]


def agree(ours, theirs) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@functools.cache
def _node() -> subprocess.Popen:
    """One process for all calls of all tests: node takes longer to start than most calls take."""
    assert NODE, "node was not found: it comes with the environment of the tests"
    command = [NODE, Path(__file__).with_name("calls.js")]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    atexit.register(process.communicate)  # its input ends, and so does it
    return process


def _plain(value):
    return {"result": value.of_call} if isinstance(value, Result) else value.tolist()
