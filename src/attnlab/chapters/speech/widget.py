"""Digits are said, and two recognizers write them down: one with attention, one by CTC."""

from base64 import b64encode

import numpy as np
import torch
import traitlets
from torch import Tensor

from attnlab.chapters.speech.models import STRIDE, Marker, Speller
from attnlab.chapters.speech.recording import HOP, RANGE, RATE, VOICES, band_edges
from attnlab.chapters.speech.scoring import LONGEST, collapsed, digits_of, mistakes
from attnlab.chapters.speech.sound import LOUD
from attnlab.chapters.speech.utterances import NOISE, said, voices, words
from attnlab.decoding import greedy
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Choice, Constants, Row, Whole

MAX_LENGTH = 16
SILENCE = 40  # frames
DIGITS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3)
VOICE = voices("test")[1]  # a voice that no training has heard


class SpeechWidget(LabWidget):
    r"""What is written of the first `length` digits, said in a voice that was not trained.

    Args:
        forwards: a `Speller`, trained to write digits in their order.
        backwards: one that was trained to write what was said last first.
        ctc: a `Marker`, trained on their order.
        digits: 16 digits to say.
        length: how many of them are said, 0 to 16.
        pause: frames of 25 milliseconds without speech before each digit and at the end, 0 to 12;
            if nothing is said, there is a second of noise.
        writes: which speller writes, "forwards" or "backwards".

    The page holds the models' parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for what is out of range, here or when it is set; ValueError for a model that
    is of another kind.

    >>> w = SpeechWidget(Speller(6), Speller(6), Marker(6), length=3, pause=4)
    >>> w.spans[0][0], w.frames.shape[1], w.weights.shape[1] == len(w.path)
    (4, 20, True)
    """

    _front_end = "widget.js"

    digits = Row(Whole(0, 9, default=0), default=DIGITS).tag(sync=True)
    length = Whole(0, MAX_LENGTH, default=4).tag(sync=True)
    pause = Whole(0, 12, default=2).tag(sync=True)
    writes = Choice("forwards", "backwards").tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _voice = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        bos=BOS, eos=EOS, n_special=len(SPECIAL), end=END,
        longest=LONGEST, noise=NOISE, silence=SILENCE, voice=VOICES[VOICE],
        recorded={
            "rate": RATE, "hop": HOP, "range": RANGE, "edges": band_edges().tolist(), "loud": LOUD,
        },
    )  # fmt: skip

    def __init__(
        self,
        forwards: Speller,
        backwards: Speller,
        ctc: Marker,
        *,
        digits: tuple = DIGITS,
        length: int = 4,
        pause: int = 2,
        writes: str = "forwards",
    ):
        models = {"forwards": forwards, "backwards": backwards, "ctc": ctc}
        for name, model in models.items():
            kind = Marker if name == "ctc" else Speller
            if not isinstance(model, kind):
                raise ValueError(f"{name} must be a {kind.__name__}; got a {type(model).__name__}")
        self._rounded = {name: rounded(model) for name, model in models.items()}
        super().__init__(
            digits=digits, length=length, pause=pause, writes=writes,
            _models={name: pack(model) for name, model in models.items()},
            _voice=_packed(words()[VOICE]),
        )  # fmt: skip

    @property
    def wanted(self) -> list[int]:
        """The digits that should be written, in the speller's order."""
        spoken = list(self.digits[: self.length])
        return spoken if self.writes == "forwards" else spoken[::-1]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The first frame of each word, in the order of speech, and the first one behind it."""
        return self._said[1]

    @property
    def frames(self) -> np.ndarray:
        """What is heard: (m, 20), from 0 to 1."""
        clean = self._said[0].double().numpy()
        return np.abs(clean + NOISE * normals(clean.size, 0).reshape(clean.shape)).clip(max=1)

    @property
    def written(self) -> list[int]:
        """What the speller writes."""
        return digits_of(self._tokens[0].tolist())

    @property
    def weights(self) -> np.ndarray:
        """Row i: the weights (n, t) with which token i was written, the end mark's row the last."""
        return self._speller.align(self._source, self._tokens, bos=BOS)[0].numpy()

    @property
    def path(self) -> list[int]:
        """What the marker says of each state: 0 for nothing, i + 1 for digit i."""
        mask = torch.ones(1, 1, self._source.shape[1], dtype=torch.bool)
        with torch.no_grad():
            return self._rounded["ctc"](self._source, mask)[0][0].argmax(-1).tolist()

    @property
    def marked(self) -> list[int]:
        """What is written of that path."""
        return collapsed(self.path)

    @property
    def mistakes_speller(self) -> int:
        """How many digits the speller has wrong, misses or writes too many, at the least."""
        return mistakes(self.wanted, self.written)

    @property
    def mistakes_ctc(self) -> int:
        """The same for the marker, which writes in the order of speech."""
        return mistakes(list(self.digits[: self.length]), self.marked)

    @property
    def inside(self) -> int:
        """How many of the speller's largest weights are in the word that is to be written."""
        order = self.spans if self.writes == "forwards" else self.spans[::-1]
        tops = STRIDE * self.weights.argmax(axis=1)
        return sum(start <= top < end for (start, end), top in zip(order, tops, strict=False))

    @property
    def _said(self) -> tuple[Tensor, list[tuple[int, int]]]:
        pauses = [self.pause] * (self.length + 1) if self.length else [SILENCE]
        return said(list(self.digits[: self.length]), VOICE, pauses)

    @property
    def _speller(self) -> Speller:
        return self._rounded[self.writes]

    @property
    def _source(self) -> Tensor:
        return torch.from_numpy(self.frames)[None]  # (1, m, 20)

    @property
    def _tokens(self) -> Tensor:
        longest = self.length + 1 + LONGEST
        return greedy(self._speller, self._source, bos=BOS, eos=EOS, max_len=longest)


def _packed(voice: list[Tensor]) -> dict:
    """A voice's words as bytes."""
    frames = (torch.cat(voice) * 255).round().to(torch.uint8).numpy()
    return {"lengths": [len(word) for word in voice], "data": b64encode(frames.tobytes()).decode()}
