"""Every learned module once at full size: random weights in bfloat16, through its own loading code.

    python -m benchmarks.every_module [MODULE ...] [--device cuda] [--tiny] [--into PAGE.md]

For each module whose weights must be fetched, and whose packages are here, a model of the published
shape is made with random weights, saved in the file that the module reads, and loaded by its
`load`. It is called on pictures of 1,280 x 720 (sound: 30 s): one call at a time, then as many
together as it declares. What comes of it means nothing; what it takes does. `--tiny` tries all of
this with tiny models on a CPU, whose figures mean nothing either. The vision-language model has
the shape of Qwen2.5-VL-7B and writes 16 tokens. Modules that a fault ends are rows that say so, and
exit 1.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402
from tests.modules.tiny_models import arguments_of, save_tiny  # noqa: E402
from tests.vocabulary import shipped_modules  # noqa: E402
from vprog.errors import ModuleFailedError  # noqa: E402
from vprog.execute.loaded_modules import LoadedModules  # noqa: E402
from vprog.llm.vlm_spec import find_vlm  # noqa: E402
from vprog.media.run_file import open_media  # noqa: E402
from vprog.media.run_videos import MediaSource  # noqa: E402
from vprog.models.weights import named_weights  # noqa: E402
from vprog.registry.availability import availability  # noqa: E402
from vprog.registry.call_context import using  # noqa: E402
from vprog.registry.module import Call, ModuleSpec, VlmSpec  # noqa: E402
from vprog.testing.sample_context import sample_context  # noqa: E402
from vprog.types import Frame  # noqa: E402

HEAD = (
    "| module | parameters (million) | MB | ms of 1 | batch | ms of batch | items a second |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)
SECONDS, FPS = 30, 10
WRITTEN = 16
"""Tokens of a reply: random weights write until they are stopped."""


@dataclass(frozen=True)
class Shape:
    """What a published model has that neither its tiny one nor its class has by itself.

    Attributes:
        network: its class in transformers; its configuration is the default but for `config`.
        config: what is not.
        size: what its processor makes of a picture, where that is not the default.
    """

    network: str
    config: dict[str, Any] = field(default_factory=dict)
    size: dict[str, int] | None = None


def _square(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


_SAM2 = Shape(
    "Sam2VideoModel",
    {"vision_config": {"backbone_config": {
        "model_type": "sam2_hiera_det_model", "blocks_per_stage": [1, 2, 11, 2],
        "global_attention_blocks": [7, 10, 13]}}},
)  # fmt: skip
_SIGLIP = Shape("SiglipModel", {"text_config": {"vocab_size": 256_000}}, _square(224))
_CLIP = Shape("CLIPModel", {}, {"shortest_edge": 224})
_VLM = Shape(
    "Qwen2_5_VLForConditionalGeneration",
    {
        "text_config": {
            "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
            "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152_064,
            "max_position_embeddings": 32_768,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6,
                                "mrope_section": [16, 24, 24]},
        },
        "vision_config": {
            "depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16,
            "out_hidden_size": 3584, "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31],
        },
    },
    {"shortest_edge": 56 * 56, "longest_edge": 1280 * 28 * 28},
)  # fmt: skip

SHAPES: dict[str, Shape] = {
    "DetectGroundingDino": Shape(
        "GroundingDinoForObjectDetection", {}, {"shortest_edge": 800, "longest_edge": 1333}
    ),
    "DetectOwlv2": Shape(
        "Owlv2ForObjectDetection", {"vision_config": {"image_size": 960}}, _square(960)
    ),
    "DetectRtDetr": Shape("RTDetrV2ForObjectDetection", {"num_labels": 80}, _square(640)),
    "EstimateDepthAnything": Shape("DepthAnythingForDepthEstimation", {}, _square(518)),
    "EstimatePoseVitpose": Shape(
        "VitPoseForPoseEstimation", {"num_labels": 17}, {"height": 256, "width": 192}
    ),
    "FindSoundsAst": Shape("ASTForAudioClassification", {"num_labels": 527}),
    "FindSpeakersSortformer": Shape("Nemotron3DiarizationForAudioFrameClassification"),
    "GroundEventClip": _CLIP,
    "GroundEventSiglip": _SIGLIP,
    "MatchIdentityDinov2": Shape(
        "Dinov2Model",
        {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 6, "image_size": 518},
        {"shortest_edge": 256},
    ),
    "ReadTextTrocr": Shape("VisionEncoderDecoderModel", {}, _square(384)),
    "SearchClipsClip": _CLIP,
    "SearchClipsSiglip": _SIGLIP,
    "SearchFramesClip": _CLIP,
    "SearchFramesSiglip": _SIGLIP,
    "SearchSoundsClap": Shape("ClapModel"),
    "SegmentAtSam2": _SAM2,
    "TrackMaskSam2": _SAM2,
    "TranscribeTransformers": Shape(
        "WhisperForConditionalGeneration",
        {"d_model": 512, "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 8,
         "decoder_attention_heads": 8, "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048},
    ),
}  # fmt: skip
"""By module of transformers; modules of other packages make their own (see `save_full`)."""


def learned() -> list[ModuleSpec]:
    """The modules whose weights must be fetched, and those that a model in this process serves."""
    return [
        spec
        for spec in shipped_modules()
        if spec.vlm_kind == "hf" or any(not weights.package for weights in spec.weights)
    ]


def save_full(spec: ModuleSpec, folder: Path) -> Path:
    """A model of the published shape, its random weights in bfloat16, in the file that is read."""
    name = spec.implementation
    if name == "SegmentAtSam":  # whose tiny model is of a kind that the package does not know
        return _full_sam(folder)
    path = save_tiny(spec, folder)
    if name in SHAPES:
        _enlarge(path, SHAPES[name])
        _listen_longer(name, path)
    elif name.endswith("OpenClip"):
        _full_open_clip(path)
    elif name == "MeasureFlowRaft":
        import torch
        from torchvision.models import optical_flow

        torch.save(optical_flow.raft_large(weights=None).state_dict(), path)
    elif name == "TranscribeOpenAIWhisper":
        import torch
        import whisper

        dims = whisper.ModelDimensions(80, 1500, 512, 8, 6, 51865, 448, 512, 8, 6)
        state = whisper.Whisper(dims).bfloat16().state_dict()
        torch.save({"dims": vars(dims), "model_state_dict": state}, path)
    # DetectYolo's tiny model has the published shape: yolo11n
    return path


def _enlarge(folder: Path, shape: Shape) -> None:
    """Put a model of a shape in the place of the tiny one, of which the tokens are kept."""
    import torch
    import transformers

    network: Any = getattr(transformers, shape.network)
    config = full_config(shape, network.config_class.from_pretrained(folder))
    torch.set_default_dtype(torch.bfloat16)
    try:
        model = network(config)
    finally:
        torch.set_default_dtype(torch.float32)
    if (folder / "generation_config.json").exists():
        model.generation_config = transformers.GenerationConfig.from_pretrained(folder)
    model.save_pretrained(folder)
    if shape.size is not None:
        file = folder / "preprocessor_config.json"
        told = json.loads(file.read_text(encoding="utf-8"))
        told["size"] = shape.size
        if "crop_size" in told:
            told["crop_size"] = _square(224)
        file.write_text(json.dumps(told), encoding="utf-8")


_TOKENS = (
    "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "image_token_id",
    "video_token_id", "vision_start_token_id", "vision_end_token_id", "suppress_tokens",
    "begin_suppress_tokens",
)  # fmt: skip


def _listen_longer(name: str, folder: Path) -> None:
    """Put what makes spectrograms of the published size in the place of the tiny one."""
    import transformers

    if name == "FindSoundsAst":
        transformers.ASTFeatureExtractor().save_pretrained(folder)
    elif name == "SearchSoundsClap":
        transformers.ClapFeatureExtractor(truncation="rand_trunc").save_pretrained(folder)
    elif name == "FindSpeakersSortformer":
        features = transformers.NemotronAsrStreamingFeatureExtractor(feature_size=128)
        transformers.Nemotron3DiarizationProcessor(features).save_pretrained(folder)


def full_config(shape: Shape, small: Any = None) -> Any:
    """The configuration of a published model, with the tokens of a tiny one."""
    import transformers

    if shape.network == "VisionEncoderDecoderModel":
        config: Any = _trocr_config(transformers)
    else:
        made = dict(shape.config)
        if small is not None and "num_labels" in made:
            named = {number: f"thing {number}" for number in range(made.pop("num_labels"))}
            made["id2label"] = {**named, **small.id2label}
            made["label2id"] = {label: number for number, label in made["id2label"].items()}
        if (text := getattr(small, "text_config", None)) is not None:
            made["text_config"] = {**made.get("text_config", {}), **_tokens_of(text)}
        config = getattr(transformers, shape.network).config_class(**made)
    for name, token in _tokens_of(small).items():
        setattr(config, name, token)
    return config


def _tokens_of(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in _TOKENS if hasattr(config, name)}


def _trocr_config(transformers: Any) -> Any:
    """TrOCR base: ViT-B at 384 pixels, a decoder of twelve layers."""
    encoder = transformers.ViTConfig(image_size=384, qkv_bias=False)
    decoder = transformers.TrOCRConfig(
        cross_attention_hidden_size=768, is_decoder=True, add_cross_attention=True
    )
    return transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)


def _full_sam(folder: Path) -> Path:
    import torch
    from segment_anything import sam_model_registry

    folder.mkdir(parents=True, exist_ok=True)
    torch.save(sam_model_registry["vit_b"]().bfloat16().state_dict(), folder / "sam_vit_b.pth")
    return folder / "sam_vit_b.pth"


def _full_open_clip(folder: Path) -> None:
    import open_clip
    import torch

    shape = open_clip.get_model_config("ViT-B-32")
    file = folder / "open_clip_config.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**told, "model_cfg": shape}), encoding="utf-8")
    torch.save(
        open_clip.CLIP(**shape).bfloat16().state_dict(), folder / "open_clip_pytorch_model.bin"
    )


class Bench:
    """The clip that modules are called on, and what is known of the device."""

    def __init__(self, folder: Path, device: str, *, tiny: bool) -> None:
        import numpy as np

        self.folder, self.device, self.tiny = folder, device, tiny
        size = (160, 120) if tiny else (1280, 720)
        seconds = 5 if tiny else SECONDS
        clip = draw_video(
            folder / "clip.mp4", seconds * FPS, fps=FPS, size=size,
            tone=lambda times: 0.3 * np.sin(2000.0 * times),
        )  # fmt: skip
        self.source = MediaSource([open_media(clip)])
        self._saved: dict[str, Path] = {}

    def row(self, spec: ModuleSpec) -> str:
        """The row of a module."""
        with ExitStack() as held:
            try:
                bound = held.enter_context(self._bound(spec))
                return self._measured(bound)
            except Exception as error:  # every module has its row, whatever another raises
                words = " ".join(f"{type(error).__name__}: {error}".split())[:160]
                return f"| `{spec.name}` | failed: {words.replace('|', '/')} |" + " |" * 5

    @contextmanager
    def _bound(self, spec: ModuleSpec) -> Iterator[ModuleSpec]:
        """The module with a model of its own."""
        if spec.vlm_kind:
            yield replace(spec, vlm=self._vlm())
            return
        name = spec.implementation
        with ExitStack() as held:
            if name == "SegmentAtSam" and self.tiny:
                from tests.modules.segmentation.test_segment_at_sam import tiny_kind

                held.enter_context(tiny_kind())
            if name not in self._saved:
                make = save_tiny if self.tiny else save_full
                self._saved[name] = make(spec, self.folder / name)
            yield replace(spec, weights=(named_weights(str(self._saved[name])),))

    def _vlm(self) -> VlmSpec:
        from tests.modules.vlm.tiny_vlm import QWEN_2_5, save_tiny_vlm

        if QWEN_2_5 not in self._saved:
            folder = self._saved[QWEN_2_5] = self.folder / QWEN_2_5
            save_tiny_vlm(folder, QWEN_2_5)
            if not self.tiny:
                _enlarge(folder, _VLM)
        found = find_vlm(f"hf:{self._saved[QWEN_2_5]}")
        assert found is not None
        return found

    def _measured(self, spec: ModuleSpec) -> str:
        self._forget_peak()
        loaded = LoadedModules(self.device)
        instance: Any = loaded.instance(spec)
        others = LoadedModules(self.device)
        frames = [Frame(0, 0.1 * at) for at in range(2 * spec.batch_size + 2)]
        calls = [
            Call.of(
                spec,
                arguments_of(spec, self.source.videos, frame),
                sample_context(spec, self.source, others),
            )
            for frame in frames
        ]
        alone = _timed(lambda: _one(instance, calls[1]), first=lambda: _one(instance, calls[0]))
        together = float("nan")
        if spec.has_batch:
            size = spec.batch_size
            together = _timed(
                lambda: _many(instance, calls[2 + size :]),
                first=lambda: _many(instance, calls[2 : 2 + size]),
            )
        numbers = f"{_millions(instance):.1f} | {self._peak_mb()} | {1000 * alone:.1f}"
        loaded.close()
        if not spec.has_batch:
            return f"| `{spec.name}` | {numbers} | - | - | {1 / alone:.1f} |"
        rate = spec.batch_size / together
        return (
            f"| `{spec.name}` | {numbers} | {spec.batch_size} | {1000 * together:.1f} "
            f"| {rate:.1f} |"
        )

    def _forget_peak(self) -> None:
        if self.device != "cpu":
            import torch

            torch.cuda.reset_peak_memory_stats(self.device)

    def _peak_mb(self) -> int | str:
        """The most that was held on the device at once; of a CPU nothing is told."""
        if self.device == "cpu":
            return "-"
        import torch

        return round(torch.cuda.max_memory_allocated(self.device) / 1e6)


def _timed(work: Any, *, first: Any) -> float:
    """Seconds of some work; kernels are chosen in the work before it. Results are on the host."""
    first()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _one(instance: Any, call: Call) -> None:
    with using(call.context):
        _run(lambda: instance(**call.arguments))


def _many(instance: Any, calls: Sequence[Call]) -> None:
    _run(lambda: instance.batch(list(calls)))


def _run(work: Any) -> None:
    """Do it; what random weights write is no number, no list and no box, which is no fault."""
    try:
        work()
    except ModuleFailedError as error:
        if "can be read from" not in error.message:
            raise


def _millions(instance: Any) -> float:
    """Parameters of the networks that an instance holds."""
    import torch

    from vprog.models.memory_budget import MODEL_MEMORY

    waiting = [instance, *MODEL_MEMORY.held_by(instance)]
    for part in vars(instance).values():  # e.g. the encoder or the backend that it asks
        waiting += [part, *MODEL_MEMORY.held_by(part)]
    networks: dict[int, torch.nn.Module] = {}
    for item in waiting:
        for value in (item, *getattr(item, "__dict__", {}).values()):
            if isinstance(value, torch.nn.Module):
                networks[id(value)] = value
            elif isinstance(getattr(value, "model", None), torch.nn.Module):
                networks[id(value.model)] = value.model
    return sum(p.numel() for network in networks.values() for p in network.parameters()) / 1e6


@contextmanager
def _short_replies() -> Iterator[None]:
    """While it lasts, the model of a VLM writes `WRITTEN` tokens, whatever it is asked for."""
    from vprog_modules.vlm.vlm_transformers import TransformersVlm

    answer = TransformersVlm.answer

    def shortened(self: Any, requests: Sequence[Any]) -> Any:
        return answer(self, [replace(request, max_tokens=WRITTEN) for request in requests])

    TransformersVlm.answer = shortened  # type: ignore[method-assign]
    try:
        yield
    finally:
        TransformersVlm.answer = answer  # type: ignore[method-assign]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="e.g. DetectOwlv2; else all")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="tiny models on the CPU")
    parser.add_argument("--into", type=Path, help="a page to write the table to")
    options = parser.parse_args(arguments)
    device = "cpu" if options.tiny else options.device
    specs = learned()
    if unknown := set(options.modules) - {spec.implementation for spec in specs}:
        sys.exit(f"no learned module {', '.join(sorted(unknown))}")
    chosen = [
        spec for spec in specs if not options.modules or spec.implementation in options.modules
    ]
    lines = [HEAD]
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as name, _short_replies():
        bench = Bench(Path(name), device, tiny=options.tiny)
        for spec in chosen:
            absent = availability(replace(spec, weights=(), vlm=None, vlm_kind=""))
            row = f"| `{spec.name}` | not here: {absent.reason} |" + " |" * 5
            if absent.ok:
                row = bench.row(spec)
            lines.append(row)
            print(row, flush=True)
        bench.source.close()
    if options.into:
        when = f"{datetime.date.today()}, {_machine(device)}{', tiny models' * options.tiny}"
        options.into.write_text(
            f"# Every learned module once\n\n{when}; by `python -m benchmarks.every_module`.\n\n"
            + "\n".join(lines) + "\n", encoding="utf-8",
        )  # fmt: skip
    return 1 if any("failed:" in line for line in lines) else 0


def _machine(device: str) -> str:
    if device == "cpu":
        return f"{platform.machine()}, no GPU"
    import torch

    return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"


if __name__ == "__main__":
    sys.exit(main())
