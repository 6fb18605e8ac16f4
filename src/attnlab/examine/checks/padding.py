"""Padding: what stands there, how much of it, and on which side, moves no real output.

Asked of the tokens and of the source, as far as the model can be told what is padding. Where
positions can't be handed in, padding in front may shift them; then only its content is changed.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.subject import Probe

NAME = "padding"
PAGE = "mechanism/masks"
SAID = {
    "content": "Other {what} under the mask moved a real output by {figure:.2g} of the spread.",
    "inverted": "Padding moved real outputs by {figure:.2g} of the spread, and no real one of the "
    "{what} moves any other output: the mask is taken the other way around.",
    "amount": "{amount} more places of padding behind the {what} moved a real output by "
    "{figure:.2g} of the spread.",
    "front": "Padding in front of the {what} moved a real output by {figure:.2g} of the spread, "
    "though their positions were handed in, counted from the first real one.",
    "nan": "NaN in padding of the {what} reached a real output.",
    "held": "Content, amount and side of the padding of the {what} moved no real output by more "
    "than {figure:.1g} of the spread.",
    "no mask": "Nothing says what is padding: hand in a batch with a mask, or pad= with the number "
    "of the padding token.",
    "no positions": "Padding in front of the {what} moves outputs by {figure:.2g} of the spread. "
    "Positions that start from 0 can't be handed in, so they may be counted from the padding on.",
}
WHAT = {"tokens": "tokens", "source": "source's tokens"}
LIKELY = {
    "content": (
        "a mask that is not handed on, or not combined with the causal one",
        "a fill that is not very negative, or a mask that comes after the softmax",
        "a pooling, a norm over positions or a convolution that ignores the mask",
    ),
    "inverted": (
        "True for padding where True for real was meant, or the other way around",
        "a mask whose name misleads: hand in roles={'its name': 'padding'}, or 'real'",
    ),
    "amount": ("something that is divided by, or counted from, the padded length",),
    "front": (
        "positions that are counted from the padding, not from the first real token",
        "a row that may look at nothing, whose NaN or mean goes on to others",
    ),
    "nan": ("weights of 0 that are multiplied by NaN: replace what padding holds",),
}


def padding(exam: Exam) -> Iterator[Finding]:
    """Findings on padding of the tokens, and of the source."""
    subject = exam.subject
    if not (subject.takes_mask or subject.takes_source_mask):
        yield Finding(NAME, "skipped", SAID["no mask"])
    if subject.takes_mask:
        yield from _side(exam, "tokens")
    if subject.takes_source_mask:
        yield from _side(exam, "source")


def _side(exam: Exam, side: str) -> Iterator[Finding]:
    n = 12 if exam.n >= 32 else max(1, exam.n // 2)
    subject, two = exam.subject, exam.probe(2, n)
    if side == "source":
        n = min(12, two.source.shape[1])  # pyright: ignore[reportOptionalMemberAccess]
        two = two.with_(source=exam.draw(2, n, source=True))
    one = two.rows([0])
    worst, faults = 0.0, 0

    def fault(name: str, figure: float, **values: object) -> Finding:
        said = SAID[name].format(what=WHAT[side], figure=figure, **values)
        return Finding(NAME, "fault", said, figure, exam.tolerance, LIKELY[name], PAGE)

    # A sequence of its own too: some think that then nothing can be padded.
    for short, before, behind in ((two, 0, 3), (one, 0, 20), (two, 5, 0), (one, 5, 0)):
        if side == "tokens" and n + before + behind > exam.n:
            continue
        if before and ("" if side == "tokens" else "source ") + "lengths" in subject.names:
            continue  # lengths count from the first place
        padded = _padded(exam, short, side, before, behind)
        asked, where = exam.ask(padded), _real_places(padded, side)
        if before and side == "tokens" and asked.shape[:2] != where.shape:
            continue  # one output a sequence may be read off its first place
        other = exam.ask(_other_padding(exam, padded, side))
        content = _gap(exam, asked, other, where)
        worst = max(worst, content)
        if content > exam.tolerance:
            faults += 1
            yield fault("inverted" if _inverted(exam, padded, side) else "content", content)
            break
        alone = exam.ask(short)
        amount = exam.moved(alone, _cut(asked, where, alone)).max().item()
        if amount > exam.apart:
            if before and not (side == "tokens" and exam.says_positions):
                # Only a decoder's prompts are padded in front, so that all go on at one end.
                verdict = "remark" if exam.kind == "decoder" else "skipped"
                said = SAID["no positions"].format(what=WHAT[side], figure=amount)
                yield Finding(NAME, verdict, said, amount, exam.tolerance)
                break
            faults += 1
            if _inverted(exam, padded, side):
                yield fault("inverted", amount)
            else:
                yield fault("front", amount) if before else fault("amount", amount, amount=behind)
            break
        worst = max(worst, amount)
    if not faults:
        said = SAID["held"].format(what=WHAT[side], figure=worst)
        yield Finding(NAME, "held", said, worst, exam.tolerance, page=PAGE)
        yield from _nan(exam, two, side)


def _padded(exam: Exam, short: Probe, side: str, before: int, behind: int) -> Probe:
    """The same sequences with padding around them, and the mask that says so."""
    x = short.source if side == "source" else short.tokens
    assert x is not None
    rows, n = x.shape[:2]
    more = [exam.draw(rows, k, source=side == "source") for k in (before, behind)]
    padded = torch.cat([more[0], x, more[1]], 1)
    real = torch.zeros(rows, before + n + behind, dtype=torch.bool, device=x.device)
    real[:, before : before + n] = True
    if side == "source":
        return short.with_(source=padded, source_real=real)
    positions = None
    if exam.says_positions and before:
        positions = (real.cumsum(1) - 1).clamp(min=0)
    return short.with_(tokens=padded, real=real, positions=positions)


def _other_padding(exam: Exam, padded: Probe, side: str) -> Probe:
    """The same with other tokens where padding is."""
    if side == "source":
        assert padded.source is not None and padded.source_real is not None
        drawn = exam.other(padded.source, source=True)
        return padded.with_(source=_where(padded.source_real, padded.source, drawn))
    assert padded.real is not None
    drawn = exam.other(padded.tokens)
    return padded.with_(tokens=_where(padded.real, padded.tokens, drawn))


def _where(real: Tensor, x: Tensor, other: Tensor) -> Tensor:
    return torch.where(real[:, :, None] if x.ndim > 2 else real, x, other)


def _real_places(padded: Probe, side: str) -> Tensor:
    """Which outputs are real: `(R, n)`."""
    if side == "tokens":
        assert padded.real is not None
        return padded.real
    return torch.ones(padded.tokens.shape[:2], dtype=torch.bool, device=padded.tokens.device)


def _gap(exam: Exam, a: Tensor, b: Tensor, real: Tensor) -> float:
    """How far real outputs lie apart."""
    moved = exam.moved(a, b)
    along = moved.shape == real.shape
    return (moved.masked_fill(~real, 0) if along else moved).max().item()


def _cut(asked: Tensor, real: Tensor, alone: Tensor) -> Tensor:
    """The real outputs, as they stand without padding."""
    return asked[real].reshape(alone.shape) if asked.shape[:2] == real.shape else asked


def _inverted(exam: Exam, padded: Probe, side: str) -> bool:
    """Whether real tokens move no output but their own, where padding does."""
    if side == "source":
        assert padded.source is not None
        drawn = exam.other(padded.source, source=True)
        changed = padded.with_(source=_where(~padded.source_real, padded.source, drawn))  # pyright: ignore[reportOptionalOperand]
        return exam.moved(exam.ask(padded), exam.ask(changed)).max().item() < exam.tolerance
    assert padded.real is not None
    first = padded.real.int().argmax(1)  # the first real place, which all real ones may see
    where = torch.zeros_like(padded.real)
    where[list(range(len(first))), first] = True
    changed = padded.with_(tokens=_where(~where, padded.tokens, exam.other(padded.tokens)))
    moved = exam.moved(exam.ask(padded), exam.ask(changed))
    if moved.shape != where.shape:
        return False
    return moved[padded.real & ~where].max().item() < exam.tolerance


def _nan(exam: Exam, short: Probe, side: str) -> Iterator[Finding]:
    """A remark, where vectors are padded with NaN and it gets out."""
    x = short.source if side == "source" else short.tokens
    assert x is not None
    if not x.is_floating_point() or (side == "tokens" and short.tokens.shape[1] + 3 > exam.n):
        return
    padded = _padded(exam, short, side, 0, 3)
    if side == "source":
        real = padded.source_real
        padded = padded.with_(source=_where(real, padded.source, padded.source * torch.nan))  # pyright: ignore
    else:
        padded = padded.with_(tokens=_where(padded.real, padded.tokens, padded.tokens * torch.nan))  # pyright: ignore
    outputs = exam.ask(padded)
    real = _real_places(padded, side)
    kept = outputs[real] if outputs.shape[:2] == real.shape else outputs
    if not bool(kept.isfinite().all()):
        yield Finding(
            NAME, "remark", SAID["nan"].format(what=WHAT[side]), likely=LIKELY["nan"], page=PAGE
        )
