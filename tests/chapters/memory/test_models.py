"""Policies: what they remember, and what they learn from."""

import pytest
import torch

from attnlab.chapters.memory.models import Policy, reinforce, reward_to_go, right_turns
from attnlab.tasks.mazes import JUNCTION, LEFT, RIGHT, Mazes, Walks

SEEN = torch.tensor([[LEFT, 3, 4, 5, 6, 3, JUNCTION], [RIGHT, 3, 4, 5, 6, 3, JUNCTION]])
MEMORIES = ("none", "frames", "gru", "attention", "alibi")
every_memory = pytest.mark.parametrize("memory", MEMORIES)


@every_memory
def test_nobody_sees_what_is_to_come(memory):
    policy = Policy(memory, d_model=8)
    torch.testing.assert_close(policy(SEEN)[:, :4], policy(SEEN[:, :4]))


@every_memory
def test_who_remembers_the_sign_at_the_junction(memory):
    logits = Policy(memory, d_model=8)(SEEN)[:, -1]
    same = torch.equal(logits[0], logits[1])
    assert same == (memory in ("none", "frames"))


def test_four_frames_reach_four_steps_back():
    logits = Policy("frames", d_model=8)(SEEN)
    assert not torch.equal(logits[0, 3], logits[1, 3])
    assert torch.equal(logits[0, 4], logits[1, 4])


def test_attention_without_positions_cannot_tell_which_was_last():
    seen = torch.tensor([[LEFT, 3, RIGHT, 5, JUNCTION], [RIGHT, 3, LEFT, 5, JUNCTION]])
    plain = Policy("attention", d_model=8).double()(seen)[:, -1]
    torch.testing.assert_close(plain[0], plain[1])
    far = Policy("alibi", d_model=8, n_heads=4).double()(seen)[:, -1]
    assert (far[0] - far[1]).abs().max() > 1e-4


def test_weights_sum_to_1_over_the_past():
    weights = Policy("alibi", d_model=8, n_heads=2).weights(SEEN)
    assert weights.shape == (2, 2, 7, 7)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 7))
    assert not weights.triu(1).any()
    with pytest.raises(TypeError, match='expected memory "attention" or "alibi", got \'gru\''):
        Policy("gru").weights(SEEN)


def test_a_return_is_all_that_comes():
    r = torch.randn(3, 5)
    expected = torch.stack([r[:, t:].sum(1) for t in range(5)], dim=1)
    torch.testing.assert_close(reward_to_go(r), expected)


def test_the_loss_has_the_gradient_of_better_than_expected():
    """With one action left to a policy, there is nothing to learn."""

    class Stubborn(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.logits = torch.nn.Parameter(torch.tensor([0.0, -50.0, -50.0]))

        def forward(self, seen):
            return self.logits.expand(*seen.shape, 3)

    policy = Stubborn()
    reinforce(policy, Mazes(length=3).batch(4)).backward()
    assert policy.logits.grad.abs().max() < 1e-6


def test_right_turns_are_counted_at_the_junction():
    class Follows(torch.nn.Module):
        def forward(self, seen):
            return torch.nn.functional.one_hot(seen[:, :1].expand_as(seen), 3).float()

    walks = Mazes(length=3).batch(20)
    assert right_turns(Follows(), walks) == 1
    assert right_turns(Follows(), Walks(walks.seen, LEFT + RIGHT - walks.goal)) == 0


def test_another_memory_is_refused():
    with pytest.raises(ValueError, match=r"memory must be one of 'none'.*; got 'lstm'"):
        Policy("lstm")
