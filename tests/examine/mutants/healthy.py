"""A healthy encoder–decoder that writes digits in reverse, for mutants to break.

Each small method holds one idea, so that a mutant overrides one of them. Nothing here is attnlab's:
what examines models must not be tested on its own family's alone.

Letters: B sequences, n queries, m keys, d numbers a token, h heads, V words.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PAD, BOS, EOS, N_DIGITS = 0, 1, 2, 10
V = 3 + N_DIGITS
D, HEADS = 32, 2


class Attention(nn.Module):
    """Multi-head attention in plain matrices."""

    def __init__(self, d: int = D, heads: int = HEADS, dropout: float = 0.1):
        super().__init__()
        self.heads, self.d_head = heads, d // heads
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, y: Tensor, mask: Tensor, past: tuple | None = None):
        """What x looks up in y, and the keys and values for the next step.

        The mask, broadcastable to (B, h, n, m), is true where a query may look.
        """
        q, k, v = self.project(x, y)
        (k, v), kept = self.extend(past, (k, v))
        return self.mix(self.join(self.attend(q, k, v, mask))), kept

    def project(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.split(self.query(x)), self.split(self.key(y)), self.split(self.value(y))

    def split(self, x: Tensor) -> Tensor:
        B, n, _ = x.shape
        return x.view(B, n, self.heads, self.d_head).transpose(1, 2)  # (B, h, n, d / h)

    def join(self, x: Tensor) -> Tensor:
        B, _, n, _ = x.shape
        return x.transpose(1, 2).reshape(B, n, -1)  # (B, n, d)

    def mix(self, x: Tensor) -> Tensor:
        return self.out(x)

    def extend(self, past: tuple | None, new: tuple) -> tuple[tuple, tuple]:
        """The keys and values that this step looks at, and those that the next one remembers."""
        if past is not None:
            new = torch.cat([past[0], new[0]], dim=2), torch.cat([past[1], new[1]], dim=2)
        return new, new

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        return self.dropout(self.weigh(self.score(q, k), mask)) @ v  # (B, h, n, d / h)

    def score(self, q: Tensor, k: Tensor) -> Tensor:
        return q @ k.mT / math.sqrt(self.d_head)  # (B, h, n, m)

    def weigh(self, scores: Tensor, mask: Tensor) -> Tensor:
        return self.softmax(scores.masked_fill(~mask, self.fill(scores)))

    def fill(self, scores: Tensor) -> float:
        """The score of what is hidden: finite, since a row with nothing to see must not be NaN."""
        return torch.finfo(scores.dtype).min

    def softmax(self, scores: Tensor) -> Tensor:
        return scores.softmax(dim=-1)


class Layer(nn.Module):
    """Attention to itself, attention to a memory if there is one, and two matrices, all pre-LN."""

    def __init__(self, attention: nn.Module, cross: nn.Module | None = None, d: int = D):
        super().__init__()
        self.attention, self.cross = attention, cross
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2 if cross is None else 3))
        self.feed = nn.Sequential(nn.Linear(d, 4 * d), nn.ReLU(), nn.Linear(4 * d, d))

    def forward(
        self,
        x: Tensor,
        mask: Tensor,
        past: tuple | None = None,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ):
        first, *between, last = self.norms
        normed = first(x)
        looked_up, past = self.attention(normed, normed, mask, past)
        x = self.add(x, looked_up)
        if self.cross is not None:
            x = self.add(x, self.cross(between[0](x), memory, memory_mask)[0])
        return self.add(x, self.feed(last(x))), past

    def add(self, x: Tensor, change: Tensor) -> Tensor:
        return x + change


class Reverser(nn.Module):
    """One layer that reads, one that writes; sinusoids for positions."""

    read_attention = self_attention = cross_attention = Attention
    layer = Layer

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=D**-0.5)
        self.encoder = self.layer(self.read_attention())
        self.decoder = self.layer(self.self_attention(), self.cross_attention())
        self.norm_read, self.norm_written = nn.LayerNorm(D), nn.LayerNorm(D)
        self.unembed = nn.Linear(D, V)

    def forward(self, src: Tensor, tgt: Tensor) -> Tensor:
        """Logits for the word after each of tgt: (B, n, V)."""
        return self.decode(src, tgt, tgt, self.encode(src))[0]

    def step(self, src: Tensor, tgt: Tensor, state: tuple | None) -> tuple[Tensor, tuple]:
        """Logits for new words alone, with what was computed for those before them."""
        written, past, memory = state or (tgt[:, :0], None, self.encode(src))
        written = torch.cat([written, tgt], dim=1)
        logits, past = self.decode(src, tgt, written, memory, past)
        return logits, (written, past, memory)

    def encode(self, src: Tensor) -> Tensor:
        x = self.embed(src, torch.arange(src.shape[1]))
        return self.norm_read(self.encoder(x, self.real(src))[0])

    def decode(
        self, src: Tensor, new: Tensor, written: Tensor, memory: Tensor, past: tuple | None = None
    ) -> tuple[Tensor, tuple]:
        """Logits for the words that are new among those that are written."""
        n = new.shape[1]
        x = self.embed(new, self.places(n, written.shape[1]))
        mask = self.real(written) & self.causal(n, written.shape[1]).to(src.device)
        x, past = self.decoder(x, mask, past, memory, self.real(src))
        return self.unembed(self.norm_written(x)), past

    def real(self, tokens: Tensor) -> Tensor:
        """Which keys are no padding: (B, 1, 1, m)."""
        return (tokens != PAD)[:, None, None]

    def causal(self, n: int, m: int) -> Tensor:
        """What each of the last n of m words may see: itself and those before it."""
        return torch.ones(n, m, dtype=torch.bool).tril(m - n)

    def places(self, n: int, m: int) -> Tensor:
        """The positions of the last n of m words."""
        return torch.arange(m - n, m)

    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        return self.embedding(tokens) * math.sqrt(D) + self.coded(places)

    def coded(self, places: Tensor) -> Tensor:
        return sinusoids(places).to(self.embedding.weight)


def sinusoids(places: Tensor, d: int = D) -> Tensor:
    frequencies = 10_000 ** (-torch.arange(0, d, 2) / d)
    angles = places[..., None] * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)  # (n, d)


# The pipeline


def rows(n: int, seed: int) -> list[list[int]]:
    """Numbers of three to eight digits."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(3, 9, (n,), generator=generator).tolist()
    return [torch.randint(3, V, (k,), generator=generator).tolist() for k in lengths]


