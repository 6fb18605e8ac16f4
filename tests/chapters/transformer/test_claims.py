"""The claims of `transformer/transformer` fail when what they say is broken.

Nothing is trained here: most faults show in machines that have just been made, and the claims about
trained ones fail without training. Those hold with training in every build, for three seeds.
"""

import copy
from functools import partial

import pytest

import attnlab.stored
from tests.chapters.faults import failing_claims

PAGE = "transformer/transformer.md"
failing = partial(failing_claims, PAGE)
# The cells that train, and those that need what was trained.
TRAINED = ("translators = {", 'shares["whole"]', "smoothed_floor(", "squeezed", "to_attnlab(")


@pytest.fixture(autouse=True)
def untrained(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda model, *_, **__: model.eval() and [1.0])


def test_without_training():
    failed = failing(until="transformer-dates", edits={"range(3)": "range(1)"})
    assert failed == {
        "transformer-grammar", "transformer-grammar-pairs", "transformer-deaf-floor",
        "transformer-programming", "transformer-dates",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "expected"),
    [(r"\d{4}-\d\d-\d\d", "kept"), (".*", "lost")],  # no answer is a date; any answer is one
)
def test_heads_whose_loss_spoils_what_it_should_not(form, expected):
    """An untrained machine writes no dates, whichever head is off."""
    edits = {r"\d{4}-\d\d-\d\d": form, "range(3)": "range(1)"}
    failed = failing(until="transformer-form-kept", edits=edits)
    assert {name for name in failed if "-form-" in name} == {f"transformer-form-{expected}"}


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "multihead_attn(own, own, mask)  #",
            "multihead_attn(own, memory, memory_mask)  #",
            "deaf-zero",
        ),
        ("src_mask).softmax(dim=-1)", "src_mask)", "squeezed-gradient"),
        ("setdefault(tokens[:t], Counter())", "setdefault(tokens[:1], Counter())", "floor-chain"),
    ],
)
def test_a_mistake_that_is_not_made(right, wrong, expected):
    edits = {right: wrong, "range(3)": "range(1)"}
    failed = failing(until="transformer-squeezed-gradient", edits=edits)
    assert f"transformer-{expected}" in failed


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (" * self.d_model**0.5", "", {"word-place", "tied-again"}),
        ("std=d_model**-0.5", "std=1.0", {"word-place", "tied-logits"}),
    ],
)
def test_words_of_another_length(right, wrong, expected):
    failed = failing(until="transformer-tied-again", edits={right: wrong})
    assert {f"transformer-{name}" for name in expected} <= failed


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("self.norm2(x), memory, memory_mask", "self.norm2(x), memory, None"),
        ("self.norm2(x), memory, memory_mask", "x, memory, memory_mask"),
        (
            "x + self.linear2(self.linear1(self.norm3(x))",
            "self.linear2(self.linear1(self.norm3(x))",
        ),
        ("zip((x, memory, memory), *in_proj)", "zip((x, memory, x[:, :1] + memory), *in_proj)"),
        ("future = causal_mask(tgt.shape[1])", "future = None"),
        ("return self.norm(x)", "return x"),
        ("context.transpose(1, 2).flatten(2)", "context.transpose(1, 2).flip(2).flatten(2)"),
    ],
)
def test_a_machine_with_a_mistake(right, wrong):
    failed = failing(until="transformer-parity-32", edits={right: wrong}, skip=TRAINED)
    assert {"transformer-parity-64", "transformer-parity-32"} <= failed


def test_smoothing_that_minds_the_padding_and_one_that_does_not():
    edits = {
        "label_smoothing=0.1": "label_smoothing=0.0",
        "(logits, right, pad=PAD, smoothing=0.1)": "(logits, right, smoothing=0.1)",
    }
    failed = failing(until="transformer-smoothing-top", edits=edits, skip=TRAINED)
    assert failed == {"transformer-padding-torch", "transformer-padding-ours"}


@pytest.mark.parametrize(
    ("where", "what", "share", "name"),
    [
        ({"schedule": "decay", "steps": 1000, "seed": 1}, "validation", 0.98, "valid"),
        ({"schedule": "decay", "steps": 1000, "seed": 2}, "test", 0.98, "test"),
        ({"schedule": "constant"}, "validation", 0.999, "constant"),
    ],
)
def test_a_stored_result_that_says_otherwise(monkeypatch, where, what, share, name):
    stored = copy.deepcopy(attnlab.stored.load("transformer"))
    for cell in stored["cells"]:
        if where.items() <= cell.items():
            cell[what] = share
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    failed = failing(until="transformer-constant", skip=(*TRAINED, "learned_by", "by_us["))
    assert failed == {f"transformer-{name}"}
