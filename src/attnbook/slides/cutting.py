"""Cuts a chapter's page into slides.

What is seen at a glance is a slide: the bet, a figure, a widget, a formula, short code, points. The
running text is for the speaker's notes: what opens a section is told with its first slide, the rest
with the slide that it follows.
"""

from collections.abc import Callable
from itertools import groupby, takewhile

from bs4 import Tag

from . import board, making
from .blocks import Block, is_prediction
from .pieces import shown, told
from .slide import Slide


def cut(found: list[Block], part: str, ratio: Callable[[Tag], float]) -> list[Slide]:
    """A chapter's slides; `part` is that of the book.

    `ratio` says of a figure how wide its picture is, compared with its height.
    """
    slides: list[Slide] = []
    for _, blocks in groupby(_lecture(found), key=lambda block: block.section):
        slides += _Section(part, ratio).slides(list(blocks))
    if claims := [block.node for block in found if block.kind == "claim"]:
        end = next((i for i, s in enumerate(slides) if s.kind == "takeaway"), len(slides))
        slides.insert(end, making.measured(claims))
    return slides + _question(found)


def _lecture(found: list[Block]) -> list[Block]:
    """What comes before the exercises and what is to be read after them."""
    ends = {block.section for block in found if block.kind == "exercise"}
    return list(takewhile(lambda block: block.section not in ends, found))


def _question(found: list[Block]) -> list[Slide]:
    """A closing slide: the first exercise with options to vote on, or else the first."""
    pairs = [
        (task.node, after.node if after.kind == "solution" else None)
        for task, after in zip(found, [*found[1:], *found[-1:]], strict=True)
        if task.kind == "exercise"
    ]
    pairs.sort(key=lambda pair: pair[0].select_one(".options") is None)
    return [making.exercise(*pairs[0])] if pairs else []


class _Section:
    """The slides of one section of a page, in the order of its things."""

    def __init__(self, part: str, ratio: Callable[[Tag], float]) -> None:
        self.part, self.ratio = part, ratio
        self.made: list[Slide] = []
        self.waiting: list[Block] = []  # text, for the slide to come
        self.lead: Block | None = None  # the last text, if no slide has come after it

    def slides(self, found: list[Block]) -> list[Slide]:
        steps = {block.place: block for block in found if block.node.name == "ol"}
        for block in _steps_first(found, steps):
            if block.kind in ("prose", "answers"):
                self._hear(block)
            elif block.kind == "widget" and is_prediction(block):
                self.made[-1].beside = str(block.node)
            elif new := self._of(block, steps.get(block.place)):
                self._add(block, new)
        self._end()
        return self.made

    def _of(self, block: Block, steps: Block | None) -> list[Slide]:
        node, one = block.node, None
        match block.kind:
            case "list":
                return making.points(node)
            case "cell":
                return board.cell(node)
            case "formula":
                one = board.formula(node)
            case "title":
                one = making.title(node, self.part)
            case "objectives" | "prediction" | "takeaway":
                one = making.box(node, block.kind)
            case "figure":
                one = making.figure(node, self.ratio(node))
            case "table":
                one = Slide("table", str(shown(node)))
            case "widget":
                one = Slide("widget", str(node), notes=[told(steps.node)] if steps else [])
        return [one] if one else []

    def _hear(self, block: Block) -> None:
        """Text: told with the slide that it follows, or else waiting for one."""
        self.lead = block if block.kind == "prose" else None
        if self.made and self.made[-1].place == block.place and not self.waiting:
            self.made[-1].notes.append(told(block.node))
            return
        if self.waiting and self.waiting[-1].place != block.place:
            self._tell()
        self.waiting.append(block)

    def _tell(self) -> None:
        """The text of a part without a slide of its own goes to the last, with its heading."""
        if self.made and self.waiting:
            heading = f"<p><b>{self.waiting[0].part}</b></p>"
            self.made[-1].notes += [heading, *(told(block.node) for block in self.waiting)]
            self.waiting = []

    def _add(self, block: Block, new: list[Slide]) -> None:
        for slide in new:
            if block.section:
                slide.section, slide.part = block.place
        if self.lead and self.lead.place == block.place and _is_led(block, self.lead):
            board.lead_to(new[0], self.lead.node)
        self.lead = None
        if self.made and not self.waiting and board.have_room(self.made[-1], new[0]):
            self.made[-1].body += new.pop(0).body
        else:
            if self.waiting and self.waiting[-1].place != block.place:
                self._tell()
            new[0].notes = [told(each.node) for each in self.waiting] + new[0].notes
            self.waiting = []
        self.made += new

    def _end(self) -> None:
        """The text of a section without a slide is said in short."""
        self._tell()
        if self.waiting:
            self.made = making.statement([block.node for block in self.waiting])
            for slide in self.made:
                slide.section = self.waiting[0].section
            self.made[0].notes = [told(block.node) for block in self.waiting]


def _is_led(block: Block, lead: Block) -> bool:
    """Whether a sentence stands above what a slide shows; above points, one that announces them."""
    announces = lead.node.get_text().rstrip().endswith(":")
    return block.kind in ("formula", "cell", "table") or (block.kind == "list" and announces)


def _steps_first(found: list[Block], steps: dict[tuple[str, str], Block]) -> list[Block]:
    """What to try comes before its widget, also where the page has it below."""
    ordered = list(found)
    for widget in found:
        below = steps.get(widget.place)
        if below and widget.kind == "widget" and not is_prediction(widget):
            ordered.remove(below)
            ordered.insert(ordered.index(widget), below)
    return ordered
