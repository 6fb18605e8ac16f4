"""Sentences drawn from a small trained model, ten at a time, and marked by the grammar."""

from functools import cache

import numpy as np
import torch
import traitlets
from ipywidgets import widget_serialization

from attnlab.chapters.decoding.widget import (
    MAX_STEPS,
    NAMES,
    TOPICS,
    WORDS,
    BeamsWidget,
    source_of,
)
from attnlab.decoding import next_probabilities
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.vocabulary import BOS, EOS
from attnlab.widgets.base import LabWidget
from attnlab.widgets.grammar import packed_grammar
from attnlab.widgets.normals import uniforms
from attnlab.widgets.traits import Choice, Constants, Real, Whole

AT_A_TIME, MOST = 10, 100


@cache
def right_sentences(topic: str) -> frozenset[str]:
    """All that the grammar says about a topic."""
    grammar = Grammar()
    return frozenset(
        " ".join(grammar.translation(sentence).english)
        for split in ("train", "test", "pairs")
        for sentence in grammar.sentences(split)
        if grammar.object_of(sentence[2]) == topic
    )


class DrawingWidget(LabWidget):
    r"""Sentences about a topic, drawn from the model of another widget.

    Args:
        beams: the `BeamsWidget` whose model speaks; a page holds that model once.
        topic: one of `TOPICS`.
        temperature, top_k, top_p: 0.1 to 3, 1 to the number of words, 0.05 to 1; see
            `next_probabilities`.
        drawn: how many sentences have been drawn, 1 to 100.
        sentence, word: at which of them, from 1, and before which of its words to look. Later
            ones than there are stand for the last.
        seed: what chance does, 0 to 999. Each word of each sentence has a number of its own: with
            one seed, only the knobs make a difference.

    Errors: TraitError for a value out of range or of another type, here or when it is set.
    Source: Fan, Lewis & Dauphin (2018), section 5.4 (top-k); Holtzman et al. (2020), section 3.

    >>> from attnlab.chapters.decoding.widget import TOPIC_WORDS
    >>> from attnlab.models.transformer import Transformer
    >>> model = Transformer(len(TOPIC_WORDS), len(WORDS), d_model=4, n_heads=2, n_layers=1, d_ff=4)
    >>> w = DrawingWidget(BeamsWidget(model), top_k=3)
    >>> len(w.sentences), (w.probabilities > 0).sum()
    (10, np.int64(3))
    """

    _front_end = "drawing.js"

    topic = Choice(*TOPICS).tag(sync=True)
    temperature = Real(0.1, 3, default=1).tag(sync=True)
    top_k = Whole(1, len(WORDS), default=len(WORDS)).tag(sync=True)
    top_p = Real(0.05, 1, default=1).tag(sync=True)
    drawn = Whole(1, MOST, default=AT_A_TIME).tag(sync=True)
    sentence = Whole(1, MOST, default=1).tag(sync=True)
    word = Whole(1, MAX_STEPS, default=1).tag(sync=True)
    seed = Whole(0, 999, default=0).tag(sync=True)
    _beams = traitlets.Instance(BeamsWidget).tag(sync=True, **widget_serialization)
    _constants = Constants(grammar=packed_grammar(), at_a_time=AT_A_TIME)

    def __init__(
        self,
        beams: BeamsWidget,
        *,
        topic: str = "coffee",
        temperature: float = 1.0,
        top_k: int = len(WORDS),
        top_p: float = 1.0,
        drawn: int = AT_A_TIME,
        sentence: int = 1,
        word: int = 1,
        seed: int = 0,
    ):
        super().__init__(
            topic=topic, temperature=temperature, top_k=top_k, top_p=top_p, drawn=drawn,
            sentence=sentence, word=word, seed=seed, _beams=beams,
        )  # fmt: skip

    @property
    def sentences(self) -> list[tuple[str, bool]]:
        """What was drawn, and whether it is a right sentence about the topic."""
        right = right_sentences(self.topic)
        rows = self._tokens()
        texts = [" ".join(NAMES[token] for token in row if token != EOS) for row in rows]
        return [(text, EOS in row and text in right) for text, row in zip(texts, rows, strict=True)]

    @property
    def right(self) -> int:
        """How many of the sentences are right."""
        return sum(right for _, right in self.sentences)

    @property
    def different(self) -> int:
        """How many different right ones there are."""
        return len({text for text, right in self.sentences if right})

    @property
    def probabilities(self) -> np.ndarray:
        """What the word that is looked at was drawn from, (V)."""
        row = self._tokens()[min(self.sentence, self.drawn) - 1]
        before = row[: min(self.word, len(row)) - 1]
        with torch.no_grad():
            logits = self._beams._rounded(source_of(self.topic), torch.tensor([[BOS, *before]]))
        return self._next(logits[0, -1]).numpy()

    def _next(self, logits: torch.Tensor) -> torch.Tensor:
        return next_probabilities(
            logits, temperature=self.temperature, top_k=self.top_k, top_p=self.top_p
        )

    @torch.no_grad()
    def _tokens(self) -> list[list[int]]:
        """The tokens of each sentence, up to its end."""
        model, n = self._beams._rounded, self.drawn
        chances = torch.from_numpy(uniforms(MOST * MAX_STEPS, self.seed)).reshape(MOST, MAX_STEPS)
        state = model.start(source_of(self.topic).expand(n, -1), max_len=MAX_STEPS)
        last, steps = torch.full((n,), BOS), []
        for chance in chances[:n].T:  # (n,)
            p = self._next(model.step(last, state))  # (n, V)
            passed = (p.cumsum(-1) <= chance[:, None]).sum(-1)
            # Rounded, the shares may sum to a bit less than 1.
            last = passed.minimum(p.shape[-1] - 1 - (p.flip(-1) > 0).double().argmax(-1))
            steps.append(last)
        rows = torch.stack(steps, 1).tolist()
        return [row[: row.index(EOS) + 1] if EOS in row else row for row in rows]
