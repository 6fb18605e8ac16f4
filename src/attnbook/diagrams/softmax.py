"""Three scores, their exponentials, and the exponentials end to end: shares of one whole."""

import numpy as np

from attnlab import softmax

from .drawing import Area, Drawing

TEXT = {
    "scores": "scores",
    "exponentials": "their exponentials",
    "sum": "laid end to end: {total:.2f}",
    "weights": "weights",
}
SCORES = np.array([2.0, 1.0, 0.0])
SIDE, APART = 24, 36
ROWS = 34  # where the first row begins, from the top
SCORE_AT, SCORE, BAR_AT, WHOLE = 24, 40, 106, 222  # places and widths, from the left


def draw() -> Drawing:
    powers, weights = np.exp(SCORES), softmax(SCORES)
    lengths = WHOLE * weights  # of the bars: to one scale
    low = ROWS + APART * len(SCORES) + 24
    d = Drawing(low + SIDE + 30)
    d.words(SCORE_AT + SCORE / 2, ROWS - 16, TEXT["scores"], bold=True)
    d.words(BAR_AT, ROWS - 16, TEXT["exponentials"], anchor="start", bold=True)
    at = BAR_AT
    for j, (score, power, length) in enumerate(zip(SCORES, powers, lengths, strict=True)):
        y = ROWS + APART * j
        d.formula(SCORE_AT - 5, y + SIDE / 2, f"s_{j + 1}", anchor="end")
        d.cells(SCORE_AT, y, 1, 1, "plain", side=SIDE, wide=SCORE, numbers=[[f"{score:.0f}"]])
        d.arrow((SCORE_AT + SCORE + 3, y + SIDE / 2), (BAR_AT - 3, y + SIDE / 2))
        d.cells(BAR_AT, y, 1, 1, "plain", side=SIDE, wide=length)
        d.formula(BAR_AT + length + 8, y + SIDE / 2, f"e^{score:.0f}", anchor="start")
        d.number(BAR_AT + length + 46, y + SIDE / 2, f"= {power:.2f}")
        d.bar(Area(at, low, length, SIDE), "weight", 1)
        d.number(at + length / 2, low + SIDE + 13, f"{weights[j]:.2f}")
        at += length
    d.words(BAR_AT, low - 14, TEXT["sum"].format(total=powers.sum()), "muted", "start")
    d.words(BAR_AT - 8, low + SIDE + 13, TEXT["weights"], "weight", "end", bold=True)
    return d
