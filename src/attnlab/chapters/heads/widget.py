"""Trained layers with 1, 2, 4 and 8 heads, whose heads can be looked at and switched off."""

import itertools
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
import traitlets
from torch import Generator, Tensor
from traitlets import TraitError

from attnlab.chapters.heads.models import Answerer, SentenceAnswerer, TableAnswerer
from attnlab.tasks.answers import right_answers
from attnlab.tasks.lookups import LookupBatch, Lookups
from attnlab.tasks.places import SENTENCE, WORDS, Places, PlacesBatch
from attnlab.widgets.base import LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Choice, Constants, Row, Whole, in_order

Kind = Literal["tables", "neighbors", "ends"]

HEADS = (1, 2, 4, 8)
TASK = Lookups(n_lookups=4, n_pairs=8, n_keys=8, n_values=8)
N_TESTS = 200
N_EXAMPLES = 24  # as many as four words have orders
N_QUESTIONS = {"tables": TASK.n_lookups, "neighbors": 2, "ends": 2}  # of each query


class HeadCount(Whole):
    """One of `HEADS`. Errors: TraitError for anything else."""

    def __init__(self):
        self.counts = HEADS
        super().__init__(1, max(HEADS), default=4)

    def validate(self, obj, value) -> int:
        number = super().validate(obj, value)
        if number not in HEADS:
            self.error(obj, value, info="{name} must be one of {counts}; got {value!r}")
        return number


class HeadNumbers(Row):
    """Different numbers from 0 to 7 as a sorted tuple. Errors: TraitError for anything else."""

    refusal = "{name} must be whole numbers from {item.min} to {item.max}; got {value!r}"

    def __init__(self):
        super().__init__(Whole(0, max(HEADS) - 1, default=0), default=())

    def validate(self, obj, value) -> tuple:
        try:  # a set will do here: it is sorted
            given = value if isinstance(value, set | frozenset) else in_order(value)
            return tuple(sorted({self.item.validate(obj, head) for head in given}))
        except (TypeError, TraitError):
            self.error(obj, value)


