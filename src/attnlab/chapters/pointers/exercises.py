"""Checks of the chapter `work/pointers`."""

from dataclasses import dataclass

import numpy as np

from attnlab.chapters.pointers.journeys import REQUESTS, UNTRAINED
from attnlab.chapters.pointers.speakers import NAMES
from attnlab.chapters.pointers.widget import PointersWidget
from attnlab.exercises.answers import array, number, text
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("pointers/mix", "said_with")
def _mix(said_with) -> str:
    with Comparison() as compare:
        for g, own, weights, places in (
            (0.2, 0.0, [0.1, 0.3, 0.1, 0.4, 0.1], [1, 3]),  # the page's, with two places
            (0.7, 0.4, [0.5, 0.2, 0.3], [2]),  # g is not a half, and the word is in the vocabulary
            (0.4, 0.3, [0.6, 0.4], []),  # a word that the request does not have
            (0.3, 0.2, [0.2, 0.4, 0.1, 0.3], [0, 1, 3]),  # the heaviest is neither first nor last
        ):
            a = np.array(weights)
            here = a[places]
            first, last, largest = (here[0], here[-1], here.max()) if places else (0.0, 0.0, 0.0)
            mean = here.mean() if places else 0.0
            got = number(said_with(g, own, a.copy(), list(places)))
            compare(got, g * own + (1 - g) * here.sum(), [
                ((1 - g) * own + g * here.sum(),
                 "the gate is the share of the vocabulary, and what is left is the pointer's"),
                (own + here.sum(), "the gate is missing: each way would have it all"),
                (g * own + (1 - g) * largest,
                 "every place where the word stands counts, and not the heaviest alone"),
                (g * own + (1 - g) * first,
                 "every place where the word stands counts, and not the first alone"),
                (g * own + (1 - g) * last,
                 "every place where the word stands counts, and not the last alone"),
                (g * own + (1 - g) * mean, "a word's places are added, not averaged"),
                ((1 - g) * here.sum(), "the vocabulary has a share as well"),
                (g * own, "the pointer has a share as well"),
                (g * own + here.sum(), "the pointer's weights get the share 1 − g"),
                (g * own * (1 - g) * here.sum(), "two ways to say one word: add, do not multiply"),
            ], case=call("said_with", g, own, weights, places))  # fmt: skip
    return "right: two ways to say one word, so their shares are added"


@exercise("pointers/bug", "mix")
def _bug(mix) -> str:
    with Comparison() as compare:
        for g, V, places, n_words in (
            (0.2, 3, [0, 3, 1, 3, 2], 4),  # a new word twice
            (0.6, 4, [2, 2, 2, 5], 6),  # a known one three times, and a new one that is last
            (0.5, 2, [0, 1], 3),  # nothing twice, and a number that no word has
            (0.3, 3, [4, 1, 4, 3, 4, 3], 5),
        ):
            rng = np.random.default_rng(V)
            own = softmax(rng.standard_normal(V))
            weights = softmax(rng.standard_normal(len(places)))
            src = np.array(places)
            padded = np.pad(own, (0, n_words - V))
            added = np.bincount(src, weights, n_words)
            last, largest = np.zeros(n_words), np.zeros(n_words)
            last[src] = weights
            np.maximum.at(largest, src, weights)
            replaced = g * padded
            replaced[src] = (1 - g) * weights
            case = equations(g=g, src=places, n_words=n_words)
            got = array(mix(g, own.copy(), weights.copy(), src.copy(), n_words),
                        {"n_words": n_words})  # fmt: skip
            compare(got, g * padded + (1 - g) * added, [
                (g * padded + (1 - g) * last,
                 "that is what the buggy function gives: of a word's places only the last counts"),
                (g * padded + (1 - g) * largest,
                 "of a word's places only the heaviest counts: add them all"),
                (replaced, "a word of the vocabulary that is pointed at loses its own share"),
                ((1 - g) * padded + g * added, "the gate is the share of the vocabulary"),
                (padded + added, "the gate is missing: the sum is 2"),
                ((1 - g) * added, "the vocabulary's share is missing"),
                (g * padded + added, "the pointer's weights get the share 1 − g"),
                (g * padded + (1 - g) * added / np.maximum(np.bincount(src, minlength=n_words), 1),
                 "the weights of a word's places are added, not averaged"),
            ], case=case)  # fmt: skip
    return "right: each place adds its weight, however often a word comes"


