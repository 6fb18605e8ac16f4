"""The search: an index of the book's sections, made when the book is, and read in the browser.

The index is a script file with what reads it. A page loads it when the search is first used: it
weighs nothing before, and works from a disk, where a page may not read another file.
"""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

from attnlab.widgets.joining import join_modules

from ..contents import Entry, entries
from ..javascript import run_node
from ..kept import kept_of_pages
from ..names import distinct, slug
from .documents import documents

FILE = Path("_static", "search.js")
SOURCES = Path(__file__).parents[2]
NOTATION = "book/back/notation"
REFERENCE = "book/back/reference"

_SCRIPT = """
const { readFileSync } = await import("node:fs");
const { default: MiniSearch } = await import(process.argv[1]);
const { indexOf } = await import(process.argv[2]);
console.log(JSON.stringify(indexOf(MiniSearch, JSON.parse(readFileSync(0, "utf8")))));
"""


def index(library: Path, book: dict) -> dict:
    """MiniSearch's index of `{"documents": […], "pages": {…}}`, the same for the same book."""
    engine = SOURCES / "attnbook" / "front" / "search" / "engine.js"
    modules = (library / "es" / "index.js", engine)
    addresses = [path.resolve().as_uri() for path in modules]
    arguments = ("--input-type=module", "-e", _SCRIPT, *addresses)
    return json.loads(run_node("the search", *arguments, stdin=json.dumps(book)))


def script(library: Path, book: dict) -> str:
    """The file that a page loads: the library, the book with its index, and what finds in it."""
    stored = json.dumps({**book, "index": index(library, book)}, ensure_ascii=False)
    parts = (
        (library / "umd" / "index.js").read_text("utf-8"),
        f"globalThis.attnBook = {stored};",
        f"(() => {{{join_modules(SOURCES, 'attnbook/front/search.js')}\n}})();",
    )
    return "\n".join(parts) + "\n"


def _library(app) -> Path:
    return Path(app.srcdir, "node_modules", "minisearch", "dist")


def _prepare(app) -> None:
    """Ours takes the place of Sphinx's own search, whose index would be built for nothing."""
    app.builder.search = False
    if not _library(app).is_dir():
        raise ExtensionError("MiniSearch is missing: run `make book`, which installs it")


def _name_symbols(app, doctree) -> None:
    """The search leads to a row of the notation, not to its table."""
    if app.env.docname == NOTATION:
        rows = [row for body in doctree.findall(nodes.tbody) for row in body.findall(nodes.row)]
        names = (slug(f"symbol {row[0].astext()}") for row in rows)
        for row, name in zip(rows, distinct(names), strict=True):
            row["ids"] = [name]


def _search_page(app):
    if app.builder.format == "html":
        yield "search", {}, "search.html"


def _book(app) -> dict:
    """What is found, and what each page is called beside its results: its number and concept."""
    listed = entries(app.env)
    found, names, kept = [], {}, kept_of_pages(app, "search")
    for page in app.env.external_site_map:  # in the order of _toc.yml
        if page not in app.env.titles:  # Sphinx tells of a page that is not there
            continue
        entry = listed.get(page)
        names[page] = entry.short_title if entry else app.env.titles[page].astext()
        html = Path(app.outdir, f"{page}.html").read_text("utf-8")
        arguments = (page, _kind(page, entry), html)
        found += kept.get("\n".join(arguments), partial(_documents, *arguments))
    kept.write()
    return {"documents": found, "pages": names}


def _documents(page: str, kind: str, html: str) -> list[dict]:
    return [asdict(document) for document in documents(page, kind, html)]


def _kind(page: str, entry: Entry | None) -> str:
    """What the sections of a page are to its readers."""
    if page.startswith(REFERENCE):
        return "reference"
    return "section" if entry and entry.number else "page"


def _write(app, error) -> None:
    if error is None and app.builder.format == "html":
        Path(app.outdir, FILE).write_text(script(_library(app), _book(app)), "utf-8")


def setup(app) -> None:
    app.connect("builder-inited", _prepare)
    # Before the page is kept, and before its headings are copied to tables of contents.
    app.connect("doctree-read", _name_symbols)
    app.connect("html-collect-pages", _search_page)
    app.connect("build-finished", _write)
