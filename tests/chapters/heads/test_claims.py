"""The claims of `transformer/heads` fail when what they say is broken.

The layers are trained once, with one seed and few steps; faults are then planted around them.
"""

import copy
from functools import partial

import pytest

import attnlab.stored
from attnlab.chapters.heads import models
from tests.chapters.faults import failing_claims, recalled, remembered_training

PAGE = "transformer/heads.md"
FEWER = {"SEEDS = range(3)": "SEEDS = range(1)"}
RECALLED = FEWER | {  # nothing is learned from the lessons once the parameters are known
    "[task.batch(64) for _ in range(STEPS)]": "[]",
    "[Places(asks).batch(64) for _ in range(STEPS)]": "[]",
}
failing = partial(failing_claims, PAGE, skip=["HeadsWidget(", "scores.append"])


def kind(model) -> tuple:
    sizes = [tuple(p.shape) for p in model.parameters()]
    return type(model).__name__, model.heads.n_heads, *sizes


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each layer; of the sentences' two kinds, the first and the second."""
    with remembered_training(kind) as found:
        assert failing(edits=FEWER) == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a layer the parameters that training gave to its kind, in their order."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    failed = failing(edits=RECALLED)
    assert {"heads-four", "heads-ablated", "heads-spare", "heads-dissociation-kept"} <= failed
    assert not any("parity" in name or "count" in name for name in failed)


def test_heads_that_are_all_the_same(trained, monkeypatch):
    """Every head gets the weights of the first: one set of weights for all questions."""
    product = models.MultiHeadAttention._attend

    def repeated(self, q, k, v, **options):
        first = [x[:, :1].expand_as(x) for x in (q, k)]
        return product(self, *first, v, **options)

    monkeypatch.setattr(models.MultiHeadAttention, "_attend", repeated)
    failed = failing(until="heads-parity-weights", edits=RECALLED)
    assert {"heads-four", "heads-parity-scratch", "heads-parity-weights"} <= failed


def test_a_head_mask_that_does_nothing(trained):
    failed = failing(edits=RECALLED | {"mask[list(off)] = 0": "pass"})
    assert {
        "heads-ablated", "heads-own", "heads-fifth", "heads-dissociation-lost",
    } <= failed  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "failed"),
    [
        (
            "return x.reshape(B, n, h, d_model // h).transpose(0, 2, 1, 3)",
            "return x.reshape(B, h, n, d_model // h)",
            {"heads-parity-scratch", "heads-parity-weights"},
        ),
        ("heads.transpose(0, 2, 1, 3).reshape(", "heads.reshape(", {"heads-parity-scratch"}),
        ("/ np.sqrt(q.shape[-1])", "/ np.sqrt(x.shape[-1])", {"heads-parity-weights"}),
        ("return join(a @ v) @ W_o, a", "return join(a @ v), a", {"heads-parity-scratch"}),
        ("_, average = theirs(x, memory, memory)", "average = per_head[:, 0]", {"heads-average"}),
        ("ours(x, memory, return", "ours(-x, memory, return", {"heads-parity-torch"}),
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(trained, right, wrong, failed):
    found = failing(until="heads-parity-gradients", edits=RECALLED | {right: wrong})
    assert failed <= found


def test_copies_that_differ_and_blocks_that_are_cut_wrongly(trained):
    edits = RECALLED | {
        "model.heads = MultiHeadAttention(D_MODEL, 1, d_k=8, d_v=8)": "pass",
        "W = W_o.reshape(4, 8, D_MODEL)": "W = W_o.reshape(8, 4, D_MODEL).swapaxes(0, 1)",
        "np.tile(W_i[:, :8], 4) for": "W_i for",
    }
    expected = {"heads-copies-trained", "heads-sum", "heads-copies"}
    assert expected <= failing(until="heads-copies-trained", edits=edits)


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("heads"))
    changes = {
        "wide": ({"d_model": 128}, {"all": 0.9}),
        "long": ({"steps": 2000}, {"all": 0.9}),
        "width-2": ({"n_heads": 16, "seed": 1}, {"all": 0.5}),
        "thin": ({"n_heads": 32}, {"all": 0.99}),
        "network": ({"network": 0.3, "seed": 1}, {"all": 0.1}),
        "uneven": ({"network": 0.3, "seed": 2}, {"on_asked": [[0.5, 0.49]]}),
        "network-large": ({"network": 1.0}, {"all": 1.0}),
        "network-none": ({"n_lookups": 2, "network": None}, {"all": 0.9}),
        "kept-neighbors": ({"asks": "neighbors", "seed": 2}, {"one_off": [[0.5, 0.5]] * 2}),
        "kept-ends": ({"asks": "ends"}, {"one_off": [[1.0, 0.1], [0.1, 1.0]]}),
        "both": ({"asks": "ends", "seed": 0}, {"both": [1.0, 0.5]}),
    }
    for where, change in changes.values():
        for run in stored["cells"] + stored["sentences"]:
            if where.items() <= run.items():
                run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    failed = {f"heads-{name}" for name in changes}
    tidy = {"heads-ends-mixed", "heads-ends-word"}  # they are about a run that is not
    assert failing(edits=RECALLED) == failed | tidy


def test_a_file_whose_heads_are_cut_wrongly(trained):
    edits = RECALLED | {
        "return x.unflatten(-1, (self.n_heads, -1))": (
            "return x.unflatten(-1, (-1, self.n_heads)).transpose(-1, -2)"
        )
    }
    assert failing(edits=edits) == {"heads-file"}
