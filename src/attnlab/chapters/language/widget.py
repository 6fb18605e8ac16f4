"""A text without spaces, a letter of it that is hidden, and three ways to guess it."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.language.ngrams import V
from attnlab.chapters.language.text import LETTERS, numbers
from attnlab.chapters.language.training import by_trying, from_both, from_left
from attnlab.models.language import LanguageModel
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import uniforms
from attnlab.widgets.packing import pack_transformer, rounded
from attnlab.widgets.traits import Constants, Input, Whole

SHORTEST, LONGEST, AHEAD, GOES_ON = 8, 32, 4, 24
START = "thereaderlooksforthenextletter"


class Letters(Input, traitlets.Unicode):
    """A text of the letters a to z, without spaces.

    Errors: TraitError for anything else.
    """

    refusal = "{name} must be {min} to {max} letters from a to z; got {value!r}"

    def __init__(self, default: str):
        self.min, self.max = SHORTEST, LONGEST
        super().__init__(default)

    def validate(self, obj, value) -> str:
        fits = isinstance(value, str) and SHORTEST <= len(value) <= LONGEST
        return value if fits and set(value) <= set(LETTERS) else self.error(obj, value)


class LanguageWidget(LabWidget):
    """One letter of a text is hidden; a reader that reads forwards guesses it, then tries every
    letter against what follows, and a reader of both sides guesses it as well.

    Args:
        causal, masked: trained `LanguageModel`s of 26 letters, one causal and one not.
        text: 8 to 32 letters from a to z.
        place: which of them is hidden, from 1, the second one; in a shorter text its last.
        after: how many letters behind the gap count when every letter is tried, 0 to 4, as far as
            there are so many.
        draw: which of many ways the text goes on, 0 to 99.

    Numbers are rounded as the page has them: parameters to 12 bits.

    Errors: TraitError for a value out of range, here or when it is set; ValueError for models of
    another kind.

    >>> from attnlab.chapters.language.training import reader
    >>> w = LanguageWidget(reader(causal=True), reader(causal=False), text="hellolanguage", place=4)
    >>> w.hidden, w.guesses["masked"].shape, len(w.continued)
    ('o', (26,), 24)
    """

    _front_end = "widget.js"

    text = Letters(START).tag(sync=True)
    place = Whole(1, LONGEST - 1, default=20).tag(sync=True)
    after = Whole(0, AHEAD, default=2).tag(sync=True)
    draw = Whole(0, 99, default=0).tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _constants = Constants(goes_on=GOES_ON, letters=LETTERS)

    def __init__(
        self,
        causal: LanguageModel,
        masked: LanguageModel,
        *,
        text: str = START,
        place: int = 20,
        after: int = 2,
        draw: int = 0,
    ):
        if [(m.causal, m.mask) for m in (causal, masked)] != [(True, V), (False, V)]:
            raise ValueError(f"expected two readers of {V} letters, a causal one and a masked one")
        self._causal, self._masked = rounded(causal), rounded(masked)
        models = {"causal": pack_transformer(causal), "masked": pack_transformer(masked)}
        super().__init__(text=text, place=place, after=after, draw=draw, _models=models)

    @property
    def gap(self) -> int:
        """Where the gap is, from 0."""
        return min(self.place, len(self.text) - 1)

    @property
    def hidden(self) -> str:
        """The letter that is hidden."""
        return self.text[self.gap]

    @property
    def guesses(self) -> dict[str, np.ndarray]:
        """Probabilities `(26,)` of the hidden letter: "left", "trying" and "masked"."""
        after = min(self.after, len(self.text) - 1 - self.gap)
        found = {
            "left": from_left(self._causal, self._tokens, self.gap),
            "trying": by_trying(self._causal, self._tokens, self.gap, after),
            "masked": from_both(self._masked, self._tokens, self.gap),
        }
        return {name: log_p[0].exp().numpy() for name, log_p in found.items()}

    @property
    def best(self) -> dict[str, str]:
        """The most probable letter of each."""
        return {name: LETTERS[p.argmax()] for name, p in self.guesses.items()}

    @property
    def continued(self) -> str:
        """How the causal reader goes on: 24 letters, each drawn from its probabilities."""
        tokens = self._tokens
        for chance in uniforms(GOES_ON, self.draw):
            with torch.no_grad():
                p = self._causal(tokens)[0, -1].softmax(-1)
            letter = min(int((p.cumsum(0) <= chance).sum()), V - 1)
            tokens = torch.cat([tokens, torch.tensor([[letter]])], dim=1)
        return "".join(LETTERS[i] for i in tokens[0, len(self.text) :])

    @property
    def _tokens(self) -> torch.Tensor:
        return torch.from_numpy(numbers(self.text))[None]  # (1, n)
