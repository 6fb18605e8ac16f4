"""The modules beside what people would use instead: attention, training, decoding."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.decoding import greedy
from attnlab.functional.masks import padding_mask
from attnlab.functional.positions import sinusoidal_encoding
from attnlab.models.transformer import Transformer
from attnlab.nn.attention import MultiHeadAttention
from attnlab.training.batches import sorted_batches

from .timing import compare, table

ROUNDS = {(8, 128, 256, 8): 30, (1, 1024, 512, 8): 15, (1, 4096, 512, 8): 6}  # of each size
PEERS = ("torch.nn", "plain", "SDPA")
V, D_MODEL = 100, 128  # of the small encoder–decoder
FASTEST = 1.03  # how much slower than the fastest peer is still as fast


class SDPAModule(nn.Module):
    """One projection of all three, the fused kernel, one projection back."""

    def __init__(self, d_model: int, n_heads: int):
        super().__init__()
        self.n_heads = n_heads
        self.project_in = nn.Linear(d_model, 3 * d_model)
        self.project_out = nn.Linear(d_model, d_model)

    def heads(self, x: Tensor) -> list[Tensor]:
        B, T, d = x.shape
        split = self.project_in(x).split(d, dim=-1)
        return [part.view(B, T, self.n_heads, -1).transpose(1, 2) for part in split]

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        context = F.scaled_dot_product_attention(*self.heads(x), is_causal=causal)
        return self.project_out(context.transpose(1, 2).flatten(2))


class PlainModule(SDPAModule):
    """The same with two matrix products and a softmax, as in minGPT; it has weights anyway."""

    def forward(self, x: Tensor, causal: bool) -> tuple[Tensor, Tensor]:
        q, k, v = self.heads(x)
        scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
        if causal:
            past = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
            scores = scores.masked_fill(~past, -torch.inf)
        weights = scores.softmax(-1)
        return self.project_out((weights @ v).transpose(1, 2).flatten(2)), weights


def attention_peers(d_model: int, n_heads: int, T: int, causal: bool, weights: bool) -> dict:
    """Functions of x that return the context; ours first."""
    ours = MultiHeadAttention(d_model, n_heads)
    torchs = nn.MultiheadAttention(d_model, n_heads, batch_first=True)
    plain = PlainModule(d_model, n_heads)
    future = torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None
    peers = {
        "attnlab": lambda x: ours(x, causal=causal, return_weights=weights),
        "torch.nn": lambda x: torchs(
            x, x, x, attn_mask=future, is_causal=causal, need_weights=weights,
            average_attn_weights=False,
        ),
        "plain": lambda x: plain(x, causal),
    }  # fmt: skip
    if not weights:
        sdpa = SDPAModule(d_model, n_heads)
        peers["SDPA"] = lambda x: sdpa(x, causal)
    return peers


def context_of(result: Tensor | tuple) -> Tensor:
    return result if isinstance(result, Tensor) else result[0]


def attention() -> Iterator[str]:
    """Our time beside each peer's in every setting; and beside itself, which is the noise."""
    for size, rounds in ROUNDS.items():
        B, T, d_model, n_heads = size
        sizes = f"B={B}, T={T}, d={d_model}, h={n_heads}"
        yield f"## MultiHeadAttention, {sizes}: our time over a peer’s\n"
        yield f"| what | ms | itself | {' | '.join(PEERS)} | ≤ {FASTEST} |"
        yield f"|---|--:|--:|{'--:|' * len(PEERS)}---|"
        for causal, weights, backward in product(*[(False, True)] * 3):
            x = torch.randn(B, T, d_model, requires_grad=True)

            def run(peer, x=x, backward=backward):
                with torch.set_grad_enabled(backward):
                    context = context_of(peer(x))
                    if backward:
                        context.sum().backward()

            peers = attention_peers(d_model, n_heads, T, causal, weights)
            peers["itself"] = peers["attnlab"]
            rows = compare({n: partial(run, peer) for n, peer in peers.items()}, rounds=rounds)
            beside = {row.name: 1 / row.ratio for row in rows}
            cells = [f"{beside[name]:.2f}" if name in beside else "" for name in ("itself", *PEERS)]
            worst = max(beside[name] for name in PEERS if name in beside)
            verdict = "met" if worst <= FASTEST else "MISSED"
            words = ["and backward" if backward else "forward"]
            words += ["causal"] * causal + ["weights"] * weights
            cells = [", ".join(words), f"{rows[0].seconds * 1e3:.3g}", *cells, verdict]
            yield f"| {' | '.join(cells)} |"
        yield ""


