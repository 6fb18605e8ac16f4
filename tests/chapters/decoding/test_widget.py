"""The widgets of decoding: the page computes what attnlab does, and what they refuse."""

import math

import numpy as np
import pytest
import torch

from attnlab.chapters.decoding.drawing import DrawingWidget, right_sentences
from attnlab.chapters.decoding.widget import NAMES, TOPIC_WORDS, TOPICS, WORDS, BeamsWidget
from attnlab.decoding import next_probabilities
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.vocabulary import BOS, EOS
from attnlab.widgets.packing import pack_transformer
from tests.widgets.node import ROOMS, SHARED, Result, in_node
from tests.widgets.refusals import refusing
from tests.widgets.test_transformer_in_js import make

OUR_MATH = ROOMS / "decoding" / "mathematics.js"


def model(seed=0):
    return make(
        len(TOPIC_WORDS), len(WORDS), d_model=8, n_heads=2, n_layers=1, seed=seed, shared=False
    )


@pytest.fixture(scope="module")
def beams():
    return BeamsWidget(model())


@pytest.fixture
def w(beams):
    return DrawingWidget(beams)


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"temperature": 0.3},
        {"temperature": 2.5, "top_k": 3},
        {"top_p": 0.6},
        {"temperature": 0.7, "top_k": 6, "top_p": 0.8},
        {"top_k": 1},
    ],
)
def test_what_is_drawn_from(knobs):
    logits = torch.randn(5, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    given = {"temperature": knobs.get("temperature", 1), "topK": knobs.get("top_k", 12)}
    given["topP"] = knobs.get("top_p", 1)
    calls = [("nextProbabilities", row.tolist(), given) for row in logits]
    for ours, row in zip(in_node(*calls, modules=[OUR_MATH]), logits, strict=True):
        np.testing.assert_allclose(ours, next_probabilities(row, **knobs), rtol=0, atol=1e-6)


def test_a_share_that_is_just_reached_is_reached_on_the_page_too():
    """Where rounding alone would keep a token more: that none is, and not only that both agree."""
    ties = [([1] * n, k) for n in (5, 10, 27, 31, 90) for k in (1, n // 2, n - 1)]
    ties += [([5, 3, 1, 1], 2), ([1, 4, 2, 3], 3), ([15, 80, 5], 2), ([1, 2, 3, 4] * 9, 9)]
    knobs = {"temperature": 1, "topK": 90}
    calls, expected = [], []
    for shares, k in ties:
        p = torch.tensor(shares, dtype=torch.float64) / sum(shares)
        kept = p.argsort(descending=True, stable=True)[:k]
        top_p = sum(shares[i] for i in kept) / sum(shares)
        expected.append(set(kept.tolist()))
        theirs = next_probabilities(p.log(), top_p=top_p)
        assert set(theirs.nonzero()[:, 0].tolist()) == expected[-1], (shares, k)
        calls.append(("nextProbabilities", p.log().tolist(), {**knobs, "topP": top_p}))
    for ours, kept in zip(in_node(*calls, modules=[OUR_MATH]), expected, strict=True):
        assert {i for i, share in enumerate(ours) if share > 0} == kept


def path(rows, place):
    """The tokens of one beam of the last row."""
    tokens = []
    for row in reversed(rows[1:]):
        tokens.insert(0, row[place]["token"])
        place = row[place]["parent"]
    return tokens[: tokens.index(EOS) + 1] if EOS in tokens else tokens


STATES = [
    {"beams": 1, "steps": 5},
    {"beams": 3, "steps": 2},
    {"beams": 4, "steps": 7, "length_penalty": 1.5, "topic": "tea"},
    {"beams": 32, "steps": 12, "length_penalty": 0.6},
]


def searched(given, widgets):
    """What the page finds for each widget: all rows, and the same in the order of the tree."""
    calls = [("unpackTransformer", pack_transformer(given))]
    for w in widgets:
        n = len(calls)
        limits = {"eos": EOS, "beams": w.beams, "alpha": w.length_penalty, "steps": w.steps}
        calls.append(("speaker", Result(0), TOPIC_WORDS.encode([w.topic]), BOS))
        calls.append(("searchByBeam", Result(n), limits))
        calls.append(("untangled", Result(n + 1)))
    found = in_node(*calls, modules=[SHARED / "transformer.js", OUR_MATH])
    return list(zip(found[2::3], found[3::3], strict=True))


@pytest.mark.parametrize("seed", range(2))
def test_beams_are_those_of_beam_search(seed):
    given = model(seed)
    given.to_logits.bias.data[EOS] += 4.0  # so that some beams end and others go on
    widgets = [BeamsWidget(given, **state) for state in STATES]
    for w, (rows, _) in zip(widgets, searched(given, widgets), strict=True):
        ours = [(path(rows, k), b["logP"], b["score"]) for k, b in enumerate(rows[-1])]
        for (tokens, *numbers), (theirs, *expected) in zip(ours, w._beams(), strict=True):
            assert tokens == theirs
            np.testing.assert_allclose(numbers, expected, rtol=0, atol=1e-6)
    assert any(EOS in tokens for w in widgets for tokens, _, _ in w._beams())


def test_in_the_tree_no_line_crosses_another_and_nothing_is_lost():
    given = model()
    given.to_logits.bias.data[EOS] += 4.0
    crossed = 0  # by beams in the order of their ranks
    for rows, tree in searched(given, [BeamsWidget(given, **state) for state in STATES]):
        for ranked, row in zip(rows[1:], tree[1:], strict=True):
            parents = [beam["parent"] for beam in row]
            assert parents == sorted(parents)
            crossed += [beam["parent"] for beam in ranked] != sorted(b["parent"] for b in ranked)
        ends = [sorted(tuple(path(r, k)) for k in range(len(r[-1]))) for r in (rows, tree)]
        assert ends[0] == ends[1]
    assert crossed


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"drawn": 100, "seed": 999, "topic": "the piano"},
        {"drawn": 30, "temperature": 0.3, "top_k": 7},
        {"drawn": 50, "temperature": 2.0, "top_p": 0.7, "seed": 3},
    ],
)
def test_the_page_draws_the_same_sentences(state):
    given = model(4)
    given.to_logits.bias.data[EOS] += 3.0
    w = DrawingWidget(BeamsWidget(given), **state)
    knobs = {"temperature": w.temperature, "topK": w.top_k, "topP": w.top_p}
    limits = {"eos": EOS, "count": w.drawn, "longest": 12, "seed": w.seed}
    _, _, found = in_node(
        ("unpackTransformer", pack_transformer(given)),
        ("speaker", Result(0), TOPIC_WORDS.encode([w.topic]), BOS),
        ("drawSentences", Result(1), knobs, limits),
        modules=[SHARED / "transformer.js", OUR_MATH],
    )
    assert found == w._tokens()
    assert len({*map(tuple, found)}) > 5 and any(EOS in row for row in found)


