"""Places in contact, and how strongly each two go together: a square for all pairs."""

from .drawing import Area, Drawing

TEXT = {
    "contacts": "contacts",
    "together": "go together by",
    "chain": "$A$ and $C$ don't touch",
    "square": "framed: contacts",
}
NODES = {"A": (40, 56), "B": (134, 82), "C": (44, 134), "D": (40, 186), "E": (134, 186)}
CONTACTS = {"AB": 0.8, "BC": 0.7, "DE": 0.3}
TOGETHER = CONTACTS | {"AC": 0.56}
RADIUS, SIDE, LEFT, TOP = 13, 31, 182, 52


def draw() -> Drawing:
    d = Drawing(240)
    square = LEFT + 2.5 * SIDE
    d.words(88, 14, TEXT["contacts"], bold=True)
    d.words(square, 14, TEXT["together"], "weight", bold=True)
    for pair, strength in TOGETHER.items():
        (x0, y0), (x1, y1) = (NODES[name] for name in pair)
        d.line(NODES[pair[0]], NODES[pair[1]], kind="muted", dashed=pair not in CONTACTS)
        aside = (-18, 0) if pair == "AC" else (0, -11) if pair != "BC" else (4, 13)
        d.number((x0 + x1) / 2 + aside[0], (y0 + y1) / 2 + aside[1], number(strength))
    for name, (x, y) in NODES.items():
        d.box(Area(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS), "", "plain")
        d.formula(x, y, name)
    names = [*NODES]
    strengths = [[TOGETHER.get("".join(sorted(i + j)), 0.0) for j in names] for i in names]
    d.cells(
        LEFT, TOP, len(names), len(names), "weight", side=SIDE, shades=strengths,
        numbers=[[number(s) if s else "" for s in row] for row in strengths],
    )  # fmt: skip
    for i, name in enumerate(names):
        middle = (i + 0.5) * SIDE
        d.formula(LEFT - 12, TOP + middle, name)
        d.formula(LEFT + middle, TOP - 14, name)
        for j, other in enumerate(names):
            if "".join(sorted(name + other)) in CONTACTS and i != j:
                outline(d, LEFT + j * SIDE + 2, TOP + i * SIDE + 2, SIDE - 4)
    d.words(88, 226, TEXT["chain"], "muted")
    d.words(square, 226, TEXT["square"], "muted")
    return d


def outline(d: Drawing, x: float, y: float, side: float) -> None:
    d.line((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))


def number(strength: float) -> str:
    return f"{strength:.2f}".rstrip("0")
