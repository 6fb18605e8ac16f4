"""Models, batches, losses and steps that are out of the ordinary: no false verdict, and a hint."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attnlab.examine import CannotExamine, Report, examine
from tests.examine.models import IDS, VOCABULARY, Writer, translator


def said(report: Report, check: str) -> str:
    return " ".join(finding.said for finding in report.findings if finding.check == check)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_precisions(dtype):
    assert examine(Writer().to(dtype), IDS).ok


def test_a_model_that_changes_when_called():
    class Drifts(Writer):
        calls = 0

        def forward(self, ids, mask=None):
            self.calls += 1
            return super().forward(ids, mask) + 0.1 * self.calls

    report = examine(Drifts(), IDS)
    assert report.found() == ["two equal calls"]
    assert "a call changes the model" in str(report)


def test_a_model_that_samples():
    class Samples(Writer):
        def forward(self, ids, mask=None):
            return F.dropout(super().forward(ids, mask), 0.1)  # and never asks for the mode

    report = examine(Samples(), IDS)
    assert report.found() == ["two equal calls"]
    assert "something is drawn" in str(report)


def test_a_model_that_takes_no_short_input():
    class Long(Writer):
        def forward(self, ids, mask=None):
            if ids.shape[1] < 12:
                raise ValueError("too short")
            return super().forward(ids, mask)

    report = examine(Long(), IDS)
    assert report.ok
    assert "the model raises ValueError: too short" in said(report, "precision and edges")


def test_a_model_that_takes_no_long_input():
    class Short(Writer):
        def forward(self, ids, mask=None):
            if ids.shape[1] > 12:
                raise ValueError("too long")
            return super().forward(ids, mask)

    assert examine(Short(), IDS).ok
    leaky = Short(causal=False)
    assert examine(leaky, IDS).found() == ["the future"]


@pytest.mark.parametrize("batch", [IDS[:1], IDS[:, :1], IDS[:1, :3], torch.arange(1, 20)[None]])
def test_small_batches(batch):
    batch = batch.clone()
    batch[0, 0] = 19  # so that there are tokens to draw from
    assert examine(Writer(), batch).ok
    assert examine(Writer(causal=False), batch).found() == ["the future"]


def test_weights_that_are_no_numbers():
    model = Writer()
    with torch.no_grad():
        model.to_logits.weight[0, 0] = torch.nan
    report = examine(model, IDS)
    assert report.found() == ["finite outputs"] and len(report.findings) == 1


def test_a_compiled_model_is_examined_as_it_was():
    report = examine(torch.compile(Writer(), backend="eager"), IDS)
    assert report.ok and "before compilation" in str(report)


def test_batches_that_hold_padding_everywhere():
    batch = {"ids": IDS, "mask": torch.zeros(3, 1, 12, dtype=torch.bool)}
    assert examine(Writer(), batch).ok


BATCH = {"src": IDS[:, :7], "tgt": IDS[:, :-1], "labels": IDS[:, 1:]}


def forward(model, batch):
    return model(batch["src"], batch["tgt"])


@pytest.mark.parametrize(
    "loss",
    [
        lambda logits, labels: F.cross_entropy(logits.mT, labels),
        lambda logits, labels: F.cross_entropy(logits.mT, labels, reduction="sum"),
        lambda logits, labels: F.cross_entropy(logits.mT, labels, reduction="none"),
        lambda logits, labels: (F.cross_entropy(logits.mT, labels), {"accuracy": 0.0}),
        lambda logits, labels: F.cross_entropy(logits.mT, labels, label_smoothing=0.1),
        nn.CrossEntropyLoss(),
        F.cross_entropy,
        lambda model, batch: F.cross_entropy(forward(model, batch).mT, batch["labels"]),
    ],
)
def test_losses_of_all_kinds(loss):
    report = examine(translator(), BATCH, forward=forward, loss=loss)
    assert report.ok, report
    assert {"the loss", "labels at random"} <= {finding.check for finding in report.of("held")}


def test_a_loss_that_can_not_be_called():
    report = examine(translator(), BATCH, forward=forward, loss=lambda: 1)
    assert report.found() == ["the loss"] and "raised each time" in said(report, "the loss")


def test_labels_of_minus_one_hundred():
    labels = BATCH["labels"].clone()
    labels[0, -3:] = -100

    def loss(logits, labels):
        return F.cross_entropy(logits.mT, labels)

    assert examine(translator(), BATCH | {"labels": labels}, forward=forward, loss=loss).ok


def test_a_step_that_raises():
    def step(model, batch, state):
        raise KeyError("cache")

    report = examine(Writer(), IDS, step=step)
    assert report.found() == ["stepwise"] and "KeyError" in said(report, "stepwise")


def test_a_step_that_returns_no_pair():
    report = examine(Writer(), IDS, step=lambda model, batch, state: torch.zeros(2, 1, VOCABULARY))
    assert report.found() == ["stepwise"] and "gave no answer" in said(report, "stepwise")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"seconds": 0}, ValueError),
        ({"seconds": "1"}, TypeError),
        ({"without": ["x"]}, ValueError),
        ({"without": "x"}, ValueError),
        ({"loss": 3}, TypeError),
        ({"step": "x"}, TypeError),
        ({"forward": "x"}, TypeError),
        ({"weights": 1}, TypeError),
        ({"pad": "0"}, TypeError),
    ],
)
def test_settings(options, error):
    with pytest.raises(error):
        examine(Writer(), IDS, **options)


def test_a_model_that_refuses_to_be_differentiated():
    class Refuses(Writer):
        def forward(self, ids, mask=None):
            outputs = super().forward(ids, mask)
            if outputs.requires_grad and not self.training:
                outputs.register_hook(refuse)
            return outputs

    def refuse(_):
        raise AssertionError("in training only")

    report = examine(Refuses(), IDS)
    assert report.ok
    assert "AssertionError: in training only" in said(report, "what does nothing")


def test_a_cache_that_is_not_handed_out():
    class KeepsIt(Writer):
        def forward(self, ids, mask=None, past_key_values=None, use_cache=False):
            return super().forward(ids, mask)

    report = examine(KeepsIt(), {"ids": IDS})
    assert report.ok
    assert "past_key_values" in said(report, "stepwise")


def test_a_cache_by_its_newer_name():
    class Forgets(Writer):
        def forward(self, ids, mask=None, cache=None, use_cache=False):
            return SimpleNamespace(logits=super().forward(ids, mask), cache=())

    assert examine(Forgets(), {"ids": IDS}).found() == ["stepwise"]


def test_no_time_for_a_single_question():
    with pytest.raises(CannotExamine, match="hand in more of them"):
        examine(Writer(), IDS, seconds=1e-6)
