"""The series and how they are cut, forecasts without training, and the models of `work/series`."""

import json

import numpy as np
import pytest
import torch

from attnlab.chapters.series import recording
from attnlab.chapters.series.forecasts import (
    apply_linear,
    autoregression,
    continue_series,
    mean_square,
    repeat_season,
    ridge,
)
from attnlab.chapters.series.models import DLinear, Forecaster
from attnlab.chapters.series.motifs import (
    FUTURE,
    PAST,
    Follower,
    find_lags,
    fold,
    motifs,
)
from attnlab.chapters.series.training import shuffled
from attnlab.chapters.series.windows import ENDS, SHAPES, Series, series


@pytest.mark.parametrize("name", SHAPES)
def test_parts_share_no_future(name):
    """Each future lies in one part of the series; together the windows come in order."""
    count = Series(np.arange(200.0), 4, 8, 5)
    ends = [0, *(int(end * 200) for end in ENDS.values())]
    for part, first, last in zip(ENDS, ends, ends[1:], strict=False):
        x, y = (count.mean + count.size * rows for rows in count.windows(part))
        np.testing.assert_allclose(y[0, 0], max(first, 8))
        np.testing.assert_allclose(y[-1, -1], last - 1)
        np.testing.assert_allclose(x[:, -1] + 1, y[:, 0])
    measured = series(name)
    assert all(len(measured.windows(part)[0]) > 10 for part in ENDS)


def test_the_scale_has_seen_what_is_learned_from_alone():
    values = np.arange(100.0)
    other = values.copy()
    other[60:] = 1e6
    ours, theirs = Series(values, 4, 8, 4), Series(other, 4, 8, 4)
    assert (ours.mean, ours.size) == (theirs.mean, theirs.size) == (29.5, values[:60].std())


def test_no_such_series_or_part():
    with pytest.raises(ValueError, match="must be one of 'elnino', 'sunspots', 'co2'"):
        series("nile")
    with pytest.raises(ValueError, match="must be one of 'train', 'validation', 'test'"):
        series("co2").windows("all")


def test_what_is_stored_says_where_it_is_from():
    stored = json.loads(recording.SERIES_FILE.read_text("utf-8"))
    assert stored["command"] == "python -m attnlab.chapters.series.recording"
    assert stored["license"] == "public domain"
    assert {name: len(values) for name, values in stored["series"].items()} == {
        "elnino": 61 * 12, "sunspots": 309, "co2": 526,
    }  # fmt: skip


def test_months_are_means_of_their_weeks_and_gaps_are_filled():
    weeks = [["19580329", "316.0"], ["19580405", ""], ["19580503", "318"], ["19580510", "320"]]
    months = recording.by_month(weeks)
    assert len(months) == 526
    np.testing.assert_allclose(months[:4], [316, 317.5, 319, 319])


def test_without_statsmodels_one_sentence_names_what_to_install(monkeypatch):
    monkeypatch.setattr(recording, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError) as error:
        recording.record()
    assert str(error.value) == (
        "the series come from statsmodels, which is not installed: pip install 'attnlab[series]'"
    )


def test_an_autoregression_finds_its_own_numbers():
    rng = np.random.default_rng(0)
    z = [0.0, 0.0]
    for shock in rng.standard_normal(5000):
        z.append(0.5 * z[-2] * -1 + 1.2 * z[-1] + 2 + 0.1 * shock)
    np.testing.assert_allclose(autoregression(np.array(z), 2), [-0.5, 1.2, 2], atol=0.03)


def test_ridge_is_least_squares_without_a_penalty_and_the_last_value_with_a_huge_one():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 5)), rng.standard_normal((40, 3)) + 7
    before = np.c_[x - x[:, -1:], np.ones(40)][:, [0, 1, 2, 3, 5]]  # the last difference is 0
    fitted = before @ np.linalg.lstsq(before, y - x[:, -1:], rcond=None)[0] + x[:, -1:]
    np.testing.assert_allclose(apply_linear(x, ridge(x, y, 1e-9)), fitted, atol=1e-6)
    flat = apply_linear(x, ridge(x, y, 1e9))
    np.testing.assert_allclose(flat, x[:, -1:] + (y - x[:, -1:]).mean(axis=0), atol=1e-6)


