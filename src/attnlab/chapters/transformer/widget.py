"""Two trained Transformers in the reader's browser: English to Chinese, and dates to ISO."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.transformer.reading import Readable, dates_in, sentences
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.vocabulary import BOS, EOS, PAD, SPECIAL, UNK
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.grammar import packed_grammar
from attnlab.widgets.packing import pack_transformer, rounded
from attnlab.widgets.traits import Choice, Constants, Switch, Whole

MAX_STEPS = 12  # more than the longest target of either task
MAX_ASKED = 40  # tokens of a source that is asked about although it cannot be read
KINDS = ("encoder", "decoder", "cross")  # the attentions of a model


class TransformerWidget(LabWidget):
    r"""What a trained model makes of a source: token by token, with every weight, head by head.

    Args:
        translator: a `Transformer` of one layer, trained on `Grammar`.
        dater: one with as many heads, trained on `dates`.
        dates: the dates that the second was trained on.
        task: "translation" or "dates".
        source: what to read, in capitals or not; a full stop at its end is left out.
        step: how many tokens are shown, 1 to 12; the last of them is looked at.
        heads_off: heads that are switched off, such as "encoder 1", "decoder 4" and "cross 2".
        anyway: whether the model is asked about what it cannot read as well, up to 40 tokens.

    The page holds the models' parameters rounded to 12 bits each, and so does the widget.

    Errors: ValueError for models of several layers, with different numbers of heads, or with
    another vocabulary than their task; TraitError for other values, here or when they are set.

    >>> dates, grammar = Dates(), Grammar()
    >>> sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    >>> translator = Transformer(len(grammar.src_vocabulary), len(grammar.tgt_vocabulary), **sizes)
    >>> dater = Transformer(len(dates.src_vocabulary), len(dates.tgt_vocabulary), **sizes)
    >>> w = TransformerWidget(translator, dater, dates, source="I love programming")
    >>> w.weights["encoder"].shape  # (h, m, m)
    (2, 3, 3)
    >>> w.source = "I adore programming"
    >>> w.message, w.output
    ('The model has never read “adore”.', '')
    """

    _front_end = "widget.js"

    task = Choice("translation", "dates").tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    step = Whole(1, MAX_STEPS, default=MAX_STEPS).tag(sync=True)
    heads_off = traitlets.Tuple().tag(sync=True)
    anyway = Switch(False).tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        bos=BOS,
        eos=EOS,
        end=END,
        never_written=[PAD, BOS, UNK],
        max_asked=MAX_ASKED,
        grammar=packed_grammar(),
    )

    def __init__(
        self,
        translator: Transformer,
        dater: Transformer,
        dates: Dates,
        *,
        task: str = "translation",
        source: str = "I love programming",
        step: int = MAX_STEPS,
        heads_off: tuple[str, ...] = (),
        anyway: bool = False,
    ):
        self._readable = {"translation": sentences(Grammar()), "dates": dates_in(dates)}
        given = {"translation": translator, "dates": dater}
        for name, model in given.items():
            _check_model(name, model, self._readable[name], translator.encoder.n_heads)
        self._rounded = {name: rounded(model) for name, model in given.items()}
        packed = {
            name: pack_transformer(model) | self._readable[name].for_page()
            for name, model in given.items()
        }
        self._n_heads = translator.encoder.n_heads
        super().__init__(
            task=task, source=source, step=step, heads_off=heads_off, anyway=anyway, _models=packed
        )  # fmt: skip

    @property
    def message(self) -> str:
        """Why the source cannot be read, or nothing if it can."""
        return self._readable[self.task].message(self.source)

    @property
    def remark(self) -> str:
        """What is to be known of a source that can be read, if it was not in the training data."""
        return self._readable[self.task].remark(self.source)

    @property
    def source_tokens(self) -> list[str]:
        """The source in tokens, (m)."""
        return self._readable[self.task].tokens(self.source)

    @property
    def output(self) -> str:
        """What the model writes; nothing for a source that cannot be read, unless asked anyway."""
        return "".join(self.output_tokens).removesuffix(END)

    @property
    def output_tokens(self) -> list[str]:
        """What the model writes, in tokens, (n); the last one is its end mark, if it ends."""
        words = [*SPECIAL, *self._readable[self.task].tgt_words]
        return [END if token == EOS else words[token] for token in self._run()[0]]

    @property
    def probabilities(self) -> np.ndarray:
        """The probability of every token at each step, (n, V)."""
        return self._run()[1]

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights of all heads: "encoder" (h, m, m), "decoder" (h, n, n), "cross" (h, n, m)."""
        return self._run()[2]

    def _run(self) -> tuple[list[int], np.ndarray, dict[str, np.ndarray]]:
        """Decode greedily; no token at all where the source cannot be read."""
        readable, model = self._readable[self.task], self._rounded[self.task]
        if self.message and not (self.anyway and 0 < len(self.source_tokens) <= MAX_ASKED):
            none = {kind: np.zeros((self._n_heads, 0, 0)) for kind in KINDS}
            return [], np.zeros((0, len(readable.tgt))), none
        src = torch.tensor([readable.src.encode(self.source_tokens)])  # (1, m)
        on = {kind: [f"{kind} {h}" not in self.heads_off for h in self._heads] for kind in KINDS}
        masks = {
            "encoder_head_mask": torch.tensor([on["encoder"]]),  # (1, h)
            "decoder_head_mask": torch.tensor([[on["decoder"], on["cross"]]]),  # (1, 2, h)
        }
        tokens: list[int] = []
        while True:
            with torch.no_grad():
                logits, weights = model(
                    src, torch.tensor([[BOS, *tokens]]), return_weights=True, **masks
                )  # (1, n, V)
            tokens.append(int(logits[0, -1].argmax()))
            if tokens[-1] == EOS or len(tokens) == MAX_STEPS:
                break
        (encoder,), (decoder,) = weights.encoder, weights.decoder
        found = {
            "encoder": encoder.self_attention,
            "decoder": decoder.self_attention,
            "cross": decoder.cross_attention,
        }
        every = {kind: weights[0].double().numpy() for kind, weights in found.items()}
        return tokens, logits[0].softmax(-1).double().numpy(), every

    @property
    def _heads(self) -> range:
        return range(1, self._n_heads + 1)

    @traitlets.validate("heads_off")
    def _known_heads(self, proposal: dict) -> tuple[str, ...]:
        names = [f"{kind} {h}" for kind in KINDS for h in self._heads]
        for name in proposal["value"]:
            if name not in names:
                raise traitlets.TraitError(
                    f"heads_off must be some of {names[0]!r} to {names[-1]!r}; got {name!r}"
                )
        return tuple(proposal["value"])

    def __repr__(self) -> str:
        return f"TransformerWidget(task={self.task!r}, source={self.source!r})"


def _check_model(name: str, model: Transformer, readable: Readable, n_heads: int) -> None:
    expected = (1, n_heads, len(readable.src), len(readable.tgt))
    given = (
        len(model.encoder.layers), model.encoder.n_heads,
        model.src_embedding.num_embeddings, model.to_logits.out_features,
    )  # fmt: skip
    if given != expected:
        raise ValueError(
            f"expected a model for {name} with layers, heads, src_vocab, tgt_vocab = {expected}, "
            f"got {given}"
        )
