"""Three ways from a query and a key to one score; what stands in a box is learned."""

from .drawing import Area, Drawing

TEXT = {
    "dot": "dot",
    "bilinear": "bilinear",
    "additive": "additive",
    "tanh": "tanh",
}
SIDE = 15
DOT, BILINEAR, ADDITIVE = 48, 158, 280  # where the three stand
QUERY, KEY = -1, 1  # on which side
APART = {DOT: 26, BILINEAR: 30, ADDITIVE: 38}  # from there to the query and to the key
TITLE, GIVEN, MATRIX, MEET, BENT, READ, SCORE = 12, 46, 82, 134, 154, 174, 226  # heights
HIGH, WIDE = 26, 40  # of a box


def draw() -> Drawing:
    d = Drawing(SCORE + 12)
    for name, x in (("dot", DOT), ("bilinear", BILINEAR), ("additive", ADDITIVE)):
        d.words(x, TITLE, TEXT[name], bold=True)
        for side, kind in ((QUERY, "query"), (KEY, "key")):
            at = x + side * APART[x]
            given = d.cells(at - SIDE, GIVEN, 1, 2, kind, side=SIDE)
            d.formula(at, GIVEN - 12, kind[0], kind)
            d.arrow((at, given.bottom[1] + 3), (at, MEET), (x + side * 9, MEET), kind=kind)
        d.formula(x, SCORE, "s")
    for x, side, name in (
        (BILINEAR, QUERY, "W"),
        (ADDITIVE, QUERY, "W_q"),
        (ADDITIVE, KEY, "W_k"),
    ):
        learned(d, x + side * APART[x], MATRIX, name)
    for x in (DOT, BILINEAR):
        d.arrow(d.times(x, MEET).bottom, (x, SCORE - 12))
    d.arrow(d.sum(ADDITIVE, MEET).bottom, (ADDITIVE, SCORE - 12))
    d.words(ADDITIVE + 8, BENT + 1, TEXT["tanh"], anchor="start")
    learned(d, ADDITIVE, READ, "· v")
    return d


def learned(d: Drawing, x: float, y: float, name: str) -> None:
    d.formula(*d.box(Area(x - WIDE / 2, y, WIDE, HIGH), "").middle, name)
