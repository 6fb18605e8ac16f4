"""Repeats: in evaluation mode the same question has the same answer."""

from collections.abc import Iterator

import torch

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding

NAME = "two equal calls"
PAGE = "transformer/block"
SAID = {
    "random": "In evaluation mode, two equal calls differ by {figure:.2g} of the spread, and don't "
    "where random numbers start alike: something is drawn.",
    "state": "In evaluation mode, two equal calls differ by {figure:.2g} of the spread, though "
    "random numbers start alike: a call changes the model.",
    "written": "A call writes into what it is handed: {names} of the batch changed.",
    "held": "Two equal calls in evaluation mode differ by {figure:.1g} of the spread.",
}
LIKELY = {
    "random": (
        "dropout that is not told whether the model trains, as F.dropout(x, p) is not",
        "sampling inside of the model, or noise for its routing",
    ),
    "written": ("an operation in place, as masked_fill_ or +=, on an input",),
    "state": ("a cache, a counter or a running mean that evaluation also moves",),
}


def repeat(exam: Exam) -> Iterator[Finding]:
    """Findings on two equal calls."""
    asked = exam.base
    if exam.subject.takes_mask:
        real = torch.arange(exam.n, device=asked.tokens.device)[None] < max(1, exam.n - 2)
        asked = asked.with_(real=real)
    with torch.no_grad(), exam.seeded():
        written = exam.subject.overwritten(asked)
    if written:
        said = SAID["written"].format(names=", ".join(written))
        yield Finding(NAME, "remark", said, likely=LIKELY["written"], page=PAGE)
    name = "state" if exam.drift > exam.rounding else "random"
    figure = max(exam.drift, exam.lottery)
    if figure > exam.rounding:
        said = SAID[name].format(figure=figure)
        yield Finding(NAME, "fault", said, figure, exam.rounding, LIKELY[name], PAGE)
        return
    said = SAID["held"].format(figure=figure)
    yield Finding(NAME, "held", said, figure, exam.rounding, page=PAGE)
