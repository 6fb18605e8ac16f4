"""The claims of `mechanism/scaling` fail when what they say is broken."""

import copy

import numpy as np
import pytest

import attnlab
import attnlab.stored
from tests.chapters.faults import failing_claims

PAGE = "mechanism/scaling.md"
TRAINED = (  # the cells that train, and those that look at what was trained
    "task = AssociativeRecall",
    "def first_gradients",
    "def train(",
    "def steps_to",
    "def stuck",
    "[stuck(model)",
    "loud = train_all",
    "max(held_out(loud",
    "by_width = train_all",
    "    trained = [",
    "class Projected",
)
ONE_MODEL = {
    "SEEDS = range(3)": "SEEDS = range(1)",
    "TRAINED = (16, 64, 256)": "TRAINED = (64,)",
    "for d_k in (64, 256)": "for d_k in TRAINED",
    "STEPS = 300": "STEPS = 110",  # without a fault 104 are enough,
    "steps=250": "steps=80",  # and 78 here
}
# Where one function has been put in the other's place, a second training is the first again.
ONE_FUNCTION = {"train_all(d_k, dot_scores, p)\n": "with_division[d_k]\n"}


def failing(until: str = "", **options) -> set[str]:
    """The claims that fail without a trained network."""
    return failing_claims(PAGE, until=until, skip=TRAINED, **options)


def failing_when_trained(
    until: str,
    edits: dict[str, str] | None = None,
    skip: tuple[str, ...] = (),
) -> set[str]:
    """The claims that fail up to this one, with training, but of one seed and one width."""
    return failing_claims(PAGE, until=until, edits=ONE_MODEL | (edits or {}), skip=skip)


@pytest.fixture
def never_divided(monkeypatch):
    monkeypatch.setattr(attnlab, "scaled_dot_scores", attnlab.dot_scores)


@pytest.fixture
def always_divided(monkeypatch):
    monkeypatch.setattr(attnlab, "dot_scores", attnlab.scaled_dot_scores)


@pytest.mark.parametrize("first", range(0, 15, 3))
def test_without_a_fault_all_hold(first):
    seeds = {
        "SEEDS = range(3)": f"SEEDS = range({first}, {first + 3})",
        "np.random.default_rng(0)": f"np.random.default_rng({first})",
    }
    assert failing(edits=seeds) == set()


def test_never_divided(never_divided):
    assert failing("scaling-variance-scaled") == {
        "scaling-entropy-level",
        "scaling-variance-scaled",
    }
    assert {"scaling-entropy-theory", "scaling-median-ratio", "scaling-own-score"} <= failing()


def test_always_divided(always_divided):
    passed = {
        "scaling-median-ratio",
        "scaling-mean-ratio",
        "scaling-median-ratio-16",
        "scaling-passes-little",
        "scaling-passes-much",
    }
    expected = {"scaling-entropy-raw", "scaling-layers-raw"} | passed
    assert failing("scaling-median-ratio-16") == expected
    assert "scaling-parity-undivided" in failing()


def test_divided_by_the_width(monkeypatch):
    scores = attnlab.dot_scores
    monkeypatch.setattr(attnlab, "scaled_dot_scores", lambda q, k: scores(q, k) / q.shape[-1])
    expected = {"scaling-variance-scaled", "scaling-entropy-theory", "scaling-own-root"}
    assert expected <= failing()


def test_divided_by_the_root_of_another_width(monkeypatch):
    scores = attnlab.dot_scores
    monkeypatch.setattr(
        attnlab, "scaled_dot_scores", lambda q, k: scores(q, k) / np.sqrt(8 * q.shape[-1])
    )
    assert {"scaling-variance-scaled", "scaling-entropy-theory"} <= failing()


def test_a_query_that_is_not_independent_of_its_key():
    coins = "rng.choice([-1.0, 1.0], size=(2, 20_000, 64))"
    edits = {f"q, k = {coins}": f"q, k = {coins}\nq = k"}
    assert failing("scaling-variance", edits=edits) == {"scaling-variance"}


def test_a_jacobian_without_its_second_term(monkeypatch):
    monkeypatch.setattr(attnlab, "softmax_jacobian", lambda a: a[..., None] * np.eye(a.shape[-1]))
    expected = {"scaling-median-ratio", "scaling-passes-little", "scaling-passes-much"}
    assert failing("scaling-mean-ratio") == expected


def test_the_root_in_place_of_the_width():
    edits = {"dot_scores(q, k) / q.shape[-1]": "dot_scores(q, k) / q.shape[-1] ** 0.5"}
    assert failing("scaling-own-width", edits=edits) == {"scaling-own-width"}


def test_not_what_torch_computes(monkeypatch):
    attention = attnlab.attention

    def undivided(q, k, v, scores=attnlab.dot_scores):
        return attention(q, k, v, scores=scores)

    monkeypatch.setattr(attnlab, "attention", undivided)
    edits = {"Q @ K.mT / math.sqrt(Q.shape[-1])": "Q @ K.mT / Q.shape[-1]"}
    expected = {"scaling-parity-scratch", "scaling-parity-attnlab"}
    assert failing("scaling-parity-undivided", edits=edits) == expected


