"""Tiny Whisper models, saved in the files of OpenAI's package and of transformers.

Their weights are random but for what makes them say one sentence: the place of each token in the
text points at the next one, and the layers in between add nothing. So what they write, and how
sure they are of it, is known; when they believe a word is said comes from random attention to the
sound, the same for the same sound.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEXT = " hello world"
LANGUAGES = ("en", "de")
SURE, UNSURE = 1.0, 0.08
"""The spread of the numbers that tokens stand for: small ones leave the others likely."""

LOUD = 20.0
"""How much louder the place speaks than the token before."""


def save_openai_whisper(
    path: Path, *, language: str = "en", text: str = TEXT, spread: float = SURE
) -> Path:
    """A multilingual checkpoint that takes every sound for `text` in a language."""
    import torch
    import whisper
    from whisper.tokenizer import get_tokenizer

    torch.manual_seed(0)
    dims = whisper.ModelDimensions(
        n_mels=80, n_audio_ctx=1500, n_audio_state=64, n_audio_head=2, n_audio_layer=1,
        n_vocab=51865, n_text_ctx=64, n_text_state=64, n_text_head=2, n_text_layer=2,
    )  # fmt: skip
    model = whisper.Whisper(dims)
    tokenizer = get_tokenizer(True, num_languages=99, language=language, task="transcribe")
    with torch.no_grad():
        decoder = model.decoder
        decoder.token_embedding.weight.normal_(std=spread)
        for block in decoder.blocks:
            for layer in (block.attn.out, block.cross_attn.out, block.mlp[2]):
                layer.weight.zero_()
                layer.bias.zero_()
        wanted = [*tokenizer.encode(text), tokenizer.eot]
        places = decoder.positional_embedding
        places.zero_()
        places[0] = LOUD * decoder.token_embedding.weight[tokenizer.language_token]
        for at, token in enumerate(wanted, start=3):
            places[at] = LOUD * decoder.token_embedding.weight[token]
    torch.save({"dims": vars(dims), "model_state_dict": model.state_dict()}, path)
    return path


def save_transformers_whisper(
    folder: Path, *, language: str = "en", text: str = TEXT, spread: float = SURE
) -> Path:
    """The same with a token for each byte."""
    import torch
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
    )

    torch.manual_seed(0)
    tokenizer, ids = _tokenizer()
    ends = {"pad_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|endoftext|>"]}
    ends |= {"decoder_start_token_id": ids["<|startoftranscript|>"]}
    config = WhisperConfig(
        vocab_size=len(tokenizer), d_model=64, encoder_layers=1, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_target_positions=64, bos_token_id=ids["<|endoftext|>"],
        suppress_tokens=None, begin_suppress_tokens=None, **ends,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    with torch.no_grad():
        decoder = model.model.decoder
        decoder.embed_tokens.weight.normal_(std=spread)
        for layer in decoder.layers:
            for linear in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                linear.weight.zero_()
                linear.bias.zero_()
        wanted = [*tokenizer.encode(text, add_special_tokens=False), ids["<|endoftext|>"]]
        places = decoder.embed_positions.weight
        places.zero_()
        places[0] = LOUD * decoder.embed_tokens.weight[ids[f"<|{language}|>"]]
        for at, token in enumerate(wanted, start=3):
            places[at] = LOUD * decoder.embed_tokens.weight[token]
    model.generation_config = GenerationConfig(
        is_multilingual=True,
        lang_to_id={f"<|{code}|>": ids[f"<|{code}|>"] for code in LANGUAGES},
        task_to_id={task: ids[f"<|{task}|>"] for task in ("transcribe", "translate")},
        no_timestamps_token_id=ids["<|notimestamps|>"],
        max_length=60,
        **ends,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    WhisperFeatureExtractor().save_pretrained(folder)
    return folder


def _tokenizer() -> tuple[Any, dict[str, int]]:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(
        models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[])
    )
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    names = ["endoftext", "startoftranscript", *LANGUAGES, "translate", "transcribe"]
    names += ["startofprev", "nospeech", "notimestamps"]
    times = [f"{step / 50:.2f}" for step in range(1501)]
    special = [f"<|{name}|>" for name in (*names, *times)]
    made.add_special_tokens([AddedToken(token, special=True) for token in special])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|endoftext|>", pad_token="<|endoftext|>"
    )
    return tokenizer, {token: made.token_to_id(token) for token in special}
