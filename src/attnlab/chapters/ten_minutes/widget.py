"""A sentence whose last word asks: what a trained model reads, and whom it takes to be meant."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.ten_minutes.models import LastWordAsks
from attnlab.chapters.ten_minutes.sentences import (
    ADJECTIVES,
    ANIMALS,
    FRAMES,
    NOUNS,
    OF_ANIMALS,
    PLACES,
    WORDS,
    sentences,
    tokens,
    words_of,
)
from attnlab.widgets.base import LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Choice, Constants, Switch


def held_out() -> list[tuple[str, str]]:
    """The pairs of a noun and an adjective said of it that no training sentence has."""
    batch = sentences("test")
    pairs = zip(batch.meant.tolist(), batch.words[:, -1].tolist(), strict=True)
    return sorted({(WORDS[noun], WORDS[adjective]) for noun, adjective in pairs})


class TenMinutesWidget(LabWidget):
    """A sentence, the weights of its last word drawn as arcs, and the noun that is answered.

    Args:
        model: whose weights they are. The page holds its parameters rounded to 12 bits each, and
            so does the widget.
        adjective: the last word, which asks; one of 16.
        animal: one of 12.
        place: one of 12.
        place_first: whether the sentence begins with the place, and not with the animal.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.

    >>> w = TenMinutesWidget(LastWordAsks(), adjective="wide")
    >>> " ".join(w.words)
    'the animal didn’t cross the street because it was too wide'
    >>> w.weights.shape, w.meant
    ((11,), 'street')
    """

    _front_end = "widget.js"

    adjective = Choice(*ADJECTIVES).tag(sync=True)
    animal = Choice(*ANIMALS).tag(sync=True)
    place = Choice(*PLACES).tag(sync=True)
    place_first = Switch(False).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        words=WORDS, frames=FRAMES, n_of_animals=len(OF_ANIMALS), held_out=held_out()
    )

    def __init__(
        self,
        model: LastWordAsks,
        *,
        adjective: str = ADJECTIVES[0],
        animal: str = ANIMALS[0],
        place: str = PLACES[0],
        place_first: bool = False,
    ):
        self._rounded = rounded(model)
        super().__init__(
            adjective=adjective,
            animal=animal,
            place=place,
            place_first=place_first,
            _model=pack(model),
        )

    @property
    def words(self) -> list[str]:
        """The words of the sentence."""
        return words_of(int(self.place_first), self.animal, self.place, self.adjective)

    @property
    def meant(self) -> str:
        """The noun that the last word is said of."""
        return self.animal if self.adjective in OF_ANIMALS else self.place

    @property
    def weights(self) -> np.ndarray:
        """How much the last word reads of each word, `(11,)`."""
        return self._read[1].numpy()

    @property
    def probabilities(self) -> np.ndarray:
        """Of each noun that it is the answer, `(24,)`."""
        return self._read[0].softmax(0).numpy()

    @property
    def answer(self) -> str:
        """The noun that the model answers."""
        return NOUNS[int(self._read[0].argmax())]

    @property
    def _read(self) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.no_grad():
            logits, weights = self._rounded(tokens(self.words))
        return logits[0], weights[0]
