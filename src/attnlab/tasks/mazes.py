"""Walks through a T-shaped maze: a sign at the door says which turn is right, a corridor later.

Letters: B walks, L length of the corridor, T = L + 2 steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.tasks.sizes import whole, without_end
from attnlab.training.batches import drawing_device

FORWARD, LEFT, RIGHT = range(3)  # what can be done at a step
N_ACTIONS = 3
JUNCTION = 0  # what can be seen: the junction; a sign, which has the number of its turn; pictures
N_PICTURES = 4
N_SIGHTS = 3 + N_PICTURES
BUMP = -0.05  # the reward of turning where there is a wall, or of walking into one


@dataclass(frozen=True)
class Walks:
    """What is seen at every step, and which turn is right."""

    seen: Tensor  # (B, T), the junction last
    goal: Tensor  # (B,), LEFT or RIGHT


@dataclass(frozen=True)
class Mazes:
    """Corridors with a sign at the door, pictures along the wall, and a junction at the end.

        ← ▲ ● ● ■ … ⊤    turn left

    Whatever is done in the corridor, a step leads on: so what is seen does not depend on what is
    done, and a whole walk is one sequence that can be read at once. To turn into a wall costs a
    little, as does to walk on where the corridor ends; the right turn brings 1, the wrong one -1.

    Args:
        length: L, how many places with a picture lie between door and junction.
        n_signs: 1, at the door; or 2, one of either kind, at two random places of the door and the
            corridor, of which the last counts.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: a length below 1, or another number of signs.

    >>> walks = Mazes(length=4).batch(2)
    >>> walks.seen.shape, bool((walks.seen[:, 0] == walks.goal).all())
    (torch.Size([2, 6]), True)
    """

    length: int = 20
    n_signs: int = 1

    def __post_init__(self):
        whole(1, self, "length", "n_signs")
        if self.n_signs > 2:
            raise ValueError(f"n_signs must be 1 or 2, got {self.n_signs}")

    def batch(self, size: int, *, generator: Generator | None = None) -> Walks:
        """So many walks, each of them new.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1.
        """
        (size,) = settings.count(1, size=size)
        drawn = {"generator": generator, "device": drawing_device(generator)}
        seen = torch.randint(3, N_SIGHTS, (size, self.length + 2), **drawn)
        goal = torch.randint(LEFT, RIGHT + 1, (size,), **drawn)
        if self.n_signs == 1:
            seen[:, 0] = goal
        else:
            places = torch.rand(size, self.length + 1, **drawn).argsort(1)[:, :2]
            first, last = places.sort(1).values.unbind(1)
            rows = torch.arange(size, device=seen.device)
            seen[rows, first], seen[rows, last] = LEFT + RIGHT - goal, goal
        seen[:, -1] = JUNCTION
        return Walks(seen, goal)

    def batches(self, size: int) -> Iterator[Walks]:
        """Fresh walks without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)


def rewards(walks: Walks, actions: Tensor) -> Tensor:
    """What each step brings, `(B, T)`, of actions `(B, T)`.

    Raises:
        TypeError: actions that are no tensor. ValueError: actions of another shape.

    >>> walks = Walks(seen=torch.tensor([[LEFT, 3, JUNCTION]]), goal=torch.tensor([LEFT]))
    >>> rewards(walks, torch.tensor([[FORWARD, RIGHT, LEFT]])).tolist()
    [[0.0, -0.05000000074505806, 1.0]]
    """
    check.tensors(actions=actions)
    if actions.shape != walks.seen.shape:
        raise ValueError(
            f"actions must have the shape of what is seen, {tuple(walks.seen.shape)}, "
            f"got {tuple(actions.shape)}"
        )
    found = torch.where(actions == FORWARD, 0.0, BUMP)
    turn = actions[:, -1]
    at_junction = torch.where(turn == walks.goal, 1.0, -1.0)
    found[:, -1] = torch.where(turn == FORWARD, BUMP, at_junction)
    return found
