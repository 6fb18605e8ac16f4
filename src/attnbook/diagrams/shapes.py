"""The two products of attention, each factor beside what it makes: which sizes must agree."""

import numpy as np

from .drawing import Area, Drawing, Point

TEXT = {"softmax": "softmax\nof each row"}
N, M, D_K, D_V = 3, 5, 4, 2  # four different sizes, so that each can be told by its cells
SIDE, APART, DOWN = 19, 22, 84
ROW, COLUMN = 1, 3  # the query and the key whose score is shown
Q_AT, S_TOP = 42, 42 + D_K * SIDE + APART
K_AT = Q_AT + D_K * SIDE + APART
V_AT = K_AT + M * SIDE + APART
A_TOP = S_TOP + N * SIDE + DOWN


def draw() -> Drawing:
    d = Drawing(A_TOP + N * SIDE + 36)
    queries = matrix(d, (Q_AT, S_TOP), (N, D_K), "query", row=ROW)
    keys = matrix(d, (K_AT, S_TOP - APART - D_K * SIDE), (D_K, M), "key", column=COLUMN)
    scores = matrix(d, (K_AT, S_TOP), (N, M), "plain", row=ROW, column=COLUMN)
    weights = matrix(d, (K_AT, A_TOP), (N, M), "weight", row=ROW)
    values = matrix(d, (V_AT, A_TOP - APART - M * SIDE), (M, D_V), "value")
    context = matrix(d, (V_AT, A_TOP), (N, D_V), "value", row=ROW)
    name(d, keys.top, -16, "K^⊤ (d_k, m)", "key")
    name(d, queries.bottom, 17, "Q (n, d_k)", "query")
    name(d, values.top, -16, "V (m, d_v)", "value")
    name(d, weights.bottom, 17, "A (n, m)", "weight")
    name(d, context.bottom, 17, "C (n, d_v)", "value")
    x, y = scores.bottom
    d.arrow((x, y + 4), (x, A_TOP - 4), kind="weight")
    d.formula(x - 10, y + 17, "S (n, m)", "plain", "end")
    d.words(x - 10, y + 50, TEXT["softmax"], "weight", "end")
    return d


def matrix(
    d: Drawing, at: Point, size: tuple[int, int], kind: str, *, row: int | None = None,
    column: int | None = None,
) -> Area:  # fmt: skip
    """A matrix in which a row stands out, or a column, or the cell where both meet."""
    strong = np.zeros(size, dtype=bool)
    if (row, column) != (None, None):
        strong[slice(None) if row is None else row, slice(None) if column is None else column] = (
            True
        )
    shades = np.where(strong, 0.75, 0.12).tolist()
    return d.cells(*at, *size, kind, side=SIDE, shades=shades)


def name(d: Drawing, place: Point, below: float, text: str, kind: str) -> None:
    """A matrix's letter and shape, above it or below."""
    d.formula(place[0], place[1] + below, text, kind)
