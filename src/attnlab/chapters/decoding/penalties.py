"""The smallest length penalty that makes a sentence long enough, and what is taken for it."""

from functools import cache
from typing import Any

import numpy as np
import torch

from attnlab.chapters.decoding import speakers
from attnlab.chapters.decoding.widget import TOPIC_WORDS, WORDS, BeamsWidget
from attnlab.models.transformer import Transformer
from attnlab.tasks.vocabulary import EOS
from attnlab.widgets.base import END as END_MARK

ALPHAS = np.linspace(0, 2, 9)
PENALTIES = {
    "mark": "{case}: the mark of the end is no word",
    "letters": "{case}: these are letters; words are counted",
    "last": "{case}: that is for the last of the beams; the best comes first",
    "any": "{case}: some beam is long enough there, but not the best",
    "probable": "{case}: with a penalty the best is not the most probable one",
    "largest": "{case}: that is the largest α that does it",
    "number": "{case}: that is the number of the α in the list; return the α itself",
    "steps": "{case}: that is so after as many steps as were set",
    "fewer": "{case}: as many words or more are asked for, not as many at most",
    "more": "{case}: as many words are enough, they need not be more",
}


@cache
def talker(seed: int) -> Transformer:
    """A model that has learned nothing, but ends its sentences now and then."""
    model = speakers.speaker(len(TOPIC_WORDS), len(WORDS), seed=seed).float()
    with torch.no_grad():
        model.to_logits.bias[EOS] = 2.5
    return model


@cache
def smallest(seed: int, least: int, state: tuple) -> tuple[float | None, dict[str, Any]]:
    """The smallest α whose best sentence has `least` words, and what misconceptions give."""
    w = BeamsWidget(talker(seed), **dict(state))

    def found() -> list:
        every = []
        for w.length_penalty in ALPHAS:
            every.append(w.hypotheses)
        return every

    def first(long_enough, hypotheses) -> float | None:
        fit = [float(a) for a, beams in zip(ALPHAS, hypotheses, strict=True) if long_enough(beams)]
        return fit[0] if fit else None

    def count(beam) -> int:
        return len(beam[0].split()) - (END_MARK in beam[0])

    as_set = found()
    w.steps = 12
    every = found()
    right = first(lambda beams: count(beams[0]) >= least, every)
    return right, {
        "mark": first(lambda beams: len(beams[0][0].split()) >= least, every),
        "letters": first(lambda beams: len(beams[0][0]) >= least, every),
        "last": first(lambda beams: count(beams[-1]) >= least, every),
        "any": first(lambda beams: max(map(count, beams)) >= least, every),
        "probable": first(
            lambda beams: count(max(beams, key=lambda beam: beam[1])) >= least, every
        ),
        "largest": max((float(a) for a, beams in zip(ALPHAS, every, strict=True)
                        if count(beams[0]) >= least), default=None),
        "number": None if right is None else ALPHAS.tolist().index(right),
        "steps": first(lambda beams: count(beams[0]) >= least, as_set),
        "fewer": first(lambda beams: count(beams[0]) <= least, every),
        "more": first(lambda beams: count(beams[0]) > least, every),
    }  # fmt: skip