def batch(numbers: list[list[int]]) -> dict[str, Tensor]:
    """Numbers to read, and their digits in reverse, one place behind for the model to see."""
    reversed_ = [[BOS, *reversed(number), EOS] for number in numbers]
    return {
        "src": padded(numbers),
        "tgt": padded([written[:-1] for written in reversed_]),
        "labels": padded([written[1:] for written in reversed_]),
    }


def padded(lists: list[list[int]], pad: int = PAD) -> Tensor:
    width = max(map(len, lists))
    return torch.tensor([row + [pad] * (width - len(row)) for row in lists])


# What is handed in


def forward(model: Reverser, batch: dict[str, Tensor]) -> Tensor:
    return model(batch["src"], batch["tgt"])


def loss(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=PAD)


def step(model: Reverser, batch: dict[str, Tensor], state: tuple | None) -> tuple[Tensor, tuple]:
    return model.step(batch["src"], batch["tgt"], state)


def weights(model: nn.Module, batch: dict[str, Tensor], forward=forward) -> list[Tensor]:
    """The weights of every attention that drops some of them out: (B, h, n, m) each."""
    seen: list[Tensor] = []
    hooks = [
        module.dropout.register_forward_hook(lambda _, __, weights: seen.append(weights))
        for module in model.modules()
        if isinstance(module, Attention)
    ]
    try:
        forward(model, batch)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def build(
    seed: int, model: type[Reverser] = Reverser, pipeline: Callable = batch, **changed
) -> dict:
    """The arguments of `examine` for a model of this class, untrained; some may be changed."""
    torch.manual_seed(seed)
    return {
        "model": model(),
        "batch": pipeline(rows(8, seed)),
        "forward": forward,
        "loss": loss,
        "step": step,
        "weights": weights,
        "pad": PAD,
    } | changed
