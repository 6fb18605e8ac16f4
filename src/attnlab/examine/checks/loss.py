"""The loss: right outputs cost nothing, padding pulls at nothing, labels are one step ahead."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from attnlab.examine.exam import Exam
from attnlab.examine.losses import Loss, OfItself, loss_of
from attnlab.examine.report import Finding
from attnlab.examine.roles import ModelRaised, asking
from attnlab.examine.subject import Probe

NAME = "the loss"
PAGE = "transformer/transformer"
SURE = 40.0  # a logit that leaves nothing to the others
SAID = {
    "none": "Hand in loss=, a function of (outputs, labels) or of (model, batch), or a batch with "
    "labels of which the model makes a loss that it returns.",
    "other": "Labels of shape {shape} and type {dtype} aren't one token each, as (B, n) integers "
    "are: nothing is known of what they must cost.",
    "cannot": "loss= was called with (outputs, labels), flattened and not, and with (model, "
    "batch), and raised each time.",
    "labels": "No label changes the loss.",
    "sure": "Outputs that are right and sure cost {figure:.3g}; they should cost nothing.",
    "smoothed": "Sure outputs cost more than careful ones, as with smoothed labels; the least "
    "cost is {figure:.3g}.",
    "padding": "A padded label pulls at the outputs: the gradient there is {figure:.2g}, and that "
    "of a real one {real:.2g}.",
    "column": "Smoothing gives the padding token a share: the gradient of its logit at a real "
    "label is {figure:.2g} where it is never said.",
    "same": "The label at a place is the token that the model sees there: {share:.0%} of labels "
    "can be read off the input.",
    "told": "Other labels in the batch moved an output by {figure:.2g} of the spread.",
    "twice": "The label at a place is the token after the next: labels are shifted twice.",
    "back": "The label at a place is a token that the model has seen before.",
    "shift": "Where no label says what a token is, the shift of labels can't be seen.",
    "held": "Right outputs cost {figure:.1g}, and labels are {shift}.",
    "next": "the next tokens",
    "apart": "apart from the tokens",
    "no pad": "Whether padding pulls at the outputs: hand in pad=, or labels with -100, or with "
    "whatever else the loss leaves out.",
}
LIKELY = {
    "sure": (
        "a softmax before a loss that has one: outputs must be logits",
        "outputs or labels that were transposed before they were flattened",
    ),
    "padding": ("a loss without ignore_index, or a mean over padded places, too",),
    "column": ("label_smoothing with ignore_index, which spares padded labels and not the token",),
    "same": ("targets that are not shifted: the decoder's input must lack its last token",),
    "twice": ("labels that are shifted by the data and by the model, or by the loss, once more",),
    "told": ("labels that the model reads, as its input or for its routing",),
    "back": ("a shift to the wrong side",),
    "labels": ("a loss that compares the outputs with something else",),
}


def loss(exam: Exam) -> Iterator[Finding]:
    """Findings on the loss and on the labels of the batch."""
    subject = exam.subject
    given = subject.entries.get(subject.names.get("labels", ""))
    if given is not None and (given.ndim != 2 or given.is_floating_point()):
        shape, dtype = tuple(given.shape), str(given.dtype).removeprefix("torch.")
        yield Finding(NAME, "skipped", SAID["other"].format(shape=shape, dtype=dtype))
        return
    probe = _question(exam)
    outputs = torch.zeros(*probe.tokens.shape[:2], exam.vocabulary, dtype=exam.wide, device="cpu")
    way = loss_of(subject, exam.loss, probe, outputs.to(probe.tokens.device))
    if way is None and exam.loss is not None:  # a test must not pass because its own loss raises
        yield Finding(NAME, "fault", SAID["cannot"])
        return
    if way is None:
        yield Finding(NAME, "skipped", SAID["none"])
        return
    shift = _shift(exam, way, probe)
    if shift is None:
        yield Finding(NAME, "fault", SAID["labels"], likely=LIKELY["labels"], page=PAGE)
        return
    findings = [*_costs(exam, way, probe, shift), *_ignored(exam, way, probe, shift)]
    if given is not None:
        findings += [*_told(exam, probe), *_visible(exam, given, shift)]
    yield from findings
    if not any(finding.verdict == "fault" for finding in findings):
        figure = _cost(exam, way, probe, shift, SURE)
        named = SAID["next" if given is not None else "apart"]
        yield Finding(NAME, "held", SAID["held"].format(figure=figure, shift=named), page=PAGE)


def _question(exam: Exam) -> Probe:
    """Sequences with labels that have nothing to do with them, in the range of both."""
    probe = exam.probe(3, min(exam.n, 12))
    if exam.subject.takes_mask:  # a loss may ask for it
        real = torch.ones(probe.tokens.shape[:2], dtype=torch.bool, device=probe.tokens.device)
        probe = probe.with_(real=real)
    if exam.alphabet is not None:
        tokens = exam.draw(3, probe.tokens.shape[1])
    else:
        tokens = torch.randint(
            exam.vocabulary, (3, probe.tokens.shape[1]), generator=exam.generator, device="cpu"
        )
    return probe.with_(labels=(tokens % exam.vocabulary).to(torch.int64))


def _slopes(way: Loss, probe: Probe, outputs: Tensor) -> Tensor:
    outputs = outputs.detach().requires_grad_()
    with torch.enable_grad(), asking():
        return torch.autograd.grad(way(probe, outputs), outputs)[0]


def _shift(exam: Exam, way: Loss, probe: Probe) -> int | None:
    """By how many places the loss moves labels forward before it compares them with outputs."""
    assert probe.labels is not None
    outputs = torch.randn(
        *probe.tokens.shape[:2], exam.vocabulary, generator=exam.generator, device="cpu"
    )
    outputs = outputs.to(probe.tokens.device, exam.wide)
    place = probe.tokens.shape[1] // 2
    labels = probe.labels.clone()
    labels[0, place] = labels[labels != labels[0, place]][0]
    a, b = (_slopes(way, asked, outputs) for asked in (probe, probe.with_(labels=labels)))
    moved = (a - b).abs().sum(-1)[0]
    return place - int(moved.argmax()) if bool(moved.any()) else None


def _right(exam: Exam, probe: Probe, shift: int, sure: float) -> Tensor:
    """Outputs that are right: a large logit for the label that each place is compared with."""
    assert probe.labels is not None
    n = probe.tokens.shape[1]
    outputs = torch.zeros(*probe.tokens.shape[:2], exam.vocabulary, dtype=exam.wide, device="cpu")
    for place in range(n):
        if 0 <= place + shift < n:
            labels = probe.labels[:, place + shift].clamp(min=0)
            outputs[list(range(len(labels))), place, labels.cpu()] = sure
    return outputs.to(probe.tokens.device)


def _cost(exam: Exam, way: Loss, probe: Probe, shift: int, sure: float) -> float:
    with torch.no_grad():
        return way(probe, _right(exam, probe, shift, sure)).item()


def _costs(exam: Exam, way: Loss, probe: Probe, shift: int) -> Iterator[Finding]:
    """Whether right outputs cost nothing, or, with smoothed labels, less where they are careful."""
    costs = {sure: _cost(exam, way, probe, shift, sure) for sure in (2.0, 4.0, 8.0, 16.0, SURE)}
    n_labels = probe.tokens.shape[0] * probe.tokens.shape[1]
    if costs[SURE] <= 0.01:
        return
    least = min(costs.values())
    if least < costs[SURE] - 0.01:
        pad = exam.subject.pad
        if pad is not None and pad < exam.vocabulary:
            outputs = _right(exam, probe, shift, 4.0)
            outputs[..., pad] = -SURE
            pull = _slopes(way, probe, outputs)[..., pad].abs().max().item() * n_labels
            if pull > 1e-4:
                said = SAID["column"].format(figure=pull)
                yield Finding(NAME, "fault", said, pull, 1e-4, LIKELY["column"], PAGE)
                return
        yield Finding(NAME, "held", SAID["smoothed"].format(figure=least), page=PAGE)
        return
    said = SAID["sure"].format(figure=costs[SURE])
    yield Finding(NAME, "fault", said, costs[SURE], 0.01, LIKELY["sure"], PAGE)


def _ignored(exam: Exam, way: Loss, probe: Probe, shift: int) -> Iterator[Finding]:
    """Whether padded labels pull at the outputs."""
    assert probe.labels is not None
    given = exam.subject.entries.get(exam.subject.names.get("labels", ""))
    least = 0 if given is None else int(given.min())
    ignored = least if least < 0 else -100 if isinstance(way, OfItself) else exam.subject.pad
    if ignored is None:
        yield Finding(NAME, "skipped", SAID["no pad"])
        return
    n = probe.tokens.shape[1]
    real = torch.ones(probe.labels.shape, dtype=torch.bool, device=probe.labels.device)
    real[0, n - max(1, n // 3) :] = False
    padded = probe.with_(labels=probe.labels.masked_fill(~real, ignored), real=real)
    outputs = torch.randn(
        *probe.tokens.shape[:2], exam.vocabulary, generator=exam.generator, device="cpu"
    )
    try:
        slopes = _slopes(way, padded, outputs.to(probe.tokens.device, exam.wide))
    except ModelRaised:
        if least < 0:
            raise
        yield Finding(NAME, "skipped", SAID["no pad"])  # another number may stand for it
        return
    pull = slopes.abs().amax(-1)
    compared = torch.zeros_like(real)
    compared[:, : n - shift or None] = real[:, max(0, shift) :] if shift >= 0 else real
    at_padding, at_real = pull[~compared].max().item(), pull[compared].max().item()
    if at_padding > 1e-6 * max(at_real, 1e-30):
        said = SAID["padding"].format(figure=at_padding, real=at_real)
        yield Finding(NAME, "fault", said, at_padding, likely=LIKELY["padding"], page=PAGE)


def _told(exam: Exam, probe: Probe) -> Iterator[Finding]:
    """Whether outputs depend on the labels that lie in the batch."""
    if probe.labels is None:
        return
    figure = exam.moved(*(exam.ask(p) for p in (probe, probe.with_(labels=probe.labels.flip(0)))))
    if figure.max().item() > exam.tolerance:
        said = SAID["told"].format(figure=figure.max().item())
        yield Finding(NAME, "fault", said, likely=LIKELY["told"], page=PAGE)


def _visible(exam: Exam, labels: Tensor, shift: int) -> Iterator[Finding]:
    """Whether the batch's labels can be read off what the model sees."""
    tokens = exam.subject.tokens
    if tokens.is_floating_point() or tokens.shape != labels.shape:
        return
    n = tokens.shape[1]
    real = labels >= 0
    if exam.subject.pad is not None:
        real &= labels != exam.subject.pad
    shares = {}
    for ahead in range(-2, 4):  # the label at i is the token at i + ahead
        here = slice(max(0, -ahead), min(n, n - ahead))
        there = slice(max(0, ahead), min(n, n + ahead))
        known = real[:, here]
        if bool(known.any()):
            same = labels[:, here] == tokens[:, there]
            shares[ahead] = same[known].double().mean().item()
    ahead = max(shares, key=lambda key: shares[key])
    ordinary = sorted(shares.values())[-2] if len(shares) > 1 else 0.0
    if shares[ahead] < 0.9 or shares[ahead] - ordinary < 0.2:
        return
    step = ahead + shift  # outputs at i are compared with the token at i + step
    name = "same" if step == 0 else "twice" if step > 1 else "back"
    if step == 1:
        return
    if exam.kind == "encoder" and step != 0:
        return
    said = SAID[name].format(share=shares[ahead])
    yield Finding(NAME, "fault", said, likely=LIKELY[name], page=PAGE)


