"""The models that try to recall, alike in all but what carries the past."""

import numpy as np
import pytest
import torch

from attnlab.models.recallers import CausalAttention, Recaller, recaller
from attnlab.nn.recurrent import gradient_by_lag
from attnlab.tasks.recall import Recall, recall_accuracy, recall_loss
from attnlab.training.fitting import fit, seed_everything

KINDS = ["rnn", "lstm", "gru", "cnn", "attention"]


def test_attention_learns_what_the_plain_rnn_does_not():
    accuracy = {}
    for kind in ("rnn", "attention"):
        seed_everything(0)
        task = Recall(distance=20)
        model = recaller(kind, task.vocab_size, task.n_answers)
        fit(model, task.batches(64), recall_loss, steps=150, lr=6e-3)
        accuracy[kind] = recall_accuracy(model, task)
    assert accuracy["attention"] > 0.9
    assert accuracy["rnn"] < 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_recallers_are_causal(kind):
    model = recaller(kind, 13, 8, d_model=6)
    tokens = torch.randint(13, (2, 7))
    changed = tokens.clone()
    changed[:, 5] = (changed[:, 5] + 1) % 13
    before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :5], after[:, :5])
    assert not torch.allclose(before[:, 5], after[:, 5])
    assert before.shape == (2, 7, 8)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_of_few_bits(kind):
    model = recaller(kind, np.uint8(200), np.int8(8), d_model=np.uint8(100))
    assert model(torch.tensor([[199, 0]])).shape == (1, 2, 8)


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_of_one_step_are_added(kind):
    model = recaller(kind, 13, 8, d_model=6)
    embedded = model.embed(torch.tensor([[[1, 2], [3, 4]]])).sum(dim=2)
    expected = model.read_out(model.layer(embedded))
    torch.testing.assert_close(model(torch.tensor([[[1, 2], [3, 4]]])), expected)


def test_gradients_through_attention_do_not_fade_with_the_lag():
    torch.manual_seed(0)
    layer = recaller("attention", 13, 8, d_model=32).layer.double()
    by_lag = gradient_by_lag(layer, torch.randn(64, 200, 32, dtype=torch.float64))
    near, far = by_lag[1:20].median(), by_lag[-20:].median()
    assert 0.3 < far / near < 3.0


def test_forget_bias_reaches_the_lstm():
    bias = recaller("lstm", 13, 8, d_model=6, forget_bias=3.0).layer.core.bias_ih_l0
    assert torch.equal(bias[6:12], torch.full((6,), 3.0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: recaller("tree", 13, 8), r"kind must be one of .*; got 'tree'"),
        (lambda: recaller("gru", 13, 8, forget_bias=1.0), "forget_bias is for 'lstm' alone, got"),
        (lambda: recaller("gru", 13, 8)(torch.tensor([[13]])), "from 0 to 12, got 13"),
        (lambda: recaller("gru", 13, 8)(torch.tensor([[-1]])), "from 0 to 12, got -1"),
    ],
)
def test_bad_recallers(make, message):
    with pytest.raises(ValueError, match=message):
        make()


TOKENS = torch.tensor([[0, 12, 3]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: recaller("gru", 13, 8)(TOKENS.tolist()), TypeError, "tokens must be a torch tens"),
        (
            lambda: recaller("gru", 13, 8)(TOKENS.numpy()),
            TypeError,
            "tokens must be a torch tensor",
        ),
        (lambda: recaller("gru", 13, 8)(TOKENS.float()), TypeError, "tokens must hold int64"),
        (lambda: recaller("gru", 13, 8)(TOKENS[0]), ValueError, r"tokens must have shape \(B, T\)"),
        (lambda: recaller("gru", 13, 8)(TOKENS[:, :0]), ValueError, "axis 1 of tokens is empty"),
        (lambda: recaller(None, 13, 8), ValueError, "kind must be one of .*; got None"),
        (lambda: recaller("gru", 13.0, 8), TypeError, "vocab_size must be an integer, got float"),
        (lambda: recaller("gru", 13, 0), ValueError, "n_answers must be at least 1, got 0"),
        (
            lambda: recaller("attention", 13, 8, d_model=5),
            ValueError,
            "d_model must be even, got 5",
        ),
        (lambda: recaller("lstm", 13, 8, forget_bias="x"), TypeError, "forget_bias must be a num"),
        (
            lambda: Recaller(13, 8, d_model=4, layer=lambda x: x),
            TypeError,
            "layer must be a Module, got function",
        ),
        (lambda: CausalAttention(4)(None), TypeError, "x must be a torch tensor, got NoneType"),
        (lambda: CausalAttention(4)(torch.ones(2, 3, 5)), ValueError, r"x must have shape \(B, n"),
    ],
)
def test_bad_calls_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "cnn", "attention"])
def test_nobody_waits_for_a_value_and_nothing_moves(kind):
    """On the meta device there is no value: to look at one is an error."""
    model = recaller(kind, 13, 8, d_model=4)
    expected = model(TOKENS)
    torch.set_default_device("meta")
    try:
        assert torch.equal(model(TOKENS), expected)
    finally:
        torch.set_default_device(None)
    assert model.to("meta")(TOKENS.to("meta")).device.type == "meta"
