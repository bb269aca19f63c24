"""`vprog run` with learned modules: tiny models of random weights, named on the command line."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")
pytest.importorskip("scipy", reason="the extra hf is not installed")

from tests.cli.command import vprog
from tests.drawing import draw_video
from tests.models.tiny_vision import SIGLIP, save_tiny_clip
from tests.modules.objects.tiny_detectors import OWLV2, RT_DETR_V2, save_tiny_detector
from tests.modules.people.tiny_vitpose import save_tiny_vitpose
from tests.modules.segmentation.tiny_sam2 import save_tiny_sam2
from tests.modules.sound.tiny_clap import save_tiny_clap
from tests.modules.speech.tiny_sortformer import save_tiny_sortformer
from tests.modules.speech.tiny_whisper import save_transformers_whisper
from tests.modules.text.tiny_trocr import save_tiny_trocr
from tests.modules.vlm.tiny_vlm import QWEN_2_5, save_tiny_vlm

pytestmark = pytest.mark.usefixtures("home")

PROGRAM = """\
found = detect(frame_at(video, 0.5), "red car", min_score=0.05)
masks = segment(frame_at(video, 0.5), "red car", min_score=0.05)
followed = track_mask(video, masks[0], fps=2.0)
tracks = track(video, "red car", fps=2.0)
answer(f"{len(found)} {len(masks)} {len(followed)} {len(tracks) > 0}", evidence=masks[:1])
"""


@pytest.fixture(scope="module")
def owlv2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_detector(tmp_path_factory.mktemp("owlv2"), OWLV2)


@pytest.fixture(scope="module")
def sam2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_sam2(tmp_path_factory.mktemp("sam2"))


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """White letters on blue, and a tone."""

    def paint(_: int, width: int, height: int) -> np.ndarray:
        picture = np.full((height, width, 3), (20, 20, 90), np.uint8)
        return cv2.putText(
            picture, "EXIT 7", (40, 120), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (255, 255, 255), 4
        )

    path = tmp_path_factory.mktemp("clips") / "sign.mp4"
    return draw_video(
        path, 10, size=(320, 240), paint=paint, tone=lambda times: 0.5 * np.sin(2764.6 * times)
    )


def test_detect_segment_and_track_together_and_the_page_shows_masks(
    home: Path, clip: Path, owlv2: Path, sam2: Path
) -> None:
    program = home / "program.py"
    program.write_text(PROGRAM)
    modules = {
        "detect": f"DetectOwlv2:{owlv2}",
        "segment_at": f"SegmentAtSam2:{sam2}",
        "track_mask": f"TrackMaskSam2:{sam2}",
        "track": "TrackDetections",
    }
    named = [word for task, name in modules.items() for word in ("--module", f"{task}={name}")]
    ran = vprog("run", clip, program, *named, "--json")
    assert ran.json["status"] == "answered", ran.json["error"]
    n_found, n_masks, n_followed, has_tracks = ran.json["answer"].split()
    assert int(n_found) == int(n_masks) > 0
    assert int(n_followed) > 1
    assert has_tracks == "True"
    assert ran.json["evidence"][0]["supported"]
    page = home / "page.html"
    vprog("trace", "export", "last", "--html", page)
    text = page.read_text(encoding="utf-8")
    assert "data:image/png;base64," in text
    assert 'class="box"' in text


TOGETHER = """\
said = transcribe(video)
near = search_frames(video, "a red square", count=1, fps=2.0)
frame = frame_at(video, near[0].start)
found = detect(frame, "red car", min_score=0.05)
masks = segment(frame, "red car", min_score=0.05)
tracks = track(video, "red car", fps=2.0)
reply = ask([crop(frame, found[0].box)], "What is it?")
memory = [*said, *near, *found, *masks[:1], *tracks, reply]
rows = query_memory("SELECT item, kind, start FROM Timeline WHERE kind <> 'Detection'", memory)
kinds = sorted({row.texts["kind"] for row in rows})
words = " ".join([word.text for line in said for word in line.words])
answer(f"{words}; {', '.join(kinds)}", evidence=[value for row in rows for value in row.evidence])
"""


def test_all_kinds_of_models_in_one_program_and_its_page(
    home: Path, owlv2: Path, sam2: Path, media_dir: Path, tmp_path: Path
) -> None:
    """Random weights but for Whisper's: what is found means nothing, that it is shown does."""
    with wave.open(str(media_dir / "speech" / "goforward.wav")) as recording:
        rate = recording.getframerate()
        samples = np.frombuffer(recording.readframes(recording.getnframes()), "<i2") / 32768
    clip = draw_video(
        tmp_path / "clip.mp4", 30, size=(320, 240),
        tone=lambda times: np.interp(times, np.arange(len(samples)) / rate, samples),
    )  # fmt: skip
    siglip = save_tiny_clip(tmp_path / "siglip", SIGLIP)
    whisper = save_transformers_whisper(tmp_path / "whisper")
    vlm = save_tiny_vlm(tmp_path / "vlm", QWEN_2_5)
    program = home / "program.py"
    program.write_text(TOGETHER)
    modules = {
        "detect": f"DetectOwlv2:{owlv2}",
        "segment_at": f"SegmentAtSam2:{sam2}",
        "track": "TrackDetections",
        "search_frames": f"SearchFramesSiglip:{siglip}",
        "transcribe": f"TranscribeTransformers:{whisper}",
    }
    named = [word for task, name in modules.items() for word in ("--module", f"{task}={name}")]
    ran = vprog("run", clip, program, *named, "--vlm", f"hf:{vlm}", "--json")
    assert ran.json["status"] == "answered", ran.json["error"]
    assert ran.json["answer"] == "hello world; Mask, Match, Reply, Speech, Track"
    assert all(item["supported"] for item in ran.json["evidence"])
    page = home / "page.html"
    vprog("trace", "export", "last", "--html", page, "--video")
    text = page.read_text(encoding="utf-8")
    for shown in ("data:image/png;base64,", 'class="box"', "hello", "red car", "data:video/"):
        assert shown in text


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


