"""Questions on `before/bottleneck`."""

from math import ceil, floor, log2
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "bottleneck/one-context", "One look back",
    h=[[-2, 0, 1], [-1, 0, 2], [1, -1, 0.5], [0, 3, -1]], s=[-1, 0.5, 1], v=[2, 3, -2],
)  # fmt: skip
def _context(h: list, s: float, v: int) -> Asked:
    states = np.array(h, dtype=float)
    scores = v * np.tanh(states + s)
    return value(
        "A reader has left three states of one number each, "
        f"$h_1, h_2, h_3$ = {h[0]}, {h[1]}, {h[2]}, and the writer's state is s = {s}. The score "
        f"of a state h is {v} · tanh(h + s), as additive attention has it with $W_q = W_k = 1$ and "
        f"v = {v}. Which number is the context?",
        "context",
        softmax(scores) @ states,
        [
            (softmax(v * (states + s)) @ states, "the sum of state and query goes through tanh"),
            (softmax(np.tanh(v * (states + s))) @ states, "v multiplies what tanh gives"),
            (softmax(v * np.tanh(states * s)) @ states, "the score adds state and query"),
            (softmax(v * np.tanh(states)) @ states, "the writer's state is a part of every score"),
            (states[scores.argmax()], "that is the state with the largest score alone"),
            (scores @ states, "scores become weights by a softmax"),
            (softmax(scores) @ scores, "it is the states that are averaged, not their scores"),
        ],
        solution=f"h = np.array({h})\np = np.exp({v} * np.tanh({s} + h))\n"
        "context = (p * h).sum() / p.sum()",
        places=3,
    )


@question(
    "bottleneck/each-digit", "How good each digit must be",
    n=[4, 6, 8, 10, 12, 16], share=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
)  # fmt: skip
def _each_digit(n: int, share: float) -> Asked:
    right = share ** (1 / n)
    return value(
        f"A writer gets {share:.0%} of all sequences of {n} digits right, all {n} digits of them. "
        "Suppose that each digit is right with the same probability, whatever has become of the "
        "others. How large is that probability?",
        "of_one_digit",
        right,
        [
            (share, "that is the probability that all of them are right"),
            (share**n, "a single digit is right more often than all of them together"),
            (1 - (1 - share) / n, "probabilities multiply: take a root, and do not share out"),
            (1 - (1 - share) ** (1 / n), "that is for at least one right digit, not for all"),
            (1 - right, "that is the probability of a mistake"),
        ],
        solution=f"of_one_digit = np.exp(np.log({share}) / {n})",
        places=3,
    )


@question(
    "bottleneck/bits", "Is there room?",
    n=[7, 9, 11, 13, 15],
    symbols=[["letters", 26], ["digits", 10], ["words", 1000], ["notes", 20], ["moves", 50]],
)  # fmt: skip
def _bits(n: int, symbols: list) -> Asked:
    kind, count = symbols
    return value(
        f"A source is a sequence of {n} {kind}, each any one of {count}. What is the smallest "
        "number of bits that tells all such sources apart?",
        "bits",
        ceil(n * log2(count)),
        [
            (n * ceil(log2(count)), "round up once, for all of it and not for every symbol"),
            (floor(n * log2(count)), "that many cannot tell all sources apart: round up"),
            (n * count, "a bit more doubles how many sources can be told apart"),
            (ceil(log2(n * count)), "each further symbol multiplies the number of sources"),
            (ceil(log2(count)), "that is enough for one symbol"),
            (ceil(n * np.log(count)), "bits go with the logarithm to base 2"),
        ],
        solution=f"bits = ({count}**{n} - 1).bit_length()",
    )


sentences(
    "bottleneck/which-holds", "Which sentence holds", "sentence_on_the_bottleneck",
    asks="One of these sentences about the chapter's readers and writers holds. Which?",
    right=[
        "Four times the training helped a pair with one vector more than four times the width.",
        "Attention to the last state alone did far worse than attention to all the states.",
        "Reversing digits without a mistake, a writer may look mostly beside the needed digit.",
        "Which state was read is told by the weights, and what was in that state is not.",
        "With attention, too, most sequences of 16 digits failed after training on up to 12.",
        "Of twelve digits sent through one vector, the one read first is lost most often.",
    ],
    wrong={
        "Twelve digits do not fit into a state of 32 numbers: it is too small for them.":
            "they are 40 bits; to pack and unpack them is what has to be learned",
        "Attention helped only because it brings more learned weights with it.":
            "a pair with as many weights, and one state to look at, stayed far behind",
        "A large weight on a state shows that the digit read there is being written.":
            "a state knows the digits before it as well; intervene to find out",
        "With teacher forcing a wrong digit is what the writer reads at the next step.":
            "in training it is given the right token, whatever it would have written",
        "One step of attention is a softmax over the numbers of the reader's last state.":
            "it runs over scores, one for each state",
        "With attention a writer handles lengths that were never trained just as well.":
            "at 16 digits it failed mostly, after training on up to 12",
        "Additive attention works as well without its tanh, which only bounds the scores.":
            "then the query adds the same number to all scores, and no weight depends on it",
        "If one state alone can be looked at, its weight depends on its score.":
            "the softmax of one number is 1, whatever the number",
        "Once the writer has attention, the reader no longer works step by step.":
            "it still makes one state after the other; the way between the two is mended",
        "The training of the chapter tells the writer which state it should look at.":
            "the loss asks for right digits alone, whichever state they come from",
    },
)  # fmt: skip