def test_where_it_breaks_needs_its_broken_assumptions():
    edits = {
        "np.repeat(q, 8, axis=1), np.repeat(k, 8, axis=1)": "rng.standard_normal((2, 20_000, 64))",
        "_, k = random_pairs(64, seed=0)\nown_scores = np.diagonal(scaled_dot_scores(k, k))": (
            "q, k = random_pairs(64, seed=0)\nown_scores = np.diagonal(scaled_dot_scores(q, k))"
        ),
    }
    assert failing(edits=edits) == {"scaling-repeated", "scaling-own-score"}


def test_a_division_that_is_not_one():
    edits = {"s = K @ q / divisor": "s = K @ q - divisor"}  # which no softmax sees
    assert failing("scaling-by-hand", edits=edits) == {"scaling-by-hand"}


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        # tokens of another size, as an embedding without a norm may give
        ({"x = torch.randn(200": "x = 2 * torch.randn(200"},
         {"scaling-linear-variance", "scaling-multihead-variance", "scaling-layers-divided"}),
        ({"W_Q = nn.Linear(d_model, d_k)": "W_Q = nn.Linear(d_model, d_k).requires_grad_(False)\n"
          "        nn.init.normal_(W_Q.weight, std=(0.6 / d_model) ** 0.5)"},
         {"scaling-linear-variance"}),
        ({"Q_and_K = layer.in_proj_weight[: 2 * d_model]":
          "one = torch.empty(d_model, d_model)\n"
          "        Q_and_K = torch.cat([nn.init.xavier_uniform_(one.clone()) for _ in 'QK'])"},
         {"scaling-multihead-variance", "scaling-layers-divided"}),
        # undivided too, after all
        ({"softmax(dot_scores(*p))": "softmax(scaled_dot_scores(*p))"}, {"scaling-layers-raw"}),
    ],
)  # fmt: skip
def test_layers_that_start_otherwise(fault, failed):
    assert failing("scaling-layers-divided", edits=fault) == failed


@pytest.mark.parametrize(
    ("which", "result", "name"),
    [
        ({"start": "loud", "divided": False}, {"accuracy": 0.97, "steps": None},
         "scaling-other-rates"),
        ({"start": "loud", "divided": True}, {"steps": 900}, "scaling-loud-rates"),
        ({"start": "loud", "d_k": 16, "lr": 0.03}, {"steps": None}, "scaling-less-loud"),
        ({"d_k": 256, "divided": False, "start": "calm", "lr": 0.01}, {"stuck": 0.05},
         "scaling-moved-little"),
        ({"scores": "bilinear", "divided": False, "lr": 0.03}, {"accuracy": 0.96},
         "scaling-moved-much"),
        ({"d_k": 64, "divided": True, "start": "calm", "lr": 0.1}, {"steps": None},
         "scaling-rates-divided"),
        ({"d_k": 256, "divided": False, "start": "calm", "lr": 0.03}, {"moved": 0.09},
         "scaling-step-ratio"),
        ({"given": 2500}, {"steps": None}, "scaling-patient-bilinear"),
        ({"given": 4000}, {"accuracy": 0.97}, "scaling-patient-loud"),
    ],
)  # fmt: skip
def test_a_stored_run_that_went_otherwise(monkeypatch, which, result, name):
    stored = copy.deepcopy(attnlab.stored.load("scaling"))
    for run in stored["cells"] + stored["patient"]:
        if which.items() <= run.items() and (run["seed"] == 3 or name == "scaling-step-ratio"):
            run.update(result)  # of one seed, or where a mean is claimed, of all
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert name in failing("scaling-step-ratio")


def test_training_that_is_never_divided(never_divided):
    expected = {
        "scaling-gradient-256",
        "scaling-gradient-median",
        "scaling-slowest",
        "scaling-stuck-divided",
    }
    assert expected <= failing_when_trained("scaling-stuck-divided", ONE_FUNCTION)


def test_training_that_is_always_divided(always_divided):
    expected = {"scaling-raw-best", "scaling-stuck-64"}
    skip = ("loud = train_all", "max(held_out(loud", "by_width = train_all")
    failing = failing_when_trained("scaling-projected-ratio", ONE_FUNCTION, skip=skip)
    assert expected | {"scaling-projected-ratio"} <= failing


def test_a_start_that_is_always_the_same():
    edits = {"nn.init.normal_(table.weight, std=std)": "nn.init.normal_(table.weight)"}
    failing = failing_when_trained("scaling-calm", edits)
    assert failing == {"scaling-loud", "scaling-calm"}


def test_projections_that_start_louder_than_layers_do():
    edits = {"W.uniform_(-1, 1)": "W.mul_(2)"}
    skip = ("loud = train_all", "max(held_out(loud", "by_width = train_all")
    failing = failing_when_trained("scaling-projected-linear", edits, skip=skip)
    assert "scaling-projected-linear" in failing
