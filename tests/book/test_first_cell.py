"""A notebook alone in an empty folder: its first cell says what to do, or does it."""

import json
import re
import shutil
import site
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from attnbook.export import first_cell
from attnbook.links import Repository
from tests.book.books import ROOT

# Runs the notebook that is named, and prints what its cells print.
RUNNER = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(book, timeout=300, kernel_name="python3").execute()
for cell in book.cells:
    for output in cell.get("outputs", []):
        print(output.get("text", ""), end="")
"""
WHERE = """
import attnlab, json, numpy, sys, torch
print(json.dumps([sys.prefix, attnlab.__file__, numpy.__file__, torch.__file__]))
"""


@pytest.fixture(scope="module")
def hosted(tmp_path_factory) -> Path:
    """The Python of an environment that has everything but `attnlab`, like a hosted notebook's.

    It sees this environment's packages through a path file. The link by which `attnlab` is
    installed here for its developers is a path file itself, and such are not followed twice.
    """
    folder = tmp_path_factory.mktemp("hosted")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "shared.pth").write_text("\n".join(site.getsitepackages()), "utf-8")
    return python


@pytest.fixture(scope="module")
def cloned(tmp_path_factory) -> str:
    """The address of a repository that holds this working tree's packages."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder.as_uri()


def run(python: Path, folder: Path, cells: list[str]) -> subprocess.CompletedProcess:
    """Run a notebook of these cells, alone in a folder."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(book, folder / "alone.ipynb")
    return subprocess.run(
        [python, "-c", RUNNER, "alone.ipynb"],
        cwd=folder,
        env={
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "PIP_NO_BUILD_ISOLATION": "0",  # which pip reads as "no isolation": setuptools is here
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        },
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def test_without_an_address_it_says_what_to_do(hosted, tmp_path):
    done = run(hosted, tmp_path, [first_cell(None), "print('never reached')"])
    assert done.returncode != 0
    assert "never reached" not in done.stdout
    assert re.sub(r"\x1b\[\d+m", "", done.stderr).strip().splitlines()[-1] == (
        "ModuleNotFoundError: This notebook needs the package attnlab: get the repository that "
        "this notebook belongs to, run `pip install .` in its folder, and run this cell again."
    )


def test_with_an_address_it_installs_and_leaves_numpy_and_torch_alone(hosted, cloned, tmp_path):
    packages = next(hosted.parents[1].glob("lib/*/site-packages"))
    before = {path.name for path in packages.iterdir()}
    done = run(hosted, tmp_path, [first_cell(Repository(cloned, "main")), WHERE])
    assert done.returncode == 0, done.stderr
    prefix, attnlab, numpy, torch = json.loads(done.stdout.splitlines()[-1])
    assert Path(attnlab).is_relative_to(prefix)
    shared = tuple(site.getsitepackages())
    assert numpy.startswith(shared) and torch.startswith(shared)
    added = {path.name.split("-")[0] for path in packages.iterdir() if path.name not in before}
    assert added == {"attnlab", "attnbook", "attention_by_experiment"}


def test_where_the_package_is_there_it_does_nothing(tmp_path):
    home = Repository("file:///nowhere", "main")
    for cell in (first_cell(None), first_cell(home)):
        done = run(Path(sys.executable), tmp_path, [cell, "import attnlab; print('fine')"])
        assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


def test_every_notebook_begins_with_it(notebook):
    assert notebook.cells[0].source == first_cell(None)
