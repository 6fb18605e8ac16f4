"""Questions on `mechanism/softmax`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value

# No weight is twice, three times or four times another.
WEIGHTS = [
    [0.5, 0.3, 0.2], [0.6, 0.28, 0.12], [0.7, 0.18, 0.12], [0.4, 0.35, 0.25], [0.8, 0.14, 0.06],
]  # fmt: skip


@question(
    "softmax/other-temperature", "Weights at another temperature",
    weights=WEIGHTS, tau=[0.5, 1.5, 2, 3, 4],
)  # fmt: skip
def _temperature(weights: list[float], tau: float) -> Asked:
    a = np.array(weights)

    def first(shares: np.ndarray) -> float:
        return float(shares[0] / shares.sum())

    first_two = float(a[0] ** (1 / tau) / (a[:2] ** (1 / tau)).sum())
    return value(
        f"Three keys have the weights {weights} at a temperature of 1. What weight does the "
        f"first of them get at a temperature of {tau:g}, with the same scores?",
        "weight_at_tau",
        first(a ** (1 / tau)),
        [
            (float(a[0] ** (1 / tau)), "the weights must sum to 1 again"),
            (first(a**tau), "a high temperature evens weights out, a low one sharpens them"),
            (float(a[0] / tau), "the temperature divides scores, and not weights"),
            (float(a[0]), "a factor of all scores changes the weights"),
            (float(softmax(a / tau)[0]), "these are weights already; their logarithms are scores"),
            (first_two, "all three keys share the weight"),
        ],
        solution=f"weight_at_tau = softmax(np.log({weights}) / {tau})[0]",
        places=3,
    )  # fmt: skip


@question(
    "softmax/who-pays", "Who pays for a bias?",
    weights=WEIGHTS, gains=[0, 2], times=[2, 3, 4],
)  # fmt: skip
def _who_pays(weights: list[float], gains: int, times: int) -> Asked:
    a, loses = weights[gains], weights[1]
    right = loses / (1 - a + times * a)
    return value(
        f"At a temperature of 1 three keys have the weights {weights}. A bias of ln {times} is "
        f"added to the score of key {gains}, counted from 0. What weight does key 1 get?",
        "weight_of_key_1",
        right,
        [
            (loses, "the key that gains takes its share from all the others"),
            (loses / times, "the factor belongs to the odds of the two keys, and not to a weight"),
            (loses - (times - 1) * a / 2, "the others keep their odds: they do not pay alike"),
            (loses / (1 + (times - 1) * loses), "the bias is on another key"),
            (
                loses * (1 - times * a) / (1 - a),
                "a bias multiplies the odds of its key, and not its weight",
            ),
            (times * a / (1 - a + times * a), "that is the weight of the key with the bias"),
        ],
        solution=f"s = np.log({weights})\ns[{gains}] += np.log({times})\n"
        "weight_of_key_1 = (np.exp(s) / np.exp(s).sum())[1]",
        places=3,
    )


@question(
    "softmax/one-nudge", "One score is nudged",
    weights=WEIGHTS, nudged=[0, 1, 2], tau=[0.5, 1, 2],
)  # fmt: skip
def _nudge(weights: list[float], nudged: int, tau: float) -> Asked:
    a, own = np.array(weights), np.arange(3) == nudged
    right = a * (own - a[nudged]) / tau
    wrong = [
        ((own - a[nudged]) / tau, "these are slopes of the logarithms of the weights"),
        (np.where(own, right, 0), "the others lose what this key gains"),
        (-right, "the sign: a key's own weight rises with its score"),
        (np.where(own, right, -right[nudged] / 2), "the others do not lose alike"),
        (a * (1 - a) / tau, "only one score is nudged; the weights of other keys fall"),
    ]
    if tau != 1:
        wrong += [
            (right * tau, "the temperature divides the score that is nudged"),
            (right * tau**2, "the temperature divides the score, and so the slope"),
        ]
    return value(
        f"At a temperature of {tau:g} three keys have the weights {weights}. The score of key "
        f"{nudged}, counted from 0, is nudged. How fast does each of the three weights change "
        "with that score? Give the three derivatives, in the order of the keys.",
        "three_slopes",
        right,
        [(answer.tolist(), hint) for answer, hint in wrong],
        solution=f"s = {tau} * np.log({weights})\nstep = 1e-5 * np.eye(3)[{nudged}]\n"
        f"up, down = (softmax((s + way * step) / {tau}) for way in (1, -1))\n"
        "three_slopes = (up - down) / 2e-5",
        places=4,
    )


sentences(
    "softmax/which-holds", "Which sentence holds", "sentence_on_softmax",
    asks="One of these sentences about the softmax of several scores holds. Which?",
    right=[
        "With dot products, one vector added to all keys changes no weight.",
        "If all scores are doubled, the odds of any two keys are squared.",
        "A bias on one key leaves the odds among all other keys alone.",
        "At any temperature above 0 the weights have the order of the scores.",
        "If a key is masked, all the others grow by the same factor.",
        "On paper, every key that is not masked has a weight above 0.",
    ],
    wrong={
        "If 1 is added to all scores, all weights grow by the same factor.":
            "the factor is below the line too, and cancels",
        "A key whose score is exactly 0 gets no weight at all.":
            "e to the 0 is 1, and that counts",
        "A key whose score is negative gets a negative weight.":
            "an exponential is positive",
        "A second softmax changes nothing, since weights sum to 1 already.":
            "it takes the weights for scores, which lie close together, and evens them out",
        "The higher the temperature, the more weight goes to the largest score.":
            "it is the other way round: heat evens out",
        "Subtracting the largest score changes the weights a little, for safety.":
            "it changes none: only differences count",
        "A bias of ln 2 doubles the weight of its key.":
            "it doubles the odds against each other key; a weight of 0.9 cannot be doubled",
        "If all scores of a query are halved, so are all of its weights.":
            "weights sum to 1, whatever the scores are",
        "A weight near 0 can recover fast, since a large gradient reaches its score.":
            "the weight is a factor of its own gradient",
        "A query to which no key fits gives little weight away in all.":
            "its weights sum to 1 all the same",
        "However many keys with scores near 0 there are, one with a score of 8 keeps its share.":
            "each of the others gets a crumb, and many crumbs make a loaf",
    },
)  # fmt: skip


@question(
    "softmax/base-and-axis", "Another base, another axis",
    axis=[0, 1], base=[2, 10], acts=["multiplied", "divided"],
)  # fmt: skip
def _base(axis: int, base: int, acts: str) -> Asked:
    def weights(s: np.ndarray, t: float, along: int, to: float, way: str) -> np.ndarray:
        s = s * t if way == "multiplied" else s / t
        return softmax(s * np.log(to), axis=along)

    def checker(shares: Any) -> str:
        other_way = "divided" if acts == "multiplied" else "multiplied"
        with Comparison() as compare:
            for shape, t, size in (
                ((3, 5, 2), 0.7, 1),
                ((4, 4, 4), 2.0, 1),  # all sizes alike
                ((1, 3, 2), 1.5, 1),
                ((5, 2, 3), 1.0, 1),  # a number that has no effect, and none but the axis differs
                ((2, 6, 3), 3.0, 1000),  # powers that overflow
            ):
                s = size * np.random.default_rng(shape[1]).standard_normal(shape)
                with np.errstate(all="ignore"):
                    powers = float(base) ** (s * t if acts == "multiplied" else s / t)
                    plain = powers / powers.sum(axis=axis, keepdims=True)
                wrong = [
                    *((weights(s, t, along, base, acts), "the weights sum to 1 along another axis")
                      for along in range(3) if along != axis),
                    (weights(s, t, axis, base, other_way),
                     "`t` acts on the scores the other way round"),
                    (weights(s, 1, axis, base, acts), "`t` has no effect"),
                    (weights(s, t, axis, np.e, acts), "these are powers of e"),
                    (weights(s, t, axis, 12 - base, acts), "these are powers of another base"),
                    (plain, "right for small scores, but large ones overflow"),
                ]  # fmt: skip
                got = array(shares(s, t), shape, finite=False)
                right = weights(s, t, axis, base, acts)
                compare(got, right, wrong, case=equations(shape=shape, t=t))
        return "right"

    order = "(m, n, B): the keys come first" if axis == 0 else "(B, m, n): the queries come last"
    step = "s * t" if acts == "multiplied" else "s / t"
    return function(
        f"Scores come as a NumPy array `s` of shape {order}; m is the number of keys, n that of "
        f"queries, B that of texts. Each score is {acts} by the number `t`, which is above 0, and "
        f"then a key counts {base} to the power of that, in place of a power of e. Return the "
        "weights, in the shape of `s`: those of each query sum to 1 over its keys. Scores may be "
        "in the thousands.",
        "def shares(s, t):",
        checker,
        solution=f"def shares(s, t):\n    s = {step}\n"
        f"    e = {base}.0 ** (s - s.max(axis={axis}, keepdims=True))\n"
        f"    return e / e.sum(axis={axis}, keepdims=True)",
    )


@question("softmax/without-the-sum", "Without the sum", m=[50, 400, 3000])
def _without(m: int) -> Asked:
    return essay(
        f"In a model whose queries have {m} keys each, some queries fit none of them. A colleague "
        "leaves the division by the sum out, so that a key just counts the exponential of its "
        "score: “Then such a query reads next to nothing.” What problem do they see rightly, what "
        "does the model lose, what goes wrong on a machine, and what would be milder?",
        "on_weights_without_sum",
        [
            "Rightly seen: the weights of a softmax sum to 1, so a query to which nothing fits "
            "must give its weight away all the same.",
            "Lost: only differences counted; now one number added to all scores, as by one vector "
            "added to all keys, multiplies the whole context.",
            "Lost: the context was a mean that stays within the values; now it grows with the "
            "number of keys, and many small scores of about 0 add up to that many values.",
            "On a machine: large scores overflow, and the largest can no longer be subtracted, "
            "since nothing cancels it.",
            "Milder: a key that any query may fall back on, with the value 0; or a mask, where it "
            "is known what is of no use.",
        ],
        solution="They are right that a softmax always gives all of its weight away, to keys that "
        "fit badly too. Without the sum, though, a score of 0 counts 1: with many such keys the "
        "context is the sum of all values, and grows with their number. Add one vector to all "
        "keys and the whole context is multiplied, although the keys differ as before. And the "
        "exponential of a score of a thousand is infinite; to subtract the maximum is no cure "
        "now, as nothing cancels it. Keep the softmax and add a key whose value is 0: a query "
        "that fits nothing else can give its weight to that one.",
    )
