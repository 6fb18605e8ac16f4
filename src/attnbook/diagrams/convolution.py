"""A convolution's window, and how the field of one output grows from layer to layer."""

from .drawing import Drawing, Point

TEXT = {
    "layers": ("input", "layer 1", "layer 2", "layer 3"),
    "window": "a window of 3",
    "field": "the field of one output of layer 3: {inputs} inputs",
}
PLACES, CENTER = 9, 4
TOP = 3  # the layer whose output is looked at
SIDE = 20
LEFT, APART, BOTTOM, UP = 84, 30, 214, 64


def draw() -> Drawing:
    d = Drawing(BOTTOM + 54)
    (left, low), (right, _), (tip, high) = at(0, CENTER - TOP), at(0, CENTER + TOP), at(TOP, CENTER)
    edge = SIDE / 2 + 4
    d.shade((tip - edge, high - edge), (tip + edge, high - edge), (right + edge, low + edge),
            (left - edge, low + edge))  # fmt: skip
    for layer, name in enumerate(TEXT["layers"]):
        d.words(8, at(layer, 0)[1], name, "muted", "start")
        for place in range(PLACES):
            unit(d, layer, place, is_seen=abs(place - CENTER) <= TOP - layer)
    d.words(tip + 38, high + UP / 2, TEXT["window"], "muted", "start")
    d.brace(left - SIDE / 2, right + SIDE / 2, low + 20)
    d.words((left + right) / 2 - 8, low + 44, TEXT["field"].format(inputs=2 * TOP + 1))
    return d


def unit(d: Drawing, layer: int, place: int, is_seen: bool) -> None:
    """One vector of a layer, and if the output depends on it, lines to those it depends on."""
    x, y = at(layer, place)
    kind, shade = ("plain", 1.0 if layer == TOP else 0.25) if is_seen else ("muted", 0.0)
    d.cells(x - SIDE / 2, y - SIDE / 2, 1, 1, kind, side=SIDE, shades=[[shade]])
    if is_seen and layer:
        for below in (place - 1, place, place + 1):
            to, floor = at(layer - 1, below)
            d.line((x, y + SIDE / 2), (to, floor - SIDE / 2))


def at(layer: int, place: int) -> Point:
    """The middle of a vector."""
    return LEFT + APART * place, BOTTOM - UP * layer
