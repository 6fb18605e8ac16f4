"""The model of the ten minutes, beside its formula in NumPy."""

import numpy as np
import torch

from attnlab.chapters.ten_minutes.models import ItAsks, LastWordAsks, PlainMean, measured
from attnlab.chapters.ten_minutes.sentences import FRAMES, IT, NOUNS, sentences, tokens, words_of
from attnlab.functional.softmax import softmax

SENTENCE = tokens(words_of(0, "fox", "hill", "steep"))


def test_the_last_word_asks_all_words():
    torch.manual_seed(0)
    model = LastWordAsks().double()
    with torch.no_grad():
        logits, weights = model(SENTENCE)
    p = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    x = p["word.weight"][SENTENCE[0]]
    query = x[-1] @ p["query.weight"].T
    expected = softmax(x @ p["key.weight"].T @ query / 4)
    read = expected @ (x @ p["value.weight"].T)
    np.testing.assert_allclose(weights[0], expected, atol=1e-12)
    np.testing.assert_allclose(logits[0], read @ p["read_out.weight"].T, atol=1e-12)


def test_where_a_word_stands_does_not_matter_unless_it_is_the_last():
    torch.manual_seed(0)
    model = LastWordAsks()
    order = [*torch.randperm(10).tolist(), 10]
    torch.testing.assert_close(model(SENTENCE[:, order])[0], model(SENTENCE)[0])
    assert (model(SENTENCE.flip(1))[0] - model(SENTENCE)[0]).abs().max() > 1e-3


def test_a_plain_mean_looks_at_all_words_alike():
    torch.manual_seed(0)
    model = PlainMean()
    logits, weights = model(SENTENCE)
    assert (weights == 1 / 11).all()
    mean = model.word(SENTENCE).mean(1)
    torch.testing.assert_close(logits, model.read_out(model.value(mean)))


def test_what_is_measured():
    """By a model that answers with the first noun it reads, and reads the meant one alone."""
    batch = sentences("test")

    def perfect(words):
        return torch.eye(24)[batch.meant], batch.at(batch.meant).float()

    right, on_meant, on_other = measured(perfect, batch)
    assert right.all() and (on_meant == 1).all() and (on_other == 0).all()

    def mistaken(words):
        return torch.eye(24)[batch.other], batch.at(batch.other).float() / 2

    right, on_meant, on_other = measured(mistaken, batch)
    assert not right.any() and (on_meant == 0).all() and (on_other == 0.5).all()


def test_it_stands_at_one_place():
    assert {frame.split()[IT] for frame in FRAMES} == {"it"}


def test_it_asks_in_two_layers():
    """Beside the formula in NumPy."""
    torch.manual_seed(0)
    model = ItAsks(2, points=False).double()
    with torch.no_grad():
        logits, weights = model(SENTENCE)
    p = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    x = p["word.weight"][SENTENCE[0]]
    for layer in ("layers.0", "layers.1"):
        queries, keys, values = (
            x @ p[f"{layer}.{name}.weight"].T for name in ("query", "key", "value")
        )
        a = softmax(queries @ keys.T / 4)
        x = x + a @ values
    np.testing.assert_allclose(weights[0], a[IT], atol=1e-12)
    np.testing.assert_allclose(logits[0], x[IT] @ p["read_out.weight"].T, atol=1e-12)


def test_it_points_at_the_noun_that_it_reads_most():
    torch.manual_seed(0)
    batch = sentences("test")
    logits, weights = ItAsks(2, points=True)(batch.words)
    first, second = batch.words[:, 1], batch.words[:, 5]
    rows = torch.arange(len(first))
    torch.testing.assert_close(logits.exp()[rows, first], weights[:, 1])
    torch.testing.assert_close(logits.exp()[rows, second], weights[:, 5])
    assert (logits.exp() > 1e-6).sum() == 2 * len(first)
    assert logits.shape[1] == len(NOUNS)


def test_with_one_layer_the_last_word_does_not_matter_to_what_it_reads_of_the_nouns():
    torch.manual_seed(0)
    ends = torch.cat([tokens(words_of(0, "fox", "hill", last)) for last in ("tired", "steep")])
    for layers, least, most in ((1, 0, 1e-6), (2, 1e-4, 1)):
        weights = ItAsks(layers, points=True)(ends)[1]
        ratios = (weights[:, 1] / weights[:, 5]).log()
        assert least <= (ratios[0] - ratios[1]).abs() <= most
