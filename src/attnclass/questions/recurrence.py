"""Questions on `before/recurrence`."""

from math import prod
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "recurrence/a-step", "What one step leaves",
    near=[4, 5, 10], apart=[10, 15, 20],
    left=[[0.02, 1e-6], [0.3, 1e-4], [0.004, 2e-5], [0.4, 0.05]],
)  # fmt: skip
def _step(near: int, apart: int, left: list) -> Asked:
    far, (at_near, at_far) = near + apart, left
    right = (at_far / at_near) ** (1 / apart)
    return value(
        f"In an untrained RNN {at_near:g} of the gradient is left at lag {near}, and {at_far:g} at "
        f"lag {far}. In between, the logarithm of the gradient falls along a straight line. By "
        "which factor is the gradient multiplied at each step between the two?",
        "factor",
        right,
        [
            (at_far ** (1 / far), "from lag 0 on the line need not have been the same"),
            ((at_far / at_near) ** (1 / far), "count the steps between the two lags"),
            (1 - (at_near - at_far) / apart, "equal factors, not equal differences"),
            (at_far / at_near, "that is the factor of all these steps together"),
            (at_far / at_near / apart, "factors multiply, so take a root and do not divide"),
            (1 - right, "that is the part that each step takes away"),
        ],
        solution=f"factor = np.exp((np.log({at_far}) - np.log({at_near})) / {apart})",
        places=3,
    )


