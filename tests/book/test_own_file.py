"""The reader's `attention.py`: as a chapter leaves it, it runs alone and is a page's download."""

import subprocess
import sys

import pytest
from bs4 import BeautifulSoup

from attnbook.execution.results import chapters, read_page
from attnbook.own_file import FOLDER, MOST_LINES, NAME, TAG, new_lines
from tests.book.books import ROOT

FILES = {
    page: cell.source
    for page, path in chapters(ROOT).items()
    for cell in read_page(path.read_text("utf-8"), str(path)).cells
    if TAG in cell.metadata.get("tags", [])
}


@pytest.mark.parametrize("page", FILES)
def test_a_chapters_file_is_short_and_runs_alone(page, tmp_path):
    (tmp_path / NAME).write_text(FILES[page], "utf-8")
    assert len(FILES[page].splitlines()) <= MOST_LINES
    command = [sys.executable, "-I", NAME]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_lines_are_new_if_the_file_before_has_them_not():
    before = "import torch\n\n\ndef attend(V):\n    return V.mean(0)"
    now = "import math\nimport torch\n\n\ndef attend(V):\n    return V.sum(0)\n"
    assert new_lines(before, now) == [1, 6]
    assert new_lines(now, now) == []


def test_a_page_marks_what_is_new_and_offers_the_file(fixture_book):
    first, second = (
        BeautifulSoup((fixture_book.site / "book" / page).read_text("utf-8"), "html.parser")
        for page in ("part/everything.html", "second/chapter.html")
    )
    for page, place, marked, lines in (
        (first, "part/everything", [], "5 lines"),
        (second, "second/chapter", ["def attend(A, V):", "return A @ V"], "those that are new"),
    ):
        cell = page.select_one(f".tag_{TAG}")
        assert not cell.select("details")  # imports too stay in sight
        assert [line.get_text(strip=False).strip() for line in cell.select(".hll")] == marked
        assert lines in cell.select_one(".own-file").get_text()
        address = cell.select_one("a[download]")["href"]
        file = (fixture_book.site / "book" / place).parent.joinpath(address).resolve()
        assert file == fixture_book.site.resolve() / FOLDER / place.partition("/")[2] / NAME
        assert file.read_text("utf-8").rstrip("\n") in cell.select_one("pre").get_text()
