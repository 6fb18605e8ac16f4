"""Sizes of tiny models: whatever a configuration calls them, and what single ones need besides."""

from typing import Any

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
    "qk_rope_head_dim": 16, "qk_nope_head_dim": 16, "v_head_dim": 16, "depth": 2, "embed_dim": 32,
    "out_hidden_size": 32, "projection_dim": 32, "vocab_size_per_layer_input": 64,
    "hidden_size_per_layer_input": 16, "num_kv_shared_layers": 0, "image_size": 32,
    "patch_size": 16, "linear_num_key_heads": 2, "linear_num_value_heads": 2,
    "linear_key_head_dim": 16, "linear_value_head_dim": 16,
}  # fmt: skip

# By model type.
OF_TYPE: dict[str, dict[str, Any]] = {}
