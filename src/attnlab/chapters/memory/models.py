"""Policies that differ in how they remember, and how they learn from rewards alone.

Letters: B walks, T steps, d width, h heads.
"""

from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributions import Categorical

from attnlab.functional import settings
from attnlab.functional.positions import alibi_bias
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.recurrent import GRU
from attnlab.tasks.mazes import N_ACTIONS, N_SIGHTS, Walks, rewards

Memory = Literal["none", "frames", "gru", "attention", "alibi"]
N_FRAMES = 4
CURIOSITY = 0.05  # how much a nat of entropy is worth beside a reward


class Policy(nn.Module):
    """Logits of the three actions at every step, from what was seen up to it.

    Args:
        memory: what is kept of the past: "none"; the last four "frames"; the state of a "gru";
            all of it behind causal "attention" without positions, or with "alibi", which weighs the
            past by its distance as well.
        d_model: width of everything. n_heads: of the attention.

    Shapes:
        seen `(B, T)` → logits `(B, T, 3)`.

    Raises:
        ValueError: another memory.

    >>> Policy("attention", d_model=8)(torch.zeros(2, 5, dtype=torch.int64)).shape
    torch.Size([2, 5, 3])
    """

    def __init__(self, memory: Memory, *, d_model: int = 32, n_heads: int = 1):
        super().__init__()
        settings.one_of(get_args(Memory), memory=memory)
        self.memory = memory
        self.embed = nn.Embedding(N_SIGHTS, d_model)
        self.gru = GRU(d_model, d_model) if memory == "gru" else None
        self.ask = None
        if memory in ("attention", "alibi"):
            self.ask = MultiHeadAttention(d_model, n_heads)
        wide = N_FRAMES * d_model if memory == "frames" else d_model
        self.act = nn.Sequential(nn.Linear(wide, d_model), nn.ReLU(), nn.Linear(d_model, N_ACTIONS))

    def forward(self, seen: Tensor) -> Tensor:
        x = self.embed(seen)  # (B, T, d)
        if self.memory == "frames":  # before the door there is nothing: zeros
            padded = F.pad(x, (0, 0, N_FRAMES - 1, 0))
            x = torch.cat([padded[:, i : i + x.shape[1]] for i in range(N_FRAMES)], dim=-1)
        elif self.gru is not None:
            x = self.gru(x)
        elif self.ask is not None:
            x = x + self.ask(x, causal=True, bias=self._bias(x))
        return self.act(x)

    def _bias(self, x: Tensor) -> Tensor | None:
        if self.ask is None or self.memory == "attention":
            return None
        return alibi_bias(self.ask.n_heads, x.shape[1], like=x)

    @torch.no_grad()
    def weights(self, seen: Tensor) -> Tensor:
        """The weights of every step on those up to it, `(B, h, T, T)`.

        Raises:
            TypeError: this memory has none.
        """
        if self.ask is None:
            raise TypeError(f'expected memory "attention" or "alibi", got {self.memory!r}')
        x = self.embed(seen)
        return self.ask(x, causal=True, bias=self._bias(x), return_weights=True)[1]


def reward_to_go(rewards: Tensor) -> Tensor:
    """The return of every step: its reward and all later ones, `(B, T)` → `(B, T)`.

    >>> reward_to_go(torch.tensor([[0.0, -0.25, 1.0]])).tolist()
    [[0.75, 0.75, 1.0]]
    """
    return rewards.flip(1).cumsum(1).flip(1)


def reinforce(model: nn.Module, walks: Walks) -> Tensor:
    """The loss whose gradient is REINFORCE's, for `fit`; the policy acts by chance.

    The baseline of a step is the mean return of all walks at it; a little entropy is worth
    something, so that the policy goes on trying.

    Source:
        Williams (1992), with a bonus for entropy as in Mnih et al. (2016).
    """
    policy = Categorical(logits=model(walks.seen))
    actions = policy.sample()  # (B, T)
    returns = reward_to_go(rewards(walks, actions))
    advantage = returns - returns.mean(0)
    gain = policy.log_prob(actions) * advantage + CURIOSITY * policy.entropy()
    return -gain.sum(1).mean()


@torch.no_grad()
def right_turns(model: nn.Module, walks: Walks) -> float:
    """The share of walks in which the most probable action at the junction is the right turn."""
    return (model(walks.seen)[:, -1].argmax(-1) == walks.goal).double().mean().item()
