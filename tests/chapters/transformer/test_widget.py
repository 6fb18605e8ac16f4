"""The Transformer widget: what it writes, what it refuses, and why."""

from datetime import date

import numpy as np
import pytest
import torch

from attnlab.chapters.transformer.reading import dates_in, sentences
from attnlab.chapters.transformer.widget import TransformerWidget
from attnlab.decoding import greedy
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.vocabulary import BOS, EOS, UNK
from attnlab.widgets.grammar import packed_grammar
from attnlab.widgets.packing import rounded
from tests.widgets.node import ROOMS, Result, in_node
from tests.widgets.refusals import refusing

DATES = Dates(("en", "de", "zh"))
GRAMMAR = Grammar()
READING = ROOMS / "transformer" / "reading.js"
# A call of what another call returned.
CALLING = "data:text/javascript,export const remarkOn = (remark, text) => remark(text);"


def models(seed=0, **options):
    """Two models that have learned nothing, with words as the widget wants them."""
    torch.manual_seed(seed)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8, "dropout": 0.0} | options
    return [
        Transformer(len(task.src_vocabulary), len(task.tgt_vocabulary), **sizes)
        for task in (GRAMMAR, DATES)
    ]


@pytest.fixture(scope="module")
def shared():
    return TransformerWidget(*models(), DATES)


@pytest.fixture
def widget(shared):
    shared.task, shared.source, shared.heads_off = "translation", "I love programming", ()
    shared.anyway = False
    return shared


def test_it_writes_what_greedy_decoding_writes(widget):
    translator, dater = (rounded(model) for model in models())
    cases = {"translation": (translator, GRAMMAR), "dates": (dater, DATES)}
    for name, source in (("translation", "we buy tea"), ("dates", "3/8/2026")):
        widget.task, widget.source = name, source
        model, task = cases[name]
        src = torch.tensor([task.src_vocabulary.encode(widget.source_tokens)])
        tokens = greedy(model, src, bos=BOS, eos=EOS, max_len=12)[0].tolist()
        assert widget._run()[0] == tokens
        n, m = len(tokens), src.shape[1]
        shapes = {kind: weights.shape for kind, weights in widget.weights.items()}
        assert shapes == {"encoder": (2, m, m), "decoder": (2, n, n), "cross": (2, n, m)}
        assert widget.probabilities.shape == (n, len(task.tgt_vocabulary))
        np.testing.assert_allclose(widget.probabilities.sum(axis=1), 1, atol=1e-6)
        assert widget.probabilities.argmax(axis=1).tolist() == tokens


def test_a_head_that_is_off_changes_what_follows(widget):
    before = widget.probabilities[0]
    for name in ("encoder 1", "decoder 2", "cross 1"):
        widget.heads_off = (name,)
        assert np.abs(widget.probabilities[0] - before).max() > 1e-4
    widget.heads_off = ("encoder 1", "encoder 2", "cross 1", "cross 2", "decoder 1", "decoder 2")
    deaf = widget.probabilities[0]
    widget.source = "you drink milk"
    np.testing.assert_allclose(widget.probabilities[0], deaf)


@pytest.mark.parametrize(
    ("task", "source", "message"),
    [
        ("translation", "", "There is nothing to read: type a sentence."),
        ("translation", " \n", "There is nothing to read: type a sentence."),
        ("translation", ". !", "There is nothing to read: type a sentence."),
        ("dates", "  ", "There is nothing to read: type a date."),
        ("translation", "I adore tea", "The model has never read “adore”."),
        ("translation", "x I Y Tea x", "The model has never read “x”, “Y”."),
        ("dates", "2026-03-08", "The model has never read “-”."),
        ("translation", "tea " * 10, "The model has read up to 9 words; these are 10."),
        ("dates", "1" * 31, "The model has read up to 30 characters; these are 31."),
        ("translation", "love I tea", "The model has never read a sentence of this kind."),
        ("translation", "he love tea", "The model has never read a sentence of this kind."),
        ("translation", "<pad>", "The model has never read “<pad>”."),
        ("dates", "March", "This is no date in a form that the model has read, from 1950 to 2049."),
        ("dates", "3/8/1926", "This is no date in a form that the model has read, "
         "from 1950 to 2049."),
    ],
)  # fmt: skip
def test_what_it_refuses(widget, task, source, message):
    widget.task, widget.source = task, source
    assert widget.message == message
    assert widget.output == "" and widget.output_tokens == []
    assert widget.probabilities.size == 0
    assert all(weights.shape[1:] == (0, 0) for weights in widget.weights.values())


