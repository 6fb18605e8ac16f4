"""The language widget: its readers on the page are torch's, and it takes letters alone."""

import numpy as np
import pytest
import torch

from attnlab.chapters.language.text import LETTERS
from attnlab.chapters.language.widget import LanguageWidget
from attnlab.models.language import LanguageModel
from tests.widgets.node import ROOMS, SHARED, Result, agree, in_node
from tests.widgets.refusals import refusing

MODULES = (SHARED / "transformer.js", ROOMS / "language" / "mathematics.js")


def small(causal: bool) -> LanguageModel:
    torch.manual_seed(int(causal))
    return LanguageModel(26, d_model=6, n_heads=2, n_layers=2, d_ff=10, causal=causal)


def widget(**state) -> LanguageWidget:
    return LanguageWidget(small(True), small(False), **state)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"place": 1, "after": 0},
        {"text": "abcdefgh", "place": 31, "after": 4, "draw": 7},  # nothing behind the gap
        {"text": "abcdefgh", "place": 6, "after": 4, "draw": 99},  # one letter behind it
        {"text": "z" * 32, "place": 20, "after": 4},
    ],
)
def test_the_browser_computes_what_torch_does(state):
    w = widget(**state)
    letters = [LETTERS.index(c) for c in w.text]
    causal, masked = (("unpackTransformer", w._models[name]) for name in ("causal", "masked"))
    (*_, pasts) = in_node(causal, ("readAll", Result(0), letters), modules=MODULES)
    agree(softmax(pasts[w.gap - 1]["scores"]), w.guesses["left"])
    behind = letters[w.gap + 1 :][: w.after]
    read = [None, *behind[:-1]] if behind else []
    (*_, trial) = in_node(
        causal,
        ("startTrying", pasts[w.gap - 1]),
        *(
            ("tryOn", Result(0), Result(m), letter, following)
            for m, (letter, following) in enumerate(zip(read, behind, strict=True), 1)
        ),
        modules=MODULES,
    )
    agree(softmax(trial["logs"]), w.guesses["trying"])
    (*_, both) = in_node(masked, ("fromBoth", Result(0), letters, w.gap), modules=MODULES)
    agree(both, w.guesses["masked"])
    (*_, goes) = in_node(causal, ("goOn", Result(0), pasts[-1], 24, w.draw), modules=MODULES)
    assert "".join(LETTERS[i] for i in goes) == w.continued


def softmax(scores) -> np.ndarray:
    return torch.tensor(scores, dtype=torch.float64).softmax(0).numpy()


def test_trying_weighs_each_letter_by_what_follows():
    """Bayes: the whole text's probability with each letter in the gap, over their sum."""
    w = widget(text="abcdefghij", place=3, after=2)
    model, whole = w._causal, []
    for letter in range(26):
        tokens = torch.tensor([[0, 1, 2, letter, 4, 5]])
        with torch.no_grad():
            log_p = model(tokens).log_softmax(-1)[0]
        places = torch.arange(3, 6)
        whole.append(log_p[places - 1, tokens[0, places]].sum().exp().item())
    np.testing.assert_allclose(w.guesses["trying"], np.array(whole) / sum(whole), rtol=1e-9)


def test_other_models_are_refused():
    with pytest.raises(ValueError, match="expected two readers of 26 letters, a causal one"):
        LanguageWidget(small(False), small(True))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("text", "short", "text must be 8 to 32 letters from a to z; got 'short'"),
        ("text", "a" * 33, f"text must be 8 to 32 letters from a to z; got '{'a' * 33}'"),
        ("text", "with a space", "text must be 8 to 32 letters from a to z; got 'with a space'"),
        ("text", "нет букв тут", "text must be 8 to 32 letters from a to z; got 'нет букв тут'"),
        ("text", 12345678, "text must be 8 to 32 letters from a to z; got 12345678"),
        ("place", 0, "place must be a whole number from 1 to 31; got 0"),
        ("after", 5, "after must be a whole number from 0 to 4; got 5"),
        ("draw", 1.5, "draw must be a whole number from 0 to 99; got 1.5"),
    ],
)


def test_repr_has_inputs_and_no_address():
    shown = "LanguageWidget(text='abcdefgh', place=20, after=2, draw=0)"
    assert repr(widget(text="abcdefgh")) == shown
