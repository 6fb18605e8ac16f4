"""Three maps of one made-up family, by how many of its sequences are known."""

from functools import cache

import numpy as np
import traitlets

from attnlab.chapters.proteins.maps import ranked
from attnlab.stored import load
from attnlab.tasks.families import Family
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Choice, Constants, Switch, Whole

SIZES = (30, 100, 300, 1000, 3000, 10_000)
METHODS = ("information", "inverse", "attention")
FAMILY = Family(0)


class Size(Whole):
    """How many sequences are known, one of `SIZES`. Errors: TraitError for anything else."""

    refusal = "{name} must be one of {words}; got {value!r}"

    def __init__(self):
        self.words = ", ".join(map(str, SIZES))
        super().__init__(SIZES[0], SIZES[-1], default=300)

    def validate(self, obj, value) -> int:
        number = super().validate(obj, value)
        return number if number in SIZES else self.error(obj, value)


class ProteinsWidget(LabWidget):
    """How strongly two places of a family go together, by one of three methods, and which of the
    strongest pairs are contacts.

    Args:
        sequences: how many sequences are known: 30, 100, 300, 1000, 3000 or 10,000.
        method: "information", "inverse" (of the covariance) or "attention" (mean of all heads of a
            model trained for 3,000 steps on these sequences); all three corrected by products.
        by_chain: whether places of a chain stand beside each other, or where the sequence has them.

    Errors: TraitError for a value that is none of these, here or when it is set.

    >>> w = ProteinsWidget(sequences=10_000, method="inverse")
    >>> w.scores.shape, len(w.strongest), w.right
    ((24, 24), 14, 1.0)
    """

    _front_end = "widget.js"

    sequences = Size().tag(sync=True)
    method = Choice(*METHODS).tag(sync=True)
    by_chain = Switch(False).tag(sync=True)
    _maps = traitlets.List().tag(sync=True)
    _constants = Constants(length=FAMILY.length, chains=FAMILY.chains, sizes=list(SIZES))

    def __init__(
        self, *, sequences: int = 300, method: str = "information", by_chain: bool = False
    ):
        super().__init__(
            sequences=sequences, method=method, by_chain=by_chain, _maps=_maps()
        )  # fmt: skip

    @property
    def scores(self) -> np.ndarray:
        """A number for each two places, 1 for the strongest. `(24, 24)`, symmetric"""
        stored = next(each for each in self._maps if each["n"] == self.sequences)
        found = np.zeros((FAMILY.length, FAMILY.length))
        found[np.triu_indices(FAMILY.length, 1)] = np.array(stored[self.method]) / 1000
        return found + found.T

    @property
    def contacts(self) -> np.ndarray:
        """True where two places are in contact. `(24, 24)`"""
        return FAMILY.contact_map

    @property
    def strongest(self) -> list[tuple[int, int]]:
        """As many pairs of places as there are contacts, the strongest first."""
        return ranked(self.scores)[: len(FAMILY.contacts)]

    @property
    def right(self) -> float:
        """The share of contacts among them."""
        return float(np.mean([FAMILY.contact_map[pair] for pair in self.strongest]))

    @property
    def indirect(self) -> int:
        """How many of them are of one chain, and not in contact."""
        return sum(bool(FAMILY.indirect_map[pair]) for pair in self.strongest)


@cache
def _maps() -> list[dict]:
    """The maps, as the experiment stored them."""
    return [{name: each[name] for name in ("n", *METHODS)} for each in load("proteins")["maps"]]
