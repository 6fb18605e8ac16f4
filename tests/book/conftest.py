"""The built site, its notebooks, and a small book that holds every construct."""

import shutil
from pathlib import Path

import nbformat
import pytest

from tests.book.books import FIXTURE, ROOT, Build, build_book

NOTEBOOKS = sorted(ROOT.glob("notebooks/**/*.ipynb"))


@pytest.fixture(scope="session")
def fixture_book(tmp_path_factory) -> Build:
    """A book with a page that holds every construct which a chapter may use."""
    folder = tmp_path_factory.mktemp("fixture")
    shutil.copytree(FIXTURE, folder, dirs_exist_ok=True)
    built = build_book(folder)
    assert built.status == 0, built.log
    return built


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the real site's pages."""
    folder = ROOT / "_build" / "html"
    if not (folder / "index.html").exists():
        pytest.fail("there is no site yet: run make book first")
    return folder


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.relative_to(ROOT / "notebooks").as_posix())
def notebook(request) -> nbformat.NotebookNode:
    """Each committed notebook in turn."""
    return nbformat.read(request.param, as_version=4)
