"""Checks of the chapter `work/language`."""

from functools import cache

import numpy as np
import torch

from attnlab.chapters.language.ngrams import V
from attnlab.chapters.language.text import LETTERS
from attnlab.chapters.language.widget import AHEAD, LanguageWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written
from attnlab.models.language import LanguageModel


@exercise("language/bits", "text_bits")
def _bits(text_bits) -> str:
    with Comparison() as compare:
        for loss, n in ((1.7, 1000), (0.5, 12), (2.9, 7)):
            right = n * loss / np.log(2)
            wrong = [
                (n * loss, "that is in nats; a nat is 1 / ln 2 bits"),
                (n * loss * np.log(2), "a nat is more than a bit: divide by ln 2"),
                (loss / np.log(2), "that is for one letter; the text has `n`"),
                (n * loss / np.log(10), "that is in decimal digits; bits take the logarithm of 2"),
                (right / 8, "that is in bytes"),
                (n * np.log2(loss), "the loss is a logarithm already: change its base"),
                (n * np.exp(loss), "that is how many letters it hesitates between, times `n`"),
                (loss / (n * np.log(2)), "the rate is for each letter: multiply by `n`"),
                ((n - 1) * loss / np.log(2), "all `n` letters count, the first one too"),
                (n * loss / 2, "divide by ln 2, and not by 2"),
            ]
            compare(number(text_bits(loss, n)), right, wrong, case=equations(loss=loss, n=n))
    return "right: what an ideal compressor would need with this model"


def _parts(paragraphs: list[str], every: int) -> np.ndarray:
    once = list(dict.fromkeys(paragraphs))
    part = {p: 1 if i % every else 2 for i, p in enumerate(once)}
    first = [paragraphs.index(p) == i for i, p in enumerate(paragraphs)]
    return np.where(first, [part[p] for p in paragraphs], 0)


@exercise("language/bug", "parts")
def _bug(parts) -> str:
    with Comparison() as compare:
        for text, every in (("cabacdabe", 2), ("aabbcadecfg", 3), ("fzyxfwvuyt", 4)):
            paragraphs = [3 * letter for letter in text]
            n = len(paragraphs)
            right = _parts(paragraphs, every)
            places = np.where(np.arange(n) % every, 1, 2)
            first = np.array([paragraphs.index(p) == i for i, p in enumerate(paragraphs)])
            within = [
                any(paragraphs[j] == p and places[j] == places[i] for j in range(i))
                for i, p in enumerate(paragraphs)
            ]
            single = np.array([paragraphs.count(p) == 1 for p in paragraphs])
            beside = np.array([i == 0 or p != paragraphs[i - 1] for i, p in enumerate(paragraphs)])

            def counted(kept, shift=0, every=every):
                part = np.where((np.cumsum(kept) - 1 + shift) % every, 1, 2)
                return np.where(kept, part, 0)

            once = sorted(set(paragraphs))
            in_order = [1 if once.index(p) % every else 2 for p in paragraphs]
            wrong = [
                (places, "repeats are still there: leave them out first"),
                (np.where(within, 0, places), "that leaves out repeats within each part, as the "
                 "buggy one does; one may still stand in both"),
                (np.where(first, places, 0), "count places after repeats have been left out"),
                (counted(first, 1), "places are counted from 0: the first one is in the test"),
                (np.where(right, 3 - right, 0), "that is the other way round: 2 is the test"),
                (counted(single), "what repeats goes out, but its first copy stays"),
                (_parts(paragraphs[::-1], every)[::-1], "the first copy stays, and not the last"),
                (counted(beside), "a repeat need not stand just behind its first copy"),
                (np.where(first, in_order, 0), "the order is that of the text, not the alphabet's"),
                (np.where(right == 2, 0, right), "the test is missing: its paragraphs are 2"),
            ]  # fmt: skip
            got = array(parts([*paragraphs], every), {"n": n})
            compare(got, right.astype(float), wrong, case=equations(n=n, every=every))
    return "right: first leave out what repeats, and then split"


@exercise("language/gap", "in_the_gap")
def _gap(in_the_gap) -> str:
    with Comparison() as compare:
        for seed, v, n, t in ((0, 4, 5, 2), (1, 3, 6, 0), (2, 5, 4, 3), (3, 4, 7, 5)):
            rng = np.random.default_rng(seed)
            start, after = rng.dirichlet(np.ones(v)), rng.dirichlet(np.ones(v), v)
            x = rng.integers(v, size=n).tolist()
            left = after[x[t - 1]] if t else start
            right_side = after[:, x[t + 1]] if t + 1 < n else np.ones(v)
            across = after[x[t + 1]] if t + 1 < n else np.ones(v)

            def share(p):
                return p / p.sum()

            own = np.eye(v)[x[t]]
            wrong = [
                (left, "that is from the left alone; what follows tells as well"),
                (share(right_side), "that is from what follows alone; multiply by what the left "
                 "says"),
                (left * right_side, "these products are no probabilities yet: divide by their sum"),
                (share(left * across), "what follows the letter is a column of `after`, not a row"),
                (share(start * right_side), "a letter inside the text follows another one; `start` "
                 "is for the first alone"),
                (share(left + right_side), "the chain rule multiplies"),
                (share(start * left * right_side) if t else share(left * right_side),
                 "`start` is the first letter's; it has no part in the others"),
                (own, "that is what stands there; it is hidden"),
                (share(after[:, x[t - 1]] * right_side) if t else share(left * right_side),
                 "the letter before is a row of `after`"),
                (share(np.ones(v) * right_side) if t == 0 else share(left * right_side),
                 "a first letter has no other before it: `start` says how probable it is"),
                (share(after[x[t - 1]] * right_side), "before the first letter stands none: "
                 "`x[-1]` is the last one, and `start` says how probable a first letter is"),
                (np.eye(v)[(left * right_side).argmax()], "all probabilities are wanted, not the "
                 "best letter alone"),
            ]  # fmt: skip
            got = array(in_the_gap(start.copy(), after.copy(), [*x], t), {"V": v})
            compare(got, share(left * right_side), wrong, case=equations(n=n, t=t))
    return "right: the rest of the chain is the same for every letter"


