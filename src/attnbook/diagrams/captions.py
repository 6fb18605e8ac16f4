"""Two words and four cells: one map of weights, read along its rows and along its columns."""

from collections.abc import Sequence

import numpy as np

from .drawing import Area, Drawing, Point

TEXT = {
    "picture": "a picture of four cells",
    "words": ("three", "seven"),
    "forwards": "text → image: each row sums to 1",
    "backwards": "image → text: each column sums to 1",
}
# The numbers that the chapter works out by hand.
WEIGHTS = np.array([[0.72, 0.10, 0.12, 0.06], [0.08, 0.10, 0.28, 0.54]])
INSIDE = {0: "3", 3: "7"}  # what the cells show
SIDE, WIDE, LEFT, NAME = 30, 62, 84, 76


def draw() -> Drawing:
    d = Drawing(318)
    d.words(LEFT + 2 * WIDE, 12, TEXT["picture"], bold=True)
    strip = d.cells(LEFT, 26, 1, 4, "key", side=SIDE, wide=WIDE, shades=[[0.3] * 4])
    for cell, digit in INSIDE.items():
        d.number(LEFT + (cell + 0.5) * WIDE, strip.middle[1], digit)
    for cell in range(4):
        x = LEFT + (cell + 0.5) * WIDE
        d.formula(x, 72, f"h_{cell + 1}", "key")
    table(d, (LEFT, 114), WEIGHTS, TEXT["forwards"])
    d.arrow((LEFT + 2 * WIDE, 186), (LEFT + 2 * WIDE, 210), kind="weight")
    table(d, (LEFT, 244), backwards(), TEXT["backwards"])
    return d


def backwards() -> np.ndarray:
    """Each cell's weights, shared out between the words."""
    return WEIGHTS / WEIGHTS.sum(axis=0)


def table(d: Drawing, corner: Point, numbers: np.ndarray, title: str) -> None:
    """A map of weights under its title, a row for each word."""
    x, y = corner
    d.words(x + 2 * WIDE, y - 16, title, bold=True)
    shown: Sequence[Sequence[str]] = [[f"{number:.2f}" for number in row] for row in numbers]
    d.cells(x, y, 2, 4, "weight", side=SIDE, wide=WIDE, shades=numbers.tolist(), numbers=shown)
    for row, word in enumerate(TEXT["words"]):
        area = Area(x - NAME, y + row * SIDE, NAME, SIDE)
        d.words(area.x + NAME - 8, area.middle[1], word, "query", "end")
