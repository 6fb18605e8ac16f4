"""A healthy language model, decoder alone, for mutants to break: two layers, grouped heads, rotary
positions, a mask for padding, and a cache.

Letters as in `healthy`; g heads of keys and values, each shared by h / g heads of queries.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.examine.mutants.healthy import Attention, D, Layer, padded, weights

PAD, V = 0, 24
HEADS, KEY_HEADS, LAYERS, LONGEST = 4, 2, 2, 128
IGNORED = -100


class GroupedAttention(Attention):
    """Attention to oneself, turned by positions, with fewer heads of keys than of queries."""

    def __init__(self, d: int = D, heads: int = HEADS, key_heads: int = KEY_HEADS):
        super().__init__(d, heads)
        self.key, self.value = (nn.Linear(d, key_heads * self.d_head) for _ in range(2))

    def forward(self, x: Tensor, places: Tensor | None, mask: Tensor, past: tuple | None = None):
        """As in `Attention`; without places nothing is turned."""
        q, k, v = self.project(x, x)
        q, k = self.turn_both(q, k, places, past)
        (k, v), kept = self.extend(past, (k, v))
        return self.mix(self.join(self.attend(q, k, v, mask))), kept

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, self.d_head)).transpose(1, 2)  # (B, h or g, n, d / h)

    def turn_both(self, q: Tensor, k: Tensor, places: Tensor | None, past: tuple | None):
        return (q, k) if places is None else (turn(q, places), turn(k, places))

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        return super().attend(q, self.repeat(k), self.repeat(v), mask)

    def repeat(self, x: Tensor) -> Tensor:
        """Each head of keys once for every head of queries that shares it."""
        return x.repeat_interleave(self.heads // x.shape[1], dim=1)  # (B, h, m, d / h)


def turn(x: Tensor, places: Tensor) -> Tensor:
    """Rotary positions: pairs of numbers of x, (B, h, n, c), turned as far as (B, n) places say."""
    half = x.shape[-1] // 2
    speeds = 10_000 ** (-torch.arange(half, device=x.device) / half)
    angles = places[:, None, :, None] * speeds
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class FusedAttention(GroupedAttention):
    """The same, in torch's own kernels."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        dropped = self.dropout.p if self.training else 0.0
        k, v = self.repeat(k), self.repeat(v)
        return F.scaled_dot_product_attention(q, k, v, mask, dropout_p=dropped)


class Block(Layer):
    """Attention and two matrices, pre-LN."""

    def forward(self, x: Tensor, places: Tensor | None, mask: Tensor, past: tuple | None = None):
        looked_up, past = self.attention(self.norms[0](x), places, mask, past)
        x = self.add(x, looked_up)
        return self.add(x, self.feed(self.norms[1](x))), past


class LanguageModel(nn.Module):
    attention = GroupedAttention
    block = Block
    window: int | None = None  # how many of the last words a word sees, itself among them

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.blocks = nn.ModuleList(self.block(self.attention()) for _ in range(LAYERS))
        self.norm, self.unembed = nn.LayerNorm(D), nn.Linear(D, V)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Logits for the word after each, (B, n, V); the mask is true, or 1, for no padding."""
        return self.run(input_ids, attention_mask)[0]

    def step(
        self, input_ids: Tensor, attention_mask: Tensor | None, state: tuple | None
    ) -> tuple[Tensor, tuple]:
        """Logits for new words alone; the mask is for all words, those of earlier steps too."""
        return self.run(input_ids, attention_mask, state)

    def run(
        self, ids: Tensor, mask: Tensor | None, state: tuple | None = None
    ) -> tuple[Tensor, tuple]:
        (B, n), seen = ids.shape, self.seen(state)
        real = torch.ones(B, seen + n, device=ids.device) if mask is None else mask[:, : seen + n]
        real = real.bool()
        places = self.places(real, n)
        visible = self.visible(real, n)
        x, pasts = self.embed(ids, places), []
        for index, block in enumerate(self.blocks):
            x, past = block(x, self.turning(places, index), visible, state and state[index])
            pasts.append(past)
        return self.unembed(self.norm(x)), tuple(pasts)

    def seen(self, state: tuple | None) -> int:
        """How many words earlier steps have seen."""
        return 0 if state is None else state[0][0].shape[2]

    def places(self, real: Tensor, n: int) -> Tensor:
        """The positions of the last n words, counted without padding: (B, n)."""
        return (real.cumsum(dim=1) - 1).clamp(min=0)[:, -n:]

    def turning(self, places: Tensor, layer: int) -> Tensor | None:
        """How far a layer turns its queries and keys."""
        return places

    def visible(self, real: Tensor, n: int) -> Tensor:
        """What each of the last n words may see: (B, 1, n, m)."""
        m = real.shape[1]
        return (self.near(n, m).to(real.device) & real[:, None])[:, None]

    def near(self, n: int, m: int) -> Tensor:
        """The word itself and those before it, as far back as the window goes."""
        back = torch.arange(m - n, m)[:, None] - torch.arange(m)
        return (back >= 0) & (back < (self.window or m))

    def embed(self, ids: Tensor, places: Tensor) -> Tensor:
        return self.embedding(ids) * math.sqrt(D)


class LearnedPositions(LanguageModel):
    """With a vector for each position, added to the word's, in place of turns."""

    def __init__(self):
        super().__init__()
        self.position = nn.Embedding(LONGEST, D)

    def turning(self, places: Tensor, layer: int) -> None:
        return None

    def embed(self, ids: Tensor, places: Tensor) -> Tensor:
        return super().embed(ids, places) + self.position(places)


class Windowed(LanguageModel):
    window = 5


class Fused(LanguageModel):
    attention = FusedAttention


# The pipeline


def rows(n: int, seed: int) -> list[list[int]]:
    """Phrases of three to five words, said again and again."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for length in torch.randint(9, 17, (n,), generator=generator).tolist():
        size = int(torch.randint(3, 6, (), generator=generator))
        phrase = torch.randint(1, V, (size,), generator=generator).tolist()
        found.append((phrase * length)[:length])
    return found


def batch(phrases: list[list[int]]) -> dict[str, Tensor]:
    """Words, which of them are real, and labels, which the loss moves by one place."""
    return {
        "input_ids": padded(phrases, PAD),
        "attention_mask": padded([[1] * len(phrase) for phrase in phrases]),
        "labels": padded(phrases, IGNORED),
    }


# What is handed in


def forward(model: LanguageModel, batch: dict[str, Tensor]) -> Tensor:
    return model(batch["input_ids"], batch.get("attention_mask"))


def loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Each word's logits are for the word after it."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


def step(model: LanguageModel, batch: dict[str, Tensor], state: tuple | None):
    return model.step(batch["input_ids"], batch.get("attention_mask"), state)


def build(
    seed: int, model: type[LanguageModel] = LanguageModel, pipeline: Callable = batch, **changed
) -> dict:
    """The arguments of `examine` for a model of this class, untrained; some may be changed."""
    torch.manual_seed(seed)
    made = {
        "model": model(),
        "batch": pipeline(rows(6, seed)),
        "forward": forward,
        "loss": loss,
        "step": step,
        "pad": PAD,
    }
    if not issubclass(model.attention, FusedAttention):
        made["weights"] = lambda model, batch: weights(model, batch, forward)
    return made | changed
