"""A walk through a T-shaped maze, beside a policy with attention and one with a GRU."""

import numpy as np
import torch
import traitlets
from torch import Tensor

from attnlab.chapters.memory.models import Memory, Policy
from attnlab.tasks.mazes import BUMP, FORWARD, JUNCTION, LEFT, N_PICTURES, RIGHT
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import uniforms
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Choice, Constants, Whole

LONGEST = 80
SIGNS = {"left": LEFT, "right": RIGHT}
KINDS: tuple[Memory, Memory] = ("attention", "gru")


class MemoryWidget(LabWidget):
    r"""A maze, how far one has walked in it, and what two policies make of what was seen.

    Args:
        attention: a `Policy` whose memory is "attention", with one head.
        gru: one whose memory is a "gru".
        length: of the corridor, 0 to 80; with 0 there is no maze, and nothing is computed.
        at: the step, 0 at the door; beyond the junction it counts as there.
        sign: what the sign at the door says, "left" or "right".
        maze: which of 100 rows of pictures hangs in the corridor, 0 to 99.
        bumps: how often the walker ran into a wall, 0 to 99.
        turned: where the walker turned at the junction: "no", "left" or "right".

    The page holds the policies' parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set;
    ValueError for a policy with another memory or several heads.

    >>> w = MemoryWidget(Policy("attention"), Policy("gru"), length=6, at=3)
    >>> len(w.seen), w.weights.shape
    (8, (4,))
    """

    _front_end = "widget.js"

    length = Whole(0, LONGEST, default=20).tag(sync=True)
    at = Whole(0, LONGEST + 1, default=21).tag(sync=True)
    sign = Choice(*SIGNS).tag(sync=True)
    maze = Whole(0, 99, default=0).tag(sync=True)
    bumps = Whole(0, 99, default=0).tag(sync=True)
    turned = Choice("no", *SIGNS).tag(sync=True)
    _policies = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        forward=FORWARD, signs=SIGNS, junction=JUNCTION, n_pictures=N_PICTURES, bump=BUMP
    )

    def __init__(
        self,
        attention: Policy,
        gru: Policy,
        *,
        length: int = 20,
        at: int = 21,
        sign: str = "left",
        maze: int = 0,
        bumps: int = 0,
        turned: str = "no",
    ):
        policies = dict(zip(KINDS, (attention, gru), strict=True))
        for kind, policy in policies.items():
            if policy.memory != kind or (policy.ask is not None and policy.ask.n_heads != 1):
                raise ValueError(
                    f'expected a policy with the memory "{kind}" and at most one head, '
                    f'got "{policy.memory}"'
                )
        self._rounded = {kind: rounded(policy) for kind, policy in policies.items()}
        super().__init__(
            length=length, at=at, sign=sign, maze=maze, bumps=bumps, turned=turned,
            _policies={kind: pack(policy) for kind, policy in policies.items()},
        )  # fmt: skip

    @property
    def step(self) -> int:
        """Where the walker is: `at`, and at most the junction."""
        return min(self.at, self.length + 1)

    @property
    def seen(self) -> list[int]:
        """What there is to see from door to junction, as numbers; nothing with length 0."""
        if self.length == 0:
            return []
        pictures = 3 + np.floor(N_PICTURES * uniforms(self.length, self.maze)).astype(int)
        return [SIGNS[self.sign], *pictures.tolist(), JUNCTION]

    @property
    def wanted(self) -> int:
        """What is right to do: 0 to walk on, at the junction 1 or 2 for the turn on the sign."""
        return FORWARD if self.step <= self.length else SIGNS[self.sign]

    @property
    def weights(self) -> np.ndarray:
        """How much of the weight each step gets that was seen, (step + 1,)."""
        if self.length == 0:
            return np.zeros(0)
        return self._rounded["attention"].weights(self._past)[0, 0, -1].numpy()

    @property
    def on_sign(self) -> float:
        """The weight on the sign; NaN with length 0."""
        return float(self.weights[0]) if self.length else float("nan")

    @property
    def right_attention(self) -> float:
        """The probability with which the policy with attention does what is right; or NaN."""
        return self._right("attention")

    @property
    def right_gru(self) -> float:
        """The same of the one with a GRU."""
        return self._right("gru")

    @property
    def collected(self) -> float:
        """The walker's own return, so far."""
        turn = 0 if self.turned == "no" else 1 if self.turned == self.sign else -1
        return BUMP * self.bumps + turn

    @property
    def _past(self) -> Tensor:
        return torch.tensor([self.seen[: self.step + 1]])

    def _right(self, kind: Memory) -> float:
        if self.length == 0:
            return float("nan")
        with torch.no_grad():
            logits = self._rounded[kind](self._past)[0, -1]
        return float(logits.softmax(-1)[self.wanted])
