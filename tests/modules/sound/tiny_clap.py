"""A tiny CLAP with random weights, saved as `save_pretrained` saves it; it hears up to 5 s."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ("a", "dog", "barks", "rain", "falls", "somebody", "claps")
LONGEST_S = 5


def save_tiny_clap(folder: Path, *, is_fused: bool = False) -> Path:
    """HTSAT over 16 mel bands, RoBERTa with a token a word; both of thin layers."""
    import torch
    from transformers import (
        ClapAudioConfig,
        ClapConfig,
        ClapFeatureExtractor,
        ClapModel,
        ClapTextConfig,
    )

    torch.manual_seed(0)
    audio = ClapAudioConfig(
        num_mel_bins=16, spec_size=64, window_size=4, patch_size=4, patch_stride=[4, 4],
        patch_embeds_hidden_size=16, hidden_size=32, depths=[2, 2], num_hidden_layers=2,
        num_attention_heads=[2, 2], projection_dim=24, enable_fusion=is_fused,
        enable_patch_fusion=is_fused, fusion_type="aff_2d" if is_fused else None,
    )  # fmt: skip
    text = ClapTextConfig(
        vocab_size=4 + len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=96, projection_dim=24, pad_token_id=1,
    )  # fmt: skip
    model = ClapModel(ClapConfig(audio_config=audio, text_config=text, projection_dim=24))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "logit" not in name:
                parameter.mul_(3.0)  # weights of the usual size say the same to everything
    model.save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    ClapFeatureExtractor(
        feature_size=16, hop_length=960, max_length_s=LONGEST_S,
        truncation="fusion" if is_fused else "rand_trunc",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ("<s>", "<pad>", "</s>", "<unk>")
    vocabulary = {word: number for number, word in enumerate((*special, *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>",
        unk_token="<unk>",
    )  # fmt: skip
