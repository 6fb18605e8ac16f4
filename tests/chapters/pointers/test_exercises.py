"""Exercises on pointers: right answers pass, wrong ones get their hint."""

from itertools import product

import numpy as np
import torch

from attnlab.chapters.pointers.journeys import UNTRAINED
from attnlab.chapters.pointers.stories import needed_facts
from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of


def in_a_loop(g, own, weights, places):
    p = g * own
    for place in places:
        p += (1 - g) * float(weights[place])
    return p


def mixed(add):
    """The vocabulary's share, and what `add` does with the pointer's."""

    def mix(g, own, weights, src, n_words):
        p = np.zeros(n_words)
        p[: len(own)] = g * own
        add(p, src, (1 - g) * weights)
        return p

    return mix


def scattered(g, own, weights, src, n_words):
    p = torch.zeros(n_words, dtype=torch.float64)
    p[: len(own)] = g * torch.from_numpy(own).double()
    return p.scatter_add(0, torch.from_numpy(src), (1 - g) * torch.from_numpy(weights).double())


def made_to_sum(*given):
    p = mixed(np.add.at)(*given)
    return p / p.sum()


def one_by_one(p, src, x):
    for word, share in zip(src, x, strict=True):
        p[word] += share


def buggy(p, src, x):
    p[src] += x


def replacing(p, src, x):
    p[src] = x


def counted(p, src, x):
    np.add.at(p, src, x / np.bincount(src)[src])


def largest(p, src, x):
    most = np.zeros_like(p)
    np.maximum.at(most, src, x)
    p += most


def in_two_passes(facts, thing):
    bearer = place = ""
    for did, who, what in facts:
        if (did, what) == ("took", thing):
            bearer = who
    for did, who, what in facts:
        if (did, who) == ("went", bearer):
            place = what
    return place


def backwards(facts, thing):
    bearer = next((w for d, w, x in reversed(facts) if (d, x) == ("took", thing)), None)
    return next((x for d, w, x in reversed(facts) if (d, w) == ("went", bearer)), "")


def by_indices(facts, thing):
    took = [i for i, (did, _, what) in enumerate(facts) if (did, what) == ("took", thing)]
    needed = needed_facts(facts, facts[took[-1]][1]) if took else None
    return facts[needed[-1]][2] if needed else ""


def named_last(facts, thing):
    return [what for did, _, what in facts if did == "went"][-1]


def first_taker(facts, thing):
    bearer = next((w for d, w, x in facts if (d, x) == ("took", thing)), None)
    return next((x for d, w, x in reversed(facts) if (d, w) == ("went", bearer)), "")


def first_place(facts, thing):
    bearer = next((w for d, w, x in reversed(facts) if (d, x) == ("took", thing)), None)
    return next((x for d, w, x in facts if (d, w) == ("went", bearer)), "")


def first_of_both(facts, thing):
    bearer = next((w for d, w, x in facts if (d, x) == ("took", thing)), None)
    return next((x for d, w, x in facts if (d, w) == ("went", bearer)), "")


def on_the_way(facts, thing):
    """In one pass: only where the bearer goes after having taken it."""
    bearer = place = ""
    for did, who, what in facts:
        if (did, what) == ("took", thing):
            bearer, place = who, ""
        elif (did, who) == ("went", bearer):
            place = what
    return place


def where_taken(facts, thing):
    where, place = {}, ""
    for did, who, what in facts:
        if did == "went":
            where[who] = what
        elif what == thing:
            place = where.get(who, "")
    return place


def or_named_last(facts, thing):
    return in_two_passes(facts, thing) or named_last(facts, thing)


def parts(e, g, own, places):
    a, here = softmax(e), np.isin(np.arange(len(e)), places)
    c = a[here].sum()
    return a, here, c, g * own + (1 - g) * c


def pull(e, g, own, places):
    a, here, c, p = parts(e, g, own, places)
    return -(1 - g) / p * a * (here - c)


def by_jacobian(e, g, own, places):
    a, here, _, p = parts(e, g, own, places)
    return -(1 - g) / p * (np.diag(a) - np.outer(a, a)) @ here


def by_autograd(e, g, own, places):
    scores = torch.tensor(e, requires_grad=True)
    p = g * own + (1 - g) * scores.softmax(0)[places].sum()
    (-torch.log(p)).backward()
    return scores.grad


def from_parts(formula):
    return lambda e, g, own, places: formula(g, *parts(e, g, own, places))


def pairs(names):
    return [(start, end) for start in names for end in names if start != end]


def rights(w, request, asked):
    w.request, found = request, []
    for w.start, w.end in asked:
        found.append(bool(w.right))
    return found


def by_reply(w, request, names):
    w.request, found = request, []
    for w.start, w.end in pairs(names):
        found.append([w.reply[1], w.reply[3]] == [w.start, w.end])
    return np.mean(found)


def of_pairs(count):
    return lambda w, request, names: count(rights(w, request, pairs(names)), names)