def test_a_perfect_season_is_repeated_and_continued():
    wave = np.sin(2 * np.pi * np.arange(60) / 12)
    x, y = wave[None, :48], wave[None, 48:]
    assert mean_square(repeat_season(x, 12, 12), y) < 1e-20
    assert mean_square(continue_series(x, autoregression(wave, 2), 12), y) < 1e-20


@pytest.mark.parametrize("patch", [1, 4, 12])
def test_a_forecaster_follows_a_shift(patch):
    model = Forecaster(48, 12, patch=patch).double()
    x = torch.randn(3, 48).double()
    torch.testing.assert_close(model(x + 5), model(x) + 5)
    boxed = Forecaster(48, 12, patch=patch, from_last=False).double()
    assert not torch.allclose(boxed(x + 5), boxed(x) + 5, atol=0.5)


def test_without_positions_and_with_a_mean_order_is_nothing():
    model = Forecaster(48, 12, positions="none", read="mean", from_last=False).double()
    x = torch.randn(3, 48).double()
    torch.testing.assert_close(model(x[:, torch.randperm(48)]), model(x))
    ordered = Forecaster(48, 12, from_last=False).double()
    assert not torch.allclose(ordered(x.flip(1)), ordered(x), atol=1e-3)


def test_dlinear_splits_a_past_into_its_moving_mean_and_the_rest():
    model = DLinear(7, 2, width=3).double()
    x = torch.randn(4, 7).double()
    ends = torch.cat([x[:, :1], x, x[:, -1:]], 1)
    trend = (ends[:, :-2] + ends[:, 1:-1] + ends[:, 2:]) / 3
    torch.testing.assert_close(model(x), model.trend(trend) + model.rest(x - trend))


def test_shuffling_keeps_the_last_value():
    x = np.arange(20.0).reshape(2, 10)
    mixed = shuffled(x)
    assert (mixed[:, -1] == x[:, -1]).all() and (np.sort(mixed) == x).all()
    assert (mixed != x).any(axis=1).all()


def test_motifs_return_after_their_period():
    x, y = motifs(200, (9, 9), generator=torch.Generator().manual_seed(0))
    both = torch.cat([x, y], 1)
    assert both.shape == (200, PAST + FUTURE)
    gap = (both[:, 9:] - both[:, :-9]).square().mean()
    assert gap == pytest.approx(2 * 0.1**2, rel=0.1)
    assert (find_lags(x.numpy(), 6, 17) == 9).mean() > 0.98


def test_folding_takes_the_mean_of_all_periods():
    x = np.array([[1.0, 2, 3, 5, 6, 7]])
    np.testing.assert_allclose(fold(x, np.array([3]), 4), [[3, 4, 5, 3]])


@pytest.mark.parametrize("score", ["distance", "dot"])
def test_a_follower_weighs_what_followed(score):
    model = Follower(c=5, d_k=3, score=score).double()
    x = torch.randn(4, PAST).double()
    forecast, weights = model.look(x)
    assert weights.shape == (4, PAST - FUTURE - 5 + 1)
    torch.testing.assert_close(weights.sum(1), torch.ones(4).double())
    for row, shares, found in zip(x, weights, forecast, strict=True):
        after = torch.stack([row[j + 5 : j + 5 + FUTURE] for j in range(len(shares))])
        torch.testing.assert_close(found, shares @ after)


def test_a_follower_finds_the_same_context():
    """A past in which the last values stood before: nearly all weight lies there."""
    model = Follower(c=8)
    torch.nn.init.eye_(model.project.weight[:8])
    x = 2 * torch.randn(1, PAST)
    x[0, 20:28] = x[0, -8:]
    forecast, weights = model.look(x)
    assert weights.argmax() == 20 and weights.max() > 0.9
    torch.testing.assert_close(forecast[0], x[0, 28:40], atol=0.5, rtol=0)


def test_another_score_is_refused():
    with pytest.raises(ValueError, match="score"):
        Follower(score="cosine")
