"""Small models for the examiner to look at, right and wrong."""

import torch
from torch import Tensor, nn

import attnlab

VOCABULARY = 20
IDS = torch.randint(1, VOCABULARY, (3, 12), generator=torch.Generator().manual_seed(0))


class Writer(nn.Module):
    """A decoder: `attnlab`'s causal stack between an embedding and a map to logits."""

    def __init__(self, *, causal: bool = True, positions: str = "rotary", n_layers: int = 2):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(VOCABULARY, 16)
        self.stack = attnlab.Encoder(
            d_model=16, n_heads=2, n_layers=n_layers, d_ff=32, positions=positions
        )
        self.to_logits = nn.Linear(16, VOCABULARY)
        self.causal = causal

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        x = self.stack(self.embedding(ids), mask=mask, causal=self.causal)
        return self.to_logits(x)


def translator(**options) -> attnlab.Transformer:
    torch.manual_seed(0)
    sizes = {"d_model": 16, "n_heads": 2, "n_layers": 1, "d_ff": 32, "dropout": 0.0}
    return attnlab.Transformer(VOCABULARY, VOCABULARY, **sizes, **options)
