"""One number, cut into groups of three digits by English and of four by Chinese."""

from .drawing import Drawing

TEXT = {"english": "English: by thousands", "chinese": "Chinese: by ten thousands"}
DIGITS = "120034"
# Where a group's digits begin and end, and the words for them and for the size of the group.
ENGLISH = ((0, 3, "one hundred twenty", "thousand"), (3, 6, "thirty four", ""))
CHINESE = ((0, 2, "十二", "万"), (2, 6, "零三十四", ""))
LEFT, WIDE, HIGH = 34, 46, 28
TOP = 92


def draw() -> Drawing:
    d = Drawing(216)
    d.words(172, 12, TEXT["english"], bold=True)
    for start, end, words, size in ENGLISH:
        d.words(middle(start, end), 36, words, "key")
        d.words(middle(start, end), 56, size, "key")
        d.brace(edge(start) + 3, edge(end) - 3, TOP - 8, up=True)
    d.cells(LEFT, TOP, 1, len(DIGITS), "plain", side=HIGH, wide=WIDE)
    for i, digit in enumerate(DIGITS):
        d.number(edge(i) + WIDE / 2, TOP + HIGH / 2, digit)
    for start, end, words, size in CHINESE:
        d.brace(edge(start) + 3, edge(end) - 3, TOP + HIGH + 8)
        d.words(middle(start, end), TOP + HIGH + 34, words + size, "query")
    d.words(172, 202, TEXT["chinese"], bold=True)
    return d


def edge(place: int) -> float:
    return LEFT + place * WIDE


def middle(start: int, end: int) -> float:
    return (edge(start) + edge(end)) / 2
