"""The claims of `transformer/positions` fail when what they say is broken."""

import copy

import pytest

import attnlab.stored
from attnlab.tasks import copying
from tests.chapters.faults import failing_claims

PAGE = "transformer/positions.md"
STORED = attnlab.stored.load("positions")
TRAINED = ("fit(",)


def failing(until: str = "", **edits_and_more) -> set[str]:
    """The claims that fail, of those which need no model trained here."""
    return failing_claims(PAGE, until=until, skip=TRAINED, **edits_and_more)


def test_without_a_fault_all_hold():
    assert failing_claims(PAGE) == set()


@pytest.mark.parametrize("seed", range(10, 15))
def test_on_five_other_seeds_what_needs_no_training_holds(seed):
    edits = {
        "default_rng(0)": f"default_rng({seed})",
        "torch.manual_seed(0)": f"torch.manual_seed({seed})",
    }
    assert failing(edits=edits) == set()


def test_a_model_that_was_not_trained():
    edits = {"    steps=STEPS, lr": "    steps=1, lr"}
    assert failing_claims(PAGE, until="positions-here-32", edits=edits) == {"positions-here-16"}


def test_a_mark_that_is_always_met(monkeypatch):
    monkeypatch.setattr(copying, "copy_accuracy", lambda model, n: 1.0)
    edits = {"    steps=STEPS, lr": "    steps=1, lr"}
    assert failing_claims(PAGE, until="positions-here-32", edits=edits) == {"positions-here-32"}


@pytest.mark.parametrize(
    ("positions", "accuracy", "names"),
    [
        ("rotary", 0.5, {"short"}),
        ("none", 0.95, {"none-16"}),
        ("none", 0.2, {"none-better"}),
        ("learned", 0.95, {"fail", "relative-32"}),
        ("alibi", 0.5, {"alibi-worst", "short", "relative-16"}),
        ("concatenated", 0.5, {"beside-8"}),
        ("concatenated", 0.95, {"beside-fail"}),
        ("relative", 0.95, {"relative-16"}),
        ("relative", 0.0, {"relative-32"}),
    ],
)
def test_a_stored_result_that_says_otherwise(monkeypatch, positions, accuracy, names):
    other = copy.deepcopy(STORED)
    cells = (cell for cell in other["cells"] if cell["positions"] == positions)
    next(cells)["accuracy"] = [accuracy] * len(other["tested_at"])
    monkeypatch.setattr(attnlab.stored, "load", lambda _: other)
    assert failing() == {f"positions-{name}" for name in names}


def test_a_bias_that_tells_symbols_apart_which_look_alike(monkeypatch):
    other = copy.deepcopy(STORED)
    other["alike"][1]["accuracy"] = [0.95, 0.9, 0.9]
    monkeypatch.setattr(attnlab.stored, "load", lambda _: other)
    assert failing() == {"positions-alibi-alike"}


@pytest.mark.parametrize(
    ("right", "wrong", "names"),
    [
        ("np.stack([np.sin(angles), np.cos(angles)]", "np.stack([np.cos(angles), np.sin(angles)]",
         {"sinusoidal-parity", "shift"}),
        ("return 10_000.0 **", "return 100.0 **", {"sinusoidal-parity", "rotary-parity"}),
        ("[-np.sin(turn), np.cos(turn)]", "[np.sin(turn), np.cos(turn)]", {"shift"}),
        ("gram = p @ p.T", "gram = (p + p**2) @ p.T", {"dot"}),
        ("projected = (p @ W_Q) @ (p @ W_K).T", "projected = p @ p.T", {"projected"}),
        ("x @ W[:48] + code @ W[48:]", "x @ W[:48] + code @ W[:16]", {"beside"}),
        ("loudness(places, words * np.sqrt(d_model))", "loudness(places, words)", {"scale"}),
        ("loudness(places * np.sqrt(d_model), words * np.sqrt(d_model))",
         "loudness(places, words * np.sqrt(d_model))", {"scale-wrong"}),
        ("tokens + table(33)", "tokens + table(40)[7:]", {"learned-untrained", "learned-trained"}),
        ("return t - t[:, None]", "return t[:, None] - t", {"bias-parity"}),
        ("a * cos - b * sin, a * sin", "a * cos + b * sin, a * sin",
         {"rotary-parity", "rotary-relative", "rotary-length", "rotary-complex",
          "moved-relative"}),
        ("turned = as_complex *", "turned = as_complex.conj() *", {"rotary-complex"}),
        ("2.0 ** (-8 * np.arange(1, n_heads + 1) / n_heads)", "2.0 ** -np.arange(n_heads)",
         {"alibi-parity"}),
        ("attn_mask=bias)", "attn_mask=-bias)", {"alibi-torch"}),
        ("influence = softmax(alibi_bias(4, 129))", "influence = softmax(0 * alibi_bias(4, 129))",
         {"alibi-near"}),
        ("influence = softmax(alibi_bias(4, 129))", "influence = softmax(99 * alibi_bias(4, 129))",
         {"alibi-far"}),
        ("scores(x + sinusoids(t, 64))", "scores(x)", {"moved-absolute"}),
        ('"none": lambda t: scores(x)', '"none": lambda t: scores(x[t % 8])', {"swapped-none"}),
        ("even = softmax(np.zeros((n, n)), mask=causal_mask(n))",
         "even = softmax(np.zeros((n, n)))", {"mask-count"}),
        ("mask=causal_mask(n))[0]\n    return x[-1]", "mask=None)[0]\n    return x[-1]",
         {"mask-two"}),
        ("change(layers[:1])", "change(layers)", {"mask-one"}),
        (".bfloat16()", ".float()", {"bfloat"}),
        ("lambda x: x + sinusoids(range(len(x)), 16)",
         "lambda x: x + sinusoids(range(-len(x), 0), 16)", {"padding-absolute"}),
        ("rotary(x, range(len(x)))", "rotary(x, np.arange(len(x)) ** 2)", {"padding-rotary"}),
    ],
)  # fmt: skip
def test_a_planted_fault_is_noticed(right, wrong, names):
    assert {f"positions-{name}" for name in names} <= failing(edits={right: wrong})
