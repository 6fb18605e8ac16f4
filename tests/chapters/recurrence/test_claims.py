"""The claims of `before/recurrence` fail when what they say is broken."""

import copy

import pytest
import torch

import attnlab.stored
from attnlab.nn import recurrent
from attnlab.tasks import recall
from tests.chapters.faults import failing_claims

PAGE = "before/recurrence.md"
TRAINED = ("fit(\n", "Networks whose", 'models["attention"]')  # the cells that take long


def failing(until: str, **options) -> set[str]:
    """The claims that fail up to this one, without those that need a trained network."""
    return failing_claims(PAGE, until=until, skip=TRAINED, **options)


def test_without_a_fault_all_hold():
    assert failing("recurrence-cell-path") == set()


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


def test_an_orthogonal_start_and_small_inputs_everywhere(monkeypatch):
    rnn = recurrent.TanhRNN

    def steady(*widths, gain=None):
        layer = rnn(*widths, gain=gain or 1.0)
        with torch.no_grad():
            layer.core.weight_ih_l0 *= 0.01
        return layer

    monkeypatch.setattr(recurrent, "TanhRNN", steady)
    assert {"recurrence-rnn-50", "recurrence-step"} <= failing("recurrence-step")


@pytest.mark.parametrize(
    "right, wrong, name",
    [
        ("np.tanh(W @ x_t + U @ h + b)", "np.tanh(W @ x_t + b)", "recurrence-parity-states"),
        ("product @ (slope * U)", "product @ U", "recurrence-parity-jacobians"),
        ("product @ (slope * U)", "(slope * U) @ product", "recurrence-parity-jacobians"),
        ("axis=(1, 2))", "axis=(1, 2)) ** 2", "recurrence-parity-norms"),
        ("p.chunk(4)[1]", "p.chunk(4)[2]", "recurrence-cell-path"),
        ("(W_V + by_weight)", "W_V", "recurrence-parity-attention"),
        ("(x @ W_V.T - y)", "(x @ W_V.T)", "recurrence-parity-attention"),
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
        ("distance", "gru", 1.0, "recurrence-grid-alone"),
        ("distance", "attention", 0.9, "recurrence-grid-attention"),
    ],
)
def test_a_stored_result_that_says_otherwise(monkeypatch, task, model, accuracy, name):
    grid = copy.deepcopy(attnlab.stored.load("recurrence"))
    for cell in grid["cells"]:
        if (cell["task"], cell["model"]) == (task, model):
            cell["accuracy"] = accuracy
    monkeypatch.setattr(attnlab.stored, "load", lambda _: grid)
    assert failing("recurrence-grid-mixed") == {name}


class TestTraining:
    """Each of these runs the cell that trains the networks, or as much of it as is needed."""

    def test_hardly_any_distance(self, monkeypatch):
        monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
        failed = failing_claims(
            PAGE, until="recurrence-sides", edits={"Recall(distance=20)": "Recall(distance=2)"}
        )
        assert "recurrence-sides" in failed

    def test_no_training(self, monkeypatch):
        monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
        failed = failing_claims(PAGE, until="recurrence-sides")
        assert failed == {"recurrence-reached", "recurrence-unreached", "recurrence-start"}

    def test_small_inputs_and_orthogonal_start_ignored(self):
        edits = {"gain=1.0), 0.1)": "gain=1.0), 1.0)"}
        assert failing_claims(PAGE, until="recurrence-sides", edits=edits) == {"recurrence-start"}

    def test_a_task_that_repeats_the_symbols_at_the_end(self, monkeypatch):
        batch = recall.Recall.batch

        def leaking(self, *args, **kwargs):
            inputs, targets = batch(self, *args, **kwargs)
            inputs[:, -2 * self.n_items : -self.n_items] = targets
            return inputs, targets

        monkeypatch.setattr(recall.Recall, "batch", leaking)
        assert "recurrence-unreached" in failing_claims(PAGE, until="recurrence-sides")

    @pytest.mark.parametrize(
        "keys",
        ["model.embed(inputs)[:, torch.randperm(inputs.shape[1])]", "0 * model.embed(inputs)"],
        ids=["shuffled", "zeros"],
    )
    def test_attention_that_reads_something_else(self, keys):
        edits = {
            "in STARTS.items():": 'in [("attention", STARTS["attention"])]:',
            "x = model.embed(inputs)": f"x = {keys}",
        }
        failed = failing_claims(
            PAGE, until="recurrence-found", edits=edits, skip=["Networks whose"]
        )
        assert failed == {"recurrence-found"}


def test_a_gru_whose_gate_starts_open(monkeypatch):
    gru = recurrent.GRU

    def opened(*widths):
        layer = gru(*widths)
        d = layer.core.hidden_size
        torch.nn.init.constant_(layer.core.bias_ih_l0[d : 2 * d], 4.0)
        return layer

    monkeypatch.setattr(recurrent, "GRU", opened)
    assert failing("recurrence-gru-before") == {"recurrence-gru-before"}
