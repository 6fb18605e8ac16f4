"""The text of `work/language`, its counts, its readers and their gaps and spaces."""

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.chapters.language import text, training
from attnlab.chapters.language.kept import kept
from attnlab.chapters.language.ngrams import NGrams
from attnlab.chapters.language.spaces import (
    EDGE,
    Spacer,
    doubts,
    f1,
    labeled,
    logistic,
    reader_probabilities,
    surroundings,
    tune,
)
from attnlab.models.language import LanguageModel


def small(causal: bool = True) -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(26, d_model=6, n_heads=2, n_layers=2, d_ff=10, causal=causal).double()


def test_parts_share_nothing_and_are_all_of_the_text():
    parts = [text.part(name) for name in text.ENDS]
    words = text.spaced().split()
    whole = np.concatenate([letters for letters, _ in parts])
    assert "".join(text.LETTERS[i] for i in whole) == "".join(words)
    assert sum(int(ends.sum()) for _, ends in parts) == len(words)


def test_a_word_ends_where_a_space_stood():
    letters, ends = text.part("train")
    shown = "".join(text.LETTERS[i] + " " * int(end) for i, end in zip(letters, ends, strict=True))
    assert text.spaced().startswith(shown.strip())


def test_another_python_is_refused(monkeypatch):
    monkeypatch.setattr(text.sys, "version_info", (3, 12, 1))
    with pytest.raises(RuntimeError, match=r"expected Python 3\.11\.7, got "):
        text.topics()


def test_no_such_part_and_no_letters():
    with pytest.raises(ValueError, match="part must be one of 'train', 'validation', 'test'"):
        text.part("exam")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="expected the letters a to z alone, got 'a b'"):
        text.numbers("a b")


def by_hand(letters, context):
    p = np.full(26, 1 / 26)
    for j in range(len(context) + 1):
        tail = list(context[len(context) - j :])
        counts = np.zeros(26)
        for i in range(j, len(letters)):
            if list(letters[i - j : i]) == tail:
                counts[letters[i]] += 1
        if counts.any():
            different = (counts > 0).sum()
            p = (counts + different * p) / (counts.sum() + different)
    return p


def test_counts_are_blended_as_by_hand():
    letters = np.random.default_rng(0).integers(4, size=60)
    grams = NGrams(letters, 3)
    texts = np.random.default_rng(1).integers(5, size=(7, 6))  # with a letter never seen
    for place in (0, 1, 3, 5):
        found = grams.at(texts, place)
        expected = [by_hand(letters, row[max(place - 3, 0) : place]) for row in texts]
        np.testing.assert_allclose(found, expected)
        np.testing.assert_allclose(found.sum(axis=1), 1)


def test_bits_are_the_mean_surprise():
    letters = np.random.default_rng(0).integers(4, size=60)
    new = np.random.default_rng(1).integers(4, size=30)
    p = [by_hand(letters, new[t - 2 : t])[new[t]] for t in range(2, 30)]
    assert NGrams(letters, 2).bits(new) == pytest.approx(-np.mean(np.log2(p)))
    assert NGrams(letters, 4).bits(new, 2) == pytest.approx(-np.mean(np.log2(p)))


def test_too_much_context_is_refused():
    with pytest.raises(ValueError, match="k must be at most 12, got 13"):
        NGrams(np.arange(20), 13)


def test_counts_try_each_letter():
    grams = NGrams(text.part("validation")[0], 2)
    texts = np.random.default_rng(0).integers(26, size=(3, 9))
    found = grams.by_trying(texts, 4, 2)
    for letter in (0, 7, 25):
        filled = texts.copy()
        filled[:, 4] = letter
        said = sum(np.log(grams.at(filled, t)[np.arange(3), filled[:, t]]) for t in (4, 5, 6))
        np.testing.assert_allclose(found[:, letter], said)


def test_a_causal_reader_sees_nothing_ahead_and_another_does():
    x = torch.arange(12)[None] % 26
    other = x.clone()
    other[0, 8] = 20
    for causal in (True, False):
        model = small(causal)
        same = torch.allclose(model(x)[:, :8], model(other)[:, :8])
        assert same is causal


@pytest.mark.parametrize("bad", [torch.tensor([[27]]), torch.zeros(1, 0, dtype=torch.int64)])
def test_other_tokens_are_refused(bad):
    with pytest.raises(ValueError):
        small()(bad)


