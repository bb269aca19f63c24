"""Tiny detectors with random weights, saved as `save_pretrained` saves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

OWLV2, GROUNDING_DINO, RT_DETR_V2, D_FINE = "owlv2", "grounding-dino", "rt_detr_v2", "d_fine"
KINDS = (OWLV2, GROUNDING_DINO, RT_DETR_V2, D_FINE)

LABELS = {0: "person", 1: "motorbike", 2: "tvmonitor", 3: "traffic light", 4: "sofa"}
WORDS = ("a", "photo", "of", "person", "dog", "red", "car", "man", "with", "hat")


def save_tiny_detector(folder: Path, kind: str, *, seed: int = 0) -> Path:
    """A detector of a kind, with the same random weights each time."""
    import torch

    torch.manual_seed(seed)
    make = {OWLV2: _owlv2, GROUNDING_DINO: _grounding_dino, RT_DETR_V2: _rt_detr, D_FINE: _d_fine}
    for part in make[kind]():
        part.save_pretrained(folder)
    return folder


def _owlv2() -> list[Any]:
    from transformers import Owlv2Config, Owlv2ForObjectDetection
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    layers = {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }  # fmt: skip
    tokenizer = _tokenizer({"<pad>": 0, "<unk>": 1}, "<bos>", "<eos>", last="<eos>")
    config = Owlv2Config(
        text_config={
            **layers, "vocab_size": len(tokenizer), "max_position_embeddings": 16,
            "bos_token_id": tokenizer.convert_tokens_to_ids("<bos>"),
            "eos_token_id": tokenizer.convert_tokens_to_ids("<eos>"), "pad_token_id": 0,
        },
        vision_config={**layers, "image_size": 96, "patch_size": 16},
        projection_dim=32,
    )  # fmt: skip
    model = Owlv2ForObjectDetection(config)
    _louder(model, 1.5)
    return [model, tokenizer, Owlv2ImageProcessorPil(size={"height": 96, "width": 96})]


def _grounding_dino() -> list[Any]:
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
        GroundingDinoImageProcessorPil,
    )

    # The network itself knows these numbers: they separate phrases.
    special = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, ".": 1012, "?": 1029}
    tokenizer = _tokenizer(special, "[CLS]", "[SEP]")
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin", "image_size": 64, "patch_size": 4, "embed_dim": 8,
            "depths": [1, 1, 1, 1], "num_heads": [1, 1, 2, 2], "window_size": 4,
            "out_features": ["stage2", "stage3", "stage4"],
        },
        text_config={
            "model_type": "bert", "vocab_size": 1100, "hidden_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 32,
        },
        d_model=64, num_queries=20, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, encoder_attention_heads=2, decoder_attention_heads=2,
    )  # fmt: skip
    model = GroundingDinoForObjectDetection(config)
    _louder(model.model.decoder.layer_norm, 0.15)  # else every score is 1
    processor = GroundingDinoImageProcessorPil(size={"shortest_edge": 96, "longest_edge": 160})
    return [model, tokenizer, processor]


def _detr(config: Any, network: Any) -> list[Any]:
    import torch
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

    model = network(config)
    with torch.no_grad():  # a new network is told that all things are rare
        for name, parameter in model.named_parameters():
            if "class_embed" in name or "score_head" in name:
                parameter.zero_() if name.endswith("bias") else parameter.mul_(2.0)
    return [model, RTDetrImageProcessorPil(size={"height": 64, "width": 64})]


def _rt_detr() -> list[Any]:
    from transformers import RTDetrV2Config, RTDetrV2ForObjectDetection

    config = RTDetrV2Config(
        backbone_config={
            "model_type": "rt_detr_resnet", "embedding_size": 8, "hidden_sizes": [8, 8, 16, 16],
            "depths": [1, 1, 1, 1], "layer_type": "basic", "out_indices": [2, 3, 4],
        },
        encoder_hidden_dim=16, encoder_in_channels=[8, 16, 16], encoder_ffn_dim=32,
        encoder_attention_heads=2, d_model=16, num_queries=40, decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=32, decoder_layers=2, decoder_attention_heads=2, id2label=LABELS,
        label2id={name: number for number, name in LABELS.items()},
    )  # fmt: skip
    return _detr(config, RTDetrV2ForObjectDetection)


def _d_fine() -> list[Any]:
    from transformers import DFineConfig, DFineForObjectDetection

    config = DFineConfig(
        backbone_config={
            "model_type": "hgnet_v2", "stem_channels": [3, 8, 8],
            "stage_in_channels": [8, 16, 16, 16], "stage_mid_channels": [8, 8, 8, 8],
            "stage_out_channels": [16, 16, 16, 16], "stage_num_blocks": [1, 1, 1, 1],
            "stage_downsample": [False, True, True, True],
            "stage_light_block": [False, False, True, True], "stage_kernel_size": [3, 3, 5, 5],
            "stage_numb_of_layers": [1, 1, 1, 1], "hidden_sizes": [16, 16, 16, 16],
            "depths": [1, 1, 1, 1], "embedding_size": 8, "out_indices": [2, 3, 4],
        },
        encoder_hidden_dim=16, encoder_in_channels=[16, 16, 16], encoder_ffn_dim=32,
        encoder_attention_heads=2, d_model=16, num_queries=40, decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=32, decoder_layers=2, decoder_attention_heads=2, lqe_hidden_dim=8,
        depth_mult=0.34, id2label=LABELS,
        label2id={name: number for number, name in LABELS.items()},
    )  # fmt: skip
    return _detr(config, DFineForObjectDetection)


def _louder(model: Any, factor: float) -> None:
    """Random weights of the usual size say the same to everything: louder ones do not."""
    import torch

    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)


def _tokenizer(special: dict[str, int], start: str, end: str, *, last: str = "") -> Any:
    """One token a word, between a start and an end."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pad, unknown = list(special)[:2]
    vocabulary = dict(special)
    for word in (start, *WORDS, last or end):
        number = 2
        while number in vocabulary.values():
            number += 1
        vocabulary.setdefault(word, number)
    if last:
        vocabulary[last] = max(vocabulary.values())  # the pooled token is that of the highest id
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        special_tokens=[(start, vocabulary[start]), (end, vocabulary[end])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, unk_token=unknown, bos_token=start,
        eos_token=end,
    )  # fmt: skip
