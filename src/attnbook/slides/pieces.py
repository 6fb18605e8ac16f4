"""Pieces of a page as a slide shows them, and as the speaker's notes tell them.

A deck has no pages to go to: the links within the book become plain words.
"""

import copy
import re

from bs4 import Tag
from bs4.element import NavigableString

from .blocks import classes

KEPT = ("figure", "svg", "g", "marker", "path", "defs")  # whose names something refers to


def shown(node: Tag) -> Tag:
    """A copy for a slide: without links, their marks and their targets.

    Examples:
        >>> from bs4 import BeautifulSoup
        >>> page = BeautifulSoup('<p id="a">See <a href="../b.html">heads</a>.</p>', "html.parser")
        >>> print(shown(page.p))
        <p>See heads.</p>
    """
    piece = copy.copy(node)
    for mark in piece.select(".headerlink"):
        mark.decompose()
    for link in piece.find_all("a"):
        if "external" not in classes(link):
            link.unwrap()
    for each in (piece, *piece.find_all(id=True)):
        if each.name not in KEPT and each.has_attr("id"):
            del each["id"]
    return piece


def inner(node: Tag) -> str:
    """What a slide shows of a node, without the node itself."""
    return shown(node).decode_contents().strip()


def told(node: Tag) -> str:
    """A node for the speaker's notes, which have no style sheet: formulas come as MathML."""
    piece = shown(node)
    for formula in piece.select(".katex:has(math)"):
        formula.replace_with(*formula.find_all("math"))
    return str(piece)


def sentences(paragraph: Tag) -> list[str]:
    """A paragraph's sentences as HTML: the book's text has each on a line of its own.

    Examples:
        >>> from bs4 import BeautifulSoup
        >>> sentences(BeautifulSoup("<p>One <b>mean</b>.\\nTwo?</p>", "html.parser").p)
        ['One <b>mean</b>.', 'Two?']
    """
    lines = [""]
    for node in shown(paragraph).contents:
        first, *others = str(node).split("\n") if isinstance(node, NavigableString) else [str(node)]
        lines[-1] += first
        lines += others
    return [line.strip() for line in lines if line.strip()]


def lead(item: Tag) -> str:
    """What an item of a list, or a paragraph, says first: a sentence, and one more if it is bold.

    Examples:
        >>> from bs4 import BeautifulSoup
        >>> lead(BeautifulSoup("<li><p>A <strong>head</strong>.\\nTwo.</p></li>", "html.parser").li)
        'A <strong>head</strong>.'
        >>> lead(BeautifulSoup("<p><strong>All.</strong>\\nTwo.\\nSix.</p>", "html.parser").p)
        '<span class="first"><strong>All.</strong></span> Two.'
    """
    paragraph = item.find("p") or item
    first, *others = sentences(paragraph)
    if not has_bold_lead(paragraph):
        return first
    return " ".join([f'<span class="first">{first}</span>', *others[:1]])


def has_bold_lead(paragraph: Tag) -> bool:
    """Whether a paragraph's first sentence is in bold."""
    bold, words = paragraph.find("strong"), paragraph.get_text().strip()
    return bold is not None and words.split("\n")[0] == bold.get_text()


def length(html: str) -> int:
    """How many characters of it are seen, about: a formula's are counted twice."""
    return len(re.sub(r"<[^>]*>", "", html))
