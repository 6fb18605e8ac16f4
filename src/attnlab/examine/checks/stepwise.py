"""Stepwise against whole: written token by token, a sequence gets the outputs it has as a whole."""

from collections.abc import Iterator
from itertools import pairwise

import torch

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.stepping import Stepper, stepper

NAME = "stepwise"
PAGE = "transformer/decoding"
N_STEPS = 40  # past 32, where a window or a block may end
SAID = {
    "steps": "Token by token, the output at position {place} is {figure:.2g} of the spread from "
    "the one that the whole sequence gets.",
    "chunks": "In pieces of {sizes} tokens, the output at position {place} is {figure:.2g} of the "
    "spread from the one that the whole sequence gets.",
    "again": "After another sequence, the same tokens get outputs that differ by {figure:.2g} of "
    "the spread: something of it is still there.",
    "said": "With their positions handed in, outputs of steps differ by {figure:.2g} of the "
    "spread from those of the whole sequence.",
    "held": "Steps and the whole sequence agree to {figure:.1g} of the spread.",
    "no step": "Hand in step=lambda model, batch, state: (outputs, state), which takes the new "
    "tokens alone, and None as the first state.",
    "future": "the whole sequence sees the future, which steps can't; mend that first.",
}
LIKELY = {
    "steps": (
        "positions that start from 0 at each step, or are one off",
        "a cache that lacks the current key, forgets its offset, or keeps a window of another "
        "width",
        "grouped heads that are repeated in another order",
    ),
    "chunks": ("a causal mask for several new tokens that is aligned at the wrong end",),
    "again": ("a cache that is kept in the model and not emptied for a new sequence",),
    "said": ("positions that are added to the cache's length once more",),
}


def stepwise(exam: Exam) -> Iterator[Finding]:
    """Findings on writing token by token."""
    if exam.kind == "encoder":
        return
    first, second = (exam.probe(2, min(N_STEPS, exam.n)) for _ in range(2))
    steps, others = (stepper(exam.subject, exam.step, probe) for probe in (first, second))
    if exam.sees_future or steps is None or others is None:
        yield Finding(NAME, "skipped", SAID["future" if exam.sees_future else "no step"])
        return
    worst = 0.0
    for name, figure, values in _gaps(exam, steps, others):
        worst = max(worst, figure)
        if figure > exam.apart:
            said = SAID[name].format(figure=figure, **values)
            yield Finding(NAME, "fault", said, figure, exam.apart, LIKELY[name], PAGE)
            return
    yield Finding(NAME, "held", SAID["held"].format(figure=worst), worst, exam.apart, page=PAGE)


def _gaps(exam: Exam, steps: Stepper, others: Stepper) -> Iterator[tuple[str, float, dict]]:
    """How far steps are from the whole: what was tried, the gap, and what its sentence needs."""
    n = steps.whole.tokens.shape[1]
    whole = exam.ask(steps.whole)
    pieces = [1, 4, 1, 11, n - 17] if n > 17 else [n // 2, n - n // 2]
    for name, sizes in (("steps", [1] * n), ("chunks", [size for size in pieces if size])):
        if name == "steps" or (steps.chunks and n > 1):
            moved = exam.moved(_written(exam, steps, sizes), whole)
            place = int((moved > exam.apart).any(0).int().argmax())
            yield name, moved.max().item(), {"place": place, "sizes": ", ".join(map(str, sizes))}
    if steps.says_positions and exam.says_positions:
        moved = exam.moved(_written(exam, steps, [1] * n, say=True), whole)
        yield "said", moved.max().item(), {}
    few = min(n, 6)
    moved = exam.moved(_written(exam, others, [1] * few), exam.ask(others.whole)[:, :few])
    yield "again", moved.max().item(), {}


def _written(exam: Exam, steps: Stepper, sizes: list[int], *, say: bool = False) -> torch.Tensor:
    """Outputs of a sequence that is written in pieces of so many tokens."""
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    outputs, state = [], None
    with torch.no_grad():
        for start, end in pairwise(ends):
            with exam.seeded():
                answer, state = steps.ask(start, end, state, say=say)
            outputs.append(answer.detach().clone().to(exam.wide))
    return torch.cat(outputs, 1)
