"""Questions on `work/pointers`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "pointers/probability", "How probable is a word",
    g=[0.1, 0.2, 0.3, 0.4, 0.6], own=[0.05, 0.1, 0.2, 0.25, 0.35],
    weights=[[0.2, 0.5, 0.3], [0.25, 0.15, 0.6], [0.4, 0.35, 0.25], [0.1, 0.2, 0.7]],
)  # fmt: skip
def _probability(g: float, own: float, weights: list) -> Asked:
    a, b, c = weights
    return value(
        f"A writer with a pointer reads “Fiji or Fiji”; at one step its attention weights are {a}, "
        f"{b} and {c}. Its vocabulary has “Fiji” too and gives it the probability {own}. The share "
        f"of the vocabulary, the gate, is {g}. With what probability is “Fiji” said?",
        "of_fiji",
        g * own + (1 - g) * (a + c),
        [
            ((1 - g) * own + g * (a + c), "the gate is the share of the vocabulary"),
            (g * own + (1 - g) * max(a, c), "both places where the word stands count"),
            (g * own + (1 - g) * (a + c) / 2, "the weights of both places are added, not averaged"),
            ((1 - g) * (a + c), "the vocabulary has a share as well"),
            (g * own, "the pointer has a share as well"),
            (own + a + c, "the gate is missing"),
            (g * own + (1 - g) * b, "that is the weight of the other word"),
        ],
        solution=f"of_fiji = {g} * {own} + (1 - {g}) * ({a} + {c})",
        places=3,
    )


@question(
    "pointers/pull", "What pulls at a weight",
    weights=[[0.2, 0.5, 0.3], [0.25, 0.15, 0.6], [0.4, 0.35, 0.25], [0.1, 0.2, 0.7],
             [0.05, 0.3, 0.65], [0.3, 0.1, 0.6], [0.15, 0.45, 0.4], [0.35, 0.45, 0.2]],
    place=["first", "second", "third"], mark=["Fiji or Fiji", "Oslo or Oslo"],
)  # fmt: skip
def _pull(weights: list, place: str, mark: str) -> Asked:
    a, right = np.array(weights), np.array([1.0, 0.0, 1.0])
    at = ["first", "second", "third"].index(place)
    c = a @ right
    word, _ = mark.split(maxsplit=1)
    return value(
        f"A pointer alone, without a vocabulary, reads “{mark}” with the attention weights "
        f"{weights}. The right word is “{word}”, and the loss is −ln of its probability. What is "
        f"the derivative of the loss with respect to the score of the {place} place?",
        "derivative",
        a[at] - right[at] * a[at] / c,
        [
            (right[at] * a[at] / c - a[at], "the sign: where the right word stands it is negative"),
            (a[at] - right[at], "two places share what is right: no place alone should get it all"),
            (a[at] - right[at] / 2, "the two places share by their weights, not evenly"),
            (-right[at] * a[at] / c, "every score also lowers all other weights"),
            (a[at] - right[at] * a[at], "divide by what lies on the right word"),
            (a[at], "that is a place where the right word does not stand"),
        ],
        solution="a = np.array(" + repr(weights) + ")\nright = np.array([1, 0, 1])\n"
        f"derivative = (a - right * a / (a @ right))[{at}]",
        places=3,
    )  # fmt: skip


sentences(
    "pointers/which-holds", "Which sentence holds", "sentence_on_pointers",
    asks="One of these sentences about the chapter's pointers and stories holds. Which?",
    right=[
        "A pointer needs no label that says where to look: the right word itself stands there.",
        "A writer that puts <unk> in the right places need not look at the names at all.",
        "Two hops learned two facts from answers alone, as long as their scores began small.",
        "Dividing scores by the root of the width made up for most of a start that was too large.",
        "Leaving out all questions of one fact kept two hops from learning those of two facts.",
        "On a form of request never trained the gate was sure, and both names were not right.",
    ],
    wrong={
        "A pointer can say a new name because it has an output of its own for each new name.":
            "its outputs are the places of what was read, whatever stands there",
        "The largest attention weight of any trained writer lies on the word that it replaces.":
            "only if the loss pays for it: look and replace got no reply right",
        "A gate that leaves 0.9999 to the pointer says that the word it copies is right.":
            "it says that a word is to be copied, and not which",
        "A word that stands at two places of the source gets the larger of its two weights.":
            "the weights of all its places are added",
        "One hop of attention answers questions of two facts if only it is trained for longer.":
            "its query does not know the person whom the first look would have found",
        "Three regular expressions did worse than the pointer on names that were never trained.":
            "they got all of them right, in the forms that they knew",
        "Two hops that learned from stories of ten facts were as good in stories of twenty.":
            "ages beyond ten were never trained, and a third of the answers or more was wrong",
        "The pointer was slower to learn trained names than a writer with a vocabulary alone.":
            "it was faster: it learns to copy once, and not every name by itself",
    },
)  # fmt: skip


@question(
    "pointers/next-query", "The query of the next hop",
    rule=["is added to the query", "takes the query's place"],
    scores=["dot products", "dot products divided by √d"],
)  # fmt: skip
def _next_query(rule: str, scores: str) -> Asked:
    added, divided = rule.startswith("is added"), "divided" in scores

    def after(q, K, V, *, added=added, divided=divided, weights=None):
        if weights is None:
            weights = softmax(K @ q / (np.sqrt(len(q)) if divided else 1))
        return weights @ V + (q if added else 0)

    def checker(next_query: Any) -> str:
        with Comparison() as compare:
            for m, d in ((4, 3), (3, 5), (1, 2)):
                rng = np.random.default_rng(m)
                q, K, V = (rng.standard_normal(shape) for shape in ((d,), (m, d), (m, d)))
                a = np.eye(m)[(K @ q).argmax()]
                wrong = [
                    (after(q, K, V, added=not added), f"what comes back {rule}"),
                    (after(q, K, K), "the values are averaged, not the keys"),
                    (after(q, V, K), "keys and values have changed places"),
                    (
                        after(q, K, V, weights=a),
                        "a soft look-up reads all values, by their weights",
                    ),
                    (after(q, K, V, weights=K @ q), "the weights are the softmax of the scores"),
                    (after(q, K, V, weights=np.full(m, 1 / m)), "the weights depend on the query"),
                ]
                if m > 1:
                    other = after(q, K, V, divided=not divided)
                    wrong.append((other, f"the scores are {scores}"))
                got = array(next_query(q.copy(), K.copy(), V.copy()), {"d": d})
                compare(got, after(q, K, V), wrong, case=equations(m=m, d=d))
        return "right"

    scale = " / np.sqrt(len(q))" if divided else ""
    start = "q + " if added else ""
    return function(
        "A memory of m facts has keys `K` and values `V`, both NumPy arrays (m, d), and a hop asks "
        f"it with the query `q` (d). The scores are {scores}; what comes back, the weighted mean "
        f"of the values, {rule}. Return the query of the next hop, (d).",
        "def next_query(q, K, V):",
        checker,
        solution="def next_query(q, K, V):\n"
        f"    a = np.exp(K @ q{scale})\n"
        f"    return {start}(a / a.sum()) @ V",
    )


@question(
    "pointers/names", "A machine for names", of=["a pharmacy", "a parcel office", "a library"]
)
def _names(of: str) -> Asked:
    return essay(
        f"The telephone of {of} takes orders by a network that reads names back. Somebody proposes "
        "a vocabulary with every name that was ever ordered; somebody else a pointer. Which do you "
        "choose, what does the other one do better, and how do you test it before it is used?",
        "on_names",
        [
            "A vocabulary can't say a name that is not in it, however long it is trained.",
            "A pointer says any name that was said to it, and learns to copy once for all names.",
            "A pointer says nothing that was not said: to complete or correct a name takes a list.",
            "Test on names, and on forms of request, that training never had.",
        ],
        solution="A pointer: new names come every day, and it can say whatever was said to it; "
        "a vocabulary is silent about them until it is trained again. The list is better where a "
        "name was misheard or cut short: a pointer repeats the mistake, a list of known names can "
        "mend it. I'd hold out names and whole forms of request, and measure on both.",
    )
