"""What a model must have to be decoded from, and a step of it whose answer is looked at."""

import math
from typing import Any, Protocol, TypeVar

from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings


class State(Protocol):
    """What a model remembers from step to step."""

    def select(self, rows: Tensor) -> None: ...


S = TypeVar("S", bound=State)


class Model(Protocol[S]):
    """What can be decoded from."""

    def start(self, src: Tensor, *, max_len: int, src_mask: Tensor | None = None) -> S: ...

    def step(self, tokens: Tensor, state: S) -> Tensor: ...


def check_arguments(model: Any, src: Tensor, *, bos: int, eos: int, max_len: int) -> None:
    """What all ways of decoding are given."""
    for method in ("start", "step"):
        if not callable(getattr(model, method, None)):
            raise TypeError(f"model must have start and step, got {settings.kind(model)}")
    check.tensors(src=src)
    check.at_least(1, src=src)
    settings.count(0, bos=bos, eos=eos)
    settings.count(1, max_len=max_len)
    for name, token in {"bos": bos, "eos": eos}.items():
        if token >= 2**63:  # which is in no vocabulary, and in no tensor
            raise ValueError(f"{name} must be in the vocabulary, got {token}")


def next_logits(
    model: Model[S], last: Tensor, state: S, *, eos: int, ended: Tensor, t: int
) -> Tensor:
    """Logits `(rows, V)` of the step t, after the `last` tokens `(rows,)`.

    Each row that has not `ended` has a largest logit, a finite one.
    """
    logits = model.step(last, state)
    if t == 0:  # what comes later is of the same kind
        check.tensors(logits=logits, src=last)
        check.floats(logits=logits)
    if logits.ndim != 2 or len(logits) != len(last):
        raise ValueError(
            f"logits must have shape ({len(last)}, V), one row for each sequence, "
            f"got {tuple(logits.shape)}"
        )
    if eos >= (vocabulary := logits.shape[1]):
        raise ValueError(f"eos must be below the vocabulary's size, {vocabulary}, got {eos}")
    check_largest(logits.amax(-1), ended, f" in step {t + 1}")
    return logits


def check_largest(largest: Tensor, ignored: Tensor | None = None, where: str = "") -> None:
    """The largest logit of every row is finite, but for the rows that are ignored."""
    total = contents.value(largest.sum(), wait=True)
    if total is None or math.isfinite(total):
        return  # one that is not finite would show in the sum: mostly, that is all
    wrong = ~largest.isfinite()
    if ignored is not None:
        wrong &= ~ignored
    for row in wrong.nonzero().tolist():
        raise ValueError(
            f"logits must have a finite maximum, got {largest[tuple(row)].item()} "
            f"in row {tuple(row)}{where}"
        )
