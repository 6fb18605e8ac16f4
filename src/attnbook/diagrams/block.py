"""The two orders of a block side by side: the norm on the way to a sublayer, or on the stream."""

from .drawing import Area, Drawing

TEXT = {
    "pre": "pre-norm",
    "post": "post-norm",
    "attention": "attention",
    "feed-forward": "feed-forward",
    "norm": "norm",
}
KINDS = {"attention": "weight", "feed-forward": "plain"}
ASIDE, WIDE = 26, 104  # how far from the stream a sublayer stands, and how wide it is
PART = 134  # as high as a sublayer with its norm and its sum
END, START = 74, 74 + 2 * PART + 30  # heights where the stream ends and begins


def draw() -> Drawing:
    d = Drawing(START + 34)
    for x, order, formula in (
        (28, "pre", "x + f(norm(x))"),
        (204, "post", "norm(x + f(x))"),
    ):
        d.words(x - 14, 14, TEXT[order], anchor="start", bold=True)
        d.formula(x - 14, 40, formula, "muted", "start")
        d.arrow((x, START), (x, END - 12), kind="plain")
        for number, sublayer in enumerate(("attention", "feed-forward")):
            (pre if order == "pre" else post)(d, x, START - 14 - PART * number, sublayer)
        d.formula(x, START + 14, "x")
    return d


def pre(d: Drawing, x: float, y: float, sublayer: str) -> None:
    """The norm stands before the sublayer, and nothing on the stream but sums."""
    norm = d.box(Area(x + ASIDE, y - 42, WIDE, 24), TEXT["norm"], "muted")
    box = d.box(Area(x + ASIDE, y - 94, WIDE, 34), TEXT[sublayer], KINDS[sublayer])
    d.arrow((x, y), (norm.middle[0], y), norm.bottom)
    d.arrow(norm.top, box.bottom)
    join = d.sum(x, y - 112)
    d.arrow(box.top, (box.middle[0], join.middle[1]), (join.right[0] + 1, join.middle[1]))


def post(d: Drawing, x: float, y: float, sublayer: str) -> None:
    """The norm stands on the stream, behind the sum."""
    box = d.box(Area(x + ASIDE, y - 54, WIDE, 34), TEXT[sublayer], KINDS[sublayer])
    d.arrow((x, y), (box.middle[0], y), box.bottom)
    join = d.sum(x, y - 72)
    d.arrow(box.top, (box.middle[0], join.middle[1]), (join.right[0] + 1, join.middle[1]))
    d.box(Area(x - 24, y - 116, 48, 24), TEXT["norm"], "muted")
