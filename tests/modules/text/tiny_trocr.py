"""A tiny TrOCR with random weights, saved as `save_pretrained` saves it; it writes whole words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ("platform", "mind", "the", "gap", "nine", "fifteen", "exit", "stop")
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def save_tiny_trocr(folder: Path, *, decoder: str = "trocr", never_ends: bool = False) -> Path:
    """ViT over 32 x 32 pixels, and a decoder with a token a word."""
    import torch
    from transformers import (
        BartConfig,
        BartForCausalLM,
        TrOCRConfig,
        TrOCRForCausalLM,
        VisionEncoderDecoderModel,
        ViTConfig,
        ViTModel,
    )
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    torch.manual_seed(0)
    vision = ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        image_size=32, patch_size=8,
    )  # fmt: skip
    sizes: dict[str, Any] = {
        "vocab_size": len(_SPECIAL) + len(WORDS),
        "d_model": 32,
        "decoder_layers": 2,
        "decoder_attention_heads": 2,
        "decoder_ffn_dim": 64,
        "max_position_embeddings": 128,
        "is_decoder": True,
        "add_cross_attention": True,
        "tie_word_embeddings": False,  # tied, they write the same word again and again
    }
    if decoder == "trocr":
        writer: Any = TrOCRForCausalLM(TrOCRConfig(cross_attention_hidden_size=32, **sizes))
    else:
        writer = BartForCausalLM(BartConfig(**sizes))
    model = VisionEncoderDecoderModel(encoder=ViTModel(vision), decoder=writer)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)  # weights of the usual size say the same to everything
    settings = {"decoder_start_token_id": 2, "pad_token_id": 1, "eos_token_id": 2}
    for name, value in settings.items():
        setattr(model.config, name, value)
        setattr(model.generation_config, name, value)
    model.generation_config.suppress_tokens = [0, 1, 3, *([2] if never_ends else [])]
    model.save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate((*_SPECIAL, *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>",
        unk_token="<unk>",
    )  # fmt: skip
