"""Train the model of the chapter `start/ten-minutes` from many seeds, and store what each reads.

    python -m attnlab.chapters.ten_minutes.experiment     # a minute of one core

The task, the model and the training are those of the chapter. Then “it” asks, in one layer or two,
and answers with what it has read, or with the noun that it reads most. Where it asks once and
answers with what it has read, what the last word adds to that is measured too.
"""

from collections.abc import Iterator
from functools import partial
from itertools import product

import torch

from attnlab.chapters.ten_minutes.models import STEPS, ItAsks, measured, trained
from attnlab.chapters.ten_minutes.sentences import WORDS, sentences, tokens, words_of
from attnlab.stored import complete

SEEDS = range(20)
UNREAD = 0.05  # a noun with less of the weight is hardly read
THE = WORDS.index("the")


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        yield {"seed": seed}


def measure(todo: dict) -> dict:
    """The cell, with the share of held-out answers that are right, and the weights on the nouns.

    Of the answers that are right, `right_unread` hardly looked at their noun. These are about so
    many `nouns_unread`, and `by_default` of them stay the same when both nouns are taken out.
    """
    model = trained(todo["seed"])
    batch = sentences("test")
    right, on_meant, on_other = measured(model, batch)
    unread = right & (on_meant < UNREAD)
    without = batch.words.masked_fill(batch.at(batch.meant) | batch.at(batch.other), THE)
    with torch.no_grad():
        stays = model(without)[0].argmax(1) == batch.meant
    return {
        **todo,
        "right": round(right.double().mean().item(), 4),
        "mean_on_meant": round(on_meant.mean().item(), 4),
        "least_on_meant": round(on_meant.min().item(), 4),
        "most_on_other": round(on_other.max().item(), 4),
        "right_unread": round((on_meant[right] < UNREAD).double().mean().item(), 4),
        "nouns_unread": len(set(batch.meant[unread].tolist())),
        "by_default": round(stays[unread].double().mean().item(), 4) if unread.any() else None,
    }


def cells_of_it() -> Iterator[dict]:
    for layers, points, seed in product((1, 2), (True, False), range(5)):
        yield {"layers": layers, "points": points, "seed": seed}


def measure_it(todo: dict) -> dict:
    """The cell, with the share of held-out answers that are right, and what “it” reads on average.

    `ahead` is the share of sentences in which the noun meant gets more weight than the other.
    """
    kind = partial(ItAsks, todo["layers"], points=todo["points"])
    right, on_meant, on_other = measured(trained(todo["seed"], kind), sentences("test"))
    return {
        **todo,
        "right": round(right.double().mean().item(), 4),
        "mean_on_meant": round(on_meant.mean().item(), 4),
        "mean_on_other": round(on_other.mean().item(), 4),
        "ahead": round((on_meant > on_other).double().mean().item(), 4),
    }


def cells_of_mixture() -> Iterator[dict]:
    for seed in range(5):
        yield {"seed": seed}


def measure_mixture(todo: dict) -> dict:
    """The cell, with what “it” reads where it asks once and need not point, and what that says.

    First the weights of “it” in the chapter's sentence, with either last word, and how much it
    reads of the last word on average. The read-out is linear, so the logits are a sum with a part
    for each word that was read. In so many sentences the part of a `noun` speaks for this noun more
    than for any other, and the part of the `last` word for the noun that is meant more than for the
    other; without the last word's part so many answers are right.
    """
    model = trained(todo["seed"], partial(ItAsks, 1, points=False))
    batch = sentences("test")
    with torch.no_grad():
        shown = {
            last: model(tokens(words_of(0, "animal", "street", last)))[1][0]
            for last in ("tired", "wide")
        }
        logits, weights = model(batch.words)
        values = model.get_submodule("layers.0.value")(model.word(batch.words))
        read = weights[:, :, None] * values  # (B, n, d)
        parts = model.read_out(read)  # (B, n, 24)
    of_last = parts[:, -1]
    for_meant, for_other = (
        of_last.gather(1, nouns[:, None])[:, 0] for nouns in (batch.meant, batch.other)
    )
    of_nouns = [
        (parts[batch.at(nouns)].argmax(1) == nouns).double().mean().item()
        for nouns in (batch.meant, batch.other)
    ]
    right = (logits - of_last).argmax(1) == batch.meant
    return {
        **todo,
        **{last: [round(weight, 4) for weight in found.tolist()] for last, found in shown.items()},
        "mean_on_last": round(weights[:, -1].mean().item(), 4),
        "noun_for_itself": round(min(of_nouns), 4),
        "last_for_meant": round((for_meant > for_other).double().mean().item(), 4),
        "right_without_last": round(right.double().mean().item(), 4),
    }


if __name__ == "__main__":
    complete(
        "ten_minutes",
        {"steps": STEPS},
        cells=(cells(), measure),
        it=(cells_of_it(), measure_it),
        mixture=(cells_of_mixture(), measure_mixture),
    )
