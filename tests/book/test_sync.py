"""`notebooks/` is what `book/` gives; whoever edits a notebook is told which, and what mends it."""

import json
import shutil
import subprocess
import sys

import pytest

from attnbook import chapter
from attnbook.__main__ import main
from attnbook.committed import differences, publish
from attnbook.execution import CHAPTER
from tests.book.books import ROOT

REMEDY = "run `make notebooks`"


@pytest.fixture
def folders(fixture_book, tmp_path):
    """What a build derived, and a committed copy of it."""
    derived, committed = tmp_path / "derived", tmp_path / "notebooks"
    shutil.copytree(fixture_book.folder / "_build" / "notebooks", derived)
    publish(derived, committed)
    return derived, committed


def edit(path, change) -> None:
    """Let `change(notebook)` alter the notebook at `path`."""
    book = json.loads(path.read_text("utf-8"))
    change(book)
    path.write_text(json.dumps(book), "utf-8")


def cell_with(book, words: str) -> dict:
    return next(cell for cell in book["cells"] if words in "".join(cell["source"]))


def test_the_committed_notebooks_are_what_the_book_gives(site):
    assert differences(ROOT / "_build" / "notebooks", ROOT / "notebooks") == []


def test_a_copy_does_not_differ(folders):
    assert differences(*folders) == []


def test_an_edited_sentence_is_named(folders):
    def change(book):
        cell_with(book, "The end.")["source"] = ["The very end."]

    path = folders[1] / "part" / "everything.ipynb"
    edit(path, change)
    (message,) = differences(*folders)
    assert message.startswith(f"{path}, cell 22 differs:")
    assert "-The very end." in message and "+The end." in message
    assert REMEDY in message


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book["cells"].pop(),
        lambda book: book["cells"].insert(3, dict(book["cells"][3])),
        lambda book: cell_with(book, "two = ...")["source"].append("\ntwo = 2"),
        lambda book: cell_with(book, "two = ...").update(metadata={}),
        lambda book: book["metadata"].update(kernelspec={}),
        lambda book: book.pop("cells"),
    ],
    ids=["cell removed", "cell added", "code edited", "tag removed", "other kernel", "no cells"],
)
def test_every_edit_is_noticed(folders, change):
    edit(folders[1] / "part" / "everything.ipynb", change)
    (message,) = differences(*folders)
    assert REMEDY in message


def test_another_processor_may_measure_otherwise(folders):
    def change(book):
        cell = cell_with(book, "We measured")
        text = "".join(cell["source"])
        for start, end in reversed(cell["metadata"]["values"]):
            text = text[:start] + "0.999" + text[end:]
        first = text.index("0.999")
        second = text.index("0.999", first + 1)
        cell["source"] = [text]
        cell["metadata"]["values"] = [[first, first + 5], [second, second + 5]]
        cell_with(book, "claim(")["outputs"][0]["data"]["text/plain"] = ["✓ One is one: 0.999"]

    edit(folders[1] / "part" / "everything.ipynb", change)
    assert differences(*folders) == []


def test_a_missing_a_surplus_and_a_broken_notebook(folders):
    committed = folders[1]
    (committed / "part" / "everything.ipynb").rename(committed / "part" / "stray.ipynb")
    missing, surplus = differences(*folders)
    assert "everything.ipynb is missing: " + REMEDY in missing
    assert "stray.ipynb belongs to no chapter: " + REMEDY in surplus
    (committed / "part" / "everything.ipynb").write_text("<<<<<<< ours", "utf-8")
    assert "which is not a notebook" in differences(*folders)[0]


def test_the_commands_need_a_build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "_toc.yml").touch()
    for command in ("notebooks", "sync"):
        assert main([command]) == "_build/notebooks is missing: run make book first"


@pytest.mark.parametrize(
    "command", [["notebooks"], ["sync"], ["chapter", "heads"], ["new", "part/trial", "Trial"]]
)
def test_the_commands_run_in_the_root(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    assert main(command) == "run this in the repository's root: there is no _toc.yml here"
    assert not list(tmp_path.iterdir())


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """`steps(build, tests)`: Python code in the place of a chapter's build and of its tests."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(chapter, "difference", lambda *notebooks: None)

    def replace(build: str = "", tests: str = "") -> None:
        monkeypatch.setattr(chapter, "BUILD", [sys.executable, "-c", build])
        monkeypatch.setattr(chapter, "PYTEST", [sys.executable, "-c", tests])

    return replace


def test_a_chapter_is_known_by_its_rooms_name_too(steps, capfd):
    steps(f"import os; print(os.environ[{CHAPTER!r}])", "import sys; print(*sys.argv)")
    chapter.work_on("self_attention")
    built, page, browsed, others = capfd.readouterr().out.splitlines()
    assert built == "self-attention"
    assert page.endswith("the page is _build/html/book/transformer/self-attention.html")
    assert browsed.endswith(" tests/chapters/self_attention/test_browser.py")
    assert others.endswith(" --ignore=tests/chapters/self_attention/test_browser.py")


def test_a_chapter_whose_build_fails_is_not_tested_on(steps):
    steps(build="raise SystemExit(3)", tests="import time; time.sleep(60)")
    with pytest.raises(subprocess.CalledProcessError, match="status 3"):
        chapter.work_on("heads")


@pytest.mark.parametrize("failing", ["--ignore=", "tests/"], ids=["the rest", "in the browser"])
def test_a_chapter_of_which_a_test_fails_is_not_done(steps, capfd, failing):
    """Whichever fail, all are run and say what they have to."""
    steps(tests=f"import sys; print('tested'); sys.exit(sys.argv[-1].startswith({failing!r}))")
    with pytest.raises(subprocess.CalledProcessError, match="status 1"):
        chapter.work_on("heads")
    assert capfd.readouterr().out.splitlines()[1:] == ["tested", "tested"]


def test_the_commands_mend_what_they_report(folders, tmp_path, monkeypatch):
    derived, committed = folders
    shutil.move(derived, tmp_path / "_build" / "notebooks")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "_toc.yml").touch()
    edit(committed / "part" / "everything.ipynb", lambda book: book["cells"].pop())
    assert REMEDY in main(["sync"])
    assert main(["notebooks"]) is None
    assert main(["sync"]) is None
