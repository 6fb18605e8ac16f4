"""Two ways from past to future: lines that were fixed in training, and weights from the values."""

from .drawing import Area, Drawing

TEXT = {
    "linear": "A linear map: one set of lines for every past",
    "attention": "Attention: first each token asks the others",
    "past": "past",
    "future": "future",
    "tokens": "tokens",
}
PAST, FUTURE = 4, 2
LEFT, WIDE, HIGH = 96, 52, 26
KINDS = {"x": "key", "h": "weight", "y": "value"}  # their colors, by their letters


def draw() -> Drawing:
    d = Drawing(338)
    d.words(8, 12, TEXT["linear"], anchor="start", bold=True)
    past = row(d, 92, PAST, "x")
    future = row(d, 34, FUTURE, "y", after=1)
    d.words(8, 47, TEXT["future"], "muted", anchor="start")
    d.words(8, 105, TEXT["past"], "muted", anchor="start")
    joined(d, past, future)

    d.words(8, 150, TEXT["attention"], anchor="start", bold=True)
    below = row(d, 290, PAST, "x")
    tokens = row(d, 230, PAST, "h")
    above = row(d, 172, FUTURE, "y", after=1)
    d.words(8, 185, TEXT["future"], "muted", anchor="start")
    d.words(8, 243, TEXT["tokens"], "muted", anchor="start")
    d.words(8, 303, TEXT["past"], "muted", anchor="start")
    for token in tokens:
        for value in below:
            d.line(value.top, token.bottom, kind="weight", dashed=True)
    joined(d, tokens, above)
    return d


def row(d: Drawing, y: float, count: int, letter: str, after: int = 0) -> list[Area]:
    """Boxes side by side with a letter and a number each, in the middle or `after` some others."""
    found = []
    for i in range(count):
        x = LEFT + (i + after) * WIDE
        area = Area(x, y, WIDE - 12, HIGH)
        kind = KINDS[letter]
        found.append(d.box(area, "", kind))
        d.formula(*area.middle, f"{letter}_{i + 1}")
    return found


def joined(d: Drawing, past: list[Area], future: list[Area]) -> None:
    """A line from each past value to each future one."""
    for value in past:
        for other in future:
            d.line(value.top, other.bottom)
