"""The loss and the marks of answers follow the logits."""

import math

import pytest
import torch

from attnlab.chapters.heads.models import SentenceAnswerer
from attnlab.tasks.answers import answer_loss, right_answers
from attnlab.tasks.lookups import Lookups
from attnlab.tasks.places import Places


def test_right_answers_and_the_loss_follow_the_logits():
    task = Places("ends")
    model, batch = SentenceAnswerer(8, 2), task.batch(5)
    logits, _ = model(batch)
    log_p = logits.log_softmax(-1).gather(-1, batch.targets[..., None])
    torch.testing.assert_close(answer_loss(model, batch), -log_p.mean())
    off = torch.zeros(2)
    right = right_answers(model, batch, head_mask=off)
    assert right.shape == (5, 4, 2)
    constant = model.read_out(model.heads.project_out.bias).unflatten(0, (2, -1)).argmax(1)
    assert torch.equal(right, batch.targets == constant)


@pytest.mark.parametrize("task", [Places("ends"), Lookups()])
def test_answers_of_nan_are_not_right(task):
    batch = task.batch(5)

    def model(batch, *, head_mask=None):
        return torch.full((*batch.targets.shape, 16), math.nan), None

    with pytest.raises(ValueError, match="logits must not be NaN"):
        right_answers(model, batch)
    assert answer_loss(model, batch).isnan()


@pytest.mark.parametrize("task", [Places("ends"), Lookups()])
def test_answers_of_other_targets_are_refused(task):
    batch = task.batch(5)
    with pytest.raises(ValueError, match="logits must have the targets' shape"):
        right_answers(lambda batch, head_mask: (torch.zeros(1, 4, 16), None), batch)
