"""What is wrong with an attention model: `examine` asks it, and says.

Nothing here knows how a model works inside. It is called, on sequences that are like those of a
batch, and what it answers is compared with what it must answer whatever its weights are.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from attnlab.examine.checks import CHECKS
from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding, Report
from attnlab.examine.roles import CannotExamine
from attnlab.examine.subject import Kind, Subject
from attnlab.examine.untouched import untouched

__all__ = ["CannotExamine", "Finding", "Report", "examine"]


def examine(
    model: Callable,
    batch: Any,
    *,
    kind: Kind | None = None,
    forward: Callable | None = None,
    loss: Callable | None = None,
    step: Callable | None = None,
    weights: Callable | None = None,
    pad: int | None = None,
    roles: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Report:
    start = time.perf_counter()
    modules = [part for part in (model, loss) if isinstance(part, nn.Module)]
    with untouched(*modules):
        subject = Subject(model, batch, kind=kind, forward=forward, pad=pad, roles=roles or {})
        exam = Exam(subject, loss=loss, step=step, weights=weights, seconds=seconds)
        findings = []
        for name, check in CHECKS.items():
            if exam.left() <= 0:
                findings.append(Finding(name, "left out", OUT_OF_TIME))
                continue
            findings += check(exam)
    name = type(model).__name__ if isinstance(model, nn.Module) else getattr(model, "__name__", "")
    return Report(name, tuple(findings), time.perf_counter() - start)


OUT_OF_TIME = "The time was over before it began; hand in more seconds=."
