"""For each module that weights must be fetched for: a tiny model in its file's form, and calls.

Weights are random, the files those that the ordinary path of loading reads. What needs a package
is imported when a model is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from vprog import types
from vprog.boundary import convert
from vprog.registry.module import ModuleSpec
from vprog.testing.samples import samples_of
from vprog.types import Frame, Video


def _by(file: str, function: str, *arguments: Any, inside: str = "") -> Callable[[Path], Path]:
    """What saves by a function of a file of tests; `inside` the folder, if it writes a file."""

    def save(folder: Path) -> Path:
        path = folder / inside if inside else folder
        saver = getattr(import_module(f"tests.{file}"), function)
        return Path(saver(path, *arguments) or path)

    return save


_TINY: dict[str, Callable[[Path], Path]] = {
    "DetectGroundingDino": _by(
        "modules.objects.tiny_detectors", "save_tiny_detector", "grounding-dino"
    ),
    "DetectOwlv2": _by("modules.objects.tiny_detectors", "save_tiny_detector", "owlv2"),
    "DetectRtDetr": _by("modules.objects.tiny_detectors", "save_tiny_detector", "rt_detr_v2"),
    "DetectYolo": _by("modules.objects.test_detect_yolo", "save_tiny_yolo"),
    "EstimateDepthAnything": _by(
        "modules.objects.test_estimate_depth_anything", "save_depth_anything"
    ),
    "EstimatePoseVitpose": _by("modules.people.tiny_vitpose", "save_tiny_vitpose"),
    "FindSoundsAst": _by("modules.sound.test_find_sounds_ast", "save_ast"),
    "FindSpeakersSortformer": _by("modules.speech.tiny_sortformer", "save_tiny_sortformer"),
    "MatchIdentityDinov2": _by("modules.objects.test_match_identity_dinov2", "save_tiny_dinov2"),
    "MeasureFlowRaft": _by(
        "modules.motion.test_measure_flow_raft", "save", "raft_small", inside="raft_small.pth"
    ),
    "ReadTextTrocr": _by("modules.text.tiny_trocr", "save_tiny_trocr"),
    "SearchSoundsClap": _by("modules.sound.tiny_clap", "save_tiny_clap"),
    "SegmentAtSam": _by("modules.segmentation.test_segment_at_sam", "save_tiny_sam"),
    "SegmentAtSam2": _by("modules.segmentation.tiny_sam2", "save_tiny_sam2"),
    "TrackMaskSam2": _by("modules.segmentation.tiny_sam2", "save_tiny_sam2"),
    "TranscribeOpenAIWhisper": _by(
        "modules.speech.tiny_whisper", "save_openai_whisper", inside="tiny.pt"
    ),
    "TranscribeTransformers": _by("modules.speech.tiny_whisper", "save_transformers_whisper"),
}


def save_tiny(spec: ModuleSpec, folder: Path) -> Path:
    """The file or folder of a tiny model that a module loads."""
    folder.mkdir(parents=True, exist_ok=True)
    if spec.implementation.endswith("OpenClip"):
        saver = _by("modules.retrieval.test_retrieval_open_clip", "save_tiny_open_clip")
    elif spec.implementation.endswith(("Clip", "Siglip")):
        kind = "siglip" if spec.implementation.endswith("Siglip") else "clip"
        saver = _by("models.tiny_vision", "save_tiny_clip", kind)
    else:
        saver = _TINY[spec.implementation]
    return saver(folder)


THING = "Detection('thing', Box(20.0 + 10.0 * frame.time, 30.0, 90.0, 95.0), 0.9, frame)"
PAIR = "[frame, Frame(0, frame.time + 0.3)]"

CALLS: dict[str, str] = {
    "ask": f"{PAIR}, 'What is it?'",
    "ask_choice": f"{PAIR}, 'Which?', ['red', 'grey', 'blue']",
    "ask_count": f"{PAIR}, 'How many?'",
    "ask_list": f"{PAIR}, 'Which things?'",
    "ask_number": f"{PAIR}, 'Which number?'",
    "ask_time": f"{PAIR}, 'When?'",
    "ask_where": "Frame(0, frame.time), 'the square'",
    "ask_yes_no": f"{PAIR}, 'Is it red?'",
    "caption": "frame, focus=''",
    "caption_clip": f"{PAIR}, focus=''",
    "classify_action": f"{PAIR}, [f'it moves {{frame.time}}', 'it rests']",
    "describe_region": "frame, Box(20.0, 30.0, 90.0 + frame.time, 95.0)",
    "detect": "frame, 'person', min_score=0.01",
    "estimate_depth": THING,
    "estimate_pose": f"{THING}, min_score=0.0",
    "find_speakers": "video, span=Span(frame.time, frame.time + 0.6)",
    "find_sounds": "video, 'dog', span=Span(frame.time, frame.time + 0.6), min_score=0.0",
    "first_time": "video, 'it is red', count=4, step=0.5",
    "ground_event": "video, 'a dog', fps=4.0",
    "judge_sufficient": f"{PAIR}, 'What is it?'",
    "match_identity": f"{THING}, Detection('thing', Box(60.0, 20.0, 100.0, 70.0), 0.9, frame)",
    "measure_flow": "video, span=Span(frame.time, frame.time + 0.5)",
    "read_text": "frame, min_score=0.0",
    "search_clips": "video, 'a dog', fps=4.0",
    "search_frames": "video, 'a dog', fps=4.0",
    "search_sounds": "video, 'a dog barks', span=Span(frame.time, frame.time + 0.6), seconds=0.5",
    "segment_at": "frame, Box(30.0, 30.0, 90.0 + frame.time, 95.0)",
    "track_mask": "video, mask, fps=4.0",
    "transcribe": "video",
}
"""By task: the arguments of a call about `frame`, as a program writes them, and about `mask`."""


def arguments_of(spec: ModuleSpec, videos: Sequence[Video], frame: Frame) -> dict[str, object]:
    """The arguments of the call that stands above, each by name."""

    def bind(*arguments: object, **named: object) -> dict[str, object]:
        return convert.bind(spec.signature, arguments, named, videos)

    mask = samples_of(videos[0], 0.0, "thing")[types.Mask]
    known = {**vars(types), "video": videos[0], "frame": frame, "mask": mask, "bind": bind}
    bound: dict[str, object] = eval(f"bind({CALLS[spec.task]})", known)
    return bound
