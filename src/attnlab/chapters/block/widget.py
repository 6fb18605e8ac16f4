"""A stack of layers to take apart: what becomes of the tokens, layer by layer."""

from functools import cache

import numpy as np

from attnlab.functional.attention import attention
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.traits import Choice, Constants, Switch, Whole

N_TOKENS = 8
D_MODEL = 16
D_FF = 64
MAX_DEPTH = 24
EPS = 1e-5  # of the norms
_SHAPES = (*4 * [(D_MODEL, D_MODEL)], (D_MODEL, D_FF), (D_FF, D_MODEL))


@cache
def layer_weights(layer: int) -> list[np.ndarray]:
    """The six matrices of a layer: of queries, keys, values and output, and the feed-forward's two.

    Each is for multiplication from the right, of normal numbers in the size of Glorot and Bengio
    (2010), equation 12.
    """
    return [  # the same for all widgets, whatever their switches
        normals(rows * columns, 1 + len(_SHAPES) * layer + i).reshape(rows, columns)
        * (2 / (rows + columns)) ** 0.5
        for i, (rows, columns) in enumerate(_SHAPES)
    ]


@cache  # for whoever asks about one depth after another
def tokens_by_layer(residual: bool, norm: str, feed_forward: bool) -> np.ndarray:
    """The tokens before the first layer and after each, (25, 8, 16)."""

    def through(x, sublayer):
        change = sublayer(normed(x) if norm == "pre" else x)
        x = x + change if residual else change
        return normed(x) if norm == "post" else x

    states = [normals(N_TOKENS * D_MODEL, 0).reshape(N_TOKENS, D_MODEL)]
    for layer in range(MAX_DEPTH):
        w_q, w_k, w_v, w_o, w_1, w_2 = layer_weights(layer)
        x = through(states[-1], lambda y: attention(y @ w_q, y @ w_k, y @ w_v)[0] @ w_o)  # noqa: B023
        if feed_forward:
            x = through(x, lambda y: np.maximum(y @ w_1, 0) @ w_2)  # noqa: B023
        states.append(x)
    return np.stack(states)


def normed(x: np.ndarray) -> np.ndarray:
    """LayerNorm with gain 1 and bias 0 of each row."""
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / np.sqrt(centered.var(axis=-1, keepdims=True) + EPS)


def diversity(x: np.ndarray) -> np.ndarray:
    """How much tokens (..., n, d) differ: the size of what they do not share, over their size."""
    own = x - x.mean(axis=-2, keepdims=True)
    return np.linalg.norm(own, axis=(-2, -1)) / np.linalg.norm(x, axis=(-2, -1))


class BlockWidget(LabWidget):
    """Eight random tokens on their way through an untrained stack of layers.

    Args:
        depth: after which layer to look, 0 to 24; 0 is the input.
        residual: whether each sublayer's result is added to what came in, or takes its place.
        norm: where LayerNorm stands: "none", "post" (after each sublayer) or "pre" (before it).
        feed_forward: whether each layer has a feed-forward network after its attention.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Dong, Cordonnier and Loukas (2021), section 2.

    >>> w = BlockWidget(depth=3)
    >>> round(w.diversity, 6)
    1.3e-05
    >>> w.residual = True
    >>> round(w.diversity, 2)
    0.91
    """

    _front_end = "widget.js"

    depth = Whole(0, MAX_DEPTH, default=1).tag(sync=True)
    residual = Switch(False).tag(sync=True)
    norm = Choice("none", "post", "pre").tag(sync=True)
    feed_forward = Switch(False).tag(sync=True)
    _constants = Constants(n_tokens=N_TOKENS, d_model=D_MODEL, d_ff=D_FF, eps=EPS)

    def __init__(
        self,
        *,
        depth: int = 1,
        residual: bool = False,
        norm: str = "none",
        feed_forward: bool = False,
    ):
        super().__init__(depth=depth, residual=residual, norm=norm, feed_forward=feed_forward)

    @property
    def diversities(self) -> np.ndarray:
        """The diversity of the input and after each layer, (25,)."""
        return diversity(tokens_by_layer(self.residual, self.norm, self.feed_forward))

    @property
    def tokens(self) -> np.ndarray:
        """The tokens after `depth` layers, (8, 16)."""
        return tokens_by_layer(self.residual, self.norm, self.feed_forward)[self.depth].copy()

    @property
    def diversity(self) -> float:
        """What the tokens do not share, over their size: about 1 at the start, 0 if all are one."""
        return float(self.diversities[self.depth])

    @property
    def cosines(self) -> np.ndarray:
        """The cosine of the angle between every two tokens, (8, 8)."""
        directions = self.tokens / np.linalg.norm(self.tokens, axis=-1, keepdims=True)
        return directions @ directions.T

    @property
    def size(self) -> float:
        """The root mean square of the tokens' numbers."""
        return float(np.sqrt(np.mean(self.tokens**2)))
