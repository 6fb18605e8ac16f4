"""Train policies with four kinds of memory in mazes of several lengths, and play longer ones.

    python -m attnlab.chapters.memory.experiment     # some four minutes of one core

The mazes, the policies and the training are those of the chapter `work/memory`. Cells are stored as
they finish, so the script can be stopped and started again. No data but what is drawn.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from attnlab.chapters.memory.models import Policy, reinforce, reward_to_go, right_turns
from attnlab.stored import complete
from attnlab.tasks.mazes import FORWARD, LEFT, RIGHT, Mazes, Walks, rewards
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = range(5)
STEPS, WALKS, TESTS = 500, 64, 500  # walks in a step, and to test with
FARTHER = 4  # times the length that was trained


def lengths() -> Iterator[dict]:
    """One sign at the door: each memory, by the corridor's length."""
    for seed in SEEDS:
        for length in (5, 20, 80):
            for memory in ("attention", "gru"):
                yield cell(memory, length, seed)
        for length in (5, 20):
            for memory in ("none", "frames"):
                yield cell(memory, length, seed)


def two_signs() -> Iterator[dict]:
    """Two signs, of which the last counts."""
    for seed in SEEDS:
        for memory, n_heads in (("gru", 1), ("attention", 1), ("attention", 4), ("alibi", 4)):
            yield cell(memory, 5, seed, n_signs=2, n_heads=n_heads)


def without() -> Iterator[dict]:
    """Without what makes the training reliable, and with a baseline over the wrong axis."""
    for seed in SEEDS:
        for memory in ("attention", "gru"):
            yield cell(memory, 20, seed, loss="incurious")
            yield cell(memory, 5, seed, loss="over time")


def cell(
    memory: str, length: int, seed: int, *,
    n_signs: int = 1, n_heads: int = 1, steps: int = STEPS, loss: str = "reinforce",
) -> dict:  # fmt: skip
    return {"memory": memory, "length": length, "n_signs": n_signs, "n_heads": n_heads,
            "steps": steps, "loss": loss, "seed": seed}  # fmt: skip


def incurious(model: nn.Module, walks: Walks) -> Tensor:
    """REINFORCE with no bonus for entropy."""
    return _plain(model, walks, lambda returns: returns.mean(0))


def over_time(model: nn.Module, walks: Walks) -> Tensor:
    """A walk is compared with its own mean, and so never with another walk."""
    return _plain(model, walks, lambda returns: returns.mean(1, keepdim=True))


def _plain(model: nn.Module, walks: Walks, baseline: Callable[[Tensor], Tensor]) -> Tensor:
    policy = Categorical(logits=model(walks.seen))
    actions = policy.sample()
    returns = reward_to_go(rewards(walks, actions))
    return -(policy.log_prob(actions) * (returns - baseline(returns))).sum(1).mean()


LOSSES = {"reinforce": reinforce, "incurious": incurious, "over time": over_time}


def measure(todo: dict) -> dict:
    """The cell, with right turns where it was trained and farther, bumps a step in the corridor;
    and, where left was right and where right was: the probabilities at the junction of walking on,
    left and right, and the junction's weight on the sign."""
    seed_everything(todo["seed"])
    model = Policy(todo["memory"], n_heads=todo["n_heads"])
    mazes = Mazes(length=todo["length"], n_signs=todo["n_signs"])
    steps = todo["steps"]
    fit(
        model, mazes.batches(WALKS), LOSSES[todo["loss"]], steps=steps, lr=0.01,
        schedule=linear_decay(steps, warmup_steps=20),
    )  # fmt: skip
    here, there = (_tests(n * todo["length"], todo["n_signs"]) for n in (1, FARTHER))
    found = {
        **todo,
        "parameters": sum(p.numel() for p in model.parameters()),
        "right": round(right_turns(model, here), 3),
        "farther": round(right_turns(model, there), 3),
    }
    with torch.no_grad():
        logits = model(here.seen)
        bumped = logits[:, :-1].argmax(-1) != FORWARD
        found["bumps"] = round(bumped.double().mean().item(), 4)
        found["does"] = _by_goal(logits[:, -1].softmax(-1), here)
        if todo["memory"] == "attention" and todo["n_signs"] == 1:
            found["on_sign"] = _by_goal(model.weights(here.seen)[:, 0, -1, 0], here)
    return found


def _by_goal(values: Tensor, walks: Walks) -> list:
    """The mean over the walks in which left is right, and over the others."""
    means = torch.stack([values[walks.goal == goal].mean(0) for goal in (LEFT, RIGHT)])
    return means.double().numpy().round(3).tolist()


def _tests(length: int, n_signs: int) -> Walks:
    mazes = Mazes(length=length, n_signs=n_signs)
    return mazes.batch(TESTS, generator=torch.Generator().manual_seed(length))


if __name__ == "__main__":
    head = {"walks": WALKS, "tests": TESTS, "farther": FARTHER, "source": "all mazes are drawn"}
    complete(
        "memory", head,
        lengths=(lengths(), measure), two_signs=(two_signs(), measure),
        without=(without(), measure),
    )  # fmt: skip
