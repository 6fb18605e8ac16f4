"""The claims of `transformer/self-attention` fail when what they say is broken."""

import copy

import pytest

import attnlab.stored
from tests.chapters.faults import failing_claims

PAGE = "transformer/self-attention.md"
UNTRAINED = ["train(", "learned_matrix(", 'right["self-attention"']
# One seed and two of the networks show a fault. What stands for the convolution sees too far.
SHORT = {
    "SEEDS = range(3)": "SEEDS = range(1)",
    "STEPS = 200": "STEPS = 100",
    "runs = [(net, question) for net in NETWORKS for question in QUESTIONS]": (
        'runs = [(n, q) for n in ("self-attention", "with places") for q in QUESTIONS]'
    ),
    'for net in ("token", "convolution", "recurrent")]': "for net in ()] or [0]",
    'see_order = ("convolution", "recurrent", "with places")': 'see_order = ["with places"]',
    'for net in ("convolution", "recurrent", "token"):': "for net in ():",
    'trained["convolution", "named"]': 'trained["self-attention", "named"]',
    "    for net in NETWORKS\n]": '    for net in ("self-attention", "with places")\n]',
}


def without_training(until: str = "", edits: dict[str, str] | None = None) -> set[str]:
    """The claims that fail, of those which need no trained model."""
    return failing_claims(PAGE, until=until, edits=edits, skip=UNTRAINED)


def test_on_five_other_seeds_what_needs_no_training_holds():
    assert without_training(edits={"SEEDS = range(3)": "SEEDS = range(10, 15)"}) == set()


def test_attention_that_listens_to_all_alike_answers_nothing():
    """What is left is the mean of all values, which is good enough for the blind guess."""
    edits = {
        **SHORT,
        "attention(self.W_Q(x), self.W_K(x), self.W_V(x))": (
            "attention(0 * self.W_Q(x), self.W_K(x), self.W_V(x))"
        ),
    }
    failed = failing_claims(PAGE, until="self-attention-block", edits=edits, skip=["plain)"])
    assert failed >= {
        "self-attention-named",
        "self-attention-left-others",
        "self-attention-longer",
        "self-attention-block",
    }


def test_places_that_come_in_by_mistake_and_do_not_come_in():
    edits = {**SHORT, "        if self.places:": "        if not self.places:"}
    assert failing_claims(PAGE, until="self-attention-sizes", edits=edits) >= {
        "self-attention-named-far",
        "self-attention-left",
        "self-attention-left-others",
        "self-attention-left-blind",
    }


# Each run plants several faults that do not touch each other: by what each line is replaced, and
# which claims notice.
FAULTS = {
    "matrices, order, layers": {
        "W_Q = 50 * np.vstack([np.zeros((20, 20)), I20,": (
            "W_Q = 50 * np.vstack([I20, 0 * I20,", ["by-hand"]),
        "f(X[order], *weights) - f(X, *weights)[order]": (
            "f(X[order], *weights) - f(X, *weights)", ["equivariant"]),
        "def context_of(word, sentence, places=False)": (
            "def context_of(word, sentence, places=True)", ["dog"]),
        '"as it is": (X, X)': ('"as it is": (X / lengths, X / lengths)', ["toy"]),
        '"tenths": (X / 10, X / 10)': ('"tenths": (X, X)', ["toy-tenths"]),
        '"length 1": (X / lengths, X / lengths)': ('"length 1": (X / lengths, X)', ["toy-length"]),
        "F.layer_norm(torch.tensor(X), (3,))": (
            "F.layer_norm(torch.tensor(X), (3, 3))", ["toy-normalized"]),
        '"less the mean": (X - X.mean(axis=0), X - X.mean(axis=0))': (
            '"less the mean": (X, X)', ["toy-mean"]),
        '"projected": (-X, X)': ('"projected": (X, X)', ["toy-projected"]),
        "attention(x, x, x)  # without": (
            "attention(x, x.roll(1, 1), x)  # without", ["itself", "itself-weight"]),
        "mask=causal_mask(7, like=X))": ("mask=causal_mask(7, like=X).T)", ["causal"]),
        "W_Q, W_K, W_V = (w.T for": (
            "W_K, W_V, W_Q = (w.T for", ["parity", "parity-weights"]),
        "from_torch(layer)(X)": ("from_torch(layer)(X, causal=True)", ["parity-layer"]),
        "layer = nn.MultiheadAttention(16, 4)": (
            "layer = nn.MultiheadAttention(16, 4, batch_first=True)",
            ["batch-own", "batch-other", "batch-shape"]),
        "multiplications(attention, X, X, X)": (
            "multiplications(attention, X[:8], X, X)",
            ["cost-attend", "cost-even", "cost-double"]),
        "return [X @ W for W in weights]": (
            "return [X @ X.T for W in weights]", ["cost-project", "cost-whole"]),
        "np.concatenate([X, X, X])": ("np.concatenate([X, X, 2 * X])", ["repeat"]),
        "attention_of(self.W_Q(X), self.W_K(X),": (
            "attention_of(self.W_K(X), self.W_Q(X),", ["file"]),
    },
    "a short query, no codes, no mask, another zero": {
        "W_Q = 50 * np.vstack": ("W_Q = np.vstack", ["by-hand", "by-hand-weight"]),
        "return plain(X + sinusoidal_encoding(*X.shape, like=X), *weights)": (
            "return plain(X, *weights)", ["places"]),
        "    mask = causal_mask(len(X), like=X)": ("    mask = None", ["causal-order"]),
        "X = np.arange(1.0, 10.0).reshape(3, 3)": (
            "X = np.arange(1.0, 10.0).reshape(3, 3) - 5",
            ["toy", "toy-cosine", "toy-length", "toy-projected"]),
        "h = torch.tanh(x[None] @ W + h @ U)": (
            "h = torch.tanh(h @ U)", ["cost-even", "cost-double", "cost-whole"]),
    },
}  # fmt: skip


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_lines_with_mistakes(faults):
    edits = {right: wrong for right, (wrong, _) in faults.items()}
    names = {f"self-attention-{name}" for _, noticed in faults.values() for name in noticed}
    failed = failing_claims(PAGE, edits=edits, skip=UNTRAINED)
    assert failed == names


@pytest.fixture
def times(monkeypatch) -> dict[tuple[int, int], dict]:
    """What is stored of each length and width, for a test to change before the page loads it."""
    stored = copy.deepcopy(attnlab.stored.load("self_attention"))
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    return {(size["n"], size["d"]): size for size in stored["times"]}


def test_a_clock_that_says_what_the_count_says(times):
    for size in times.values():
        size["ms"] = size["multiplications"]
    failed = without_training(until="self-attention-time-width")
    assert failed == {"self-attention-crossing", "self-attention-time-width"}


def test_a_clock_that_does_not_notice_the_square(times):
    for n in (128, 256, 512, 1024, 2048):
        times[n, 64]["ms"]["attention"] = times[64, 64]["ms"]["attention"] * n / 64
    assert without_training(until="self-attention-time-width") == {"self-attention-time"}


def test_a_larger_network_that_was_stored_otherwise():
    cells = '{"cells": [{"named": 0.9}], "d_hidden": 1, "steps": 1}'
    edits = {**SHORT, "STEPS = 200": "STEPS = 10", 'load("self_attention")': cells}
    failed = failing_claims(PAGE, until="self-attention-named-larger", edits=edits)
    assert "self-attention-named-larger" in failed
