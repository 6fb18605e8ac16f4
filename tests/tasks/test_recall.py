"""Recall at a distance, and associative recall."""

import math

import pytest
import torch
from torch import nn

from attnlab.tasks.recall import AssociativeRecall, Recall, recall_accuracy, recall_loss
from attnlab.tasks.split import draw, is_held_out


class Oracle(nn.Module):
    """Answers the recall task by looking it up, the first `right` sequences at least."""

    def __init__(self, task, right):
        super().__init__()
        self.task, self.right = task, right

    def forward(self, inputs):
        answers = inputs[:, : self.task.n_items].clone()
        answers[self.right :, 0] = (answers[self.right :, 0] + 1) % self.task.n_answers
        scores = torch.zeros(*inputs.shape, self.task.n_answers)
        scores[:, -self.task.n_items :].scatter_(2, answers[..., None], 50.0)
        return scores


def test_inputs_are_symbols_blanks_and_cues():
    inputs, targets = Recall(distance=3, n_items=2, n_symbols=5).batch(4)
    assert torch.equal(inputs[:, :2], targets)
    assert inputs[:, 2:].tolist() == [[5, 5, 5, 6, 7]] * 4
    assert targets.max() < 5


def test_no_distance_at_all():
    inputs, targets = Recall(distance=0).batch(2)
    assert inputs.shape == (2, 8)
    assert torch.equal(inputs[:, :4], targets)


def test_mixed_distances_are_log_uniform():
    task = Recall(distance=(1, 200))
    torch.manual_seed(0)
    drawn = torch.tensor([task.batch(1)[0].shape[1] - 8 for _ in range(2000)])
    assert drawn.min() == 1
    assert 190 <= drawn.max() <= 200
    below = (drawn < math.sqrt(201)).double().mean().item()
    assert below == pytest.approx(0.5, abs=0.04)


def test_splits_never_meet():
    task = Recall(distance=1, n_items=2, n_symbols=6)
    train = {tuple(row) for row in task.batch(500)[1].tolist()}
    test = {tuple(row) for row in task.batch(500, split="test")[1].tolist()}
    assert not train & test
    assert len(train) + len(test) == 36
    assert len(test) == pytest.approx(36 / 5, abs=3)


def test_a_generator_decides_all():
    task = Recall(distance=(1, 50))
    first, second = (task.batch(3, generator=torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first[0], second[0])
    task = AssociativeRecall(n_pairs=4)
    first, second = (task.batch(3, generator=torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first[0], second[0])


def test_associative_answers_belong_to_the_key_that_is_asked():
    task = AssociativeRecall(n_pairs=5, n_keys=9, n_values=4)
    inputs, targets = task.batch(20)
    keys, values = inputs.unbind(2)
    assert (values[:, -1] == 4).all()
    asked = keys[:, :-1] == keys[:, -1:]
    assert (asked.sum(dim=1) == 1).all()
    assert torch.equal(values[:, :-1][asked], targets[:, 0])
    assert 5 <= keys.min() <= keys.max() < task.vocab_size == 14


def test_accuracy_counts_whole_sequences_of_the_test_split():
    task = Recall(distance=2)
    assert recall_accuracy(Oracle(task, right=500), task) == 1.0
    assert recall_accuracy(Oracle(task, right=250), task) == 0.5


def test_loss_is_small_only_for_the_right_answer():
    task = Recall(distance=2)
    assert recall_loss(Oracle(task, right=8), task.batch(8)).item() < 1e-6
    assert recall_loss(Oracle(task, right=0), task.batch(8)).item() == pytest.approx(12.5, abs=0.1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Recall(distance=-1), "distance must be at least 0, got -1"),
        (lambda: Recall(distance=(0, 5)), r"distances must be 1 ≤ low ≤ high, got \(0, 5\)"),
        (lambda: Recall(distance=(5, 4)), r"distances must be 1 ≤ low ≤ high, got \(5, 4\)"),
        (lambda: Recall(distance=1, n_items=0), "n_items must be at least 1, got 0"),
        (lambda: Recall(distance=1, n_symbols=1), "n_symbols must be at least 2, got 1"),
        (lambda: AssociativeRecall(n_pairs=0), "n_pairs must be at least 1, got 0"),
        (lambda: AssociativeRecall(n_pairs=200), "n_keys must be at least 200, got 128"),
        (lambda: AssociativeRecall(n_pairs=2, n_values=1), "n_values must be at least 2, got 1"),
        (lambda: Recall(distance=1).batch(0), "size must be at least 1, got 0"),
        (lambda: Recall(distance=1).batch(2, split="dev"), "split must be 'train' or 'test', got"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_distance_must_be_whole():
    with pytest.raises(TypeError, match="distance must be an integer, got float"):
        Recall(distance=2.5)


def test_padding_at_the_end_does_not_change_the_split():
    rows = torch.randint(1, 9, (200, 5))
    padded = torch.nn.functional.pad(rows, (0, 3))
    assert torch.equal(is_held_out(rows), is_held_out(padded))
    assert is_held_out(rows).double().mean().item() == pytest.approx(0.2, abs=0.1)


def test_a_split_without_any_sequence_says_so():
    only = torch.tensor([[3, 1, 4]])
    assert not is_held_out(only)
    with pytest.raises(ValueError, match="the test split is empty: too few different sequences"):
        draw(lambda size: only.expand(size, 3), 2, "test")
