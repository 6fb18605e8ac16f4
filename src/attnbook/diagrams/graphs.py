"""A graph beside its mask: node i may look along its edges, and at nobody else."""

from .drawing import Area, Drawing

TEXT = {
    "graph": "a graph",
    "mask": "is a mask",
    "asks": "$i$ asks its neighbors",
    "row": "row $i$ has its weights",
}
# Where the nodes stand, and who is linked: the first is the one that asks.
NODES = {"i": (88, 106), "a": (30, 52), "b": (144, 54), "c": (34, 164), "d": (148, 160)}
EDGES = ("ia", "ib", "ic", "bd", "ac")
WIDTHS = {"ia": 0.6, "ib": 0.1, "ic": 0.3}  # the weights of node i
RADIUS, SIDE, LEFT, TOP = 12, 24, 208, 52


def draw() -> Drawing:
    d = Drawing(228)
    d.words(88, 14, TEXT["graph"], bold=True)
    d.words(LEFT + 2.5 * SIDE, 14, TEXT["mask"], "weight", bold=True)
    for first, second in EDGES:
        if first != "i":
            d.line(NODES[first], NODES[second])
    for edge, weight in WIDTHS.items():
        start, end = NODES[edge[1]], toward(NODES["i"], NODES[edge[1]])
        d.arrow(start, end, kind="weight")
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        aside = (15, 3) if start[0] < end[0] else (-13, -7)  # where no other edge runs
        d.number(x + aside[0], y + aside[1], f"{weight:.1f}")
    for name, (x, y) in NODES.items():
        kind = "query" if name == "i" else "key" if f"i{name}" in EDGES else "plain"
        d.box(Area(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS), "", kind)
        d.formula(x, y, name)
    names = [*NODES]
    shades = [[shade(i, j) for j in names] for i in names]
    numbers = [[f"{WIDTHS[i + j]:.1f}" if i + j in WIDTHS else "" for j in names] for i in names]
    square = d.cells(
        LEFT, TOP, len(names), len(names), "weight", side=SIDE, shades=shades, numbers=numbers
    )
    for place, name in enumerate(names):
        middle = (place + 0.5) * SIDE
        d.formula(LEFT - 13, TOP + middle, name, "query")
        d.formula(LEFT + middle, TOP - 14, name, "key")
    d.words(88, 214, TEXT["asks"], "muted")
    d.words(square.bottom[0], 214, TEXT["row"], "muted")
    return d


def shade(i: str, j: str) -> float | None:
    """How dark a pair's cell is; None where there is no edge."""
    if i + j in WIDTHS:
        return WIDTHS[i + j]
    return 0.15 if {i, j} in [set(edge) for edge in EDGES] else None


def toward(point: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The edge of a node's box, as seen from another node."""
    across, down = other[0] - point[0], other[1] - point[1]
    share = (RADIUS + 3) / max(abs(across), abs(down))
    return point[0] + share * across, point[1] + share * down