_STORY = [
    ("went", "cook", "attic"),
    ("took", "cook", "key"),
    ("went", "guard", "cellar"),
    ("took", "guard", "lamp"),
    ("went", "cook", "garden"),
    ("went", "pilot", "office"),
]


def place_of(facts: list, thing: str, *, taken: int = -1, went: int = -1) -> str:
    """Where a thing is; or, for misconceptions, by another fact than the last of each kind."""
    takers = [who for did, who, what in facts if (did, what) == ("took", thing)]
    if not takers:
        return ""
    places = [place for did, who, place in facts if (did, who) == ("went", takers[taken])]
    if not places:
        return ""
    return places[went]


def _after_taking(facts: list, thing: str) -> str:
    """Where the one who took it went after that."""
    taken = [i for i, (did, _, what) in enumerate(facts) if (did, what) == ("took", thing)]
    if not taken:
        return ""
    who = facts[taken[-1]][1]
    later = [place for did, w, place in facts[taken[-1] :] if (did, w) == ("went", who)]
    if not later:
        return ""
    return later[-1]


def _before_taking(facts: list, thing: str) -> str:
    """Where the one who took it was at that moment."""
    taken = [i for i, (did, _, what) in enumerate(facts) if (did, what) == ("took", thing)]
    if not taken:
        return ""
    return place_of(facts[: taken[-1] + 1], thing)


@exercise("pointers/facts", "where_is")
def _facts(where_is) -> str:
    again = [*_STORY, ("took", "pilot", "key"), ("went", "clerk", "tower")]
    with Comparison(alike=lambda got, right: got == right) as compare:
        for facts, thing in (
            (_STORY, "key"),  # carried on after it was taken
            (_STORY, "lamp"),  # not carried anywhere: where it was taken
            (again, "key"),  # taken by two, the second of whom stays where he is
            ([*_STORY, ("went", "cook", "tower"), ("went", "cook", "cellar")], "key"),
            ([("took", "cook", "map"), *_STORY, ("took", "cook", "map")], "map"),
            (_STORY, "map"),  # never taken
            ([("took", "clerk", "rope"), *_STORY], "rope"),  # by someone who never went anywhere
        ):
            place = place_of(facts, thing)
            got = where_is(list(facts), thing)
            if got is not None or place:  # None can be meant where the story does not say
                got = text(got)
            last = [place for did, _, place in facts if did == "went"][-1]
            compare(got, place, [
                (last, "that is the place named last, whoever went there"),
                (place_of(facts, thing, taken=0),
                 "it was taken again: the last of those who took it has it"),
                (place_of(facts, thing, went=0), "that is where that person went first"),
                (place_of(facts, thing, taken=0, went=0),
                 "of facts of one kind the last one holds, and you take the first"),
                (_after_taking(facts, thing),
                 "whoever took it was somewhere before, and may have stayed there"),
                (_before_taking(facts, thing),
                 "a thing goes along: it is where its bearer is now, not where it was taken"),
                (place or last, "a story that does not say where it is gets an empty text"),
                (place or None, "a story that does not say where it is gets an empty text"),
            ], case=call("where_is", facts, thing))  # fmt: skip
    return "right: two look-ups, and the second asks for what the first has found"


@exercise("pointers/gradient", "pull")
def _gradient(pull) -> str:
    with Comparison() as compare:
        for scores, g, own, places in (
            ([0.3, -1.0, 0.5, 2.0, 0.1], 0.0, 0.0, [1, 3]),  # the page's: the pointer alone
            ([1.0, 0.0, -0.5], 0.4, 0.3, [2]),  # the word can be said in both ways
            ([0.2, 0.4, 0.1, -2.0], 0.7, 0.0, [0, 1]),  # a new word: the gate cancels
            ([0.5, 1.5], 0.5, 0.6, []),  # it stands nowhere: nothing to be gained
            ([1.0, -1.0, 3.0], 0.2, 0.9, [0, 2]),  # the vocabulary alone would nearly do
        ):
            e = np.array(scores)
            a, here = softmax(e), np.isin(np.arange(len(e)), places)
            c = a[here].sum()
            p = g * own + (1 - g) * c
            right = -(1 - g) / p * a * (here - c)
            alone = a - here * a / c if places else a
            with np.errstate(all="ignore"):
                wrong = [
                    (-right, "the sign: this is the gradient of +ln p(w)"),
                    (alone, "that holds for g = 0: the vocabulary may say the word as well"),
                    (-a * (here - c), "divide by p(w): it is −ln p(w) whose gradient is asked for"),
                    (-a * (here - c) / p, "the factor 1 − g is missing"),
                    (-(1 - g) / p * a * here,
                     "the softmax has more than its diagonal: a score lowers other weights too"),
                    (-(1 - g) / p * (here - c), "each score's push goes with its own weight"),
                    (-(1 - g) / p * a * (1 - a) * here,
                     "a score of one place lowers the weights of the word's other places"),
                    (a - here, "that is for a target that is one place, not one word"),
                    (-(1 - g) / p * a * (here - a.max()), "subtract what lies on all its places"),
                ]  # fmt: skip
            case = equations(e=scores, g=g, own=own, places=places)
            got = array(pull(e.copy(), g, own, list(places)), {"m": len(e)}, finite=False)
            compare(got, right, wrong, case=case)
    return "right: a word that the vocabulary can say pulls less"


