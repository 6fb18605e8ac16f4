"""What the last execution of each chapter gave, what that rested on, and whether it still does.

A chapter's result is two files in `_build/executed/`, named after its page: a notebook with its
cells' outputs, and what they rest on: its code, the files that it uses, the versions and settings
that it ran with. Nothing in them names a place on this machine.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TypedDict

import nbformat
from myst_nb.core.read import (
    MystMetadataParsingError,
    is_myst_markdown_notebook,
    read_myst_markdown_notebook,
)
from myst_parser.config.main import MdParserConfig
from sphinx.errors import ExtensionError

import attnlab

from .dependencies import Package

# Small models are fastest on one thread, with as many chapters side by side as there are cores;
# threads that spin while they wait slow a loaded machine down tenfold.
THREADS = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}

# Of all that a cell is tagged with, the kernel's client heeds these.
_HEEDED = {"raises-exception", "skip-execution"}
# How an output names its widget, and a widget one that it is made of.
_VIEW = "application/vnd.jupyter.widget-view+json"
_PART = re.compile(r"IPY_MODEL_(\w+)")
# What can hold a cell's fence in itself, so that the fence begins no cell.
_BLOCKS = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})


class Basis(TypedDict):
    """What a result rests on: hashes of its code and of files, versions and settings by name."""

    code: str
    files: dict[str, str]
    settings: dict[str, str]


def chapters(root: Path) -> dict[str, Path]:
    """The pages that have code, by their names in Sphinx."""
    pages = sorted(root.glob("book/**/*.md"))
    return {
        path.relative_to(root).with_suffix("").as_posix(): path
        for path in pages
        if _has_code(path.read_text("utf-8"))
    }


@cache  # every page that is read asks for the chapters
def _has_code(text: str) -> bool:
    return is_myst_markdown_notebook(text)


def code_of(path: Path) -> nbformat.NotebookNode:
    """A page's code alone, with nothing that its execution does not heed; not to be changed."""
    return _code_in(path.read_text("utf-8"), str(path))


@cache  # a build asks for the same page several times
def _code_in(text: str, path: str) -> nbformat.NotebookNode:
    code = read_page(text, path)
    code.metadata = {"kernelspec": code.metadata.get("kernelspec", {})}
    code.cells = _code_cells(code)
    for number, cell in enumerate(code.cells, 1):
        tags = sorted(_HEEDED.intersection(cell.metadata.get("tags", [])))
        cell.id, cell.metadata = f"cell-{number}", {"tags": tags} if tags else {}
    return code


class Results:
    """The results that are stored below a book's folder."""

    def __init__(self, root: Path):
        self.folder = root / "_build" / "executed"

    def notebook(self, page: str) -> Path:
        return self.folder / f"{page}.ipynb"

    def _record(self, page: str) -> Path:
        return self.folder / f"{page}.json"

    def basis(self, page: str) -> Basis | None:
        """What the page's result rests on, if there is one."""
        record = self._record(page)
        there = record.exists() and self.notebook(page).exists()
        return json.loads(record.read_text("utf-8"))["basis"] if there else None

    def can_show(self, page: str, path: Path) -> bool:
        """Whether the page's result is one of the code that the page, at `path`, has now."""
        before = self.basis(page)
        return before is not None and before["code"] == hash_of_code(path)

    def seconds(self, page: str) -> float:
        """How long the page's execution took."""
        return json.loads(self._record(page).read_text("utf-8"))["seconds"]

    def keep(
        self, page: str, executed: nbformat.NotebookNode, basis: Basis, seconds: float
    ) -> None:
        """Put a new result in the place of the old one."""
        record, notebook = self._record(page), self.notebook(page)
        record.unlink(missing_ok=True)  # a result that is written by half is none
        notebook.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(executed, notebook)
        stored = {"seconds": seconds, "basis": basis}
        record.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", "utf-8")

    def prune(self, pages: Iterable[str]) -> None:
        """Drop what belongs to none of these pages, and the cache of version 0.1."""
        shutil.rmtree(self.folder.with_name(".jupyter_cache"), ignore_errors=True)
        kept = {path for page in pages for path in (self.notebook(page), self._record(page))}
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()


