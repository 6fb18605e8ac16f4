"""An image cut into patches, each written as a row of numbers: tokens that all look at all."""

from .drawing import Area, Drawing

TEXT = {
    "image": "an image",
    "patches": "its patches",
    "tokens": "tokens",
    "looks": "each looks at all",
}
SIDE, TOP = 30, 40
LEFT = {"image": 6, "patches": 148, "tokens": 284}
ROW = 34  # from one patch to the next
ORDER = ((0, 0), (0, 2), (2, 0), (2, 2))  # the upper left pixel of each patch: row, column


def draw() -> Drawing:
    d = Drawing(196)
    for name, middle in (("image", 67), ("patches", 204), ("tokens", 296)):
        d.words(middle, 14, TEXT[name], bold=True)
    for row, column in ORDER:
        x, y = LEFT["image"] + column * (SIDE + 1), TOP + row * (SIDE + 1)
        numbers = [[str(4 * (row + i) + column + j) for j in (0, 1)] for i in (0, 1)]
        d.cells(x, y, 2, 2, "value", side=SIDE - 2, numbers=numbers)
    asking = Area(LEFT["tokens"], TOP + ROW, 24, 24)
    for place, (row, column) in enumerate(ORDER):
        y = TOP + place * ROW
        pixels = [str(4 * (row + i) + column + j) for i in (0, 1) for j in (0, 1)]
        strip = d.cells(LEFT["patches"], y, 1, 4, "value", side=24, wide=28, numbers=[pixels])
        token = Area(LEFT["tokens"], y, 24, 24)
        d.arrow(strip.right, (token.x - 3, token.middle[1]))
        d.box(token, "", "query" if place == 1 else "key")
        d.formula(*token.middle, f"x_{place + 1}")
        if place != 1:
            start, end = token.right, asking.right
            bow = start[0] + 16 + 8 * abs(place - 1)
            d.arrow(start, (bow, start[1]), (bow, end[1] + 4 * (place - 1)),
                    (end[0] + 2, end[1] + 4 * (place - 1)), kind="weight")  # fmt: skip
    d.words(LEFT["tokens"] - 4, 184, TEXT["looks"], "muted")
    return d
