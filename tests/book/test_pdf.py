"""A book as one PDF, and a deck of slides."""

import pytest
from pypdf import PdfReader

from attnbook.slides import deck
from attnbook.slides.page import Page
from tests.book.books import ROOT
from tools.pdf import write
from tools.slides import print_decks


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


def test_of_a_deck_each_slide_is_a_page(site, tmp_path):
    deck.write_shared(ROOT / "node_modules" / "reveal.js", tmp_path)
    written = deck.write(Page(site, site / "book/start/ten-minutes.html"), tmp_path)
    (pdf,) = print_decks([written])
    pages = PdfReader(pdf).pages
    assert len(pages) == written.read_text("utf-8").count('<aside class="notes">')
    assert {round(page.mediabox.width / page.mediabox.height, 2) for page in pages} == {1.78}
    assert "who is too tired?" in pages[0].extract_text()
    assert "of its weight on" in pages[1].extract_text()  # the widget, as it stands


def test_without_decks_it_says_what_to_do():
    with pytest.raises(FileNotFoundError, match="run make slides"):
        print_decks([])