RIGHT = {
    "mix": [
        lambda g, own, weights, places: g * own + (1 - g) * weights[np.array(places, int)].sum(),
        in_a_loop,
        lambda g, own, weights, places: (
            g * own + (1 - g) * np.isin(np.arange(len(weights)), places) @ weights
        ),
    ],
    "bug": [mixed(np.add.at), scattered, mixed(one_by_one), made_to_sum],
    "facts": [in_two_passes, backwards, by_indices],
    "gradient": [pull, by_jacobian, by_autograd],
    "widget": [of_pairs(lambda found, names: np.mean(found)), by_reply,
               of_pairs(lambda found, names: found.count(True) / len(found))],
    "in-writing": ["The gate says that a word is copied, and not which."],
}  # fmt: skip
WRONG = {
    "mix": [
        (lambda g, own, a, i: (1 - g) * own + g * a[i].sum() if i else (1 - g) * own,
         "the gate is the share of the vocabulary"),
        (lambda g, own, a, i: own + (a[i].sum() if i else 0), "the gate is missing"),
        (lambda g, own, a, i: g * own + (1 - g) * (a[i].max() if i else 0), "the heaviest alone"),
        (lambda g, own, a, i: g * own + (1 - g) * (a[i[0]] if i else 0), "the first alone"),
        (lambda g, own, a, i: g * own + (1 - g) * (a[i[-1]] if i else 0), "the last alone"),
        (lambda g, own, a, i: g * own + (1 - g) * (a[i].mean() if i else 0), "not averaged"),
        (lambda g, own, a, i: (1 - g) * (a[i].sum() if i else 0), "the vocabulary has a share"),
        (lambda g, own, a, i: g * own, "the pointer has a share"),
        (lambda g, own, a, i: g * own + (a[i].sum() if i else 0), "get the share 1 − g"),
        (lambda g, own, a, i: g * own * (1 - g) * (a[i].sum() if i else 0), "do not multiply"),
        (lambda g, own, a, i: a, "should be one number"),
    ],
    "bug": [
        (mixed(buggy), "only the last counts"),
        (mixed(largest), "the heaviest counts"),
        (mixed(replacing), "loses its own share"),
        (lambda g, *rest: mixed(np.add.at)(1 - g, *rest), "the gate is the share"),
        (lambda g, own, a, *rest: mixed(np.add.at)(0.5, 2 * own, 2 * a, *rest), "the sum is 2"),
        (lambda g, own, *rest: mixed(np.add.at)(g, 0 * own, *rest), "share is missing"),
        (lambda g, own, a, *rest: mixed(np.add.at)(g, own, a / (1 - g), *rest),
         "get the share 1 − g"),
        (mixed(counted), "not averaged"),
        (lambda g, own, a, src, n: mixed(np.add.at)(g, own, a, src, n)[:-1], "should have shape"),
        (lambda *given: print(mixed(np.add.at)(*given)), "is a `return` missing?"),
    ],
    "facts": [
        (named_last, "the place named last"),
        (first_taker, "taken again"),
        (first_place, "went first"),
        (first_of_both, "you take the first"),
        (on_the_way, "may have stayed there"),
        (where_taken, "not where it was taken"),
        (or_named_last, "gets an empty text"),
        (lambda *given: in_two_passes(*given) or None, "gets an empty text"),
        (lambda *given: print(in_two_passes(*given)), "is a `return` missing?"),
        (lambda facts, thing: 3, "should be text"),
        (lambda facts, thing: thing, "expected 'garden', got 'key'"),
    ],
    "gradient": [
        (lambda *given: -pull(*given), "the sign"),
        (from_parts(lambda g, a, here, c, p: a - (here * a / c if c else 0)), "holds for g = 0"),
        (from_parts(lambda g, a, here, c, p: -a * (here - c)), "divide by p(w)"),
        (from_parts(lambda g, a, here, c, p: -a * (here - c) / p), "1 − g is missing"),
        (from_parts(lambda g, a, here, c, p: -(1 - g) / p * a * here), "its diagonal"),
        (from_parts(lambda g, a, here, c, p: -(1 - g) / p * (here - c)), "its own weight"),
        (from_parts(lambda g, a, here, c, p: -(1 - g) / p * a * (1 - a) * here), "other places"),
        (from_parts(lambda g, a, here, c, p: a - here), "one place, not one word"),
        (from_parts(lambda g, a, here, c, p: -(1 - g) / p * a * (here - a.max())),
         "on all its places"),
        (lambda e, *_: e[:-1], "should have shape"),
    ],
    "widget": [
        (of_pairs(lambda found, names: 1 - np.mean(found)), "the replies that are wrong"),
        (of_pairs(lambda found, names: sum(found)), "how many are right"),
        (of_pairs(lambda found, names: found.count(False)), "how many are wrong"),
        (of_pairs(lambda found, names: 100 * np.mean(found)), "in percent"),
        (lambda w, _, names: np.mean(rights(w, UNTRAINED, pairs(names))), "another one than"),
        (lambda w, request, names: np.mean(rights(w, w.request, pairs(names))), "you don't set"),
        (of_pairs(lambda found, names: sum(found) / len(names) ** 2), "with itself"),
        (lambda w, request, names: np.mean(rights(w, request, product(names, names))),
         "with itself"),
        (of_pairs(lambda found, names: sum(found) / len(names)), "not by the names"),
        (lambda w, request, names: float(rights(w, request, [names[:2]])[0]), "for one pair"),
        (lambda w, request, names: w.right, "should be one number"),
        (lambda w, request, names: "all", "should be one number"),
    ],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("pointers", RIGHT, WRONG)