class HeadsWidget(LabWidget):
    """What each head of a trained layer looks at, and what is answered without some of them.

    Args:
        tables: for 1, 2, 4 and 8 heads, a `TableAnswerer` of four look-ups among eight pairs, with
            eight keys and eight values.
        neighbors: the same for `SentenceAnswerer`, trained on `Places("neighbors")`.
        ends: the same, trained on `Places("ends")`.
        task: whose maps are shown, "tables", "neighbors" or "ends".
        n_heads: of the layer, 1, 2, 4 or 8.
        off: the heads that are switched off, from 0; those that the layer has not are ignored.
        example: which of 24 held-out tables, or which of the 24 orders of “I love playing
            football”; 0 is the order just given.

    The page holds the parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set;
    ValueError for other models.

    >>> from attnlab.chapters.heads.models import SentenceAnswerer
    >>> tables = {h: TableAnswerer(TASK, 8, h) for h in HEADS}
    >>> words = {h: SentenceAnswerer(8, h) for h in HEADS}
    >>> w = HeadsWidget(tables, words, words, task="ends", n_heads=2)
    >>> w.d_k, w.weights.shape
    (4, (2, 4, 4))
    """

    _front_end = "widget.js"

    task = Choice(*N_QUESTIONS).tag(sync=True)
    n_heads = HeadCount().tag(sync=True)
    off = HeadNumbers().tag(sync=True)
    example = Whole(0, N_EXAMPLES - 1, default=0).tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _data = traitlets.Dict().tag(sync=True)
    _constants = Constants(words=WORDS, n_questions=N_QUESTIONS)

    def __init__(
        self,
        tables: Mapping[int, TableAnswerer],
        neighbors: Mapping[int, SentenceAnswerer],
        ends: Mapping[int, SentenceAnswerer],
        *,
        task: str = "tables",
        n_heads: int = 4,
        off: tuple = (),
        example: int = 0,
    ):
        models: dict[Kind, Mapping] = {"tables": tables, "neighbors": neighbors, "ends": ends}
        for name, by_heads in models.items():
            _check(name, by_heads, TableAnswerer if name == "tables" else SentenceAnswerer)
        packed = {
            name: {str(h): pack(by_heads[h]) for h in HEADS} for name, by_heads in models.items()
        }
        self._rounded = {
            (name, h): rounded(by_heads[h]) for name, by_heads in models.items() for h in HEADS
        }
        self._tests = {name: _tests(name) for name in models}
        self._examples = {name: _examples(name, self._tests[name]) for name in models}
        data = {
            name: {"tests": _plain(self._tests[name]), "examples": _plain(self._examples[name])}
            for name in models
        }
        super().__init__(
            task=task, n_heads=n_heads, off=off, example=example, _models=packed, _data=data
        )

    @property
    def d_k(self) -> int:
        """The width of a head."""
        return self._model.heads.d_k

    @property
    def weights(self) -> np.ndarray:
        """The weights in the example: `(h, 1, m)` for a table, `(h, n, n)` for a sentence."""
        with torch.no_grad():
            weights = self._model(self._shown)[1][0].numpy()
        return weights[:, None] if weights.ndim == 2 else weights

    @property
    def answers(self) -> np.ndarray:
        """What is answered in the example: `(4,)` for a table, `(n, 2)` for a sentence."""
        with torch.no_grad():
            return self._model(self._shown, head_mask=self._head_mask)[0].argmax(-1)[0].numpy()

    @property
    def right(self) -> float:
        """The share of right answers to 200 held-out tests."""
        return float(self._right.double().mean())

    @property
    def all_right(self) -> float:
        """The share of the tests in which all answers are right."""
        return float(self._right.flatten(1).all(1).double().mean())

    @property
    def _shown(self) -> LookupBatch | PlacesBatch:
        return _pick(self._examples[self.task], slice(self.example, self.example + 1))

    @property
    def _model(self) -> Answerer:
        return self._rounded[self.task, self.n_heads]

    @property
    def _right(self) -> Tensor:
        return right_answers(self._model, self._tests[self.task], head_mask=self._head_mask)

    @property
    def _head_mask(self) -> Tensor:
        return torch.tensor([float(i not in self.off) for i in range(self.n_heads)])


def _check(name: str, models: Mapping, kind: type) -> None:
    given = {
        h: (type(m).__name__, m.heads.n_heads, m.read_out.out_features) for h, m in models.items()
    }
    outputs = 32  # four questions with eight answers, or two with sixteen
    expected = {h: (kind.__name__, h, outputs) for h in HEADS}
    if given != expected:
        raise ValueError(
            f"{name}: expected the kind, heads and outputs of the models to be {expected}, "
            f"got {given}"
        )


def _tests(name: Kind) -> LookupBatch | PlacesBatch:
    task = TASK if name == "tables" else Places(name)
    return task.batch(N_TESTS, split="test", generator=Generator().manual_seed(0))


def _examples(name: Kind, tests: LookupBatch | PlacesBatch) -> LookupBatch | PlacesBatch:
    """The first tests, or our sentence in every order."""
    if name == "tables":
        return _pick(tests, slice(N_EXAMPLES))
    orders = list(itertools.permutations(WORDS.index(word) for word in SENTENCE))
    words = torch.tensor(orders)
    return PlacesBatch(words, Places(name).targets(words))


def _pick(batch: LookupBatch | PlacesBatch, places: slice) -> LookupBatch | PlacesBatch:
    """A part of the batch."""
    return type(batch)(**{name: rows[places] for name, rows in vars(batch).items()})


def _plain(batch: LookupBatch | PlacesBatch) -> dict:
    """Inputs and targets as lists of whole numbers, for the browser."""
    table = isinstance(batch, LookupBatch)
    names = ("keys", "values", "asked") if table else ("words",)
    return {
        "inputs": [getattr(batch, name).tolist() for name in names],
        "targets": batch.targets.flatten(1).tolist(),
    }
