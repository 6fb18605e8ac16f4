"""Which examples come together in a batch."""

from collections.abc import Iterator, Sequence

import torch
from torch import Generator

from attnlab.functional import settings


def sorted_batches(
    lengths: Sequence[int], size: int, *, generator: Generator | None = None
) -> Iterator[list[int]]:
    """One epoch of batches whose sequences are about equally long, so that little is padded.

    All are sorted by length, those of one length in random order, then cut into batches, and these
    come in random order.

    Args:
        lengths: of every sequence.
        size: of a batch; the last one cut may be smaller.
        generator: of the random order; torch's own if left out.

    Returns:
        The indices of each batch.

    Raises:
        TypeError: the size is not an integer.
        ValueError: size below 1, or no sequences.

    Source:
        Sutskever, Vinyals and Le (2014), section 3.4, who found it twice as fast.

    >>> sorted(sorted(batch) for batch in sorted_batches([3, 9, 3, 9], size=2))
    [[0, 2], [1, 3]]
    """
    settings.count(1, size=size)
    if len(lengths) == 0:
        raise ValueError("lengths must be of one sequence or more, got none")
    shuffled = torch.randperm(len(lengths), generator=generator).tolist()
    by_length = sorted(shuffled, key=lambda index: lengths[index])  # ties stay shuffled
    starts = torch.arange(0, len(lengths), size)
    for start in starts[torch.randperm(len(starts), generator=generator)].tolist():
        yield by_length[start : start + size]
