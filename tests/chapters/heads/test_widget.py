"""The heads widget: what it computes and refuses, and its mathematics in the browser."""

from functools import cache

import numpy as np
import pytest
import torch

from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
from attnlab.chapters.heads.widget import HEADS, TASK, HeadsWidget
from attnlab.tasks.lookups import Lookups
from attnlab.tasks.places import WORDS
from attnlab.tasks.split import is_held_out
from tests.widgets.node import ROOMS, Result, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "heads" / "mathematics.js"


def tables(task=TASK, d_model=16):
    return {h: TableAnswerer(task, d_model, h) for h in HEADS}


def words(d_model=8):
    return {h: SentenceAnswerer(d_model, h) for h in HEADS}


@cache
def layers():
    torch.manual_seed(0)
    made = tables(), words(), words()
    for layer in (layer for by_heads in made for layer in by_heads.values()):
        for bias in (layer.heads.project_in.bias, layer.heads.project_out.bias):
            torch.nn.init.normal_(bias)
    return made


@pytest.fixture(scope="module")
def made():
    return layers()


def widget(made, **options):
    return HeadsWidget(*made, **options)


def in_browser(w):
    """Weights and answers of the example, and the two shares, as the front end gets them."""
    off, n_questions = [i for i in w.off if i < w.n_heads], 4 if w.task == "tables" else 2
    layer, tests = Result(0), w._data[w.task]["tests"]
    calls = [("prepare", {"packed": w._models[w.task][str(w.n_heads)], "n_heads": w.n_heads})]

    def ask(inputs, row) -> Result:
        calls.append(("attend", layer, [column[row] for column in inputs]))
        calls.append(("answers", layer, Result(len(calls) - 1), off, n_questions))
        return Result(len(calls) - 1)

    ask(w._data[w.task]["examples"]["inputs"], w.example)
    given = [ask(tests["inputs"], row) for row in range(len(tests["targets"]))]
    calls.append(("scoreAnswers", given, tests["targets"]))
    found = in_node(*calls, modules=[OUR_MATH])
    return {"weights": found[1]["weights"], "said": found[2], **found[-1]}


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"n_heads": 1, "example": 23},
        {"n_heads": 8, "off": (0, 3, 7), "example": 5},
        {"task": "neighbors", "n_heads": 2, "off": (1, 5)},
        {"task": "neighbors", "n_heads": 8, "example": 17},
        {"task": "ends", "n_heads": 4, "off": (0, 1, 2, 3), "example": 9},
    ],
)
def test_the_browser_computes_what_torch_does(made, state):
    w = widget(made, **state)
    found = in_browser(w)
    weights = np.array(found["weights"]).swapaxes(0, 1)  # (h, n, m)
    np.testing.assert_allclose(weights, w.weights, rtol=1e-9, atol=1e-12)
    assert found["said"] == w.answers.ravel().tolist()
    assert found["right"] == pytest.approx(w.right, abs=1e-12)
    assert found["all"] == pytest.approx(w.all_right, abs=1e-12)


def test_a_head_that_is_off_writes_nothing(made):
    w = widget(made, n_heads=2, off=(0, 1), task="neighbors")
    layer = w._model
    always = layer.read_out(layer.heads.project_out.bias)  # what is left: the biases
    expected = always.unflatten(0, (2, -1)).argmax(1)
    assert (w.answers == expected.numpy()).all()


def test_rounding_changes_next_to_nothing(made):
    w = widget(made, n_heads=4)
    with torch.no_grad():
        theirs = made[0][4](w._tests["tables"])[0]
        ours = w._model(w._tests["tables"])[0]
    assert torch.equal(ours.argmax(-1), theirs.argmax(-1))
    shares, as_trained = ours.float().softmax(-1), theirs.softmax(-1)
    torch.testing.assert_close(shares, as_trained, rtol=0, atol=1e-3)  # a tenth of a percent
    assert made[0][4].read_out.weight.dtype == torch.float32  # the given model is left alone


def test_the_first_example_is_our_sentence_and_it_is_held_out(made):
    w = widget(made, task="ends")
    said = w._data["ends"]["examples"]["inputs"][0]
    assert [WORDS[i] for i in said[0]] == ["I", "love", "playing", "football"]
    assert sorted(map(tuple, said)) == sorted(set(map(tuple, said)))
    assert is_held_out(torch.tensor(said[:1])).all()


test_bad_input_is_refused_when_made_and_when_set = refusing(
    lambda **traits: widget(layers(), **traits),
    [
        ("n_heads", 3, "n_heads must be one of (1, 2, 4, 8); got 3"),
        ("n_heads", 16, "n_heads must be a whole number from 1 to 8; got 16"),
        ("off", (8,), "off must be whole numbers from 0 to 7; got (8,)"),
        ("off", 2, "off must be whole numbers from 0 to 7; got 2"),
        ("off", (0.5,), "off must be whole numbers from 0 to 7; got (0.5,)"),
        ("example", 24, "example must be a whole number from 0 to 23; got 24"),
        ("task", "verbs", "task must be one of tables, neighbors, ends; got 'verbs'"),
    ],
)


def test_heads_that_are_off_are_sorted_and_count_once(made):
    assert widget(made, off=[3, 1, 3]).off == (1, 3)


def test_other_models_are_refused(made):
    tables_of, words_of, _ = made
    with pytest.raises(ValueError, match="neighbors: expected the kind, heads and outputs"):
        HeadsWidget(tables_of, tables_of, words_of)
    with pytest.raises(ValueError, match=r"tables: .*got \{1: \('TableAnswerer', 2, 32\)"):
        HeadsWidget({**tables_of, 1: tables_of[2]}, words_of, words_of)
    other = tables(Lookups(n_lookups=2, n_pairs=8, n_keys=8, n_values=8))
    with pytest.raises(ValueError, match=r"\('TableAnswerer', 1, 16\)"):
        HeadsWidget(other, words_of, words_of)


def test_repr_has_inputs_and_no_address(made):
    assert repr(widget(made, off=(2,))) == (
        "HeadsWidget(task='tables', n_heads=4, off=(2,), example=0)"
    )
