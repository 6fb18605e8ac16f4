"""The whole book as one PDF, with contents, page numbers and bookmarks: _build/book.pdf.

    python -m tools.pdf     after `make book`

Chromium opens every page, so that widgets are there as they stand; what the pages hold is put into
one document, and that is printed twice: the first print tells on which page each chapter begins.
"""

import html
import json
import sys
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tools.printing import open_page, print_page, printer

SITE = Path("_build", "html")
BOOK = Path("_build", "book.pdf")
PART, CHAPTER = 1, 2  # levels of the contents
TITLE, CONTENTS = "Attention by Experiment", "Contents"
# Takes a page apart: its article, with anchors that no other page has, and its widgets' styles.
TAKE = """([place, places]) => {
  const article = document.querySelector("article").cloneNode(true);
  const shown = document.querySelectorAll("article input");
  article.querySelectorAll("input").forEach((input, i) => {
    input.setAttribute("value", shown[i].value);
    input.toggleAttribute("checked", shown[i].checked);
  });
  article.querySelectorAll("[id]").forEach((part) => { part.id = `${place}--${part.id}`; });
  article.querySelectorAll("script, .headerlink, .copy-button").forEach((part) => part.remove());
  article.querySelectorAll("img").forEach((img) => { img.src = img.src; });
  article.querySelectorAll("a[href]").forEach((link) => {
    const address = new URL(link.getAttribute("href"), document.baseURI); // a diagram's link, too
    const [page, anchor] = address.href.split("#");
    const target = places[page];
    if (target) link.setAttribute("href", `#${target}${anchor ? "--" + anchor : ""}`);
  });
  return {
    html: article.innerHTML,
    styles: [...document.querySelectorAll("style")].map((style) => style.textContent),
    sheets: [...document.querySelectorAll('link[rel="stylesheet"]')].map((s) => [s.href, s.media]),
  };
}"""
MENU = """() => [...document.querySelectorAll(".site-nav :is(.caption, li) a")].map((link) => [
  link.href.split("#")[0], link.textContent.trim().replace(/\\s+/g, " "),
  link.closest(".caption") ? 1 : 2])"""
OWN = """
.contents { break-before: page; } .contents ol { list-style: none; padding: 0; }
.contents li { display: flex; gap: 0.5rem; }
.contents li.part { margin-top: 0.8rem; font-weight: 640; }
.contents li span { flex: 1; border-bottom: 1px dotted var(--rule); }
.sheet { break-before: page; } .cover { padding-top: 40%; text-align: center; }
"""


def write(site: Path, target: Path) -> int:
    """Print the site into one PDF; returns the number of its pages.

    Raises:
        FileNotFoundError: there is no site, or no browser.
    """
    first = site / "book" / "index.html"
    if not first.exists():
        raise FileNotFoundError("There is no site yet: run make book")
    with printer() as browser:
        page = browser.new_page()
        page.goto(first.resolve().as_uri())
        listed = [(first.resolve().as_uri(), TITLE, CHAPTER), *map(tuple, page.evaluate(MENU))]
        sheets = _taken(page, listed)
        starts: dict[str, int] = {}
        for _ in range(2):
            document = site / "one-document.html"
            document.write_text(_document(listed, sheets, starts), "utf-8")
            _print(browser, document, target)
            document.unlink()
            starts = _starts(PdfReader(target))
    return len(PdfReader(target).pages)


def _taken(page: Page, listed: list[tuple[str, str, int]]) -> list[dict]:
    places = {address: f"sheet-{k}" for k, (address, *_) in enumerate(listed)}
    taken = []
    for address, place in places.items():
        open_page(page, address)
        taken.append(page.evaluate(TAKE, [place, places]))
    return taken


def _document(listed, sheets: list[dict], starts: dict[str, int]) -> str:
    """The one document; a page's number stands in its contents where that is known."""
    links = {tuple(sheet) for taken in sheets for sheet in taken["sheets"]}
    styles = {style for taken in sheets for style in taken["styles"]}
    head = [
        f'<link rel="stylesheet" href="{href}" media="{media}">' for href, media in sorted(links)
    ]
    head += [f"<style>{style}</style>" for style in [*sorted(styles), OWN]]
    lines = [
        f'<li class="{"part" if level == PART else "chapter"}"><a href="#sheet-{k}">'
        f"{html.escape(title)}</a> <span></span> {starts.get(f'sheet-{k}', '')}</li>"
        for k, (_, title, level) in enumerate(listed)
    ]
    body = [
        f'<section class="sheet" id="sheet-{k}"><article>{taken["html"]}</article></section>'
        for k, taken in enumerate(sheets)
    ]
    return "\n".join(
        [
            '<!doctype html><html lang="en" data-theme="light" class="js"><meta charset="utf-8">',
            f"<title>{TITLE}</title>",
            *head,
            f'<section class="cover"><h1>{TITLE}</h1></section>',
            f'<section class="contents"><h2>{CONTENTS}</h2><ol>{"".join(lines)}</ol></section>',
            *body,
            "</html>",
        ]
    )


def _print(browser: Browser, document: Path, target: Path) -> None:
    page = browser.new_page()
    page.goto(document.resolve().as_uri(), wait_until="load")
    print_page(page, target)
    page.close()


def _starts(pdf: PdfReader) -> dict[str, int]:
    """The page on which each anchor of a chapter lies, counted from 1."""
    return {
        unquote(name).lstrip("/"): pdf.get_destination_page_number(destination) + 1
        for name, destination in pdf.named_destinations.items()
    }


if __name__ == "__main__":
    try:
        print(json.dumps({"file": str(BOOK), "pages": write(SITE, BOOK)}))
    except FileNotFoundError as error:
        sys.exit(str(error))
