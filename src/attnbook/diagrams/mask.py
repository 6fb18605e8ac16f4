"""A causal mask: scores of later keys become minus infinity, and their weights 0."""

import numpy as np

from attnlab import causal_mask, softmax

from .drawing import Area, Drawing

TEXT = {
    "asks": "Each row asks.",
    "asked": "Each column is asked.",
    "scores": "masked scores",
    "weights": "weights",
}
WORD = "mask"
N = len(WORD)
SCORES = np.array(
    [[1.2, 0.3, 2.0, 0.1], [0.5, 1.9, 0.7, 1.1], [2.2, 0.4, 1.0, 0.9], [0.2, 1.6, 1.6, 0.8]]
)
SIDE, TOP = 33, 62
LEFT, RIGHT = 34, 208  # where the two squares begin


def draw() -> Drawing:
    d = Drawing(TOP + N * SIDE + 34)
    mask = causal_mask(N)
    weights = softmax(SCORES, mask=mask)
    d.words(LEFT, 12, TEXT["asks"], "query", "start")
    d.words(RIGHT + N * SIDE, 12, TEXT["asked"], "key", "end")
    for i, letter in enumerate(WORD):
        middle = (i + 0.5) * SIDE
        d.words(LEFT - 16, TOP + middle, letter, "query", bold=True)
        for begin in (LEFT, RIGHT):
            d.words(begin + middle, TOP - 15, letter, "key", bold=True)
    before = square(d, LEFT, "plain", np.where(mask, 0.1, np.nan), figures(SCORES, mask, "−∞"))
    after = square(d, RIGHT, "weight", np.where(mask, weights, np.nan), figures(weights, mask, "0"))
    d.arrow((before.right[0] + 5, before.right[1]), (RIGHT - 5, before.right[1]), kind="weight")
    d.words(before.bottom[0], before.bottom[1] + 19, TEXT["scores"])
    d.words(after.bottom[0], after.bottom[1] + 19, TEXT["weights"], "weight")
    return d


def square(d: Drawing, x: float, kind: str, shades, numbers) -> Area:
    """The pairs that the mask leaves, colored, and those that it takes out."""
    there = [[None if np.isnan(shade) else shade for shade in row] for row in shades]
    return d.cells(x, TOP, N, N, kind, side=SIDE, shades=there, numbers=numbers)


def figures(values, mask, masked: str) -> list[list[str]]:
    digits = 1 if values is SCORES else 2
    return [
        [f"{values[i, j]:.{digits}f}" if mask[i, j] else masked for j in range(N)] for i in range(N)
    ]
