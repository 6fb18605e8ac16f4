"""Train readers of made-up families and of real peptides, and store what they get right.

    python -m attnlab.chapters.proteins.experiment     # some ten minutes of one core

The families are drawn. The peptides come with modlamp, an extra: only numbers of them are stored.
Cells are stored as they finish, so the script can be stopped and started again.
"""

from collections.abc import Iterator

import numpy as np

from attnlab.chapters.proteins import peptides
from attnlab.chapters.proteins.maps import (
    inverse_covariance,
    mutual_information,
    precision,
    product_corrected,
    ranked,
)
from attnlab.chapters.proteins.models import head_maps, jacobian_map, regression_map, train
from attnlab.stored import complete
from attnlab.tasks.families import Family
from attnlab.training.fitting import seed_everything

STEPS, LONG = 1000, 3000  # of training
SEQUENCES = 10_000
SEEN, CHANGED = 500, 20  # sequences whose weights are averaged, and in which letters are changed


def readers() -> Iterator[dict]:
    for steps in (STEPS, LONG):
        for seed in range(3):
            yield {"n": SEQUENCES, "steps": steps, "seed": seed, "family": seed}


def measure(todo: dict) -> dict:
    """The cell, with the precision of each map that is in a trained reader; and how many of the
    strongest pairs of the mean of its heads are indirect."""
    family = Family(todo["family"])
    x, contacts = family.sample(todo["n"], seed=1), family.contact_map
    seed_everything(todo["seed"])
    model = train(x, family.n_letters, steps=todo["steps"], seed=todo["seed"])
    heads = head_maps(model, x[:SEEN])
    mean = product_corrected(heads.mean(0))
    strongest = ranked(mean)[: len(family.contacts)]
    regressions = [regression_map(heads, contacts, split) for split in range(5)]
    found = {
        "attention": precision(mean, contacts),
        "indirect": sum(family.indirect_map[pair] for pair in strongest),
        "heads": [precision(product_corrected(head), contacts) for head in heads],
        "regression": np.mean([precision(each, contacts) for each in regressions]),
        "jacobian": precision(
            product_corrected(jacobian_map(model, x[:CHANGED], family.n_letters)), contacts
        ),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    return {**todo, **{name: np.round(value, 3).tolist() for name, value in found.items()}}


def shown() -> Iterator[dict]:
    """What the widget shows."""
    for n in (30, 100, 300, 1000, 3000, 10_000):
        yield {"family": 0, "n": n, "seed": 0}


def maps(todo: dict) -> dict:
    """The cell, with three maps: a number for each pair, in thousandths of the largest."""
    family = Family(todo["family"])
    x, q = family.sample(todo["n"], seed=1), family.n_letters
    seed_everything(todo["seed"])
    heads = head_maps(train(x, q, steps=LONG, seed=todo["seed"]), x[:SEEN])
    found = {
        "information": mutual_information(x, q),
        "inverse": inverse_covariance(x, q),
        "attention": heads.mean(0),
    }
    pairs = np.triu_indices(family.length, 1)
    rows = {name: product_corrected(each)[pairs] for name, each in found.items()}
    rounded = {name: np.rint(1000 * row / row.max()) for name, row in rows.items()}
    return {**todo, **{name: row.astype(int).tolist() for name, row in rounded.items()}}


if __name__ == "__main__":
    head = {
        "source": "families are drawn; peptides: modlamp 4.3.3, BSD 3-Clause, with sequences of "
        "APD3 and UniProt (CC BY 4.0), of which only numbers are stored",
        "data": peptides.counted(),
    }
    complete(
        "proteins", head,
        peptides=(peptides.peptides(), peptides.read), maps=(shown(), maps),
        readers=(readers(), measure),
    )  # fmt: skip
