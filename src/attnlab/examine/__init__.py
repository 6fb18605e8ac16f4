"""What is wrong with an attention model: `examine` asks it, and says.

Nothing here knows how a model works inside. It is called, on sequences that are like those of a
batch, and what it answers is compared with what it must answer whatever its weights are.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from types import ModuleType
from typing import Any

import torch
from torch import nn

from attnlab.examine.checks import CHECKS
from attnlab.examine.exam import LONG, Exam, OutOfTime
from attnlab.examine.report import Finding, Report
from attnlab.examine.roles import CannotExamine, ModelRaised
from attnlab.examine.subject import Kind, Subject
from attnlab.examine.untouched import untouched
from attnlab.functional import settings
from attnlab.training.progress import Progress

__all__ = ["CHECKS", "CannotExamine", "Finding", "Report", "assert_no_fault", "examine"]


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
    without: Iterable[str] = (),
    seconds: float = 60,
) -> Report:
    """Look for the mistakes that training does not show: a future that is seen, padding that
    counts, a cache that forgets, labels that stand in the input, and their kin.

    The model is only called and, where gradients tell something, differentiated. Its weights,
    buffers, gradients and mode, and everybody's random numbers, are as before when this returns.
    A model in half precision is examined as a copy in float32, where small leaks can be told from
    rounding.

    Letters: B batch, n tokens, m tokens of the source, d width, h heads, V vocabulary.

    Args:
        model: an `nn.Module`, or any function.
        batch: shows how the model is called: a tensor or a dataclass for `model(batch)`, a tuple
            for `model(*batch)`, a mapping for `model(**batch)`. Tokens are `(B, n)` integers or
            `(B, n, d)` vectors; the other entries are known by their names, see `roles`. Questions
            are drawn from the tokens in it, so it should hold many different ones.
        kind: "decoder", whose output at a place must not depend on later tokens; "encoder", which
            may see all; or "encoder-decoder". Left out, a batch with a source has the last, and
            any other batch the first.
        forward: `forward(model, batch)`, where the model is called otherwise, returns outputs
            `(B, n, V)`, or something with `.logits`.
        loss: `loss(outputs, labels)` or `loss(model, batch)`; a model that computes its own from
            labels in the batch needs none.
        step: `step(model, batch, state)` returns the outputs of new tokens and the next state; the
            batch has the new tokens alone, the first state is None. `start` and `step` as of
            `attnlab.Transformer`, and the cache of transformers, are found without it.
        weights: `weights(model, batch)` returns tables of weights, `(…, n, m)` each.
        pad: the token that stands for nothing.
        roles: the role of entries whose names mislead, as `{"x": "tokens"}`: one of "tokens",
            "source", "real" and "padding" (masks that are true there), "lengths" `(B,)`,
            "source real", "source padding", "source lengths", "labels", "positions", "as is".
        without: names of checks to leave out, of those in `CHECKS`.
        seconds: after so long the report says what was left out.

    Raises:
        CannotExamine: a ValueError; batch and model don't go together, and how to help.
        TypeError, ValueError: a setting of another type, a check that isn't there.

    >>> import torch
    >>> import attnlab
    >>> model = attnlab.Transformer(20, 20, d_model=8, n_heads=2, n_layers=1, d_ff=16)
    >>> batch = {"src": torch.arange(18).reshape(2, 9), "tgt": torch.arange(16).reshape(2, 8)}
    >>> report = attnlab.examine(model, batch)
    >>> report.ok, report.found()
    (True, [])
    """
    start = time.perf_counter()
    settings.positive(seconds=seconds)
    functions = {"forward": forward, "loss": loss, "step": step, "weights": weights}
    for option, function in functions.items():
        if not (function is None or callable(function)):
            raise TypeError(f"{option} must be a function, got {type(function).__name__}.")
    if not (pad is None or isinstance(pad, int)):
        raise TypeError(f"pad must be the number of a token, got {type(pad).__name__}.")
    without = [without] if isinstance(without, str) else list(without)
    for name in without:
        settings.one_of(tuple(CHECKS), without=name)
    findings: list[Finding] = []
    compiled = getattr(model, "_orig_mod", None)
    if compiled is not None:
        model = compiled
        findings.append(Finding("compiled", "skipped", COMPILED))
    modules = [part for part in (model, loss) if isinstance(part, nn.Module)]
    with untouched(*modules):
        subject = Subject(model, batch, kind=kind, forward=forward, pad=pad, roles=roles or {})
        try:
            exam, said = _exam(subject, loss=loss, step=step, weights=weights, seconds=seconds)
        except OutOfTime:
            raise CannotExamine(NO_TIME.format(seconds=seconds)) from None
        findings.extend(said)
        findings += [Finding(name, "skipped", BY_YOU) for name in without]
        if exam.n < LONG:
            said = SHORT.format(tried=LONG, n=exam.n)
            findings.append(Finding("longer sequences", "skipped", said))
        checks = {name: check for name, check in CHECKS.items() if name not in without}
        if not exam.finite:
            findings.append(Finding("finite outputs", "fault", NOT_FINITE, likely=HIDDEN))
            checks = {}
        elif exam.flat:
            findings.append(Finding("outputs", "skipped", FLAT))
            checks = {}
        shown = Progress("examining", total=len(checks)) if exam.slow else nullcontext()
        with shown as progress:
            for name, check in checks.items():
                if progress is not None:
                    progress.advance(name)
                findings.extend(_found(exam, name, check))
    name = type(model).__name__ if isinstance(model, nn.Module) else getattr(model, "__name__", "")
    return Report(name, tuple(findings), time.perf_counter() - start)


def _exam(subject: Subject, **options: Any) -> tuple[Exam, list[Finding]]:
    """An examination, in full precision where the model lets it: half precision hides much."""
    module = subject.module
    half = {torch.float16, torch.bfloat16}
    if module is not None and half & {parameter.dtype for parameter in module.parameters()}:
        try:
            exam = Exam(subject.in_precision(torch.float32), **options)
        except OutOfTime:
            raise
        except Exception:  # whatever keeps it from being copied, or called so
            return Exam(subject, **options), [Finding("full precision", "skipped", ONLY_HALF)]
        return exam, [Finding("half precision", "skipped", FULL)]
    return Exam(subject, **options), []


def _found(exam: Exam, name: str, check: Callable[[Exam], Iterator[Finding]]) -> list[Finding]:
    """What one check finds, until the time is over or the model gives no answer."""
    findings = []
    try:
        for finding in check(exam):
            if exam.is_blind(finding):
                said = BLIND.format(threshold=finding.threshold)
                findings.append(Finding(name, "skipped", said))
                continue
            findings.append(finding)
            if finding.verdict == "fault":
                exam.faults.add(name)
    except OutOfTime:
        findings.append(Finding(name, "left out", OUT_OF_TIME))
    except (CannotExamine, ModelRaised) as error:  # at an unusual question
        findings.append(Finding(name, "skipped", RAISED.format(error=error)))
    handed_in = {"stepwise": exam.step, "rows of weights": exam.weights}
    unasked = all(finding.verdict == "skipped" for finding in findings)
    if handed_in.get(name) is not None and unasked and not exam.sees_future:
        # A test must not pass because its own step raises.
        return [replace(found, verdict="fault", likely=(HANDED_IN,)) for found in findings]
    return findings


def assert_no_fault(model: Callable, batch: Any, **options: Any) -> Report:
    """For tests: examine a model, and fail with the whole report if there is a fault.

    Args:
        model, batch, options: those of `examine`.

    Raises:
        AssertionError: there is a fault, or nothing could be examined; the message is the report.
        CannotExamine, TypeError, ValueError: as `examine`.

    >>> import torch
    >>> mean = lambda x: x.mean(1, keepdim=True).expand_as(x)
    >>> assert_no_fault(mean, torch.randn(2, 9, 3), kind="encoder", without=["order"]).ok
    True
    """
    report = examine(model, batch, **options)
    if not report.ok:
        raise AssertionError(str(report))
    return report


class _CallableModule(ModuleType):
    """`attnlab.examine(model, batch)` examines, though `attnlab.examine` is this module."""

    def __call__(self, model: Callable, batch: Any, **options: Any) -> Report:
        return examine(model, batch, **options)


sys.modules[__name__].__class__ = _CallableModule

NO_TIME = "A few calls of the model took more than seconds={seconds}: hand in more of them."
BY_YOU = "it was left out by without=."
SHORT = "the model takes no {tried} tokens, so all was asked with {n}, as many as the batch has."
HANDED_IN = "what was handed in for this check, which can't be called in this way"
OUT_OF_TIME = "the time was over; hand in more seconds=."
RAISED = "the model gave no answer to a question of this check: {error}"
FULL = "a copy of the model was examined in float32, where small leaks can be told from rounding."
ONLY_HALF = (
    "the model can't be copied to float32; in its own precision only large mistakes can be seen."
)
BLIND = (
    "less than {threshold:.2g} of the spread can't be told from noise, since equal calls differ or "
    "outputs have few digits; mend that first, or hand in a model in float32."
)
COMPILED = "the model was examined as it was before compilation."
HIDDEN = (
    "weights that are no numbers",
    "a mask that is taken the other way around, so that where all is real nothing may be seen",
)
FLAT = (
    "all outputs are the same number, whatever the tokens are. If weights start from 0, as those "
    "of some output layers do, hand in a model whose weights are drawn at random."
)
NOT_FINITE = "Outputs of an ordinary question are not finite; nothing else was asked."
