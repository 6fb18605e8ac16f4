"""Copy, reverse and sort: targets that hold the symbols of the source, in another order."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from attnlab.tasks.pairs import Batch
from attnlab.tasks.sizes import whole, without_end
from attnlab.tasks.split import Split, draw
from attnlab.tasks.vocabulary import BOS, EOS, PAD, SPECIAL
from attnlab.training.batches import drawing_device


@dataclass(frozen=True)
class _Rearrange(ABC):
    """Random symbols, of a random length for each sequence."""

    min_len: int = 5
    max_len: int = 10
    n_symbols: int = 10

    def __post_init__(self):
        whole(1, self, "min_len")
        whole(2, self, "n_symbols")
        whole(self.min_len, self, "max_len")

    @property
    def vocab_size(self) -> int:
        return len(SPECIAL) + self.n_symbols

    @abstractmethod
    def order(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """The source position of each target token: `(B, T)`, `(B, 1)` → `(B, T)`."""

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> Batch:
        """So many pairs, of symbols that are tokens from 4 on. One sequence in five is held out.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, another split, or one without any sequence.
        """

        device = drawing_device(generator)
        drawn = {"generator": generator, "device": device}

        def propose(n: int) -> Tensor:
            symbols = torch.randint(self.n_symbols, (n, self.max_len), **drawn) + len(SPECIAL)
            lengths = torch.randint(self.min_len, self.max_len + 1, (n, 1), **drawn)
            places = torch.arange(self.max_len, device=device)
            return symbols * (places < lengths)  # zeros behind the end

        symbols = draw(propose, size, split)
        real = symbols != PAD
        lengths = real.sum(dim=1, keepdim=True)  # (B, 1)
        symbols, real = symbols[:, : lengths.max()], real[:, : lengths.max()]  # (B, T)
        order = self.order(symbols, lengths) * real
        tgt = symbols.gather(1, order) * real
        edge = torch.zeros_like(lengths)
        alignment = F.one_hot(order, symbols.shape[1]).bool() & real[..., None]  # (B, T, T)
        return Batch(
            src=symbols,
            src_mask=real[:, None],
            tgt_in=torch.cat([edge + BOS, tgt], dim=1),
            tgt_out=torch.cat([tgt, edge], dim=1).scatter(1, lengths, EOS),
            alignment=F.pad(alignment, (0, 0, 0, 1)),  # <eos> comes from nowhere
        )

    def batches(self, size: int) -> Iterator[Batch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)


class Copy(_Rearrange):
    """Say it again.

    Args:
        min_len, max_len: the shortest and the longest sequence.
        n_symbols: how many different symbols.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: min_len < 1, max_len < min_len, or n_symbols < 2.

    >>> batch = Copy(3, 3).batch(2)
    >>> bool((batch.src == batch.tgt_out[:, :-1]).all())
    True
    """

    def order(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        return torch.arange(symbols.shape[1], device=symbols.device).expand_as(symbols)


class Reverse(_Rearrange):
    """Say it backwards. Arguments and errors as for `Copy`.

    >>> batch = Reverse(3, 3).batch(2)
    >>> bool((batch.src.flip(1) == batch.tgt_out[:, :-1]).all())
    True
    """

    def order(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        places = torch.arange(symbols.shape[1], device=symbols.device)
        return (lengths - 1 - places).clamp(min=0)


class Sort(_Rearrange):
    """Say it in order; equal symbols keep theirs. Arguments and errors as for `Copy`.

    >>> batch = Sort(3, 3).batch(2)
    >>> bool((batch.src.sort(dim=1).values == batch.tgt_out[:, :-1]).all())
    True
    """

    def order(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        last = symbols.masked_fill(symbols == PAD, len(SPECIAL) + self.n_symbols)
        return last.sort(dim=1, stable=True).indices
