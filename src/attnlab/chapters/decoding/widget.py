"""A small trained model, decoded by hand: beams step by step, and what is drawn from."""

import math

import numpy as np
import torch
import traitlets

from attnlab.decoding import beam_search, next_probabilities
from attnlab.models.transformer import Transformer
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.vocabulary import BOS, EOS, Vocabulary
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.packing import pack_transformer, rounded
from attnlab.widgets.traits import Choice, Constants, Real, Whole

_GRAMMAR = Grammar()
TOPICS = sorted({_GRAMMAR.object_of(s[2]) for s in _GRAMMAR.sentences("train")})
WORDS = _GRAMMAR.src_vocabulary
TOPIC_WORDS = Vocabulary(TOPICS)
MAX_STEPS, MAX_BEAMS = 12, 4


class DecodingWidget(LabWidget):
    r"""Beam search over what a model says about a topic, and the probabilities of its next word.

    Args:
        model: a `Transformer` from a topic (`TOPIC_WORDS`) to a sentence of the grammar (`WORDS`).
        topic: one of `TOPICS`.
        beams, length_penalty: K, 1 to 4, and α, 0 to 2; see `beam_search`.
        steps: how many steps the beams have gone, 0 to 12.
        temperature, top_k, top_p: 0.1 to 3, 1 to the number of words, 0.05 to 1; see
            `next_probabilities`.

    The page holds the model's parameters rounded to 16 bits each, and so does the widget.

    Errors: TraitError for a value out of range or an unknown topic, here or when it is set;
    ValueError for a model with other vocabularies.

    >>> model = Transformer(len(TOPIC_WORDS), len(WORDS), d_model=4, n_heads=2, n_layers=1, d_ff=4)
    >>> w = DecodingWidget(model, beams=2, steps=3)
    >>> len(w.hypotheses), w.probabilities.shape == (len(WORDS),)
    (2, True)
    """

    _front_end = "widget.js"

    topic = Choice(*TOPICS).tag(sync=True)
    beams = Whole(1, MAX_BEAMS, default=3).tag(sync=True)
    length_penalty = Real(0, 2, default=0).tag(sync=True)
    steps = Whole(0, MAX_STEPS, default=4).tag(sync=True)
    temperature = Real(0.1, 3, default=1).tag(sync=True)
    top_k = Whole(1, len(WORDS), default=len(WORDS)).tag(sync=True)
    top_p = Real(0.05, 1, default=1).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        bos=BOS,
        eos=EOS,
        end=END,
        words=["".join(WORDS.decode([number])) for number in range(len(WORDS))],
        sources=dict(zip(TOPICS, TOPIC_WORDS.encode(TOPICS), strict=True)),
    )

    def __init__(
        self,
        model: Transformer,
        *,
        topic: str = "coffee",
        beams: int = 3,
        length_penalty: float = 0.0,
        steps: int = 4,
        temperature: float = 1.0,
        top_k: int = len(WORDS),
        top_p: float = 1.0,
    ):
        sizes = (model.src_embedding.num_embeddings, model.to_logits.out_features)
        if sizes != (len(TOPIC_WORDS), len(WORDS)):
            raise ValueError(
                "expected a model with vocabularies of "
                f"{(len(TOPIC_WORDS), len(WORDS))} tokens, got {sizes}"
            )
        self._rounded = rounded(model)
        super().__init__(
            topic=topic, beams=beams, length_penalty=length_penalty, steps=steps,
            temperature=temperature, top_k=top_k, top_p=top_p, _model=pack_transformer(model),
        )  # fmt: skip

    @property
    def hypotheses(self) -> list[tuple[str, float, float]]:
        """The beams, best first: words, log-probability and score; ■ marks an end."""
        return [
            (" ".join(WORDS.decode(tokens) + [END] * (EOS in tokens)), log_p, score)
            for tokens, log_p, score in self._beams()
        ]

    @property
    def probabilities(self) -> np.ndarray:
        """What the word after the best beam that has not ended is drawn from; 0 if all have."""
        for tokens, _, _ in self._beams():
            if EOS not in tokens:
                with torch.no_grad():
                    logits = self._rounded(self._source, torch.tensor([[BOS, *tokens]]))[0, -1]
                p = next_probabilities(
                    logits, temperature=self.temperature, top_k=self.top_k, top_p=self.top_p
                )
                return p.double().numpy()
        return np.zeros(len(WORDS))

    @property
    def _source(self) -> torch.Tensor:
        return torch.tensor([TOPIC_WORDS.encode([self.topic])])  # (1, 1)

    def _beams(self) -> list[tuple[list[int], float, float]]:
        """Tokens, log-probability and score of each beam, best first."""
        if self.steps == 0:
            return [([], 0.0, 0.0)]
        found = beam_search(
            self._rounded, self._source, bos=BOS, eos=EOS, max_len=self.steps, beams=self.beams,
            length_penalty=self.length_penalty,
        )  # fmt: skip
        beams = []
        for tokens, score in zip(found.tokens[0].tolist(), found.scores[0].tolist(), strict=True):
            length = tokens.index(EOS) + 1 if EOS in tokens else len(tokens)
            log_p = score * math.pow((5 + length) / 6, self.length_penalty)
            beams.append((tokens[:length], log_p, score))
        return beams
