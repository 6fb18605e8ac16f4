"""Stories of ten facts, who took what and who went where, with a question about one place.

"Where is the cook?" takes one fact, the last place that the cook went to. "Where is the key?" takes
two: who took the key last, and where that person went last.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

WHO = ("cook", "guard", "pilot", "clerk")
WHAT = ("key", "lamp", "map", "rope")
WHERE = ("attic", "cellar", "garden", "kitchen", "office", "tower")
WORDS = ("took", "went", *WHO, *WHAT, *WHERE)
N_FACTS = 10
TAKING = 0.4  # the share of facts in which something is taken

Fact = tuple[str, str, str]  # what was done, who did it, and what was taken or where to


@dataclass(frozen=True)
class Story:
    """Facts, the one word that is asked about, its place, and the facts that tell it."""

    facts: list[Fact]
    asked: str
    place: str
    needed: list[int]  # one fact, or two in the order in which they are to be found


@dataclass(frozen=True)
class StoryBatch:
    """Stories side by side, in numbers: of `WORDS`, and places of `WHERE`."""

    facts: Tensor  # (B, m, 3)
    asked: Tensor  # (B,)
    place: Tensor  # (B,)
    needed: Tensor  # (B, 2), one fact that is needed twice where one is enough
    told: Tensor  # (B,), whether the loss may know the first of them


def needed_facts(facts: list[Fact], asked: str) -> list[int] | None:
    """The facts that tell where it is, None where the story does not say.

    >>> needed_facts([("went", "cook", "attic"), ("took", "cook", "key")], "key")
    [1, 0]
    """
    if asked in WHAT:
        took = [i for i, (did, _, thing) in enumerate(facts) if (did, thing) == ("took", asked)]
        if not took:
            return None
        found = needed_facts(facts, facts[took[-1]][1])
        return found and [took[-1], *found]
    went = [i for i, (did, who, _) in enumerate(facts) if (did, who) == ("went", asked)]
    return went[-1:] or None


def story(rng: random.Random, *, n_facts: int = N_FACTS, two: bool | None = None) -> Story:
    """A random story, and a question that it answers: with two facts, with one, or with either."""
    while True:
        facts = []
        for _ in range(n_facts):
            taking = rng.random() < TAKING
            facts.append(
                ("took", rng.choice(WHO), rng.choice(WHAT))
                if taking
                else ("went", rng.choice(WHO), rng.choice(WHERE))
            )
        thing = rng.random() < 0.5 if two is None else two
        asked = rng.choice(WHAT if thing else WHO)
        needed = needed_facts(facts, asked)
        if needed:
            return Story(facts, asked, facts[needed[-1]][2], needed)


def numbered(stories: list[Story], *, told: list[bool] | None = None) -> StoryBatch:
    """The stories in numbers."""
    number = {word: i for i, word in enumerate(WORDS)}
    return StoryBatch(
        torch.tensor([[[number[word] for word in fact] for fact in s.facts] for s in stories]),
        torch.tensor([number[s.asked] for s in stories]),
        torch.tensor([WHERE.index(s.place) for s in stories]),
        torch.tensor([[s.needed[0], s.needed[-1]] for s in stories]),
        torch.tensor(told or [False] * len(stories)),
    )


def batches(
    size: int, *, seed: int, told: float = 0.0, two: bool | None = None
) -> Iterator[StoryBatch]:
    """Training batches without end; a share of their stories comes with the facts it takes."""
    rng = random.Random(seed)
    while True:
        stories = [story(rng, two=two) for _ in range(size)]
        yield numbered(stories, told=[rng.random() < told for _ in stories])


def last_place(story: Story) -> str:
    """The rule of thumb: the place that the story names last."""
    return [place for did, _, place in story.facts if did == "went"][-1]
