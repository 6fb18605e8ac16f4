"""Sizes of tiny models: whatever a configuration calls them, and what single ones need besides."""

from typing import Any

SMALL: dict[str, Any] = {
    "vocab_size": 64, "hidden_size": 32, "d_model": 32, "n_embd": 32, "dim": 32,
    "embedding_size": 32, "input_embedding_size": 32, "output_embedding_size": 32,
    "word_embed_proj_dim": 32, "embed_dim": 32, "out_hidden_size": 32, "projection_dim": 32,
    # layers
    "num_hidden_layers": 2, "n_layer": 2, "n_layers": 2, "num_layers": 2, "depth": 2,
    "decoder_layers": 2, "encoder_layers": 2, "num_decoder_layers": 2, "num_encoder_layers": 2,
    "num_kv_shared_layers": 0, "first_k_dense_replace": 1,
    # attention
    "num_attention_heads": 2, "n_head": 2, "n_heads": 2, "num_heads": 2,
    "decoder_attention_heads": 2, "encoder_attention_heads": 2, "num_key_value_heads": 2,
    "head_dim": 16, "d_kv": 16, "v_head_dim": 16, "qk_rope_head_dim": 16, "qk_nope_head_dim": 16,
    "q_lora_rank": 8, "kv_lora_rank": 8, "rotary_dim": 16, "attention_type": "original_full",
    "sliding_window": 16, "attention_chunk_size": 16, "window_size": 16,
    "max_position_embeddings": 256, "n_positions": 256, "is_decoder": True,
    "index_topk": 8, "index_n_heads": 16, "index_head_dim": 16,
    # in between
    "intermediate_size": 64, "n_inner": 64, "ffn_dim": 64, "decoder_ffn_dim": 64,
    "encoder_ffn_dim": 64, "d_ff": 64, "ffn_hidden_size": 64,
    "num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4, "num_experts_per_tok": 2,
    "moe_intermediate_size": 32, "shared_expert_intermediate_size": 32, "n_shared_experts": 1,
    "expert_ffn_hidden_size": 32, "zero_expert_num": 2, "moe_topk": 2, "n_group": 1,
    "topk_group": 1, "router_hidden_size": 16,
    # states
    "state_size": 8, "ssm_state_size": 8, "mamba_n_heads": 4, "mamba_num_heads": 4,
    "mamba_d_head": 16, "mamba_head_dim": 16, "mamba_d_state": 8, "mamba_chunk_size": 8,
    "linear_num_key_heads": 2, "linear_num_value_heads": 2, "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
    # pictures
    "image_size": 32, "patch_size": 16, "vocab_size_per_layer_input": 64,
    "hidden_size_per_layer_input": 16,
    # tokens
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
}  # fmt: skip

_BERT = {"model_type": "bert", "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2,
         "num_attention_heads": 2, "intermediate_size": 64, "pad_token_id": 0}  # fmt: skip
# By model type; what stands with None is left at what is usual.
OF_TYPE: dict[str, dict[str, Any]] = {
    "bamba": {"attn_layer_indices": [1]},
    "codegen": {"n_head": 4, "num_attention_heads": 4, "rotary_dim": 8},
    "cohere_compass_text": {"layer_types": ["full_attention", "full_attention"]},
    "dbrx": {
        "attn_config": {"rope_theta": 10000.0, "clip_qkv": 8.0},
        "ffn_config": {"ffn_hidden_size": 64},
        "max_seq_len": 256,
    },
    "dory": {
        "num_hidden_layers": 3,
        "n_input_layers": 1,
        "n_output_layers": 1,
        "layer_types": ["sliding_attention", "full_attention", "full_attention"],
    },
    "encoder-decoder": {
        "encoder": _BERT,
        "decoder": _BERT | {"is_decoder": True, "add_cross_attention": True},
    },
    "falcon_h1": {"mamba_d_ssm": 64},
    "fsmt": {"use_cache": False, "src_vocab_size": 64, "tgt_vocab_size": 64},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "granitemoehybrid": {"layer_types": ["linear_attention", "full_attention"]},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1, "use_mamba_kernels": False},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"], "num_dense_layers": 1},
    "mamba2": {"num_heads": 4, "n_groups": 1, "chunk_size": 8},
    "mimo_v2_flash": {"head_dim": 24, "num_attention_heads": 4},
    "musicgen_decoder": {"num_codebooks": 1},
    "musicgen_melody_decoder": {"num_codebooks": 1},
    "nemotron_h": {
        "layers_block_type": ["mamba", "attention", "moe"],
        "num_hidden_layers": None,
        "layer_types": None,
        "n_groups": 1,
        "chunk_size": 8,
        "moe_shared_expert_intermediate_size": 32,
    },
    "prophetnet": {"num_hidden_layers": None},
    "recurrent_gemma": {"block_types": ["recurrent", "attention"]},
    "reformer": {
        "axial_pos_embds": False,
        "attn_layers": ["local", "lsh"],
        "num_hidden_layers": None,
        "attention_head_size": 16,
        "feed_forward_size": 64,
        "local_attn_chunk_length": 8,
        "lsh_attn_chunk_length": 8,
        "num_buckets": 4,
        "hash_seed": 1,
    },
    "xlnet": {"max_position_embeddings": None, "d_inner": 64},
    "xmod": {"default_language": "en_XX"},
    "zamba": {
        "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid"],
        "layer_types": None,
        "num_hidden_layers": 4,
        "head_dim": None,
        "attention_head_dim": 32,
        "use_mamba_kernels": False,
    },
    "zamba2": {
        "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid"],
        "layer_types": None,
        "num_hidden_layers": 4,
        "head_dim": None,
        "attention_head_dim": 32,
        "n_mamba_heads": 4,
        "mamba_ngroups": 1,
        "chunk_size": 8,
        "use_mamba_kernels": False,
        "use_mem_eff_path": False,
    },
    "zaya": {"num_experts_per_tok": 1},
}
