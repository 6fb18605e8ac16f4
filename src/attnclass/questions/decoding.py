"""Questions on `transformer/decoding`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "decoding/greedy-and-best", "Greedy and best",
    first=[[0.5, 0.3, 0.2], [0.48, 0.32, 0.2], [0.44, 0.36, 0.2], [0.46, 0.34, 0.2]],
    likely=[0.84, 0.88, 0.92, 0.96], order=["abc", "bca", "cab"],
)  # fmt: skip
def _greedy(first: list, likely: float, order: str) -> Asked:
    less = round((1 - likely) / 2, 2)
    rows = [0.4, 0.36, 0.24], [likely, less, less], [0.5, 0.3, 0.2]
    p = dict(sorted(zip(order, first, strict=True)))
    after = dict(sorted(zip(order, rows, strict=True)))
    top = order[0]
    greedy, best = p[top] * max(after[top]), max(p[x] * max(after[x]) for x in p)
    second = "; ".join(f"after {x}: {', '.join(map(str, row))}" for x, row in after.items())
    return value(
        "In a language of the words a, b and c every sentence has exactly two words. As the first "
        f"word, a, b and c have the probabilities {', '.join(map(str, p.values()))}; as the second "
        f"they have, {second}. How probable is the sentence that greedy decoding finds, and "
        "how probable is the most probable one? Give both, in this order.",
        "greedy_and_best",
        [greedy, best],
        [
            ([best, greedy], "greedy decoding comes first"),
            ([greedy, greedy], "another first word can have a better second one"),
            ([best, best], "greedy decoding has chosen its first word before it sees a second"),
            ([p[top] + max(after[top]), max(p[x] + max(after[x]) for x in p)],
             "probabilities of one word after another are multiplied"),
            ([max(after[top]), likely], "the first word has a probability as well"),
            ([p[top] * max(after[top]), p[top] * likely],
             "what follows depends on the word before it"),
        ],
        solution=f"p = np.array({[*p.values()]})\nafter = np.array({[*after.values()]})\n"
        "both = p[:, None] * after\ngreedy_and_best = [both[p.argmax()].max(), both.max()]",
        places=4,
    )  # fmt: skip


@question(
    "decoding/alpha", "Where the longer one wins",
    short=[[-4, 5], [-5, 6], [-3, 4], [-6, 7]],
    longer=[[-7, 11], [-8, 13], [-9, 16], [-7.5, 15], [-6.5, 10], [-10, 19]],
)  # fmt: skip
def _alpha(short: list, longer: list) -> Asked:
    (log_p, n), (log_q, m) = short, longer
    ratio = np.log(log_q / log_p)
    right = ratio / np.log((5 + m) / (5 + n))
    return value(
        f"A beam holds two sentences: one of {n} tokens with a log-probability of {log_p}, and one "
        f"of {m} tokens with {log_q}; their ends are among the tokens. From which α on does the "
        "length penalty of the chapter put the longer one in front?",
        "alpha_from",
        right,
        [
            (ratio / np.log(m / n), "the penalty adds 5 to each length"),
            (np.log((5 + m) / (5 + n)) / ratio, "numerator and denominator are exchanged"),
            (log_q / log_p / ((5 + m) / (5 + n)), "α is an exponent: take logarithms"),
            (ratio, "the lengths are still missing"),
            ((log_p - log_q) / np.log((5 + m) / (5 + n)),
             "log-probabilities are divided, and so it is their ratio that counts"),
            (1 / np.log((5 + m) / (5 + n)), "the log-probabilities are still missing"),
        ],
        solution="def ahead(alpha):\n"
        f"    return {log_q} / ((5 + {m}) / 6) ** alpha - {log_p} / ((5 + {n}) / 6) ** alpha\n\n"
        "low, high = 0.0, 10.0\n"
        "for _ in range(60):\n"
        "    middle = (low + high) / 2\n"
        "    low, high = (low, middle) if ahead(middle) > 0 else (middle, high)\n"
        "alpha_from = low",
        places=3,
    )  # fmt: skip


@question(
    "decoding/cache", "What a cache holds",
    n=[100, 250, 400], L=[6, 12], d=[256, 512], K=[4, 5], B=[3, 16],
)  # fmt: skip
def _cache(n: int, L: int, d: int, K: int, B: int) -> Asked:
    right = 2 * n * L * d * K * B
    return value(
        f"A Transformer whose decoder has {L} layers of width {d}, with 8 heads each, writes {B} "
        f"translations at a time, each by a beam of {K}, with a cache. How many numbers does the "
        f"cache of the decoder's own attention hold after {n} steps, if no beam has ended? (The "
        "keys and values of the source are not counted.)",
        "numbers_in_the_cache",
        right,
        [
            (right // 2, "there are keys, and there are values"),
            (right // L, "every layer has keys and values of its own"),
            (right // K, "every beam has a cache of its own"),
            (right // B, "several translations are written at a time"),
            (8 * right, "the heads share the width among them"),
            (right * (n + 1) // 2, "each place is kept once, and not again at every step"),
            (right // n, "every step adds to the cache, and what was there stays"),
        ],
        solution="keys = values = "
        f"np.zeros(({B}, {K}, {L}, 8, {n}, {d} // 8), dtype=bool).size\n"
        "numbers_in_the_cache = keys + values",
    )


sentences(
    "decoding/which-holds", "Which sentence holds", "sentence_on_decoding",
    asks="One of these sentences about decoding holds. Which?",
    right=[
        "Even with a model that is never wrong, greedy decoding may miss the best sentence.",
        "A wider beam may end with a less probable sentence than a narrower one.",
        "Where random sentences could end, the most probable ones were short or empty.",
        "The length penalty, as it is defined in the chapter, is in favor of long sentences.",
        "Top-p keeps few tokens where the model is sure, and many where it isn't.",
        "A cache of keys and values leaves all logits as they are.",
    ],
    wrong={
        "A beam of 2 keeps the greedy sentence, so it finds one at least as probable.":
            "two continuations of another beginning may push it out",
        "With a wider beam and no penalty, sentences became longer and longer.":
            "they became shorter, since every further token adds a negative number",
        "A short sentence found by a wide beam shows that the search has failed.":
            "it may be the most probable one; what was searched for is the trouble",
        "A higher temperature changes which token is the most probable.":
            "all logits are divided by the same number, and their order stays",
        "Top-k keeps fewer tokens where the model is surer.":
            "it keeps as many everywhere",
        "The Viterbi algorithm finds the best sentence of a Transformer as well.":
            "there the next token depends on all tokens before it, so no two can be merged",
        "With a cache, a new token asks one key only.":
            "it asks all that came before it; one is what it adds",
        "Without a mask, a step with a cache would see the tokens to come.":
            "what is not in the cache yet can't be seen",
        "If the first logits are right and all others wrong, look at the mask first.":
            "look at the positions, and at whether the cache is kept",
        "Drawing from the uncut probabilities gave the most different right sentences.":
            "a first cut of the tail raised both numbers",
        "In teacher forcing a model reads its own mistakes, and learns to mend them.":
            "it reads right beginnings only, and has to mend nothing",
    },
)  # fmt: skip


HEAT, CUT = "the temperature comes first", "the cut comes first"
PLAIN, LOGARITHMS = "probabilities", "log-probabilities"


@question(
    "decoding/relative-cut", "A cut beside the best", first=[HEAT, CUT], gives=[PLAIN, LOGARITHMS]
)  # fmt: skip
def _cut(first: str, gives: str) -> Asked:
    def cut(logits: np.ndarray, T: float, share: float, **how) -> np.ndarray:
        by = how.get("by", T)
        hot = softmax(logits / by)
        judged = hot if how.get("first", first) == HEAT else softmax(logits)
        keeps = judged >= how.get("limit", share * judged.max(axis=-1, keepdims=True))
        p = np.where(keeps, hot, 0)
        p = p / (1 if how.get("raw") else p.sum(axis=-1, keepdims=True))
        with np.errstate(divide="ignore"):
            return np.log(p) if how.get("gives", gives) == LOGARITHMS else p

    def checker(cut_beside_best: Any) -> str:
        with Comparison() as compare:
            for n, V, T, share in (
                (3, 7, 2.0, 0.2), (4, 6, 0.5, 0.05), (2, 5, 1.5, 0.5), (5, 9, 0.7, 0.1)
            ):  # fmt: skip
                logits = 2 * np.random.default_rng(V).standard_normal((n, V))
                answer = cut_beside_best(logits, T, share)
                got = array(answer, {"n": n, "V": V}, finite=gives == PLAIN)
                other = CUT if first == HEAT else HEAT
                else_ = PLAIN if gives == LOGARITHMS else LOGARITHMS
                wrong = [
                    (cut(logits, T, share, first=other), "{case}: " + first),
                    (cut(logits, T, share, limit=share), "{case}: compared with the share alone"),
                    (cut(logits, T, share, raw=True), "{case}: what is kept doesn't sum to 1 yet"),
                    (cut(logits, T, share, by=1 / T), "{case}: logits are divided by T"),
                    (cut(logits, T, share, by=1), "{case}: the temperature does nothing"),
                    (cut(logits, T, share, limit=0), "{case}: nothing has been cut"),
                    (cut(logits, T, share, gives=else_), "{case}: " + gives + " are asked for"),
                ]
                right = cut(logits, T, share)
                compare(got, right, wrong, case=equations(n=n, V=V, T=T, share=share))
        return "right"

    result, end = "the probabilities that are drawn from", "p"
    if gives == LOGARITHMS:
        result, end = f"the natural logarithms of {result}, −inf for what is cut", "np.log(p)"
    judged, order = (
        "logits",
        "Judged are the model's own probabilities; then `T` divides the logits",
    )
    if first == HEAT:
        judged, order = (
            "logits / T",
            "`T` divides the logits first, and what comes of this is judged",
        )
    return function(
        "A knob that is none of the chapter's: it keeps the tokens that are at least `share` times "
        f"as probable as the most probable token of the same step. {order}. What is kept is "
        "divided by its sum. `logits` is a NumPy array of shape (n, V), with a row for each of n "
        f"steps, and `share` is above 0 and below 1. Return an array of shape (n, V): {result}.",
        "def cut_beside_best(logits, T, share):",
        checker,
        solution="def cut_beside_best(logits, T, share):\n"
        f"    judged = softmax({judged})\n"
        "    kept = judged >= share * judged.max(axis=1, keepdims=True)\n"
        "    p = softmax(np.where(kept, logits / T, -np.inf))\n"
        "    with np.errstate(divide='ignore'):\n"
        f"        return {end}",
    )


@question("decoding/shorter", "Wider and shorter", beams=[16, 32, 64])
def _wider(beams: int) -> Asked:
    return essay(
        f"A colleague has widened the beam of a translator from 4 to {beams}. The log-probability "
        "of what is found has risen for nearly all sources, and the translations have become "
        "shorter; readers complain that parts are missing. “There must be an error in the search,” "
        "he says. Is there one? Why shorter, how could he tell an error of the search from one of "
        "what is searched for, and what should he do?",
        "on_the_wider_beam",
        [
            "The search does its work: it finds what is more probable, so what is searched for is "
            "the trouble.",
            "Every further token adds a negative number to log p, so short sentences are more "
            "probable, each by itself, and a wide beam finds them.",
            "To tell the two apart: compare log p of what was found with log p of a good "
            "translation; if the good one has less, no search could find it.",
            "To do: correct for length, with α tuned on translations by people, or go back to the "
            "narrow beam.",
            "To count afterwards: lengths beside those of good translations, not log p.",
        ],
        solution="There need be no error: a wider beam should find what is more probable, and it "
        "did. But each token adds a negative number, so the most probable of all sentences is "
        "often a short one, which the narrow beam has missed, luckily. He can ask the model for "
        "the log-probability of a good translation: where it is below that of what was found, the "
        "search is innocent. So correct for the length and tune α on what people have translated, "
        "or take a beam of 4 again, and watch the lengths, not the log-probability.",
    )
