"""The browser's mathematics in node: the same inputs must give attnlab's numbers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from attnlab.widgets import base

SHARED = base.SHARED
MATH = SHARED / "mathematics.js"
ROOMS = SHARED.parents[1] / "chapters"
# All calls of a test run in one node: functions by name, arguments and results as JSON.
RUN = """
const math = await import(process.argv[1]);
const calls = JSON.parse((await import("node:fs")).readFileSync(0, "utf8"));
const plain = (_, x) => ArrayBuffer.isView(x) ? Array.from(x) : x;
console.log(JSON.stringify(calls.map(([name, ...inputs]) => math[name](...inputs)), plain));
"""


def in_node(*calls: tuple, module: Path = MATH) -> list:
    return node(RUN, module, calls)


def node(script: str, module: Path, inputs: object) -> list:
    """What a script prints as JSON, given a module's address and inputs as JSON."""
    beside = Path(sys.executable).with_name("node")
    program = str(beside) if beside.exists() else shutil.which("node")
    assert program, "node was not found: it comes with the environment of the tests"
    inputs = json.dumps(inputs, default=lambda array: array.tolist())
    command = [program, "--input-type=module", "--eval", script, module.as_uri()]
    done = subprocess.run(command, input=inputs, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def agree(ours, theirs) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)
