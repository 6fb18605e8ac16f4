"""Precision and edges: half precision, one token, a sequence of nothing but padding."""

from collections.abc import Iterator
from itertools import chain

import torch

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.roles import ModelRaised, asking

NAME = "precision and edges"
PAGE = "mechanism/scaling"
FAR = 0.5  # of the spread: half precision moves outputs, but not to others
SAID = {
    "raises": "In {dtype} the model raises {error}",
    "finite": "In {dtype} outputs are not finite.",
    "far": "In {dtype} an output is {figure:.2g} of the spread from what it is in full precision.",
    "short": "A sequence of one token: the model raises {error}",
    "short finite": "A sequence of one token gets outputs that are not finite.",
    "empty": "A sequence of nothing but padding makes outputs or gradients of others not finite.",
    "empty row": "A sequence of nothing but padding gets outputs that are not finite.",
    "held": "Outputs are finite: {tried}.",
    "copy": "The model can't be copied, so half precision was not tried: {error}",
}
LIKELY = {
    "raises": ("a table or a mask that is always float32; or PyTorch lacks something here",),
    "overflow": (
        "a fill of -1e9, which float16 can't hold: take torch.finfo(scores.dtype).min or -inf",
    ),
    "finite": ("scores that are scaled after the product, or a sum of squares above 65,504",),
    "far": ("a softmax, a norm or positions that are computed in half precision",),
    "short": ("a squeeze() without a dimension, or a norm over positions",),
    "empty": ("a row whose scores are all minus infinity: its softmax is 0/0",),
}


def precision(exam: Exam) -> Iterator[Finding]:
    """Findings on what is rare, and on few digits."""
    quiet = True
    for finding in chain(_half(exam), _edges(exam)):
        quiet = False
        yield finding
    if quiet:
        tried = ["for one token"]
        tried += ["in half precision"] * _has_half(exam)
        tried += ["beside a sequence of nothing but padding"] * _can_be_empty(exam)
        yield Finding(NAME, "held", SAID["held"].format(tried=", ".join(tried)), page=PAGE)


def _has_half(exam: Exam) -> bool:
    full = exam.dtype in (torch.float32, torch.float64)
    return exam.subject.module is not None and full


def _can_be_empty(exam: Exam) -> bool:
    return exam.subject.takes_mask and exam.n >= 3


def _fault(name: str, **values: object) -> Finding:
    likely = LIKELY.get(name.split(maxsplit=1)[0], ())
    return Finding(NAME, "fault", SAID[name].format(**values), likely=likely, page=PAGE)


def _edges(exam: Exam) -> Iterator[Finding]:
    one = exam.probe(1, 1)
    try:
        answer = exam.ask(one)
    except ModelRaised as error:
        said = SAID["short"].format(error=error)
        yield Finding(NAME, "remark", said, likely=LIKELY["short"], page=PAGE)
    else:
        if not bool(answer.isfinite().all()):
            yield _fault("short finite")
    if not _can_be_empty(exam):
        return
    n = min(exam.n, 12)
    probe = exam.probe(2, n)
    real = torch.ones(2, n, dtype=torch.bool, device=probe.tokens.device)
    real[1] = False
    probe = probe.with_(real=real)
    with torch.enable_grad(), exam.seeded():
        outputs = exam.subject.outputs(probe)
        named = [p for _, p in exam.parameters() if p.requires_grad]
        slopes = []
        if named and outputs.requires_grad:
            with asking():
                slopes = torch.autograd.grad(outputs[0].sum(), named, allow_unused=True)
    finite = [bool(s.isfinite().all()) for s in slopes if s is not None]
    if not bool(outputs[0].isfinite().all()) or not all(finite):
        yield _fault("empty")
    elif not bool(outputs[1].isfinite().all()):
        yield Finding(NAME, "remark", SAID["empty row"], likely=LIKELY["empty"], page=PAGE)


def _half(exam: Exam) -> Iterator[Finding]:
    if not _has_half(exam):
        return
    full = exam.ask(exam.base)
    for dtype in (torch.bfloat16, torch.float16):
        try:
            with asking():
                half = exam.subject.in_precision(dtype)
        except ModelRaised as error:
            yield Finding(NAME, "skipped", SAID["copy"].format(error=error))
            return
        name = str(dtype).removeprefix("torch.")
        try:
            answer = exam.ask_copy(half, exam.base, dtype)
        except ModelRaised as error:
            said = SAID["raises"].format(dtype=name, error=error)
            likely = LIKELY["overflow" if "overflow" in str(error) else "raises"]
            yield Finding(NAME, "remark", said, likely=likely, page=PAGE)
            continue
        figure = exam.moved(answer, full).max().item()
        if not bool(answer.isfinite().all()):
            yield _fault("finite", dtype=name)
        elif figure > FAR:
            said = SAID["far"].format(dtype=name, figure=figure)
            yield Finding(NAME, "remark", said, figure, FAR, LIKELY["far"], PAGE)