SINGLE = {
    "ReadTextTrocr": (
        save_tiny_trocr,
        "lines = read_text(frame_at(video, 0.0), min_score=0.0)\n"
        "answer(len(lines), evidence=lines)",
    ),
    "EstimatePoseVitpose": (
        save_tiny_vitpose,
        'person = Detection("person", Box(40.0, 40.0, 200.0, 200.0), 0.9, Frame(0, 0.1))\n'
        "pose = estimate_pose(person, min_score=0.0)\n"
        "answer(len(pose.keypoints), evidence=[pose])",
    ),
    "SearchSoundsClap": (
        save_tiny_clap,
        'found = search_sounds(video, "rain falls", seconds=0.5)\n'
        "answer(len(found), evidence=found)",
    ),
    "FindSpeakersSortformer": (
        save_tiny_sortformer,
        "found = find_speakers(video)\nanswer(len(found), evidence=found)",
    ),
}
"""By module: what saves a tiny model for it, and a program that calls it on a sign."""


@pytest.mark.parametrize("name", SINGLE)
def test_a_module_is_named_on_the_command_line_and_its_values_are_evidence(
    home: Path, models: Path, sign: Path, name: str
) -> None:
    save, text = SINGLE[name]
    program = home / "program.py"
    program.write_text(text + "\n")
    (task,) = re.findall(r"= (\w+_\w+)\(", text)
    module = f"{task}={name}:{save(models / name)}"
    ran = vprog("run", sign, program, "--module", module, "--json")
    assert ran.json["status"] == "answered", ran.json["error"]
    assert int(ran.json["answer"]) > 0
    assert all(item["supported"] for item in ran.json["evidence"])
    page = home / "page.html"
    vprog("trace", "export", "last", "--html", page)
    assert name in page.read_text(encoding="utf-8")


def test_a_label_that_the_model_does_not_know_ends_the_program_with_the_near_ones(
    home: Path, clip: Path, tmp_path: Path
) -> None:
    folder = save_tiny_detector(tmp_path / "model", RT_DETR_V2)
    program = home / "program.py"
    program.write_text('answer(len(detect(frame_at(video, 0.5), "trafic light")))\n')
    ran = vprog("run", clip, program, "--module", f"detect=DetectRtDetr:{folder}", "--json")
    assert ran.json["status"] == "failed"
    assert 'does not know "trafic light"' in ran.json["error"]["message"]
    assert "traffic light" in ran.json["error"]["message"]


def test_modules_list_shows_named_weights_extra_and_licence(owlv2: Path) -> None:
    rows = vprog("modules", "list", "--module", f"detect=DetectOwlv2:{owlv2}", "--json").json
    detectors = {row["implementation"]: row for row in rows if row["task"] == "detect"}
    assert detectors["DetectOwlv2"]["serves"]
    assert detectors["DetectOwlv2"]["weights"][0]["id"] == str(owlv2)
    yolo = detectors["DetectYolo"]
    assert (yolo["extra"], yolo["weights"][0]["licence"]) == ("yolo", "AGPL-3.0")
    assert detectors["DetectRtDetr"]["weights"][0]["licence"] == "Apache-2.0"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["detect"], "must be joined by ="),
        (["detect=DetectHog", "--module", "detect=DetectOwlv2"], "detect is given twice"),
        (["detect=DetectHog:/nowhere"], "takes no other weights"),
        (["detect=DetectOwlv2:org/none"], "weights are not on this machine"),
    ],
)
def test_modules_that_cannot_be_had_are_refused(
    home: Path, clip: Path, named: list[str], said: str
) -> None:
    program = home / "program.py"
    program.write_text("answer(1)\n")
    ran = vprog("run", clip, program, "--module", *named, "--json")
    assert said in ran.json["error"]["message"]
