"""Tiny models of libraries beside transformers, each in the configurations that its readme shows.

What a library remembers between steps is handed to `examine` as its documentation says: the whole
sequence comes again, with the cache of what was computed for its beginning.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tools.survey.tiny import drawn_anew, tokens

V, D, HEADS, LONGEST = 64, 32, 2, 256
Made = Callable[[], dict[str, Any]]


def decoder(
    build: Callable[[], nn.Module], step: Callable | None = None, mask: bool = True
) -> dict:
    """The arguments of `examine` for a model that is called as `model(x, mask=...)`."""
    ids = tokens()
    batch = {"x": ids, "mask": torch.ones_like(ids, dtype=torch.bool)} if mask else {"x": ids}
    torch.manual_seed(0)
    return {"model": drawn_anew(build()), "batch": batch, "kind": "decoder", "step": step}


def again(cached: Callable[[Any, Tensor, Any], tuple[Tensor, Any]]) -> Callable:
    """A step for models that want all tokens again, and answer for the last ones alone or for all.

    Args:
        cached: `cached(model, ids, cache)` returns outputs and the next cache.
    """

    def step(model: Any, batch: dict[str, Tensor], state: tuple | None) -> tuple[Tensor, tuple]:
        new = batch["x"]
        outputs, cache = [], state[1] if state else None
        written = state[0] if state else new[:, :0]
        for place in range(new.shape[1]):  # these take one token at a time
            written = torch.cat([written, new[:, place : place + 1]], dim=1)
            answer, cache = cached(model, written, cache)
            outputs.append(answer[:, -1:])
        return torch.cat(outputs, dim=1), (written, cache)

    return step


def of_x_transformers() -> Iterator[tuple[str, Made]]:
    from x_transformers import Decoder, Encoder, TransformerWrapper  # noqa: PLC0415

    def cached(model: Any, ids: Tensor, cache: Any) -> tuple[Tensor, Any]:
        return model(ids, cache=cache, return_intermediates=True)

    def build(outside: dict[str, Any], **inside: Any) -> nn.Module:
        layers = Decoder(dim=D, depth=2, heads=HEADS, attn_dim_head=16, **inside)
        return TransformerWrapper(num_tokens=V, max_seq_len=LONGEST, attn_layers=layers, **outside)

    configurations: dict[str, tuple[dict, dict]] = {
        "absolute positions": ({}, {}),
        "rotary_pos_emb": ({"use_abs_pos_emb": False}, {"rotary_pos_emb": True}),
        "alibi_pos_bias": ({"use_abs_pos_emb": False}, {"alibi_pos_bias": True}),
        "rel_pos_bias": ({"use_abs_pos_emb": False}, {"rel_pos_bias": True}),
        "attn_flash": ({}, {"attn_flash": True}),
        "attn_kv_heads=1": ({}, {"attn_kv_heads": 1}),
        "use_rmsnorm, ff_glu": ({}, {"use_rmsnorm": True, "ff_glu": True}),
        "attn_sparse_topk=4": ({}, {"attn_sparse_topk": 4}),
        "shift_tokens=1": ({}, {"shift_tokens": 1}),
        "macaron": ({}, {"macaron": True}),
        "residual_attn": ({}, {"residual_attn": True}),
        "num_memory_tokens=4": ({"num_memory_tokens": 4}, {}),
        "attn_num_mem_kv=4": ({}, {"attn_num_mem_kv": 4}),
        "sandwich_norm": ({}, {"sandwich_norm": True}),
    }
    for name, (outside, inside) in configurations.items():
        step = None if "memory" in name else again(cached)
        yield f"Decoder, {name}", partial(decoder, partial(build, outside, **inside), step)

    def forward(model: Any, batch: dict[str, Tensor]) -> Tensor:
        mask = batch.get("src_mask")
        read = model["encoder"](batch["src"], mask=mask, return_embeddings=True)
        return model["decoder"](
            batch["tgt"], mask=batch.get("tgt_mask"), context=read, context_mask=mask
        )

    def both() -> dict[str, Any]:
        torch.manual_seed(0)
        sizes = {"dim": D, "depth": 2, "heads": HEADS, "attn_dim_head": 16}
        of = {"num_tokens": V, "max_seq_len": LONGEST}
        encoder = TransformerWrapper(attn_layers=Encoder(**sizes), **of)
        writer = TransformerWrapper(attn_layers=Decoder(cross_attend=True, **sizes), **of)
        model = drawn_anew(nn.ModuleDict({"encoder": encoder, "decoder": writer}))
        return translator(model) | {"forward": forward}

    yield "Encoder and Decoder", both


def translator(model: nn.Module) -> dict[str, Any]:
    """The arguments of `examine` for a model that reads and writes."""
    ids = tokens()
    real = torch.ones_like(ids, dtype=torch.bool)
    batch = {"src": ids, "tgt": ids.flip(0), "src_mask": real, "tgt_mask": real}
    return {"model": model, "batch": batch, "kind": "encoder-decoder"}


def of_local_attention() -> Iterator[tuple[str, Made]]:
    from local_attention import LocalTransformer  # noqa: PLC0415

    def cached(model: Any, ids: Tensor, cache: Any) -> tuple[Tensor, Any]:
        return model(ids, cache=cache, return_cache=True)

    sizes = {"num_tokens": V, "max_seq_len": LONGEST, "dim": D, "depth": 2, "heads": HEADS}
    sizes |= {"dim_head": 16, "causal": True, "local_attn_window_size": 16}
    for name, options in {
        "as usual": {},
        "use_xpos": {"use_xpos": True},
        "use_dynamic_pos_bias": {"use_dynamic_pos_bias": True},
        "num_residual_streams=1": {"num_residual_streams": 1},
        "exact_windowsize": {"exact_windowsize": True},
    }.items():
        build = partial(LocalTransformer, **(sizes | options))
        yield f"LocalTransformer, {name}", partial(decoder, build, again(cached))


def of_performer_pytorch() -> Iterator[tuple[str, Made]]:
    from performer_pytorch import PerformerEncDec, PerformerLM  # noqa: PLC0415

    sizes = {"num_tokens": V, "max_seq_len": LONGEST, "depth": 2, "heads": HEADS, "dim_head": 16}
    for name, options in {
        "as usual": {},
        "generalized_attention": {"generalized_attention": True},
        "local_attn_heads=1": {"local_attn_heads": 1, "local_window_size": 16},
        "no rotary_position_emb": {"rotary_position_emb": False},
        "reversible": {"reversible": True},
        "shift_tokens": {"shift_tokens": True},
        "use_scalenorm": {"use_scalenorm": True},
    }.items():
        build = partial(PerformerLM, dim=D, causal=True, **(sizes | options))
        yield f"PerformerLM, {name}", partial(decoder, build)

    def forward(model: Any, batch: dict[str, Tensor]) -> Tensor:
        mask = batch.get("src_mask")
        read = model.enc(batch["src"], mask=mask, return_encodings=True)
        return model.dec.net(
            batch["tgt"], mask=batch.get("tgt_mask"), context=read, context_mask=mask
        )

    def both() -> dict[str, Any]:
        torch.manual_seed(0)
        named = {f"{part}_{key}": value for part in ("enc", "dec") for key, value in sizes.items()}
        return translator(drawn_anew(PerformerEncDec(dim=D, **named))) | {"forward": forward}

    yield "PerformerEncDec", both


LIBRARIES = {
    "x-transformers": of_x_transformers,
    "local-attention": of_local_attention,
    "performer-pytorch": of_performer_pytorch,
}
