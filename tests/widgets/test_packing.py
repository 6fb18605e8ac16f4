"""Parameters in 12 bits: the page unpacks what Python computes with."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.widgets.packing import LARGEST, pack, pack_transformer, rounded
from tests.widgets.node import SHARED, in_node
from tests.widgets.test_transformer_in_js import make


class Numbers(nn.Module):
    """Parameters of every size, one of them shared."""

    def __init__(self):
        super().__init__()
        self.mixed = nn.Parameter(torch.tensor([[0.0, -0.0, 1 / 3], [-2.5, 1e-9, 65504.0]]))
        self.tiny = nn.Parameter(torch.tensor([1e-30, -7e-31]))
        self.none = nn.Parameter(torch.zeros(2, 3))
        self.same = self.mixed


def test_the_page_has_the_numbers_that_are_computed_with():
    model = Numbers()
    twin, packed = rounded(model), pack(model)
    (found,) = in_node(("unpack", packed), modules=[SHARED / "packing.js"])
    assert list(found) == ["mixed", "tiny", "none"]
    for name, tensor in twin.named_parameters():
        assert found[name]["values"] == tensor.ravel().tolist()
        assert found[name]["width"] == tensor.shape[-1]


def test_rounding_errs_by_half_a_step_at_most():
    model = Numbers()
    for parameter, ours in zip(model.parameters(), rounded(model).parameters(), strict=True):
        values = parameter.detach().double()
        half = values.abs().max() / LARGEST / 2
        assert ((ours - values).abs() <= half * (1 + 1e-9)).all()


def test_packed_small_and_a_shared_matrix_once():
    shared, apart = pack(make(11, 13)), pack(make(11, 13, shared=False))
    names = [name for name, *_ in shared["tensors"]]
    assert "to_logits.weight" not in names
    assert "to_logits.weight" in [name for name, *_ in apart["tensors"]]
    count = sum(parameter.numel() for parameter in make(11, 13).parameters())
    assert len(json.dumps(shared)) < 2 * count + 6000


def test_rounding_leaves_the_model_alone():
    model = make(11, 13)
    before = model.to_logits.weight.clone()
    twin = rounded(model.train())
    assert twin.to_logits.weight is twin.tgt_embedding.weight
    assert twin.to_logits.weight.dtype == torch.float64 and not twin.training
    assert model.to_logits.weight.dtype == torch.float32 and model.training
    assert torch.equal(model.to_logits.weight, before)
    assert not torch.equal(twin.to_logits.weight.float(), before)


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("use", [pack, rounded])
def test_what_is_not_finite_is_refused(number, use):
    model = make(4, 5)
    with torch.no_grad():
        model.encoder.last_norm.weight[0] = number
    with pytest.raises(
        ValueError, match=r"are finite, got (inf|nan) in encoder\.last_norm\.weight"
    ):
        use(model)


def test_which_transformers_cannot_be_packed():
    with pytest.raises(ValueError, match="got 'rotary' and True"):
        pack_transformer(make(4, 5, positions="rotary", n_heads=2))
    with pytest.raises(ValueError, match="got 'sinusoidal' and False"):
        pack_transformer(make(4, 5, bias=False))
