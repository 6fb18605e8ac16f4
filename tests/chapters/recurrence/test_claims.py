"""The claims of `before/recurrence` fail when what they say is broken."""

import copy

import pytest
import torch

import attnlab.stored
from attnlab.chapters.recurrence import models
from attnlab.nn import recurrent
from attnlab.tasks import recall
from tests.chapters.faults import failing_claims

PAGE = "before/recurrence.md"
TRAINED = ("fit(\n", "recurrence-start", 'models["attention"]')  # the cells that take long


def failing(until: str, **options) -> set[str]:
    """The claims that fail up to this one, without those that need a trained network."""
    return failing_claims(PAGE, until=until, skip=TRAINED, **options)


def test_without_a_fault_all_hold():
    assert failing("recurrence-detours") == set()


def test_lags_counted_from_the_wrong_end(monkeypatch):
    probe = recurrent.gradient_by_lag
    monkeypatch.setattr(
        recurrent, "gradient_by_lag", lambda *args: (curve := probe(*args)).flip(0) / curve[-1]
    )
    assert {"recurrence-rnn-50", "recurrence-lstm-50"} <= failing("recurrence-rnn-50")


def test_forget_bias_ignored(monkeypatch):
    lstm = recurrent.LSTM
    monkeypatch.setattr(recurrent, "LSTM", lambda *widths, **_: lstm(*widths))
    expected = {"recurrence-lstm-bias-50", "recurrence-cell-path"}
    assert failing("recurrence-cell-path") == expected


def test_forget_bias_ignored_in_the_networks_that_recall(monkeypatch):
    monkeypatch.setattr(models, "LSTM", lambda *widths, **_: recurrent.LSTM(*widths))
    assert failing("recurrence-far-arrives") == {"recurrence-far-arrives"}


def test_forget_bias_always_3(monkeypatch):
    lstm = recurrent.LSTM
    monkeypatch.setattr(recurrent, "LSTM", lambda *widths, **_: lstm(*widths, forget_bias=3.0))
    assert failing("recurrence-lstm-50") == {"recurrence-lstm-50"}


def test_attention_that_prefers_the_last_steps(monkeypatch):
    attention = attnlab.attention

    def scores(q, k):
        return attnlab.scaled_dot_scores(q, k) + 0.05 * torch.arange(k.shape[-2])

    monkeypatch.setattr(attnlab, "attention", lambda *args: attention(*args, scores=scores))
    assert failing("recurrence-attention-level") == {"recurrence-attention-level"}


def test_gain_ignored(monkeypatch):
    rnn = recurrent.TanhRNN
    monkeypatch.setattr(
        recurrent, "TanhRNN", lambda *widths, gain=None: rnn(*widths, gain=gain and 1.0)
    )
    expected = {"recurrence-vanish", "recurrence-hold", "recurrence-explode"}
    assert failing("recurrence-hold") == expected


def test_the_size_of_the_inputs_ignored():
    expected = {"recurrence-hold", "recurrence-explode", "recurrence-input-size"}
    edits = {"input_size * torch.randn": "torch.randn"}
    assert failing("recurrence-hold", edits=edits) == expected


def test_an_orthogonal_start_and_small_inputs_everywhere(monkeypatch):
    rnn = recurrent.TanhRNN

    def steady(*widths, gain=None):
        layer = rnn(*widths, gain=gain or 1.0)
        with torch.no_grad():
            layer.core.weight_ih_l0 *= 0.01
        return layer

    monkeypatch.setattr(recurrent, "TanhRNN", steady)
    expected = {"recurrence-rnn-50", "recurrence-step", "recurrence-first"}
    assert expected <= failing("recurrence-step")


@pytest.mark.parametrize(
    "right, wrong, name",
    [
        ("np.tanh(W @ x_t + U @ h + b)", "np.tanh(W @ x_t + b)", "recurrence-parity-states"),
        ("product @ (slope * U)", "product @ U", "recurrence-parity-jacobians"),
        ("product @ (slope * U)", "(slope * U) @ product", "recurrence-parity-jacobians"),
        ("axis=(1, 2))", "axis=(1, 2)) ** 2", "recurrence-parity-norms"),
        ("p.chunk(4)[1]", "p.chunk(4)[2]", "recurrence-cell-path"),
        ("[:, -k:]", "[:, -50:]", "recurrence-detours"),
        ("(W_V.T + by_weight)", "W_V.T", "recurrence-parity-attention"),
        ("(x @ W_V - y)", "(x @ W_V)", "recurrence-parity-attention"),
    ],
)
def test_a_formula_with_a_mistake(right, wrong, name):
    assert name in failing(name, edits={right: wrong})


