"""A journey booked with names that anyone may type, read back by a writer with a pointer."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.pointers.journeys import N_NEW, REQUESTS, UNTRAINED, Journeys
from attnlab.chapters.pointers.speakers import LONGEST, NAMES
from attnlab.decoding import greedy
from attnlab.models.pointer import PointerGenerator, Said
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL, UNK
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Choice, Constants, Input, Whole

LONGEST_NAME = 24  # characters


class Name(Input, traitlets.Unicode):
    """A name: any text of some characters, in any script; spaces at its ends are left out.

    Errors: TraitError for anything else.
    """

    refusal = "{name} must be a name of 1 to {max} characters; got {value!r}"

    def __init__(self, default: str):
        self.max = LONGEST_NAME
        super().__init__(default)

    def validate(self, obj, value) -> str:
        name = value.strip() if isinstance(value, str) else ""
        return name if 1 <= len(name) <= self.max else self.error(obj, value)


class PointersWidget(LabWidget):
    r"""What a speaker with a pointer replies to a request, and where each word of it comes from.

    Args:
        model: a `PointerGenerator` with `attend="general"`, trained on the journeys.
        journeys: whose vocabulary it has.
        request: how the journey is booked, one of four sentences; A is where it begins, B its end.
        start, end: the two names; each is one word to the model, whatever it is made of.
        step: which word of the reply is looked at, from 0.

    The page holds the model's parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range, here or when it is set; ValueError for a model with
    another vocabulary or another way to attend.

    >>> journeys = Journeys(("Peru", "Ghana"), ("Fiji",))
    >>> model = PointerGenerator(len(journeys.vocabulary), n_new=2, unk=3, d_model=4)
    >>> w = PointersWidget(model, journeys, start="Atlantis", end="Peru")
    >>> " ".join(w.words)
    'i want to go from Atlantis to Peru'
    >>> w.weights.shape[1]  # one column for each word of the request
    8
    """

    _front_end = "widget.js"

    request = Choice(*REQUESTS, UNTRAINED).tag(sync=True)
    start = Name("Atlantis").tag(sync=True)
    end = Name("Ghana").tag(sync=True)
    step = Whole(0, LONGEST - 1, default=NAMES[0]).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        marks={"bos": BOS, "eos": EOS, "unk": UNK, "longest": LONGEST},
        n_new=N_NEW,
        n_trained=len(REQUESTS),
        names=NAMES,
        end=END,
    )

    def __init__(
        self,
        model: PointerGenerator,
        journeys: Journeys,
        *,
        request: str = REQUESTS[0],
        start: str = "Atlantis",
        end: str = "Ghana",
        step: int = NAMES[0],
    ):
        given = (model.attend, model.vocab, model.n_new)
        wanted = ("general", len(journeys.vocabulary), N_NEW)
        if given != wanted:
            raise ValueError(f"expected a model with attend, vocab, n_new = {wanted}, got {given}")
        self._rounded, self._journeys = rounded(model), journeys
        vocabulary = journeys.vocabulary
        words = [*SPECIAL, *vocabulary.decode(range(len(SPECIAL), len(vocabulary)))]
        super().__init__(
            request=request, start=start, end=end, step=step, _model={"words": words, **pack(model)}
        )

    @property
    def words(self) -> list[str]:
        """The request, word by word."""
        return self._journeys.words(self.request, self.start, self.end)[0]

    @property
    def reply(self) -> list[str]:
        """What the model says, without the end mark."""
        return self._journeys.decode(self._written[0].tolist(), self.words)

    @property
    def right(self) -> bool:
        """Whether both names stand in their places in the reply."""
        said = dict(enumerate(self.reply))
        return [said.get(place) for place in NAMES] == [self.start, self.end]

    @property
    def gates(self) -> np.ndarray:
        """The share that the model's own words have at each step, (n)."""
        return self._said.gate[0].numpy()

    @property
    def weights(self) -> np.ndarray:
        """Where each step points, (n, m); the end mark's row is the last."""
        return self._said.weights[0].numpy()

    @property
    def probabilities(self) -> np.ndarray:
        """Of the word that each step says, (n)."""
        return self._said.probabilities[0].max(dim=-1).values.numpy()

    @property
    def _source(self) -> torch.Tensor:
        return torch.tensor([self._journeys.pair(self.words, []).src])  # (1, m)

    @property
    def _written(self) -> torch.Tensor:
        return greedy(self._rounded, self._source, bos=BOS, eos=EOS, max_len=LONGEST)  # (1, n)

    @property
    def _said(self) -> Said:
        written = self._written
        before = torch.cat([torch.full_like(written[:, :1], BOS), written[:, :-1]], dim=1)
        with torch.no_grad():
            return self._rounded.say(self._source, before)
