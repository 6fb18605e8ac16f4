"""Questions on `transformer/positions`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "positions/rotary-score", "A score of one pair",
    q=[[1, 2], [3, 1], [2, -1]], k=[[2, 1], [1, 3], [-1, 2]], s=[7, 9, 12], back=[1, 2, 4],
)  # fmt: skip
def _rotary(q: list, k: list, s: int, back: int) -> Asked:
    t = s - back

    def score(angle_of_query: float, angle_of_key: float) -> float:
        return float(_turned(q, angle_of_query) @ _turned(k, angle_of_key))

    return value(
        f"A head with rotary positions has d_k = 2. Its query at position {s} is {q} and its key "
        f"at position {t} is {k}, both as the matrices give them, not yet turned. What is their "
        "score, before the division by √d_k? Take the speed of the hand, its direction and the "
        "angles, in radians, as in the chapter.",
        "rotary_score",
        score(s, t),
        [
            (score(0, 0), "that is the dot product without any positions"),
            (score(-s, -t), "both are turned the wrong way"),
            (score(s, 0), "the key is turned as well, by its own position"),
            (score(0, t), "the query is turned as well, by its own position"),
            (score(np.deg2rad(s), np.deg2rad(t)), "the angles are radians, not degrees"),
            (score(s, -t), "query and key are turned the same way"),
        ],
        solution=f"s, t = {s}, {t}\nq, k = np.array({q}), np.array({k})\n"
        "turn_by = t - s  # of the key, as the query sees it\n"
        "R = np.array([[np.cos(turn_by), -np.sin(turn_by)], [np.sin(turn_by), np.cos(turn_by)]])\n"
        "rotary_score = q @ R @ k",
        places=3,
    )  # fmt: skip


def _turned(pair: list, angle: float) -> np.ndarray:
    a, b = pair
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([a * cos - b * sin, a * sin + b * cos])


@question(
    "positions/alibi-penalty", "What a distance costs",
    h=[2, 4, 16], head=[1, 2], i=[21, 30], back=[3, 6, 10, 20],
)  # fmt: skip
def _penalty(h: int, head: int, i: int, back: int) -> Asked:
    slope = 2 ** (-8 / h)
    return value(
        f"An attention with ALiBi has {h} heads. They are counted from 1, and head 1 is the "
        f"steepest. The query stands at position {i}, the key at {i - back}. By how much does the "
        f"bias lower their score in head {head}? Give a positive number.",
        "penalty",
        back * slope**head,
        [
            (back * slope ** (3 - head), "that is the slope of another head"),
            (back * slope ** (head - 1), "head 1 has the slope already, and not a slope of 1"),
            (slope**head, "the slope is multiplied by the distance"),
            ((i - back) * slope**head, "the distance counts, and not the position of the key"),
            (i * slope**head, "the distance counts, and not the position of the query"),
            (back * 2.0 ** (-head), "the exponent depends on the number of heads"),
        ],
        solution=f"penalty = -alibi_bias({h}, 64)[{head} - 1, {i}, {i - back}]",
        places=4,
    )  # fmt: skip


@question(
    "positions/dot-product", "A dot product of two codes",
    s=[5, 11, 20, 34, 60, 80, 100, 130], apart=[2, 3, 4, 8],
)  # fmt: skip
def _dot(s: int, apart: int) -> Asked:
    t, slow = s + apart, 0.01
    return value(
        "The sinusoidal code of the chapter has d_model = 4. What is the dot product of the codes "
        f"of positions {s} and {t}?",
        "dot_of_codes",
        np.cos(apart) + np.cos(slow * apart),
        [
            (np.cos(apart), "that is the first pair alone, and there are two"),
            ((np.cos(apart) + np.cos(slow * apart)) / 2, "that is the cosine of the angle between"),
            (np.cos(s + t) + np.cos(slow * (s + t)), "the difference of the positions counts"),
            (np.sin(apart) + np.sin(slow * apart), "at a distance of 0 this would be 0"),
            (
                np.cos(apart) + np.cos(0.1 * apart),
                "the second pair is slower: the exponent has 2 i",
            ),
            (2 * np.cos(apart), "the two hands turn at different speeds"),
        ],
        solution=f"p = sinusoidal_encoding({t} + 1, 4)\ndot_of_codes = p[{s}] @ p[{t}]",
        places=3,
    )


sentences(
    "positions/which-holds", "Which sentence holds", "sentence_on_positions",
    asks="One of these sentences about positions holds. Which?",
    right=[
        "Under rotary positions a score depends on the distance of the two, not on where they are.",
        "That a code is relative does not settle whether it lasts beyond the lengths of training.",
        "In a learned table, rows that no training sequence has reached are still random.",
        "The dot product of two sinusoidal codes, as they are, depends on the distance alone.",
        "Two causal layers can know the order of the tokens without any code.",
    ],
    wrong={
        "Sinusoids that are added to the inputs make scores depend on the distance alone.":
            "the matrices stand between the two codes, and words are mixed in",
        "Rotary positions turn queries, keys and values.":
            "what is looked for and where it is found is turned; what is handed over is not",
        "Rotary positions make keys that are far away shorter.":
            "to turn a vector leaves its length as it is",
        "Without a mask, ALiBi tells the left neighbor from the right one.":
            "its penalty is the same on both sides",
        "The dot product of two sinusoidal codes falls at every step that they move apart.":
            "the fast hands come round again, and it rises at many steps",
        "At twice the longest length of training all four codes still copied well.":
            "three of them had lost their way; ALiBi went on",
        "A learned table knows before any training that position 3 follows position 2.":
            "its rows are random at first, and it assumes nothing",
        "ALiBi learns a slope for each of its heads.":
            "its slopes are given by a formula, and nothing is learned",
        "Without a code, one causal layer knows in which order the earlier tokens came.":
            "it sees them as a set; a second layer is needed",
        "Moving all tokens by ten places changes the scores under ALiBi.":
            "all distances stay, and so does the bias",
    },
)  # fmt: skip


@question(
    "positions/turn", "Another rotation", first=["smaller", "larger"], base=[100, 500]
)  # fmt: skip
def _turn(first: str, base: int) -> Asked:
    def turned(x: np.ndarray, t: np.ndarray, **how) -> np.ndarray:
        d = x.shape[1]
        i = np.arange(d // 2)
        one, other = how.get("pair", (i, d - 1 - i))
        if how.get("first", first) == "larger":
            one, other = other, one
        angles = t[:, None] * float(how.get("base", base)) ** (-how.get("power", 2) * i / d)
        out = np.empty_like(x)
        a, b, cos, sin = x[:, one], x[:, other], np.cos(angles), np.sin(angles)
        out[:, one], out[:, other] = a * cos - b * sin, a * sin + b * cos
        return out

    def checker(turn_pairs: Any) -> str:
        with Comparison() as compare:
            for n, d, start in ((5, 6, 0), (4, 8, 90), (1, 2, 3), (3, 4, 1000)):
                rng, i = np.random.default_rng(d), np.arange(d // 2)
                x, t = rng.standard_normal((n, d)), start + rng.permutation(n)
                got = array(turn_pairs(x, t), {"n": n, "d": d})
                other = "larger" if first == "smaller" else "smaller"
                wrong = [
                    (turned(x, t, pair=(2 * i, 2 * i + 1)), "{case}: these are pairs of neighbors"),
                    (
                        turned(x, t, pair=(i, i + d // 2)),
                        "{case}: the last is partner of the first",
                    ),
                    (turned(x, t, base=10_000), "{case}: the speeds have another base here"),
                    (turned(x, t, first=other), "{case}: turned the other way round"),
                    (turned(x, t, power=1), "{case}: the exponent has 2 i"),
                    (turned(x, np.arange(n)), "{case}: positions are those in t, from anywhere"),
                ]
                compare(got, turned(x, t), wrong, case=equations(n=n, d=d, start=start))
        return "right"

    a, b = "x[:, : d // 2]", "x[:, : d // 2 - 1 : -1]"
    if first == "larger":
        a, b = b, a
    ordered = "one, other[:, ::-1]" if first == "smaller" else "other, one[:, ::-1]"
    return function(
        "A library turns queries in pairs of its own: number i of a query, for i from 0 to "
        "d / 2 − 1, makes pair i with its mirror, number d − 1 − i. Pair i turns by the angle "
        f"t · ω_i with ω_i = {base}^(−2 i / d), and the number with the {first} index is the first "
        "of its pair: turned as in the chapter, a pair (a, b) becomes (a cos − b sin, a sin + "
        "b cos). `x` is a NumPy array of shape (n, d), with d even, and `t` an array of the n "
        "positions. Return the turned queries, (n, d), every number at its old place.",
        "def turn_pairs(x, t):",
        checker,
        solution="def turn_pairs(x, t):\n"
        "    d = x.shape[1]\n"
        f"    angles = t[:, None] * {base}.0 ** (-np.arange(0, d, 2) / d)\n"
        "    cos, sin = np.cos(angles), np.sin(angles)\n"
        f"    a, b = {a}, {b}\n"
        "    one, other = a * cos - b * sin, a * sin + b * cos\n"
        f"    return np.concatenate([{ordered}], axis=1)",
    )


@question("positions/mask-alone", "The mask alone", layers=[2, 6, 12])
def _alone(layers: int) -> Asked:
    return essay(
        f"“Our language model has {layers} layers and a causal mask,” a colleague says, “and the "
        "mask tells it the order. So I have taken the codes for places out; it saves trouble with "
        "long texts.” What is true of that, how can an order come in at all, what has the chapter "
        "measured, and how would you decide?",
        "on_the_mask_alone",
        [
            "True: under a causal mask a token sees as many tokens as its place says, so the mask "
            "breaks the symmetry; without a mask nothing would.",
            "One layer sees the earlier tokens as a set; with a second one, the order comes in.",
            "Possible is not learned: in the chapter the copier without a code was behind those "
            "with one within the lengths of training, and not lost.",
            "Long texts are no argument yet: how far any of them goes has to be measured.",
            "To decide: train with and without, several seeds, on the task in question, at the "
            "lengths of training and beyond.",
        ],
        solution="The mask is not symmetric: the token at place t sees t + 1 tokens, and that "
        "number can be read off a weight. With one layer the earlier tokens are a set; with two, "
        "each of them may have found its own place, so the order comes in. But the copier "
        "without a code did worse than those with one at lengths that it was trained on, though "
        "far better than guessing. Whether it lasts on long texts, nobody knows before it is "
        "measured. So train both, with some seeds, and compare at both kinds of length.",
    )
