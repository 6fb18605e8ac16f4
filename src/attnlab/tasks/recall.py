"""Recall at a distance, and associative recall: what was where, and what belonged to what.

Letters: B batch, T time.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from attnlab.functional import settings
from attnlab.tasks.marks import logits_from, most_probable
from attnlab.tasks.sizes import whole, without_end
from attnlab.tasks.split import Split, draw
from attnlab.training.batches import drawing_device
from attnlab.training.losses import cross_entropy


@dataclass(frozen=True)
class Recall:
    """Show some symbols, wait for `distance` blanks, then ask for the symbols in their order.

        a c b a · · · · · · 1 2 3 4        cue i asks for the i-th symbol: answers a c b a

    So each symbol stands `distance + n_items` steps before its cue. Tokens are the symbols from 0
    on, then the blank, then the cues. One sequence of symbols in five is held out.

    Args:
        distance: how many blanks. A pair (low, high) draws it anew for every batch, log-uniformly:
            1 to 10 comes as often as 10 to 100, which makes a curriculum.
        n_items: how many symbols are to be recalled.
        n_symbols: how many different ones there are.

    Raises:
        TypeError: an argument is not an integer, nor is the distance a pair of integers.
        ValueError: a negative distance, low < 1 or low > high, fewer or more than these two,
            n_items < 1, n_symbols < 2.

    Source:
        Hochreiter and Schmidhuber (1997), section 5, have the first tasks of this kind.

    >>> inputs, targets = Recall(distance=3).batch(2)
    >>> inputs.shape, targets.shape
    (torch.Size([2, 11]), torch.Size([2, 4]))
    >>> inputs[0, 4:].tolist()
    [8, 8, 8, 9, 10, 11, 12]
    """

    distance: int | tuple[int, int]
    n_items: int = 4
    n_symbols: int = 8

    def __post_init__(self):
        if isinstance(self.distance, tuple):
            for end in self.distance:
                settings.integer(distance=end)
            pair = tuple(map(int, self.distance))
            if len(pair) != 2 or not 1 <= pair[0] <= pair[1]:
                raise ValueError(
                    f"distance must be one, or a pair with 1 ≤ low ≤ high, got {self.distance}"
                )
            object.__setattr__(self, "distance", pair)
        else:
            whole(0, self, "distance")
        whole(1, self, "n_items")
        whole(2, self, "n_symbols")

    @property
    def vocab_size(self) -> int:
        return self.n_symbols + 1 + self.n_items

    @property
    def n_answers(self) -> int:
        return self.n_symbols

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Inputs `(B, distance + 2 n_items)` and targets `(B, n_items)`.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, another split, or one without any sequence.
        """
        drawn = {"generator": generator, "device": drawing_device(generator)}
        targets = draw(
            lambda n: torch.randint(self.n_symbols, (n, self.n_items), **drawn), size, split
        )
        share = torch.rand((), **drawn).item() if isinstance(self.distance, tuple) else 0.0
        blanks = targets.new_full((len(targets), self._distance_at(share)), self.n_symbols)
        cues = torch.arange(self.n_symbols + 1, self.vocab_size, device=targets.device)
        cues = cues.expand(len(targets), -1)
        return torch.cat([targets, blanks, cues], dim=1), targets

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)

    def _distance_at(self, share: float) -> int:
        """The distance below which that share of all lies."""
        if not isinstance(self.distance, tuple):
            return self.distance
        low, high = self.distance
        # Up to high + 1, then rounded down: the last distance gets its whole share.
        return int(low * math.exp(share * math.log((high + 1) / low)))


@dataclass(frozen=True)
class AssociativeRecall:
    """Show pairs of a key and a value, then one of the keys: which value belonged to it?

        (k₃, v₁) (k₇, v₀) (k₁, v₅) … (k₇, ?)        answer v₀

    Each step carries its key and its value side by side, so that the task asks for memory and not
    for joining neighbors. Tokens are the values from 0 on, then the question mark, then the keys.
    One list of pairs in five is held out.

    Args:
        n_pairs: how many pairs are shown, all with different keys.
        n_keys: how many keys there are. n_values: how many values.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: n_pairs < 1, more pairs than keys, or n_values < 2.

    Source:
        Graves, Wayne and Danihelka (2014), section 4.3, where items follow each other.

    >>> inputs, targets = AssociativeRecall(n_pairs=3).batch(2)
    >>> inputs.shape, targets.shape
    (torch.Size([2, 4, 2]), torch.Size([2, 1]))
    """

    n_pairs: int
    n_keys: int = 128
    n_values: int = 16

    def __post_init__(self):
        whole(1, self, "n_pairs")
        whole(self.n_pairs, self, "n_keys")
        whole(2, self, "n_values")

    @property
    def vocab_size(self) -> int:
        return self.n_values + 1 + self.n_keys

    @property
    def n_answers(self) -> int:
        return self.n_values

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Inputs `(B, n_pairs + 1, 2)`, key and value side by side, and targets `(B, 1)`.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, or another split.
        """

        drawn = {"generator": generator, "device": drawing_device(generator)}

        def propose(n: int) -> Tensor:
            keys = torch.rand(n, self.n_keys, **drawn).argsort(1)[:, : self.n_pairs]
            values = torch.randint(self.n_values, (n, self.n_pairs), **drawn)
            return torch.cat([keys, values], dim=1)  # (n, 2 · n_pairs)

        keys, values = draw(propose, size, split).split(self.n_pairs, dim=1)
        asked = torch.randint(self.n_pairs, (len(keys), 1), **drawn)
        question = torch.full_like(asked, self.n_values)
        keys_in = torch.cat([keys, keys.gather(1, asked)], dim=1) + self.n_values + 1
        values_in = torch.cat([values, question], dim=1)
        return torch.stack([keys_in, values_in], dim=2), values.gather(1, asked)

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)


def recall_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy at the last steps, where the answers are due; for `fit`.

    Args:
        model: maps inputs `(B, T)` to scores of the answers `(B, T, n_answers)`.
        batch: inputs, and targets `(B, n)` for the last n steps.

    Raises:
        TypeError, ValueError: as `attnlab.cross_entropy` does.
    """
    inputs, targets = batch
    scores = logits_from(-targets.shape[1], model(inputs))  # (B, n, n_answers)
    return cross_entropy(scores, targets)


@torch.no_grad()
def recall_accuracy(
    model: nn.Module, task: Recall | AssociativeRecall, *, size: int = 500, seed: int = 0
) -> float:
    """The share of so many held-out sequences whose answers are all right.

    Args:
        model: as for `recall_loss`.
        task: draws the sequences.
        size: how many.
        seed: which ones, 0 or more.

    Raises:
        TypeError: a size or a seed that is no integer, or scores that are no tensor.
        ValueError: size below 1, a negative seed, or scores that fit no targets, or are NaN.
    """
    settings.count(0, seed=seed)
    generator = Generator().manual_seed(int(seed))
    inputs, targets = task.batch(size, split="test", generator=generator)
    scores = logits_from(-targets.shape[1], model(inputs))  # (B, n, n_answers)
    answers = most_probable(scores, targets)
    return (answers == targets).all(dim=1).double().mean().item()
