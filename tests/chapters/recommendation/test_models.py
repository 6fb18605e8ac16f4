"""What the recommenders see, and how weights over counts are learned."""

import numpy as np
import pytest
import torch

from attnlab.chapters.recommendation.models import (
    Recommender,
    WeightedCounts,
    next_loss,
    train_weights,
    windows,
)
from attnlab.chapters.recommendation.ranking import count, shares

KINDS = ("attention", "gru")


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_sees_what_is_to_come(kind):
    torch.manual_seed(0)
    model = Recommender(kind, 11, d_model=6).eval()
    x = torch.tensor([[3, 1, 4, 10, 5]])
    torch.testing.assert_close(model(x)[:, :3], model(x[:, :3]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_makes_a_difference(kind):
    torch.manual_seed(0)
    model = Recommender(kind, 11, d_model=6).eval()
    one, other = (model(torch.tensor([x]))[0, -1] for x in ([3, 1, 4], [1, 3, 4]))
    assert (one - other).abs().max() > 1e-5


def test_what_is_no_item_is_never_a_target():
    model = Recommender("gru", 5, d_model=4).eval()
    short, long = torch.tensor([[5, 5, 2, 3]]), torch.tensor([[5, 2, 3]])
    with torch.no_grad():
        logits = model(short[:, :-1])[0, 1:]
        expected = torch.nn.functional.cross_entropy(logits, short[0, 2:])
    assert next_loss(model, short).item() == pytest.approx(expected.item(), abs=1e-6)
    assert next_loss(model, long).item() != pytest.approx(expected.item(), abs=1e-6)


def test_weighted_counts_by_hand():
    model = WeightedCounts(np.array([[0, 1, 0], [0.5, 0, 0.5], [0, 0, 0]]), n_ages=2)
    with torch.no_grad():
        model.age.copy_(torch.tensor([0.0, np.log(3)]))
        found = model(torch.tensor([[0, 1], [3, 0], [2, 1]])).numpy()
    expected = [[0.375, 0.25, 0.375], [0, 1, 0], [0.375, 0, 0.375]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_windows_end_before_what_is_to_be_said():
    history = np.arange(30)
    found = windows([history, history], np.array([3, 30]), n_items=40)
    assert found[0].tolist() == [40] * 17 + [0, 1, 2]
    assert found[1].tolist() == list(range(10, 30))


@pytest.mark.parametrize("apart", [True, False])
def test_weights_learn_from_users_who_were_not_counted(apart):
    """Steps by chance can't be said by anybody, and yet they stand in the rows of whoever was
    counted."""
    rng = np.random.default_rng(0)
    histories = [rng.permutation(60) for _ in range(60)]
    model = train_weights(histories, 60, decay=0.0, seed=0, steps=80, apart=apart, progress="")
    newest = model.age.softmax(-1)[-1].item()
    assert newest < 0.2 if apart else newest > 0.4
    everybody = shares(count(histories, 60, decay=0.0))  # in the end
    np.testing.assert_allclose(model.rows.numpy()[:-1], everybody, atol=1e-6)


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="kind must be one of 'attention', 'gru'; got 'lstm'"):
        Recommender("lstm", 5)
