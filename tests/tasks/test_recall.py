"""Recall at a distance, and associative recall."""

import math

import numpy as np
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
        (lambda: Recall(distance=(0, 5)), r"pair with 1 ≤ low ≤ high, got \(0, 5\)"),
        (lambda: Recall(distance=(5, 4)), r"pair with 1 ≤ low ≤ high, got \(5, 4\)"),
        (lambda: Recall(distance=1, n_items=0), "n_items must be at least 1, got 0"),
        (lambda: Recall(distance=1, n_symbols=1), "n_symbols must be at least 2, got 1"),
        (lambda: AssociativeRecall(n_pairs=0), "n_pairs must be at least 1, got 0"),
        (lambda: AssociativeRecall(n_pairs=200), "n_keys must be at least 200, got 128"),
        (lambda: AssociativeRecall(n_pairs=2, n_values=1), "n_values must be at least 2, got 1"),
        (lambda: Recall(distance=1).batch(0), "size must be at least 1, got 0"),
        (
            lambda: Recall(distance=1).batch(2, split="dev"),
            "split must be one of 'train', 'test'; got 'dev'",
        ),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("distance", "error"),
    [
        (2.5, TypeError), (True, TypeError), (None, TypeError), ("ab", TypeError),
        ([1, 3], TypeError),
        (("a", "b"), TypeError), ((1.0, 3.0), TypeError), ((1, None), TypeError),
        ((True, 3), TypeError), ((1, math.nan), TypeError), ((), ValueError), ((1,), ValueError),
        ((1, 2, 3), ValueError),
    ],
)  # fmt: skip
def test_distances_that_are_none(distance, error):
    with pytest.raises(error, match="distance must be"):
        Recall(distance=distance)


def test_distances_may_be_numpys():
    assert Recall(distance=(np.int8(1), np.int8(127))) == Recall(distance=(1, 127))


@pytest.mark.parametrize("seed", [np.int64(3), np.uint8(3)])
def test_a_seed_of_numpy_is_a_seed(seed):
    task, draws = Recall(distance=2), []

    def remember(inputs):
        draws.append(inputs)
        return torch.zeros(*inputs.shape, task.n_answers)

    for same in (3, seed):
        recall_accuracy(remember, task, size=5, seed=same)
    assert torch.equal(*draws)


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (None, {"seed": 1.5}, TypeError, "seed must be an integer, got float"),
        (None, {"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        (None, {"size": 0}, ValueError, "size must be at least 1, got 0"),
        (lambda x: torch.full((*x.shape, 8), math.nan), {}, ValueError, "logits must not be NaN"),
        (lambda x: torch.zeros(*x.shape), {}, ValueError, r"shape \(B, T, V\), got \(500, 10\)"),
        (lambda x: torch.zeros(*x.shape, 1, 8), {}, ValueError, r"got \(500, 10, 1, 8\)"),
        (lambda x: torch.zeros(1, 10, 8), {}, ValueError, r"got \(1, 4, 8\)"),
        (lambda x: np.zeros((*x.shape, 8)), {}, TypeError, "logits must be a torch tensor"),
        (lambda x: (torch.zeros(*x.shape, 8), x), {}, TypeError, "a torch tensor, got tuple"),
        (lambda x: torch.zeros(*x.shape, 8).bool(), {}, TypeError, r"numbers, got torch\.bool"),
        (lambda x: torch.zeros(*x.shape, 8).cfloat(), {}, TypeError, r"got torch\.complex64"),
    ],
)
def test_accuracy_of_no_answers(model, options, error, message):
    with pytest.raises(error, match=message):
        recall_accuracy(model, Recall(distance=2), **options)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_loss_of_half_precision_is_added_up_in_single(dtype):
    inputs, targets = Recall(distance=2, n_items=60).batch(600)
    loss = recall_loss(lambda x: torch.zeros(*x.shape, 8, dtype=dtype), (inputs, targets))
    assert loss.item() == pytest.approx(math.log(8), rel=1e-5)


@pytest.mark.parametrize("answer", [None, "none", lambda x: (torch.zeros(*x.shape, 8),)])
def test_the_loss_of_no_answers(answer):
    with pytest.raises(TypeError, match="logits must be a torch tensor, got"):
        recall_loss(answer if callable(answer) else lambda _: answer, Recall(2).batch(3))


@pytest.mark.parametrize(
    "dtype", [torch.int8, torch.uint8, torch.uint16, torch.int32, torch.uint32, torch.uint64]
)
def test_the_split_does_not_depend_on_the_kind_of_integers(dtype):
    sequences = torch.randint(100, (50, 4))
    assert torch.equal(is_held_out(sequences.to(dtype)), is_held_out(sequences))


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


@pytest.mark.parametrize(
    ("sequences", "error", "message"),
    [
        (torch.zeros(2, 3), TypeError, "sequences must be integers, got torch.float32"),
        ([[1, 2]], TypeError, "sequences must be a torch tensor, got list"),
        (torch.zeros(3).long(), ValueError, r"sequences must have shape \(B, T\), got \(3,\)"),
    ],
)
def test_what_belongs_to_no_split(sequences, error, message):
    with pytest.raises(error, match=message):
        is_held_out(sequences)
