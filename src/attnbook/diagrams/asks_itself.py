"""A text that asks itself: every letter has a query, a key and a value, and one of them asks."""

from .drawing import Area, Drawing

TEXT = {
    "context": "context of “a”",
    "query": "query",
    "key": "key",
    "value": "value",
    "weighted": "times its weight",
}
WORD = "cat"
ASKS = WORD.index("a")
APART, FIRST = 114, 58  # the middles of the letters
SIDE = 18
CONTEXT_AT, SUM_AT, BUS_AT, VECTORS_AT, X_AT = 22, 66, 100, 132, 216  # heights
KINDS = ("query", "key", "value")
OFFSET = 32  # from one vector of a letter to the next


def draw() -> Drawing:
    d = Drawing(X_AT + 50)
    vectors = [columns(d, FIRST + APART * i, letter) for i, letter in enumerate(WORD)]
    asking, added = vectors[ASKS], FIRST + APART * ASKS + OFFSET
    context = d.cells(added - SIDE, CONTEXT_AT, 1, 2, "value", side=SIDE)
    d.words(context.x - 8, context.middle[1], TEXT["context"], "value", "end", bold=True)
    for letter in vectors:  # the query meets every key
        x, y = letter["key"].top
        d.arrow((asking["query"].top[0], BUS_AT), (x, BUS_AT), (x, y - 3), kind="query")
    d.line(asking["query"].top, (asking["query"].top[0], BUS_AT), kind="query")
    for letter in vectors:  # and every value goes into the context
        x, y = letter["value"].top
        if x == added:
            d.arrow((x, y - 2), (x, SUM_AT + 9), kind="value")
        else:
            side = -9 if x < added else 9
            d.arrow((x, y - 2), (x, SUM_AT), (added + side, SUM_AT), kind="value")
    d.words(added + APART / 2 + 2, SUM_AT + 17, TEXT["weighted"], "weight")
    d.sum(added, SUM_AT, "value")
    d.arrow((added, SUM_AT - 8), (added, CONTEXT_AT + SIDE + 3), kind="value")
    return d


def columns(d: Drawing, x: float, letter: str) -> dict[str, Area]:
    """A letter, its vector, and the query, the key and the value that are made of it."""
    own = d.cells(x - 2 * SIDE, X_AT, 1, 4, "plain", side=SIDE)
    d.words(x, X_AT + SIDE + 17, letter, bold=True)
    made = {}
    for place, kind in enumerate(KINDS):
        middle = x + OFFSET * (place - 1)
        made[kind] = d.cells(middle - SIDE / 2, VECTORS_AT, 2, 1, kind, side=SIDE)
        start = x + 12 * (place - 1), own.y - 2
        d.arrow(start, (middle, VECTORS_AT + 2 * SIDE + 18), kind=kind)
        d.words(middle, VECTORS_AT + 2 * SIDE + 9, TEXT[kind], kind)
    return made