def add_outputs(text: str, path: str, executed: str) -> nbformat.NotebookNode:
    """The page `text`, which stands at `path`, with the outputs of its `executed` notebook."""
    page, result = read_page(text, path), nbformat.read(executed, as_version=4)
    cells = _code_cells(page)
    if [cell.source for cell in cells] != [cell.source for cell in result.cells]:
        raise ExtensionError(f"the code in {path} changed while it was executed: build again")
    for cell, done in zip(cells, result.cells, strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    if "language_info" in result.metadata:
        page.metadata["language_info"] = result.metadata["language_info"]
    if "widgets" in result.metadata:
        page.metadata["widgets"] = shown_widgets(result.metadata["widgets"], cells)
    return page


def shown_widgets(widgets: dict, cells: list[nbformat.NotebookNode]) -> dict:
    """The state of those widgets alone that the cells show, and of what they are made of: a check
    makes many more, and a page would carry them all."""
    kind = "application/vnd.jupyter.widget-state+json"
    every = widgets[kind]["state"]
    views = [output.get("data", {}).get(_VIEW, {}) for cell in cells for output in cell.outputs]
    wanted = [view["model_id"] for view in views if view]
    state = {}
    while wanted:
        model = wanted.pop()
        if model in every and model not in state:
            state[model] = every[model]
            wanted += _PART.findall(json.dumps(every[model]))
    return {kind: {**widgets[kind], "state": state}}


def hash_of_code(path: Path) -> str:
    """What tells whether the code of a page is the one that a result is of."""
    return hash_of(json.dumps(code_of(path), sort_keys=True).encode())


def bases(root: Path, pages: Mapping[str, Path]) -> dict[str, Basis]:
    """What the results of these chapters have to rest on, as the book's sources are now.

    Errors: ExtensionError for a chapter that imports what is not there, and as `Package` says.
    """
    package = Package(Path(attnlab.__file__).parent)
    settings = {"Python": "{}.{}".format(*sys.version_info), **THREADS, **_pins(root)}
    found = {}
    for page, path in pages.items():
        text = "\n".join(cell.source for cell in code_of(path).cells)
        files = package.behind(text, path.relative_to(root).as_posix())
        found[page] = {
            "code": hash_of_code(path),
            "files": {file: hash_of(content) for file, content in files.items()},
            "settings": settings,
        }
    return found


def reasons(results: Results, now: dict[str, Basis]) -> dict[str, str]:
    """Why the results of some chapters will not do any more."""
    found = {page: reason(page, results.basis(page), basis) for page, basis in now.items()}
    return {page: why for page, why in found.items() if why}


def reason(page: str, before: Basis | None, now: Basis) -> str | None:
    """Why a result that rests on `before` will not do any more, in a few words; None if it does.

    Examples:
        >>> before = {"code": "a", "files": {"nn/block.py": "b"}, "settings": {"numpy": "2.0"}}
        >>> now = {"code": "a", "files": {"nn/block.py": "c"}, "settings": {"numpy": "2.1"}}
        >>> reason("book/heads", before, now)
        'numpy 2.0 -> 2.1, nn/block.py changed'
    """
    if before is None:
        return "no result yet"
    settings = {**before["settings"], **now["settings"]}
    versions = [
        f"{name} {old} -> {new}"
        for name in settings
        for old in [before["settings"].get(name, "none")]
        for new in [now["settings"].get(name, "none")]
        if old != new
    ]
    old, new = before["files"], now["files"]
    changed = ["its code"] if before["code"] != now["code"] else []
    changed += sorted(file for file in old.keys() & new.keys() if old[file] != new[file])
    # That files come and go follows from other changes, or else is the only one.
    changed = changed or sorted(old.keys() ^ new.keys())
    own = f"chapters/{PurePosixPath(page).name.replace('-', '_')}/"
    words = [file.removeprefix(own) for file in changed]
    return ", ".join(versions + ([f"{_listed(words)} changed"] if words else [])) or None


def _listed(words: list[str], most: int = 3) -> str:
    """Words in a row: "a, b and c", or "a, b, c and 4 more"."""
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _pins(root: Path) -> dict[str, str]:
    """The exact versions that the chapters run with, as `requirements.txt` groups them."""
    requirements = (root / "requirements.txt").read_text("utf-8")
    group = re.search(r"^# The chapters\n((?:.+\n)+)", requirements, re.MULTILINE)
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", group[1], re.MULTILINE)) if group else {}
    if not pins:
        raise ExtensionError('requirements.txt has no versions under a heading "# The chapters"')
    return pins


def read_page(text: str, path: str) -> nbformat.NotebookNode:
    """A page's text as cells, in the order in which MyST-NB counts them."""
    try:
        return read_myst_markdown_notebook(text, _BLOCKS, add_source_map=True, path=path)
    except MystMetadataParsingError as error:
        raise ExtensionError(f"{path}: {error}") from None


def _code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def hash_of(content: bytes) -> str:
    """A short name for what a file holds; of several things, hash a text that keeps them apart."""
    return hashlib.sha256(content).hexdigest()[:12]
