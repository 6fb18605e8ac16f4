"""Which entry of a batch is which, and what is said where that can't be told."""

from collections import namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from attnlab.examine import CannotExamine, examine
from attnlab.examine.roles import find_roles, parts
from tests.examine.models import IDS, Writer, translator

MASK, SOURCE = torch.ones_like(IDS), IDS[:, :7]


@pytest.mark.parametrize(
    ("entries", "roles"),
    [
        ({"x": IDS}, {"x": "tokens"}),
        ({"input_ids": IDS, "attention_mask": MASK, "labels": IDS},
         {"input_ids": "tokens", "attention_mask": "real", "labels": "labels"}),
        ({"input_ids": SOURCE, "attention_mask": MASK[:, :7], "decoder_input_ids": IDS},
         {"input_ids": "source", "attention_mask": "source real", "decoder_input_ids": "tokens"}),
        ({"src": SOURCE, "tgt": IDS, "tgt_key_padding_mask": MASK.bool()},
         {"src": "source", "tgt": "tokens", "tgt_key_padding_mask": "padding"}),
        ({"src": SOURCE, "tgt": IDS, "src_mask": MASK[:, None, :7]},
         {"src": "source", "tgt": "tokens", "src_mask": "source real"}),
        ({"src": IDS, "src_key_padding_mask": MASK.bool()},
         {"src": "tokens", "src_key_padding_mask": "padding"}),
        ({"tgt": torch.rand(3, 5, 2), "memory": torch.rand(3, 4, 2)},
         {"tgt": "tokens", "memory": "source"}),
        ({"a": SOURCE, "b": IDS}, {"a": "source", "b": "tokens"}),
        ({"idx": IDS, "targets": IDS}, {"idx": "tokens", "targets": "labels"}),
        ({"input_ids": IDS, "position_ids": IDS, "token_type_ids": IDS, "use_cache": False},
         {"input_ids": "tokens", "position_ids": "positions", "token_type_ids": "as is",
          "use_cache": "as is"}),
        ({"src": SOURCE, "tgt": IDS, "tgt_mask": torch.ones(12, 12)},
         {"src": "source", "tgt": "tokens", "tgt_mask": "as is"}),
    ],
)  # fmt: skip
def test_roles(entries, roles):
    assert find_roles(entries, {}) == roles


def test_roles_that_are_given_come_first():
    assert find_roles({"a": IDS, "b": IDS}, {"a": "tokens", "b": "labels"}) == {
        "a": "tokens", "b": "labels",
    }  # fmt: skip


def test_a_batch_is_put_together_as_it_came():
    Pair = namedtuple("Pair", ["src", "tgt"])

    @dataclass(frozen=True)
    class Batch:
        src: torch.Tensor
        tgt: torch.Tensor

    for batch in (
        IDS,
        (SOURCE, IDS),
        {"src": SOURCE, "tgt": IDS},
        Pair(SOURCE, IDS),
        Batch(SOURCE, IDS),
    ):
        entries, whole = parts(batch, translator())
        again = whole(entries)
        assert type(again) is type(batch)
        assert [id(x) for x in parts(again, translator())[0].values()] == [
            id(x) for x in entries.values()
        ]


def test_names_of_a_tuple_are_those_of_the_call():
    assert list(parts((SOURCE, IDS), translator())[0]) == ["src", "tgt"]
    assert list(parts((SOURCE, IDS), lambda *args: args)[0]) == ["argument 0", "argument 1"]


@pytest.mark.parametrize(
    ("batch", "options", "said"),
    [
        (None, {}, "must be a tensor or a dataclass"),
        ((), {}, "must be a tensor or a dataclass"),
        ({"n": 3}, {}, "has no sequence"),
        (torch.zeros(3), {}, "has no sequence"),
        (IDS[:0], {}, "at least one sequence of at least one token, got tokens of shape (0, 12)"),
        (IDS[:, :0], {}, "got tokens of shape (3, 0)"),
        (torch.zeros_like(IDS), {}, "at least 3 different ones were expected, got [0]"),
        (torch.full_like(IDS, 1), {"pad": 1}, "at least 3 different ones"),
        (IDS, {"roles": {"y": "tokens"}}, "roles= names entries of the batch, ids"),
        (IDS, {"roles": {"ids": "token"}}, "each with one of tokens, source"),
        (IDS, {"kind": "x"}, "kind must be one of decoder, encoder, encoder-decoder, got 'x'"),
    ],
)  # fmt: skip
def test_batches_that_say_too_little(batch, options, said):
    with pytest.raises(CannotExamine) as caught:
        examine(Writer(), batch, **options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda ids, more: ids, "raised TypeError"),
        (lambda ids: None, "returned NoneType. Hand in forward="),
        (lambda ids: "text", "returned str"),
        (lambda ids: ids, "returned a tensor of (1, 12), torch.int64"),
        (lambda ids: torch.zeros(ids.shape[1], ids.shape[0], 5), "returned a tensor of (12, 1, 5)"),
        (lambda ids: torch.zeros(ids.shape[0], 5), "returned a tensor of (1, 5)"),
        (nn.Embedding(5, 3), "raised IndexError"),
    ],
)
def test_models_that_answer_otherwise(model, said):
    with pytest.raises(CannotExamine) as caught:
        examine(model, IDS)
    assert said in str(caught.value)


def test_a_dataclass_needs_forward():
    @dataclass(frozen=True)
    class Batch:
        src: torch.Tensor
        tgt: torch.Tensor

    batch = Batch(SOURCE, IDS)
    with pytest.raises(CannotExamine, match="hand in forward=lambda model, batch"):
        examine(translator(), batch)
    assert examine(translator(), batch, forward=lambda model, b: model(b.src, b.tgt)).ok