ADDED, MULTIPLIED = "v · tanh(s + h)", "v · s · h"
ROWS, COLUMNS = "a row for each state, (m, d)", "a column for each state, (d, m)"


@question(
    "bottleneck/all-but-one", "All states but one",
    score=[ADDED, MULTIPLIED], layout=[ROWS, COLUMNS], out=["first", "last"],
)  # fmt: skip
def _all_but_one(score: str, layout: str, out: str) -> Asked:
    adds, is_row, is_first = score == ADDED, layout == ROWS, out == "first"

    def scored(s, h, v, adds):
        return np.tanh(s + h) @ v if adds else h @ (s * v)  # (m,)

    def checker(context_of: Any) -> str:
        with Comparison() as compare:
            for m, d in ((5, 3), (4, 4), (2, 6), (7, 2)):  # two states, of which one is left
                rng = np.random.default_rng(m)
                s, h, v = (rng.standard_normal(shape) for shape in (d, (m, d), d))
                e = scored(s, h, v, adds)
                left, other = (h[1:], h[:-1]) if is_first else (h[:-1], h[1:])
                there = np.arange(m) != (0 if is_first else m - 1)
                wrong = [
                    (softmax(scored(s, left, v, not adds)) @ left, "that is another score"),
                    (softmax(e) @ h, "no state is left out"),
                    (softmax(scored(s, other, v, adds)) @ other,
                     "the state at the other end is to be left out"),
                    (np.where(there, softmax(e), 0) @ h, "the weights that are left must sum to 1"),
                    (softmax(np.where(there, e, 0)) @ h, "a score of 0 still gets a weight"),
                    (softmax((s + left) @ v) @ left, "there is no tanh in the scores"),
                    (left.mean(axis=0), "all states have the same weight"),
                    (left[e[there].argmax()], "that is the state with the largest score alone"),
                ]  # fmt: skip
                got = array(context_of(s, h if is_row else h.T, v), {"d": d})
                compare(got, softmax(e[there]) @ left, wrong, case=equations(m=m, d=d))
        return "right"

    axes, kept = ("" if is_row else ".T"), ("1:" if is_first else ":-1")
    e = "np.tanh(s + h) @ v" if adds else "h @ (s * v)"
    return function(
        f"The score of a state h is the sum over its d numbers of {score}. The {out} of the m "
        "states belongs to a mark and must not be read. Return the context (d,) for one writer's "
        "state `s` (d,), as if that state of the reader were not there: the mean of the others, "
        f"weighted by the softmax of their scores. `states` has {layout}; `v` has the shape (d,). "
        "All arrays are NumPy's, there are at least two states, and no score is large.",
        "def context_of(s, states, v):",
        checker,
        solution=f"def context_of(s, states, v):\n    h = states{axes}[{kept}]\n"
        f"    p = np.exp({e})\n    return p @ h / p.sum()",
    )


@question("bottleneck/more-weights", "Is it only the weights?", d=[64, 128, 256])
def _more_weights(d: int) -> Asked:
    return essay(
        f"A pair of networks with states of {d} numbers translates long sentences badly. With "
        "attention added it translates them well. “No wonder,” says a colleague, “it has more "
        "weights now. A wider state would have done as well.” Plan experiments that decide it: "
        "which networks you would train, how, what you would compare, and what each outcome says.",
        "on_more_weights",
        [
            "A control with as many weights, less to look at: attention to the last state alone.",
            "Networks without attention whose states are wider, up to as many weights or more.",
            "All see the same data with the same training, with several seeds, and are compared on "
            "new sentences by length.",
            "If the controls stay behind, it is what the writer can reach that counts, and not the "
            "number of weights; if one catches up, the colleague has a point.",
            "How long one trains must be varied too: a vector may fail because packing is learned "
            "slowly, and not for want of room.",
        ],
        solution="I'd train four pairs on the same batches, three seeds each: the old one, the one "
        "with attention, one whose attention sees the last state alone, and one with a wider state "
        "and at least as many weights. I'd compare them on new sentences, length by length. If the "
        "third and fourth stay behind on long ones, what counts is that the writer reaches every "
        "state. If one keeps up, my colleague is right. I'd also train the old pair four times as "
        "long: in the chapter that helped more than width, since packing is learned slowly.",
    )
