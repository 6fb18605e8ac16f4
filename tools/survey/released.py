"""Tiny models with weights at random, of every class that writes in a library of released models.

Nothing is downloaded. Weights are drawn anew with a standard deviation of .15: as libraries draw
them, outputs of so small a model hardly differ, whatever it sees.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

SECONDS = 60  # for one class, with its making
# Whatever a configuration calls its sizes.
SMALL: dict[str, Any] = {
    "vocab_size": 64, "hidden_size": 32, "d_model": 32, "n_embd": 32, "dim": 32,
    "embedding_size": 32, "input_embedding_size": 32, "output_embedding_size": 32,
    "word_embed_proj_dim": 32, "num_hidden_layers": 2, "n_layer": 2, "n_layers": 2,
    "num_layers": 2, "decoder_layers": 2, "encoder_layers": 2, "num_decoder_layers": 2,
    "num_attention_heads": 2, "n_head": 2, "n_heads": 2, "num_heads": 2,
    "decoder_attention_heads": 2, "encoder_attention_heads": 2, "num_key_value_heads": 2,
    "intermediate_size": 64, "n_inner": 64, "ffn_dim": 64, "decoder_ffn_dim": 64,
    "encoder_ffn_dim": 64, "d_ff": 64, "d_kv": 16, "max_position_embeddings": 256,
    "n_positions": 256, "head_dim": 16, "num_experts": 4, "num_local_experts": 4,
    "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
    "shared_expert_intermediate_size": 32, "n_shared_experts": 1, "first_k_dense_replace": 1,
    "n_group": 1, "topk_group": 1, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "decoder_start_token_id": 1, "is_decoder": True, "attention_type": "original_full",
    "state_size": 8, "sliding_window": 16, "q_lora_rank": 8, "kv_lora_rank": 8,
    "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 16,
}  # fmt: skip


class TooLong(Exception):
    """A class took more than its seconds."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raises `TooLong` when the seconds are over."""

    def stop(*_: object) -> None:
        raise TooLong(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def drawn_anew(model: nn.Module) -> nn.Module:
    """The model with matrices drawn from a normal distribution with a deviation of .15."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.15)
    return model.eval()


def tokens(rows: int = 3, n: int = 12) -> Tensor:
    return torch.randint(5, 60, (rows, n), generator=torch.Generator().manual_seed(1))


def of_transformers() -> Iterator[tuple[str, Any]]:
    """The names of all classes that write, in decoders and in encoder–decoders, and their makers."""
    from transformers.models.auto import modeling_auto as auto  # noqa: PLC0415 - of its environment

    for names, kind in (
        (auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, "decoder"),
        (auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES, "encoder-decoder"),
    ):
        for model_type, classes in names.items():
            name = classes if isinstance(classes, str) else classes[0]
            yield f"{kind} {name}", (kind, model_type, name)


def make(kind: str, model_type: str, name: str) -> dict[str, Any]:
    """The arguments of `examine` for one class of transformers."""
    import transformers  # noqa: PLC0415
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: PLC0415

    config_class = CONFIG_MAPPING[model_type]
    usual = config_class()
    known = usual.to_dict()
    sizes = {key: value for key, value in SMALL.items() if key in known or hasattr(usual, key)}
    if kind == "encoder-decoder":
        sizes.pop("is_decoder", None)
    layers = getattr(usual, "layer_types", None)
    if layers:
        both = list(dict.fromkeys(layers))
        sizes["layer_types"] = (both * 2)[:2]
    model = drawn_anew(getattr(transformers, name)(config_class(**sizes)))
    ids = tokens()
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if kind == "encoder-decoder":
        batch["decoder_input_ids"] = ids.flip(0)
    return {"model": model, "batch": batch, "kind": kind}