def test_the_losses_ask_what_they_say(monkeypatch):
    model, x = small(False), torch.arange(40).reshape(2, 20) % 26
    torch.manual_seed(0)
    loss = training.hidden_loss(model, x)
    torch.manual_seed(0)
    hidden = torch.rand(x.shape) < 0.15
    logits = model(torch.where(hidden, model.mask, x))
    said = -logits.log_softmax(-1).gather(-1, x[..., None])[..., 0]
    torch.testing.assert_close(loss, said[hidden].mean())
    causal = small()
    said = -causal(x).log_softmax(-1)[:, :-1].gather(-1, x[:, 1:, None]).mean()
    torch.testing.assert_close(training.next_loss(causal, x), said)


def test_bits_of_a_reader_that_knows_nothing():
    model = small().float()
    nn.init.zeros_(model.to_logits.weight)
    letters = text.part("test")[0][:2000]
    assert training.bits(model, letters) == pytest.approx(np.log2(26))


def test_filling_from_the_left_is_trying_against_nothing():
    model, x = small(), torch.randint(26, (3, 12))
    left = training.from_left(model, x, 5)
    torch.testing.assert_close(training.by_trying(model, x, 5, 0), left)
    assert not torch.allclose(training.by_trying(model, x, 5, 3), left)


def test_what_is_hidden_doesn_t_matter():
    x = torch.randint(26, (3, 12))
    other = x.clone()
    other[:, 5] = (x[:, 5] + 1) % 26
    for fill, model in ((training.from_both, small(False)), (training.from_left, small())):
        torch.testing.assert_close(fill(model, x, 5), fill(model, other, 5))
    tried = training.by_trying(small(), x, 5, 4)
    torch.testing.assert_close(tried, training.by_trying(small(), other, 5, 4))


def test_kept_readers_know_the_text():
    texts = training.windows(text.part("test")[0], 50)
    causal, masked = kept(causal=True), kept(causal=False)
    assert training.from_left(causal, texts, 32).shape == (50, 26)
    hits = training.by_trying(causal, texts, 32, 4).argmax(1) == texts[:, 32]
    assert hits.double().mean() > 0.6
    hits = training.from_both(masked, texts, 32).argmax(1) == texts[:, 32]
    assert hits.double().mean() > 0.35


def test_surroundings_and_doubts_by_hand():
    x = torch.tensor([[1, 2, 3, 1]])
    near = surroundings(x, 1).reshape(1, 4, 3, 26)
    assert near[0, 0, 0].sum() == 0 and near[0, 0, 1, 1] == 1 and near[0, 0, 2, 2] == 1
    p = torch.rand(2, 10, 26).softmax(-1)
    letters = torch.randint(26, (2, 10))
    found = doubts(p, letters)
    entropy = -(p * p.log2()).sum(-1)
    torch.testing.assert_close(found[:, 4, :6], entropy[:, 2:8])
    surprise = -p.gather(-1, letters[..., None])[..., 0].log2()
    torch.testing.assert_close(found[:, 4, 6:], surprise[:, 2:8])


def test_what_a_reader_expects_is_said_before_it_sees():
    model, x = small(), torch.randint(26, (2, 8))
    p = reader_probabilities(model, x)
    torch.testing.assert_close(p[:, 5].log(), training.from_left(model, x, 5))
    assert (p[:, 0] == 1 / 26).all()


def test_a_line_finds_what_one_letter_tells():
    torch.manual_seed(0)
    letters, ends = labeled(*text.part("train"), 30)
    ends = letters == 4
    line = logistic(surroundings(letters), ends)
    with torch.no_grad():
        assert f1(line(surroundings(letters))[..., 0], ends) == 1


def test_f1_by_hand():
    scores, ends = torch.full((1, 64), -1.0), torch.zeros(1, 64, dtype=torch.bool)
    scores[0, [10, 20, 30]] = 1
    ends[0, [10, 20, 40, 50]] = True
    assert f1(scores, ends) == pytest.approx(2 * 2 / (3 + 4))
    scores[0, :EDGE] = 1  # too near the end to count
    assert f1(scores, ends) == pytest.approx(2 * 2 / (3 + 4))


def test_tuning_goes_on_from_the_reader():
    torch.manual_seed(0)
    known = labeled(*text.part("train"), 4)
    spacer = Spacer(small().float())
    before = spacer.reader.src_embedding.weight.clone()
    tune(spacer, known, 21)
    assert not torch.equal(before, spacer.reader.src_embedding.weight)
    assert spacer(known[0]).shape == (4, 64)
