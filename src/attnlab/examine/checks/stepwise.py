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
    "causal": "An encoder does not write.",
}
LIKELY = {
    "steps": (
        "positions that start from 0 at each step, or are one off",
        "a cache that lacks the current key, forgets its offset, or keeps a window of another "
        "width",
        "a mask that the whole sequence lacks: then the future is seen there, and only there",
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
    n = min(N_STEPS, exam.n)
    first, second = exam.probe(2, n), exam.probe(2, n)
    steps = stepper(exam.subject, exam.step, first)
    if steps is None:
        yield Finding(NAME, "skipped", SAID["no step"])
        return
    whole = exam.ask(first)

    def fault(name: str, figure: float, **values: object) -> Finding:
        said = SAID[name].format(figure=figure, **values)
        return Finding(NAME, "fault", said, figure, exam.apart, LIKELY[name], PAGE)

    ones = [1] * n
    moved = exam.moved(_written(exam, steps, ones), whole)
    worst = moved.max().item()
    if worst > exam.apart:
        yield fault("steps", worst, place=int((moved > exam.apart).any(0).int().argmax()))
        return
    pieces = (
        [size for size in (1, 4, 1, 11, n - 17) if size > 0] if n > 17 else [n // 2, n - n // 2]
    )
    pieces = [size for size in pieces if size]
    if steps.chunks and n > 1:
        moved = exam.moved(_written(exam, steps, pieces), whole)
        worst = max(worst, moved.max().item())
        if worst > exam.apart:
            sizes = ", ".join(map(str, pieces))
            place = int((moved > exam.apart).any(0).int().argmax())
            yield fault("chunks", worst, sizes=sizes, place=place)
            return
    if steps.says_positions and exam.says_positions:
        figure = exam.moved(_written(exam, steps, ones, say=True), whole).max().item()
        worst = max(worst, figure)
        if figure > exam.apart:
            yield fault("said", figure)
            return
    other = stepper(exam.subject, exam.step, second)
    assert other is not None
    short = min(n, 6)
    figure = (
        exam.moved(_written(exam, other, [1] * short), exam.ask(second)[:, :short]).max().item()
    )
    worst = max(worst, figure)
    if figure > exam.apart:
        yield fault("again", figure)
        return
    yield Finding(NAME, "held", SAID["held"].format(figure=worst), worst, exam.apart, page=PAGE)


def _written(exam: Exam, steps: Stepper, sizes: list[int], *, say: bool = False) -> torch.Tensor:
    """Outputs of a sequence that is written in pieces of so many tokens."""
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    outputs, state = [], None
    with torch.no_grad():
        for start, end in pairwise(ends):
            answer, state = steps.ask(start, end, state, say=say)
            outputs.append(answer.detach().clone().to(exam.wide))
    return torch.cat(outputs, 1)
