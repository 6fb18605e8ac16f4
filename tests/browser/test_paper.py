"""Chapters on paper: on few pages, none of them half empty."""

import io

import pytest
from pypdf import PdfReader

from tests.browser.fixtures import ROOT
from tests.browser.on_page import page_of

SITE = ROOT / "_build" / "html"
MOST = 16  # pages of a chapter
CHAPTERS = sorted(
    path.stem for path in ROOT.glob("book/*/*.md") if "{chapter-times}" in path.read_text("utf-8")
)


def lowest_line(page) -> float:
    """Where the last line of a page stands above its foot, as a share of its height."""
    heights = []

    def note(text, transform, line, *_):
        if text.strip():
            heights.append(line[5] * transform[3] + transform[5])

    page.extract_text(visitor_text=note)
    foot = 50  # points: below it is the page's number
    return min(y for y in heights if y > foot) / float(page.mediabox.height)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_takes_few_pages_and_fills_them(visit, address_of, chapter):
    home = address_of(SITE, "http")
    page = visit(home + page_of(chapter), home).page
    page.wait_for_load_state("networkidle")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(printed) <= MOST
    assert [n for n, p in enumerate(printed[:-1], 1) if lowest_line(p) > 0.5] == []
