"""Several look-ups at once: one question that asks for the values of several keys.

Letters: B batch, m pairs, L look-ups.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from attnlab.tasks.sizes import whole, without_end
from attnlab.tasks.split import Split, draw
from attnlab.training.batches import drawing_device


@dataclass(frozen=True)
class LookupBatch:
    """What is shown, what is asked, what is right, and where it stands."""

    keys: Tensor  # (B, m)
    values: Tensor  # (B, m)
    asked: Tensor  # (B, L), keys
    targets: Tensor  # (B, L), values
    alignment: Tensor  # (B, L, m), True at the pair that holds the answer


@dataclass(frozen=True)
class Lookups:
    """A table of keys and values, and a question of several different keys in a given order.

        (k₃, v₁) (k₇, v₀) (k₁, v₅) …    k₇, k₃ ?    answers v₀, v₁

    A model that puts the question into one query needs a weighted mean for each key asked: one set
    of weights over the pairs can hold only one.

    Args:
        n_lookups: L, how many keys are asked for.
        n_pairs: m, how many pairs there are.
        n_keys: how many different keys. n_values: how many different values.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: an argument below 1, fewer keys than pairs or than two values, or more look-ups
            than pairs.

    >>> batch = Lookups(n_lookups=2, n_pairs=5).batch(3)
    >>> batch.keys.shape, batch.asked.shape, batch.targets.shape
    (torch.Size([3, 5]), torch.Size([3, 2]), torch.Size([3, 2]))
    """

    n_lookups: int = 4
    n_pairs: int = 16
    n_keys: int = 16
    n_values: int = 8

    def __post_init__(self):
        whole(1, self, "n_lookups")
        whole(self.n_lookups, self, "n_pairs")
        whole(self.n_pairs, self, "n_keys")
        whole(2, self, "n_values")

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> LookupBatch:
        """So many tables with a question each. One table in five is held out.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, another split, or one without any table.
        """

        drawn = {"generator": generator, "device": drawing_device(generator)}

        def propose(n: int) -> Tensor:
            keys = torch.rand(n, self.n_keys, **drawn).argsort(1)[:, : self.n_pairs]
            values = torch.randint(self.n_values, (n, self.n_pairs), **drawn)
            return torch.cat([keys, values], dim=1)  # (n, 2 m)

        keys, values = draw(propose, size, split).split(self.n_pairs, dim=1)
        where = torch.rand(len(keys), self.n_pairs, **drawn).argsort(1)
        where = where[:, : self.n_lookups]  # (B, L)
        return LookupBatch(
            keys=keys,
            values=values,
            asked=keys.gather(1, where),
            targets=values.gather(1, where),
            alignment=torch.nn.functional.one_hot(where, self.n_pairs).bool(),
        )

    def batches(self, size: int) -> Iterator[LookupBatch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)
