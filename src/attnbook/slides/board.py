"""What stands on a slide as on a board: formulas, code and what it printed, below a sentence."""

import re
from collections.abc import Iterator
from html import escape
from math import ceil

from bs4 import Tag

from .blocks import classes
from .pieces import inner, length, sentences, shown
from .slide import Slide

MOST_LINES, FEWEST_LINES = 17, 4  # of code, or of what it printed
SHORT = 70  # characters of a sentence that leads to something
ROOM = 430  # px that a slide has below its heading
_BLANK = re.compile(r"\n(</span>)?\n\n")
_TAG = re.compile(r"<[^>]*>")
_LEAD = re.compile(r'<p class="lead">(.*?)</p>')
_FORMULA = re.compile(r'display="block".*?<annotation[^>]*>(.*?)</annotation>', re.DOTALL)
_HIGH = re.compile(r"\\(?:d?frac|sum|prod|underbrace|p?matrix)")
_CODE = re.compile(r"<pre.*?</pre>", re.DOTALL)


def formula(node: Tag) -> Slide:
    return Slide("board", str(shown(node)))


def cell(node: Tag) -> list[Slide]:
    """Short code that teaches, with what it printed; and of other code what it printed, if in rows.

    Code whose results are claimed is a measurement: the findings have a slide of their own.
    """
    pre = [each for each in node.select(".cell_input > div pre") if not each.find_parent("details")]
    code = _compact("\n\n".join(inner(each) for each in pre))
    printed = [each.get_text().rstrip() for each in node.select(".cell_output .output pre")]
    said = "\n".join(printed)
    lines, rows = len(code.splitlines()), len(said.splitlines())
    made: list[Slide] = []
    if "tag_attention-file" in classes(node):
        made = [_code(part) for part in parts(code, MOST_LINES)]
    elif (
        code and lines + rows >= FEWEST_LINES and lines <= MOST_LINES and not node.select(".claim")
    ):
        made = [_code(code)]
    if made and lines + rows <= MOST_LINES:
        made[-1].body += _said(said)
    elif FEWEST_LINES <= rows <= MOST_LINES:
        made.append(Slide("board", _said(said)))
    return made


def lead_to(slide: Slide, before: Tag) -> None:
    """Put above what a slide shows the sentence that leads to it; if that is short, two."""
    said = sentences(before)
    words = said[-1] if length(said[-1]) >= SHORT else " ".join(said[-2:])
    slide.body = f'<p class="lead">{words}</p>{slide.body}'


def have_room(first: Slide, second: Slide) -> bool:
    """Whether one slide can take what two show."""
    are_boards = first.kind == second.kind == "board" and first.place == second.place
    return are_boards and _height(first.body + second.body) <= ROOM


def parts(code: str, most: int) -> Iterator[str]:
    r"""Code in parts of at most so many lines, if it has blank lines to cut it at.

    Examples:
        >>> code = "<b>a</b>\nb\n\nc\nd"
        >>> list(parts(code, 5)), list(parts(code, 3))
        (['<b>a</b>\nb\n\nc\nd'], ['<b>a</b>\nb', 'c\nd'])
    """
    part = ""
    for run in _runs(code):
        if part and len(_TAG.sub("", part + run).rstrip().splitlines()) > most:
            yield part.rstrip("\n")
            part = ""
        part += run
    yield part.rstrip("\n")


def _runs(code: str) -> Iterator[str]:
    """Code up to each blank line; a mark on a line ends behind its line break."""
    run = ""
    for piece in re.split(r"(\n(?:</span>)?\n)", code):
        run += piece
        if _TAG.sub("", piece) == "\n\n":
            yield run
            run = ""
    yield run


def _compact(code: str) -> str:
    """Code with one blank line where there are several."""
    return _BLANK.sub(r"\n\1\n", code.strip("\n"))


def _code(html: str) -> Slide:
    return Slide("board", f'<div class="highlight"><pre>{html}</pre></div>')


def _said(printed: str) -> str:
    return f'<pre class="said">{escape(printed)}</pre>' if printed else ""


def _height(body: str) -> int:
    """About how high it all is, in px."""
    return (
        sum(30 * ceil(length(words) / 80) + 20 for words in _LEAD.findall(body))
        + sum(50 + _line(tex) * (1 + tex.count(r"\\")) for tex in _FORMULA.findall(body))
        + sum(24 * len(code.splitlines()) + 30 for code in _CODE.findall(body))
    )


def _line(tex: str) -> int:
    return 75 if _HIGH.search(tex) else 45
