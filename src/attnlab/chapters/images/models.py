r"""Networks that read small pictures: patches with attention, convolutions, and what is put on top.

Letters: B batch, H and W pixels, p pixels along a patch, n patches or cells, d their width,
V answers to choose from.
"""

from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import settings
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.stacks import Encoder

MODELS_FILE = Path(__file__).with_name("models.npz")
Reading = Literal["mean", "middle", "all"]
Pooling = Literal["softmax", "mean", "gates", "sum"]


def patches(images: Tensor, p: int) -> Tensor:
    """Cut images `(B, H, W)` into squares of p × p pixels, `(B, H/p · W/p, p²)`, row by row.

    Raises:
        ValueError: images of another shape, or p divides H or W not.

    >>> patches(torch.arange(16.0).reshape(1, 4, 4), 2)[0, 1].tolist()
    [2.0, 3.0, 6.0, 7.0]
    """
    settings.count(1, p=p)
    if images.ndim != 3 or images.shape[1] % p or images.shape[2] % p:
        raise ValueError(
            f"images must have shape (B, H, W) with sides that p = {p} divides, "
            f"got {tuple(images.shape)}"
        )
    b, h, w = images.shape
    cut = images.reshape(b, h // p, p, w // p, p).transpose(2, 3)  # (B, H/p, W/p, p, p)
    return cut.reshape(b, -1, p * p)


class PatchReader(nn.Module):
    """A Vision Transformer in small: patches, learned positions, an encoder, the mean, a map.

    Shapes:
        `(B, 8, 8)` → logits `(B, 10)`.

    Source:
        Dosovitskiy et al. (2021), section 3.1; with the mean in place of a token for the class.

    >>> PatchReader()(torch.zeros(3, 8, 8)).shape
    torch.Size([3, 10])
    """

    def __init__(self, *, p: int = 2, d_model: int = 32, n_layers: int = 2):
        super().__init__()
        self.p = p
        self.embed = nn.Linear(p * p, d_model)
        self.encoder = Encoder(
            d_model=d_model, n_heads=4, n_layers=n_layers, d_ff=2 * d_model,
            positions="learned", max_len=(8 // p) ** 2,
        )  # fmt: skip
        self.read = nn.Linear(d_model, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = self.embed(patches(images, self.p))  # (B, n, d)
        return self.read(self.encoder(x).mean(1))


def convolutions() -> nn.Sequential:
    """Two layers of 3 × 3 with a pooling between them, then one map of all that is left.

    >>> convolutions()(torch.zeros(3, 8, 8)).shape
    torch.Size([3, 10])
    """
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 16, 10),
    )  # fmt: skip


class Eyes(nn.Module):
    """Small convolutions: of H × W pixels they make H/4 × W/4 cells, each of which sees 14 × 14.

    They learn by naming one digit, and the texture it stands on.

    Shapes:
        images `(B, H, W)` → cells `(B, d, H/4, W/4)`; `name` makes logits of them, `(B, 16)`: ten
        for the digit, six for the texture.

    >>> Eyes()(torch.zeros(3, 32, 32)).shape
    torch.Size([3, 32, 8, 8])
    """

    def __init__(self, d: int = 32):
        super().__init__()
        self.see = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, d, 3, padding=1), nn.ReLU(),
            nn.Conv2d(d, d, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.names = nn.Linear(d, 16)

    def forward(self, images: Tensor) -> Tensor:
        return self.see(images[:, None])

    def name(self, images: Tensor) -> Tensor:
        return self.names(self(images).amax((2, 3)))


class Onlooker(nn.Module):
    """What is put on top of the eyes, and a way to read the answer off.

    Args:
        block: whether a non-local block lets each of the 64 cells look at all others.
        reading: "mean" of all cells, "middle" (of the four in the middle), or "all" side by side.
        more: so many further convolutions of 3 × 3.

    Shapes:
        cells `(B, d, 8, 8)` → logits `(B, 10)` and weights `(B, 64, 64)`, or None without a block.

    Source:
        Wang et al. (2018), section 3.2: $z = W y + x$ with a softmax over all cells.

    >>> logits, weights = Onlooker(block=True, reading="middle")(torch.zeros(2, 32, 8, 8))
    >>> logits.shape, weights.shape
    (torch.Size([2, 10]), torch.Size([2, 64, 64]))
    """

    def __init__(self, *, block: bool, reading: Reading, more: int = 0, d: int = 32):
        super().__init__()
        self.reading = reading
        self.more = nn.Sequential(
            *(layer for _ in range(more) for layer in (nn.Conv2d(d, d, 3, padding=1), nn.ReLU()))
        )
        self.norm = nn.LayerNorm(d)
        self.block = MultiHeadAttention(d, 1) if block else None
        width = 64 * d if reading == "all" else d
        self.read = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, cells: Tensor) -> tuple[Tensor, Tensor | None]:
        x = self.norm(self.more(cells).flatten(2).mT)  # (B, 64, d)
        weights = None
        if self.block is not None:
            y, weights = self.block(x, return_weights=True)
            x, weights = x + y, weights[:, 0]
        if self.reading == "all":
            return self.read(x.flatten(1)), weights
        return self.read((x[:, MIDDLE] if self.reading == "middle" else x).mean(1)), weights


MIDDLE = [27, 28, 35, 36]  # of 8 × 8 cells, row by row


class Counter(nn.Module):
    """One learned query looks at all cells of a picture and says how many show what it wants.

    Args:
        pooling: "softmax" weights, the plain "mean", sigmoid "gates", or the plain "sum".

    Shapes:
        cells `(B, n, 64)` and there `(B, n)`, True where a cell holds a digit → logits `(B, V)`.

    >>> cells, there = torch.zeros(3, 5, 64), torch.ones(3, 5).bool()
    >>> Counter("softmax")(cells, there).shape
    torch.Size([3, 4])
    """

    def __init__(self, pooling: Pooling, *, d: int = 32, n_answers: int = 4):
        super().__init__()
        self.pooling: Pooling = pooling
        self.see = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, d), nn.ReLU())
        self.score = nn.Linear(d, 1)  # the query, times each key
        self.read = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, n_answers))

    def weights(self, x: Tensor, there: Tensor) -> Tensor:
        """How much each cell counts, `(B, n)`."""
        real = there.to(x.dtype)
        if self.pooling == "sum":
            return real
        if self.pooling == "mean":
            return real / real.sum(1, keepdim=True)
        s = self.score(x)[..., 0]
        if self.pooling == "gates":
            return s.sigmoid() * real
        return F.softmax(s.masked_fill(~there, -torch.inf), dim=1)

    def forward(self, cells: Tensor, there: Tensor) -> Tensor:
        x = self.see(cells)  # (B, n, d)
        return self.read((self.weights(x, there)[..., None] * x).sum(1))


@cache
def stored_models() -> dict[str, nn.Module]:
    """What the widget computes with: two read digits, two count.

    >>> sorted(stored_models())
    ['gates', 'plain', 'shuffled', 'softmax']
    """
    models: dict[str, nn.Module] = {
        "plain": PatchReader(), "shuffled": PatchReader(),
        "softmax": Counter("softmax"), "gates": Counter("gates"),
    }  # fmt: skip
    with np.load(MODELS_FILE) as stored:
        for name, model in models.items():
            known = {
                part: torch.from_numpy(stored[f"{name}/{part}"]) for part in model.state_dict()
            }
            model.load_state_dict(known)
            model.eval()
    return models
