"""The pen of all diagrams: words, formulas, boxes, cells, arrows and braces, as elements of SVG.

What a thing means is its `kind`, a class of the style sheet `diagrams.css`: query, key, value,
weight, plain or muted. Lengths are in units of which a phone's column shows one as a pixel, so that
no diagram is wider than `WIDTH`, and the sizes of the letters below are what a phone shows.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

WIDTH = 344
WORDS, FORMULA, SCRIPT = 13, 15, 11.5  # sizes of letters
LINE = 16  # from one line of words to the next
AT_A_DESK = 1.3  # where there is room, a unit is that many pixels

Point = tuple[float, float]

_PIECE = re.compile(r"([_^])(\{[^}]*\}|.)|([A-Za-z]+)|([^_^A-Za-z]+)")


class Area(NamedTuple):
    """Where something was drawn, with the middles of its sides for arrows to begin and end at."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def top(self) -> Point:
        return self.middle[0], self.y

    @property
    def bottom(self) -> Point:
        return self.middle[0], self.y + self.height

    @property
    def left(self) -> Point:
        return self.x, self.middle[1]

    @property
    def right(self) -> Point:
        return self.x + self.width, self.middle[1]


class Drawing:
    """A picture of `height` units; what is drawn later lies on top."""

    def __init__(self, height: float, width: float = WIDTH):
        size = {"width": width * AT_A_DESK, "height": height * AT_A_DESK}
        box = f"0 0 {_short(width)} {_short(height)}"
        self.svg = Element("svg", {"class": "diagram", "viewBox": box, **_numbers(size)})
        self._parent = self.svg

    @contextmanager
    def group(self, kind: str) -> Iterator[None]:
        """What is drawn inside belongs together; `pale` is what the reader has yet to come to."""
        with self._inside(SubElement(self._parent, "g", {"class": kind})):
            yield

    @contextmanager
    def link(self, chapter: str | None) -> Iterator[None]:
        """What is drawn inside leads to a chapter, named like its file; to none if it is None."""
        link = SubElement(self._parent, "a", {"href": chapter}) if chapter else self._parent
        with self._inside(link):
            yield

    @contextmanager
    def _inside(self, element: Element) -> Iterator[None]:
        outer, self._parent = self._parent, element
        try:
            yield
        finally:
            self._parent = outer

    def words(self, x: float, y: float, text: str, kind="plain", anchor="middle", *, bold=False):
        """Lines of words, with $formulas$ among them, whose anchor is at (x, y)."""
        lines = text.split("\n")
        for place, line in enumerate(lines):
            middle = y + (place - (len(lines) - 1) / 2) * LINE
            look = f"words {kind}{' bold' if bold else ''}"
            element, lift = self._text(x, middle, look, anchor, WORDS), 0.0
            for is_formula, part in enumerate(line.split("$")):
                piece = SubElement(element, "tspan")
                if is_formula % 2:
                    piece.set("class", "formula")
                    lift = _set_formula(piece, part)
                else:
                    piece.text = part
                    piece.set("dy", _short(-lift))

    def formula(self, x: float, y: float, text: str, kind="plain", anchor="middle"):
        """A formula in which `_` and `^` set what follows, a letter or {several}, low and high."""
        _set_formula(self._text(x, y, f"formula {kind}", anchor, FORMULA), text)

    def box(self, area: Area, text: str, kind="plain", anchor="middle") -> Area:
        """A box with words in its middle, or from its start, if there are any."""
        self._shape("rect", "paper", **area._asdict(), rx=6)  # hides a line that runs behind
        self._shape("rect", f"{kind} tint", **area._asdict(), rx=6)
        x, y = area.middle
        if text:
            self.words(x if anchor == "middle" else area.x + 10, y, text, anchor=anchor)
        return area

    def frame(self, area: Area) -> Area:
        """A line around what belongs together."""
        self._shape("rect", "frame", **area._asdict(), rx=8)
        return area

    def cells(
        self,
        x: float,
        y: float,
        rows: int,
        columns: int,
        kind: str,
        *,
        side: float,
        wide: float | None = None,
        shades: Sequence[Sequence[float | None]] | None = None,
        numbers: Sequence[Sequence[str]] | None = None,
    ) -> Area:
        """A vector or a matrix, a cell for each number.

        `shades` are from 0 to 1, from paper to full color; None is a cell that isn't there.
        """
        wide = side if wide is None else wide
        places = [(row, column) for row in range(rows) for column in range(columns)]
        shade = {(i, j): shades[i][j] if shades is not None else 0.2 for i, j in places}
        # Those that are there lie on top, with their whole outline.
        for i, j in sorted(places, key=lambda place: shade[place] is not None):
            size = {"x": x + j * wide, "y": y + i * side, "width": wide, "height": side}
            if (strength := shade[i, j]) is None:
                self._shape("rect", "absent", **size)
            else:
                cell = self._shape("rect", f"{kind} cell", **size)
                cell.set("style", f"fill-opacity:{_short(0.05 + 0.45 * strength)}")
        for row, line in enumerate(numbers or ()):
            for column, number in enumerate(line):
                middle = x + (column + 0.5) * wide, y + (row + 0.5) * side
                self.number(*middle, number)
        return Area(x, y, columns * wide, rows * side)

    def bar(self, area: Area, kind: str, share: float) -> None:
        """A cell that is colored from the left as far as its share, from 0 to 1, goes."""
        full = area._replace(width=area.width * share)
        self._shape("rect", f"{kind} ground full", **full._asdict())
        self._shape("rect", kind, **area._asdict())

    def number(self, x: float, y: float, number: str):
        """A number, in figures of one width."""
        self._text(x, y, "number plain", "middle", WORDS).text = number

    def sum(self, x: float, y: float, kind="plain") -> Area:
        """The circle with a cross in which two things are added."""
        self._shape("circle", f"{kind} paper", cx=x, cy=y, r=8)
        self._path(f"{kind}", f"M{_at(x - 4, y)}H{_short(x + 4)}M{_at(x, y - 4)}V{_short(y + 4)}")
        return Area(x - 8, y - 8, 16, 16)

    def times(self, x: float, y: float, kind="plain") -> Area:
        """The circle with a dot in which two vectors are multiplied."""
        self._shape("circle", f"{kind} paper", cx=x, cy=y, r=8)
        self._shape("circle", f"{kind} solid", cx=x, cy=y, r=1.4)
        return Area(x - 8, y - 8, 16, 16)

    def line(self, *points: Point, kind="muted", dashed=False):
        """A line through points, with rounded corners; the same point twice counts once."""
        points = tuple(point for point, _ in groupby(points))
        self._path(kind + (" dashed" if dashed else ""), _rounded(points))

    def arrow(self, *points: Point, kind="muted", dashed=False):
        """A line that ends in a head."""
        (x0, y0), (x, y) = points[-2:]
        length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
        ahead, aside = (
            ((x - x0) / length, (y - y0) / length),
            ((y0 - y) / length, (x - x0) / length),
        )
        base = x - 7 * ahead[0], y - 7 * ahead[1]
        wings = [(base[0] + s * aside[0], base[1] + s * aside[1]) for s in (3.6, -3.6)]
        self.line(*points[:-1], base, kind=kind, dashed=dashed)
        self._path(f"{kind} solid", "M" + "L".join(_at(*p) for p in ((x, y), *wings)) + "Z")

    def arc(self, above: Area, below: Area, kind="weight"):
        """From the left side of one area in a bow to that of another, the farther the wider."""
        (x, y0), (_, y) = above.left, below.left
        y0, y = y0 + 5, y - 5
        bow = x - 130 * (y - y0) / (y - y0 + 130)
        self._path(f"{kind} bow", f"M{_at(x, y0)}C{_at(bow, y0)} {_at(bow, y)} {_at(x - 6, y)}")
        self._path(f"{kind} solid", f"M{_at(x, y)}l-7 3.6v-7.2Z")

    def brace(self, left: float, right: float, y: float, up=False):
        """A brace below what reaches from left to right, or above it."""
        turn = -5 if up else 5
        middle = (left + right) / 2
        self._path(
            "muted",
            f"M{_at(left, y)}q0 {turn} 5 {turn}H{_short(middle - 5)}q5 0 5 {turn}"
            f"q0 {-turn} 5 {-turn}H{_short(right - 5)}q5 0 5 {-turn}",
        )

    def shade(self, *points: Point, kind="plain"):
        """A ground without an outline, to hold together what lies on it."""
        self._path(f"{kind} ground", "M" + "L".join(_at(*p) for p in points) + "Z")

    def _text(self, x, y, look, anchor, size) -> Element:
        place = _numbers({"x": x, "y": y + 0.35 * size, "font-size": size})
        return SubElement(self._parent, "text", {"class": look, **place, "text-anchor": anchor})

    def _shape(self, tag: str, look: str, **numbers: float) -> Element:
        return SubElement(self._parent, tag, {"class": look, **_numbers(numbers)})

    def _path(self, look: str, d: str) -> None:
        SubElement(self._parent, "path", {"class": look, "d": d})


