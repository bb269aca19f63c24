"""What models of full size cost by batch, and what batching gives programs that call them.

    python -m benchmarks.gpu [--device cuda] [--tiny] [--programs 1 10 32 128] [--rounds 1]

Needs PyTorch and transformers, and no network: weights are random, of the published shapes, in
bfloat16 on an accelerator. For each model the time of a batch of 1, 2, 4 ... is fitted by `fixed +
n * each`. Then programs are replayed as by benchmarks/batching.py, through vprog's scheduler and
broker, where `exists` is ViT-L/14 and `query` the vision-language model: beside the same calls in
full batches (ideal, measured), one by one, and with a fixed window. `--tiny` tries it with small
models on a CPU; its figures mean nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import batching

SIZES = (1, 2, 4, 8, 16, 32)
LONGEST_S = 20.0
"""Larger batches of a model are left out once one took a share of this: all is over in minutes."""

PROMPT, WRITTEN, WORDS = 256, 16, 32
"""Tokens: read and written by the language model, and of a question about a picture."""

Work = Callable[[int], None]
"""Does a batch of so many items, to its end."""


def clip_work(tiny: bool) -> tuple[Any, Callable[[int], dict[str, Any]]]:
    """ViT-L/14 at 224 pixels."""
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModel

    model = CLIPVisionModel(CLIPVisionConfig(**_vit_l14(tiny, 224)))
    return model, lambda n: {"pixel_values": torch.randn(n, 3, 224, 224)}


def sam_work(tiny: bool) -> tuple[Any, Callable[[int], dict[str, Any]]]:
    """The image encoder of SAM ViT-H at 1,024 pixels."""
    import torch
    from transformers import SamVisionConfig, SamVisionModel

    full = {"hidden_size": 1280, "num_hidden_layers": 32, "num_attention_heads": 16,
            "mlp_dim": 5120, "global_attn_indexes": [7, 15, 23, 31]}  # fmt: skip
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "mlp_dim": 64,
             "global_attn_indexes": [1], "image_size": 128, "window_size": 4}  # fmt: skip
    side = 128 if tiny else 1024
    model = SamVisionModel(SamVisionConfig(**(small if tiny else full)))
    return model, lambda n: {"pixel_values": torch.randn(n, 3, side, side)}


def whisper_work(tiny: bool) -> tuple[Any, Callable[[int], dict[str, Any]]]:
    """Whisper large-v3: 30 s of sound, and 64 tokens through the decoder in one go."""
    import torch
    from transformers import WhisperConfig, WhisperModel

    width, n_layers, n_heads = (64, 2, 2) if tiny else (1280, 32, 20)
    config = WhisperConfig(
        d_model=width, encoder_layers=n_layers, decoder_layers=n_layers, num_mel_bins=128,
        encoder_attention_heads=n_heads, decoder_attention_heads=n_heads,
        encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, vocab_size=51866,
    )  # fmt: skip
    return WhisperModel(config), lambda n: {
        "input_features": torch.randn(n, 128, 3000),
        "decoder_input_ids": torch.randint(0, 1000, (n, 64)),
    }


def language_work(tiny: bool) -> tuple[Any, Callable[[int], dict[str, Any]]]:
    """A language model of the shape of Qwen2.5-7B: reads a prompt and writes a few tokens."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    full = {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
            "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064}  # fmt: skip
    model = Qwen2ForCausalLM(Qwen2Config(**(_small_text() if tiny else full)))
    return model, lambda n: {"input_ids": torch.randint(0, 1000, (n, PROMPT))}


