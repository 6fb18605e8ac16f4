"""One step of a speaker with a pointer: two ways to a word, and the gate that shares them out."""

from collections.abc import Sequence

import numpy as np

from .drawing import Area, Drawing, Point

TEXT = {
    "from": "from",
    "to": "to",
    "mark": "?",
    "name": "Fiji",
    "points": "points at",
    "state": "state",
    "gate": "gate $g$ = {gate}",
    "says": "own words",
    "copied_share": "× $(1 − g)$",
    "own_share": "× $g$",
    "sum": "what comes out",
    "same": "Both places of Fiji add up.",
}
# The numbers that the chapter works out by hand.
REQUEST = ("from", "name", "to", "name", "mark")
WEIGHTS = (0.1, 0.3, 0.1, 0.4, 0.1)
OWN = {"from": 0.5, "to": 0.4, "mark": 0.1}
GATE = 0.2
SAID = ("from", "to", "mark", "name")
SIDE, APART, NAME, WIDE = 22, 26, 38, 62  # of a bar: height, to the next, its word, its length
LEFT, RIGHT = 6, 344 - 12 - NAME - WIDE  # where the two columns begin
TOP, LOW = 76, 272  # the first bars of what is mixed, and of what comes out


def draw() -> Drawing:
    d = Drawing(LOW + 4 * APART + 22)
    middle = 172.0
    state = d.box(Area(middle - 30, 6, 60, 26), TEXT["state"], "query")
    ways = (
        (LEFT, REQUEST, WEIGHTS, "weight", TEXT["points"], TEXT["copied_share"]),
        (RIGHT, tuple(OWN), tuple(OWN.values()), "value", TEXT["says"], TEXT["own_share"]),
    )
    for left, words, shares, kind, title, share in ways:
        x = left + NAME + WIDE / 2
        side = state.left if left == LEFT else state.right
        d.arrow(side, (x, side[1]), (x, TOP - 28), kind="query")
        d.words(x, TOP - 16, title, kind, bold=True)
        column(d, (left, TOP), words, shares, kind=kind)
        end = TOP + APART * len(words)
        result = LOW + APART * 1.5
        inner = middle - 54 if left == LEFT else middle + 54
        d.arrow((x, end), (x, result), (inner, result), kind=kind)
        d.words(x + 8, end + 14, share, kind, "start")
    gate = d.box(Area(middle - 48, 130, 96, 26), TEXT["gate"].format(gate=GATE))
    d.arrow(state.bottom, gate.top, kind="query")
    d.words(middle, LOW - 16, TEXT["sum"], bold=True)
    column(d, (middle - (NAME + WIDE) / 2, LOW), SAID, mixed(), kind="plain")
    d.words(middle, LOW + 4 * APART + 10, TEXT["same"], "muted")
    return d


def mixed() -> list[float]:
    """What each word gets: its share of the vocabulary's, and of all places where it stands."""
    weights = np.array(WEIGHTS)
    copied = {word: weights[[said == word for said in REQUEST]].sum() for word in SAID}
    return [GATE * OWN.get(word, 0) + (1 - GATE) * float(copied[word]) for word in SAID]


def column(
    d: Drawing, corner: Point, words: Sequence[str], shares: Sequence[float], *, kind: str
) -> None:
    """Words below each other, each with a bar and its share."""
    for place, (word, share) in enumerate(zip(words, shares, strict=True)):
        area = Area(corner[0] + NAME, corner[1] + APART * place, WIDE, SIDE)
        d.words(area.x - 5, area.middle[1], TEXT[word], anchor="end")
        d.bar(area, kind, share)
        d.number(*area.middle, f"{share:.2f}")