def _set_formula(line: Element, text: str) -> float:
    """The pieces of a formula into a line; returns how much lower its last one stands."""
    lift = 0.0
    for mark, script, letters, others in _PIECE.findall(text):
        piece = SubElement(line, "tspan")
        piece.text = words = script.strip("{}") or letters or others
        if len(letters or script) == 1 and words.isalpha():
            piece.set("class", "letter")
        wanted = {"_": 4.0, "^": -6.0, "": 0.0}[mark]
        if wanted != lift:
            piece.set("dy", _short(wanted - lift))
            lift = wanted
        if mark:
            piece.set("font-size", _short(SCRIPT))
    return lift


def _rounded(points: Sequence[Point], radius: float = 6) -> str:
    """A path through points whose corners are arcs."""
    path = f"M{_at(*points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path += f"L{_at(*_toward(corner, before, radius))}"
        path += f"Q{_at(*corner)} {_at(*_toward(corner, after, radius))}"
    return path + f"L{_at(*points[-1])}"


def _toward(start: Point, end: Point, length: float) -> Point:
    across, down = end[0] - start[0], end[1] - start[1]
    share = min(0.5, length / ((across**2 + down**2) ** 0.5))
    return start[0] + share * across, start[1] + share * down


def _at(x: float, y: float) -> str:
    return f"{_short(x)} {_short(y)}"


def _numbers(values: dict[str, float]) -> dict[str, str]:
    return {name: _short(value) for name, value in values.items()}


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
