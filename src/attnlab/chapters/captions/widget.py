"""Two digits to drag about in a picture, what a speaker calls it, and where each word looks."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.captions.models import Speaker
from attnlab.chapters.captions.scenes import (
    CELL,
    FARTHEST,
    RELATIONS,
    SIDE,
    VOCABULARY,
    WIDTH,
    cells_of,
    pairs,
    relation,
)
from attnlab.chapters.captions.speaking import N_WORDS
from attnlab.decoding import greedy
from attnlab.tasks.digits import DARKEST, SIZE, digits
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Constants, Row, Switch, Whole

HANDS = 10  # images of each digit, all from the test split
ALL_WORDS = [*SPECIAL, *VOCABULARY.decode(range(len(SPECIAL), len(VOCABULARY)))]


def _hands() -> np.ndarray:
    """The images that a page holds: `(HANDS, 10, 8, 8)`, whole numbers up to 16."""
    images, labels = digits("test")
    found = [images[labels == digit][:HANDS] for digit in range(10)]
    return np.rint(DARKEST * np.stack(found, axis=1)).astype(int)


class CaptionsWidget(LabWidget):
    """A picture of two digits, its caption by a trained speaker, and the map of a word's weights.

    Args:
        speaker: a `Speaker` that was told "self".
        digits: which two digits, 0 to 9.
        down, across: the upper left pixel of each, 0 to 16.
        hand: which of ten handwritten images of each digit is shown, 0 to 9.
        chosen: which of the two the sliders move, 0 or 1.
        word: which word of the caption is looked at, from 0.
        backwards: whether the map says for each cell which share of its weight is this word's, in
            place of which share of this word's weight the cell has.

    The page holds the speaker's parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range, here or when it is set; ValueError for a speaker
    that was told otherwise.

    >>> from attnlab.chapters.captions.models import Eyes
    >>> w = CaptionsWidget(Speaker(Eyes(), "self"))
    >>> w.wanted, w.picture.shape, w.weights.shape[1]
    (['three', 'above', 'seven'], (24, 24), 36)
    """

    _front_end = "widget.js"

    digits = Row(Whole(0, 9, default=0), default=(3, 7)).tag(sync=True)
    down = Row(Whole(0, FARTHEST, default=0), default=(1, 14)).tag(sync=True)
    across = Row(Whole(0, FARTHEST, default=0), default=(9, 4)).tag(sync=True)
    hand = Whole(0, HANDS - 1, default=0).tag(sync=True)
    chosen = Whole(0, 1, default=0).tag(sync=True)
    word = Whole(0, N_WORDS - 1, default=0).tag(sync=True)
    backwards = Switch(False).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _hands = traitlets.Unicode().tag(sync=True)
    _constants = Constants(
        words=ALL_WORDS,
        relations=RELATIONS,
        marks={"bos": BOS, "eos": EOS, "special": len(SPECIAL), "longest": N_WORDS},
        sizes={"width": WIDTH, "cell": CELL, "side": SIDE, "digit": SIZE, "darkest": DARKEST},
        known=[10 * a + b for a, b in pairs(True)],
        end=END,
    )

    def __init__(
        self,
        speaker: Speaker,
        *,
        digits: tuple[int, int] = (3, 7),
        down: tuple[int, int] = (1, 14),
        across: tuple[int, int] = (9, 4),
        hand: int = 0,
        chosen: int = 0,
        word: int = 0,
        backwards: bool = False,
    ):
        if speaker.told != "self":
            raise ValueError(f'expected a speaker that was told "self", got "{speaker.told}"')
        self._rounded = rounded(speaker)
        encoder = speaker.encoder
        shape = {
            "n_heads": encoder.n_heads,
            "n_layers": len(encoder.layers),
            "norm": encoder.layers[0].norm,
            "eps": encoder.last_norm.eps,
        }
        letters = "".join(chr(ord("a") + value) for value in _hands().ravel())
        super().__init__(
            digits=digits, down=down, across=across, hand=hand, chosen=chosen, word=word,
            backwards=backwards, _model={**shape, **pack(speaker)}, _hands=letters,
        )  # fmt: skip

    @property
    def picture(self) -> np.ndarray:
        """The pixels, `(24, 24)` from 0 to 1; where digits overlap, the darker one's."""
        pixels = np.zeros((WIDTH, WIDTH))
        for digit, y, x in zip(self.digits, self.down, self.across, strict=True):
            part = pixels[y : y + SIZE, x : x + SIZE]
            np.maximum(part, _hands()[self.hand, digit] / DARKEST, out=part)
        return pixels

    @property
    def said(self) -> list[str]:
        """What the speaker says, without the end mark."""
        return VOCABULARY.decode(self._tokens[0].tolist())

    @property
    def wanted(self) -> list[str]:
        """The caption that is right; "above" also where the digits are as far apart down as across,
        which training never shows."""
        corners = torch.tensor([self.down, self.across]).T  # (2, 2)
        between = int(relation(corners))
        first = int(corners[0, between] > corners[1, between])
        zero = len(SPECIAL)
        names = [ALL_WORDS[zero + digit] for digit in self.digits]
        return [names[first], RELATIONS[between], names[1 - first]]

    @property
    def weights(self) -> np.ndarray:
        """Where each word looks, `(n, 36)`; the end mark's row is the last."""
        tokens = self._tokens
        with torch.no_grad():
            return self._rounded.align(self._source, tokens, bos=BOS)[0].numpy()

    @property
    def boxes(self) -> np.ndarray:
        """The cells of each digit, `(2, 36)` booleans."""
        return cells_of(torch.tensor([self.down, self.across]).T).numpy()

    @property
    def in_boxes(self) -> np.ndarray:
        """How much of each word's weight lies in the box of either digit, `(n, 2)`."""
        return self.weights @ self.boxes.T

    @property
    def shown(self) -> np.ndarray:
        """The map that the picture shows, `(n, 36)`: the weights, or each cell's shares of them."""
        weights = self.weights
        return weights / weights.sum(axis=0) if self.backwards else weights

    @property
    def _source(self) -> torch.Tensor:
        return torch.from_numpy(self.picture)[None]  # (1, 24, 24)

    @property
    def _tokens(self) -> torch.Tensor:
        return greedy(self._rounded, self._source, bos=BOS, eos=EOS, max_len=N_WORDS)  # (1, n)
