"""Train Transformers on numbers and on strings, and store what they say of new ones.

    python -m attnlab.chapters.translation.experiment     # seven minutes of one core

Cells are stored as they finish, so the script can be stopped and started again; delete
`results.json` to measure all of it anew.
"""

from collections.abc import Iterator

from attnlab.chapters.translation import numbers, strings
from attnlab.chapters.translation.scoring import chrf, right_share
from attnlab.chapters.translation.training import (
    aligned,
    number_writer,
    said_numbers,
    said_strings,
    string_translator,
)
from attnlab.stored import complete

SEEDS = (0, 1, 2)
NUMBER_STEPS, STRING_STEPS = 500, 1000
SPLITS = {"key": strings.split_by_key, "row": strings.split_by_row}
LOVE = "I love programming"


def number_cells() -> Iterator[dict]:
    for seed in SEEDS:
        yield {"seed": seed, "steps": NUMBER_STEPS}


def measure_numbers(cell: dict) -> dict:
    """The shares that are right: of new numbers, and of ones with many zeros or nine digits."""
    train, test = numbers.split(cell["seed"])
    model = number_writer(train, cell["steps"], seed=cell["seed"])
    nine = numbers.drawn(200, cell["seed"], digits=(9,))
    zeros = numbers.with_zeros(400, cell["seed"])
    return {
        **cell,
        "right": right_share(said_numbers(model, test), [*map(numbers.chinese, test)]),
        "zeros": right_share(said_numbers(model, zeros), [*map(numbers.chinese, zeros)]),
        "nine": right_share(said_numbers(model, nine), [*map(numbers.chinese, nine)]),
        "aligned": round(aligned(model, test), 4),
    }


def string_cells() -> Iterator[dict]:
    for split in SPLITS:
        for seed in SEEDS:
            yield {"split": split, "seed": seed, "steps": STRING_STEPS}


def measure_strings(cell: dict) -> dict:
    """What a translator says of the test strings, and of a sentence that no program says."""
    train, test = SPLITS[cell["split"]](cell["seed"])
    translator = string_translator(train, cell["steps"], seed=cell["seed"])
    *said, love = said_strings(translator, [*(english for english, _ in test), LOVE])
    right = [chinese for _, chinese in test]
    found = {
        **cell,
        "parameters": sum(p.numel() for p in translator.model.parameters()),
        "right": right_share(said, right),
        "love": love,
    }
    if cell["split"] == "row":
        return found
    return found | {"chrf": round(chrf(said, right), 4), "said": said}


if __name__ == "__main__":
    complete(
        "translation", {},
        numbers=(number_cells(), measure_numbers), strings=(string_cells(), measure_strings),
    )  # fmt: skip
