"""The claims of `mechanism/softmax` fail when what they say is broken."""

import numpy as np
import pytest

import attnlab
from tests.chapters.faults import failing_claims

PAGE = "mechanism/softmax.md"


@pytest.mark.parametrize("seeds", ["range(3)", "range(10, 15)"])
def test_without_a_fault_all_hold(seeds):
    assert failing_claims(PAGE, edits={"range(3)": seeds}) == set()


def replace_softmax(monkeypatch, make) -> None:
    """Let the chapter import another softmax: `make` turns scores and options into weights."""
    softmax = attnlab.softmax
    monkeypatch.setattr(attnlab, "softmax", lambda s, **options: make(softmax, s, **options))


def test_another_recipe_in_place_of_the_exponential():
    edits = {'"exponential": np.exp': '"exponential": lambda s: np.logaddexp(0.0, s)'}
    assert failing_claims(PAGE, until="softmax-shift-others", edits=edits) == {
        "softmax-fit-exp",
        "softmax-sharpen-exp",
        "softmax-shift-exp",
    }


def test_the_exponential_in_place_of_the_others():
    edits = {
        '"cut off": lambda s: np.maximum(s, 0.0)': '"cut off": np.exp',
        '"square": np.square': '"square": np.exp',
    }
    assert failing_claims(PAGE, until="softmax-shift-others", edits=edits) == {
        "softmax-best-other",
        "softmax-sharpen-others",
        "softmax-shift-others",
    }


def test_keys_that_are_sharpened_without_end():
    """Scores three times as large: nothing is diluted among 16,384 keys any more."""
    edits = {"q = stretch * k[:64]": "q = 3 * stretch * k[:64]"}
    assert failing_claims(PAGE, edits=edits) == {"softmax-dilution"}


def test_no_key_that_fits():
    edits = {"q = stretch * k[:64]": "q = stretch * rng.standard_normal((64, 64))"}
    failed = failing_claims(PAGE, until="softmax-sharpen-exp", edits=edits)
    assert failed == {"softmax-fit-exp", "softmax-sharpen-exp"}


def test_a_softmax_over_the_wrong_axis(monkeypatch):
    replace_softmax(monkeypatch, lambda right, s, **options: right(s, **{**options, "axis": 0}))
    failed = failing_claims(PAGE, until="softmax-parity-log")
    assert {"softmax-one", "softmax-online", "softmax-parity"} <= failed


def test_a_temperature_that_is_ignored(monkeypatch):
    replace_softmax(monkeypatch, lambda right, s, temperature=1, **options: right(s, **options))
    failed = failing_claims(PAGE, until="softmax-tie")
    assert failed == {"softmax-cold", "softmax-hot", "softmax-tie"}


def test_a_temperature_that_is_multiplied(monkeypatch):
    replace_softmax(
        monkeypatch,
        lambda right, s, temperature=1, **options: right(s, temperature=1 / temperature, **options),
    )
    assert failing_claims(PAGE, until="softmax-tie") >= {"softmax-cold", "softmax-hot"}


def test_small_scores_first(monkeypatch):
    replace_softmax(monkeypatch, lambda right, s, **options: right(-s, **options))
    assert "softmax-order" in failing_claims(PAGE, until="softmax-tie")


def test_a_tie_that_goes_to_the_first(monkeypatch):
    def first(right, s, **options):
        return right(s - 1e-2 * np.arange(s.shape[-1]), **options)

    replace_softmax(monkeypatch, first)
    assert "softmax-tie" in failing_claims(PAGE, until="softmax-tie")


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize(
    ("right", "wrong", "names"),
    [
        ("s = (s - s.max(axis=-1, keepdims=True)) / temp", "s = s / temp", {"softmax-stable"}),
        ("s = (s - s.max(axis=-1, keepdims=True)) / temp", "s = np.minimum(s, 700) / temp",
         {"softmax-stable"}),
        ("total * np.exp(top - new_top)", "total", {"softmax-online"}),
        ("a[:, None] * (np.eye(len(a)) - a[None, :])", "np.diag(a * (1 - a))",
         {"softmax-jacobian", "softmax-jacobian-rows"}),
        ("a[:, None] * (np.eye(len(a)) - a[None, :])", "np.eye(len(a)) - a[None, :]",
         {"softmax-jacobian"}),
        ("return a - y  #", "return a * (a - y)  #", {"softmax-learn-log"}),
        ("2 * (a - y), softmax_jacobian(a)", "2 * (a - y), np.eye(10)[None]",
         {"softmax-learn-square"}),
        ("np.log(odds(0.5)) - np.log(odds(a[2]))", "np.log(0.5 / a[2])", {"softmax-bias"}),
        ("tripled[2] += np.log(3)", "tripled[2] += 3", {"softmax-copies"}),
        ("softmax(s, mask=np.arange(6) != 2)", "softmax(np.where(np.arange(6) == 2, -5, s))",
         {"softmax-mask", "softmax-mask-ratios"}),
        (") / temperature\n    e = np.exp(s)", ") / temperature\n    e = 2**s",
         {"softmax-stable", "softmax-parity-scratch"}),
    ],
)  # fmt: skip
def test_a_formula_with_a_mistake(right, wrong, names):
    edits = {right: wrong}
    assert names <= failing_claims(PAGE, until="softmax-learn-square", edits=edits)


def test_a_mask_that_takes_the_weight_away_afterwards(monkeypatch):
    """The masked key gets nothing, but the others do not share what it had."""

    def late(right, s, mask=None, **options):
        return right(s, **options) * (1 if mask is None else mask)

    replace_softmax(monkeypatch, late)
    assert failing_claims(PAGE, until="softmax-mask-ratios") == {"softmax-mask-ratios"}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_the_logarithm_of_a_softmax(monkeypatch):
    softmax = attnlab.softmax
    monkeypatch.setattr(attnlab, "log_softmax", lambda s: np.log(softmax(s)))
    failed = failing_claims(PAGE, until="softmax-parity-log")
    assert failed == {"softmax-log", "softmax-parity-log"}


def test_blocks_that_are_not_brought_to_one_maximum(monkeypatch):
    def separate(s, block):
        parts = [s[..., i : i + block] for i in range(0, s.shape[-1], block)]
        shares = [np.exp(part - part.max(-1, keepdims=True)) for part in parts]
        together = np.concatenate(shares, axis=-1)
        return together / together.sum(-1, keepdims=True)

    monkeypatch.setattr(attnlab, "online_softmax", separate)
    failed = failing_claims(PAGE, until="softmax-online-blocks")
    assert failed == {"softmax-online-blocks"}


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("np.exp(s_fit / 16)", "np.exp(0.5)", "softmax-dilution-lengths"),
        ("total = np.float16(0)", "total = np.float32(0)", "softmax-half"),
        ("S - S.amax(-1, keepdim=True)", "S", "softmax-file"),
        ("S - S.amax(-1, keepdim=True)", "S.clamp(min=-80)", "softmax-file"),
        ("(2 * width**2)", "width**2", "softmax-file"),
        ("A / A.sum(-1, keepdim=True)", "A / A.sum(0)", "softmax-file"),
    ],
)
def test_a_mistake_at_the_end(right, wrong, name):
    assert failing_claims(PAGE, edits={right: wrong}) == {name}
