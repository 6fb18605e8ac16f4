"""The widget on stories: its network on the page is torch's, and it knows what a story says."""

import numpy as np
import pytest
import torch

from attnlab.chapters.pointers.hops import FACTS, STORY, HopsWidget
from attnlab.chapters.pointers.models import MemoryNetwork
from attnlab.chapters.pointers.stories import WHAT, WHERE, WHO, WORDS, needed_facts
from tests.widgets.node import ROOMS, SHARED, Result, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "pointers" / "hops_mathematics.js"


def widget(seed=0, **options):
    torch.manual_seed(seed)
    return HopsWidget(MemoryNetwork(n_hops=2, d_model=7, start=1.0), **options)


def drawn(seed):
    return tuple(np.random.default_rng(seed).integers(len(FACTS), size=10).tolist())


@pytest.mark.parametrize("asked", [*WHAT, *WHO])
def test_the_browser_computes_what_torch_does(asked):
    for seed in range(3):
        w = widget(seed, facts=drawn(seed), asked=asked)
        facts = [[WORDS.index(word) for word in fact] for fact in w.story]
        _, found = in_node(
            ("unpack", w._model),
            ("answer", Result(0), facts, WORDS.index(asked), 2),
            modules=[SHARED / "packing.js", OUR_MATH],
        )
        np.testing.assert_allclose(found["weights"], w.weights, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found["probabilities"], w.probabilities, rtol=1e-9)


def test_the_browser_knows_which_facts_are_needed():
    cases = [(drawn(seed), asked) for seed in range(30) for asked in (*WHAT, *WHO)]
    stories = [[list(FACTS[n]) for n in facts] for facts, _ in cases]
    found = in_node(
        *(
            ("neededFacts", story, asked, asked in WHAT)
            for story, (_, asked) in zip(stories, cases, strict=True)
        ),
        modules=[OUR_MATH],
    )
    expected = [needed_facts([FACTS[n] for n in facts], asked) for facts, asked in cases]
    assert None in expected
    assert found == expected


def test_every_fact_that_there_can_be_is_there_once():
    assert len({*FACTS}) == len(FACTS) == len(WHO) * (len(WHAT) + len(WHERE))


@pytest.mark.parametrize(
    ("asked", "place"),
    [("key", "garden"), ("lamp", "attic"), ("cook", "garden"), ("rope", ""), ("clerk", "")],
)
def test_what_the_story_says(asked, place):
    w = widget(asked=asked)
    assert w.facts == STORY and w.place == place
    assert w.answer in WHERE
    np.testing.assert_allclose(w.weights.sum(axis=1), 1)
    assert w.probabilities.sum() == pytest.approx(1)


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("facts", (1, 2), "facts must be 10 values; got (1, 2)"),
        ("facts", (40,) * 10, "facts[0] must be a whole number from 0 to 39; got 40"),
        ("asked", "cat", f"asked must be one of {', '.join((*WHAT, *WHO))}; got 'cat'"),
        ("fact", 10, "fact must be a whole number from 0 to 9; got 10"),
    ],
)


@pytest.mark.parametrize("options", [{"n_hops": 1}, {"scaled": True}, {"ages": False}])
def test_other_networks_are_refused(options):
    with pytest.raises(ValueError, match="expected a network with n_hops, scale, ages"):
        HopsWidget(MemoryNetwork(**{"n_hops": 2, **options}))
