"""What holds whatever the model: a leak is found wherever it is, and no verdict hangs on scale."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import attnlab
from attnlab.examine import examine
from tests.examine.models import IDS, VOCABULARY, Writer

ONLY_FUTURE = [  # what is not asked for here, for speed
    "two equal calls", "padding", "alone and in a batch", "stepwise", "the source", "order",
    "the loss", "labels at random", "rows of weights", "what does nothing", "precision and edges",
]  # fmt: skip


class Leaks(nn.Module):
    """The output at one place has a little of one later token."""

    def __init__(self, seer: int, token: int, size: float):
        super().__init__()
        self.writer, self.seer, self.token, self.size = Writer(), seer, token, size

    def forward(self, ids):
        outputs = self.writer(ids)
        if ids.shape[1] > self.token:
            seen = self.writer.embedding(ids[:, self.token]).sum(1, keepdim=True)
            outputs[:, self.seer] += self.size * seen
        return outputs


@settings(max_examples=15)
@given(st.integers(0, 70), st.integers(1, 71), st.floats(0.01, 10))
def test_a_leak_from_one_token_to_one_place_is_found(seer, ahead, size):
    token = min(71, seer + ahead)
    leaking = Leaks(seer, token, size)
    report = examine(
        leaking, IDS, without=ONLY_FUTURE, seconds=600
    )  # all tokens, if it is slow, too
    assert report.found() == ["the future"]
    assert f"position {seer} " in str(report) and f"token {token} " in str(report)


@settings(max_examples=10)
@given(
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["sinusoidal", "learned", "rotary", "alibi"]),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
def test_no_healthy_stack_has_a_fault(norm, positions, n_layers, seed):
    torch.manual_seed(seed)
    model = attnlab.Transformer(
        VOCABULARY, VOCABULARY, d_model=8, n_heads=2, n_layers=n_layers, d_ff=16, norm=norm,
        positions=positions,
    )  # fmt: skip
    report = examine(model, (IDS[:, :7], IDS))
    assert report.ok, str(report)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
@pytest.mark.parametrize("causal", [True, False])
def test_no_verdict_hangs_on_the_scale_of_outputs(causal, scale):
    class Scaled(Writer):
        def forward(self, ids, mask=None):
            return super().forward(ids, mask) * scale

    assert examine(Scaled(causal=causal), IDS).found() == ([] if causal else ["the future"])


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_tokens_of_any_integers(dtype):
    assert examine(Writer(), IDS.to(dtype)).ok
