"""Two readers of one word: who hears whom, and what each is asked."""

from .drawing import Area, Drawing

TEXT = {
    "forwards": "Reads forwards: what comes next?",
    "both": "Reads both sides: what was hidden?",
    "asked": "asked",
    "read": "read",
    "mask": "?",
}
WORD = "text"
HIDDEN = 2
LEFT, APART, WIDE, HIGH, RISE = 78, 62, 34, 28, 96


def draw() -> Drawing:
    d = Drawing(354)
    forwards(d, 40)
    both(d, 226)
    return d


def forwards(d: Drawing, y: float) -> None:
    d.words(8, y - 28, TEXT["forwards"], "query", "start", bold=True)
    places = range(len(WORD) - 1)
    below = row(d, y + RISE, [WORD[i] for i in places], "key")
    above = row(d, y, [WORD[i + 1] for i in places], "query")
    for i in places:
        for j in range(i + 1):
            d.arrow(below[j].top, above[i].bottom, kind="weight")
    named(d, y)


def both(d: Drawing, y: float) -> None:
    d.words(8, y - 28, TEXT["both"], "value", "start", bold=True)
    letters = [*WORD]
    below = row(d, y + RISE, [*letters[:HIDDEN], TEXT["mask"], *letters[HIDDEN + 1 :]], "key")
    area = Area(LEFT + HIDDEN * APART, y, WIDE, HIGH)
    above = d.box(area, WORD[HIDDEN], "value")
    for box in below:
        d.arrow(box.top, above.bottom, kind="weight")
    named(d, y)


def named(d: Drawing, y: float) -> None:
    d.words(8, y + HIGH / 2, TEXT["asked"], "muted", "start")
    d.words(8, y + RISE + HIGH / 2, TEXT["read"], "muted", "start")


def row(d: Drawing, y: float, letters: list[str], kind: str) -> list[Area]:
    return [
        d.box(Area(LEFT + i * APART, y, WIDE, HIGH), letter, kind)
        for i, letter in enumerate(letters)
    ]
