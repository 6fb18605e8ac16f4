"""Heads of untrained models that can be spared, and what else is taken for them."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import torch

from attnlab.chapters.transformer.widget import TransformerWidget
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar

BEFORE = {"translation": "we buy tea", "dates": "11/23/2027"}  # what the widget reads at first


@cache
def untrained(h: int) -> TransformerWidget:
    """A widget of h heads. It is made once, since that takes a second."""
    torch.manual_seed(SEEDS[h])
    dates, grammar = Dates(), Grammar()
    translator, dater = (
        Transformer(
            len(task.src_vocabulary), len(task.tgt_vocabulary), d_model=4 * h, n_heads=h,
            n_layers=1, d_ff=8, dropout=0.0,
        )
        for task in (grammar, dates)
    )  # fmt: skip
    return TransformerWidget(translator, dater, dates)


# With these some heads are needed, some not, and each misconception gives other heads.
SEEDS = {3: 12, 5: 7}


def set_to(w: TransformerWidget, task: str, source: str, off: tuple[str, ...] = ()) -> None:
    """Set all that a learner may have set, but for what is shown."""
    w.task, w.source, w.heads_off = task, source, off


@cache
def spared(h: int, task: str, source: str, off: tuple[str, ...]) -> tuple[set, dict[str, set]]:
    """The heads of the widget that can be spared, and what misconceptions give."""
    w, every = untrained(h), range(1, h + 1)
    set_to(w, task, BEFORE[task])

    @cache
    def output(source: str, heads_off: tuple[str, ...]) -> str:
        w.source, w.heads_off = source, heads_off
        return w.output

    def without(
        kind: str = "cross",
        on: tuple[str, ...] = (),
        look: Callable[[str], Any] = str,
        source: str = source,
        more: Callable[[int], Iterable[str]] = lambda _: (),
    ) -> set[int]:
        """`on`: what is off throughout; `more`: what else is off with head k."""
        whole = look(output(source, on))
        return {k for k in every if look(output(source, (*on, *more(k), f"{kind} {k}"))) == whole}

    other_source = without(source=w.source)
    right, one_by_one = without(), set()
    for k in every:
        off_with = tuple(f"cross {i}" for i in (*sorted(one_by_one), k))
        one_by_one |= {k} if output(source, off_with) == output(source, ()) else set()
    if w.message:
        return set(), {"refused": right, "other source": other_source}
    return right, {
        "refused": right,
        "other source": other_source,
        "needed": {*every} - right,
        "from 0": {k - 1 for k in right},
        "four": right & {1, 2, 3, 4},
        "one by one": one_by_one,
        "other task": set() if task == "dates" else right,
        "whole": {k for k in every if output(source, (f"cross {k}",)) == output(source, off)},
        "together": without(more=lambda k: [f"cross {i}" for i in range(1, k)]),
        "left off": without(on=off),
        "encoder": without("encoder"),
        "decoder": without("decoder"),
        "length": without(look=len),
        "first": without(look=lambda written: written[:1]),
    }