class TorchTransformer(nn.Module):
    """nn.Transformer as people use it: embeddings, sinusoids, and its own defaults."""

    def __init__(self):
        super().__init__()
        self.embeddings = nn.ModuleList(nn.Embedding(V, D_MODEL) for _ in range(2))
        self.register_buffer("code", sinusoidal_encoding(64, D_MODEL, like=torch.ones(1)))
        self.body = nn.Transformer(D_MODEL, 4, 2, 2, 512, batch_first=True)
        self.to_logits = nn.Linear(D_MODEL, V)

    def forward(self, src: Tensor, tgt: Tensor, *, src_mask: Tensor) -> Tensor:
        source, target = (
            embedding(tokens) * D_MODEL**0.5 + self.code[: tokens.shape[1]]
            for embedding, tokens in zip(self.embeddings, (src, tgt), strict=True)
        )
        padding = ~src_mask[:, 0]
        future = torch.ones(tgt.shape[1], tgt.shape[1], dtype=torch.bool).triu(1)
        x = self.body(
            source, target, tgt_mask=future, tgt_is_causal=True,
            src_key_padding_mask=padding, memory_key_padding_mask=padding,
        )  # fmt: skip
        return self.to_logits(x)


def epoch(model: nn.Module, lengths: Tensor, batches: list[list[int]], *, fused: bool):
    """A function that trains on every batch once; only its steps are timed."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=fused)
    ready = []
    for batch in batches:
        size = int(lengths[batch].max())
        mask = padding_mask(lengths[batch], size)  # (B, 1, T)
        ready.append((torch.randint(1, V, (len(batch), size)) * mask[:, 0], mask))

    def run() -> None:
        for tokens, mask in ready:
            logits = model(tokens, tokens, src_mask=mask)
            loss = F.cross_entropy(logits.flatten(0, 1), tokens.flatten(), ignore_index=0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


def training() -> Iterator[str]:
    """The same sequences in every row, so that a ratio of times is one of real tokens a second."""
    lengths = torch.randint(16, 33, (512,))
    drawn = [batch.tolist() for batch in torch.randperm(512).split(64)]
    in_order = list(sorted_batches(lengths.tolist(), 64))
    rows = compare(
        {
            "nn.Transformer, Adam, random batches": epoch(
                TorchTransformer(), lengths, drawn, fused=False
            ),
            "our model": epoch(small_model(0.1), lengths, drawn, fused=False),
            "… + fused Adam": epoch(small_model(0.1), lengths, drawn, fused=True),
            "… + sorted batches": epoch(small_model(0.1), lengths, in_order, fused=True),
        },
        rounds=7,
        targets={"… + sorted batches": 1 / 1.5},
    )
    yield table("Training: B=64, lengths 16 to 32, d=128, 2+2 layers, dropout .1", rows)


def small_model(dropout: float) -> Transformer:
    return Transformer(V, V, d_model=D_MODEL, n_heads=4, n_layers=2, d_ff=512, dropout=dropout)


@torch.no_grad()
def recomputing(model: Transformer, src: Tensor, mask: Tensor, max_len: int) -> Tensor:
    """Greedy decoding without a cache: the decoder reads everything again at every step."""
    memory = model.encoder(model.src_embedding(src) * D_MODEL**0.5, mask=mask)
    tokens = torch.zeros(len(src), 1, dtype=torch.int64)
    for _ in range(max_len):
        x = model.tgt_embedding(tokens) * D_MODEL**0.5
        last = model.decoder(x, memory, memory_mask=mask)[:, -1]
        tokens = torch.cat([tokens, model.to_logits(last).argmax(-1)[:, None]], 1)
    return tokens[:, 1:]


def its_products(model: Transformer, B: int, m: int, max_len: int) -> Callable[[], None]:
    """Only the matrix products of cached decoding, after the memory of m positions is there."""
    n_heads = model.decoder.layers[0].self_attention.n_heads
    d_k = D_MODEL // n_heads
    x, hidden, q = torch.randn(B, D_MODEL), torch.randn(B, 512), torch.randn(B * n_heads, 1, d_k)
    memory = torch.randn(B * n_heads, max(m, max_len), d_k)

    @torch.no_grad()
    def run() -> None:
        for n in range(1, max_len + 1):
            for layer in model.decoder.layers:
                own, cross = layer.self_attention, layer.cross_attention
                x @ own.project_in.weight.T, x @ cross.project_in.weight[:D_MODEL].T
                x @ own.project_out.weight.T, x @ cross.project_out.weight.T
                for keys in (memory[:, :n], memory[:, :m]):
                    q @ keys.mT @ keys
                (
                    x @ layer.feed_forward.expand.weight.T,
                    hidden @ layer.feed_forward.contract.weight.T,
                )
            x @ model.to_logits.weight.T

    return run


def decoding() -> Iterator[str]:
    """B = 64 sequences, none of which ends early."""
    model = small_model(0.0).eval()
    with torch.no_grad():
        model.to_logits.bias[1] = -1e9  # never eos
    src, mask = torch.randint(2, V, (64, 32)), padding_mask(torch.randint(16, 33, (64,)), 32)
    for max_len, rounds, target in ((32, 7, 4), (128, 3, 12)):
        options = {"bos": 0, "eos": 1, "max_len": max_len, "src_mask": mask}
        rows = compare(
            {
                "recomputing": partial(recomputing, model, src, mask, max_len),
                "greedy, cached": partial(greedy, model, src, **options),
                "its matrix products": its_products(model, *src.shape, max_len),
            },
            rounds=rounds,
            targets={"greedy, cached": 1 / target},
        )
        yield table(f"Greedy decoding, 64 × {max_len}, d=128, 2 layers", rows)
        yield ""