def test_more_sentences_come_after_those_that_were_drawn(w):
    first = w.sentences
    w.drawn = 30
    assert w.sentences[:10] == first


def test_each_word_is_drawn_as_often_as_it_is_probable(beams):
    w = DrawingWidget(beams, drawn=100, top_k=4)
    found = np.zeros(len(WORDS))
    for w.seed in range(30):
        for row in w._tokens():
            found[row[0]] += 1
    np.testing.assert_allclose(found / found.sum(), w.probabilities, atol=0.03)
    assert (w.probabilities > 0).sum() == 4


def test_a_sentence_is_right_if_the_grammar_has_it_about_the_topic(w, monkeypatch):
    texts = ["I drink coffee", "I drink tea", "I drinks coffee", "I drink coffee", "I drink coffee"]
    rows = [[*WORDS.encode(text.split()), EOS] for text in texts]
    rows[-1].pop()  # has no end
    rows.append([0, *rows[0]])  # begins with padding
    monkeypatch.setattr(DrawingWidget, "_tokens", lambda _: rows)
    assert [right for _, right in w.sentences] == [True, False, False, True, False, False]
    assert w.sentences[-1][0] == "<pad> I drink coffee"
    assert (w.right, w.different) == (2, 1)


def test_the_page_knows_all_right_sentences():
    (found,) = in_node(
        ("sentencesOf", DrawingWidget._constants.declared["grammar"]),
        modules=[SHARED / "grammar.js"],
    )
    grammar = Grammar()
    every = sorted(s for split in ("train", "test", "pairs") for s in grammar.sentences(split))
    texts = [" ".join(grammar.translation(sentence).english) for sentence in every]
    assert [one["text"] for one in found] == texts  # in the same order
    for topic in TOPICS:
        about = {one["text"] for one in found if one["object"] == topic}
        assert about == right_sentences(topic)


