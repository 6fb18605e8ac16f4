"""What somebody has watched, how it is weighed, and what three methods expect next."""

from contextlib import suppress
from typing import Literal, get_args

import numpy as np
import torch
import traitlets

from attnlab.chapters.recommendation.models import Recommender, WeightedCounts
from attnlab.chapters.recommendation.ranking import REACH
from attnlab.chapters.recommendation.watching import N_EPISODES, N_ITEMS
from attnlab.functional import settings
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import uniforms
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Constants, Input, Switch, in_order

Method = Literal["decay", "weights", "attention"]
START = (0, 10, 20, 1, 11, 21, 2, 12)  # three series in turns
DECAY = 0.8


class Watched(Input, traitlets.Tuple):
    """At most 20 different episodes, by their numbers, the oldest first.

    Errors: TraitError for anything else.
    """

    refusal = (
        "{name} must be at most {longest} different episodes, whole numbers from 0 to {last}; "
        "got {value!r}"
    )

    def __init__(self):
        self.longest, self.last = REACH, N_ITEMS - 1
        super().__init__(default_value=START)

    def validate(self, obj, value):
        with suppress(TypeError):
            values = in_order(value)
            whole = all(type(each) is int and 0 <= each <= self.last for each in values)
            if whole and len({*values}) == len(values) <= self.longest:
                return values
        self.error(obj, value)


class RecommendationWidget(LabWidget):
    """Episodes that were watched one after the other, their weights, and what is expected next.

    Three methods say it: "decay", rows of counts weighed by 0.8 to the age; "weights", the same
    rows weighed by what was learned; and "attention", with vectors of its own. None of them expects
    what was watched.

    Args:
        attention: a `Recommender` of this kind, of all 240 episodes.
        weighted: the `WeightedCounts`.
        history: what was watched, the oldest first: at most 20 episodes, by their numbers, and
            none twice.
        shuffled: whether the methods get it in another order.

    The page holds the models' parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for another history or switch, here or when it is set; ValueError for models
    of another kind or size.

    >>> rows = np.eye(240, k=1)
    >>> w = RecommendationWidget(Recommender("attention", 240), WeightedCounts(rows), history=[3])
    >>> w.expects("weights"), w.weights("decay").tolist()
    (4, [1.0])
    """

    _front_end = "widget.js"

    history = Watched().tag(sync=True)
    shuffled = Switch(False).tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _constants = Constants(decay=DECAY, n_episodes=N_EPISODES, n_items=N_ITEMS, longest=REACH)

    def __init__(
        self,
        attention: Recommender,
        weighted: WeightedCounts,
        *,
        history: tuple[int, ...] = START,
        shuffled: bool = False,
    ):
        if attention.encoder is None or len(attention.liked) != N_ITEMS:
            raise ValueError(f"expected attention over {N_ITEMS} episodes, got another Recommender")
        if weighted.rows.shape[1] != N_ITEMS or len(weighted.age) != REACH:
            raise ValueError(
                f"expected rows for {N_ITEMS} episodes and {REACH} ages, got "
                f"{weighted.rows.shape[1]} and {len(weighted.age)}"
            )
        encoder = attention.encoder
        shape = {
            "n_heads": encoder.n_heads, "n_layers": 1, "norm": encoder.layers[0].norm,
            "eps": encoder.last_norm.eps,
        }  # fmt: skip
        self._attention, self._weighted = rounded(attention), rounded(weighted)
        super().__init__(
            history=history, shuffled=shuffled,
            _models={"attention": {**shape, **pack(attention)}, "weighted": pack(weighted)},
        )  # fmt: skip

    @property
    def seen(self) -> list[int]:
        """The history in the order in which the methods get it."""
        if not self.shuffled:
            return [*self.history]
        return [self.history[i] for i in np.argsort(uniforms(len(self.history), 0))]

    def weights(self, method: Method) -> np.ndarray:
        """How "decay" or "weights" weigh what was watched, as they get it; they sum to 1."""
        settings.one_of(get_args(Method)[:2], method=method)
        ages = np.arange(len(self.history))[::-1]
        scores = self._weighted.age.detach().numpy()[::-1][ages]
        raw = DECAY**ages if method == "decay" else np.exp(scores - scores.max(initial=-np.inf))
        return raw / raw.sum() if len(raw) else raw

    def chances(self, method: Method) -> np.ndarray:
        """What a method gives each of the 240 episodes; it sums to 1, or is 0 where it knows
        nothing. What was watched gets 0."""
        settings.one_of(get_args(Method), method=method)
        if not self.history:
            return np.zeros(N_ITEMS)
        if method == "attention":
            with torch.no_grad():
                raw = self._attention(torch.tensor([self.seen]))[0, -1].softmax(-1).numpy()
        else:
            raw = self.weights(method) @ self._weighted.rows.detach().numpy()[self.seen]
        raw[[*self.history]] = 0
        return raw / raw.sum() if raw.any() else raw

    def expects(self, method: Method) -> int | None:
        """The episode that a method puts first; None where it knows nothing."""
        chances = self.chances(method)
        return int(chances.argmax()) if chances.any() else None
