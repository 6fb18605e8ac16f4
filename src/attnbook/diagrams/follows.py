"""What follows from the formula, a small picture each: order, masks, heads and depth."""

import numpy as np

from attnlab import causal_mask, softmax

from .drawing import Area, Drawing

TEXT = {
    "order": "Shuffle the words:\nwhat are their weights?",
    "positions": "where a word stands",
    "mask": "A score of $−∞$\nhides a word.",
    "masks": "what may be read",
    "several": "Several look-ups,\nside by side.",
    "heads": "heads",
    "depth": "What has read\nasks again.",
    "layers": "layers",
}
WORD = "abc"
PANEL, APART, HIGH = 164, 16, 178
SIDE = 20
WEIGHTS = np.array([0.7, 0.1, 0.2])
SHUFFLED = [2, 0, 1]


def draw() -> Drawing:
    d = Drawing(2 * HIGH + 12)
    panels = (
        ("order", "positions", "positions", order),
        ("mask", "masks", "masks", mask),
        ("several", "heads", "heads", heads),
        ("depth", "layers", "block", depth),
    )
    for place, (says, leads, chapter, picture) in enumerate(panels):
        x, y = (PANEL + APART) * (place % 2), (HIGH + 8) * (place // 2)
        d.frame(Area(x + 1, y + 1, PANEL - 2, HIGH - 2))
        picture(d, x + PANEL / 2, y + 14)
        d.words(x + PANEL / 2, y + 114, TEXT[says])
        with d.link(chapter):
            d.box(Area(x + 8, y + HIGH - 36, PANEL - 16, 28), TEXT[leads], "weight")
    return d


def order(d: Drawing, x: float, y: float) -> None:
    """Three words with their weights, and the same in another order, whose weights are asked."""
    rows = (range(3), WEIGHTS, y + 4), (SHUFFLED, np.zeros(3), y + 58)
    above, below = (
        d.cells(
            x - 1.5 * 28, top, 1, 3, "weight", side=SIDE, wide=28,
            shades=[weights.tolist()], numbers=[[WORD[i] for i in places]],
        )
        for places, weights, top in rows
    )  # fmt: skip
    for to, of in enumerate(SHUFFLED):
        start, end = (area.x + 28 * (i + 0.5) for area, i in ((above, of), (below, to)))
        d.line((start, above.bottom[1] + 2), (end, below.y - 2))


def mask(d: Drawing, x: float, y: float) -> None:
    """Weights of four words, of which none reads a later one."""
    allowed = causal_mask(4)
    weights = softmax(np.zeros((4, 4)), mask=allowed)
    shades = [
        [w if there else None for w, there in zip(*rows, strict=True)]
        for rows in zip(weights, allowed, strict=True)
    ]
    d.cells(x - 2 * SIDE, y, 4, 4, "weight", side=SIDE, shades=shades)


def heads(d: Drawing, x: float, y: float) -> None:
    """Two tables of weights over the same words: the word before, and the first."""
    before, first = np.eye(4, k=-1), np.eye(4)[[0] * 4]
    before[0, 0] = 1
    for scores, left in ((before, x - 4 * 16 - 8), (first, x + 8)):
        d.cells(left, y + 8, 4, 4, "weight", side=16, shades=softmax(4 * scores).tolist())


def depth(d: Drawing, x: float, y: float) -> None:
    """A row of words above another, above a third: each reads the row below it."""
    lowest, middle, top = (
        d.cells(x - 2 * 28, y + 33 * row, 1, 4, "plain", side=14, wide=28) for row in (2, 1, 0)
    )
    for below, above, asking in ((lowest, middle, 1), (lowest, middle, 2), (middle, top, 2)):
        for read in range(4):
            start, end = (area.x + 28 * (i + 0.5) for area, i in ((below, read), (above, asking)))
            d.line((start, below.y - 1), (end, above.bottom[1] + 1), kind="weight")
