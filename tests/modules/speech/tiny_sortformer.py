"""A tiny Streaming Sortformer with random weights, saved as `save_pretrained` saves it."""

from __future__ import annotations

from pathlib import Path

N_SPEAKERS = 4
SURENESS = 10.0
"""Times the weights of the last layer: no probability is so near to 0.5 that rounding tells."""


def save_tiny_sortformer(folder: Path) -> Path:
    """Four speakers, a column of the spectrogram each 10 ms, chunks of 0.8 s."""
    import torch
    from transformers import (
        Nemotron3DiarizationConfig,
        Nemotron3DiarizationForAudioFrameClassification,
        Nemotron3DiarizationProcessor,
        NemotronAsrStreamingFeatureExtractor,
    )

    torch.manual_seed(4)
    config = Nemotron3DiarizationConfig(
        audio_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_mel_bins": 16,
        },
        head_config={"hidden_size": 16, "num_speakers": N_SPEAKERS, "audio_hidden_size": 32},
        streaming_config={
            "num_speakers": N_SPEAKERS, "speaker_cache_length": 16, "fifo_length": 16,
            "speaker_cache_update_period": 8,
        },
        chunk_length=10, chunk_right_context=2, fifo_length=4, speaker_cache_update_period=8,
    )  # fmt: skip
    model = Nemotron3DiarizationForAudioFrameClassification(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0)  # weights of the usual size say the same to everything
        for parameter in model.classifier.parameters():
            parameter.mul_(SURENESS)
    model.save_pretrained(folder)
    features = NemotronAsrStreamingFeatureExtractor(feature_size=16)
    Nemotron3DiarizationProcessor(features).save_pretrained(folder)
    return folder
