"""T-shaped mazes: what hangs where, and what an action brings."""

import pytest
import torch
from torch import Generator

from attnlab.tasks.mazes import (
    BUMP,
    FORWARD,
    JUNCTION,
    LEFT,
    N_SIGHTS,
    RIGHT,
    Mazes,
    Walks,
    rewards,
)


def drawn(task, size, seed=0):
    return task.batch(size, generator=Generator().manual_seed(seed))


def test_a_sign_at_the_door_pictures_and_a_junction():
    walks = drawn(Mazes(length=5), 300)
    assert walks.seen.shape == (300, 7)
    assert torch.equal(walks.seen[:, 0], walks.goal)
    assert walks.goal.unique().tolist() == [LEFT, RIGHT]
    assert walks.seen[:, 1:-1].unique().tolist() == list(range(3, N_SIGHTS))
    assert (walks.seen[:, -1] == JUNCTION).all()


def test_of_two_signs_the_last_counts_and_each_is_there_once():
    walks = drawn(Mazes(length=4, n_signs=2), 500)
    for sign in (LEFT, RIGHT):
        assert ((walks.seen == sign).sum(1) == 1).all()
    places = {sign: (walks.seen == sign).int().argmax(1) for sign in (LEFT, RIGHT)}
    later = torch.where(places[LEFT] > places[RIGHT], LEFT, RIGHT)
    assert torch.equal(later, walks.goal)
    assert places[LEFT].unique().tolist() == [0, 1, 2, 3, 4]  # the door, and all of the corridor
    assert (walks.seen[:, -1] == JUNCTION).all()


def test_a_turn_brings_what_the_sign_says_and_a_bump_costs():
    walks = Walks(seen=torch.tensor([[RIGHT, 3, 4, JUNCTION]] * 4), goal=torch.tensor([RIGHT] * 4))
    actions = torch.tensor([
        [FORWARD, FORWARD, FORWARD, RIGHT],
        [FORWARD, LEFT, RIGHT, LEFT],
        [RIGHT, FORWARD, FORWARD, FORWARD],
        [LEFT, LEFT, LEFT, RIGHT],
    ])  # fmt: skip
    expected = torch.tensor([
        [0, 0, 0, 1], [0, BUMP, BUMP, -1], [BUMP, 0, 0, BUMP], [BUMP, BUMP, BUMP, 1],
    ])  # fmt: skip
    torch.testing.assert_close(rewards(walks, actions), expected)


def test_a_generator_decides_all_and_batches_go_on():
    task = Mazes(length=6)
    first, again, other = drawn(task, 9), drawn(task, 9), drawn(task, 9, seed=1)
    assert torch.equal(first.seen, again.seen) and torch.equal(first.goal, again.goal)
    assert not torch.equal(first.seen, other.seen)
    stream = task.batches(9)
    assert not torch.equal(next(stream).seen, next(stream).seen)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"length": 0}, ValueError, "length must be at least 1, got 0"),
        ({"length": 2.5}, TypeError, "length must be an integer, got float"),
        ({"n_signs": 3}, ValueError, "n_signs must be 1 or 2, got 3"),
        ({"n_signs": 0}, ValueError, "n_signs must be at least 1, got 0"),
    ],
)
def test_what_is_no_maze_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        Mazes(**options)


def test_wrong_batches_and_actions_are_refused():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        Mazes().batch(0)
    with pytest.raises(TypeError, match="size must be an integer"):
        Mazes().batches(2.0)
    walks = drawn(Mazes(length=3), 2)
    with pytest.raises(ValueError, match=r"what is seen, \(2, 5\), got \(2, 4\)"):
        rewards(walks, torch.zeros(2, 4))
    with pytest.raises(TypeError, match="actions must be a torch tensor, got list"):
        rewards(walks, [[0] * 5] * 2)
