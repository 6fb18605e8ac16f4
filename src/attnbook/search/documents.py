"""What the search finds on a page as it is written: its sections and what has an anchor of its own.

Each is a document with the `kind` that results are grouped by. What is seen elsewhere (code and
what it printed), or only after the reader has asked for it (solutions, what a prediction covers),
is in none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from .formula_words import in_words

NEVER = (
    *(".covered", ".solution", ".skip", ".asked", "pre", ".highlight", "script", "style", "svg"),
    ".options",  # of a choice: all but one are wrong
    ".told",  # what checks tell, and rubrics: for instructors, who know where they are
    *(".katex-html", "annotation", ".eqno", ".headerlink", ".chapter-times", ".fold > summary"),
)
REPEATED = "#the-formula-so-far"  # what stands there is found where it is explained
TITLES = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = (
    *("p", "li", "ul", "ol", "dl", "dt", "dd", "div", "section", "figure", "figcaption", "table"),
    *("thead", "tbody", "tr", "blockquote", "details", "summary", "aside"),
)


@dataclass(frozen=True)
class Document:
    """What a result leads to. In `text` each line is a block of the page."""

    kind: str
    page: str
    anchor: str  # "" for the page itself
    title: str
    text: str


def documents(page: str, kind: str, html: str) -> list[Document]:
    """The documents of a page, named without its suffix; its sections are of the kind.

    Examples:
        >>> html = '<article><section id="a"><h1>Heads</h1><p>Why several?</p></section></article>'
        >>> documents("book/heads", "section", html)
        [Document(kind='section', page='book/heads', anchor='', title='Heads', text='Why several?')]
    """
    article = BeautifulSoup(html, "html.parser").article
    assert article is not None, page  # our own frame has one
    for part in article.select(", ".join(NEVER)):
        part.decompose()
    for section in article.select(REPEATED):
        section.decompose()
    for formula in article.select("math"):
        formula.replace_with(in_words(formula))
    small = [*_pieces(article, page)]
    sections = []
    for section in reversed(article.select("section")):  # the inner ones first
        title = section.find(TITLES)
        if title is None:
            continue
        outermost = section.find_parent("section") is None
        words = _line(title)
        title.decompose()
        anchor = "" if outermost else str(section["id"])
        sections.append(Document(kind, page, anchor, words, _text(section)))
        section.decompose()
    said = [section for section in reversed(sections) if section.text or not section.anchor]
    return [*said, *small]


def _pieces(article: Tag, page: str) -> Iterator[Document]:
    """What is smaller than a section and found by itself; taken out of the article."""
    for exercise in _taken(article, ".exercise[id]"):
        name = exercise.select_one(".admonition-title")
        assert name is not None  # sphinx-exercise numbers each
        title = _in_brackets(_line(name))
        name.decompose()
        yield Document("exercise", page, str(exercise["id"]), title, _text(exercise))
    for claim in _taken(article, "p.claim[id]"):
        statement = claim.select_one(".claim-statement")
        title = _line(statement) if statement else ""
        measured = _line(claim).removeprefix(f"{title}: ")
        yield Document("claim", page, str(claim["id"]), title, measured)
    for term in article.select('dt[id^="term-"]'):
        meaning = term.find_next_sibling("dd")
        text = _text(meaning) if isinstance(meaning, Tag) else ""
        yield Document("term", page, str(term["id"]), _line(term), text)
    yield from _signatures(article, page)
    for row in _taken(article, 'tr[id^="symbol-"]'):
        symbol, *rest = row.select("td")
        names = [code.get_text() for code in row.select("td:nth-of-type(2) code")]
        title = ", ".join(dict.fromkeys([_line(symbol), *names]))
        yield Document("notation", page, str(row["id"]), title, " · ".join(map(_line, rest)))
    for work in _taken(article, "div.citation[id]"):
        line = _line(work)
        yield Document("work", page, str(work["id"]), _work_title(line), line)
    # The claims are found where their chapters state them.
    _taken(article, "dl.glossary, table.claims")


def _signatures(article: Tag, page: str) -> Iterator[Document]:
    """Classes, functions, methods: each with what it says itself, without its members."""
    found = []
    for entry in reversed(article.select("dl.py")):
        name, meaning = entry.select_one("dt[id]"), entry.select_one("dd")
        if name and meaning:
            anchor = str(name["id"])
            title = anchor.partition(".")[2]
            found.append(Document("reference", page, anchor, title, _text(meaning)))
        entry.decompose()
    yield from reversed(found)


def _taken(article: Tag, selector: str) -> list[Tag]:
    return [part.extract() for part in article.select(selector)]


def _in_brackets(words: str) -> str:
    """An exercise's title without its number.

    Examples:
        >>> _in_brackets("Exercise 3 (Zeros at the end (a minute))")
        'Zeros at the end (a minute)'
    """
    return words.partition(" (")[2].removesuffix(")")


def _work_title(line: str) -> str:
    """What follows the authors, whose initials have points as well.

    Examples:
        >>> _work_title("Iz Beltagy, Matthew E. Peters, and Arman Cohan. Longformer. 2020.")
        'Longformer'
    """
    _, title, *_ = [*re.split(r"(?<!\b[A-Z])[.?] ", line), line]
    return title


def _text(part: Tag) -> str:
    """The blocks of a part, a line each."""
    lines = []
    _gather(part, lines, [])
    return "\n".join(line for line in lines if line)


def _gather(part: Tag, lines: list[str], run: list[str]) -> None:
    for child in part.children:
        if isinstance(child, Tag) and child.name == "tr":
            lines.append(" · ".join(_line(cell) for cell in child.select("th, td")))
        elif isinstance(child, Tag) and child.name in BLOCKS:
            lines.append(_squeezed("".join(run)))
            run.clear()
            _gather(child, lines, [])
        elif isinstance(child, Tag):
            run.append(child.get_text())
        elif type(child) is NavigableString:  # no comment
            run.append(child)
    lines.append(_squeezed("".join(run)))


def _line(part: Tag) -> str:
    return _squeezed(part.get_text())


def _squeezed(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()
