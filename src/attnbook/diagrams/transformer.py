"""The whole Transformer with its shapes, its parts as links to their chapters.

It grows through the part of the book that builds it: what the reader has come to is drawn in full,
the rest pale.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from .drawing import Area, Drawing, Point

TEXT = {
    "source": "source $(m)$",
    "target": "target so far $(n)$",
    "embedding": "embedding",
    "positions": "positions",
    "self": "self-attention",
    "masked": "masked\nself-attention",
    "cross": "cross-attention",
    "source heads": "$h$ heads, $(m, m)$",
    "target heads": "$h$ heads, $(n, n)$",
    "cross heads": "$h$ heads, $(n, m)$",
    "norm": "norm",
    "feed-forward": "feed-forward",
    "layers": "$L$ times",
    "memory": "memory $(m, d_{model})$",
    "logits": "linear, softmax",
    "next": "next token $(n, |V|)$",
}
# The chapters that add a piece each, in their order.
CHAPTERS = ("self-attention", "positions", "heads", "block", "transformer", "decoding")
HIGH = 640
STRIP, WIDE, SHORT = 25, 114, 84  # a part's height, where it has one line, and widths
ASIDE, GAP = 18, 17  # from the stream to its parts; from a sublayer to where it leaves or joins it
ENCODER, DECODER, LOOP = 18, 314, 337  # where streams run, and the way back of what was chosen
BETWEEN = (ENCODER + ASIDE + WIDE + DECODER - ASIDE - WIDE) / 2


class Picture(Drawing):
    """A drawing that knows how far the reader has come."""

    def __init__(self, reached: str):
        super().__init__(HIGH)
        self.reached = CHAPTERS.index(reached)

    @contextmanager
    def part(self, added_by: str, link: str | None = None) -> Iterator[None]:
        """A piece that a chapter adds, and perhaps a link."""
        pale = CHAPTERS.index(added_by) > self.reached
        with self.group("pale" if pale else "part"), self.link(link):
            yield


class Stack:
    """One of the two stacks, drawn from its foot upwards, along a stream with parts at its side."""

    def __init__(self, d: Picture, stream: float, side: int):
        self.d, self.stream, self.side = d, stream, side
        self.middle = stream + side * (ASIDE + WIDE / 2)
        self.left = min(stream - 10, self.middle - WIDE / 2)
        self.y = HIGH - 22.0  # how high it has grown

    def out(self, distance: float) -> Point:
        """So far beside the stream, towards the parts."""
        return self.stream + self.side * distance, self.y

    def across(self, added_by: str, word: str, link: str | None = None) -> None:
        """A part on the stream itself."""
        self.d.arrow((self.stream, self.y), (self.stream, self.y - GAP), kind="plain")
        self.y -= GAP + STRIP
        with self.d.part(added_by, link):
            self.d.box(Area(self.left, self.y, WIDE + ASIDE + 10, STRIP), TEXT[word], "muted")

    def foot(self, word: str, shape: str) -> None:
        """Tokens, their embedding, and the positions that are added."""
        d = self.d
        d.words(self.stream - self.side * 6, self.y + 12, TEXT[word], anchor=self.anchor, bold=True)
        self.across("self-attention", "embedding")
        d.line((self.stream, self.y), (self.stream, self.y - 60), kind="plain")
        self.y -= 22
        with d.part("positions", "positions"):
            area = Area(self.middle - SHORT / 2, self.y - STRIP / 2, SHORT, STRIP)
            d.box(area, TEXT["positions"], "muted")
        with d.part("positions"):
            d.arrow(self.out(ASIDE + (WIDE - SHORT) / 2), self.out(9))
            d.sum(self.stream, self.y)
        self.y -= 28
        d.formula(*self.out(10), shape, anchor=self.anchor)
        self.y -= 10

    @property
    def anchor(self) -> str:
        return "start" if self.side > 0 else "end"

    def sublayer(
        self, added_by: str, strips: list[tuple[str, str, str, str]], kind="muted"
    ) -> float:
        """Parts on top of each other, and the way through them beside the stream.

        A part is the chapter that adds it, the one that it leads to, a word and a kind. Returns the
        height of the middle of the second one.
        """
        d, left = self.d, self.middle - WIDE / 2
        away, top = self.y - GAP, self.y - 2 * GAP
        d.line((self.stream, self.y), (self.stream, away), kind="plain")
        with d.part(added_by):
            d.arrow((self.stream, away), (self.middle, away), (self.middle, top), kind=kind)
        middles = []
        for chapter, link, word, look in strips:
            height = STRIP + 14 * TEXT[word].count("\n")
            top -= height
            with d.part(max(chapter, added_by, key=CHAPTERS.index), link):
                middles.append(d.box(Area(left, top, WIDE, height), TEXT[word], look).middle[1])
        d.line((self.stream, away), (self.stream, top - GAP), kind="plain")
        self.y = top - GAP
        with d.part(added_by):
            d.arrow((self.middle, top), (self.middle, self.y), self.out(9))
        with d.part(max("block", added_by, key=CHAPTERS.index)):
            d.sum(self.stream, self.y)
        return middles[1]

    def block(self, *sublayers) -> list[float]:
        """Sublayers in a frame, for there are several such blocks on top of each other."""
        d, foot = self.d, self.y
        middles = [self.sublayer(*sublayer) for sublayer in sublayers]
        self.y -= 16
        with d.part("block"):
            d.frame(Area(self.left - 6, self.y, WIDE + ASIDE + 22, foot - self.y - 6))
            x, _ = self.out(ASIDE + WIDE)
            other = "end" if self.side > 0 else "start"
            d.words(x, self.y + 16, TEXT["layers"], "muted", other)
        d.line((self.stream, self.y + 16), (self.stream, self.y), kind="plain")
        return middles


def attention(added_by: str, link: str, word: str, heads: str, kind="muted"):
    return (
        added_by,
        [
            ("block", "block", "norm", "muted"),
            (added_by, link, word, "weight"),
            ("heads", "heads", heads, "weight"),
        ],
        kind,
    )


FEED_FORWARD = (
    "block",
    [("block", "block", "norm", "muted"), ("block", "block", "feed-forward", "plain")],
)


def draw(reached: str = CHAPTERS[-1]) -> Drawing:
    d = Picture(reached)
    encoder, decoder = Stack(d, ENCODER, 1), Stack(d, DECODER, -1)
    encoder.foot("source", "(m, d_{model})")
    encoder.block(
        attention("self-attention", "self-attention", "self", "source heads"), FEED_FORWARD
    )
    encoder.across("block", "norm", "block")
    decoder.foot("target", "(n, d_{model})")
    _, cross, _ = decoder.block(
        attention("self-attention", "masks", "masked", "target heads"),
        attention("transformer", "transformer", "cross", "cross heads", "query"),
        FEED_FORWARD,
    )
    decoder.across("block", "norm", "block")
    decoder.across("transformer", "logits", "softmax")
    d.arrow((DECODER, decoder.y), (DECODER, decoder.y - GAP), kind="plain")
    end = decoder.y - GAP - 12
    d.words(LOOP + 3, end, TEXT["next"], anchor="end", bold=True)
    with d.part("transformer"):
        memory(d, encoder.y, cross)
    with d.part("decoding"):
        foot = HIGH - 10
        d.arrow((LOOP, end + 12), (LOOP, foot), (DECODER + 10, foot))
    return d


def memory(d: Picture, y: float, cross: float) -> None:
    """From the top of the encoder to the keys and values of every cross-attention."""
    d.words(ENCODER - 8, y - 34, TEXT["memory"], anchor="start", bold=True)
    for kind, shift in (("key", 4), ("value", -4)):
        high, x = y - 13 - shift, BETWEEN + shift
        d.arrow(
            (ENCODER - shift, y), (ENCODER - shift, high), (x, high), (x, cross - shift),
            (DECODER - ASIDE - WIDE - 1, cross - shift), kind=kind,
        )  # fmt: skip
