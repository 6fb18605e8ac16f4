"""Copiers: what they read, what they refuse, and which of them know the order."""

import pytest
import torch

from attnlab.chapters.positions.models import Copier
from attnlab.tasks.copying import V, copy_loss, copy_tokens

KINDS = ["none", "sinusoidal", "learned", "relative", "rotary", "alibi", "concatenated"]


@pytest.mark.parametrize("positions", KINDS)
def test_a_copier_does_not_see_the_future(positions):
    torch.manual_seed(0)
    model = Copier(positions, d_model=24).eval()
    tokens = copy_tokens(3, size=2)  # (B, 7)
    changed = tokens.clone()
    changed[:, 4:] = (changed[:, 4:] + 1) % V
    assert model(tokens).shape == (2, 7, V)
    torch.testing.assert_close(model(tokens)[:, :4], model(changed)[:, :4], rtol=0, atol=0)
    assert (model(tokens) != model(changed))[:, 4:].any()


@pytest.mark.parametrize("positions", ["rotary", "alibi", "relative", "none"])
def test_relative_codes_give_the_same_behind_what_is_hidden(positions):
    """The scores of a first layer depend on distances alone: more in front changes nothing."""
    torch.manual_seed(0)
    layers = Copier(positions, d_model=24).layers
    inside = layers.positions.inside
    x = torch.randn(1, 5, 24)
    layer = layers.layers[0]
    alone = layer(x, causal=True, **inside(x))
    longer = torch.cat([torch.randn(1, 3, 24), x], dim=1)
    hidden = torch.arange(8) >= 3
    behind = layer(longer, mask=hidden, causal=True, **inside(longer))[:, 3:]
    torch.testing.assert_close(alone, behind, rtol=1e-4, atol=1e-5)


def test_the_relative_bias_is_learned():
    model = Copier("relative", d_model=24)
    copy_loss(model, copy_tokens(4, size=8)).backward()
    assert model.layers.positions.bias.bias.grad.abs().sum() > 0


@pytest.mark.parametrize("d_model", [16, 20])
def test_a_width_that_does_not_fit_is_refused(d_model):
    with pytest.raises(ValueError, match=f"a multiple of 8 above 16, got {d_model}"):
        Copier("none", d_model=d_model)


def test_other_positions_are_refused():
    with pytest.raises(ValueError, match=r"positions must be one of .*; got 'absolute'"):
        Copier("absolute")


@pytest.mark.parametrize(("name", "n", "size"), [("n", 0, 1), ("size", 1, 0)])
def test_there_is_something_to_copy(name, n, size):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        copy_tokens(n, size=size)
