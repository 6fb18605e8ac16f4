"""The claims of `mechanism/masks` fail when what they say is broken."""

import numpy as np
import pytest
import torch

import attnlab
from tests.chapters.faults import failing_claims

PAGE = "mechanism/masks.md"
SHORT = {"range(3)": "range(1)"}  # one seed shows a fault
UNTRAINED = [
    "train(",
    "each(",
    "final(",
    "J_honest",
    "loss_whole(model",
    "influence(model, masked=",
    "MasksWidget(",
]


def without_training(until: str = "", edits: dict[str, str] | None = None) -> set[str]:
    """The claims that fail, of those which need no trained model."""
    return failing_claims(PAGE, until=until, edits=edits, skip=UNTRAINED)


def test_without_a_fault_all_hold():
    assert failing_claims(PAGE, edits=SHORT) == set()


def test_on_five_other_seeds_what_needs_no_training_holds():
    assert without_training(edits={"range(3)": "range(10, 15)"}) == set()


def test_a_mask_that_never_arrives():
    """Both models are then the leaky one."""
    edits = {**SHORT, "mask = causal_mask(n, like=x) if masked else None": "mask = None"}
    assert failing_claims(PAGE, until="masks-leak", edits=edits) >= {
        "masks-masked-cut-off",
        "masks-dropped-rise",
        "masks-same",
        "masks-jacobian",
        "masks-leak-untrained-masked",
    }


def test_a_mask_that_is_always_there():
    edits = {
        **SHORT,
        "mask = causal_mask(n, like=x) if masked else None": "mask = causal_mask(n, like=x)",
    }
    assert failing_claims(PAGE, until="masks-leak", edits=edits) == {
        "masks-leaky-train",
        "masks-leaky-whole",
        "masks-leaky-cut-off",
        "masks-leaky-longer",
        "masks-dropped-rise",
        "masks-leak",
        "masks-leak-untrained",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "names"),
    [
        ("seen, held_out = numbers[:cut], numbers[cut:]",  # another tenth, from the middle
         "seen, held_out = numbers, numbers[cut // 2 :][: len(numbers) // 10]", {"masks-easier"}),
        ("M = np.where(may, 0.0, -np.inf)", "M = np.where(may, 0.0, -1.0)",
         {"masks-additive"}),
        ("may = np.tri(3, dtype=bool)", "may = np.tri(3, dtype=bool).T",
         {"masks-additive", "masks-boolean"}),
        ("softmax(S, mask=may)", "softmax(S) * may", {"masks-boolean"}),
        ("late = (softmax(S) * may)", "late = softmax(S, mask=may)", {"masks-late"}),
        ("padding = j < np", "padding = j <= np", {"masks-scratch"}),
        ("causal = j <= i", "causal = j < i", {"masks-scratch"}),
        ("window = np.abs(i - j) < 3", "window = np.abs(i - j) <= 3", {"masks-scratch"}),
        ("mask=padding_mask(lengths, 6))\n", "mask=~padding_mask(lengths, 6))\n",
         {"masks-padding"}),
        ("without, _ = attention(q, k, v)", "without, _ = attention(q, k, v, "
         "mask=padding_mask(lengths, 6))", {"masks-padding-missing"}),
        ("np.where(causal_mask(n), S, fill)", "np.where(causal_mask(n), S, -np.inf)",
         {"masks-fill-all"}),
        ("np.where(causal_mask(n), S, fill)", "np.where(causal_mask(n), S, max(fill, -1e4))",
         {"masks-fill-inf"}),
        ("half = torch.zeros(2, 2, dtype=torch.float16)", "half = torch.zeros(2, 2)",
         {"masks-half"}),
        ("softmax(row - np.inf)", "softmax(row - 1e4)", {"masks-empty-nan"}),
        ("softmax(row - 1e4)", "softmax(row - 1e4 * np.arange(3))", {"masks-empty-shift"}),
        ("softmax(np.where(nothing, row, -1e9))", "softmax(row)", {"masks-empty-uniform"}),
        ("softmax(row, mask=nothing)", "softmax(np.full(3, -1e9))", {"masks-empty-zero"}),
        ("torch.softmax(S.masked_fill(~mask, -torch.inf)",
         "torch.softmax(S.masked_fill(~mask, -1e9)", {"masks-gradient-nan"}),
        ("    return softmax(S, mask=mask)\n", "    return fill_with_infinity(S, mask)\n",
         {"masks-gradient-fine"}),
        ("context[real[:, 0]].square()", "context.square()", {"masks-gradient-loss"}),
        ("attn_mask=torch.tensor(mask)", "attn_mask=torch.tensor(~mask)",
         {"masks-parity-function"}),
        ("layer(x, x, x, attn_mask=~future)", "layer(x, x, x, attn_mask=future)",
         {"masks-parity-layer"}),
        ("_, a = layer(x, x, x, attn_mask=future)", "_, a = layer(x, x, x, attn_mask=~future)",
         {"masks-inverted", "masks-inverted-last"}),
        ("attention(x, x, x, mask=causal_mask(len(x)))", "attention(x, x, x)",
         {"masks-path-none"}),
        ("x - x.mean(axis=0)", "x - x.mean(axis=1, keepdims=True)", {"masks-path-mean"}),
        ("window_mask(32, 4, causal=True).astype", "window_mask(32, 5, causal=True).astype",
         {"masks-window-reach"}),
        ("mask=keys_open[:, 0])", "mask=keys_open)", {"masks-shape"}),
        ("    S = S.masked_fill(~mask, -torch.inf)", "    S = S.masked_fill(~mask, -10.0)",
         {"masks-own-file", "masks-parity-scratch"}),
        ("math.sqrt(Q.shape[-1])", "math.sqrt(V.shape[-1])", {"masks-own-file"}),
        ("    A = A / A.sum(-1, keepdim=True)", "    A = A / A.sum(-2, keepdim=True)",
         {"masks-own-file", "masks-parity-scratch"}),
        ("        A = A.masked_fill(~mask, 0.0)", "        pass",
         {"masks-own-file-empty", "masks-own-file-gradient"}),
        ("    S = S.masked_fill(~mask, -torch.inf)",
         "    S = S + torch.where(mask, 0.0, -torch.inf)", {"masks-own-file-gradient"}),
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(right, wrong, names):
    assert without_training(edits={right: wrong}) == names


def test_a_padding_mask_of_one_key_too_many(monkeypatch):
    padding_mask = attnlab.padding_mask
    monkeypatch.setattr(attnlab, "padding_mask", lambda n, m: padding_mask(np.add(n, 1), m))
    with pytest.raises(ValueError, match="lengths"):  # the full sentence has become too long
        without_training(until="masks-scratch")


def test_a_softmax_that_fills_in_place_of_leaving_out(monkeypatch):
    """The library itself with a fill of -10⁴: an empty row is uniform."""
    softmax = attnlab.softmax

    def filled(s, mask=None, **options):
        if mask is None:
            return softmax(s, **options)
        where = torch.where if isinstance(s, torch.Tensor) else np.where
        return softmax(where(mask, s, -1e4), **options)

    monkeypatch.setattr(attnlab, "softmax", filled)
    assert "masks-empty-zero" in without_training(until="masks-gradient-fine")
