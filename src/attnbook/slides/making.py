"""Slides out of the other things on a page, each kind in its own way."""

import re
from itertools import pairwise
from math import ceil

from bs4 import BeautifulSoup, Tag

from .pieces import has_bold_lead, inner, lead, length, sentences, shown, told
from .slide import Slide

LONG = 260  # characters of what a section says in short
LINE, MOST_LINES = 76, 14.5  # characters of a point in a line, and lines of points
WIDE, TALL = 1.75, 0.8  # pictures that need all of a slide's width, or of its height
_TITLE = re.compile(r"(?:(\d+\.\d+) )?([^:]*)(?:: (.*))?", re.DOTALL)
_EXERCISE = re.compile(r"(.*?) \((.*?)(?: · .*)?\)", re.DOTALL)

# The words that readers see.
BOOK = "Attention by Experiment"
MEASURED = "What was measured"
COLUMNS = ("", "Measured", "Expected")
STORED = "From a stored run."
MARK = " †"  # beside what a stored run measured


def chapter_of(page: BeautifulSoup) -> str:
    """A chapter's number and concept, e.g. 3.3 Heads."""
    heading = page.select_one("article h1")
    number, concept, _ = _named(heading) if heading else ("", "", "")
    return f"{number} {concept}".strip()


def _named(heading: Tag) -> tuple[str, str, str]:
    """Number, concept and question of a title."""
    found = _TITLE.fullmatch(inner(heading))
    assert found is not None  # everything in it is optional
    number, concept, question = found.groups("")
    return number, concept, question


def title(heading: Tag, part: str) -> Slide:
    number, concept, question = _named(heading)
    above = " · ".join(filter(None, (BOOK, part, number)))
    body = f'<p class="above">{above}</p><h1>{concept}</h1><p class="question">{question}</p>'
    return Slide("title", body)


def box(node: Tag, kind: str) -> Slide:
    """What stands in a box of a chapter, below its title."""
    content = shown(node)
    heading = content.select_one(".admonition-title")
    words = inner(heading.extract()) if heading else ""
    return Slide(kind, content.decode_contents(), section=words)


def points(node: Tag) -> list[Slide]:
    """A list, on as many slides as it takes: of steps to try all, of others what is said first."""
    items = node.find_all("li", recursive=False)
    if node.name == "ol":
        return _listed([inner(item) for item in items], "ol")
    slides = _listed([lead(item) for item in items], "ul")
    slides[0].notes.append(told(node))
    return slides


def _listed(items: list[str], tag: str) -> list[Slide]:
    lines = sum(ceil(length(item) / LINE) + 0.5 for item in items)
    pages = ceil(lines / MOST_LINES)
    cuts = [round(len(items) * k / pages) for k in range(pages + 1)]
    return [
        Slide("points", f'<{tag} start="{a + 1}"><li>{"</li><li>".join(items[a:b])}</li></{tag}>')
        for a, b in pairwise(cuts)
    ]


def statement(paragraphs: list[Tag]) -> list[Slide]:
    """What a section says that has nothing to show."""
    bold = [paragraph for paragraph in paragraphs if has_bold_lead(paragraph)]
    if len(bold) > 1:
        return _listed([lead(paragraph) for paragraph in bold], "ul")
    said, *others = sentences(paragraphs[0])
    for each in others:
        if length(said + each) < LONG:
            said += f" {each}"
    return [Slide("statement", f"<p>{said}</p>")]


def figure(node: Tag, ratio: float) -> Slide:
    """A picture, with its caption beside or below it; from which stored run it is, is told."""
    piece = shown(node)
    runs = piece.select(".stored-run")
    notes = [f"<p>{run.get_text()}</p>" for run in runs]
    for run in runs:
        run.string = STORED
    caption = piece.find("figcaption")
    words = str(caption.extract()) if caption else ""
    shape = " wide" if ratio > WIDE else " tall" if ratio < TALL else ""
    return Slide(f"figure{shape}", str(piece), words, notes)


def measured(claims: list[Tag]) -> Slide:
    """Findings in a table: what is claimed, what was measured, and what was expected."""
    rows = "".join(f"<tr>{''.join(_row(claim))}</tr>" for claim in claims)
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    runs = [run.get_text() for claim in claims for run in claim.select(".stored-run")]
    below = f"<p>{MARK} {STORED}</p>" if runs else ""
    notes = [f"<p>{MARK} {run}</p>" for run in runs[:1]]  # a chapter has one
    body = f"<table><tr>{head}</tr>{rows}</table>{below}"
    return Slide("measured", body, notes=notes, section=MEASURED)


def _row(claim: Tag) -> list[str]:
    said, value = claim.select_one(".claim-statement"), claim.find("strong")
    assert said and value  # as `attnbook.claims_page` writes them
    expected = str(value.next_sibling or "").strip(" ()\n").removeprefix("expected ")
    mark = MARK if claim.select_one(".stored-run") else ""
    return [f"<td>{inner(said)}</td>", f"<td>{inner(value)}{mark}</td>", f"<td>{expected}</td>"]


def exercise(task: Tag, solution: Tag | None) -> Slide:
    """One question for the class; its answer is told in the notes."""
    piece = box(task, "exercise")
    called = BeautifulSoup(piece.section, "html.parser").get_text()
    found = _EXERCISE.fullmatch(called)
    content = BeautifulSoup(piece.body, "html.parser")
    for each in content.select(".cell, details"):  # how it is answered in the notebook
        each.decompose()
    for each in content.find_all("section"):  # which would be a slide
        each.unwrap()
    number, name = found.groups() if found else (called, "")
    answer = solution.select("p:not(.admonition-title), .cell_input pre") if solution else []
    notes = [told(each) for each in answer]
    return Slide("exercise", str(content), notes=notes, section=number, part=name)
