"""Three families of models beside each other: what they are made of, and who sees whom in them."""

import numpy as np

from attnlab import causal_mask

from .drawing import Area, Drawing

TEXT = {
    "encoder only": "encoder\nonly",
    "both": "encoder\nand decoder",
    "decoder only": "decoder\nonly",
    "encoder": "encoder",
    "decoder": "decoder",
    "cross": "cross-attention",
    "sees": "Each row sees the colored columns.",
}
SOURCE, TARGET = 4, 3  # tokens
SIDE, WIDE, HIGH = 14, 66, 52  # a token's cell, a stack
OUTPUTS, STACKS, TOKENS, MAPS, CROSS = 54, 90, 168, 212, 282  # heights of their tops
ALL = np.ones((SOURCE, SOURCE), dtype=bool)


def draw() -> Drawing:
    d = Drawing(CROSS + TARGET * SIDE + 36)
    for x, name in ((37, "encoder only"), (173, "both"), (307, "decoder only")):
        d.words(x, 18, TEXT[name], bold=True)
    stack(d, 37, "encoder", ALL)
    encoder = stack(d, 129, "encoder", ALL, writes=False)
    decoder = stack(d, 217, "decoder", causal_mask(TARGET))
    stack(d, 307, "decoder", causal_mask(SOURCE))
    d.arrow(encoder.right, (decoder.left[0] - 1, decoder.left[1]))
    d.words(217 - TARGET * SIDE / 2 - 16, CROSS + 1.5 * SIDE, TEXT["cross"], "weight", "end")
    seen(d, 217, CROSS, ALL[:TARGET])
    d.words(4, CROSS + TARGET * SIDE + 24, TEXT["sees"], "muted", "start")
    return d


def stack(d: Drawing, x: float, name: str, mask: np.ndarray, writes: bool = True) -> Area:
    """Tokens below, a stack that reads them, what comes out of it; and who sees whom in it."""
    box = d.box(Area(x - WIDE / 2, STACKS, WIDE, HIGH), TEXT[name], "weight")
    start = x - len(mask) * SIDE / 2
    d.cells(start, TOKENS, 1, len(mask), "plain", side=SIDE)
    d.arrow((x, TOKENS - 2), (x, STACKS + HIGH + 1))
    if writes:
        d.arrow((x, STACKS), (x, OUTPUTS + SIDE + 2))
        d.cells(start, OUTPUTS, 1, len(mask), "plain", side=SIDE)
    seen(d, x, MAPS, mask)
    return box


def seen(d: Drawing, x: float, y: float, mask: np.ndarray) -> None:
    """A row for each token that asks, colored where it may attend."""
    rows, columns = mask.shape
    shades = [[0.7 if open_ else None for open_ in row] for row in mask]
    d.cells(x - columns * SIDE / 2, y, rows, columns, "weight", side=SIDE, shades=shades)
