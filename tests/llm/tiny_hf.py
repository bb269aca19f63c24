"""Tiny transformers models with random weights, built from configs, saved by the ordinary path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SEEING_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|end|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<image>"]


PIECES = [
    *(f"answer({value})\n" for value in ("1", "2", "3", "0.5", "video", "choices", "[1, 2]", "[]")),
    *(f'abstain("{word}")\n' for word in ("no", "none", "nobody", "dark", "unclear")),
    *(f"{name} = video\n" for name in ("x", "y", "frame", "people", "best", "first")),
    "frames = sample_frames(", 'people = detect(frame_at(video, 1), "person")\n', "if video:\n",
    "for frame in sample_frames(video):\n", "    ", "video)", ")\n", '")', "))\n", "else:\n",
    *(chr(code) for code in range(32, 127)), "\n",
]  # fmt: skip
"""Text that a model of few tokens writes: random rows of these are hardly ever Python."""


def save_text_model(folder: Path, *, context: int = 512, pieces: bool = False) -> Path:
    """A llama of two thin layers that writes bytes, or pieces of programs."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = byte_tokenizer(PIECES if pieces else None)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def byte_tokenizer(pieces: list[str] | None = None) -> Any:
    """One token for each byte, or for each piece alone; and the special ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    if pieces is not None:
        coder = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        letters = ["<|unknown|>", *(coder.pre_tokenize_str(piece)[0][0] for piece in pieces)]
    # Unigram finds pieces again in text without a list of merges.
    plain = Tokenizer(models.Unigram([(letter, -1.0) for letter in letters], unk_id=0))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    plain.decoder = decoders.ByteLevel()
    plain.add_special_tokens(SPECIAL)
    return PreTrainedTokenizerFast(
        tokenizer_object=plain,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        chat_template=TEMPLATE,
    )


def save_seeing_model(folder: Path) -> Path:
    """A llava of thin layers; a picture of 28 x 28 becomes four tokens."""
    import torch
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    try:
        from transformers import CLIPImageProcessorPil as Pictures
    except ImportError:
        from transformers import CLIPImageProcessor as Pictures
    tokenizer = byte_tokenizer()
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    torch.manual_seed(0)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            **sizes, num_attention_heads=2, image_size=28, patch_size=14, projection_dim=16
        ),
        text_config=LlamaConfig(
            **sizes,
            num_attention_heads=2,
            num_key_value_heads=2,
            vocab_size=len(tokenizer),
            max_position_embeddings=512,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        ),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=4,
    )
    model = LlavaForConditionalGeneration(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    processor = LlavaProcessor(
        Pictures(size={"height": 28, "width": 28}, do_center_crop=False),
        tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=SEEING_TEMPLATE,
    )
    processor.save_pretrained(folder)
    return folder
