"""Counts as attention: what was watched is weighed by age, and brings its row of counts."""

import numpy as np

from .drawing import Area, Drawing

TEXT = {
    "items": ("A1", "B1"),
    "next": ("A2", "B1", "B2"),
    "weights": ("× ⅓", "× ⅔"),
    "watched": "watched, the newest at the right",
    "ages": ("age 1", "age 0"),
    "rows": "what came next, by counts",
    "scores": "what’s next",
    "seen": "B1 was watched, so it’s left out.",
}
# The numbers that the chapter works out by hand.
WEIGHTS = np.array([1 / 3, 2 / 3])
ROWS = np.array([[1 / 2, 1 / 2, 0], [1 / 2, 0, 1 / 2]])  # of A1 and B1: what came next
FRACTIONS = {1 / 2: "½", 1 / 3: "⅓", 1 / 6: "⅙", 0.0: "0"}
SIDE, APART, NAME, WIDE = 22, 26, 34, 76  # of a bar: height, to the next, its name, its length
COLUMNS = (22, 344 - 22 - NAME - WIDE)  # where they begin
TOP, LOW = 142, 276  # the first bars of the rows, and of the scores


def draw() -> Drawing:
    d = Drawing(LOW + 3 * APART + 22)
    d.words(172, 12, TEXT["watched"], "muted")
    middle = (344 - NAME - WIDE) / 2
    end = LOW + APART * 1.5
    for place, left in enumerate(COLUMNS):
        x, inward, anchor = left + NAME + WIDE / 2, (1, -1)[place], ("start", "end")[place]
        item = d.box(Area(x - 30, 26, 60, 28), TEXT["items"][place], "key")
        d.words(x + 44 * inward, 40, TEXT["ages"][place], "muted", anchor)
        d.arrow(item.bottom, (x, TOP - 26), kind="weight")
        d.words(x + 10 * inward, 84, TEXT["weights"][place], "weight", anchor, bold=True)
        column(d, left, TOP, ROWS[place], kind="value")
        inner = middle - 6 if place == 0 else middle + NAME + WIDE + 8
        d.arrow((x, TOP + 3 * APART), (x, end), (inner, end), kind="weight")
    d.words(172, TOP - 12, TEXT["rows"], "value", bold=True)
    d.words(172, LOW - 14, TEXT["scores"], bold=True)
    column(d, middle, LOW, WEIGHTS @ ROWS, kind="plain")
    d.words(172, LOW + 3 * APART + 10, TEXT["seen"], "muted")
    return d


def column(d: Drawing, left: float, top: float, shares: np.ndarray, *, kind: str) -> None:
    """What may come next, below each other, each with a bar and its share."""
    for place, (name, share) in enumerate(zip(TEXT["next"], shares, strict=True)):
        area = Area(left + NAME, top + APART * place, WIDE, SIDE)
        d.words(area.x - 6, area.middle[1], name, anchor="end")
        d.bar(area, kind, share)
        text = next(words for value, words in FRACTIONS.items() if abs(value - share) < 1e-9)
        d.number(*area.middle, text)
