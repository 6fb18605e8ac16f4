"""A number to type, what a trained Transformer writes for it in Chinese, and where it looks."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.translation import numbers
from attnlab.models.transformer import Transformer
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.packing import pack_transformer, rounded
from attnlab.widgets.traits import Constants, Whole

MAX_STEPS = 24  # more than the longest number of nine digits takes
HIGHEST = 999_999_999


class TranslationWidget(LabWidget):
    """What a trained model writes for a number, token by token, and the weights behind each.

    Args:
        model: a `Transformer` for `numbers`, from English words to Chinese characters.
        number: what it is to translate, 1 to 999,999,999.
        step: which token of its answer is looked at, 1 to 24.

    The page holds the model's parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for a value out of range, here or when it is set; ValueError for a model
    with other vocabularies.

    >>> sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    >>> w = TranslationWidget(Transformer(len(numbers.SRC), len(numbers.TGT), **sizes), number=12)
    >>> w.words, w.wanted, w.weights.shape[1]
    (['twelve'], '十二', 1)
    """

    _front_end = "widget.js"

    number = Whole(1, HIGHEST, default=120_034).tag(sync=True)
    step = Whole(1, MAX_STEPS, default=3).tag(sync=True)
    _model = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        bos=BOS,
        eos=EOS,
        end=END,
        special=list(SPECIAL),
        small=numbers.SMALL,
        tens=numbers.TENS,
        src=numbers.SRC.decode(range(len(SPECIAL), len(numbers.SRC))),
        tgt=numbers.TGT.decode(range(len(SPECIAL), len(numbers.TGT))),
        trained=10**numbers.MOST_DIGITS - 1,
    )

    def __init__(self, model: Transformer, *, number: int = 120_034, step: int = 3):
        given = (model.src_embedding.num_embeddings, model.to_logits.out_features)
        expected = (len(numbers.SRC), len(numbers.TGT))
        if given != expected:
            raise ValueError(f"expected a model with {expected} tokens, got {given}")
        self._rounded = rounded(model)
        super().__init__(number=number, step=step, _model=pack_transformer(model))

    @property
    def words(self) -> list[str]:
        """The number in English words, (m)."""
        return numbers.english(self.number)

    @property
    def wanted(self) -> str:
        """The number in Chinese characters."""
        return numbers.chinese(self.number)

    @property
    def output(self) -> str:
        """What the model writes, without its end mark."""
        return "".join(numbers.TGT.decode(self._run()[0]))

    @property
    def right(self) -> bool:
        """Whether that is the number."""
        return self.output == self.wanted

    @property
    def weights(self) -> np.ndarray:
        """Where each token looks, the end mark included, in the mean of heads: (n, m)."""
        return self._run()[1]

    def _run(self) -> tuple[list[int], np.ndarray]:
        src = torch.tensor([numbers.SRC.encode(self.words)])  # (1, m)
        tokens: list[int] = []
        while True:
            with torch.no_grad():
                logits, weights = self._rounded(
                    src, torch.tensor([[BOS, *tokens]]), return_weights=True
                )  # (1, n, V)
            tokens.append(int(logits[0, -1].argmax()))
            if tokens[-1] == EOS or len(tokens) == MAX_STEPS:
                cross = weights.decoder[-1].cross_attention  # (1, h, n, m)
                return tokens, cross[0].mean(0).double().numpy()
