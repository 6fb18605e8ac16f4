"""What a term means and which work is cited, for the card that a page shows beside its link.

One file for the whole site, read when the first card is opened: a page weighs no more, and it works
from a disk, where a page may not read another.
"""

import json
from functools import partial
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from .kept import kept_of_pages

FILE = Path("_static", "card-texts.js")
_START = "globalThis.attnCards = "


def texts(html: str) -> dict[str, str]:
    """Of a page as it is written: the HTML behind the anchor of each term and each cited work.

    Examples:
        >>> texts('<dt id="term-head">head<a class="headerlink">#</a></dt><dd>One of …</dd>')
        {'term-head': 'One of …'}
    """
    page = BeautifulSoup(html, "html.parser")
    for link in page.select(".headerlink"):
        link.decompose()
    terms = {term["id"]: _meaning(term) for term in page.select('dt[id^="term-"]')}
    works = {work["id"]: work for work in page.select("div.citation[id]")}
    return {
        str(anchor): found.decode_contents().strip() for anchor, found in {**terms, **works}.items()
    }


def _meaning(term: Tag) -> Tag:
    """What is said of a term; two terms may share it."""
    meaning = term.find_next_sibling("dd")
    assert isinstance(meaning, Tag)  # Sphinx refuses a term without
    for part in meaning.select("[id]"):
        del part["id"]
    return meaning


def _write(app, error) -> None:
    if error or app.builder.format != "html":
        return
    pages = {page for page in app.env.found_docs if page.startswith("book/back/")}
    found, kept = {}, kept_of_pages(app, "cards")
    for page in sorted(pages):
        html = Path(app.outdir, f"{page}.html").read_text("utf-8")
        if cards := kept.get(html, partial(texts, html)):
            found[f"{page}.html"] = cards
    kept.write()
    text = _START + json.dumps(found, ensure_ascii=False, sort_keys=True) + ";\n"
    Path(app.outdir, FILE).write_text(text, "utf-8")


def setup(app) -> None:
    app.connect("build-finished", _write)
