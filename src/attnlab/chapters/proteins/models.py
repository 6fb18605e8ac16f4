r"""A reader that guesses hidden letters of a protein, and the maps of places that it holds.

Letters: B sequences, N of them in a family, L places, q kinds of letters, h heads. Maps are
`(L, L)`, symmetric, with zeros on the diagonal.
"""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from attnlab.chapters.proteins.maps import product_corrected
from attnlab.nn.stacks import Encoder
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

HIDDEN, BATCH = 0.15, 64  # the share of letters that are hidden; sequences in a step


class MaskedReader(nn.Module):
    """A Transformer's encoder that sees letters, some of them hidden, and guesses all.

    Args:
        length: L. n_letters: q. d_model, n_heads, n_layers: of the encoder.

    Shapes:
        letters `(B, L)`, where q means hidden → logits `(B, L, q)` and the weights of all heads,
        `(B, layers · h, L, L)`.

    >>> reader = MaskedReader(5, 3, d_model=8, n_heads=2)
    >>> logits, weights = reader(torch.zeros(7, 5, dtype=torch.long))
    >>> logits.shape, weights.shape
    (torch.Size([7, 5, 3]), torch.Size([7, 4, 5, 5]))
    """

    def __init__(
        self, length: int, n_letters: int, *, d_model: int = 48, n_heads: int = 4, n_layers: int = 2
    ):
        super().__init__()
        self.letter = nn.Embedding(n_letters + 1, d_model)
        self.place = nn.Embedding(length, d_model)
        self.encoder = Encoder(
            d_model=d_model, n_heads=n_heads, n_layers=n_layers, d_ff=2 * d_model
        )
        self.guess = nn.Linear(d_model, n_letters)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u = self.letter(x) + self.place.weight  # (B, L, d_model)
        y, weights = self.encoder(u, return_weights=True)
        return self.guess(y), torch.cat([each.self_attention for each in weights], dim=1)


def train(
    x: np.ndarray, n_letters: int, *, steps: int, seed: int, progress: Progress | str = "training"
) -> MaskedReader:
    """A reader that has seen the sequences `(N, L)` with letters hidden, and was to guess them."""
    letters, generator = torch.from_numpy(x), Generator().manual_seed(seed)
    model = MaskedReader(x.shape[1], n_letters)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            drawn = letters[torch.randint(len(x), (BATCH,), generator=generator)]
            yield drawn, torch.rand(drawn.shape, generator=generator) < HIDDEN

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        drawn, hidden = batch
        logits, _ = model(drawn.masked_fill(hidden, n_letters))
        return F.cross_entropy(logits[hidden], drawn[hidden])

    schedule = linear_decay(steps, warmup_steps=50)
    fit(model, batches(), loss, steps=steps, lr=3e-3, schedule=schedule, progress=progress)
    return model


@torch.no_grad()
def head_maps(model: MaskedReader, x: np.ndarray) -> np.ndarray:
    """The weights of each head, the mean over sequences and both directions. `(heads, L, L)`"""
    weights = model(torch.from_numpy(x))[1].double().mean(0).numpy()
    both = (weights + weights.swapaxes(1, 2)) / 2
    return both * (1 - np.eye(both.shape[-1]))


@torch.no_grad()
def jacobian_map(model: MaskedReader, x: np.ndarray, n_letters: int) -> np.ndarray:
    """How much the guess at one hidden place depends on the letter at another."""
    n, length = x.shape
    found = np.zeros((length, length))
    for i in range(length):
        tried = torch.from_numpy(x).repeat(length, n_letters, 1, 1)  # (L, q, N, L)
        for j in range(length):
            tried[j, :, :, j] = torch.arange(n_letters)[:, None]
        tried[..., i] = n_letters  # hidden, last: a place says nothing of itself
        logits = model(tried.flatten(0, 2))[0][:, i].reshape(length, n_letters, n, n_letters)
        effect = logits.double().mean(2)  # (L, q, q)
        effect = effect - effect.mean(1, keepdim=True)
        effect = effect - effect.mean(2, keepdim=True)
        found[i] = effect.square().sum((1, 2)).sqrt().numpy()
    return (found + found.T) / 2 * (1 - np.eye(length))


def regression_map(heads: np.ndarray, contacts: np.ndarray, seed: int) -> np.ndarray:
    """Heads weighed by a logistic regression, in the manner of Rao et al. (2021).

    Half of the contacts, and of the other pairs, teach it; it judges the other half, and then both
    change places.
    """
    i, j = np.triu_indices(heads.shape[-1], 1)
    features = np.array([product_corrected(head)[i, j] for head in heads]).T  # (pairs, heads)
    features = (features - features.mean(0)) / features.std(0)
    features = np.column_stack([features, np.ones(len(i))])
    labels, rng = contacts[i, j].astype(float), np.random.default_rng(seed)
    half = np.zeros(len(i), dtype=bool)
    for kind in (0, 1):
        pairs = rng.permutation(np.flatnonzero(labels == kind))
        half[pairs[: len(pairs) // 2]] = True
    scores = np.zeros(len(i))
    for taught in (half, ~half):
        scores[~taught] = features[~taught] @ _logistic(features[taught], labels[taught])
    found = np.zeros(contacts.shape)
    found[i, j] = found[j, i] = scores
    return found


def _logistic(x: np.ndarray, y: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """The weights of a logistic regression, by Newton's method."""
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        slope = x.T @ (p - y) + ridge * w
        w -= np.linalg.solve((x.T * (p * (1 - p))) @ x + ridge * np.eye(len(w)), slope)
    return w
