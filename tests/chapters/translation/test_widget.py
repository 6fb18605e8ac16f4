"""The translation widget: what it computes and refuses, and its mathematics in the browser."""

import pytest
import torch

from attnlab.chapters.translation import numbers
from attnlab.chapters.translation.widget import MAX_STEPS, TranslationWidget
from attnlab.models.transformer import Transformer
from tests.widgets.node import ROOMS, SHARED, Result, agree, in_node
from tests.widgets.refusals import refusing

MODULES = [SHARED / "transformer.js", ROOMS / "translation" / "mathematics.js"]


def widget(**state) -> TranslationWidget:
    torch.manual_seed(0)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    return TranslationWidget(Transformer(len(numbers.SRC), len(numbers.TGT), **sizes), **state)


@pytest.mark.parametrize("number", [1, 15, 120_034, 99_999_999, 300_000_005])
def test_the_browser_computes_what_python_does(number):
    w = widget(number=number)
    _, found = in_node(
        ("unpackTransformer", w._model),
        ("translate", Result(0), number, w._constants, MAX_STEPS),
        modules=MODULES,
    )
    assert (found["words"], found["wanted"]) == (w.words, w.wanted)
    assert found["output"] == w.output
    agree(found["weights"], w.weights)


def test_the_browser_says_numbers_as_python_does():
    some = [n for k in range(9) for n in (10**k, 10**k + 1, 11 * 10**k, 7 * 10**k + 10)]
    some = [n for n in some if n < 10**9] + [987_654_321, 10_010_000, 100_001_000]
    w = widget()
    names, digits = {"small": w._constants["small"], "tens": w._constants["tens"]}, numbers.DIGITS
    english = in_node(*(("englishOf", n, names) for n in some), modules=MODULES)
    chinese = in_node(*(("chineseOf", n, list(digits)) for n in some), modules=MODULES)
    assert english == [numbers.english(n) for n in some]
    assert chinese == [numbers.chinese(n) for n in some]


def test_its_weights_are_means_over_heads():
    w = widget(number=21)
    assert w.weights.shape[1] == len(w.words) == 2
    agree(w.weights.sum(axis=1), [1.0] * len(w.weights))
    assert w.right == (w.output == w.wanted)


def test_a_model_of_other_tokens_is_refused():
    model = Transformer(5, 7, d_model=8, n_heads=2, n_layers=1, d_ff=8)
    with pytest.raises(ValueError, match=r"expected a model with \(35, 19\) tokens, got \(5, 7\)"):
        TranslationWidget(model)


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("number", 0, "number must be a whole number from 1 to 999999999; got 0"),
        ("number", 10**9, "number must be a whole number from 1 to 999999999; got 1000000000"),
        ("number", "12", "number must be a whole number from 1 to 999999999; got '12'"),
        ("step", 25, "step must be a whole number from 1 to 24; got 25"),
    ],
)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(number=7)) == "TranslationWidget(number=7, step=3)"
