"""The claims of `mechanism/scores` fail when what they say is broken."""

import numpy as np
import pytest

import attnlab
from attnlab.nn import scores
from tests.chapters.faults import failing_claims

PAGE = "mechanism/scores.md"
COPIES = ("def copies(", "max(copied[name]")
TIMED = ("def multiplications", "against_dot(")
TRAINED = (  # the cells that train, and those that look at what was trained
    *COPIES,
    "def train(",
    "def steps_to",
    "def first_step",
    "class DividedBilinear",
    *TIMED,
)
ONE_SEED = {"SEEDS = range(3)": "SEEDS = range(1)"}


def failing(until: str = "", skip=TRAINED, **options) -> set[str]:
    """The claims that fail without a trained network."""
    return failing_claims(PAGE, until=until, skip=skip, **options)


def failing_copies(edits: dict[str, str] | None = None) -> set[str]:
    """The claims that fail about finding copies in the plane, with one seed."""
    return failing("scores-odd", skip=(), edits=ONE_SEED | (edits or {}))


def failing_when_trained(until: str, edits: dict[str, str] | None = None) -> set[str]:
    """The claims that fail up to this one about learning to look up, with one seed."""
    return failing(until, skip=COPIES, edits=ONE_SEED | (edits or {}))


@pytest.mark.parametrize("first", range(0, 15, 3))
def test_without_a_fault_all_hold(first):
    seeds = {
        "SEEDS = range(3)": f"SEEDS = range({first}, {first + 3})",
        "np.random.default_rng(0)": f"np.random.default_rng({first})",
        "np.random.default_rng(99)": f"np.random.default_rng({first + 99})",
    }
    assert failing(edits=seeds) == set()


def test_keys_that_are_all_equally_long():
    edits = {"return rng.standard_normal((20, 64, d_k))": (
        "k = rng.standard_normal((20, 64, d_k))\n"
        "    return k / np.linalg.norm(k, axis=-1, keepdims=True)"
    )}  # fmt: skip
    assert failing("scores-own-untrained", edits=edits) == {"scores-own-narrow"}


def test_keys_whose_width_is_only_apparent():
    edits = {
        "rng.standard_normal((20, 64, d_k))": "rng.standard_normal((20, 64, 1)).repeat(d_k, 2)"
    }
    assert "scores-own-wide" in failing("scores-own-untrained", edits=edits)


def test_an_untrained_matrix_that_is_the_identity():
    edits = {"keys, rng.standard_normal((d, d)))": "keys, np.eye(d))"}
    assert failing("scores-own-untrained", edits=edits) == {"scores-own-untrained"}


def test_a_key_that_pays_its_whole_square():
    edits = {"(k**2).sum(axis=-1) / 2": "(k**2).sum(axis=-1)"}
    assert failing("scores-distance", edits=edits) == {"scores-distance"}


def test_lengths_that_are_left_as_they_are():
    edits = {"return k / np.linalg.norm(k, axis=-1, keepdims=True)": "return k"}
    assert failing("scores-own-length", edits=edits) == {"scores-own-length"}


def test_another_turn_than_the_one_by_hand():
    edits = {"turn = np.array([[0, 1], [-1, 0]])": "turn = np.array([[0, -1], [1, 0]])"}
    assert failing("scores-by-hand", edits=edits) == {"scores-by-hand"}


def test_a_hidden_layer_without_its_tanh():
    edits = {"hidden = np.tanh(asked[:, None, :] + offered[None, :, :])": (
        "hidden = asked[:, None, :] + offered[None, :, :]"
    )}  # fmt: skip
    expected = {"scores-by-hand", "scores-parity-additive"}
    assert failing("scores-parity-additive", edits=edits) == expected


def test_not_what_torch_computes(monkeypatch):
    additive, bilinear = attnlab.additive_scores, attnlab.bilinear_scores
    monkeypatch.setattr(attnlab, "dot_scores", attnlab.scaled_dot_scores)
    monkeypatch.setattr(attnlab, "bilinear_scores", lambda q, k, w: bilinear(q, k, 2 * w))
    monkeypatch.setattr(attnlab, "additive_scores", lambda q, k, a, b, v: additive(q, k, a, -b, v))
    expected = {"scores-parity-dot", "scores-parity-bilinear", "scores-parity-additive"}
    assert expected <= failing("scores-parity-additive")


def test_additive_scores_that_are_bilinear(monkeypatch):
    """The mistake that the chapter warns of, planted in the library."""

    def published(q, k, w_q, w_k, v):
        return (q @ w_q) @ np.swapaxes(k @ w_k, -1, -2) / np.sqrt(w_q.shape[-1])

    monkeypatch.setattr(attnlab, "additive_scores", published)
    assert {"scores-parity-additive", "scores-bounded"} <= failing("scores-tanh")


def test_a_published_formula_with_a_tanh():
    edits = {"published = (Q @ W_q)": "published = np.tanh(Q @ W_q)"}
    assert failing("scores-tanh", edits=edits) == {"scores-published"}


def test_bilinear_scores_that_level_off(monkeypatch):
    bilinear = attnlab.bilinear_scores
    monkeypatch.setattr(attnlab, "bilinear_scores", lambda q, k, w: np.tanh(bilinear(q, k, w)))
    assert "scores-linear" in failing("scores-linear")


