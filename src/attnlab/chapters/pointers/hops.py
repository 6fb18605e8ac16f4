"""A story that anyone may change, a question, and where each hop of a trained reader looks."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.pointers.models import MemoryNetwork
from attnlab.chapters.pointers.stories import (
    WHAT,
    WHERE,
    WHO,
    WORDS,
    Fact,
    Story,
    needed_facts,
    numbered,
)
from attnlab.widgets.base import LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Choice, Constants, Row, Whole

# All facts there can be, by their numbers.
FACTS: list[Fact] = [
    *(("took", who, thing) for who in WHO for thing in WHAT),
    *(("went", who, place) for who in WHO for place in WHERE),
]
# The clerk and then the cook take the key, and the cook goes on to the garden.
STORY = (13, 12, 5, 2, 16, 0, 31, 18, 29, 22)
N_HOPS = 2


class HopsWidget(LabWidget):
    r"""Ten facts, a question on a thing or a person, and the weights of two hops on the facts.

    Args:
        reader: a `MemoryNetwork` with two hops, unscaled, that is told the facts' ages.
        facts: ten facts by their numbers in `FACTS`, oldest first.
        asked: whose place is asked for, one of four things or four people.
        fact: which of the facts the page's list changes, from 0.

    The page holds the network's parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range, here or when it is set; ValueError for another
    network.

    >>> w = HopsWidget(MemoryNetwork(n_hops=2), asked="cook")
    >>> w.weights.shape, w.place
    ((2, 10), 'garden')
    """

    _front_end = "hops.js"

    facts = Row(Whole(0, len(FACTS) - 1, default=0), default=STORY).tag(sync=True)
    asked = Choice(*WHAT, *WHO).tag(sync=True)
    fact = Whole(0, len(STORY) - 1, default=0).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        facts=FACTS, words=WORDS, places=WHERE, n_things=len(WHAT), n_hops=N_HOPS
    )

    def __init__(
        self,
        reader: MemoryNetwork,
        *,
        facts: tuple[int, ...] = STORY,
        asked: str = WHAT[0],
        fact: int = 0,
    ):
        given = reader.n_hops, reader.scale, reader.ages
        if given != (N_HOPS, 1.0, True):
            raise ValueError(
                f"expected a network with n_hops, scale, ages = {(N_HOPS, 1.0, True)}, got {given}"
            )
        self._rounded = rounded(reader)
        super().__init__(facts=facts, asked=asked, fact=fact, _model=pack(reader))

    @property
    def story(self) -> list[Fact]:
        """What was done, by whom, and what was taken or where to."""
        return [FACTS[number] for number in self.facts]

    @property
    def place(self) -> str:
        """The right answer; an empty text where the story doesn't say."""
        needed = needed_facts(self.story, self.asked)
        return self.story[needed[-1]][2] if needed else ""

    @property
    def weights(self) -> np.ndarray:
        """Of each hop on each fact, (2, 10)."""
        return self._read[1]

    @property
    def probabilities(self) -> np.ndarray:
        """Of each place that it is the answer, (6,)."""
        return self._read[0]

    @property
    def answer(self) -> str:
        """The place that the network answers."""
        return WHERE[int(self.probabilities.argmax())]

    @property
    def _read(self) -> tuple[np.ndarray, np.ndarray]:
        # What is needed is not looked at: there is nothing to be learned here.
        batch = numbered([Story(self.story, self.asked, WHERE[0], [0])])
        with torch.no_grad():
            logits, weights = self._rounded(batch)
        return logits[0].softmax(0).numpy(), weights[0].numpy()
