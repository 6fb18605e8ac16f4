"""Order: tokens in another order must give other outputs, or a sequence is a bag."""

from collections.abc import Iterator

import torch

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding
from attnlab.examine.subject import Probe

NAME = "order"
PAGE = "transformer/positions"
SAID = {
    "bag": "Outputs moved by no more than {figure:.1g} of the spread when {what} came in another "
    "order: the model has no positions.",
    "alone": "No other token before it moved the last output: each token is seen alone.",
    "held": "Another order of {what} moves outputs by {figure:.2g} of the spread.",
    "vectors": "Vectors may have their positions in them already.",
    "unread": "The source is not read at all.",
    "short": "The batch's sequences are shorter than 3 tokens: hand in longer ones.",
}
WHAT = {
    "source": "the source's tokens",
    "decoder": "the tokens before the last",
    "encoder": "the tokens",
}
ALONE = (
    "a mask that hides all tokens but a place's own, or attention along another dimension",
    "a layer that mixes tokens and is never called, or whose output is thrown away, or weighted "
    "with zeros, as some models start: then draw those weights at random",
)
LIKELY = (
    "positions that are made and not added, or added where nothing reads them",
    "a model that is meant to be blind to order: then leave this check out of what you ask",
)


def order(exam: Exam) -> Iterator[Finding]:
    """Findings on positions: of the source where there is one, else of the tokens."""
    read = exam.subject.source
    x = exam.subject.tokens if read is None else read
    if x.is_floating_point():
        yield Finding(NAME, "skipped", SAID["vectors"])
        return
    n = min(12, exam.n if read is None else read.shape[1])
    if n < 3:
        yield Finding(NAME, "skipped", SAID["short"])
        return
    probe = exam.probe(2, n if read is None else None)
    if read is not None:
        assert probe.source is not None
        what, turned = "source", probe.with_(source=_mixed(probe.source))
        answer = exam.ask(probe)
        other = exam.ask(probe.with_(source=exam.other(probe.source, source=True)))
        if exam.moved(answer, other).max().item() <= exam.tolerance:
            yield Finding(NAME, "skipped", SAID["unread"])
            return
        moved = exam.moved(answer, exam.ask(turned))
    elif exam.kind == "encoder":
        what, turned = "encoder", probe.with_(tokens=_mixed(probe.tokens))
        a, b = exam.ask(probe), exam.ask(turned)
        moved = exam.moved(_mixed(a) if a.shape[1:2] == (n,) else a, b)
    else:
        what = "decoder"
        back = torch.cat([_mixed(probe.tokens[:, :-1]), probe.tokens[:, -1:]], 1)
        moved = exam.moved(exam.ask(probe), exam.ask(probe.with_(tokens=back)))[:, -1:]
    figure = moved.max().item()
    if figure <= exam.tolerance and read is None and _alone(exam, probe):
        yield Finding(NAME, "fault", SAID["alone"], figure, exam.tolerance, ALONE, PAGE)
        return
    if figure <= exam.tolerance:
        said = SAID["bag"].format(figure=figure, what=WHAT[what])
        yield Finding(NAME, "fault", said, figure, exam.tolerance, LIKELY, PAGE)
        return
    said = SAID["held"].format(figure=figure, what=WHAT[what])
    yield Finding(NAME, "held", said, figure, exam.tolerance, page=PAGE)


def _alone(exam: Exam, probe: Probe) -> bool:
    """Whether the last output stays where it is when all tokens before the last change."""
    other = torch.cat([exam.other(probe.tokens)[:, :-1], probe.tokens[:, -1:]], 1)
    a, b = exam.ask(probe), exam.ask(probe.with_(tokens=other))
    n = probe.tokens.shape[1]
    return a.shape[1:2] == (n,) and exam.moved(a, b)[:, -1].max().item() <= exam.tolerance


def _mixed(x: torch.Tensor) -> torch.Tensor:
    """Places 1, 3, 5, … and then 0, 2, 4, …: no order that keeps distances, as a mirror does."""
    return torch.cat([x[:, 1::2], x[:, ::2]], 1)
