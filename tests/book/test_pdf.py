"""A book as one PDF."""

import pytest
from pypdf import PdfReader

from tools.pdf import write


def test_a_pdf_has_contents_with_page_numbers_and_bookmarks(fixture_book, tmp_path):
    target = tmp_path / "book.pdf"
    count = write(fixture_book.site, target)
    pages = [page.extract_text() for page in PdfReader(target).pages]
    assert len(pages) == count
    contents = next(text for text in pages if "Contents" in text)
    for title in ("1.1 Everything", "1.2 Another page", "1.3 A second chapter"):
        (line,) = [line for line in contents.splitlines() if line.startswith(title)]
        number = int(line.split()[-1])
        assert title in pages[number - 1]
    bookmarks = str(PdfReader(target).outline)
    assert "A second chapter" in bookmarks
    assert not (fixture_book.site / "one-document.html").exists()


def test_without_a_site_it_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="run make book"):
        write(tmp_path, tmp_path / "book.pdf")