@pytest.mark.parametrize("source", ["The teacher loves tea", "do you drink tea?", " I  buy fish "])
def test_what_people_type(widget, source):
    widget.source = source
    assert widget.message == ""


@pytest.mark.parametrize(
    ("task", "typed", "read"),
    [
        ("translation", "i LOVE Programming", "I love programming"),
        ("translation", "MY FRIEND STUDIES ENGLISH.", "my friend studies English"),
        ("dates", "sonntag, 8. MÄRZ 2026", "Sonntag, 8. März 2026"),
        ("dates", "MARCH 8, 2026", "March 8, 2026"),
        ("dates", "2026年3月8日星期日", "2026年3月8日星期日"),
    ],
)
def test_capitals_or_not_it_is_the_same(widget, task, typed, read):
    widget.task, widget.source = task, read
    tokens, written = widget.source_tokens, widget.output
    widget.source = typed
    assert (widget.message, widget.source_tokens, widget.output) == ("", tokens, written)
    readable = widget._readable[task]
    (page,) = in_node(("readTokens", readable.for_page(), typed), modules=[READING])
    assert ([token["text"] for token in page["tokens"]], page["message"]) == (tokens, "")


@pytest.mark.parametrize(
    ("source", "remark"),
    [
        (" ".join(GRAMMAR.translation(GRAMMAR.sentences("train")[0]).english), ""),
        ("I love programming", "It was not trained on this sentence."),
        ("I drink books", "In training this verb and this object never stood together."),
        ("I adore tea", ""),
    ],
)
def test_what_is_new_to_it_is_said(widget, source, remark):
    widget.source = source
    assert widget.remark == remark


def test_the_page_knows_what_it_was_trained_on():
    readable = sentences(GRAMMAR)
    texts = [
        " ".join(GRAMMAR.translation(sentence).english)
        for split in ("train", "test", "pairs")
        for sentence in GRAMMAR.sentences(split)[::5]
    ] + ["I drink books", "constructor"]
    packed = packed_grammar()
    _, *found = in_node(
        ("remarksOn", packed, readable.for_page()),
        *(("remarkOn", Result(0), text) for text in texts),
        modules=[READING, CALLING],
    )
    said = [readable.said["unmet"] if t == "constructor" else readable.remark(t) for t in texts]
    assert found == said
    assert len({*found}) == 3


def test_asked_anyway_it_answers(widget):
    for widget.source in ("I adore tea", "tea tea", "tea " * 10):
        widget.anyway = False
        message = widget.message
        assert message and widget.output_tokens == []
        widget.anyway = True
        assert widget.message == message and widget.output_tokens
        n, m = len(widget.output_tokens), len(widget.source_tokens)
        assert widget.weights["cross"].shape == (2, n, m)
    for widget.source in ("", " . ", "tea " * 41):  # nothing to read, and more than is asked
        assert widget.output_tokens == []


def test_all_that_can_be_browsed_can_be_read(widget):
    for name, readable in widget._readable.items():
        for texts in readable.kinds.values():
            for text in texts:
                assert UNK not in readable.src.encode(readable.tokens(text)), text
                assert name == "translation" or readable.message(text) == ""
    words = {
        word
        for texts in widget._readable["translation"].kinds.values()
        for text in texts
        for word in text.split()
    }
    assert words == set(GRAMMAR.src_vocabulary.decode(range(4, len(GRAMMAR.src_vocabulary))))