def test_weights_that_do_not_sum_to_one(monkeypatch):
    attention = attnlab.attention
    monkeypatch.setattr(
        attnlab,
        "attention",
        lambda q, k, v: ((found := attention(q, k, v))[0] * k.shape[-2], found[1]),
    )
    assert "recurrence-dilution" in failing("recurrence-dilution")


@pytest.mark.parametrize(
    "task, model, accuracy, name",
    [
        ("mixed", "gru", [0.0] * 7, "recurrence-grid-mixed"),
        ("mixed", "rnn", [0.5] * 7, "recurrence-grid-mixed-rnn"),
        ("distance", "gru", 1.0, "recurrence-grid-alone"),
        ("distance", "attention", 0.9, "recurrence-grid-attention"),
        ("distance", "lstm, forget bias 3", 0.9, "recurrence-far-fails"),
    ],
)
def test_a_stored_result_that_says_otherwise(monkeypatch, task, model, accuracy, name):
    grid = copy.deepcopy(attnlab.stored.load("recurrence"))
    for cell in grid["cells"]:
        if (cell["task"], cell["model"]) == (task, model):
            cell["accuracy"] = accuracy
    monkeypatch.setattr(attnlab.stored, "load", lambda _: grid)
    assert failing("recurrence-grid-mixed-rnn") == {name}


@pytest.mark.parametrize(
    "start, measured, value, names",
    [
        ("attention", "before", 0.02, "recurrence-sides"),
        ("attention", "after", 0.5, "recurrence-reached"),
        ("tanh-RNN, orthogonal", "after", 0.5, "recurrence-unreached"),
        ("GRU", "after", 0.0, "recurrence-unreliable"),
        ("LSTM", "after", 0.9, "recurrence-unreliable-lstm recurrence-luckiest"),
        ("tanh-RNN, orthogonal", "before", 1e-4, "recurrence-orthogonal-more"),
        ("LSTM", "after", 0.0, "recurrence-luckiest"),
    ],
)
def test_stored_starts_that_say_otherwise(monkeypatch, start, measured, value, names):
    grid = copy.deepcopy(attnlab.stored.load("recurrence"))
    for run in grid["starts"]:
        if run["start"] == start:
            run[measured] = value
    monkeypatch.setattr(attnlab.stored, "load", lambda _: grid)
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)  # so nothing is gained by a start
    expected = {*names.split(), "recurrence-start"}
    assert failing_claims(PAGE, until="recurrence-start") == expected


def test_hardly_any_distance(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    edits = {"Recall(distance=20)": "Recall(distance=2)"}
    failed = failing_claims(PAGE, until="recurrence-gru-before", edits=edits)
    assert failed == {"recurrence-gru-before", "recurrence-start"}


def test_a_gru_whose_gate_starts_open(monkeypatch):
    def opened(*widths):
        layer = recurrent.GRU(*widths)
        d = layer.core.hidden_size
        torch.nn.init.constant_(layer.core.bias_ih_l0[d : 2 * d], 4.0)
        return layer

    monkeypatch.setattr(models, "GRU", opened)
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    failed = failing_claims(PAGE, until="recurrence-gru-before")
    assert failed == {"recurrence-gru-before", "recurrence-start"}


class TestTraining:
    """Each of these runs the cell that trains the networks, or as much of it as is needed."""

    def test_small_inputs_ignored(self, monkeypatch):
        layer, _ = models.STARTS["tanh-RNN, both"]
        monkeypatch.setitem(models.STARTS, "tanh-RNN, both", (layer, 1.0))
        edits = {', "attention"):': "):"}
        failed = failing_claims(PAGE, until="recurrence-start", edits=edits)
        assert failed == {"recurrence-start"}

    def test_a_task_that_repeats_the_symbols_at_the_end(self, monkeypatch):
        batch = recall.Recall.batch

        def leaking(self, *args, **kwargs):
            inputs, targets = batch(self, *args, **kwargs)
            inputs[:, -2 * self.n_items : -self.n_items] = targets
            return inputs, targets

        monkeypatch.setattr(recall.Recall, "batch", leaking)
        edits = {', "attention"):': "):"}
        failed = failing_claims(PAGE, until="recurrence-start", edits=edits)
        assert failed == {"recurrence-start"}

    @pytest.mark.parametrize(
        "keys",
        ["model.embed(inputs)[:, torch.randperm(inputs.shape[1])]", "0 * model.embed(inputs)"],
        ids=["shuffled", "zeros"],
    )
    def test_attention_that_reads_something_else(self, keys):
        edits = {
            'in ("tanh-RNN", "tanh-RNN, both", "attention"):': 'in ("attention",):',
            "x = model.embed(inputs)": f"x = {keys}",
        }
        skip = ["recurrence-start"]
        failed = failing_claims(PAGE, until="recurrence-found", edits=edits, skip=skip)
        assert failed == {"recurrence-found"}
