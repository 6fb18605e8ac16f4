"""A chapter is executed when something that its results rest on changed, and only then."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

from attnbook.execution import announcement, folder_hash
from attnbook.execution.results import Results, bases, chapters, reason, shown_widgets

from .books import ROOT, prepare

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A chapter
"""
CELL = """
```{code-cell}
:tags: [hide-input]
%s
```
"""
SAYS = CELL % "from attnlab import says\nprint(f'It says {says()}.')"
SOFTMAX = "src/attnlab/functional/softmax.py"
REQUIREMENTS = "# The site\nsphinx==1\n\n# The chapters\nnumpy==2.4.5\n\n# Tests\npytest==1\n"


@dataclass(frozen=True)
class Book:
    """A small book beside a small `attnlab`, which its chapters import."""

    root: Path

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    @property
    def variables(self) -> dict[str, str]:
        paths = [str(self.root / "src"), os.environ.get("PYTHONPATH", "")]
        return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def build(self) -> str:
        """What building it prints. The small `attnlab` is imported, so nothing may be already."""
        command = [Path(sys.executable).with_name("jupyter-book"), *prepare(self.root)]
        variables = {**os.environ, **self.variables}
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def execute(self, expect: int = 0, only: str = "") -> list[str]:
        """What executing the chapters prints, less the times that they take."""
        code = f"from attnbook.execution import *; execute(Path.cwd(), 60, print, {only!r})"
        done = subprocess.run(
            [sys.executable, "-c", "from pathlib import Path; " + code],
            cwd=self.root,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == expect, done.stderr
        lines = (done.stdout + done.stderr).splitlines()
        return [line for line in lines if " done in " not in line]


def softmax_and(word: str) -> str:
    """The module of `softmax`, with a function that says a word."""
    return (ROOT / SOFTMAX).read_text("utf-8") + f"\n\ndef says():\n    return {word!r}\n"


@pytest.fixture
def book(tmp_path) -> Book:
    """Chapters `plain` and `says`, of which the second imports a function beside `softmax`."""
    book = Book(tmp_path / "here")
    ignored = shutil.ignore_patterns("chapters", "__pycache__")
    shutil.copytree(ROOT / "src" / "attnlab", book.root / "src" / "attnlab", ignore=ignored)
    root = (ROOT / "src" / "attnlab" / "__init__.py").read_text("utf-8")
    book.write("src/attnlab/__init__.py", root + "from attnlab.functional.softmax import says\n")
    book.write(SOFTMAX, softmax_and("one"))
    for file in ("pyproject.toml", "LICENSE"):
        book.write(file, (ROOT / file).read_text("utf-8"))
    book.write("requirements.txt", REQUIREMENTS)
    book.write("book/plain.md", HEAD + CELL % "print(1)")
    book.write("book/says.md", HEAD + SAYS)
    return book


def test_what_is_executed_is_said(book):
    nothing = ["No chapter needs to be executed"]
    assert book.execute() == ["all: executed, no result yet"]
    assert book.execute() == nothing

    book.write("book/says.md", HEAD + "More." + SAYS.replace("hide-input", "remove-input"))
    assert book.execute() == nothing
    book.write("book/says.md", HEAD + SAYS.replace("It", "She"))
    assert book.execute() == ["says: executed, its code changed"]
    book.write(SOFTMAX, softmax_and("two"))
    assert book.execute() == ["says: executed, functional/softmax.py changed"]
    book.write("requirements.txt", REQUIREMENTS.replace("==1", "==2"))
    assert book.execute() == nothing
    book.write("requirements.txt", REQUIREMENTS.replace("2.4.5", "2.4.6"))
    assert book.execute() == ["all: executed, numpy 2.4.5 -> 2.4.6"]

    moved = Book(book.root.rename(book.root.with_name("there")))
    assert moved.execute() == nothing


def test_for_one_chapter_the_others_are_executed_only_where_they_cannot_be_shown(book):
    assert book.execute(only="plain") == ["all: executed, no result yet"]
    book.write(SOFTMAX, softmax_and("two"))
    book.write("book/plain.md", HEAD + CELL % "print(2)")
    assert book.execute(only="plain") == ["plain: executed, its code changed"]
    book.write("book/says.md", HEAD + SAYS.replace("It", "She"))
    whole = ["says: executed, its code and functional/softmax.py changed"]
    assert book.execute(only="plain") == whole
    assert book.execute() == ["No chapter needs to be executed"]


def test_a_chapter_that_fails_keeps_no_result(book):
    book.write("book/plain.md", HEAD + CELL % "1 / 0")
    printed = book.execute(expect=1)
    assert any("book/plain.md: CellExecutionError" in line for line in printed)
    assert any("ZeroDivisionError" in line for line in printed)
    results = Results(book.root)
    assert results.basis("book/plain") is None
    assert results.basis("book/says")  # what went well is not done twice


def test_a_chapter_that_warns_keeps_no_result(book):
    """A warning may be of the moment, and would be shown until the chapter changes."""
    book.write("book/plain.md", HEAD + CELL % "import warnings; warnings.warn('no such font')")
    printed = book.execute(expect=1)
    assert any("book/plain.md: a cell wrote to stderr" in line for line in printed)
    assert any("no such font" in line for line in printed)
    assert Results(book.root).basis("book/plain") is None


def test_nothing_is_kept_of_a_chapter_that_is_gone(tmp_path):
    results = Results(tmp_path)
    for page in ("book/gone", "book/part/here"):
        results.keep(page, new_notebook(), {}, seconds=1.0)
    old_cache = tmp_path / "_build" / ".jupyter_cache"
    old_cache.mkdir()
    results.prune(["book/part/here"])
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"here.ipynb", "here.json"}
    assert not old_cache.exists()