def test_what_a_word_was_drawn_from(w):
    w.sentence, w.word, w.top_k = 3, 2, 5
    (first, *_) = w._tokens()[2]
    with torch.no_grad():
        source = torch.tensor([TOPIC_WORDS.encode([w.topic])])
        logits = w._beams._rounded(source, torch.tensor([[BOS, first]]))[0, -1]
    np.testing.assert_allclose(w.probabilities, next_probabilities(logits, top_k=5), atol=1e-12)
    w.sentence, w.word = 100, 12  # of ten sentences the last, and of its words
    assert w.probabilities[w._tokens()[9][-1]] > 0


def test_nothing_has_been_said_before_the_first_step():
    assert BeamsWidget(model(), steps=0).hypotheses == [("", 0.0, 0.0)]


def test_all_beams_ended():
    given = model()
    given.to_logits.bias.data[EOS] = 100.0
    assert BeamsWidget(given, beams=1, steps=3).hypotheses[0][0] == "■"


test_bad_input_is_refused_when_made_and_when_set = refusing(
    lambda **traits: BeamsWidget(model(), **traits),
    [
        ("topic", "cheese", f"topic must be one of {', '.join(TOPICS)}; got 'cheese'"),
        ("beams", 33, "beams must be a whole number from 1 to 32; got 33"),
        ("steps", -1, "steps must be a whole number from 0 to 12; got -1"),
        ("length_penalty", -1, "length_penalty must be a number from 0 to 2; got -1"),
    ],
)
test_knobs_are_refused_when_made_and_when_set = refusing(
    lambda **traits: DrawingWidget(BeamsWidget(model()), **traits),
    [
        ("topic", "cheese", f"topic must be one of {', '.join(TOPICS)}; got 'cheese'"),
        ("temperature", 0, "temperature must be a number from 0.1 to 3; got 0"),
        ("top_k", 1.5, "top_k must be a whole number from 1 to 90; got 1.5"),
        ("top_p", math.nan, "top_p must be a number from 0.05 to 1; got nan"),
        ("drawn", 101, "drawn must be a whole number from 1 to 100; got 101"),
        ("sentence", 0, "sentence must be a whole number from 1 to 100; got 0"),
        ("word", 13, "word must be a whole number from 1 to 12; got 13"),
        ("seed", -1, "seed must be a whole number from 0 to 999; got -1"),
    ],
)


def test_a_page_holds_the_model_once(beams, w):
    assert w.get_state()["_beams"] == f"IPY_MODEL_{beams.model_id}"
    assert beams._constants["words"] == NAMES


def test_another_model_is_refused():
    with pytest.raises(ValueError, match=r"vocabularies of \(33, 90\) tokens, got \(5, 6\)"):
        BeamsWidget(make(5, 6))


def test_repr_has_no_address(beams, w):
    assert repr(beams) == "BeamsWidget(topic='coffee', beams=4, length_penalty=0.0, steps=4)"
    assert repr(w).startswith("DrawingWidget(topic='coffee', temperature=1.0, top_k=90, top_p=1.0")
