"""The claims of `work/graphs` fail when what they say is broken.

The look-ups are trained once, with one seed; faults are then planted around them.
"""

import copy
from functools import partial

import pytest

import attnlab
import attnlab.stored
from attnlab.nn.graph import GraphAttention
from tests.chapters.faults import failing_claims, recalled, remembered_training

PAGE = "work/graphs.md"
FEWER = {"SEEDS = range(3)": "SEEDS = range(1)"}
LOOK_UPS = {"graphs-static", "graphs-dynamic", "graphs-dot"}
failing = partial(failing_claims, PAGE, skip=["GraphsWidget(graph"])


def kind(model) -> tuple:
    return type(model).__name__, tuple(tuple(p.shape) for p in model.parameters()), score_of(model)


def score_of(model) -> str:
    return next(m.score for m in model.modules() if isinstance(m, GraphAttention))


@pytest.fixture(scope="module")
def parameters() -> dict:
    """What training makes of each model."""
    with remembered_training(kind) as found:
        assert failing(edits=FEWER) == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives a model the parameters that training gave to its kind."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    failed = failing(until="graphs-live-mean", edits=FEWER)
    assert {"graphs-dynamic", "graphs-dot", "graphs-live-mean", "graphs-live-dynamic"} <= failed
    assert not any("parity" in name for name in failed)


def test_a_bend_that_stands_where_gats_does(trained, monkeypatch):
    """GATv2 with GAT's scores ranks neighbors alike for all."""
    scores = GraphAttention._scores

    def as_gat(self, q, k):
        before, self.score = self.score, "static" if self.score == "dynamic" else self.score
        try:
            return scores(self, q, k)
        finally:
            self.score = before

    monkeypatch.setattr(GraphAttention, "_scores", as_gat)
    failed = failing(until="graphs-parity-dynamic", edits=FEWER)
    expected = {"graphs-dynamic", "graphs-favorites-dynamic", "graphs-parity-dynamic"}
    assert failed == expected


def test_gat_with_gatv2s_scores_can_look_up(monkeypatch):
    edits = FEWER | {"LookUpReader(table, score)": 'LookUpReader(table, "dynamic")'}
    failed = failing(until="graphs-favorites-dynamic", edits=edits)
    assert failed == {"graphs-static", "graphs-favorites"}


@pytest.mark.parametrize(
    ("right", "wrong", "failed"),
    [
        ("return bend(q[:, None] + k) @ u", "return bend((q[:, None] + k) @ u)",
         {"graphs-parity-dynamic"}),
        ("return np.where(x > 0, x, 0.2 * x)", "return np.maximum(x, 0)",
         {"graphs-parity-static", "graphs-parity-dynamic"}),
        ("s.max(axis=1, keepdims=True)) * edges", "s.max(axis=1, keepdims=True))",
         {"graphs-parity-static", "graphs-parity-dynamic"}),
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(trained, right, wrong, failed):
    assert failing(until="graphs-parity-dynamic", edits=FEWER | {right: wrong}) == failed


def test_a_best_rule_that_trusts_every_link(trained):
    """Without the damping it is no best rule: the mean is then far from it, above or below."""
    edits = FEWER | {
        "told = np.log((p * odds + 1 - p) / (p + (1 - p) * odds))": "told = mu * x",
        "room.append(ceiling - mean)": "room.append(abs(ceiling - mean))",
    }
    assert "graphs-room" in failing(until="graphs-room", edits=edits)


def test_a_graph_in_which_all_are_linked(trained, monkeypatch):
    """The fault of the exercise: what lies above the diagonal is 0, and below every probability."""
    module = "attnlab.tasks.communities"
    rand = attnlab.tasks.communities.torch.rand

    def cut(*size, **options):
        drawn = rand(*size, **options)
        return drawn.tril(-1) if len(size) == 3 else drawn

    monkeypatch.setattr(f"{module}.torch.rand", cut)
    assert "graphs-live-mean" in failing(until="graphs-live-mean", edits=FEWER)


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("graphs"))
    changes = {
        "static-long": ("lookups", {"steps": 1500, "width": 32, "seed": 1}, {"right": 0.8}),
        "static-wide": ("lookups", {"width": 256, "n_heads": 1, "seed": 2}, {"right": 0.9}),
        "static-heads": ("lookups", {"width": 256, "n_heads": 8, "seed": 0}, {"right": 0.3}),
        "no-lead": ("communities", {"score": "dot", "separation": 4.0}, {"right": 0.999}),
        "friends-near": ("communities", {"score": "dynamic", "separation": 0.5, "seed": 3},
                         {"on_friends": 0.8}),
        "friends-far": ("communities", {"score": "dynamic", "separation": 4.0, "seed": 2},
                        {"on_friends": 0.6}),
        "room": ("communities", {"score": "mean", "separation": 3.0}, {"right": 0.92}),
        "badge": ("communities", {"score": "dynamic", "badge": 4.0, "seed": 1}, {"right": 0.75}),
        "propagation": ("clubs", {"score": "propagation"}, {"right": 29}),
        "club": ("clubs", {"score": "dot"}, {"right": 32}),
    }  # fmt: skip
    for group, where, change in changes.values():
        for run in stored[group]:
            if where.items() <= run.items():
                run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    failed = {f"graphs-{name}" for name in changes}
    assert failing(edits=FEWER) == failed | {"graphs-badge-static"}  # a share of what is gone