def start(exam: Exam) -> Iterator[Finding]:
    """Findings on the first loss: near the logarithm of the vocabulary for tokens at random."""
    given = exam.subject.entries.get(exam.subject.names.get("labels", ""))
    if (given is None and exam.loss is None) or (
        given is not None and (given.ndim != 2 or given.is_floating_point())
    ):
        return
    probe = _question(exam)
    outputs = exam.ask(probe)
    way = None if outputs.ndim != 3 else loss_of(exam.subject, exam.loss, probe, outputs)
    if way is None:
        return
    with torch.no_grad():
        cost, even = (way(probe, x).item() for x in (outputs, torch.zeros_like(outputs)))
    values = {"figure": cost, "even": even, "log": math.log(exam.vocabulary)}
    if not math.isfinite(cost) or cost > 3 * even:
        said = START["high"].format(**values)
        yield Finding(START_NAME, "fault", said, cost, 3 * even, START_LIKELY["high"], PAGE)
    elif cost < 0.5 * even:
        said = START["low"].format(**values)
        yield Finding(START_NAME, "fault", said, cost, 0.5 * even, START_LIKELY["low"], PAGE)
    else:
        yield Finding(START_NAME, "held", START["held"].format(**values), cost, page=PAGE)


START_NAME = "labels at random"
START = {
    "high": "For labels drawn at random the loss is {figure:.3g}, where outputs that know nothing "
    "cost {even:.3g}.",
    "low": "For labels drawn at random the loss is {figure:.3g}, less than the {even:.3g} of "
    "outputs that know nothing: something tells the model its labels.",
    "held": "For labels drawn at random the loss is {figure:.3g}; knowing nothing costs "
    "{even:.3g}.",
}
START_LIKELY = {
    "high": ("an output layer, or embeddings that it shares, with weights that are far too large",),
    "low": ("labels that reach the model by another way than the loss",),
}
