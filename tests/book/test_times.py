"""The measured times that a chapter and the page of its part show."""

import re
import shutil

from attnbook.times import reading_hours
from tests.book.books import FIXTURE, build_book


def test_a_part_takes_as_long_as_its_chapters(tmp_path):
    """Also when a chapter alone was edited."""
    folder = shutil.copytree(FIXTURE, tmp_path / "book")
    chapter = folder / "book" / "part" / "everything.md"
    took = []
    for more in ("", "\n\n" + "About this there is nothing to say.\n" * 900):
        chapter.write_text(chapter.read_text("utf-8") + more, "utf-8")
        built = build_book(folder)
        assert built.status == 0, built.log
        pages = built.site / "book" / "part"
        text = (pages / "everything.html").read_text("utf-8")
        took.append(int(re.search(r"About (\d+) minutes", text)[1]))
        shown = f"Its chapters take about {reading_hours(took[-1])} to read"
        assert shown in (pages / "index.html").read_text("utf-8")
    assert took == [5, 45]
