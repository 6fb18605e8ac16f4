"""The claims of `mechanism/lookup` fail when what they say is broken."""

import pytest

import attnlab
from tests.chapters.faults import failing_claims

PAGE = "mechanism/lookup.md"
SLOW = ["clutter", "wins = []"]  # cells that other claims do not need


@pytest.mark.parametrize("seeds", ["range(5)", "range(20, 25)"])
def test_without_a_fault_all_hold(seeds):
    clutter = "range(3)" if seeds == "range(5)" else "range(20, 23)"
    edits = {"range(5)": seeds, "range(3)": clutter}
    assert failing_claims(PAGE, edits=edits) == set()


def test_a_width_that_is_chosen_with_each_reading_left_in():
    edits = {
        "chosen = WIDTHS[left_out": "chosen = WIDTHS[kept_in",
        "own_error(K, V, width))": "own_error(K, V, width, False))",
    }
    failed = failing_claims(PAGE, until="lookup-wins", edits=edits)
    assert failed == {"lookup-best", "lookup-over-nearest", "lookup-wins"}


def test_nobody_is_left_out_at_all():
    edits = {"np.fill_diagonal(S, -np.inf)": "pass"}
    failed = failing_claims(PAGE, until="lookup-wins", edits=edits)
    assert {"lookup-best", "lookup-wins", "lookup-left-out-formula"} <= failed


def test_everybody_is_left_out_always():
    edits = {"    if leave_out:\n        np": "    if True:\n        np"}
    assert "lookup-kept-in" in failing_claims(PAGE, until="lookup-best", edits=edits)


def test_readings_without_errors():
    """Then the nearest key is nearly right, and the narrowest widths are good enough."""
    edits = {"READINGS, NOISE = 50, 0.5": "READINGS, NOISE = 50, 0.0"}
    assert "lookup-wins" in failing_claims(PAGE, until="lookup-wins", edits=edits)


def test_a_truth_that_swings_fast():
    """Then a width of 0.1 is about the best there is, and choosing gains nothing."""
    edits = {"return np.sin(1.5 * hour)": "return np.sin(5 * hour)"}
    failed = failing_claims(PAGE, until="lookup-wins", edits=edits)
    assert {"lookup-best", "lookup-wins"} <= failed


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(
    ("right", "wrong", "until", "names"),
    [
        ("/ (2 * width**2)", "/ 2", "lookup-wide-end", {"lookup-narrow-end", "lookup-wide-end"}),
        ("S = -(apart**2)", "S = (apart**2)", "lookup-wide-end", {"lookup-narrow-end"}),
        ("A = A / A.sum(axis=-1, keepdims=True)", "A = A / A.sum(axis=0)", "lookup-words",
         {"lookup-words"}),
        ("A = A / A.sum(axis=-1, keepdims=True)", "A = A / A.sum()", "lookup-untouched",
         {"lookup-words", "lookup-untouched"}),
        ("(V - answers) / (1 - own)", "V - answers", "lookup-left-out-formula",
         {"lookup-left-out-formula"}),
        ("    return A @ V, A\n", "    return A @ A.T, A\n", "lookup-shape", {"lookup-shape"}),
        ("return A @ A.T\n", "return A @ V\n", "lookup-untouched", {"lookup-no-values"}),
        ("A @ V - A @ -V", "A @ A.T - A @ A.T", "lookup-untouched", {"lookup-values"}),
        ("(A * V).sum(axis=-1, keepdims=True)", "A @ V", "lookup-untouched", {"lookup-untouched"}),
        ("scale=1 / width**2", "scale=1 / width", "lookup-parity-torch", {"lookup-parity-torch"}),
        ("-0.5 * (K**2)", "0.5 * (K**2)", "lookup-parity-torch", {"lookup-parity-torch"}),
        ("np.ones((5, 1))", "np.zeros((5, 1))", "lookup-parity-torch", {"lookup-parity-torch"}),
        ("width=16**0.25", "width=16**0.5", "lookup-dot-uneven", {"lookup-dot"}),
        ("K_even = K / np.linalg.norm(K, axis=1, keepdims=True)", "K_even = K",
         "lookup-dot-uneven", {"lookup-dot"}),
        ("look_up(Q, K, V, 16**0.25)[0] - attention(Q, K, V)[0]",
         "look_up(Q, K_even, V, 16**0.25)[0] - attention(Q, K_even, V)[0]", "lookup-dot-uneven",
         {"lookup-dot-uneven"}),
        ("look_up(three, K, K, 0.5)", "look_up(three, K, K, 0.1)", "lookup-outside",
         {"lookup-edge"}),
        ("look_up(three, K, K, 0.5)", "look_up(three, K, K + 9 * (K > 5.99), 0.5)",
         "lookup-outside", {"lookup-edge", "lookup-outside"}),
        ("three = np.array([[3.0]", "three = np.array([[5.5]", "lookup-outside",
         {"lookup-middle"}),
        ("np.sqrt(2 * np.log(2))", "np.sqrt(np.log(2))", "lookup-example", {"lookup-example"}),
        ("A = np.exp(S - S.max", "A = np.exp2(S - S.max", "lookup-example", {"lookup-example"}),
        ("torch.cdist(Q, K) ** 2", "torch.cdist(Q, K)", "lookup-attend", {"lookup-attend"}),
        ("(2 * width**2)  # scores\n    A = torch", "width**2\n    A = torch",
         "lookup-attend", {"lookup-attend"}),
        ("A / A.sum(-1, keepdim=True)", "A / A.sum(-2, keepdim=True)", "lookup-attend",
         {"lookup-attend"}),
    ],
)  # fmt: skip
def test_a_formula_with_a_mistake(right, wrong, until, names):
    failed = failing_claims(PAGE, until=until, edits={right: wrong}, skip=SLOW)
    assert names <= failed


