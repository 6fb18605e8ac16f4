"""The future: no output may depend on what comes after it.

Tokens are replaced by others, and the outputs before them must not move: all tokens from a place
on, each token alone, and the end of the sequence cut off. In evaluation and in training mode, with
every token real and with padding, and under each attention kernel that torch lets one choose.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.roles import ModelRaised
from attnlab.examine.subject import Probe

NAME = "the future"
PAGE = "mechanism/masks"
PREFIXES = (1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64)
KERNELS = {
    "math": SDPBackend.MATH,
    "flash": SDPBackend.FLASH_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
}
SAID = {
    "leak": "{where}, the output at position {seer} moved by {figure:.2g} of the outputs' spread "
    "when {changed} changed.",
    "one": "only token {token}",
    "tail": "only the tokens from {token} on",
    "cut": "{where}, the output at position {seer} moved by {figure:.2g} of the spread when the "
    "sequence ended after {token} of its tokens.",
    "held": "No output moved by more than {figure:.1g} of the spread when tokens after it changed.",
    "encoder": "An encoder may see all tokens; for a model that must not, hand in kind='decoder'.",
    "short": "The batch's sequences are shorter than 2 tokens: hand in longer ones.",
}
WHERE = {
    "evaluation": "In evaluation mode",
    "training": "In training mode",
    "masked": "With a mask that says that all tokens are real",
    "behind": "With padding behind the tokens",
    "math": "Under torch's math kernel",
    "flash": "Under torch's flash kernel",
    "efficient": "Under torch's memory-efficient kernel",
}
LIKELY = {
    "all": "no causal mask, one that is inverted, or one that comes after the softmax; "
    "a fill that is not very negative; a softmax over queries instead of keys",
    "encoder": "a class that is meant to be an encoder: then hand in kind='encoder'",
    "next": "a mask that is one place off, or targets that are not shifted",
    "block": "a mask for blocks of {size} that lets all see all inside a block",
    "end": "something circular: a convolution through the Fourier transform, or a roll that wraps",
    "far": "a summary or a choice of keys that was made with the future in view; a view where a "
    "transpose was meant",
    "mode": "a mask that is only made in the other mode; statistics over places or sequences, as "
    "BatchNorm takes when it trains",
    "kernel": "a mask and is_causal that this kernel combines otherwise",
    "padding": "a causal mask that is lost, or inverted, where a padding mask comes to it",
    "cut": "something that depends on the length: a normalization over positions, or blocks that "
    "are counted from the end",
}


@dataclass(frozen=True)
class Leak:
    """The worst place that was found, and at which pairs of places outputs moved."""

    figure: float
    seer: int
    token: int
    alone: bool  # whether token alone had changed, not all from it on
    pairs: Tensor  # (n, n): how far the output at i moved when token j alone changed


def future(exam: Exam) -> Iterator[Finding]:
    """Findings on the future, one for each kind of call in which outputs saw it."""
    if exam.kind == "encoder":
        yield Finding(NAME, "skipped", SAID["encoder"])
        return
    if exam.n < 2:
        yield Finding(NAME, "skipped", SAID["short"])
        return
    worst, faults = 0.0, 0
    for where, probe, training, kernel in _calls(exam):
        try:
            leak = _leak(exam, probe, training=training, kernel=kernel)
        except ModelRaised:
            if kernel is None:
                raise
            continue  # that kernel can't be had for this model
        worst = max(worst, leak.figure)
        if leak.figure > exam.tolerance:
            faults += 1
            yield _fault(exam, where, leak, first=faults == 1)
            if where == "evaluation":
                exam.sees_future = True
                return  # which explains all others
    cut = _cut(exam)
    if cut is not None and not faults:
        figure, seer, length = cut
        worst = max(worst, figure)
        if figure > exam.apart:
            faults += 1
            said = SAID["cut"].format(
                where=WHERE["evaluation"], seer=seer, figure=figure, token=length
            )
            yield Finding(NAME, "fault", said, figure, exam.tolerance, (LIKELY["cut"],), PAGE)
    if not faults:
        said = SAID["held"].format(figure=worst)
        yield Finding(NAME, "held", said, worst, exam.tolerance, page=PAGE)


def _calls(exam: Exam) -> Iterator[tuple[str, Probe, bool, SDPBackend | None]]:
    """In which ways the model is asked: a name, a question, training or not, a kernel."""
    base = exam.probe(1)
    yield "evaluation", base, False, None
    if exam.subject.module is not None:
        yield "training", base, True, None
    if exam.subject.takes_mask:
        all_real = torch.ones(1, exam.n, dtype=torch.bool, device=base.tokens.device)
        behind = all_real.clone()
        behind[:, -max(1, exam.n // 4) :] = False
        yield "masked", base.with_(real=all_real), False, None
        yield "behind", base.with_(real=behind), False, None
    for name, kernel in KERNELS.items():
        yield name, base, False, kernel


def _leak(exam: Exam, probe: Probe, *, training: bool, kernel: Any) -> Leak:
    """The largest movement of an output by tokens after it."""
    n = exam.n
    tails = sorted({p for p in (*PREFIXES, n - 1) if 0 < p < n})
    singles = list(range(1, n))
    if training or kernel is not None or exam.slow:
        singles = singles[:: max(1, n // 8)]
    changed = torch.zeros(len(tails) + len(singles), n, dtype=torch.bool, device="cpu")
    for row, start in enumerate(tails):
        changed[row, start:] = True
    for row, token in enumerate(singles, len(tails)):
        changed[row, token] = True
    changed = changed.to(probe.tokens.device)
    moved = exam.movements(
        probe, changed, training=training, context=partial(_kernel, kernel)
    )  # (R, n)
    first = changed.int().argmax(1)  # the first place that changed
    before = torch.arange(n, device=first.device) < first[:, None]
    moved = moved.masked_fill(~before, 0)
    if probe.real is not None:
        moved = moved.masked_fill(~probe.real, 0)
    row, seer = divmod(int(moved.argmax()), n)
    pairs = torch.zeros(n, n, dtype=torch.float32, device="cpu")
    pairs[singles] = moved[len(tails) :].float().cpu()
    alone = moved[len(tails) :].max().item() > exam.tolerance
    if alone:
        row, seer = divmod(int(moved[len(tails) :].argmax()), n)
        row += len(tails)
    return Leak(moved[row, seer].item(), seer, int(first[row]), alone, pairs)


def _kernel(kernel: Any) -> Any:
    return nullcontext() if kernel is None else sdpa_kernel([kernel])


def _cut(exam: Exam) -> tuple[float, int, int] | None:
    """The largest gap between the whole sequence's outputs and those of its beginning alone."""
    whole = exam.ask(exam.base)
    worst = None
    for length in (p for p in PREFIXES if p < exam.n):
        probe = exam.base.with_(tokens=exam.base.tokens[:, :length])
        try:
            outputs = exam.ask(probe)
        except ModelRaised:  # short inputs are the business of another check
            continue
        moved = exam.moved(outputs, whole[:, :length])[0]
        found = moved.max().item(), int(moved.argmax()), length
        worst = found if worst is None or found > worst else worst
    return worst


