"""Learned scores: the functions they wrap, where they start, and that they learn."""

import pytest
import torch

from attnlab import AdditiveScore, BilinearScore, additive_scores, attention, bilinear_scores


def test_they_are_the_functions_with_their_own_parameters():
    q, k = torch.randn(2, 5, 3), torch.randn(2, 7, 11)
    bilinear, additive = BilinearScore(3, 11), AdditiveScore(3, 11, 13)
    assert torch.equal(bilinear(q, k), bilinear_scores(q, k, bilinear.w))
    expected = additive_scores(q, k, additive.w_q, additive.w_k, additive.v)
    assert torch.equal(additive(q, k), expected)


@pytest.mark.parametrize("score", [BilinearScore(3, 11), AdditiveScore(3, 11, 13)])
def test_they_serve_as_scores_of_attention_and_get_gradients(score):
    q, k, v = torch.randn(2, 5, 3), torch.randn(2, 7, 11), torch.randn(2, 7, 4)
    context, weights = attention(q, k, v, scores=score)
    assert context.shape == (2, 5, 4) and weights.shape == (2, 5, 7)
    context.square().sum().backward()
    assert all(parameter.grad.any() for parameter in score.parameters())


@pytest.mark.parametrize("score", [BilinearScore, lambda q, k: AdditiveScore(q, k, 257)])
def test_scores_start_with_about_unit_variance(score):
    torch.manual_seed(0)
    scores = score(67, 131)(torch.randn(211, 67), torch.randn(223, 131))
    assert 0.5 < scores.std() < 1.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: BilinearScore(0, 3), ValueError, "d_q must be at least 1, got 0"),
        (lambda: BilinearScore(3, 0), ValueError, "d_k must be at least 1, got 0"),
        (lambda: BilinearScore(3.0, 3), TypeError, "d_q must be an integer, got float"),
        (lambda: AdditiveScore(3, 3, 0), ValueError, "d_hidden must be at least 1, got 0"),
        (
            lambda: BilinearScore(3, 5)(torch.ones(2, 5), torch.ones(2, 3)),
            ValueError,
            r"w must have shape \(5, 3\), got \(3, 5\)",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