def test_keys_in_which_every_number_matters():
    """The value is a sum over all numbers: no width can be made large without loss."""
    edits = {
        "truth(K[:, :1]) + NOISE": "truth(K).mean(axis=1, keepdims=True) + NOISE",
        "truth(Q[:, :1])": "truth(Q).mean(axis=1, keepdims=True)",
    }
    failed = failing_claims(PAGE, until="lookup-clutter-ratio", edits=edits)
    assert {"lookup-clutter-one", "lookup-clutter-ratio"} <= failed


def test_widths_that_are_not_tried():
    edits = {"for _ in range(sweeps)": "for _ in range(0)"}
    failed = failing_claims(PAGE, until="lookup-clutter-ratio", edits=edits)
    assert failed == {"lookup-clutter-ratio", "lookup-clutter-widths"}


def test_scores_of_attnlab_without_a_width(monkeypatch):
    scores = attnlab.gaussian_scores
    monkeypatch.setattr(attnlab, "gaussian_scores", lambda q, k, width=1.0: scores(q, k))
    failed = failing_claims(PAGE, until="lookup-parity-torch", skip=SLOW)
    assert {"lookup-left-out-formula", "lookup-parity"} <= failed


def test_a_softmax_over_the_wrong_axis(monkeypatch):
    softmax = attnlab.softmax
    monkeypatch.setattr(attnlab, "softmax", lambda s: softmax(s, axis=0))
    failed = failing_claims(PAGE, until="lookup-left-out-formula")
    assert "lookup-left-out-formula" in failed


def test_no_scale_in_attnlabs_attention(monkeypatch):
    attention = attnlab.attention

    def unscaled(q, k, v, scores=attnlab.dot_scores):
        return attention(q, k, v, scores=scores)

    monkeypatch.setattr(attnlab, "attention", unscaled)
    failed = failing_claims(PAGE, until="lookup-dot-uneven", skip=SLOW)
    assert failed == {"lookup-dot"}
