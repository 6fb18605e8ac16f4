"""One number, cut into groups of three digits by English and of four by Chinese."""

from .drawing import Drawing

DIGITS = "120034"
TEXT = {
    "english": "English: by thousands",
    "120": "one hundred twenty",
    "000": "thousand",
    "034": "thirty four",
    "12": "十二万",
    "0034": "零三十四",
    "chinese": "Chinese: by ten thousands",
}
LEFT, WIDE, HIGH = 34, 46, 28
TOP = 92


def draw() -> Drawing:
    d = Drawing(204)
    d.words(172, 12, TEXT["english"], bold=True)
    for start, group in ((0, "120"), (3, "034")):
        d.words(middle(start, 3), 36, TEXT[group], "key")
        d.brace(edge(start) + 3, edge(start + 3) - 3, TOP - 8, up=True)
    d.words(middle(0, 3), 56, TEXT["000"], "key")
    d.cells(LEFT, TOP, 1, len(DIGITS), "plain", side=HIGH, wide=WIDE)
    for place, digit in enumerate(DIGITS):
        d.number(middle(place, 1), TOP + HIGH / 2, digit)
    for start, group in ((0, "12"), (2, "0034")):
        d.brace(edge(start) + 3, edge(start + len(group)) - 3, TOP + HIGH + 8)
        d.words(middle(start, len(group)), TOP + HIGH + 34, TEXT[group], "query")
    d.words(172, 190, TEXT["chinese"], bold=True)
    return d


def edge(place: int) -> float:
    return LEFT + place * WIDE


def middle(start: int, count: int) -> float:
    return edge(start) + count * WIDE / 2
