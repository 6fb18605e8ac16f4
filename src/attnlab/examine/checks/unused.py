"""What does nothing: parameters without a gradient, tokens that no output depends on."""

from collections.abc import Iterator

import torch

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.roles import asking

NAME = "what does nothing"
PAGE = "transformer/block"
SAID = {
    "parameters": "{n} of {all} parameters have no gradient from the outputs: {names}.",
    "input": "No output depends on the tokens: others at every place moved none.",
    "held": "Each of {all} parameters has a gradient.",
    "frozen": "No parameter asks for a gradient.",
    "gradient": "The gradient of {name} is not finite, on a question whose outputs are.",
    "none": "The model is no nn.Module, so its parameters can't be seen.",
}
LIKELY = {
    "input": ("an input that is replaced, or a mask that hides all of it",),
    "parameters": (
        "a layer that is made and never called, or called on something that is thrown away",
        "an experiment that left its weights behind; or an expert to whom nothing was sent",
    ),
    "gradient": ("a square root or a logarithm at 0, or a row that may look at nothing",),
}
N_NAMES = 6
N_DRAWS = 4  # an expert may have nothing to do once


def unused(exam: Exam) -> Iterator[Finding]:
    """Findings on gradients that do not come."""
    asked = exam.base.with_(tokens=exam.other(exam.base.tokens))
    if exam.moved(exam.ask(exam.base), exam.ask(asked)).max().item() <= exam.tolerance:
        yield Finding(NAME, "fault", SAID["input"], 0.0, exam.tolerance, LIKELY["input"], PAGE)
        return
    named = [(name, p) for name, p in exam.parameters() if p.requires_grad]
    if exam.subject.module is None:
        yield Finding(NAME, "skipped", SAID["none"])
        return
    if not named:
        yield Finding(NAME, "skipped", SAID["frozen"])
        return
    reached = {name: False for name, _ in named}
    for _ in range(N_DRAWS):
        with torch.enable_grad(), exam.seeded():
            outputs = exam.subject.outputs(exam.probe(2))
            weight = torch.randn(outputs.shape, generator=exam.generator, device="cpu").to(outputs)
            with asking():  # a model may refuse to be differentiated, as in evaluation mode
                slopes = torch.autograd.grad(
                    (outputs * weight).sum(), [p for _, p in named], allow_unused=True
                )
        for (name, _), slope in zip(named, slopes, strict=True):
            if slope is not None and not bool(slope.isfinite().all()):
                said = SAID["gradient"].format(name=name)
                yield Finding(NAME, "fault", said, likely=LIKELY["gradient"], page=PAGE)
                return
            reached[name] |= slope is not None and bool(slope.any())
        if all(reached.values()):
            break
    dead = [name for name, found in reached.items() if not found]
    if dead:
        names = ", ".join(dead[:N_NAMES]) + (", …" if len(dead) > N_NAMES else "")
        said = SAID["parameters"].format(n=len(dead), all=len(named), names=names)
        yield Finding(NAME, "remark", said, likely=LIKELY["parameters"], page=PAGE)
        return
    yield Finding(NAME, "held", SAID["held"].format(all=len(named)), page=PAGE)
