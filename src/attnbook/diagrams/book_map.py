"""The map of the book: its chapters in their order, with an arc to each from what it builds on."""

from collections.abc import Mapping, Sequence

from .drawing import WIDTH, Area, Drawing

ARCS = 100  # how far they may reach to the left of the chapters
BOX, GAP, CAPTION = 28, 7, 30


def draw(
    parts: Sequence[tuple[str, Mapping[str, str]]], needs: Mapping[str, Sequence[str]]
) -> Drawing:
    """Parts have a caption, and chapters by name with what is written on them."""
    count = sum(len(chapters) for _, chapters in parts)
    d = Drawing(CAPTION * len(parts) + (BOX + GAP) * count)
    places: dict[str, Area] = {}
    y = 0.0
    for caption, chapters in parts:
        d.words(ARCS, y + CAPTION / 2 + 2, caption, "muted", "start", bold=True)
        y += CAPTION
        for name, line in chapters.items():
            places[name] = area = Area(ARCS, y, WIDTH - ARCS - 1, BOX)
            with d.group("chapter"):
                for other in needs[name]:
                    d.arc(places[other], area)
                with d.link(name):
                    d.box(area, line, "muted", anchor="start")
            y += BOX + GAP
    return d
