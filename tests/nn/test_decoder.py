"""The decoder and its steps: what its memory hides, and what its state takes."""

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.functional.masks import padding_mask
from attnlab.nn.decoder import Decoder

B, N, M, D, H = 3, 4, 7, 8, 2
SIZES = {"d_model": D, "n_heads": H, "n_layers": 2, "d_ff": 13}
SCHEMES = ["sinusoidal", "learned", "rotary", "alibi", "none"]
MASK = padding_mask(torch.tensor([M, 2, 3]), M)


def decoder_of(positions="none", norm="pre"):
    decoder = Decoder(**SIZES, positions=positions, norm=norm).double()
    for parameter in decoder.parameters():
        nn.init.normal_(parameter, mean=0.1, std=0.4)
    return decoder


def inputs():
    return torch.randn(B, N, D).double(), torch.randn(B, M, D).double()


@pytest.mark.parametrize("positions", SCHEMES)
@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("junk", [torch.nan, torch.inf, 1e300])
@pytest.mark.parametrize("as_mask", [lambda mask: mask, lambda mask: mask.numpy()])
def test_padding_of_the_memory_changes_nothing(positions, norm, junk, as_mask):
    decoder, (x, memory) = decoder_of(positions, norm), inputs()
    wild = torch.where(MASK.mT, memory, junk)
    expected = decoder(x, memory, memory_mask=MASK)
    output = decoder(x, wild, memory_mask=as_mask(MASK))
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-12)
    output.square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in decoder.parameters())
    state = decoder.start(wild, as_mask(MASK), N)
    with torch.no_grad():
        steps = torch.cat([decoder.step(x[:, [t]], state) for t in range(N)], dim=1)
    torch.testing.assert_close(steps, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("positions", SCHEMES)
def test_padding_behind_the_target_changes_nothing_real(positions):
    decoder, (x, memory) = decoder_of(positions), inputs()
    mask = padding_mask(torch.tensor([N, 1, 2]), N)
    real = mask[:, 0]
    wild = torch.where(mask.mT, x, torch.nan)
    expected = decoder(x, memory, mask=mask)[real]
    for options in ({}, {"mask": mask}, {"mask": mask.numpy()}):
        output = decoder(wild, memory, **options)[real]
        torch.testing.assert_close(output, expected, rtol=0, atol=1e-12)


def test_a_memory_that_is_seen_and_not_finite_is_passed_on():
    decoder, (x, memory) = decoder_of(), inputs()
    memory[0, 0, 0] = torch.nan
    state = decoder.start(memory, MASK, N)
    for output in (decoder(x, memory, memory_mask=MASK)[:, :1], decoder.step(x[:, :1], state)):
        assert output[0].isnan().all() and output[1:].isfinite().all()


@pytest.mark.parametrize("finite", [True, False])
def test_a_state_knows_whether_its_memory_is_finite(finite):
    decoder, (_, memory) = decoder_of(), inputs()
    memory[0, 0, 0] = 1 if finite else torch.inf
    assert decoder.start(memory, None, N).finite is finite


def test_masks_of_the_memory_broadcast():
    decoder, (x, memory) = decoder_of(), inputs()
    mask = torch.arange(M) < 3
    expected = decoder(x, memory, memory_mask=mask.expand(B, 1, M))[:, :1]
    for one in (mask, mask[None], mask[None, None], mask.numpy()):
        torch.testing.assert_close(decoder(x, memory, memory_mask=one)[:, :1], expected)
        state = decoder.start(memory, one, N)
        torch.testing.assert_close(decoder.step(x[:, :1], state), expected)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f, x, m: f(x, None), TypeError, "memory must be a torch tensor, got NoneType"),
        (lambda f, x, m: f(x, m.numpy()), TypeError, "memory must be a torch tensor, got numpy"),
        (lambda f, x, m: f(x, m.float()), TypeError, "memory must have the dtype of the weights"),
        (lambda f, x, m: f(x, m[:2]), ValueError, r"memory must have shape \(3, 7, 8\), got \(2"),
        (lambda f, x, m: f(x, m, memory_mask=[1]), TypeError, "memory_mask must be a NumPy array"),
        (
            lambda f, x, m: f(x, m, head_mask=np.ones((2, 2, H))),
            TypeError,
            "head_mask must be a torch tensor, got numpy",
        ),
        (lambda f, x, m: f.start(m.tolist(), None, 1), TypeError, "memory must be a torch tensor"),
        (lambda f, x, m: f.start(m, MASK.long(), 1), TypeError, "memory_mask must be boolean"),
        (
            lambda f, x, m: f.start(m, MASK[:, :, :2], 1),
            ValueError,
            r"memory_mask of shape \(3, 1, 2\) does not broadcast",
        ),
        (lambda f, x, m: f.start(m, None, 0), ValueError, "max_len must be at least 1, got 0"),
        (lambda f, x, m: f.step(x[:, :1], {}), TypeError, "state must be a DecoderState, got dict"),
        (
            lambda f, x, m: f.step(None, f.start(m, None, 1)),
            TypeError,
            "x must be a torch tensor, got NoneType",
        ),
        (
            lambda f, x, m: f.start(m, None, 1).select([0]),
            TypeError,
            "rows must be a torch tensor, got list",
        ),
        (
            lambda f, x, m: f.start(m, None, 1).select(torch.tensor([B])),
            ValueError,
            r"rows must be from 0 to 2, got \[3\]",
        ),
        (
            lambda f, x, m: f.start(m, None, 1).select(torch.tensor([True, False, True])),
            TypeError,
            "rows must be integers, got torch.bool",
        ),
    ],
)
def test_bad_calls_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(decoder_of(), *inputs())
