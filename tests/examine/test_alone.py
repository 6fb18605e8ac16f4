"""Each check finds a mistake that no other check does; else it could go."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import attnlab
from attnlab.examine import CHECKS, examine
from tests.examine.models import IDS, VOCABULARY, Writer, translator
from tests.examine.mutants import MUTANTS

MUTANT = {mutant.name: mutant.build for mutant in MUTANTS}


class Draws(Writer):
    """Logits with dropout that does not ask for the mode."""

    def forward(self, ids, mask=None):
        return F.dropout(super().forward(ids, mask), 0.1)


class Unnormalized(nn.Module):
    """Causal attention whose shares are exponentials, not divided by their sum."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.to_logits = nn.Embedding(VOCABULARY, 8), nn.Linear(8, VOCABULARY)

    def forward(self, ids, return_weights=False):
        x = self.embedding(ids)
        x = x + attnlab.sinusoidal_encoding(ids.shape[1], 8, like=x)
        A = (x @ x.mT / 8).exp().tril()
        logits = self.to_logits(A @ x)
        return (logits, A) if return_weights else logits


class Loud(Writer):
    """Shares its output matrix with embeddings drawn with a deviation of 1, times their width."""

    def forward(self, ids, mask=None):
        return 40 * super().forward(ids, mask)


def shifted(model, batch):
    return F.cross_entropy(model(batch["ids"]).mT, batch["labels"])


def call(model, batch):
    return model(batch["ids"])


SHIFTED = {"batch": {"ids": IDS[:, :-1], "labels": IDS[:, 1:]}, "forward": call, "loss": shifted}
ALONE = {
    "two equal calls": lambda: {"model": Draws(), "batch": IDS},
    "the future": lambda: MUTANT["no causal mask in the fallback"](0),
    "padding": lambda: MUTANT["a batch of one is never padded"](0),
    "alone and in a batch": lambda: MUTANT["attends across the batch"](0),
    "stepwise": lambda: MUTANT["a cache that forgets its offset"](0),
    "the source": lambda: MUTANT["never sees the encoder"](0),
    "order": lambda: {"model": Writer(positions="none", n_layers=1), "batch": IDS},
    "the loss": lambda: MUTANT["labels shifted twice"](0),
    "labels at random": lambda: {"model": Loud(), **SHIFTED},
    "rows of weights": lambda: {"model": Unnormalized(), "batch": IDS},
    "what does nothing": lambda: MUTANT["values are keys"](0),
    "precision and edges": lambda: MUTANT["fully masked row"](0),
}


@pytest.mark.parametrize("check", CHECKS)
def test_a_mistake_that_only_this_check_finds(check):
    report = examine(**ALONE[check]())
    told = {finding.check for finding in (*report.of("fault"), *report.of("remark"))}
    assert told - {"what does nothing"} | {check} == {check}, str(report)
    assert check in told


def test_a_translator_without_any():
    assert examine(translator(), (IDS[:, :7], IDS)).ok
