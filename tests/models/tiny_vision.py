"""Tiny CLIP and SigLIP models with random weights, saved as `save_pretrained` saves them.

Nothing is downloaded; the tokenizers know the letters of the alphabet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

CLIP, SIGLIP = "clip", "siglip"
SIDE = 32
_LAYERS = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def save_tiny_clip(folder: Path, kind: str = CLIP) -> Path:
    """A model that takes pictures and texts, with the same random weights each time."""
    import torch
    from transformers import AutoModel, CLIPConfig, SiglipConfig
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    torch.manual_seed(0)
    tokenizer = _tokenizer(16 if kind == SIGLIP else 77)
    text = {**_LAYERS, "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    text |= {"eos_token_id": tokenizer.eos_token_id, "bos_token_id": tokenizer.bos_token_id}
    vision = {**_LAYERS, "image_size": SIDE, "patch_size": 8}
    if kind == CLIP:
        config: Any = CLIPConfig(
            text_config={**text, "max_position_embeddings": 77, "projection_dim": 24},
            vision_config={**vision, "projection_dim": 24},
            projection_dim=24,
        )
        processor: Any = CLIPImageProcessorPil(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
        )
    else:
        config = SiglipConfig(
            text_config={**text, "max_position_embeddings": 16, "projection_size": 32},
            vision_config=vision,
        )
        processor = SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE})
    model = AutoModel.from_config(config)
    with torch.no_grad():  # louder than usual, so that pictures are told apart
        for parameter in model.parameters():
            parameter.mul_(3.0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def in_hub_cache(hub: Path, model: str, *, commit: str = "0" * 40) -> Path:
    """The folder in which the tools of the hub would keep a model; its branch main is named."""
    root = hub / f"models--{model.replace('/', '--')}"
    (root / "refs").mkdir(parents=True, exist_ok=True)
    (root / "refs" / "main").write_text(commit)
    return root / "snapshots" / commit


def _tokenizer(longest: int) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(
        models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[])
    )
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(
        [AddedToken(token, special=True) for token in ("<start>", "<end>", "<pad>")]
    )
    ends = [(token, made.token_to_id(token)) for token in ("<start>", "<end>")]
    made.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=ends
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<start>",
        eos_token="<end>",
        pad_token="<pad>",
        model_max_length=longest,
    )
