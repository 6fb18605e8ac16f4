"""Six scores and their weights, steered by hand: a temperature, biases, a mask."""

import math

import numpy as np

from attnlab.functional.softmax import entropy, softmax
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Real, Row, Switch, Whole

N_KEYS = 6
MAX_LOGIT = MAX_BIAS = 4.0
LOGITS = (2.0, 1.0, 0.5, 0.0, -1.0, -3.0)


class SoftmaxWidget(LabWidget):
    r"""The weights $\operatorname{softmax}((s + b) / \tau)$ of six keys, over those not masked.

    Args:
        logits: $s$, one score a key, -4 to 4 each.
        temperature: $\tau$, 0.1 to 10.
        biases: $b$, what is added to each score, -4 to 4 each.
        mask: for each key, True = may be attended.
        key: the key, 0 to 5, that the bias slider and the switch on the page act on.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs"; the temperature is Hinton, Vinyals and Dean (2015), equation 1.

    >>> w = SoftmaxWidget(temperature=0.1)
    >>> w.weights.round(3)
    array([1., 0., 0., 0., 0., 0.])
    >>> w.mask = [False, True, True, True, True, True]
    >>> w.weights.round(3)
    array([0.   , 0.993, 0.007, 0.   , 0.   , 0.   ])
    """

    _front_end = "widget.js"

    logits = Row(Real(-MAX_LOGIT, MAX_LOGIT, default=0.0), default=LOGITS).tag(sync=True)
    temperature = Real(0.1, 10.0, default=1.0).tag(sync=True)
    biases = Row(Real(-MAX_BIAS, MAX_BIAS, default=0.0), default=(0.0,) * N_KEYS).tag(sync=True)
    mask = Row(Switch(True), default=(True,) * N_KEYS).tag(sync=True)
    key = Whole(0, N_KEYS - 1, default=1).tag(sync=True)

    def __init__(
        self,
        *,
        logits: tuple = LOGITS,
        temperature: float = 1.0,
        biases: tuple = (0.0,) * N_KEYS,
        mask: tuple = (True,) * N_KEYS,
        key: int = 1,
    ):
        super().__init__(logits=logits, temperature=temperature, biases=biases, mask=mask, key=key)

    @property
    def weights(self) -> np.ndarray:
        """The weight of each key, (6,); all 0 when every key is masked."""
        scores = np.array(self.logits) + np.array(self.biases)
        return softmax(scores, temperature=self.temperature, mask=np.array(self.mask))

    @property
    def keys_in_effect(self) -> float:
        """$e^H$, where $H$ is the entropy of the weights; 0 when every key is masked."""
        return math.exp(float(entropy(self.weights))) if any(self.mask) else 0.0
