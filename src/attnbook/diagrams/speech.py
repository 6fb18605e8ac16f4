"""Sound, the states of an ear, and two ways to get digits from them: marks, or weights."""

from .drawing import Drawing

TEXT = {
    "frames": "Sound as frames: time goes right.",
    "ear": "An ear makes states of them.",
    "ctc": "CTC: each state says a digit, or none.",
    "speller": "Attention: each digit weighs all states.",
}
MARKS = "–33–1–"  # said of each state; what is left is the digits
DIGITS = "31"
COLUMNS, LEFT, WIDE = len(MARKS), 30, 40
FRAMES, BANDS, SIDE = 2 * COLUMNS, 4, 8  # two frames to a state
LOUD = [[(3 * i + 5 * j) % 7 / 7 for j in range(FRAMES)] for i in range(BANDS)]
RIGHT = LEFT + COLUMNS * WIDE
EVEN = 1 / COLUMNS  # of the weight; where it goes is for the reader to predict


def draw() -> Drawing:
    d = Drawing(352)
    middles = [LEFT + (i + 0.5) * WIDE for i in range(COLUMNS)]
    title(d, 12, "frames")
    d.cells(LEFT, 26, BANDS, FRAMES, "plain", side=SIDE, wide=WIDE / 2, shades=LOUD)
    title(d, 84, "ear")
    for i, x in enumerate(middles, 1):
        d.cells(x - 2 * SIDE, 100, 1, 4, "key", side=SIDE, shades=[[0.6] * 4])
        d.formula(x, 122, f"h_{i}", "key")
    title(d, 156, "ctc")
    for x, mark in zip(middles, MARKS, strict=True):
        d.arrow((x, 170), (x, 184))
        d.number(x, 196, mark)
    for digit in DIGITS:
        first, last = MARKS.index(digit), MARKS.rindex(digit)
        d.brace(middles[first] - 12, middles[last] + 12, 206)
        d.number((middles[first] + middles[last]) / 2, 228, digit)
    title(d, 258, "speller")
    for i, digit in enumerate(DIGITS):
        y = 274 + 36 * i
        d.formula(LEFT - 16, y + 12, f"s_{i}", "query")
        shades = [[EVEN] * COLUMNS]
        row = d.cells(LEFT, y, 1, COLUMNS, "weight", side=24, wide=WIDE, shades=shades)
        d.arrow((RIGHT + 4, row.right[1]), (RIGHT + 26, row.right[1]), kind="value")
        d.number(RIGHT + 38, row.right[1], digit)
    return d


def title(d: Drawing, y: float, name: str) -> None:
    d.words(8, y, TEXT[name], anchor="start", bold=True)
