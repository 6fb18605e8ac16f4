"""What `make lint` says of imports that go the wrong way: it names both sides."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The packages' Python files, to plant faults in."""
    root = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", root)
    for file in (ROOT / "src").rglob("*.py"):
        target = root / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return root


def lint(root):
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=root, env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_imports_as_they_are_go_the_right_way(copy):
    status, said = lint(copy)
    assert status == 0, said


@pytest.mark.parametrize(
    ("place", "line", "named"),
    [
        (
            "chapters/scaling/widget.py",
            "from attnlab.chapters.heads import models",
            "attnlab.chapters.scaling is not allowed to import attnlab.chapters.heads",
        ),
        (
            "tasks/recall.py",
            "from attnlab.widgets import base",
            "attnlab.tasks is not allowed to import attnlab.widgets",
        ),
        (
            "claims.py",
            "import attnbook.links",
            "attnlab is not allowed to import attnbook",
        ),
        (
            "functional/masks.py",
            "import torch",
            "attnlab.functional is not allowed to import torch",
        ),
        ("zoo/__init__.py", "", "attnlab.zoo"),
    ],
)
def test_an_import_that_goes_the_wrong_way_is_named(copy, place, line, named):
    file = copy / "src/attnlab" / place
    before = file.read_text("utf-8") if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{line}\n", "utf-8")
    status, said = lint(copy)
    if before is None:
        shutil.rmtree(file.parent)
    else:
        file.write_text(before, "utf-8")
    assert status == 1
    assert named in said