@pytest.mark.parametrize("end", [".", " .", "!", "!!", "... "])
def test_the_end_of_a_sentence_may_have_its_mark(widget, end):
    widget.source = "I love programming"
    written = widget.output
    widget.source += end
    assert widget.message == "" and widget.source_tokens == ["I", "love", "programming"]
    assert widget.output == written


LONG = [  # a source, and how many tokens it has
    ("." * 300_000 + "a", 1),
    ("tea" + " " * 300_000 + "a", 2),
    ("!. \t" * 75_000 + "a", 75_001),
    ("a" + ". " * 150_000, 1),
    ("a " * 150_000, 150_000),
    ("?" * 300_000, 300_000),
]


@pytest.mark.parametrize(("source", "count"), LONG, ids=range(len(LONG)))
def test_a_long_source_is_read_in_one_pass(source, count):
    """In quadratic time, which a pattern for the end of a text takes, this would be minutes."""
    readable = sentences(GRAMMAR)
    assert len(readable.tokens(source)) == count
    message = readable.message(source)
    assert message
    (page,) = in_node(
        ("readTokens", readable.for_page(), source),
        modules=[READING],
    )
    assert (len(page["tokens"]), page["message"]) == (count, message)


def test_a_stop_within_a_text_is_read(widget):
    widget.source = "I love. programming"
    assert widget.message == "The model has never read “love.”."
    widget.task, widget.source = "dates", "8.3.2026"
    assert widget.source_tokens == list("8.3.2026") and widget.message == ""
    widget.source += "."
    assert widget.message.startswith("This is no date")


def test_every_sentence_of_the_grammar_is_known():
    readable = sentences(GRAMMAR)
    for split in ("train", "test", "pairs"):
        for sentence in GRAMMAR.sentences(split)[::7]:
            english = GRAMMAR.translation(sentence).english
            assert readable.message(" ".join(english)) == ""


def test_every_date_is_known():
    readable = dates_in(DATES)
    for ordinal in range(date(1950, 1, 1).toordinal(), date(2050, 1, 1).toordinal(), 97):
        for language in DATES.languages:
            for way in DATES.formats:
                text = DATES.text(date.fromordinal(ordinal), language, way)
                assert readable.message(text) == "", text


test_bad_input_is_refused_when_made_and_when_set = refusing(
    lambda **traits: TransformerWidget(*models(), DATES, **traits),
    [
        ("task", "speech", "task must be one of translation, dates; got 'speech'"),
        ("step", 0, "step must be a whole number from 1 to 12; got 0"),
        ("step", 13, "step must be a whole number from 1 to 12; got 13"),
        ("heads_off", ("cross 3",),
         "heads_off must be some of 'encoder 1' to 'cross 2'; got 'cross 3'"),
        ("heads_off", ("cross",),
         "heads_off must be some of 'encoder 1' to 'cross 2'; got 'cross'"),
        ("anyway", 1, "anyway must be True or False; got 1"),
        ("source", 3, "The 'source' trait of a TransformerWidget instance expected a unicode "
         "string, not the int 3."),
    ],
)  # fmt: skip


def test_other_models_are_refused():
    translator, dater = models()
    with pytest.raises(ValueError, match=r"for translation .* = \(1, 2, 90, 75\), got \(1, 2, 63"):
        TransformerWidget(dater, translator, DATES)
    with pytest.raises(ValueError, match=r"for translation .*, got \(2, 2, 90, 75\)"):
        TransformerWidget(*models(n_layers=2), DATES)
    with pytest.raises(ValueError, match=r"for dates .* = \(1, 2, 63, 15\), got \(1, 4, 63, 15\)"):
        TransformerWidget(translator, models(n_heads=4)[1], DATES)


def test_repr_has_inputs_and_no_address(widget):
    assert repr(widget) == "TransformerWidget(task='translation', source='I love programming')"
