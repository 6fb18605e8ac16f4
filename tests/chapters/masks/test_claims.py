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
    "loss_whole(model",
    "influence(model, masked=",
    "dropped -",
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
        "masks-dropped-rise",
        "masks-leak",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "names"),
    [
        ("seen, held_out = numbers[:cut], numbers[cut:]",  # another tenth, from the middle
         "seen, held_out = numbers, numbers[cut // 2 :][: len(numbers) // 10]", {"masks-easier"}),
        ("return np.arange(m) < lengths", "return np.arange(m) <= lengths", {"masks-scratch"}),
        ("return j <= i  #", "return j < i  #", {"masks-scratch"}),
        ("return np.abs(i - j) < w", "return np.abs(i - j) <= w", {"masks-scratch"}),
        ("mask=padding_mask(lengths, 6))\n", "mask=~padding_mask(lengths, 6))\n",
         {"masks-padding"}),
        ("without, _ = attention(q, k, v)", "without, _ = attention(q, k, v, "
         "mask=padding_mask(lengths, 6))", {"masks-padding-missing"}),
        ("additive = np.where(open_pairs, 0.0, -np.inf)",
         "additive = np.where(open_pairs, 0.0, -1.0)", {"masks-additive"}),
        ("softmax(s, mask=open_pairs)", "softmax(s) * open_pairs", {"masks-boolean"}),
        ("late = softmax(s) * open_pairs", "late = softmax(s, mask=open_pairs)", {"masks-late"}),
        ("np.where(causal_mask(n), s, fill)", "np.where(causal_mask(n), s, -np.inf)",
         {"masks-fill-all"}),
        ("np.where(causal_mask(n), s, fill)", "np.where(causal_mask(n), s, max(fill, -1e4))",
         {"masks-fill-inf"}),
        ("half = torch.zeros(2, 2, dtype=torch.float16)", "half = torch.zeros(2, 2)",
         {"masks-half"}),
        ("softmax(np.full((1, 6), -np.inf))", "softmax(np.full((1, 6), -1e4))",
         {"masks-empty-nan"}),
        ("softmax(np.full((1, 6), -1e9))", "softmax(s)", {"masks-empty-uniform"}),
        ("softmax(s - 1e4)", "softmax(s - 1e4 * np.arange(6))", {"masks-empty-shift"}),
        ("softmax(s, mask=np.zeros((1, 6), dtype=bool))", "softmax(np.full((1, 6), -1e9))",
         {"masks-empty-zero"}),
        ("s.masked_fill(~mask, -torch.inf)", "s.masked_fill(~mask, -1e9)",
         {"masks-gradient-nan"}),
        ("    return softmax(s, mask=mask)\n", "    return fill_with_infinity(s, mask)\n",
         {"masks-gradient-fine"}),
        ("context[real[:, 0]].square()", "context.square()", {"masks-gradient-loss"}),
        ("s = np.where(mask, s, -np.inf)", "s = np.where(mask, s, 0.0)",
         {"masks-parity-scratch"}),
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
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(right, wrong, names):
    assert without_training(edits={right: wrong}) == names


def test_a_padding_mask_of_one_key_too_many(monkeypatch):
    padding_mask = attnlab.padding_mask
    monkeypatch.setattr(attnlab, "padding_mask", lambda lengths, m: padding_mask(lengths + 1, m))
    with pytest.raises(ValueError, match="lengths"):  # the full sentence has become too long
        without_training(until="masks-padding-missing")


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