@question(
    "recurrence/there-and-back", "A matrix that stretches",
    up=[2, 3, 6], down=[0.1, 0.25, 0.4], steps=[4, 6, 8],
)  # fmt: skip
def _there_and_back(up: int, down: float, steps: int) -> Asked:
    both = up * down
    return value(
        f"A recurrence without inputs and without tanh is $h_t = U h_{{t-1}}$, with the matrix `U` "
        f"= [[0, {up}], [{down}, 0]]. It starts from $h_0$ = (0, 1). How many times as long as "
        f"$h_0$ is $h_{steps}$?",
        "times_as_long",
        both ** (steps // 2),
        [
            (
                float(up**steps),
                "that is the bound: it takes each step to stretch as the first does",
            ),
            (down**steps, "that is what it would be if every step shrank"),
            (both**steps, "two steps together multiply by this, and not each of them"),
            (((up + down) / 2) ** steps, "factors multiply: their mean says nothing here"),
            (float(up), "that is the first step; what it makes is turned, and the next shrinks it"),
        ],
        solution="times_as_long = np.linalg.norm(np.linalg.matrix_power("
        f"np.array([[0, {up}], [{down}, 0]]), {steps}) @ [0, 1])",
        places=4,
    )


@question(
    "recurrence/on-the-board", "What is left on the board",
    f=[[0.9, 0.5, 0.8, 0.75, 0.9], [0.5, 0.95, 0.6, 0.9, 0.8], [0.7, 0.8, 0.9, 0.5, 0.6]],
    i=[[0.5, 0.8, 0.4, 0.25, 0.6], [0.3, 0.6, 0.9, 0.5, 0.2]],
    c=[[1, -0.6, 0.5, 0.9, -0.8], [-0.7, 0.9, 0.8, -0.4, 0.5]],
    step=[2, 3, 4],
)  # fmt: skip
def _on_the_board(f: list, i: list, c: list, step: int) -> Asked:
    written = i[step - 1] * c[step - 1]
    kept = prod(f[step:])
    return value(
        "The cell of an LSTM holds one number, and starts at 0. At the steps 1 to 5 its forget "
        f"gate is {f}, its input gate {i}, and what could be written $\\tilde c_t$ is {c}. How "
        f"much of the cell after step 5 comes from what was written at step {step}?",
        "comes_from_there",
        written * kept,
        [
            (written * kept * f[step - 1], "the gate of a step wipes what was there before it"),
            (written * prod(f[step:-1]), "the last step's forget gate wipes as well"),
            (written * f[-1], "every later step wipes, not only the last"),
            (c[step - 1] * kept, "the input gate says how much of it is written"),
            (written, "that is what was written; since then some of it was wiped off"),
            (
                written * prod(1 - gate for gate in f[step:]),
                "a forget gate is the share that stays",
            ),
        ],
        solution=f"f, i, c = np.array([{f}, {i}, {c}])\n"
        f"comes_from_there = i[{step - 1}] * c[{step - 1}] * np.prod(f[{step}:])",
        places=3,
    )


sentences(
    "recurrence/which-holds", "Which sentence holds", "sentence_on_recurrence",
    asks="One of these sentences about recurrence and its gradients holds. Which?",
    right=[
        "With PyTorch's start an untrained LSTM has lost nearly all of its gradient by lag 50.",
        "A largest singular value above 1 does not keep a gradient from vanishing.",
        "Over 20 blanks, a tanh-RNN started otherwise learned what it had failed to learn.",
        "Before it is trained, attention over more inputs hands each of them a smaller gradient.",
        "With the same gain, larger inputs can make the gradient of a tanh-RNN vanish.",
        "A run that starts with very little gradient from where it matters may learn all the same.",
    ],
    wrong={
        "A recurrent network that fails to recall four symbols is short of memory.":
            "from another start, or trained longer, the same network had room for them",
        "If little of the gradient is left before training, no layer learns to recall.":
            "at 20 blanks GRUs started with less than a hundredth, and learned",
        "If the gradient arrives before training, a network is sure to learn to recall.":
            "at 100 blanks the gradient arrived in an LSTM that failed",
        "Clipping raises the share of the gradient that comes from steps long ago.":
            "it multiplies the whole gradient by one number, and leaves all shares as they are",
        "An LSTM's gates are enough to carry its gradient over 50 steps, whatever the start.":
            "its forget gates start near one half, and half to the power of 50 is as good as zero",
        "A gain above 1 makes the gradient of a tanh-RNN explode, whatever its inputs are.":
            "where tanh is flat it takes away more than the gain adds",
        "In attention the gradient of an input is the smaller, the longer ago the input was.":
            "one step leads to each input, and the lag does not matter to it",
        "Mixed distances and longer training brought all recurrent networks to recall.":
            "LSTM and GRU, but not the tanh-RNN",
        "An orthogonal recurrent matrix alone let the tanh-RNN recall over 20 blanks.":
            "it took small inputs as well, so that tanh stayed steep",
        "A forget bias acts by making what an LSTM writes at a step larger.":
            "it opens the gate that says how much of the old cell stays",
    },
)  # fmt: skip

STAYS, GOES = "the share that stays", "the share that is wiped off"
FIRST, LAST = "the first step", "the last step"


@question("recurrence/parts", "Where a cell comes from", gate=[STAYS, GOES], row=[FIRST, LAST])
def _parts(gate: str, row: str) -> Asked:
    wipes, backwards = gate == GOES, row == LAST

    def checker(parts_of: Any) -> str:
        with Comparison() as compare:
            for T, d in ((5, 3), (4, 4), (2, 1), (1, 2)):  # one step, from which all of it comes
                rng = np.random.default_rng(T)
                gates, written = rng.uniform(0.1, 0.9, (T, d)), rng.standard_normal((T, d))
                kept = 1 - gates if wipes else gates

                def after(kept, own=1, last=None, written=written):
                    """What the gates leave of each step, from `own` steps after it to `last`."""
                    rows = [kept[t + own : last].prod(axis=0) for t in range(len(kept))]
                    parts = written * rows
                    return parts[::-1] if backwards else parts

                right = after(kept)
                wrong = [
                    (right[::-1], "the rows are the other way round"),
                    (after(1 - kept), "read the gates the other way: which share are they?"),
                    (after(kept, own=0), "a step's own gate acts on what was there before it"),
                    (after(kept, last=-1), "the last step's gate acts on what came before it"),
                    (after(kept, written=np.ones((T, d))),
                     "these are the shares that are left; of what?"),
                    (right.sum(axis=0) + 0 * right, "that is the whole cell; return its parts"),
                    (written[::-1] if backwards else written, "later gates act on it"),
                ]  # fmt: skip
                got = array(parts_of(gates.copy(), written.copy()), {"T": T, "d": d})
                compare(got, right, wrong, case=equations(T=T, d=d))
        return "right"

    kept, turn = ("1 - gates" if wipes else "gates"), ("[::-1]" if backwards else "")
    return function(
        "A cell starts at 0. At each step a gate acts on what the cell holds, number by number, "
        "and then something is added. `gates` (T, d) holds the gates from the first step to the "
        f"last; a gate is {gate} of what was there before. `written` (T, d) holds what is added, "
        "gated already. Return the parts of the last cell that come from each step, (T, d), whose "
        f"sum over the steps is the cell. The first row is for {row}. All arrays are NumPy's.",
        "def parts_of(gates, written):",
        checker,
        solution=f"def parts_of(gates, written):\n    kept = {kept}\n"
        "    left = [kept[t + 1 :].prod(axis=0) for t in range(len(kept))]\n"
        f"    return (written * np.array(left)){turn}",
    )


@question("recurrence/two-curves", "A choice by two curves", lag=[54, 104, 154])
def _two_curves(lag: int) -> Asked:
    return essay(
        f"A team must recall something over {lag} steps. They measure gradients before training: "
        f"at lag {lag} one hundredth is left in an LSTM with a large forget bias, and a billionth "
        "in a GRU. “So the LSTM will learn it and the GRU won't. We needn't train the GRU.” What "
        "would you say, and what would you do instead?",
        "on_two_curves",
        [
            "A gradient before training says what training starts from, not what it finds.",
            "There is evidence on both sides: GRUs learned from faint gradients, and an LSTM that "
            "the gradient reached failed.",
            "The measure is an average, relative to lag 0; it does not say in which direction a "
            "gradient arrives.",
            "Both must be trained, with several seeds, and asked about new sequences.",
            "How one trains matters too: on mixed distances GRU and LSTM learned what they had not "
            "learned at one distance.",
        ],
        solution="The curves are a good reason to bet, and no more. They are measured before "
        "training, as a mean relative to lag 0. In the chapter GRUs learned over 20 blanks with "
        "less than a hundredth left, and at 100 blanks an LSTM failed to which a good part of the "
        "gradient arrived. I'd train both, a few seeds each, test them on new sequences, and if "
        "they fail try mixed distances before I give up on either.",
    )
