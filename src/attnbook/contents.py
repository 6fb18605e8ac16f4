"""The book's contents: titles of a concept and a question, and numbers that follow `_toc.yml`.

A part is numbered if its first page adds up the times of its chapters (`{part-times}`). That page
has the part's number, 3, and the chapters after it have 3.1, 3.2, … A number is never typed, and
stands in no address: a chapter that is put between two others changes no link.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from docutils import nodes

from .times import opening_pages

PART = "Part {number} · {title}"
PART_TITLE = "Part {number}: {title}"
CHAPTER_TITLE = "{number} {title}"


@dataclass(frozen=True)
class Entry:
    """A page's line in the contents, e.g. 3.5, The Transformer, what do the parts do together?"""

    page: str
    title: str
    number: str = ""

    @property
    def concept(self) -> str:
        return self.title.partition(": ")[0]

    @property
    def question(self) -> str:
        return self.title.partition(": ")[2]

    @property
    def short_title(self) -> str:
        """The concept with its number, e.g. 3.5 The Transformer."""
        return replace(self, title=self.concept).full_title

    @property
    def full_title(self) -> str:
        """The title with its number."""
        if not self.number:
            return self.title
        words = CHAPTER_TITLE if "." in self.number else PART_TITLE
        return words.format(number=self.number, title=self.title)


@dataclass(frozen=True)
class Part:
    """A part of the book: its caption, the page that opens it if one does, and the others."""

    caption: str
    opening: Entry | None
    entries: list[Entry]

    @property
    def all(self) -> list[Entry]:
        """The page that opens it as well."""
        return self.entries if self.opening is None else [self.opening, *self.entries]


def contents(env) -> list[Part]:
    """The book's parts, in the order of `_toc.yml`."""
    return list(_parts(env))


def _parts(env) -> Iterator[Part]:
    number = 0
    for tree in env.external_site_map.root.subtrees:
        pages = [page for page in tree.files() if page in env.titles]  # Sphinx tells of the others
        if not opening_pages(env).intersection(pages[:1]):
            yield Part(tree.caption or "", None, [_entry(env, page) for page in pages])
            continue
        number += 1
        first, *rest = pages
        opening = _entry(env, first, str(number))
        chapters = [_entry(env, page, f"{number}.{k}") for k, page in enumerate(rest, 1)]
        yield Part(PART.format(number=number, title=opening.title), opening, chapters)


def _entry(env, page: str, number: str = "") -> Entry:
    return Entry(page, env.titles[page].astext(), number)


def entries(env) -> dict[str, Entry]:
    """Every page that has a line in the contents, by its name."""
    return {entry.page: entry for part in contents(env) for entry in part.all}


def _part_of(env, pagename: str) -> Part | None:
    """The part with this page, or with the page that it is below."""
    pages = {pagename, pagename.rpartition("/")[0]}
    for part in contents(env):
        if pages & {entry.page for entry in part.all}:
            return part
    return None


def _number_heading(app, doctree, docname) -> None:
    """After the notebook is made: there, a chapter has no other beside it to be counted with."""
    entry, title = entries(app.env).get(docname), doctree.next_node(nodes.title)
    if app.builder.format == "html" and entry is not None and entry.number and title is not None:
        title.children = [nodes.Text(entry.full_title.removesuffix(entry.title)), *title.children]


def _prepare_page(app, pagename, templatename, context, doctree) -> None:
    """What the frame says about the book: its contents, this page's part, and its neighbors."""
    listed = entries(app.env)
    context["contents"] = contents(app.env)
    context["part"] = _part_of(app.env, pagename)
    context["full_title"] = listed[pagename].full_title if pagename in listed else ""
    _, *neighbors = app.builder.relations.get(pagename) or (None, None, None)
    for way, page in zip(("prev", "next"), neighbors, strict=True):
        if page is not None and context.get(way):
            context[way] = {**context[way], "entry": listed.get(page)}


def _rewrite_menus(app, env) -> list[str]:
    """Every page shows the menu: one chapter more, or another title, and all are written anew."""
    menu = contents(env)
    same, env.attnbook_menu = menu == getattr(env, "attnbook_menu", None), menu
    return [] if same else list(env.found_docs)


def setup(app) -> None:
    app.connect("doctree-resolved", _number_heading)
    app.connect("env-updated", _rewrite_menus)
    app.connect("html-page-context", _prepare_page)
