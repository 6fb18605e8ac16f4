"""A T-shaped maze from above, and two ways from the junction back to the sign at the door."""

from itertools import pairwise

from .drawing import Area, Drawing

TEXT = {
    "sign": "←",
    "pictures": ("●", "▲", "●", "■"),
    "junction": "?",
    "door": "the door",
    "corridor": "pictures",
    "left": "left: 1",
    "right": "right: −1",
    "attention": "attention: one step",
    "gru": "GRU: a step at a time",
}
SIDE, APART, LEFT, TOP = 34, 49, 12, 92  # of a place: its size, to the next; the first one


def draw() -> Drawing:
    d = Drawing(196)
    marks = (TEXT["sign"], *TEXT["pictures"], TEXT["junction"])
    kinds = ("key", *["plain"] * len(TEXT["pictures"]), "query")
    places = [
        d.box(Area(LEFT + APART * t, TOP, SIDE, SIDE), mark, kind)
        for t, (mark, kind) in enumerate(zip(marks, kinds, strict=True))
    ]
    door, junction = places[0], places[-1]
    for before, after in pairwise(places):
        d.arrow((before.right[0] + 2, before.right[1]), (after.left[0] - 2, after.left[1]))
    for name, y in (("left", TOP - 46), ("right", TOP + SIDE + 12)):
        d.box(Area(junction.x + 10, y, 68, 34), TEXT[name], "value")
        start, stop = (junction.top[1], y + 34) if y < TOP else (junction.bottom[1], y)
        d.line((junction.top[0], start), (junction.top[0], stop), kind="value")
    high = TOP - 66
    d.arrow(
        (junction.x + 5, junction.y), (junction.x + 5, high), (door.top[0], high),
        (door.top[0], door.y - 3), kind="weight",
    )  # fmt: skip
    d.words((door.middle[0] + junction.x) / 2, high - 13, TEXT["attention"], "weight", bold=True)
    d.words((door.middle[0] + junction.x) / 2, TOP + SIDE + 44, TEXT["gru"], "muted", bold=True)
    d.words(door.x, TOP + SIDE + 14, TEXT["door"], "muted", "start")
    d.words(places[2].right[0] + 7, TOP + SIDE + 14, TEXT["corridor"], "muted")
    return d