def _fault(exam: Exam, where: str, leak: Leak, *, first: bool) -> Finding:
    changed = SAID["one" if leak.alone else "tail"].format(token=leak.token)
    said = SAID["leak"].format(
        where=WHERE[where], seer=leak.seer, figure=leak.figure, changed=changed
    )
    likely = []
    if where == "evaluation":
        likely = _likely(leak.pairs > min(exam.tolerance, max(exam.noise, leak.figure / 100)))
    elif where == "training":
        likely = [LIKELY["mode"]]
    elif where in KERNELS:
        likely = [LIKELY["kernel"]]
    else:
        likely = [LIKELY["padding"]]
    return Finding(NAME, "fault", said, leak.figure, exam.tolerance, tuple(likely), PAGE)


def _likely(pairs: Tensor) -> list[str]:
    """Which mistakes make a pattern like this one: `pairs[j, i]`, token j moved output i < j."""
    token, seer = pairs.nonzero(as_tuple=True)
    n = len(pairs)
    if not len(token):
        return [LIKELY["far"]]
    if bool((token - seer == 1).all()):
        return [LIKELY["next"]]
    for size in (2, 4, 8, 16, 32, 64):
        if size < n and bool((token // size == seer // size).all()):
            return [LIKELY["block"].format(size=size)]
    if bool((seer + n - token < n // 3).all()):
        return [LIKELY["end"]]
    if len(token) > n * (n - 1) // 4:
        return [LIKELY["all"], LIKELY["encoder"]]
    return [LIKELY["far"]]
