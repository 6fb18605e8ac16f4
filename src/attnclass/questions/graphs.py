"""Questions on `work/graphs`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "graphs/weight-of-a-score", "A score's weight",
    own=[0, 1, 2, 3], numbers=[[1, 2, 4], [2, 4, 8], [1, 3, 6], [3, 5, 2], [6, 2, 4]],
    place=[0, 1, 2],
)  # fmt: skip
def _weight(own: int, numbers: list[int], place: int) -> Asked:
    scores = np.log(np.array(numbers) / 1.0) + own
    weights = np.array(numbers) / sum(numbers)
    told = ", ".join(f"ln {x}" for x in numbers)
    return value(
        f"A head of GAT asks for a node with the number {own}; its three neighbors have the "
        f"numbers {told}. All sums are at least 0, where LeakyReLU leaves them as they are. What "
        f"weight does neighbor {place + 1} get?",
        "weight_of_a_neighbor",
        round(float(weights[place]), 6),
        [
            (1 / 3, "that is the mean, where all neighbors count alike"),
            (float(scores[place] / scores.sum()), "exponentials are divided by their sum, and not "
             "the scores"),
            (float(numbers[place]), "that is its exponential: divide by the sum of all three"),
            (float(numbers[place] / (sum(numbers) + 1)), "the asker is not among its neighbors"),
        ],
        solution="import numpy as np\n"
        f"e = np.exp({own} + np.log({numbers}))\nweight_of_a_neighbor = e[{place}] / e.sum()",
        places=4,
    )  # fmt: skip


@question(
    "graphs/most-of-a-message", "What a link lets through", trust=[1.5, 2, 3, 4, 5, 6, 8, 9, 12],
    linked=[2, 3, 4, 5, 6, 8],
)  # fmt: skip
def _message(trust: float, linked: int) -> Asked:
    most = linked * float(np.log(trust))
    return value(
        f"A neighbor is a friend {trust:g} times as often as not. A node has {linked} neighbors, "
        "and each is quite certain that it belongs to the right-hand camp. By the best rule, how "
        "large is the sum of what they say, in natural logarithms of odds?",
        "sum_of_messages",
        most,
        [
            (most / linked, "that is what one neighbor says; all of them are added"),
            (linked * trust, "these are odds: take the logarithm before you add"),
            (float(np.log(linked * trust)), "independent witnesses multiply their odds, and their "
             "logarithms add up: each neighbor adds one"),
            (float(linked), "each message is damped by how far the link can be trusted"),
        ],
        solution=f"sum_of_messages = {linked} * np.log({trust:g})",
        places=3,
    )  # fmt: skip


sentences(
    "graphs/holds", "Which sentence holds", "sentence_on_graphs",
    asks="One of these sentences about attention in graphs holds. Which?",
    right=[
        "A graph is used as a mask: no edge between two nodes, no weight.",
        "In one head of GAT, two nodes with the same neighbors rank them alike.",
        "With all scores equal, graph attention is the mean over the neighbors.",
        "Weights that lie on friends need not make the predictions any better.",
    ],
    wrong={
        "GAT and GATv2 differ in how many weights they have to be trained.":
            "they have the same ones; the bend stands at another place",
        "The larger a graph is, the more attention gains over the mean.":
            "it gains where keys show what queries ask for, whatever the size",
        "With enough training, one head of GAT can look up what each node asks for.":
            "its order of the neighbors is the same for all who ask",
        "Attention finds friends best where the nodes themselves show little.":
            "where they show little, it has nothing to find them by",
        "A node without neighbors gets the mean of all nodes.":
            "it has nobody to listen to, and its context is 0",
        "Label propagation needs the vectors of the nodes, and no labels.":
            "it is the other way round: labels and links are all that it takes",
        "A head that listens to the other camp must be a bad one.":
            "what it hears can be turned around by the map behind it",
        "The dot product is static, as it is no neural network.":
            "the asker multiplies the key, so each can prefer another one",
    },
)  # fmt: skip


@question(
    "graphs/neighbors-mean", "The mean over neighbors",
    itself=["with itself", "without itself"], lonely=["zeros", "its own vector"],
)  # fmt: skip
def _mean(itself: str, lonely: str) -> Asked:
    counts_itself, gets_zeros = itself == "with itself", lonely == "zeros"

    def means(x: np.ndarray, edges: np.ndarray, counts: bool, zeros: bool) -> np.ndarray:
        mask = (edges | np.eye(len(x), dtype=bool)) if counts else edges
        found = mask @ x / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return np.where(edges.any(axis=1, keepdims=True), found, 0 * x if zeros else x)

    def checker(mean: Any) -> str:
        with Comparison() as compare:
            for n, d, p in ((6, 3, 0.4), (4, 4, 0.3), (5, 2, 0.0)):  # no edges: all are lonely
                rng = np.random.default_rng(n)
                low = np.tril(rng.random((n, n)) < p, -1)
                low[-1] = False  # the last node is linked to nobody
                x, edges = rng.standard_normal((n, d)), low | low.T
                right = means(x, edges, counts_itself, gets_zeros)
                got = array(mean(x.copy(), edges.copy()), {"n": n, "d": d})
                wrong = [
                    (means(x, edges, not counts_itself, gets_zeros),
                     "is the node itself among those of whom the mean is taken?"),
                    (means(x, edges, counts_itself, not gets_zeros),
                     "a node without neighbors gets something else"),
                    (edges @ x, "that is a sum: divide by the number of neighbors"),
                ]  # fmt: skip
                compare(got, right, wrong, case=equations(n=n, d=d))
        return "right"

    who = "its neighbors and itself" if counts_itself else "its neighbors, itself left out"
    gets = "zeros" if gets_zeros else "its own vector back"
    add = " | np.eye(len(x), dtype=bool)" if counts_itself else ""
    other = "0 * x" if gets_zeros else "x"
    return function(
        f"Given `x` of shape (n, d) and `edges` (n, n), symmetric booleans with False on the "
        f"diagonal, as arrays of NumPy, return (n, d): for each node the mean over {who}. A node "
        f"that has no neighbors gets {gets}.",
        "def neighbors_mean(x, edges):",
        checker,
        solution="def neighbors_mean(x, edges):\n"
        f"    mask = edges{add}\n"
        "    found = mask @ x / np.maximum(mask.sum(axis=1, keepdims=True), 1)\n"
        f"    return np.where(edges.any(axis=1, keepdims=True), found, {other})",
    )


@question("graphs/beats-the-mean", "It beats the mean", by=["two", "three", "four"])
def _beats(by: str) -> Asked:
    return essay(
        f"A report says: “Graph attention beats a graph convolution by {by} points, so it has "
        "learned which neighbors to trust.” What would you want to know before you believe the "
        "second half of the sentence?",
        "on_beating_the_mean",
        [
            "Whether the two differ in anything else: a map of a node's own features, heads, "
            "weights, tuning.",
            "How the numbers spread over several seeds and splits.",
            "Where the weights lie, beside the share of friends that a mean gives them.",
            "What happens when the weights are replaced by their mean, or when what shows the "
            "friends is taken away.",
        ],
        solution="Whether the two are alike but for the weights: many convolutions lack the map of "
        "a node's own features, and that alone may be worth the points. How far seeds and splits "
        "differ. Then where the weights lie, beside the share that a mean would give to friends. "
        "And an intervention: put the mean in their place, or take away what shows who is a "
        "friend, and see whether the lead goes.",
    )
