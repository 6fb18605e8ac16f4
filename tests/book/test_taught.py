"""Terms and symbols lead to where they are taught."""

import re

import pytest
from bs4 import BeautifulSoup

from tests.book.books import build_book

GLOSSARY = (
    "# Glossary\n\n```{glossary}\nhead\n  One of several.\n\nmask\n  It hides $-\\infty$.\n```\n"
)
TOC = """format: jb-book
root: book/index
chapters:
  - file: book/part/one
  - file: book/part/two
  - file: book/back/glossary
"""


def build(folder, one: str, two: str):
    """A book with a glossary of two terms, and two pages that teach them."""
    pages = {"index": "# A book\n\nText.", "part/one": one, "part/two": two}
    for name, text in {**pages, "back/glossary": GLOSSARY}.items():
        path = folder / "book" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "_toc.yml").write_text(TOC, "utf-8")
    return build_book(folder)


def test_an_entry_leads_to_where_its_term_is_bold_and_its_card_does_too(tmp_path):
    built = build(
        tmp_path,
        "# One\n\n{term}`head`, and then **{term}`Heads <head>`**.\n",
        "# Two: a question\n\n**A {term}`mask`** hides a {term}`head`.\n",
    )
    assert built.status == 0, built.log
    book = built.site / "book"
    entries = (book / "back" / "glossary.html").read_text("utf-8")
    for anchor, page, title in (("head", "one", "One"), ("mask", "two", "Two")):
        link = rf'→ <a class="[^"]*" href="../part/{page}.html#taught-{anchor}">{title}</a></p>'
        assert re.search(link, entries)
        assert f'<strong id="taught-{anchor}">' in (book / f"part/{page}.html").read_text("utf-8")
    assert r"part/two.html#taught-mask" in (built.site / "_static/card-texts.js").read_text("utf-8")


def test_a_term_that_is_bold_nowhere_or_twice_fails_the_build(tmp_path):
    built = build(
        tmp_path, "# One\n\n**{term}`head`**\n", "# Two\n\n**{term}`head`**, {term}`mask`\n"
    )
    assert built.status != 0
    words = "should be set in bold at the one place that defines it"
    for term, pages in (("head", "book/part/one.md and book/part/two.md"), ("mask", "no page")):
        sentence = f"the glossary's '{term}' {words}, **{{term}}`{term}`**; it is in {pages}"
        assert sentence in built.log


@pytest.mark.parametrize(
    ("page", "rows"), [("glossary", "dl.glossary dd"), ("notation", 'tr[id^="symbol-"]')]
)
def test_every_entry_of_glossary_and_notation_leads_into_a_chapter(site, page, rows):
    path = site / "book" / "back" / f"{page}.html"
    found = BeautifulSoup(path.read_text("utf-8"), "html.parser").select(rows)
    assert len(found) > 50
    for row in found:
        last = row.select("a.reference.internal")[-1:]
        assert last, row.get_text()
        file, _, anchor = str(last[0]["href"]).partition("#")
        taught = (path.parent / file).read_text("utf-8")
        assert "back/" not in file and (not anchor or f'id="{anchor}"' in taught), row.get_text()
