"""Tiny vision-language models with random weights, saved as `save_pretrained` saves them.

The tokenizer has one token a byte, and the control tokens of the family; the chat templates
are those of the families in short. Nothing is downloaded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

QWEN_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SMOL_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}: "
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
QWEN_TOKENS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
SMOL_TOKENS = (
    "<|endoftext|>", "<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>",
    "<global-img>", "<image>",
)  # fmt: skip

QWEN_2_5, QWEN_3, SMOL = "qwen2_5_vl", "qwen3_vl", "smolvlm"
KINDS = (QWEN_2_5, QWEN_3, SMOL)

_TEXT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 8192,
}
_PATCHES = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2}


def save_tiny_vlm(folder: Path, kind: str, *, template: bool = True) -> Path:
    """A model of a kind, with the same random weights each time."""
    import torch
    from transformers import AutoModelForImageTextToText

    torch.manual_seed(0)
    tokens = SMOL_TOKENS if kind == SMOL else QWEN_TOKENS
    tokenizer = _tokenizer(tokens, "<end_of_utterance>" if kind == SMOL else "<|im_end|>")
    config = _config(kind, tokenizer)
    model = AutoModelForImageTextToText.from_config(config)
    # Random weights of the usual size say the same to everything: louder ones do not.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _image_processor(kind).save_pretrained(folder)
    if template:
        text = SMOL_TEMPLATE if kind == SMOL else QWEN_TEMPLATE
        if kind == SMOL:  # the two places where templates are found
            (folder / "chat_template.json").write_text(json.dumps({"chat_template": text}))
        else:
            (folder / "chat_template.jinja").write_text(text)
    return folder


def _tokenizer(special: tuple[str, ...], end: str) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(
        models.BPE(vocab={letter: number for number, letter in enumerate(alphabet)}, merges=[])
    )
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True) for token in special])
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token=end, pad_token="<|endoftext|>")


def _config(kind: str, tokenizer: Any) -> Any:
    from transformers import Qwen2_5_VLConfig, Qwen3VLConfig, SmolVLMConfig

    ids = tokenizer.convert_tokens_to_ids
    text = {**_TEXT, "vocab_size": len(tokenizer), "eos_token_id": tokenizer.eos_token_id}
    text |= {"bos_token_id": None, "pad_token_id": tokenizer.pad_token_id}
    if kind == SMOL:
        return SmolVLMConfig(
            text_config={**text, "model_type": "llama"},
            vision_config={
                "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
                "num_attention_heads": 2, "image_size": 56, "patch_size": 14,
            },
            scale_factor=2, image_token_id=ids("<image>"), pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
    marks = {
        "image_token_id": ids("<|image_pad|>"),
        "video_token_id": ids("<|video_pad|>"),
        "vision_start_token_id": ids("<|vision_start|>"),
        "vision_end_token_id": ids("<|vision_end|>"),
    }
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [1, 1, 2]}
    vision = {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2,
        "out_hidden_size": 32, "patch_size": 14, "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }  # fmt: skip
    if kind == QWEN_2_5:
        vision |= {"window_size": 56, "fullatt_block_indexes": [1]}
        return Qwen2_5_VLConfig(
            text_config={**text, "rope_parameters": rope}, vision_config=vision, **marks
        )
    vision |= {"num_position_embeddings": 64, "deepstack_visual_indexes": [0]}
    return Qwen3VLConfig(
        text_config={**text, "head_dim": 8, "rope_parameters": {**rope, "mrope_interleaved": True}},
        vision_config=vision,
        **marks,
    )


def _image_processor(kind: str) -> Any:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil

    if kind == SMOL:
        return SmolVLMImageProcessorPil(
            size={"longest_edge": 56}, max_image_size={"longest_edge": 56}
        )
    pixels = {"shortest_edge": 28 * 28, "longest_edge": 56 * 56}
    return Qwen2VLImageProcessorPil(size=pixels, **_PATCHES)