def test_a_page_shows_its_last_result(book):
    """Also when the build that executed it came to no end."""
    book.write("_toc.yml", "format: jb-book\nroot: book/index\nchapters:\n  - file: book/says\n")
    book.write("book/index.md", "# A book\n")
    (book.root / "book" / "plain.md").unlink()
    shutil.copy(ROOT / "requirements.txt", book.root)
    page = book.root / "_build" / "html" / "book" / "says.html"
    book.build()
    assert "It says one." in page.read_text("utf-8")

    book.write(SOFTMAX, softmax_and("two"))
    assert book.execute() == ["says: executed, functional/softmax.py changed"]
    assert "No chapter needs to be executed" in book.build()
    assert "It says two." in page.read_text("utf-8")


def test_other_files_have_another_hash(tmp_path):
    """However names and contents are cut."""
    kinds = [
        {"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "", "b": "c"}, {"a": "b"}, {},
        {"x/a": "bc"}, {"x": "abc"}, {"a": "bc", "b": ""},
    ]  # fmt: skip
    hashes = []
    for number, files in enumerate(kinds):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        hashes.append(folder_hash(folder))
    assert len(set(hashes)) == len(kinds)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").touch()
    assert folder_hash(folder) == hashes[-1]


def test_a_result_rests_on_the_versions_of_numpy_and_torch():
    for basis in bases(ROOT, chapters(ROOT)).values():
        assert {"Python", "numpy", "torch"} <= basis["settings"].keys()


def test_a_cell_that_may_fail_is_other_code(book):
    code = HEAD + CELL % "print(1)"
    hashes = set()
    for tag in ("hide-input", "remove-cell", "raises-exception", "skip-execution"):
        book.write("book/plain.md", code.replace("hide-input", tag))
        hashes.add(bases(book.root, chapters(book.root))["book/plain"]["code"])
    assert len(hashes) == 3


def test_a_cell_that_cannot_be_read_is_named(book):
    book.write("book/plain.md", HEAD + (CELL % "print(1)").replace("[hide-input]", "[hide: [-"))
    with pytest.raises(ExtensionError, match=r"book/plain\.md: Code cell 1 at line 14 could not"):
        bases(book.root, chapters(book.root))


def test_of_the_rooms_a_chapter_uses_its_own():
    for page, basis in bases(ROOT, chapters(ROOT)).items():
        rooms = {name.split("/")[1] for name in basis["files"] if name.startswith("chapters/")}
        own = page.rpartition("/")[2].replace("-", "_")
        used = {"ten_minutes" if own == "index" else own}
        assert rooms - {"__init__.py"} == (set() if page.startswith("book/back/") else used), page


BASIS = {
    "code": "a",
    "settings": {"Python": "3.11", "numpy": "2.4.5"},
    "files": {"functional/arrays.py": "b", "chapters/self_attention/widget.js": "c"},
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"code": "b"}, "its code changed"),
        (
            {"settings": {"Python": "3.12", "torch": "2"}},
            "Python 3.11 -> 3.12, numpy 2.4.5 -> none, torch none -> 2",
        ),
        (
            {"files": {**BASIS["files"], "chapters/self_attention/widget.js": "d"}},
            "widget.js changed",
        ),
        (
            {"code": "b", "files": {"functional/arrays.py": "d", "functional/softmax.py": "e"}},
            "its code and functional/arrays.py changed",
        ),
        ({"files": {**BASIS["files"], "claims.py": "d"}}, "claims.py changed"),
        (
            {"files": {**BASIS["files"], "a.py": "1", "b.py": "2", "c.py": "3", "d.py": "4"}},
            "a.py, b.py, c.py and 1 more changed",
        ),
    ],
)
def test_the_reason_is_what_changed(change, expected):
    assert reason("book/transformer/self-attention", BASIS, {**BASIS, **change}) == expected


def test_pages_of_one_name_are_told_apart():
    why = {"book/index": "its code changed", "book/instructors/index": "claims.py changed"}
    assert announcement(why, chapters=3) == [
        "book/index: executed, its code changed",
        "instructors/index: executed, claims.py changed",
    ]


def test_a_page_carries_the_widgets_that_it_shows_alone():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}}
    cell = new_code_cell(outputs=[new_output("display_data", view), new_output("stream", text="!")])
    state = {"a": {"state": {"layout": "IPY_MODEL_b"}}, "b": {"state": {}}, "c": {"state": {}}}
    kind = "application/vnd.jupyter.widget-state+json"
    shown = shown_widgets({kind: {"version_major": 2, "state": state}}, [cell])
    assert shown == {kind: {"version_major": 2, "state": {"a": state["a"], "b": state["b"]}}}