def test_a_tanh_where_there_should_be_none():
    edits = {"rows = softmax(without_tanh @ v)": "rows = softmax(np.tanh(without_tanh) @ v)"}
    assert failing("scores-tanh", edits=edits) == {"scores-tanh"}


def test_copies_found_by_another_function():
    """A bias for the one that must do without, none for the other, and a score that can bend."""
    edits = {
        '"bilinear": (lambda: BilinearScore(2, 2), False)': (
            '"bilinear": (lambda: AdditiveScore(3, 2, 16), True)'
        ),
        '"additive": (lambda: AdditiveScore(2, 2, 16), False)': (
            '"additive": (lambda: AdditiveScore(3, 2, 16), True)'
        ),
        '"additive, 1": (lambda: AdditiveScore(3, 2, 16), True)': (
            '"additive, 1": (lambda: AdditiveScore(2, 2, 16), False)'
        ),
    }
    expected = {"scores-inner-bilinear", "scores-inner-additive", "scores-odd"}
    assert failing_copies(edits) == expected


def test_keys_on_the_edge_taken_for_inner_ones():
    edits = {"return gaps.max(axis=-1) < np.pi": "return gaps.max(axis=-1) < 1.2 * np.pi"}
    assert "scores-inner-bilinear" in failing_copies(edits)


def test_training_that_is_always_divided(monkeypatch):
    monkeypatch.setattr(attnlab, "dot_scores", attnlab.scaled_dot_scores)
    assert "scores-undivided" in failing_when_trained("scores-undivided")


def test_a_division_that_does_not_divide():
    edits = {"self.w.data *= 8": "pass", "return super().forward(q, k) / 8": (
        "return super().forward(q, k)"
    )}  # fmt: skip
    expected = {"scores-divided", "scores-step-ratio"}
    assert expected <= failing_when_trained("scores-step-ratio", edits)


def test_additive_training_without_its_tanh(monkeypatch):
    def straight(self, q, k):
        hidden = (q @ self.w_q)[..., :, None, :] + (k @ self.w_k)[..., None, :, :]
        return hidden @ self.v

    monkeypatch.setattr(scores.AdditiveScore, "forward", straight)
    assert "scores-fastest" in failing_when_trained("scores-fastest")


def test_a_matrix_that_is_fixed_in_name_alone():
    edits = {"BilinearScore(64, 64).requires_grad_(False)": "BilinearScore(64, 64)"}
    expected = {"scores-fixed", "scores-step-fixed"}
    assert failing_when_trained("scores-step-fixed", edits) == expected


def test_a_move_that_is_counted_in_full():
    edits = {"return scores - rows - columns + scores.mean()": "return scores"}
    assert failing_when_trained("scores-step-additive", edits) == {"scores-step-additive"}


def test_patience_with_the_wrong_start():
    edits = {'small, large = stored["patient"]': 'large, small = stored["patient"]'}
    assert failing("scores-patient-loud", edits=edits) == {"scores-patient", "scores-patient-loud"}


def test_stored_runs_that_arrived_whatever_the_start():
    edits = {'"arrived": steps is not None': '"arrived": True'}
    expected = {"scores-rates", "scores-loud", "scores-thrown"}
    assert failing("scores-rates", edits=edits) == expected


def test_a_loud_start_taken_for_a_calm_one():
    edits = {'run["start"] < 2': 'run["start"] > 0'}
    assert "scores-kept-calm" in failing("scores-thrown", edits=edits)


def test_a_calm_start_taken_for_a_loud_one():
    edits = {'run["start"] > 10': 'run["start"] > 0'}
    assert failing("scores-thrown", edits=edits) == {"scores-loud"}


def test_far_moves_taken_for_near_ones():
    edits = {'run["moved"] <= 0.3]': 'run["moved"] > 0]', 'run["moved"] >= 1]': 'run["moved"] > 0]'}
    assert failing("scores-thrown", edits=edits) == {"scores-kept-calm", "scores-thrown"}


def test_costs_of_an_additive_score_that_is_a_dot_product():
    edits = {
        '"additive": lambda: torch.tanh((q @ w)[:, None] + (k @ w)) @ v,': (
            '"additive": lambda: q @ k.T,'
        ),
        '"bilinear": lambda: (q @ w) @ k.T,': '"bilinear": lambda: q @ k.T,',
    }
    expected = {"scores-multiplications", "scores-multiplications-bilinear", "scores-time"}
    skip = [cell for cell in TRAINED if cell not in TIMED]
    assert failing("scores-time", skip=skip, edits=edits) == expected


def test_half_precision_divided_the_other_way_about(monkeypatch):
    def late(q, k):
        return attnlab.dot_scores(q, k) / q.shape[-1] ** 0.5

    monkeypatch.setattr(attnlab, "scaled_dot_scores", late)
    assert "scores-half-early" in failing()


def test_single_precision_does_not_overflow():
    assert failing(edits={"dtype=torch.float16": "dtype=torch.float32"}) == {"scores-half-late"}


def test_a_listing_that_imports_what_it_uses():
    edits = {'listing = """\n': 'listing = """\nimport numpy as np\n'}
    assert failing(edits=edits) == {"scores-listing"}


def test_a_file_that_divides():
    edits = {"S = Q @ K.mT  #": "S = Q @ K.mT / 2  #"}
    assert failing(edits=edits) == {"scores-own-file"}
