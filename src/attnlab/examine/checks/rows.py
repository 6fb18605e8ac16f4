"""Rows of weights, where a model hands them out: shares of one, and none for what is hidden."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.roles import asking, call, takes

NAME = "rows of weights"
PAGE = "mechanism/softmax"
SAID = {
    "sum": "A row of weights sums to {figure:.3g}; each must sum to 1, or to 0 where nothing may "
    "be looked at.",
    "negative": "A weight is {figure:.2g}; none may be negative.",
    "future": "A token has a weight of {figure:.2g} on one that comes after it.",
    "held": "{n} tables of weights: rows sum to 1, none is negative, none is in the future.",
    "none": "The model hands out no weights: hand in weights=lambda model, batch: [...], tensors "
    "of shape (B, h, n, m).",
    "nan": "There are weights that are no numbers.",
}
LIKELY = {
    "sum": (
        "a softmax over queries, over heads, or over a single number",
        "a mask that comes after the softmax, or dropout on weights in evaluation mode",
    ),
    "negative": ("scores that are used without a softmax",),
    "future": ("no causal mask, or one that is one place off",),
    "nan": ("a row whose scores are all minus infinity",),
}


def rows(exam: Exam) -> Iterator[Finding]:
    """Findings on the tables of weights."""
    tables = _tables(exam)
    if not tables:
        yield Finding(NAME, "skipped", SAID["none"])
        return

    def fault(name: str, figure: float) -> Finding:
        said = SAID[name].format(figure=figure)
        return Finding(NAME, "fault", said, figure, exam.rounding, LIKELY[name], PAGE)

    sums = torch.cat([table.sum(-1).flatten() for table in tables])
    off = torch.minimum((sums - 1).abs(), sums.abs())
    least = min(table.min().item() for table in tables)
    square = [t for t in tables if t.shape[-1] == t.shape[-2] == exam.n]
    ahead = max((t.triu(1).max().item() for t in square), default=0.0)
    if not bool(off.isfinite().all()):
        yield fault("nan", torch.nan)
    elif off.max().item() > exam.rounding:
        yield fault("sum", sums[off.argmax()].item())
    elif least < -exam.rounding:
        yield fault("negative", least)
    elif exam.kind == "decoder" and ahead > exam.rounding:
        yield fault("future", ahead)
    else:
        yield Finding(NAME, "held", SAID["held"].format(n=len(tables)), page=PAGE)


@torch.no_grad()
def _tables(exam: Exam) -> list[Tensor]:
    """All tables of weights, `(…, n, m)`, of one call."""
    subject, model = exam.subject, exam.subject.model
    batch = subject.batch_of(exam.base)
    if exam.weights is not None:
        with asking():
            answer = exam.weights(model, batch)
    elif subject.forward is None and takes(model, "output_attentions"):
        answer = call(model, subject.entries_of(exam.base) | {"output_attentions": True})
        names = ("attentions", "decoder_attentions", "encoder_attentions", "cross_attentions")
        answer = [getattr(answer, name, None) for name in names]
    elif subject.forward is None and takes(model, "return_weights"):
        answer = call(model, subject.entries_of(exam.base) | {"return_weights": True})[1]
    else:
        return []
    return [table.detach().to(exam.wide) for table in _tensors(answer)]


def _tensors(answer: Any) -> Iterator[Tensor]:
    """The tensors in whatever holds them, if they can be tables."""
    if isinstance(answer, Tensor):
        if answer.is_floating_point() and answer.ndim > 2:
            yield answer
    elif isinstance(answer, dict):
        yield from (t for value in answer.values() for t in _tensors(value))
    elif isinstance(answer, tuple | list):
        yield from (t for value in answer for t in _tensors(value))
    elif is_dataclass(answer):
        yield from (t for f in fields(answer) for t in _tensors(getattr(answer, f.name)))
