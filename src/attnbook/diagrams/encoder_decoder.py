"""A reader and a writer: joined by one vector, or by attention to all that was read."""

from .drawing import Area, Drawing

TEXT = {
    "reads": "The encoder reads.",
    "writes": "The decoder writes.",
    "vector": "one vector",
    "query": "query",
    "keys": "keys",
    "values": "values",
}
SOURCE, TARGET = "3141", "1413"
EVEN = 1 / len(SOURCE)  # of the weight; where the writer looks is for the reader to predict
SIDE, NUMBERS = 11, 4  # of a state
PLACES = [80 + 76 * place for place in range(len(SOURCE))]
STATES, WEIGHTS, SUM, CONTEXT, WRITER = 74, 164, 208, 226, 274  # heights of their tops


def without_attention() -> Drawing:
    """The last state is all that the writer gets."""
    d = Drawing(300)
    last = read(d)[-1]
    vector = d.cells(172, 152, 1, NUMBERS, "plain", side=SIDE, shades=[[0.6] * NUMBERS])
    first = state(d, PLACES[0], 198, "s_1")
    down, in_front = last.bottom[0], first.left[0] - 46
    d.line((down, last.bottom[1] + 3), (down, vector.right[1]), vector.right, kind="plain")
    d.arrow(
        vector.left, (in_front, vector.left[1]), (in_front, first.left[1]),
        (first.left[0] - 3, first.left[1]), kind="plain",
    )  # fmt: skip
    d.words(vector.middle[0], vector.y - 13, TEXT["vector"], bold=True)
    write(d, first)
    return d


def with_attention() -> Drawing:
    """A state of the writer asks all of the reader's, and the next one gets their weighted mean."""
    d = Drawing(378)
    frame = d.frame(Area(PLACES[0] - 24, WEIGHTS - 8, PLACES[-1] - PLACES[0] + 48, 40))
    asking, answered = PLACES[1], PLACES[2]
    for place, asked in enumerate(read(d, "key"), 1):
        x = asked.middle[0]
        d.arrow((x, asked.bottom[1] + 3), (x, WEIGHTS - 2), kind="key")
        cell = d.cells(x - 15, WEIGHTS, 1, 1, "weight", side=24, wide=30, shades=[[EVEN]])
        d.formula(*cell.middle, f"a_{{3{place}}}")
        d.line(cell.bottom, (x, SUM), (answered, SUM), kind="value")
    context = d.cells(answered - 2 * SIDE, CONTEXT, 1, NUMBERS, "value", side=SIDE)
    d.arrow((answered, SUM), (answered, CONTEXT - 2), kind="value")
    d.arrow((answered, context.bottom[1] + 2), (answered, WRITER - 3), kind="value")
    d.formula(answered + 30, context.middle[1], "c_3", "value", "start")
    write(d, state(d, PLACES[0], WRITER, "s_1"), asking=2)
    high, aside = WRITER - 18, frame.x - 28
    d.arrow(
        (asking, WRITER - 3), (asking, high), (aside, high), (aside, frame.left[1]),
        (frame.x - 1, frame.left[1]), kind="query",
    )  # fmt: skip
    d.words((PLACES[0] + asking) / 2, 138, TEXT["keys"], "key")
    d.words((PLACES[0] + asking) / 2, SUM + 15, TEXT["values"], "value")
    d.words(aside + 12, high - 12, TEXT["query"], "query", "start")
    return d


def read(d: Drawing, kind: str = "plain") -> list[Area]:
    """The source, and the reader's states."""
    d.words(8, 12, TEXT["reads"], anchor="start", bold=True)
    states = []
    for place, (x, token) in enumerate(zip(PLACES, SOURCE, strict=True), 1):
        d.number(x, 42, token)
        d.arrow((x, 52), (x, STATES - 3))
        states.append(state(d, x, STATES, f"h_{place}", kind))
        hand_on(d, states)
    return states


def write(d: Drawing, first: Area, asking: int = 0) -> None:
    """The writer's states, each of which reads what was written before, and the target."""
    states = [first]
    for place, (x, token) in enumerate(zip(PLACES, TARGET, strict=True), 1):
        written = first.y + 70
        if place > 1:
            kind = "query" if place == asking else "plain"
            states.append(state(d, x, first.y, f"s_{place}", kind))
            hand_on(d, states)
            low, enter = first.y + 3.4 * SIDE, states[-1].left[0] - 3
            d.arrow((x - 66, written), (x - 30, written), (x - 30, low), (enter, low))
        d.arrow((x, first.bottom[1] + 3), (x, first.y + 60))
        d.number(x, written, token)
    d.words(8, first.y + 96, TEXT["writes"], anchor="start", bold=True)


def state(d: Drawing, x: float, y: float, name: str, kind: str = "plain") -> Area:
    d.formula(x + 11, y + (5 if name[0] == "s" else 39), name, kind, "start")
    return d.cells(x - SIDE / 2, y, NUMBERS, 1, kind, side=SIDE)


def hand_on(d: Drawing, states: list[Area]) -> None:
    """An arrow from the last state but one to the last."""
    if len(states) > 1:
        (x, y), (end, _) = states[-2].right, states[-1].left
        d.arrow((x + 3, y), (end - 3, y))