@dataclass
class _Shown:
    """A widget whose model takes some names for a start and others not."""

    stands_for = PointersWidget
    misread: tuple[str, ...]
    request: str = REQUESTS[0]
    start: str = "Atlantis"
    end: str = "Ghana"
    step: int = NAMES[0]

    @property
    def words(self) -> list[str]:
        names = {"A": self.start, "B": self.end}
        return [names.get(word, word) for word in self.request.split()]

    @property
    def reply(self) -> list[str]:
        words = ["from", self.start, "to", self.end, ",", "right", "?"]
        if self._fails:
            words[1] = "to"
        return words

    @property
    def right(self) -> bool:
        return not self._fails

    @property
    def _fails(self) -> bool:
        # A name that goes with itself is no journey: whoever counts it has another share.
        itself = self.start == self.end
        return itself or (self.start in self.misread and self.request == UNTRAINED)

    @property
    def gates(self) -> np.ndarray:
        return np.full(8, 0.01)

    @property
    def weights(self) -> np.ndarray:
        return np.full((8, len(self.words)), 1 / len(self.words))

    @property
    def probabilities(self) -> np.ndarray:
        return np.full(8, 0.99)


@exercise("pointers/widget", "share_right", sets=("request", "start", "end", "step"))
def _widget(share_right) -> str:
    with Comparison() as compare:
        for request, names, misread in (
            (UNTRAINED, ["Peru", "Ghana", "Fiji"], ("Ghana",)),
            (UNTRAINED, ["Peru", "Oz"], ()),  # none is misread
            (UNTRAINED, ["Chad", "Cuba", "Oz", "Peru"], ("Oz", "Cuba", "Peru")),
            (REQUESTS[1], ["Ghana", "Oz"], ("Ghana", "Oz")),  # for whoever sets another request
            (UNTRAINED, ["Ghana", "Oz"], ("Ghana", "Oz")),
        ):
            n = len(names)
            bad = sum(name in misread for name in names)
            always = 1 - bad / n
            share = always if request == UNTRAINED else 1.0
            pairs = n * (n - 1)
            got = number(share_right(_Shown(tuple(misread)), request, list(names)))
            compare(got, share, [
                (1 - share, "that is the share of the replies that are wrong"),
                (pairs * share, "that is how many are right, not which share"),
                (pairs * (1 - share), "that is how many are wrong, not which share is right"),
                (100 * share, "that is in percent; a share lies between 0 and 1"),
                (1.0, "you don't set `w.request`, so that it stays one that training had"),
                (always, "you set `w.request` to another one than you are given"),
                (pairs * share / n**2, "no name goes with itself: these pairs do not count"),
                (pairs * share / n, "divide by the pairs, not by the names"),
                (1.0 if share == 1 else 1 - float(names[0] in misread),
                 "that is for one pair: go through all of them, in either order"),
            ], case=call("share_right", "w", request, names))  # fmt: skip
    return "right"


written(
    "pointers/in-writing",
    "on_the_gate",
    points=[
        "The 0.9999 is the share that the gate leaves to the pointer: it says that the next word "
        "should be copied, not that the word it copies is the right one.",
        "Which word is copied, the attention weights say; they can lie on a wrong word with as "
        "little doubt.",
        "Both were learned from requests of three forms. On another form neither was tested, and "
        "probabilities say nothing about whether a request is like those.",
        "What would help: measure on forms that were held out, and ask back or refuse where a "
        "request fits none that was trained; a rule can do that.",
    ],
)