@cache
def _readers() -> tuple[LanguageModel, LanguageModel]:
    """Untrained, but sure of themselves: what they say is theirs, and differs from text to text."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        models = [
            LanguageModel(V, d_model=8, n_heads=2, n_layers=1, d_ff=8, causal=causal)
            for causal in (True, False)
        ]
    for model in models:
        model.to_logits.weight.data *= 4
    return models[0], models[1]


@cache
def _guesses(text: str, place: int) -> tuple[list[np.ndarray], np.ndarray, int]:
    """What is guessed by trying with 0 to 4 letters, and from both sides; which letter is right."""
    w = LanguageWidget(*_readers(), text=text, place=place)
    found = []
    for w.after in range(AHEAD + 1):
        found.append(w.guesses["trying"])
    both, hidden = w.guesses["masked"], LETTERS.index(w.hidden)
    w.close()
    return found, both, hidden


# Made-up letters, for these readers know no words.
WIDGET_CASES = (
    ("bkabhpnkzzbj", 6),  # all four letters are needed
    ("tfecfypyadci", 2),  # three, and it never has half
    ("xgfgqbcjvkui", 3),  # two or four, but not three
    ("egrjiczaltnr", 6),  # one, or three for more than half
    ("gueklwzfodbw", 7),  # none, and the reader of both sides is right
    ("pzsqooytvrak", 7),  # none, and it isn't
    ("thisneverfits", 5),  # never
)


@exercise("language/widget", "letters_needed", sets=("after",))
def _widget(letters_needed) -> str:
    def answer(found) -> float:
        return -1.0 if found is None else float(found)

    with Comparison() as compare:
        for text, place in WIDGET_CASES:
            found, both, hidden = _guesses(text, place)
            best = [int(p.argmax()) == hidden for p in found]

            def least(flags, start=0):
                return next((start + i for i, flag in enumerate(flags) if flag), None)

            right = least(best)
            even = [p[hidden] > 0.5 for p in found]
            wrong = [
                (least(best[1:], 1), "no letter at all may be enough: begin with 0"),
                (least(best[:-1]), "four letters may be needed: go on to 4"),
                (0 if right is None else right, "where it is never the most probable one, return "
                 "None"),
                (next((k for k in reversed(range(5)) if best[k]), None), "that is the largest "
                 "number; the smallest is wanted"),
                (sum(best), "that counts the numbers with which it is right"),
                (least([not b for b in best]), "that is the first number with which it is wrong"),
                (least(even), "the most probable letter may have less than half"),
                (0 if int(both.argmax()) == hidden else None, "that asks the reader of both sides"),
                (0 if best[0] else None, "that asks from the left alone"),
                (best.index(True) + 1 if right is not None else None, "that is one too many"),
            ]  # fmt: skip
            w = LanguageWidget(*_readers(), text=text, place=place)
            given = letters_needed(w)
            got = None if given is None else number(given)
            compare(answer(got), answer(right), [(answer(x), hint) for x, hint in wrong],
                    case=equations(text=text, place=place))  # fmt: skip
    return "right: what follows often tells, and seldom do four letters not suffice"


choice(
    "language/explain",
    "why_gibberish",
    right="b",
    hints={
        "a": "then it would need few bits on the training text alone, and many in any test; "
        "without the mask a test in which all letters are there looks just as good",
        "c": "a reader without a causal mask can be trained otherwise, but why did this one fail?",
        "d": "a lower temperature sharpens what it says; here what it says is wrong where nothing "
        "follows",
    },
    praise="right: a loss that falls too well deserves a look at the mask",
)


written(
    "language/in-writing",
    "what_to_try",
    points=[
        "First counts of n-grams of the million letters, which need no training.",
        "A model that reads forwards can use both sides: it tries every letter against what "
        "follows.",
        "The 200 serve for testing, perhaps for tuning; letters that are known can be hidden for "
        "more tests.",
        "A split in which one letter's copies, or one writer's letters, stay together.",
        "Whether what is said to be sure is right as often as it says.",
    ],
)