def vision_language_work(tiny: bool) -> tuple[Any, Callable[[int], dict[str, Any]]]:
    """A vision-language model of the shape of LLaVA-1.5-7B: a picture, a question, yes or no."""
    import torch
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
    )

    side = 56 if tiny else 336
    n_patches = (side // 14) ** 2
    full = {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
            "num_attention_heads": 32, "vocab_size": 32064}  # fmt: skip
    picture = 1999
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**_vit_l14(tiny, side)),
        text_config=LlamaConfig(**(_small_text() if tiny else full)),
        image_token_index=picture, image_seq_length=n_patches,
    )  # fmt: skip

    def batch(n: int) -> dict[str, Any]:
        words = torch.randint(0, 1000, (n, WORDS))
        pictures = torch.full((n, n_patches), picture)
        return {"input_ids": torch.cat([pictures, words], dim=1),
                "pixel_values": torch.randn(n, 3, side, side)}  # fmt: skip

    return LlavaForConditionalGeneration(config), batch


MODELS = {
    "ViT-L/14": clip_work,
    "SAM ViT-H encoder": sam_work,
    "Whisper large": whisper_work,
    "language model, 7B": language_work,
    "vision-language model, 7B": vision_language_work,
}


def _vit_l14(tiny: bool, side: int) -> dict[str, Any]:
    width, n_layers, n_heads = (32, 2, 2) if tiny else (1024, 24, 16)
    return {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": n_layers,
            "num_attention_heads": n_heads, "image_size": side, "patch_size": 14}  # fmt: skip


def _small_text() -> dict[str, Any]:
    return {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 2000}  # fmt: skip


def load(name: str, device: str, tiny: bool) -> Work:
    """A model with random weights on a device, as work by batch."""
    import torch

    kind = torch.float32 if device == "cpu" else torch.bfloat16
    torch.set_default_dtype(kind)
    try:
        with torch.device(device):
            model, inputs = MODELS[name](tiny)
    finally:
        torch.set_default_dtype(torch.float32)
    model.eval()
    has_text = name.startswith("language")

    def work(n: int) -> None:
        with torch.inference_mode(), torch.device(device):
            given = {
                key: value.to(kind) if value.is_floating_point() else value
                for key, value in inputs(n).items()
            }
            if has_text:
                model.generate(**given, attention_mask=torch.ones_like(given["input_ids"]),
                               min_new_tokens=WRITTEN, max_new_tokens=WRITTEN, do_sample=False,
                               pad_token_id=0)  # fmt: skip
            else:
                model(**given)
        if device != "cpu":
            torch.cuda.synchronize(device)

    work(1)
    return work


def fitted(work: Work, n_rounds: int) -> tuple[float, float, list[tuple[int, float]]]:
    """Seconds of a batch: fixed, for each item, and the sizes that were measured."""
    points: list[tuple[int, float]] = []
    for size in SIZES:
        work(size)  # kernels of this shape are chosen now
        seconds = statistics.median(batching.direct_s(lambda: work(size)) for _ in range(n_rounds))  # noqa: B023
        points.append((size, seconds))
        if seconds * (n_rounds + 1) > LONGEST_S / len(SIZES):
            break
    if len(points) == 1:
        return 0.0, points[0][1] / points[0][0], points
    each, fixed = statistics.linear_regression(*zip(*points, strict=True))
    return fixed, each, points


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="small models on the CPU")
    parser.add_argument("--programs", type=int, nargs="*", default=[1, 10, 32, 128])
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    device = "cpu" if options.tiny else options.device
    began = time.perf_counter()
    works: dict[tuple[float, float], Work] = {}
    print("model                        fixed ms  each ms   of batches (ms)")
    for name in MODELS:
        work = load(name, device, options.tiny)
        fixed, each, points = fitted(work, 3)
        measured = ", ".join(f"{size}: {seconds * 1000:.1f}" for size, seconds in points)
        print(f"{name:28} {fixed * 1000:8.2f} {each * 1000:8.2f}   {measured}", flush=True)
        if name.startswith("ViT"):
            works[batching.EXISTS] = work
        elif name.startswith("vision"):
            works[batching.QUERY] = work
        del work  # the memory of the others is for the batches
    batching.sleep = lambda costs, n: works[costs](n)
    batching.replay(options.programs, options.rounds)
    print(f"all in {time.perf_counter() - began:.0f} s on {device}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
