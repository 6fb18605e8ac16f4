"""A soft look-up by hand: a bell around one query, three keys, and every multiplication."""

import numpy as np

from attnlab import gaussian_scores

from .drawing import Area, Drawing, Point

TEXT = {
    "query": "query",
    "bell": "how much\na key counts",
    "key": "key",
    "distance": "distance",
    "counts": "counts",
    "weight": "weight",
    "value": "value",
    "product": "product",
    "u": "$u$",
    "kernel": "$2^{−u²}$",
    "share": "÷ {total}",
    "weighted": "$a_j v_j$",
    "context": "context",
    "sum": "sum",
}
QUERY, KEYS, VALUES = 3.0, np.array([1.0, 2, 5]), np.array([4.0, 8, 3])
WIDTH = 1 / np.sqrt(2 * np.log(2))  # so that a key at the distance 1 counts a half
FROM, TO, LEFT, HOUR = 0, 6, 28, 48  # the axis: its ends, where it begins, units an hour
TOP, AXIS, ROWS, APART, SIDE = 26, 118, 204, 36, 24  # heights
KEY_AT, DISTANCE_AT, COUNTS_AT, WEIGHT_AT, VALUE_AT, PRODUCT_AT = 22, 77, 142, 206, 260, 314


def draw() -> Drawing:
    counts = kernel(KEYS)
    weights = counts / counts.sum()
    products = weights * VALUES
    end = ROWS + APART * len(KEYS)
    d = Drawing(end + 34)
    bell(d)
    heads(d, counts.sum())
    for j, (key, value) in enumerate(zip(KEYS, VALUES, strict=True)):
        top, y = ROWS + APART * j, ROWS + APART * j + SIDE / 2
        cell(d, KEY_AT, top, "key", figure(key))
        d.number(DISTANCE_AT, y, figure(abs(QUERY - key)))
        d.number(COUNTS_AT, y, figure(counts[j]))
        d.bar(Area(WEIGHT_AT - 24, top, 48, SIDE), "weight", weights[j])
        d.number(WEIGHT_AT, y, figure(weights[j]))
        d.formula((WEIGHT_AT + 24 + VALUE_AT - 14) / 2, y, "×", "muted")
        cell(d, VALUE_AT, top, "value", figure(value))
        d.formula((VALUE_AT + PRODUCT_AT) / 2 - 1, y, "=", "muted")
        d.number(PRODUCT_AT, y, figure(products[j]))
    d.line((COUNTS_AT - 26, end - 4), (PRODUCT_AT + 22, end - 4))
    y = end + 4 + SIDE / 2
    d.words(KEY_AT - 12, y, TEXT["sum"], "muted", "start")
    d.number(COUNTS_AT, y, figure(counts.sum()))
    d.number(WEIGHT_AT, y, figure(weights.sum()))
    d.words(PRODUCT_AT - 24, y, TEXT["context"], "value", "end", bold=True)
    cell(d, PRODUCT_AT, end + 4, "value", figure(products.sum()), wide=36)
    return d


def kernel(keys: np.ndarray) -> np.ndarray:
    """What keys count for the query."""
    return np.exp(gaussian_scores(np.array([[QUERY]]), keys[:, None], width=WIDTH))[0]


def bell(d: Drawing) -> None:
    """The kernel around the query, as high as each key counts."""
    d.words(at(QUERY)[0], TOP - 12, TEXT["query"], "query", bold=True)
    d.words(at(TO)[0] + 12, TOP + 18, TEXT["bell"], "weight", "end")
    d.line(at(FROM), at(TO))
    d.line(at(QUERY, 1), at(QUERY), kind="query", dashed=True)
    hours = np.linspace(FROM, TO, 61)
    points = [at(hour, count) for hour, count in zip(hours, kernel(hours), strict=True)]
    d.line(*points, kind="weight")
    for key, count in zip(KEYS, kernel(KEYS), strict=True):
        d.line(at(key, count), at(key), kind="weight")
    cell(d, at(QUERY)[0], AXIS + 3, "query", figure(QUERY))
    for key in KEYS:
        cell(d, at(key)[0], AXIS + 3, "key", figure(key))


def at(hour: float, count: float = 0) -> Point:
    return LEFT + HOUR * float(hour), AXIS - (AXIS - TOP) * float(count)


def heads(d: Drawing, total: float) -> None:
    """What stands in each column."""
    y = ROWS - 32
    for x, name, kind in (
        (KEY_AT, "key", "key"),
        (DISTANCE_AT, "distance", "plain"),
        (COUNTS_AT, "counts", "plain"),
        (WEIGHT_AT, "weight", "weight"),
        (VALUE_AT, "value", "value"),
        (PRODUCT_AT, "product", "value"),
    ):
        d.words(x, y, TEXT[name], kind, bold=True)
    d.words(DISTANCE_AT, y + 17, TEXT["u"], "muted")
    d.words(COUNTS_AT, y + 17, TEXT["kernel"], "muted")
    d.words(WEIGHT_AT, y + 17, TEXT["share"].format(total=figure(total)), "muted")
    d.words(PRODUCT_AT, y + 17, TEXT["weighted"], "muted")


def cell(d: Drawing, x: float, y: float, kind: str, number: str, *, wide: float = 28) -> Area:
    """One number in its cell, whose top has its middle at (x, y)."""
    return d.cells(x - wide / 2, y, 1, 1, kind, side=SIDE, wide=wide, numbers=[[number]])


def figure(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")
