"""The batch: a sequence gets the same outputs alone, beside others, and in any order of them."""

from collections.abc import Iterator

import torch

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding

NAME = "alone and in a batch"
PAGE = "transformer/self-attention"
SAID = {
    "alone": "A sequence's outputs differ by {figure:.2g} of the spread between a call of its own "
    "and one with three others.",
    "padded": "A sequence's outputs differ by {figure:.2g} of the spread between a call of its own "
    "and one with three longer ones, beside which it is padded.",
    "order": "Sequences in another order get outputs that differ by {figure:.2g} of the spread.",
    "held": "Alone, beside others and in another order, outputs were apart by no more than "
    "{figure:.1g} of the spread.",
}
LIKELY = {
    "alone": (
        "attention across the batch: batch_first is not set where batches come first",
        "a model that takes places first, (n, B): then hand in forward=lambda model, batch: "
        "model(batch.T).transpose(0, 1)",
        "a view that mixes rows, or statistics of the batch in evaluation mode",
    ),
    "padded": ("one mask, or one length, for all sequences",),
    "order": ("something that is kept from one sequence for the next",),
}


def batch(exam: Exam) -> Iterator[Finding]:
    """Findings on sequences beside others."""
    n = max(1, min(exam.n, 24))
    probe = exam.probe(4, n)
    together = exam.ask(probe)
    figures = {}
    alone = torch.cat([exam.ask(probe.rows([row])) for row in range(4)])
    figures["alone"] = exam.moved(together, alone).max().item()
    order = [2, 0, 3, 1]
    figures["order"] = exam.moved(together[order], exam.ask(probe.rows(order))).max().item()
    if exam.subject.takes_mask and n > 3 and "padding" not in exam.faults:
        figures["padded"] = _padded(exam, probe.tokens, n)
    for name in ("alone", "padded", "order"):
        if figures.get(name, 0) > exam.apart:
            said = SAID[name].format(figure=figures[name])
            yield Finding(NAME, "fault", said, figures[name], exam.apart, LIKELY[name], PAGE)
            return
    worst = max(figures.values())
    yield Finding(NAME, "held", SAID["held"].format(figure=worst), worst, exam.apart, page=PAGE)


def _padded(exam: Exam, tokens: torch.Tensor, n: int) -> float:
    """The largest gap between short sequences alone and beside longer ones."""
    lengths = torch.tensor([n, n // 2, n - 1, n // 3 + 1], device=tokens.device)
    real = torch.arange(n, device=tokens.device) < lengths[:, None]
    probe = exam.probe(4, n)
    together = exam.ask(probe.with_(real=real))
    worst = 0.0
    for row, length in enumerate(lengths.tolist()):
        own = probe.rows([row])
        alone = exam.ask(own.with_(tokens=own.tokens[:, :length]))
        beside = together[row : row + 1]
        beside = beside[:, :length] if beside.shape[1:2] == (n,) else beside
        worst = max(worst, exam.moved(alone, beside).max().item())
    return worst
