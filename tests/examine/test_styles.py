"""Models as others write them: healthy ones get no fault, and a mistake in each is found."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attnlab.examine import CannotExamine, Report, examine
from tests.examine.models import IDS, VOCABULARY, Writer


def said(report: Report, check: str) -> str:
    return " ".join(finding.said for finding in report.findings if finding.check == check)


class WithItsLoss(Writer):
    """As nanoGPT: `(logits, loss)`, and a loss that leaves out labels of -1."""

    def __init__(self, *, shifts: bool = False, causal: bool = True):
        super().__init__(causal=causal)
        self.shifts = shifts

    def forward(self, idx, targets=None):
        logits = super().forward(idx)
        if targets is None:
            return logits, None
        compared = (logits[:, :-1], targets[:, 1:]) if self.shifts else (logits, targets)
        flat = [x.flatten(0, 1) for x in compared]
        return logits, F.cross_entropy(*flat, ignore_index=-1)


@pytest.mark.parametrize(
    "form", [tuple, lambda pair: dict(zip(("idx", "targets"), pair, strict=True))]
)
def test_a_model_that_returns_its_loss(form):
    batch = form((IDS[:, :-1], IDS[:, 1:]))
    report = examine(WithItsLoss(), batch)
    assert report.ok and "the loss" in {finding.check for finding in report.of("held")}
    twice = examine(WithItsLoss(shifts=True), batch)
    assert twice.found() == ["the loss"] and "shifted twice" in said(twice, "the loss")
    assert examine(WithItsLoss(), form((IDS, IDS))).found() == ["the loss"]


def test_labels_that_a_loss_leaves_out_are_read_off_the_batch():
    labels = IDS[:, 1:].clone()
    labels[0, -3:] = -1
    report = examine(WithItsLoss(), (IDS[:, :-1], labels))
    assert report.ok and "padding pulls" not in said(report, "the loss")


@pytest.mark.parametrize("labels", [IDS[:, 0], IDS.flatten(), torch.rand(3, 12, 2)])
def test_labels_that_are_not_one_token_each(labels):
    report = examine(
        Writer(),
        {"ids": IDS, "labels": labels},
        forward=lambda model, batch: model(batch["ids"]),
        loss=F.cross_entropy,
    )
    assert report.ok and "aren't one token each" in said(report, "the loss")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_hides_nothing(dtype):
    def build(**options):
        model = Writer(**options)
        nn.init.normal_(model.embedding.weight, std=0.02)
        for parameter in model.stack.parameters():  # so that little moves: by less than its digits
            parameter.data *= 0.3
        return model.to(dtype)

    healthy = build()
    assert examine(healthy, IDS).ok
    assert {parameter.dtype for parameter in healthy.parameters()} == {dtype}
    assert examine(build(causal=False), IDS).found() == ["the future"]


def test_outputs_of_few_digits():
    class Rounds(Writer):
        def forward(self, ids, mask=None):
            x = self.stack(0.02 * self.embedding(ids), causal=True)
            return (self.to_logits(self.embedding(ids) + 0.01 * x)).bfloat16()

    report = examine(Rounds(), IDS)
    assert report.ok and "can't be told from noise" in said(report, "order")


def test_where_equal_calls_differ_nothing_is_said_to_hold():
    calls = []

    def drifts(ids):
        calls.append(ids)
        return F.one_hot(ids, VOCABULARY).float().cumsum(1) + len(calls)

    report = examine(drifts, IDS)
    assert report.found() == ["two equal calls"]
    for check in ("the future", "alone and in a batch", "order"):
        assert "can't be told from noise" in said(report, check)


def test_places_first_are_told_from_a_leak():
    class PlacesFirst(Writer):
        def forward(self, ids, mask=None):
            return super().forward(ids.T).transpose(0, 1)

    report = examine(PlacesFirst(), IDS)
    assert report.found() == ["alone and in a batch", "order"]
    assert "(n, B)" in str(report) and "each token is seen alone" in str(report)

    def turned(model, batch):
        return model(batch.T).transpose(0, 1)

    assert examine(PlacesFirst(), IDS, forward=turned).ok


def test_a_model_that_writes_into_its_input():
    class Writes(Writer):
        def forward(self, ids, mask=None):
            outputs = super().forward(ids.clone())
            ids.zero_()
            return outputs

    ids = IDS.clone()
    report = examine(Writes(), ids)
    assert report.ok and "ids of the batch changed" in said(report, "two equal calls")
    assert torch.equal(ids, IDS)


def test_outputs_that_depend_on_nothing():
    class Deaf(Writer):
        def forward(self, ids, mask=None):
            return super().forward(torch.ones_like(ids)).mean(1)

    report = examine(Deaf(), IDS, kind="encoder", without=["order"])
    assert report.found() == ["what does nothing"]
    assert "depends on the tokens" in said(report, "what does nothing")


def test_a_model_that_takes_one_sequence_at_a_time():
    class One(Writer):
        def forward(self, ids, mask=None):
            if len(ids) > 1:
                raise ValueError("one at a time")
            return super().forward(ids, mask)

    assert examine(One(), IDS).ok
    assert examine(One(causal=False), IDS).found() == ["the future"]


def test_errors_that_can_not_be_printed():
    class Unprintable(Exception):
        def __str__(self):
            raise RuntimeError

    class Odd(Writer):
        def forward(self, ids, mask=None):
            if ids.shape[1] > 12:
                raise Unprintable
            return super().forward(ids, mask)

    assert examine(Odd(), IDS).ok


def test_a_mask_taken_the_other_way_around_that_hides_all():
    class Inverted(nn.Module):
        def forward(self, ids, mask):
            x = F.one_hot(ids, VOCABULARY).float()
            return (x @ x.mT).masked_fill(mask[:, None], -torch.inf).softmax(-1) @ x

    report = examine(Inverted(), {"ids": IDS, "mask": IDS > 3})
    assert report.found() == ["finite outputs"] and "the other way around" in str(report)


def test_one_output_a_sequence_asks_for_the_kind():
    with pytest.raises(CannotExamine, match="kind='encoder'"):
        examine(lambda ids: F.one_hot(ids, VOCABULARY).float().mean(1), IDS)


def test_defaults_of_torch_that_are_set_elsewhere():
    embedding, to_logits = nn.Embedding(VOCABULARY, 8), nn.Linear(8, VOCABULARY)
    model = nn.Sequential(embedding, to_logits)  # which makes no tensors of its own
    torch.set_default_device("meta")
    torch.set_default_dtype(torch.float64)
    try:
        report = examine(model, IDS, loss=F.cross_entropy)
    finally:
        torch.set_default_device(None)
        torch.set_default_dtype(torch.float32)
    assert report.found() == ["order"]
    assert "the loss" in {finding.check for finding in report.of("held")}


def test_what_is_on_no_device():
    with pytest.raises(CannotExamine, match="'meta'"):
        examine(nn.Embedding(VOCABULARY, 8), IDS.to("meta"))
    with pytest.raises(CannotExamine, match="'meta'"):
        examine(nn.Embedding(VOCABULARY, 8, device="meta"), IDS)


def test_one_output_that_is_read_off_the_first_place():
    class Pools(nn.Module):
        def __init__(self, *, ignores: bool = False):
            super().__init__()
            self.writer, self.ignores = Writer(causal=False, positions="none"), ignores

        def forward(self, ids, mask):
            return self.writer(ids, None if self.ignores else mask[:, None])[:, 0]

    batch = {"ids": IDS, "mask": torch.arange(12) < torch.tensor([[12], [7], [9]])}
    assert examine(Pools(), batch, kind="encoder", without=["order"]).ok
    report = examine(Pools(ignores=True), batch, kind="encoder", without=["order"])
    assert report.found() == ["padding"]


def test_a_model_that_keeps_no_cache_beside_labels():
    class Answer:
        def __init__(self, logits, past_key_values, loss):
            self.logits, self.past_key_values, self.loss = logits, past_key_values, loss

    class Caches(Writer):
        def __init__(self, *, forgets: bool = False):
            super().__init__()
            self.forgets = forgets

        def forward(self, ids, labels=None, past_key_values=None, use_cache=False):
            seen = ids if past_key_values is None else torch.cat([past_key_values, ids], 1)
            logits = super().forward(seen)[:, -ids.shape[1] :]
            loss = None if labels is None else F.cross_entropy(logits.mT, labels)
            keep = use_cache and labels is None and not self.forgets
            return Answer(logits, seen if keep else None, loss)

    batch = {"ids": IDS[:, :-1], "labels": IDS[:, 1:]}
    report = examine(Caches(), batch)
    assert report.ok and "stepwise" in {finding.check for finding in report.of("held")}
    assert examine(Caches(forgets=True), batch).found() == ["stepwise"]


def test_outputs_that_are_all_the_same():
    model = Writer()
    nn.init.zeros_(model.to_logits.weight)
    nn.init.zeros_(model.to_logits.bias)
    report = examine(model, IDS)
    assert not report.ok and not report.found() and len(report.findings) == 1
    assert "weights start from 0" in str(report)


def test_one_number_a_sequence():
    class Score(Writer):
        def forward(self, ids, mask=None):
            mask = None if mask is None else mask[:, None]
            x = self.stack(self.embedding(ids), mask=mask)
            if mask is None:
                return x[..., 0].mean(1, keepdim=True)
            return (x[..., 0] * mask[:, 0]).sum(1, keepdim=True) / mask.sum(-1).clamp(min=1)

    batch = {"ids": IDS, "mask": torch.arange(12) < torch.tensor([[12], [7], [9]])}
    assert examine(Score(), batch, kind="encoder").ok

    class Deaf(Score):
        def forward(self, ids, mask=None):
            return super().forward(ids)

    assert examine(Deaf(), batch, kind="encoder").found() == ["padding"]
