"""How much of a gradient is left after many steps through a recurrent matrix."""

from functools import lru_cache

import numpy as np

from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.traits import Constants, Real, Switch, Whole

MAX_LAG = 200
D_HIDDEN = 16
INPUT_SIZE = 0.1  # standard deviation of the inputs


class RecurrenceWidget(LabWidget):
    r"""The gradient that reaches back `lag` steps, in $h_t = \phi(g\,Q h_{t-1} + x_t)$.

    $Q$ is a random orthogonal matrix (16, 16), $x_t$ are random inputs, $\phi$ is tanh or nothing.

    Args:
        lag: steps back from the last state, 0 to 200.
        gain: $g$, 0.5 to 1.5.
        tanh: whether $\phi$ is tanh.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
    networks", section 2.

    >>> w = RecurrenceWidget(lag=50, gain=0.9)
    >>> w
    RecurrenceWidget(lag=50, gain=0.9, tanh=False)
    >>> round(1 / w.gradient)
    194
    """

    _front_end = "widget.js"

    lag = Whole(0, MAX_LAG, default=50).tag(sync=True)
    gain = Real(0.5, 1.5, default=0.9).tag(sync=True)
    tanh = Switch(False).tag(sync=True)
    _constants = Constants(d=D_HIDDEN, input_size=INPUT_SIZE)

    def __init__(self, *, lag: int = 50, gain: float = 0.9, tanh: bool = False):
        super().__init__(lag=lag, gain=gain, tanh=tanh)

    @property
    def gradient(self) -> float:
        """The size at the lag that is set."""
        return float(self.gradients[self.lag])

    @property
    def gradients(self) -> np.ndarray:
        """The size at every lag from 0 to 200, (201,)."""
        return gradient_sizes(self.gain, self.tanh).copy()


@lru_cache  # for whoever asks about one lag after another
def gradient_sizes(gain: float, tanh: bool) -> np.ndarray:
    r"""$\lVert \partial h_T / \partial h_{T-k} \rVert_F / \sqrt{d}$ for k = 0 … 200, from T = 200.

    The derivative is the product of one Jacobian a step, $\operatorname{diag}(\phi') \, g Q$; each
    size is at most $g^k$, and just that where $\phi$ is the identity.

    Shapes: returns (201,); item 0 is 1.

    >>> gradient_sizes(0.5, tanh=False)[:3]
    array([1.  , 0.5 , 0.25])
    """
    numbers = normals(D_HIDDEN * D_HIDDEN + MAX_LAG * D_HIDDEN, seed=0)
    q, r = np.linalg.qr(numbers[: D_HIDDEN**2].reshape(D_HIDDEN, D_HIDDEN))
    recurrent = gain * q * np.sign(np.diag(r))  # with R's diagonal positive, Q is unique
    inputs = INPUT_SIZE * numbers[D_HIDDEN**2 :].reshape(MAX_LAG, D_HIDDEN)

    state, slopes = np.zeros(D_HIDDEN), np.ones((MAX_LAG, D_HIDDEN))
    if tanh:
        for t, x in enumerate(inputs):
            state = np.tanh(recurrent @ state + x)
            slopes[t] = 1 - state**2
    jacobian, sizes = np.eye(D_HIDDEN), [1.0]
    for slope in slopes[::-1]:
        jacobian = (jacobian * slope) @ recurrent  # (d, d), one step further back
        sizes.append(float(np.linalg.norm(jacobian)) / np.sqrt(D_HIDDEN))
    return np.array(sizes)
