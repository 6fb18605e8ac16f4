"""Train speakers with and without a pointer, and readers of stories; store what they get right.

    python -m attnlab.chapters.pointers.experiment

The names of places are the one-word names of territories in English in the Unicode CLDR, which the
package Babel brings; they are stored with the results. Cells are stored as they finish, so the
script can be stopped and started again; delete the result to measure all of it anew (five minutes
of one core).
"""

import random
from collections.abc import Iterator

import torch
from babel import Locale

from attnlab.chapters.pointers.journeys import UNTRAINED, Journeys
from attnlab.chapters.pointers.models import MemoryNetwork, share_answered, train_reader
from attnlab.chapters.pointers.speakers import NAMES as STEPS
from attnlab.chapters.pointers.speakers import (
    copying,
    nameless,
    names_right,
    pointer,
    replaced,
    share_replaced,
    share_right,
    train,
    vocabulary_alone,
)
from attnlab.chapters.pointers.stories import WHAT, WHO, last_place, numbered, story
from attnlab.models.pointer import PointerGenerator
from attnlab.stored import complete
from attnlab.training.fitting import seed_everything

SEEDS = (0, 1, 2, 3, 4)
SPEAKING_STEPS, READING_STEPS = 500, 1500
N_TEST = 1000
NO_TERRITORIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}  # unions, tests and the unknown


def names() -> dict[str, tuple[str, ...]]:
    """The names in alphabetical order, of which every third is new."""
    found = sorted(
        name
        for code, name in Locale("en").territories.items()
        if code.isalpha() and code not in NO_TERRITORIES and name.isalpha()
    )
    new = tuple(found[::3])
    return {"known": tuple(name for name in found if name not in new), "new": new}


def speakers() -> Iterator[dict]:
    for seed in SEEDS:
        for kind in ("pointer", "vocabulary", "replaced"):
            yield {"speaker": kind, "steps": SPEAKING_STEPS, "seed": seed}
        yield {"speaker": "vocabulary", "steps": 4 * SPEAKING_STEPS, "seed": seed}


def speak(todo: dict) -> dict:
    """The cell, with the share of replies that are right, for names that are known and new; of look
    and replace also how often the first name is right, and how often the second.

    Of the request that is in no training batch: the share with both names right, and what share of
    the probability the pointer has when they are said.
    """
    seed_everything(todo["seed"])
    journeys, kind = Journeys(**NAMES), todo["speaker"]
    taught = nameless(journeys) if kind == "replaced" else journeys
    model = (pointer if kind == "pointer" else vocabulary_alone)(taught)
    batches = (taught.without_new(b) if kind != "pointer" else b for b in
               taught.batches(64, seed=todo["seed"], names=journeys.known))  # fmt: skip
    train(model, batches, todo["steps"])
    cell, rng = dict(todo), random.Random(0)
    for which in ("known", "new"):
        drawn = taught.batch(N_TEST, rng=rng, names=NAMES[which])
        if kind == "replaced":
            named = replaced(model, taught, drawn)[:, STEPS] == drawn.tgt_out[:, STEPS]  # (B, 2)
            cell[which] = share_replaced(model, taught, drawn)
            cell[f"{which}, as <unk>"] = share_right(model, taught, taught.without_new(drawn))
            cell[f"{which}, names"] = [round(share, 3) for share in named.double().mean(0).tolist()]
            continue
        cell[which] = share_right(model, taught, drawn)
        drawn = taught.batch(N_TEST, rng=rng, names=NAMES[which], requests=(UNTRAINED,))
        cell[f"{which}, untrained"] = names_right(model, taught, drawn)
        if isinstance(model, PointerGenerator):
            cell[f"{which}, untrained, pointed"] = round(copying(model, drawn).mean().item(), 4)
    return cell


def readers() -> Iterator[dict]:
    plain = {"hops": 2, "start": 0.1, "scaled": False, "ages": True, "two": None, "told": 0.0}
    for seed in SEEDS:
        for change in (
            {},
            {"start": 1.0},
            {"start": 1.0, "scaled": True},
            {"start": 1.0, "told": 0.1},
            {"two": True},  # no questions that one fact answers
            {"two": True, "told": 0.1},
            {"hops": 1},
            {"ages": False},
        ):
            yield {**plain, **change, "steps": READING_STEPS, "seed": seed}


def read(todo: dict) -> dict:
    """The cell, with the share of right answers to questions that take one fact and two, in stories
    of ten facts and of twenty, and how often the first hop's and the last hop's largest weights are
    on the facts that it takes two of."""
    seed_everything(todo["seed"])
    settings = {name: todo[name] for name in ("start", "scaled", "ages")}
    model = MemoryNetwork(n_hops=todo["hops"], **settings)
    train_reader(model, todo["steps"], seed=todo["seed"], told=todo["told"], two=todo["two"])
    cell, rng = dict(todo), random.Random(0)
    for n_facts in (10, 20):
        for two, words in ((False, "one fact"), (True, "two facts")):
            b = numbered([story(rng, n_facts=n_facts, two=two) for _ in range(N_TEST)])
            name = words if n_facts == 10 else f"{words} of {n_facts}"
            cell[name] = round(share_answered(model, b), 3)
            if name == "two facts":
                with torch.no_grad():
                    tops = model(b)[1].argmax(-1)  # (B, H)
                cell["first hop"] = round((tops[:, 0] == b.needed[:, 0]).double().mean().item(), 3)
                cell["last hop"] = round((tops[:, -1] == b.needed[:, 1]).double().mean().item(), 3)
    return cell


def rule_of_thumb() -> dict[str, float]:
    """How often the place that a story names last is right."""
    rng = random.Random(0)
    shares = {}
    for two, words in ((False, "one fact"), (True, "two facts")):
        stories = [story(rng, two=two) for _ in range(10 * N_TEST)]
        shares[words] = sum(last_place(s) == s.place for s in stories) / len(stories)
    return shares


NAMES = names()

if __name__ == "__main__":
    head = {
        "names_from": "one-word names of territories in English, Unicode CLDR, by Babel",
        "names_licence": "Unicode License v3, https://www.unicode.org/license.txt",
        "names": NAMES,
        "people": WHO,
        "things": WHAT,
        "last_place": rule_of_thumb(),
    }
    complete("pointers", head, speakers=(speakers(), speak), readers=(readers(), read))
