"""A notebook on a stranger's machine: its first cell of code says what to do, or does it."""

import json
import re
import shutil
import site
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from packaging.version import Version

import attnlab
from attnbook.export import first_cell
from attnbook.export.download import build_wheel
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
VERSION = "import attnlab; print(attnlab.__version__)"
OLD = "attnlab-0.1.0-py3-none-any.whl"
NEW = f"attnlab-{attnlab.__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Path:
    """This environment's packages but the course's own, like those of a hosted notebook."""
    folder = tmp_path_factory.mktemp("shared")
    for packages in filter(Path.is_dir, map(Path, site.getsitepackages())):  # Debian names more
        for path in packages.iterdir():
            if not re.match("(__editable__.*)?(attn|attention_by)", path.name):
                (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def hosted(shared, tmp_path_factory) -> Path:
    """The Python of an environment that sees these packages and has none of its own."""
    folder = tmp_path_factory.mktemp("hosted")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "shared.pth").write_text(str(shared), "utf-8")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this working tree."""
    name, content = build_wheel(ROOT)
    path = tmp_path_factory.mktemp("wheel") / name
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def cloned(tmp_path_factory) -> str:
    """The address of a repository that holds this working tree's package."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder.as_uri()


def execute(python: Path, folder: Path, notebook: str, **variables) -> subprocess.CompletedProcess:
    """Run a notebook in its folder, with no variable set but these, and with no package index."""
    environment = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # which pip reads as "no isolation": setuptools is here
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return subprocess.run(
        [python, "-c", RUNNER, notebook],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def run(python: Path, folder: Path, *cells: str, **variables) -> subprocess.CompletedProcess:
    """Run a notebook of these cells."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(book, folder / "alone.ipynb")
    return execute(python, folder, "alone.ipynb", **variables)


def install(python: Path, wheel: Path) -> None:
    subprocess.run([python, "-I", "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)


def last_line(done: subprocess.CompletedProcess) -> str:
    return re.sub(r"\x1b\[\d+m", "", done.stderr).strip().splitlines()[-1]


def refusal(python: Path, folder: Path) -> str:
    """What the first cell says when it cannot go on."""
    done = run(python, folder, first_cell.code(None), "print('never reached')")
    assert done.returncode != 0
    assert "never reached" not in done.stdout
    return last_line(done)


def test_with_nothing_beside_it_says_what_to_do(hosted, tmp_path):
    assert refusal(hosted, tmp_path) == (
        "ModuleNotFoundError: This notebook needs attnlab 0.2.0 or later: keep it beside the "
        "wheel of its zip, by its name there (attnlab-0.2.0-py3-none-any.whl or a later one), "
        "or run `pip install .` in a copy of the course's repository."
    )


def test_what_is_not_named_as_a_wheel_is_none(hosted, wheel, tmp_path):
    """A second download, for one, gets a name that pip refuses."""
    others = ("latest", "old-0.2.0", f"{attnlab.__version__}-py3-none-any (1)", "..-py3-none-any")
    for name in others:
        shutil.copy(wheel, tmp_path / f"attnlab-{name}.whl")
    assert "by its name there (attnlab-0.2.0-py3-none-any.whl" in refusal(hosted, tmp_path)
    shutil.copy(wheel, tmp_path)
    done = run(hosted, tmp_path, first_cell.code(None), VERSION)
    assert done.stdout.splitlines()[-1] == attnlab.__version__, done.stderr


def test_an_old_wheel_is_named_with_what_it_holds_and_what_is_needed(hosted, tmp_path):
    for name in (OLD, "attnlab-0.0.9-py3-none-any.whl"):
        (tmp_path / name).touch()
    assert refusal(hosted, tmp_path) == (
        f"ModuleNotFoundError: {OLD} holds version 0.1.0, and this notebook needs attnlab 0.2.0 or "
        "later: download the chapter again."
    )


def test_a_wheel_that_pip_refuses_is_named(hosted, tmp_path):
    (tmp_path / NEW).write_bytes(b"half a download")
    assert refusal(hosted, tmp_path) == (
        f"ModuleNotFoundError: pip could not install {NEW}: it says above why."
    )


def test_a_chapter_runs_from_its_zip(hosted, shared, fixture_book, tmp_path):
    """With no variable set, and with no network, for numpy and torch stay as they are."""
    with ZipFile(fixture_book.site / "book" / "part" / "everything.zip") as download:
        download.extractall(tmp_path)
    folder = tmp_path / "part"
    path = folder / "everything.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(WHERE))
    nbformat.write(book, path)
    done = execute(hosted, folder, path.name)
    assert done.returncode == 0, done.stderr
    prefix, package, numpy, torch = json.loads(done.stdout.splitlines()[-1])
    assert Path(package).is_relative_to(prefix)
    assert numpy.startswith(str(shared)) and torch.startswith(str(shared))


def test_an_older_package_gives_way_to_the_wheel(hosted, wheel, tmp_path):
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    package = tmp_path / "src" / "attnlab"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "0.1.0"\n', "utf-8")
    name, content = build_wheel(tmp_path)
    assert name == OLD
    (tmp_path / OLD).write_bytes(content)
    install(hosted, tmp_path / OLD)
    assert run(hosted, tmp_path, VERSION).stdout == "0.1.0\n"
    shutil.copy(wheel, tmp_path)  # the older wheel is there still
    done = run(hosted, tmp_path, first_cell.code(None), VERSION)
    assert done.stdout.splitlines()[-1] == attnlab.__version__, done.stderr


def test_with_an_address_and_no_wheel_it_installs_from_there(hosted, cloned, tmp_path):
    (tmp_path / OLD).touch()
    packages = next(hosted.parents[1].glob("lib/*/site-packages"))
    before = {path.name for path in packages.iterdir()}
    done = run(hosted, tmp_path, first_cell.code(Repository(cloned, "main")), VERSION)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == attnlab.__version__
    added = {path.name.split("-")[0] for path in packages.iterdir() if path.name not in before}
    assert added == {"attnlab"}


def test_where_the_package_is_there_it_does_nothing(hosted, wheel, tmp_path):
    install(hosted, wheel)
    for home in (None, Repository("file:///nowhere", "main")):
        loaded = "import sys; print({'numpy', 'torch'} & {*sys.modules})"
        done = run(hosted, tmp_path, first_cell.code(home), loaded)
        assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr


@pytest.mark.parametrize(
    ("own", "expected"), [({}, "1 PASSIVE 1"), ({"OMP_NUM_THREADS": "2"}, "2 PASSIVE 2")]
)
def test_threads_are_set_before_torch_loads_unless_the_reader_set_them(
    hosted, wheel, tmp_path, own, expected
):
    shutil.copy(wheel, tmp_path)
    seen = (
        "import os, torch; names = ['OMP_NUM_THREADS', 'OMP_WAIT_POLICY']\n"
        "print(*[os.environ[name] for name in names], torch.get_num_threads())"
    )
    done = run(hosted, tmp_path, first_cell.code(None), seen, **own)
    assert done.stdout.splitlines()[-1] == expected, done.stderr


def test_the_package_is_as_new_as_the_notebooks_need():
    assert Version(first_cell.NEEDED) <= Version(attnlab.__version__)


def test_in_every_notebook_it_follows_the_title(notebook):
    title, first = notebook.cells[:2]
    assert title.source.startswith("# ")
    assert first.source == first_cell.code(None)
