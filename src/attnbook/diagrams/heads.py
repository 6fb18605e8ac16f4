"""Several heads: each projects the sequence for itself, attends, and all are joined and mixed."""

import numpy as np

from attnlab import softmax

from .drawing import Area, Drawing

TEXT = {"heads": "$h$ heads", "joined": "side by side"}
N, HEADS, D_K = 3, 4, 2
SIDE, SMALL = 13, 8
CARD, APART, LEFT = 76, 80, 14
INPUT, CARDS, JOINED, OUTPUT = 6, 98, 330, 408  # heights
HIGH = 194  # a card's height
MIDDLE = LEFT + (3 * APART + CARD) / 2
# Whom the tokens ask most: the one before, themselves, the first, the one after.
SCORES = 2.5 * np.stack([np.eye(N, k=-1), np.eye(N), np.eye(N)[[0] * N], np.eye(N, k=1)])


def draw() -> Drawing:
    d = Drawing(OUTPUT + N * SIDE + 8)
    wide = HEADS * D_K * SIDE
    given = d.cells(MIDDLE - wide / 2, INPUT, N, HEADS * D_K, "plain", side=SIDE)
    d.formula(given.right[0] + 10, given.right[1], "X (n, d_{model})", anchor="start")
    d.formula(MIDDLE - 10, 64, "W_i^Q, W_i^K, W_i^V", "muted", "end")
    d.words(MIDDLE + 10, 64, TEXT["heads"], "muted", "start")
    d.line((MIDDLE, given.bottom[1] + 3), (MIDDLE, 73))
    for i in range(HEADS):
        x = LEFT + APART * i + CARD / 2
        d.arrow((MIDDLE, 73), (MIDDLE, 80), (x, 80), (x, CARDS - 1))
        head(d, x, i)
        slot = MIDDLE - wide / 2 + (i + 0.5) * D_K * SIDE
        d.arrow((x, CARDS + HIGH), (slot, JOINED - 3), kind="value")
    joined = d.cells(MIDDLE - wide / 2, JOINED, N, HEADS * D_K, "value", side=SIDE)
    d.formula(joined.right[0] + 10, joined.right[1] - 9, "(n, h d_k)", "value", "start")
    d.words(joined.right[0] + 12, joined.right[1] + 10, TEXT["joined"], "value", "start")
    output = d.cells(MIDDLE - wide / 2, OUTPUT, N, HEADS * D_K, "plain", side=SIDE)
    d.arrow((MIDDLE, JOINED + N * SIDE + 3), (MIDDLE, OUTPUT - 3))
    d.formula(MIDDLE + 10, OUTPUT - 20, "W^O", "muted", "start")
    d.formula(output.right[0] + 10, output.right[1], "(n, d_{model})", anchor="start")
    return d


def head(d: Drawing, x: float, i: int) -> None:
    """One head, from its queries, keys and values down to what it returns."""
    d.frame(Area(x - CARD / 2, CARDS, CARD, HIGH))
    top = CARDS + 28
    for kind, letter, at in (("query", "Q", x - 25), ("key", "K", x), ("value", "V", x + 25)):
        d.cells(at - SMALL, top, N, D_K, kind, side=SMALL)
        d.formula(at, top - 13, f"{letter}_{i + 1}", kind)
    under = top + N * SMALL
    shades = softmax(SCORES[i])
    weights = d.cells(x - 12 - 1.5 * SIDE, under + 18, N, N, "weight", side=SIDE, shades=shades)
    d.arrow((weights.top[0], under + 2), (weights.top[0], weights.y - 1), kind="weight")
    out = d.cells(weights.middle[0] - SIDE, weights.bottom[1] + 18, N, D_K, "value", side=SIDE)
    d.arrow((out.top[0], weights.bottom[1] + 2), (out.top[0], out.y - 1), kind="weight")
    (end, y) = out.right
    d.arrow((x + 25, under + 2), (x + 25, y), (end + 1, y), kind="value")
    d.formula(weights.middle[0], out.bottom[1] + 13, f"head_{i + 1}", "value")
