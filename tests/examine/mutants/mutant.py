"""What a mutant is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A healthy model with one mistake.

    Attributes:
        name: the mistake, in a few words.
        source: where people made it: a report, a course, or the ledger's number.
        harmful: whether, once trained, it gives wrong outputs somewhere and says nothing; what
            stops training at once, or changes how well a model learns, is not counted.
        where: what the mistake is in: "model", "loss", "pipeline" or "step".
        found: what should notice it before training; nothing, where nothing can.
        build: makes the arguments of `examine` from a seed, of an untrained model.
    """

    name: str
    source: str
    harmful: bool
    where: str
    found: str
    build: Callable[[int], dict]
