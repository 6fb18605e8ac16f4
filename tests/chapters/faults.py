"""Run a chapter's cells with a planted fault, and see which of its claims notice."""

import copy
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

import pytest

import attnlab
from attnlab import claims
from tests.book.books import ROOT

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = re.compile(r"\A(?:---\n.*?\n---\n|(?::[^\n]*\n)+)", re.DOTALL)


def cells_of(page: str) -> list[str]:
    """The code of a page's cells in their order, without its figures, exercises and solutions."""
    text = (ROOT / "book" / page).read_text("utf-8").partition("\n## Exercises\n")[0]
    cells = [OPTIONS.sub("", cell) for cell in CELL.findall(text)]
    return [cell for cell in cells if "plt.show()" not in cell]


def failing_claims(
    page: str, *, until: str = "", edits: dict[str, str] | None = None, skip: Sequence[str] = ()
) -> set[str]:
    """The names of the claims that fail, up to the cell in which the claim `until` stands.

    Args:
        page: the chapter's source, below `book/`.
        until: the last claim of interest; without it all cells run.
        edits: what to replace in the source, by what. Each must occur.
        skip: leave out the cells in which one of these stands.

    Other faults are planted by patching `attnlab` before the call.
    """
    cells = cells_of(page)
    for old, new in (edits or {}).items():
        assert any(old in cell for cell in cells), f"{page} has no cell with {old!r}"
        cells = [cell.replace(old, new) for cell in cells]
    failed: set[str] = set()
    names: dict = {}
    for cell in cells:
        if not any(part in cell for part in skip):
            exec(compile(cell, page, "exec"), names)
            names["claim"] = _Recorder(failed)  # whatever the imports gave
        if until and f'"{until}"' in cell:
            return failed
    assert not until, f"{page} has no claim {until!r}"
    return failed


@contextmanager
def remembered_training(kind: Callable[[object], Hashable]) -> Iterator[dict[Hashable, list[dict]]]:
    """What `attnlab.fit` makes of the models in here: their parameters, by kind, in order."""
    fit, found = attnlab.fit, {}

    def remember(model, *args, **kwargs):
        losses = fit(model, *args, **kwargs)
        found.setdefault(kind(model), []).append(copy.deepcopy(model.state_dict()))
        return losses

    attnlab.fit = remember
    try:
        yield found
    finally:
        attnlab.fit = fit


@contextmanager
def replaceable_training(*modules: ModuleType) -> Iterator[None]:
    """In here the training of these modules is that of `attnlab`, whatever a test makes of it."""

    def fit(*args, **kwargs):
        return attnlab.fit(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(module, "fit", fit)
        yield


def recalled(found: dict[Hashable, list[dict]], kind: Callable[[object], Hashable]) -> Callable:
    """An `attnlab.fit` that gives a model what training made of its kind, in the same order."""
    left = copy.deepcopy(found)

    def fit(model, *_, **__) -> None:
        states = left[kind(model)]
        model.load_state_dict(states.pop(0) if len(states) > 1 else states[0])
        model.eval()

    return fit


class _Recorder:
    """A `claim` that remembers which ones fail, and lets the chapter go on."""

    def __init__(self, failed: set[str]):
        self.failed = failed

    def __call__(self, *args, name: str, **kwargs) -> None:
        try:
            claims.claim(*args, name=name, **kwargs)
        except claims.ClaimFailed:
            self.failed.add(name)
