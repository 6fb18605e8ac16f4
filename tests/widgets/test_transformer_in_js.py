"""The Transformer in the browser computes what torch computes from the same 16-bit parameters."""

import random
from datetime import date

import numpy as np
import pytest
import torch

from attnlab.decoding import greedy
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.pairs import collate
from attnlab.tasks.vocabulary import BOS, EOS
from attnlab.widgets.packing import pack_transformer, rounded
from tests.widgets.node import SHARED, Result, in_node

OUR_MATH = SHARED / "transformer.js"
LIMITS = {"bos": BOS, "eos": EOS, "maxLen": 12}


def make(src_vocab, tgt_vocab, *, d_model=12, n_heads=3, seed=0, shared=True, **options):
    """A model whose every parameter is far from its start, biases and norms included."""
    torch.manual_seed(seed)
    model = Transformer(
        src_vocab, tgt_vocab, d_model=d_model, n_heads=n_heads, d_ff=20,
        **{"n_layers": 2, "dropout": 0.0} | options,
    )  # fmt: skip
    if shared:
        model.to_logits.weight = model.tgt_embedding.weight
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval()


def called(model, *calls):
    """The model as the page has it, and the result of each call on it."""
    on_it = [(name, Result(0), *inputs) for name, *inputs in calls]
    return in_node(("unpackTransformer", pack_transformer(model)), *on_it, modules=[OUR_MATH])


def in_browser(model, sources, heads=None):
    """What the page decodes from each source, unpadded."""
    limits = LIMITS | {"heads": heads or {}}
    return called(model, *(("decodeGreedily", source, limits) for source in sources))[1:]


@torch.no_grad()
def in_torch(model, source, tokens, **head_masks):
    before = torch.tensor([[BOS, *tokens[:-1]]])
    return model(torch.tensor([source]), before, return_weights=True, **head_masks)


def check_against_torch(model, source, found, **head_masks):
    n = len(found["tokens"])
    logits, weights = in_torch(model, source, found["tokens"], **head_masks)
    p = logits[0].softmax(-1)
    close = {"rtol": 0, "atol": 1e-6}
    np.testing.assert_allclose(found["probabilities"], p, **close)
    for layer, one in enumerate(weights.encoder):
        np.testing.assert_allclose(found["encoder"][layer], one.self_attention[0], **close)
    for layer, one in enumerate(weights.decoder):
        for i in range(n):
            own, cross = found["self"][i][layer], found["cross"][i][layer]
            np.testing.assert_allclose(own, one.self_attention[0, :, i, : i + 1], **close)
            np.testing.assert_allclose(cross, one.cross_attention[0, :, i], **close)


@pytest.mark.parametrize("options", [{}, {"norm": "post"}, {"n_layers": 1, "shared": False}])
def test_probabilities_and_every_weight(options):
    model = make(11, 13, **options)
    sources = [[4], [5, 6, 7], list(range(11))]
    twin = rounded(model)
    for source, found in zip(sources, in_browser(model, sources), strict=True):
        check_against_torch(twin, source, found)


def held_out(task):
    """200 sources that are never trained on."""
    if task == "grammar":
        grammar = Grammar()
        sentences = random.Random(0).sample(grammar.sentences("test"), 200)
        return grammar, [grammar.pair(sentence) for sentence in sentences]
    dates, chance = Dates(("en", "de", "zh")), random.Random(0)
    days = [date.fromordinal(chance.randrange(720_000, 740_000)) for _ in range(2000)]
    unseen = [day for day in days if dates.is_held_out(day)][:200]
    ways = [(chance.choice(dates.languages), chance.choice(dates.formats)) for _ in unseen]
    return dates, [dates.pair(day, *way) for day, way in zip(unseen, ways, strict=True)]


@pytest.mark.parametrize("task", ["dates", "grammar"])
def test_200_held_out_inputs(task):
    data, pairs = held_out(task)
    assert len(pairs) == 200
    model = make(
        len(data.src_vocabulary), len(data.tgt_vocabulary), d_model=16, n_heads=4, n_layers=1
    )
    twin, batch = rounded(model), collate(pairs)
    tokens = greedy(
        twin, batch.src, bos=BOS, eos=EOS, max_len=LIMITS["maxLen"], src_mask=batch.src_mask
    )
    with torch.no_grad():
        before = torch.nn.functional.pad(tokens, (1, -1), value=BOS)
        p = twin(batch.src, before, src_mask=batch.src_mask).softmax(-1)  # (B, n, V)
    worst = 0.0
    every = in_browser(model, [pair.src for pair in pairs])
    for found, row, theirs in zip(every, tokens.tolist(), p, strict=True):
        n = len(found["tokens"])
        assert found["tokens"] == row[:n]
        assert found["tokens"][-1] == EOS or n == LIMITS["maxLen"]
        worst = max(worst, np.abs(np.array(found["probabilities"]) - theirs[:n].numpy()).max())
    assert worst <= 1e-6


def test_heads_can_be_switched_off():
    model = make(11, 13)
    source = [4, 5, 6]
    encoder = np.array([[1, 0, 1], [1, 1, 0]])
    decoder = np.array([[[1, 1, 0], [0, 1, 1]], [[1, 1, 1], [0, 0, 0]]])
    masks = {"encoder": encoder.tolist(), "decoder": decoder.tolist()}
    (found,) = in_browser(model, [source], heads=masks)
    check_against_torch(
        rounded(model), source, found,
        encoder_head_mask=torch.tensor(encoder), decoder_head_mask=torch.tensor(decoder),
    )  # fmt: skip
    (whole,) = in_browser(model, [source])
    assert not np.allclose(found["probabilities"][0], whole["probabilities"][0], atol=0.01)


def test_a_state_can_be_gone_on_from_twice():
    model = make(11, 13)
    _, start = called(model, ("startDecoding", [4, 5]))
    _, first = called(model, ("stepDecoding", BOS, start["state"]))
    second = called(model, *(("stepDecoding", token, first["state"]) for token in (5, 6)))[1:]
    for token, found in zip((5, 6), second, strict=True):
        logits, _ = in_torch(rounded(model), [4, 5], [token, EOS])
        np.testing.assert_allclose(found["logits"], logits[0, -1], rtol=0, atol=1e-6)
        assert found["state"]["length"] == 2
