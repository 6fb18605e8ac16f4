"""What a built page holds, one thing after the other, each with the headings above it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]'
# What a lecture goes without: times, proofs that the page folds, and what only a reader needs.
LEFT_OUT = {"chapter-times", "fold", "skip", "own-file", "covered-note"}
BOXES = ("objectives", "prediction", "takeaway", "exercise", "solution")


@dataclass(frozen=True)
class Block:
    """One thing on a page, with its two headings: "" for one that is not there."""

    kind: str
    node: Tag
    section: str = ""
    part: str = ""

    @property
    def place(self) -> tuple[str, str]:
        return self.section, self.part


def blocks(page: BeautifulSoup) -> list[Block]:
    """A chapter's things, in their order.

    Kinds: `title`, `prose`, `list`, `table`, `formula`, `figure`, `widget`, `cell` (its code and
    what it printed), `claim`, `answers` (what folds below a widget), and the boxes of a chapter. An
    aside stays out, unless it has a figure or a widget.

    Examples:
        >>> page = "<article><h1>Heads</h1><section><h2>Why?</h2><p>Two.</p></section></article>"
        >>> [(each.kind, each.section) for each in blocks(BeautifulSoup(page, "html.parser"))]
        [('title', ''), ('prose', 'Why?')]
    """
    article = page.find("article")
    return list(_walk(article, "", "")) if isinstance(article, Tag) else []


def is_prediction(block: Block) -> bool:
    """Whether a widget is the control of the prediction above it."""
    cell = block.node.find_parent(class_="cell")
    above = cell.find_previous_sibling() if cell else None
    return isinstance(above, Tag) and "prediction" in classes(above)


def classes(node: Tag) -> set[str]:
    return set(node.get_attribute_list("class"))


def _walk(parent: Tag, section: str, part: str) -> Iterator[Block]:
    for node in parent.find_all(recursive=False):
        if node.name in ("h2", "h3"):
            section, part = (_words(node), "") if node.name == "h2" else (section, _words(node))
        elif (kind := _kind(node)) == "within":
            yield from _walk(node, section, part)
        elif kind == "cell":
            yield from _cell(node, section, part)
        elif kind:
            yield Block(kind, node, section, part)


def _kind(node: Tag) -> str:
    """What a node is; "within" if its parts are asked, "" if it stays out."""
    named = classes(node)
    for kind in (*BOXES, "claim"):
        if kind in named:
            return kind
    if LEFT_OUT & named:
        return ""
    if "aside" in named:
        return "within" if node.select_one(f"figure, {VIEW}") else ""
    if node.name == "details":
        return "answers"
    for kind, name in (("cell", "cell"), ("formula", "math")):
        if name in named:
            return kind
    of_tag = {"h1": "title", "p": "prose", "blockquote": "prose", "ul": "list", "ol": "list"}
    of_tag |= {"table": "table", "figure": "figure", "section": "within", "div": "within"}
    return of_tag.get(node.name, "")


def _cell(cell: Tag, section: str, part: str) -> Iterator[Block]:
    """A widget or a figure is all that its cell shows; else it is its code and what it printed."""
    for kind, found in (("widget", cell.select(VIEW)), ("figure", cell.find_all("figure"))):
        if found:
            yield from (Block(kind, node, section, part) for node in found)
            return
    yield Block("cell", cell, section, part)
    for claim in cell.select(".claim"):
        if claim.find_parent("details") is None:  # a finding; checks are folded
            yield Block("claim", claim, section, part)


def _words(heading: Tag) -> str:
    """A heading without its link to itself, as HTML."""
    return "".join(
        str(node)
        for node in heading.contents
        if not (isinstance(node, Tag) and "headerlink" in classes(node))
    ).strip()
