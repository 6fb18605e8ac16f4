"""The heads widget: what it computes and refuses, and its mathematics in the browser."""

import math

import numpy as np
import pytest
import torch
from test_widget_math import MATH, in_node
from traitlets import TraitError

from attnlab.answerers import SentenceAnswerer, TableAnswerer
from attnlab.tasks.lookups import Lookups
from attnlab.widgets import HeadsWidget
from attnlab.widgets.heads import HEADS, TASK

OUR_MATH = MATH.with_name("math_heads.js")


def tables(task=TASK, d_model=16):
    return {h: TableAnswerer(task, d_model, h) for h in HEADS}


def words(d_model=8):
    return {h: SentenceAnswerer(d_model, h) for h in HEADS}


@pytest.fixture(scope="module")
def made():
    torch.manual_seed(0)
    layers = tables(), words(), words()
    for layer in (layer for by_heads in layers for layer in by_heads.values()):
        for bias in (layer.heads.project_in.bias, layer.heads.project_out.bias):
            torch.nn.init.normal_(bias)
    return layers


def widget(made, **options):
    return HeadsWidget(*made, **options)


def in_browser(w):
    """Weights and answers of the example, and the two shares, as the front end gets them."""
    data, off = w._data[w.task], [i for i in w.off if i < w.n_heads]
    packed = w._models[w.task][str(w.n_heads)]
    script = """
      import { readFileSync } from "node:fs";
      const { prepare, attend, answers, scoreAnswers } = await import(process.argv[1]);
      const { packed, n_heads, off, tests, examples, example, n } = JSON.parse(readFileSync(0));
      const layer = prepare({ packed, n_heads });
      const input = (columns, b) => columns.map((column) => column[b]);
      const done = attend(layer, input(examples.inputs, example));
      const all = tests.targets.map((_, b) => answers(layer, attend(layer, input(tests.inputs, b)), off, n));
      const weights = done.weights.map((heads) => heads.map((row) => [...row]));
      const said = answers(layer, done, off, n);
      console.log(JSON.stringify({ weights, said, ...scoreAnswers(all, tests.targets) }));
    """  # noqa: E501
    from test_widget_math import node

    given = {
        "packed": packed, "n_heads": w.n_heads, "off": off, "example": w.example,
        "n": 4 if w.task == "tables" else 2, **data,
    }  # fmt: skip
    return node(script, OUR_MATH, given)


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
