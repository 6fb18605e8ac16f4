"""The public names: what editors are told of `attnlab` is what it has."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import attnlab


def test_stub_tells_where_every_name_is():
    stub = ast.parse(Path(attnlab.__file__).with_suffix(".pyi").read_text("utf-8"))
    told = {
        node.names[0].name: node.module for node in stub.body if isinstance(node, ast.ImportFrom)
    }
    assert told.pop("examine") == "attnlab.examine"  # a module that can be called
    assert set(told) == {*attnlab.__all__, *attnlab._LAZY}
    for name, module in told.items():
        assert getattr(import_module(module), name) is getattr(attnlab, name)


@pytest.mark.parametrize(
    "first", ["", "import attnlab.examine", "from attnlab.examine import Report"]
)
def test_examine_is_called_however_it_was_imported(first):
    """In a process of its own, since what was imported once stays."""
    code = f"import attnlab\n{first}\nprint(callable(attnlab.examine), attnlab.examine.Report)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True <class 'attnlab.examine.report.Report'>\n"
