"""Small books of a test's own, built like the real one."""

import multiprocessing
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat

from attnbook import PARTS

ROOT = Path(__file__).parents[2]
FIXTURE = Path(__file__).parent / "fixture"


@dataclass(frozen=True)
class Build:
    """What building a small book gave."""

    status: int
    log: str
    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "_build" / "html"

    def notebook(self, name: str) -> nbformat.NotebookNode:
        return nbformat.read(self.folder / "_build" / "notebooks" / name, as_version=4)


def prepare(folder: Path) -> list[str]:
    """Give a book the real one's configuration; what builds it, after `jupyter-book`."""
    config = (ROOT / "_config.yml").read_text("utf-8")
    bibliography = "book/part/references.bib"
    config = config.replace("book/back/references.bib", bibliography)
    (folder / "_config.yml").write_text(config, "utf-8")
    (folder / bibliography).parent.mkdir(parents=True, exist_ok=True)
    (folder / bibliography).touch()
    shutil.copy(ROOT / "requirements.txt", folder)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        shutil.copytree(ROOT / "book" / "assets", folder / "book" / "assets")
    return ["build", str(folder), "-W", "-n", "--keep-going"]


def build_book(folder: Path, **variables: str) -> Build:
    """Build the book in `folder` with the real book's configuration."""
    arguments, log = prepare(folder), folder / "build.log"
    process = _FORKS.Process(
        target=_build, args=(arguments, log, {**os.environ, "NO_COLOR": "1", **variables})
    )
    process.start()
    process.join(timeout=300)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"a small book was not built within 300 s:\n{log.read_text('utf-8')}")
    return Build(process.exitcode, log.read_text("utf-8"), folder)


# What builds a book takes longer to import than a small book to build: it is imported once.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["jupyter_book.cli.main", "jupyter_book.sphinx", "myst_nb.sphinx_ext", "sphinxcontrib.bibtex"]
    + [f"attnbook.{part}" for part in PARTS]
)


def _build(arguments: list[str], log: Path, variables: dict[str, str]) -> None:
    """In a process of its own, as the command `jupyter-book` does it."""
    from jupyter_book.cli.main import main  # noqa: PLC0415 - tests themselves do without

    os.environ.clear()
    os.environ.update(variables)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        main(arguments)
