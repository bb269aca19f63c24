"""A tiny llama with random weights as a GGUF file, made with the gguf package."""

from __future__ import annotations

from pathlib import Path

from tests.llm.tiny_hf import PIECES

WIDTH, HIDDEN, LAYERS, HEADS = 32, 64, 2, 2
CONTROL = ["<unk>", "<s>", "</s>"]
TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def save_gguf(path: Path, *, context: int = 1024, seed: int = 0) -> Path:
    """Pieces of programs, and every byte for what these lack."""
    import gguf
    import numpy as np

    texts = [*CONTROL, *(f"<0x{byte:02X}>" for byte in range(256)), *PIECES]
    kinds = [
        gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL,
        *[gguf.TokenType.BYTE] * 256, *[gguf.TokenType.NORMAL] * len(PIECES),
    ]  # fmt: skip
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(texts))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text.replace(" ", "\u2581").encode() for text in texts])
    writer.add_token_scores([-float(at) for at in range(len(texts))])
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    random = np.random.default_rng(seed)

    def matrix(name: str, *shape: int) -> None:
        values = random.normal(0.0, 0.02, shape).astype(np.float32)
        writer.add_tensor(name, values)

    matrix("token_embd.weight", len(texts), WIDTH)
    matrix("output.weight", len(texts), WIDTH)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        at = f"blk.{layer}"
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{at}.{norm}.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{at}.{name}.weight", WIDTH, WIDTH)
        matrix(f"{at}.ffn_gate.weight", HIDDEN, WIDTH)
        matrix(f"{at}.ffn_up.weight", HIDDEN, WIDTH)
        matrix(f"{at}.ffn_down.weight", WIDTH, HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
