"""The claims of `mechanism/scaling` fail when what they say is broken."""

import numpy as np
import pytest

import attnlab
from tests.chapters.faults import failing_claims

PAGE = "mechanism/scaling.md"
TRAINED = (  # the cells that train, and those that look at what was trained
    "task = AssociativeRecall",
    "def first_gradients",
    "def train(",
    "def steps_to",
    "slower = train_all",
    "def stuck",
    "loud = train_all",
    "by_width = train_all",
    "calm_256 = train_all",
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
    expected = {"scaling-entropy-raw", "scaling-median-ratio", "scaling-mean-ratio"}
    assert failing("scaling-mean-ratio") == expected
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
    assert failing("scaling-mean-ratio") == {"scaling-median-ratio"}


def test_the_root_in_place_of_the_width():
    edits = {"dot_scores(q, k) / q.shape[-1]": "dot_scores(q, k) / q.shape[-1] ** 0.5"}
    assert failing("scaling-own-width", edits=edits) == {"scaling-own-width"}


def test_not_what_torch_computes(monkeypatch):
    attention = attnlab.attention

    def undivided(q, k, v, scores=attnlab.dot_scores):
        return attention(q, k, v, scores=scores)

    monkeypatch.setattr(attnlab, "attention", undivided)
    edits = {"Q @ K.T / np.sqrt(Q.shape[-1])": "Q @ K.T / Q.shape[-1]"}
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


def test_training_that_is_never_divided(never_divided):
    expected = {
        "scaling-gradient-256",
        "scaling-gradient-median",
        "scaling-slowest",
        "scaling-stuck-divided",
    }
    skip = ("slower = train_all",)
    assert expected <= failing_when_trained("scaling-stuck-divided", ONE_FUNCTION, skip=skip)


def test_training_that_is_always_divided(always_divided):
    expected = {"scaling-raw-best", "scaling-other-rates", "scaling-stuck-64"}
    skip = ("loud = train_all", "calm_256 = train_all", "by_width = train_all")
    failing = failing_when_trained("scaling-projected-ratio", ONE_FUNCTION, skip=skip)
    assert expected | {"scaling-projected-ratio"} <= failing


def test_a_start_that_is_always_the_same():
    edits = {"nn.init.normal_(table.weight, std=std)": "nn.init.normal_(table.weight)"}
    skip = ("slower = train_all",)
    failing = failing_when_trained("scaling-calm", edits, skip=skip)
    assert failing == {"scaling-loud", "scaling-calm"}
