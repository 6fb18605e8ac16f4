"""Families of made-up proteins, whose contacts are known because they were drawn.

Letters: L places in a sequence, N sequences, q kinds of letters.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from attnlab.functional import settings
from attnlab.tasks.sizes import whole

CHAINS = (5, 4, 4, 3, 3)  # places that hang together, one contact from each to the next
STRENGTHS = (0.15, 0.9)


@dataclass(frozen=True)
class Family:
    """Sequences of `length` letters; places in contact have letters that go together.

    Five chains of places are drawn, with 14 contacts from each place to the next of its chain, and
    the other places stand alone. Each contact has a strength s, and a partner for each letter: with
    probability s the next place has the partner of the letter before it, and otherwise any letter.
    So every letter is as frequent as every other at every place, and two places of a chain that are
    not in contact go together by the product of the strengths between them.

    Args:
        seed: which family, 0 or more.
        length: L, at least 19.
        n_letters: q, at least 2.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: one that is too small.

    >>> family = Family(seed=0)
    >>> len(family.contacts), family.sample(1000, seed=1).shape
    (14, (1000, 24))
    """

    seed: int = 0
    length: int = 24
    n_letters: int = 6

    def __post_init__(self):
        whole(0, self, "seed")
        whole(sum(CHAINS), self, "length")
        whole(2, self, "n_letters")

    @property
    def chains(self) -> list[list[int]]:
        """The places of each chain, in the order in which they are in contact."""
        return [chain.tolist() for chain in self._drawn[0]]

    @cached_property
    def _drawn(self) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """The chains; the strengths of their contacts; and the partners, `(contacts, q)` each."""
        rng = np.random.default_rng(self.seed)
        places = rng.permutation(self.length)[: sum(CHAINS)]
        chains = np.split(places, np.cumsum(CHAINS)[:-1])
        strengths = [rng.uniform(*STRENGTHS, n - 1) for n in CHAINS]
        letters = [[rng.permutation(self.n_letters) for _ in range(n - 1)] for n in CHAINS]
        return chains, strengths, [np.array(each) for each in letters]

    @property
    def contacts(self) -> list[tuple[int, int, float]]:
        """The pairs of places in contact, each with the smaller place first, and its strength."""
        return [
            (int(min(pair)), int(max(pair)), float(s))
            for chain, strengths, _ in zip(*self._drawn, strict=True)
            for pair, s in zip(pairwise(chain), strengths, strict=True)
        ]

    @property
    def together(self) -> np.ndarray:
        """How strongly each two places go together, the product of what lies between. `(L, L)`"""
        found = np.eye(self.length)
        for chain, strengths, _ in zip(*self._drawn, strict=True):
            for a in range(len(chain)):
                for b in range(a + 1, len(chain)):
                    s = np.prod(strengths[a:b])
                    found[chain[a], chain[b]] = found[chain[b], chain[a]] = s
        return found

    @property
    def contact_map(self) -> np.ndarray:
        """True where two places are in contact. `(L, L)`, symmetric, False on the diagonal."""
        found = np.zeros((self.length, self.length), dtype=bool)
        for i, j, _ in self.contacts:
            found[i, j] = found[j, i] = True
        return found

    @property
    def indirect_map(self) -> np.ndarray:
        """True where two places are of one chain and not in contact. `(L, L)`"""
        return (self.together > 0) & ~self.contact_map & ~np.eye(self.length, dtype=bool)

    def sample(self, n: int, *, seed: int) -> np.ndarray:
        """N sequences, letters 0 … q - 1. `(N, L)`

        Raises:
            TypeError, ValueError: n is not an integer, or below 1.
        """
        (n,) = settings.count(1, n=n)
        rng = np.random.default_rng([self.seed, seed])
        x = rng.integers(self.n_letters, size=(n, self.length))
        for chain, strengths, partners in zip(*self._drawn, strict=True):
            for a, (i, j) in enumerate(pairwise(chain)):
                paired = rng.random(n) < strengths[a]
                x[paired, j] = partners[a][x[paired, i]]
        return x
