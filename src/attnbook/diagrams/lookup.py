"""One query and three keys, with numbers: scores, softmax, and the weighted sum of the values."""

import numpy as np

from attnlab import attention, scaled_dot_scores

from .drawing import Area, Drawing

TEXT = {
    "query": "query",
    "keys": "keys",
    "scores": "scores",
    "weights": "weights",
    "values": "values",
    "score": "$q · k_j / √d_k$",
    "softmax": "softmax",
    "sum": "$Σ_j a_j v_j$",
    "context": "context",
}
QUERY = np.array([[2.0, 0, 1, 1]])
KEYS = np.array([[1.0, 2, 0, 1], [2, 0, 1, 1], [0, 1, -1, 0]])
VALUES = np.array([[10.0, 0], [0, 10], [5, 5]])
SIDE, APART = 24, 44
QUERY_AT, ROWS = 30, 118  # heights
KEY_AT, SCORE_AT, WEIGHT_AT, VALUE_AT = 22, 133, 190, 268  # where the columns begin
KEY, SCORE, WEIGHT, VALUE = 22, 36, 52, 36  # how wide their cells are


def draw() -> Drawing:
    scores = scaled_dot_scores(QUERY, KEYS)[0]
    context, (weights,) = attention(QUERY, KEYS, VALUES)
    end = ROWS + APART * len(KEYS)
    d = Drawing(end + 64)
    heads(d)
    query = d.cells(KEY_AT, QUERY_AT, 1, 4, "query", side=SIDE, wide=KEY, numbers=figures(QUERY))
    d.arrow(below(query.bottom, 3), (query.bottom[0], ROWS - 26), kind="query")
    for j, (score, weight) in enumerate(zip(scores, weights, strict=True)):
        top, y = ROWS + APART * j, ROWS + APART * j + SIDE / 2
        d.formula(KEY_AT - 6, y, f"k_{j + 1}", "key", "end")
        d.cells(KEY_AT, top, 1, 4, "key", side=SIDE, wide=KEY, numbers=figures(KEYS[[j]]))
        d.number(SCORE_AT + SCORE / 2, y, f"{score:.1f}".replace("-", "−"))
        d.bar(Area(WEIGHT_AT, top, WEIGHT, SIDE), "weight", weight)
        d.number(WEIGHT_AT + WEIGHT / 2, y, f"{weight:.2f}")
        d.cells(VALUE_AT, top, 1, 2, "value", side=SIDE, wide=VALUE, numbers=figures(VALUES[[j]]))
        for start, stop in (
            (KEY_AT + 4 * KEY, SCORE_AT),
            (SCORE_AT + SCORE, WEIGHT_AT),
            (WEIGHT_AT + WEIGHT, VALUE_AT),
        ):
            d.arrow((start + 3, y), (stop - 2, y), kind="weight" if stop > WEIGHT_AT else "muted")
    low = end - APART + SIDE
    d.words(VALUE_AT - 178, low + 22, TEXT["score"], "muted")
    d.words(VALUE_AT - 88, low + 22, TEXT["softmax"], "weight")
    sum_at = VALUE_AT + VALUE
    d.arrow((sum_at, low + 3), (sum_at, low + 46), kind="value")
    d.words(sum_at - 8, low + 22, TEXT["sum"], "value", "end")
    answer = d.cells(
        VALUE_AT, low + 48, 1, 2, "value", side=SIDE, wide=VALUE, numbers=figures(context, 1)
    )
    d.words(VALUE_AT - 8, answer.middle[1], TEXT["context"], "value", "end", bold=True)
    return d


def heads(d: Drawing) -> None:
    """What stands in each column."""
    d.words(KEY_AT, QUERY_AT - 14, TEXT["query"], "query", "start", bold=True)
    d.words(KEY_AT, ROWS - 14, TEXT["keys"], "key", "start", bold=True)
    d.words(SCORE_AT + SCORE / 2, ROWS - 14, TEXT["scores"], bold=True)
    d.words(WEIGHT_AT + WEIGHT / 2, ROWS - 14, TEXT["weights"], "weight", bold=True)
    d.words(VALUE_AT + VALUE, ROWS - 14, TEXT["values"], "value", bold=True)


def below(point, distance: float):
    return point[0], point[1] + distance


def figures(rows, digits: int = 0) -> list[list[str]]:
    return [[f"{number:.{digits}f}".replace("-", "−") for number in row] for row in rows]
