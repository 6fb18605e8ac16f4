"""A causal mask by hand: scores of later keys become minus infinity, and their weights 0."""

from fractions import Fraction

import numpy as np

from attnlab import causal_mask, softmax

from .drawing import Area, Drawing

TEXT = {
    "asks": "Each row asks.",
    "asked": "Each column is asked.",
    "scores": "masked\nscores",
    "exponentials": "their\nexponentials",
    "weights": "weights",
}
WORD = "cat"
N = len(WORD)
EXPONENTIALS = np.array([[1, 3, 2], [2, 1, 3], [2, 1, 1]])
SCORES = np.log(EXPONENTIALS)
SIDE, TOP = 29, 62
LEFT, MIDDLE, RIGHT = 26, 138, 252  # where the three squares begin


def draw() -> Drawing:
    d = Drawing(TOP + N * SIDE + 46)
    mask = causal_mask(N)
    totals = np.where(mask, EXPONENTIALS, 0).sum(axis=1)
    weights = softmax(SCORES, mask=mask)
    d.words(LEFT, 12, TEXT["asks"], "query", "start")
    d.words(RIGHT + N * SIDE, 12, TEXT["asked"], "key", "end")
    for i, letter in enumerate(WORD):
        middle = (i + 0.5) * SIDE
        d.words(LEFT - 14, TOP + middle, letter, "query", bold=True)
        for begin in (LEFT, MIDDLE, RIGHT):
            d.words(begin + middle, TOP - 14, letter, "key", bold=True)
    scores = square(d, LEFT, "plain", there(0.1, mask), figures(SCORES, mask, "−∞"))
    exponentials = square(
        d, MIDDLE, "plain", there(EXPONENTIALS / 6, mask), figures(EXPONENTIALS, mask, "0")
    )
    shares = square(d, RIGHT, "weight", there(weights, mask), figures(weights, mask, "0"))
    d.arrow((scores.right[0] + 4, scores.right[1]), (MIDDLE - 4, scores.right[1]))
    d.formula((scores.right[0] + MIDDLE) / 2 - 2, scores.right[1] - 13, "e^s")
    for i, total in enumerate(totals):
        y = TOP + (i + 0.5) * SIDE
        d.number((exponentials.right[0] + RIGHT) / 2 - 2, y - 7, f"÷{total}")
        d.arrow((exponentials.right[0] + 4, y + 5), (RIGHT - 4, y + 5), kind="weight")
    for area, name, kind in (
        (scores, "scores", "plain"),
        (exponentials, "exponentials", "plain"),
        (shares, "weights", "weight"),
    ):
        lines = TEXT[name].count("\n")
        d.words(area.bottom[0], area.bottom[1] + 17 + 8 * lines, TEXT[name], kind)
    return d


def square(d: Drawing, x: float, kind: str, shades, numbers) -> Area:
    return d.cells(x, TOP, N, N, kind, side=SIDE, shades=shades, numbers=numbers)


def there(shades, mask) -> list[list[float | None]]:
    """The pairs that the mask leaves are colored, and those that it takes out aren't there."""
    full = np.broadcast_to(shades, mask.shape)
    return [[float(full[i, j]) if mask[i, j] else None for j in range(N)] for i in range(N)]


def figures(values, mask, masked: str) -> list[list[str]]:
    """Scores with a digit behind the point, counts as they are, and shares as fractions."""

    def figure(value) -> str:
        if values is SCORES:
            return f"{value:.1f}"
        return str(Fraction(float(value)).limit_denominator(9))

    return [[figure(values[i, j]) if mask[i, j] else masked for j in range(N)] for i in range(N)]
