"""A small trained model, searched by hand: beams, step by step."""

import math

import torch
import traitlets

from attnlab.decoding import beam_search
from attnlab.models.transformer import Transformer
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL, Vocabulary
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.packing import pack_transformer, rounded
from attnlab.widgets.traits import Choice, Constants, Real, Whole

_GRAMMAR = Grammar()
TOPICS = sorted({_GRAMMAR.object_of(s[2]) for s in _GRAMMAR.sentences("train")})
WORDS = _GRAMMAR.src_vocabulary
TOPIC_WORDS = Vocabulary(TOPICS)
NAMES = [*SPECIAL, *WORDS.decode(range(len(SPECIAL), len(WORDS)))]
MAX_STEPS, MAX_BEAMS = 12, 32


class BeamsWidget(LabWidget):
    r"""Beam search, step by step, over what a model says about a topic.

    Args:
        model: a `Transformer` from a topic (`TOPIC_WORDS`) to a sentence of the grammar (`WORDS`).
        topic: one of `TOPICS`.
        beams, length_penalty: K, 1 to 32, and α, 0 to 2; see `beam_search`.
        steps: how many steps the beams have gone, 0 to 12.

    The page holds the model's parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range or an unknown topic, here or when it is set;
    ValueError for a model with other vocabularies.

    >>> model = Transformer(len(TOPIC_WORDS), len(WORDS), d_model=4, n_heads=2, n_layers=1, d_ff=4)
    >>> w = BeamsWidget(model, beams=2, steps=3)
    >>> len(w.hypotheses)
    2
    """

    _front_end = "widget.js"

    topic = Choice(*TOPICS).tag(sync=True)
    beams = Whole(1, MAX_BEAMS, default=4).tag(sync=True)
    length_penalty = Real(0, 2, default=0).tag(sync=True)
    steps = Whole(0, MAX_STEPS, default=4).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        bos=BOS,
        eos=EOS,
        end=END,
        words=NAMES,
        sources=dict(zip(TOPICS, TOPIC_WORDS.encode(TOPICS), strict=True)),
    )

    def __init__(
        self,
        model: Transformer,
        *,
        topic: str = "coffee",
        beams: int = 4,
        length_penalty: float = 0.0,
        steps: int = 4,
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
            _model=pack_transformer(model),
        )  # fmt: skip

    @property
    def hypotheses(self) -> list[tuple[str, float, float]]:
        """The beams, best first: words, log-probability and score; ■ marks an end."""
        return [
            (" ".join(WORDS.decode(tokens) + [END] * (EOS in tokens)), log_p, score)
            for tokens, log_p, score in self._beams()
        ]

    def _beams(self) -> list[tuple[list[int], float, float]]:
        """Tokens, log-probability and score of each beam, best first."""
        if self.steps == 0:
            return [([], 0.0, 0.0)]
        found = beam_search(
            self._rounded, source_of(self.topic), bos=BOS, eos=EOS, max_len=self.steps,
            beams=self.beams, length_penalty=self.length_penalty,
        )  # fmt: skip
        beams = []
        for tokens, score in zip(found.tokens[0].tolist(), found.scores[0].tolist(), strict=True):
            length = tokens.index(EOS) + 1 if EOS in tokens else len(tokens)
            log_p = score * math.pow((5 + length) / 6, self.length_penalty)
            beams.append((tokens[:length], log_p, score))
        return beams


def source_of(topic: str) -> torch.Tensor:
    """What the model reads, (1, 1)."""
    return torch.tensor([TOPIC_WORDS.encode([topic])])
