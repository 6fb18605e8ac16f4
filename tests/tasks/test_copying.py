"""Sequences to be repeated: their tokens, batches and marks."""

import math

import pytest
import torch

from attnlab.tasks.copying import V, copy_accuracy, copy_batches, copy_loss, copy_tokens


def test_tokens_are_said_twice():
    tokens = copy_tokens(5, size=3)
    assert tokens.shape == (3, 11) and (tokens[:, 5] == V).all()
    assert (tokens[:, :5] == tokens[:, 6:]).all() and (tokens[:, :5] < V).all()


def test_fewer_different_symbols():
    assert set(copy_tokens(50, size=4, distinct=3).unique().tolist()) == {0, 1, 2, V}
    with pytest.raises(ValueError, match=f"distinct must be at most {V}, got {V + 1}"):
        copy_tokens(5, size=4, distinct=V + 1)
    assert copy_accuracy(lambda x: torch.eye(V)[0].expand(*x.shape, V), 9, distinct=1) == 1


def test_batches_have_every_length_up_to_the_longest():
    torch.manual_seed(0)
    batches = copy_batches(3, size=4)
    shapes = {next(batches).shape for _ in range(50)}
    assert shapes == {(4, 3), (4, 5), (4, 7)}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda x: torch.full((*x.shape, V), math.nan), "logits must not be NaN"),
        (lambda x: torch.zeros(x.shape), r"shape \(B, T, V\), got \(100, 6\)"),
        (lambda x: torch.zeros(1, x.shape[1], V), "and an axis more, got"),
    ],
)
def test_the_accuracy_of_no_answers(model, message):
    with pytest.raises(ValueError, match=message):
        copy_accuracy(model, 3)


def test_logits_that_are_no_tensor_are_named():
    for ask in (lambda m: copy_accuracy(m, 3), lambda m: copy_loss(m, copy_tokens(3, size=2))):
        with pytest.raises(TypeError, match="logits must be a torch tensor, got tuple"):
            ask(lambda x: (torch.zeros(*x.shape, V), None))


def test_the_accuracy_of_guessing_is_that_of_chance():
    torch.manual_seed(0)
    assert copy_accuracy(lambda x: torch.rand(*x.shape, V), 50) == pytest.approx(1 / V, abs=0.03)
