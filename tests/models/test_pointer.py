"""The pointer-generator: its equations, new words, decoding, gradients, and bad input."""

import numpy as np
import pytest
import torch

from attnlab.decoding import beam_search, greedy
from attnlab.functional.masks import padding_mask
from attnlab.models.pointer import PointerGenerator, copied
from attnlab.models.seq2seq import Seq2Seq
from attnlab.tasks.pairs import Pair, collate, translation_loss

B, M, N, D, V, NEW, UNK = 2, 5, 3, 7, 11, 4, 3
ATTEND = ["additive", "dot", "general"]


def model_and_tokens(attend="general"):
    torch.manual_seed(0)
    model = PointerGenerator(V, n_new=NEW, unk=UNK, d_model=D, attend=attend).double()
    return model, torch.randint(V + NEW, (B, M)), torch.randint(V + NEW, (B, N))


@pytest.mark.parametrize("attend", ATTEND)
def test_it_mixes_what_a_writer_without_a_pointer_says_with_where_it_looks(attend):
    model, src, tgt = model_and_tokens(attend)
    said = model.say(src, tgt)
    plain = Seq2Seq(V, V, d_model=D, attend=attend).double()
    plain.load_state_dict(model.state_dict(), strict=False)
    read = [words.masked_fill(words >= V, UNK) for words in (src, tgt)]
    logits, weights = plain(*read, return_weights=True)
    torch.testing.assert_close(said.weights, weights)
    for b in range(B):
        for i in range(N):
            g = said.gate[b, i]
            for word in range(V + NEW):
                own = logits[b, i].softmax(-1)[word] if word < V else 0.0
                places = src[b] == word
                expected = g * own + (1 - g) * weights[b, i, places].sum()
                torch.testing.assert_close(said.probabilities[b, i, word], expected)


@pytest.mark.parametrize("attend", ATTEND)
def test_logits_are_the_logarithms_of_probabilities_that_sum_to_1(attend):
    model, src, tgt = model_and_tokens(attend)
    said = model.say(src, tgt)
    torch.testing.assert_close(said.probabilities.sum(-1), torch.ones(B, N).double())
    logits, weights = model(src, tgt, return_weights=True)
    torch.testing.assert_close(logits.exp(), said.probabilities)
    torch.testing.assert_close(weights, said.weights)


def test_new_words_look_alike_and_are_told_apart_by_their_numbers_alone():
    model, src, tgt = model_and_tokens()
    src[0], tgt[0, 0] = torch.tensor([4, V, 5, V + 1, 6]), V
    swapped = src.clone()
    swapped[0, [1, 3]] = src[0, [3, 1]]
    one, other = model.say(src, tgt), model.say(swapped, tgt)
    torch.testing.assert_close(one.weights, other.weights)
    p, q = one.probabilities[0], other.probabilities[0]
    torch.testing.assert_close(p[:, [V, V + 1]], q[:, [V + 1, V]])
    assert (p[:, V] != p[:, V + 1]).all()
    assert (p[:, V + 2 :] == 0).all()  # what the source lacks can't be said


@pytest.mark.parametrize("attend", ATTEND)
def test_decoding_step_by_step_is_the_same_as_all_at_once(attend):
    model, *_ = model_and_tokens(attend)
    with torch.no_grad():
        model.gate.bias.fill_(-3.0)  # so that words are pointed at
    src = torch.tensor([[V, V + 1, 5, V, 6], [4, 7, V, 8, V]])
    tokens = greedy(model, src, bos=1, eos=2, max_len=6)
    before = torch.cat([torch.ones_like(tokens[:, :1]), tokens[:, :-1]], dim=1)
    said = model.say(src, before)
    assert (said.probabilities.argmax(-1) == tokens).all()
    assert (tokens >= V).any()
    torch.testing.assert_close(model.align(src, tokens, bos=1), said.weights)


def test_beams_point_at_the_words_of_their_own_source():
    model, *_ = model_and_tokens()
    with torch.no_grad():
        model.gate.bias.fill_(-50.0)
    src = torch.tensor([[V, V + 1, 5, 6, 7], [4, 8, V + 2, 9, V + 3]])
    found = beam_search(model, src, bos=1, eos=2, max_len=3, beams=3).tokens  # (B, K, T)
    for words, beams in zip(src.tolist(), found.tolist(), strict=True):
        assert {word for beam in beams for word in beam} <= {*words}


def test_padding_is_never_pointed_at():
    model, src, tgt = model_and_tokens()
    mask = padding_mask(torch.tensor([3, M]), M)
    short = model.say(src[:1, :3], tgt[:1])
    padded = model.say(src, tgt, src_mask=mask)
    torch.testing.assert_close(padded.probabilities[:1], short.probabilities)
    assert (padded.weights[0, :, 3:] == 0).all()


def test_a_target_that_cannot_be_said_has_a_finite_loss_and_gradient():
    model, *_ = model_and_tokens()
    loss = translation_loss(model, collate([Pair([4, 5], [V + 2])]))
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_the_gradient_pulls_where_the_word_stands():
    weights = torch.randn(1, 1, 5, dtype=torch.float64).requires_grad_()
    src = torch.tensor([[2, 0, 2, 1, 3]])
    torch.autograd.gradcheck(lambda scores: copied(scores.softmax(-1), src, n_words=4), (weights,))


def test_copied_adds_what_stands_at_several_places():
    weights = torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], [[1.0, 0, 0], [0, 0.5, 0.5]]])
    src = torch.tensor([[3, 1, 3], [0, 0, 0]])
    expected = [[[0, 0.3, 0, 0.7], [0, 0.2, 0, 0.8]], [[1, 0, 0, 0], [1, 0, 0, 0]]]
    np.testing.assert_allclose(copied(weights, src, n_words=4), expected, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": torch.ones(2, 3)}, ValueError, r"shape \(B, n, m\), got \(2, 3\)"),
        ({"weights": torch.ones(2, 3, 5, dtype=torch.int64)}, TypeError, "weights"),
        ({"src": torch.zeros(2, 4, dtype=torch.int64)}, ValueError, "src"),
        ({"src": torch.full((2, 5), 9)}, ValueError, "src"),
        ({"n_words": 0}, ValueError, "n_words"),
        ({"n_words": 2.5}, TypeError, "n_words"),
    ],
)
def test_copied_refuses(change, error, message):
    given = {"weights": torch.ones(2, 3, 5), "src": torch.zeros(2, 5, dtype=torch.int64)}
    given = {**given, "n_words": 4, **change}
    with pytest.raises(error, match=message):
        copied(**given)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_new": 0}, ValueError, "n_new"),
        ({"unk": V}, ValueError, f"unk must be below {V}, the size of the vocabulary, got {V}"),
        ({"unk": True}, TypeError, "unk"),
        ({"attend": "location"}, ValueError, "attend"),
        ({"attend": None}, ValueError, "attend must be one of"),
        ({"d_model": 0}, ValueError, "d_model"),
    ],
)
def test_bad_settings_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        PointerGenerator(V, **{"n_new": NEW, "unk": UNK, **options})


def test_words_beyond_all_numbers_are_refused():
    model, src, tgt = model_and_tokens()
    with pytest.raises(ValueError, match="src"):
        model(src.fill_(V + NEW), tgt)
    with pytest.raises(ValueError, match="tgt"):
        model(src.fill_(0), tgt.fill_(V + NEW))
