"""Counts, ranks and hits; users of two habits; and where the ratings come from."""

import importlib.util

import numpy as np
import pytest

from attnlab.chapters.recommendation import movies
from attnlab.chapters.recommendation.ranking import (
    count,
    decayed,
    padded,
    ranks,
    sampled_hit,
    shares,
)
from attnlab.chapters.recommendation.watching import N_EPISODES, N_ITEMS, N_SERIES, Watching


def test_counts_by_hand():
    histories = [np.array([0, 2, 1, 2]), np.array([2, 1])]
    expected = [[0, 0.5, 1.25], [0, 0, 1], [0, 2, 0.5]]
    np.testing.assert_allclose(count(histories, 3, decay=0.5), expected)
    np.testing.assert_allclose(count(histories, 3, decay=0.0), [[0, 0, 1], [0, 0, 1], [0, 2, 0]])


def test_no_farther_than_twenty_steps_are_counted():
    counts = count([np.arange(30)], 30, decay=1.0)
    assert counts[0, 19] == 1 and counts[0, 20] == 0


def test_shares_sum_to_1_or_are_nothing():
    assert shares(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist() == [[0.25, 0.75], [0.0, 0.0]]


def test_the_newest_counts_most_and_what_stands_in_front_not_at_all():
    rows = np.eye(3)
    scores = decayed(rows, padded([np.array([0, 1]), np.array([2])], 3), 0.5)
    np.testing.assert_allclose(scores, [[0.5, 1, 0], [0, 0, 1]])
    alone = decayed(rows, np.array([[0, 1]]), 0.0)
    np.testing.assert_allclose(alone, [[0, 1, 0]])


def test_ranks_leave_out_what_was_seen_and_share_ties():
    scores = np.array([[5, 4, 3, 3, 1], [0, 0, 0, 0, 0]])  # whole numbers, as of popularity
    seen = padded([np.array([0]), np.array([1, 2])], 5)
    assert ranks(scores, seen, np.array([3, 0])).tolist() == [2.5, 2]


def test_a_sampled_hit_is_what_drawing_gives():
    rng = np.random.default_rng(0)
    others, better, sample, k = 60, 9, 20, 3
    drawn = [rng.choice(others, sample, replace=False) < better for _ in range(4000)]
    share = np.mean([each.sum() < k for each in drawn])
    assert sampled_hit(better + 1, others, k, sample) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("habit", ["chance", "turns"])
def test_series_are_watched_in_order_and_nothing_twice(habit):
    histories = Watching(habit, length=25).histories(40, seed=3)
    assert histories.min() >= 0 and histories.max() < N_ITEMS
    for history in histories:
        assert len({*history}) == 25
        for series in range(N_SERIES):
            own = history[history // N_EPISODES == series]
            assert (np.diff(own) == 1).all()


def test_in_turns_a_series_comes_again_after_all_others():
    """Until one ends: then another has its turn."""
    for history in Watching("turns", length=8).histories(60, seed=1):
        series = history // N_EPISODES
        again = np.flatnonzero(series == series[0])[1:2]
        ended = N_EPISODES * (series[0] + 1) - 1 in history
        assert ended or again[0] in (2, 3, 4)


def test_by_chance_a_series_may_come_twice_in_a_row():
    series = Watching("chance").histories(60, seed=1) // N_EPISODES
    assert 0.25 < (np.diff(series) == 0).mean() < 0.5


def test_bad_input():
    with pytest.raises(ValueError, match="habit must be one of 'chance', 'turns'; got 'binge'"):
        Watching("binge")
    with pytest.raises(ValueError, match="length must be"):
        Watching("turns", length=0)
    with pytest.raises(ValueError, match="n_users must be"):
        Watching("turns").histories(0, seed=0)


def test_without_the_package_one_sentence_names_it(monkeypatch):
    monkeypatch.setattr(movies, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"`pip install --no-deps recbole==1\.2\.1`"):
        movies.ratings()


def test_ratings_are_split_by_user_and_ordered_by_time(monkeypatch, tmp_path):
    file = tmp_path / movies.FILE
    file.parent.mkdir(parents=True)
    rows = ["user\titem\tstars\ttime", "2\t7\t3\t50", "1\t4\t5\t90", "1\t9\t1\t20", "2\t1\t2\t50"]
    file.write_text("\n".join(rows))
    spec = importlib.util.spec_from_loader("recbole", loader=None, is_package=True)
    assert spec is not None and spec.submodule_search_locations is not None
    spec.submodule_search_locations.append(str(tmp_path))
    monkeypatch.setattr(movies, "find_spec", lambda name: spec)
    users, seconds = movies.ratings()
    assert [user.tolist() for user in users] == [[8, 3], [6, 0]]
    assert [when.tolist() for when in seconds] == [[20, 90], [50, 50]]
