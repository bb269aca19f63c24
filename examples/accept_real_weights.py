"""Runs every learned module whose package and weights are here, on files that anybody can get.

    python examples/accept_real_weights.py FOLDER [--vlm SPEC] [--llm SPEC] [--device auto|cpu|cuda]

FOLDER holds three files, which this script never fetches by itself:

    curl -L -o cats.jpg http://images.cocodataset.org/val2017/000000039769.jpg
    curl -L -o skier.jpg http://images.cocodataset.org/val2017/000000000785.jpg
    curl -L -o jfk.flac https://github.com/openai/whisper/raw/main/tests/jfk.flac

The first is COCO's picture of two cats on a couch beside two remote controls, the second its
picture of a woman on skis; the third is the sentence "And so, my fellow Americans, ask not what
your country can do for you ...", spoken by one man. What else is needed is drawn from them. Each
implementation of each task is named in turn, runs a program, and its answer is compared with what
is to be seen or heard. So is what each reader of frames decodes (PyAV, decord, torchcodec), and,
where a language model is named (`llama:FILE.gguf`, `hf:MODEL`, `openai:MODEL`), a program that it
writes. Exit 1 if one is wrong or fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

import vprog
from vprog.execute.runtime import with_vlm
from vprog.registry.discover import discover
from vprog.registry.registry import Registry
from vprog.settings import load_settings

RIGHT_CAT = "Box(345.0, 23.0, 640.0, 368.0)"
"""In pixels of the picture, 640 x 480."""

NOT_LEARNED = ("DetectHog", "TrackHog", "TranscribePocketsphinx", "TranscribeSubtitles")


@dataclass(frozen=True)
class Check:
    """A program for one task, and a pattern that its answer must match."""

    task: str
    file: str
    program: str
    expected: str


CHECKS = (
    Check(
        "detect",
        "cats.jpg",
        """
found = nms([item for item in detect(frame_at(video, 0.0), "cat") if item.score >= 0.3], 0.6)
answer(len(found), evidence=found)
""",
        "2",
    ),
    Check(
        "track",
        "cats_come.mp4",
        """
tracks = track(video, "cat")
answer(len(tracks_at(tracks, 3.0)), evidence=tracks)
""",
        "2",
    ),
    Check(
        "segment_at",
        "cats.jpg",
        f"""
mask = segment_at(frame_at(video, 0.0), {RIGHT_CAT})
answer("a cat" if 35000 < mask.area < 90000 else f"{{mask.area}} pixels", evidence=[mask])
""",
        "a cat",
    ),
    Check(
        "segment",
        "cats.jpg",
        """
masks = segment(frame_at(video, 0.0), "cat", min_score=0.3)
answer(len(masks), evidence=masks)
""",
        "2",
    ),
    Check(
        "track_mask",
        "cats_come.mp4",
        f"""
masks = track_mask(video, segment_at(frame_at(video, 3.0), {RIGHT_CAT}), fps=2.0)
areas = sorted([mask.area for mask in masks if mask.frame.time >= 2.2])
answer("steady" if areas[-1] < 1.3 * areas[0] else f"{{areas}}", evidence=masks)
""",
        "steady",
    ),
    Check(
        "match_identity",
        "cats_come.mp4",
        """
first, last = frame_at(video, 2.5), frame_at(video, 3.5)
left = Detection("cat", Box(13.0, 52.0, 314.0, 470.0), 1.0, first)
again = Detection("cat", Box(13.0, 52.0, 314.0, 470.0), 1.0, last)
other = Detection("cat", Box(345.0, 23.0, 640.0, 368.0), 1.0, last)
answer("the same" if match_identity(left, again) > match_identity(left, other) else "another")
""",
        "the same",
    ),
    Check(
        "search_frames",
        "cats_come.mp4",
        """
found = search_frames(video, "two cats lying on a couch", count=1, fps=2.0)
answer(found[0].start, evidence=found)
""",
        r"[23]\..*",
    ),
    Check(
        "search_clips",
        "cats_come.mp4",
        """
found = search_clips(video, "two cats lying on a couch", seconds=1.0, count=1, fps=2.0)
answer(found[0].start, evidence=found)
""",
        r"[23]\..*|1\.[5-9]",
    ),
    Check(
        "ground_event",
        "cats_come.mp4",
        """
found = ground_event(video, "two cats lying on a couch", fps=2.0, smooth=1.0, count=1)
answer(found[0].start, evidence=found)
""",
        r"[23]\..*|1\.[5-9]",
    ),
    Check(
        "measure_flow",
        "cats_pan.mp4",
        """
levels = measure_flow(video, "right", span=Span(0.0, 0.8))
mean = sum([level.value for level in levels]) / len(levels)
answer("40 to the right" if 32.0 < mean < 48.0 else f"{mean:.1f}", evidence=levels)
""",
        "40 to the right",
    ),
    Check(
        "transcribe",
        "jfk.flac",
        """
speech = transcribe(video)
answer(folded(" ".join([part.text for part in speech])), evidence=speech)
""",
        r".*ask not what your country can do for you.*",
    ),
    Check(
        "read_text",
        "sign.png",
        """
lines = read_text(frame_at(video, 0.0))
answer(" ".join([line.text for line in lines]), evidence=lines)
""",
        r".*PLATFORM 42.*",
    ),
    Check(
        "estimate_depth",
        "cats.jpg",
        f"""
frame = frame_at(video, 0.0)
cat = estimate_depth(Detection("cat", {RIGHT_CAT}, 1.0, frame))
behind = estimate_depth(Detection("couch", Box(0.0, 0.0, 640.0, 20.0), 1.0, frame))
answer("nearer" if cat > behind else f"{{cat}}, {{behind}}")
""",
        "nearer",
    ),
    Check(
        "estimate_pose",
        "skier.jpg",
        """
pose = estimate_pose(detect(frame_at(video, 0.0), "person")[0])
height = {point.name: point.y for point in pose.keypoints}
upright = height["nose"] < height["left hip"] < height["left ankle"]
answer("upright" if upright else f"{height}", evidence=[pose])
""",
        "upright",
    ),
    Check(
        "find_sounds",
        "speech_then_tone.wav",
        """
spoken = find_sounds(video, "speech")
answer(f"{spoken[0].start < 3.0 and spoken[-1].end < 14.0}", evidence=spoken)
""",
        "True",
    ),
    Check(
        "search_sounds",
        "speech_then_tone.wav",
        """
found = search_sounds(video, "a man is speaking", seconds=5.0, count=1)
answer("in the speech" if found[0].end < 12.0 else f"{found[0].start}", evidence=found)
""",
        "in the speech",
    ),
    Check(
        "find_speakers",
        "jfk.flac",
        """
turns = find_speakers(video)
answer(len({turn.kind for turn in turns}), evidence=turns)
""",
        "1",
    ),
    Check(
        "search_meaning",
        "jfk.flac",
        """
texts = ["the dog sleeps in the sun", "a man repairs his car", "it rains in the mountains"]
told = [Match(text, float(at), at + 1.0, 1.0, "made up") for at, text in enumerate(texts)]
answer(search_meaning(told, "somebody fixes an automobile", count=1)[0].text)
""",
        "a man repairs his car",
    ),
    Check("caption", "cats.jpg", "answer(caption(frame_at(video, 0.0)).text)", r".*\bcats?\b.*"),
    Check(
        "caption_clip",
        "cats_come.mp4",
        "answer(caption_clip(sample_frames(video, count=4)).text)",
        r".*\bcats?\b.*",
    ),
    Check(
        "describe_region",
        "cats.jpg",
        f"answer(describe_region(frame_at(video, 0.0), {RIGHT_CAT}).text)",
        r".*\bcat\b.*",
    ),
    Check(
        "ask",
        "cats.jpg",
        'answer(ask([frame_at(video, 0.0)], "Which animals are these? One word.").text)',
        r".*\bcats?\b.*",
    ),
    Check(
        "ask_yes_no",
        "cats.jpg",
        'answer(ask_yes_no([frame_at(video, 0.0)], "Is there a horse in the picture?").text)',
        "no",
    ),
    Check(
        "ask_choice",
        "cats.jpg",
        'answer(ask_choice([frame_at(video, 0.0)], "What lies there?", ["ships", "cats"]).text)',
        "cats",
    ),
    Check(
        "ask_count",
        "cats.jpg",
        'answer(ask_count([frame_at(video, 0.0)], "How many cats are there?").text)',
        "2",
    ),
    Check(
        "ask_number",
        "sign.png",
        'answer(ask_number([frame_at(video, 0.0)], "Which number is on the sign?").text)',
        r"42(\.0)?",
    ),
    Check(
        "ask_list",
        "cats.jpg",
        """
named = ask_list([frame_at(video, 0.0)], "Which animals are there?")
answer(", ".join([item.text for item in named]))
""",
        r".*\bcats?\b.*",
    ),
    Check(
        "ask_time",
        "cats_come.mp4",
        """
said = ask_time(sample_frames(video, count=8), "When do the cats first appear?")
answer(float(said.text))
""",
        r"[12]\..*",
    ),
    Check(
        "ask_where",
        "cats.jpg",
        f"""
found = ask_where(frame_at(video, 0.0), "the cat on the right")
answer("there" if iou(found[0].box, {RIGHT_CAT}) > 0.5 else f"{{found[0].box}}", evidence=found)
""",
        "there",
    ),
    Check(
        "first_time",
        "cats_come.mp4",
        """
found = first_time(video, "two cats are seen")
answer(found[0].start, evidence=found)
""",
        r"[12]\..*",
    ),
    Check(
        "classify_action",
        "cats.jpg",
        'answer(classify_action([frame_at(video, 0.0)], ["swimming", "sleeping"]).text)',
        "sleeping",
    ),
    Check(
        "judge_sufficient",
        "cats.jpg",
        'answer(judge_sufficient([frame_at(video, 0.0)], "How many cats are there?").text)',
        "yes",
    ),
)


READERS = {"pyav": "av", "decord": "decord", "torchcodec": "torchcodec"}
"""By their name in the settings: the package of each."""

TURNS = """
levels = measure_brightness(video, fps=10.0)
first = levels[0].value
answer([level.time for level in levels if abs(level.value - first) > 0.02][0], evidence=levels)
"""
"""When grey becomes the picture of the cats."""


def make_files(folder: Path) -> None:
    """Draw the sign, a clip: two seconds of grey, then two of the picture of the cats; one in which
    that picture goes 4 pixels to the right a frame; the sentence with a tone behind it."""
    sign = Image.new("RGB", (640, 160), "white")
    ImageDraw.Draw(sign).text((40, 50), "PLATFORM 42", fill="black", font_size=64)
    sign.save(folder / "sign.png")
    if (folder / "jfk.flac").exists():
        _add_tone(folder / "jfk.flac", folder / "speech_then_tone.wav")
    if not (folder / "cats.jpg").exists():
        return
    cats = Image.open(folder / "cats.jpg").convert("RGB")
    grey = Image.new("RGB", cats.size, (40, 40, 40))
    _write(folder / "cats_come.mp4", [grey] * 20 + [cats] * 20)
    windows = [(80 - 4 * number, 60, 560 - 4 * number, 420) for number in range(20)]
    _write(folder / "cats_pan.mp4", [cats.crop(window) for window in windows])


def _write(path: Path, pictures: list[Image.Image]) -> None:
    """Write a clip of ten frames a second."""
    with av.open(path, "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *pictures[0].size, "yuv420p"
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture))))
        out.mux(stream.encode())


def _add_tone(speech: Path, out: Path) -> None:
    """Write a sound file as 16 kHz mono, with ten seconds of a tone behind it."""
    rate = 16_000
    with av.open(str(speech)) as source:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        pieces = [
            piece.to_ndarray()[0]
            for frame in [*source.decode(audio=0), None]
            for piece in resampler.resample(frame)
        ]
    tone = 8000 * np.sin(2 * np.pi * 440 * np.arange(10 * rate) / rate)
    with wave.open(str(out), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(np.concatenate([*pieces, tone.astype("<i2")]).astype("<i2").tobytes())


def checked(folder: Path, registry: Registry, **settings: str) -> Iterator[tuple[str, ...]]:
    """For each check and implementation: which, what came of it, the answer or the reason."""
    for check in CHECKS:
        for spec in registry.implementations(check.task):
            if spec.implementation in NOT_LEARNED or spec.implementation.endswith("Own"):
                continue
            name = f"{check.task}/{spec.implementation}"
            state = registry.state(spec)
            if not state.ok:
                yield name, "not here", f"{state.reason}. {state.command}"
                continue
            if not (folder / check.file).exists():
                yield name, "no file", f"{check.file} is not in {folder}: see --help"
                continue
            run = partial(
                vprog.run,
                folder / check.file,
                check.program.strip(),
                modules={check.task: spec.implementation},
                **settings,
            )
            yield name, *judged(run, check.expected)


def judged(run: Callable[[], vprog.Result], expected: str) -> tuple[str, str]:
    """Whether the answer of a run is right, and what it was, after how long."""
    began = time.perf_counter()
    result = run()
    text = f"{result.answer if result.status == 'answered' else result.error}"
    is_right = re.fullmatch(expected, text, re.IGNORECASE | re.DOTALL)
    return "right" if is_right else "WRONG", f"{time.perf_counter() - began:.1f} s: {text[:100]}"


def read_and_written(folder: Path, llm: str | None, **settings: str) -> Iterator[tuple[str, ...]]:
    """The same of the readers of frames, and of a language model that writes a program."""
    clip, cats = folder / "cats_come.mp4", folder / "cats.jpg"
    for reader, package in READERS.items():
        if importlib.util.find_spec(package) is None:
            yield f"reader {reader}", "not here", f"the package {package} is not installed"
        elif not clip.exists():
            yield f"reader {reader}", "no file", f"cats.jpg is not in {folder}: see --help"
        else:
            run = partial(vprog.run, clip, TURNS.strip(), reader=reader, **settings)
            yield f"reader {reader}", *judged(run, r"2\.\d*")
    if llm is None:
        yield "llm", "not here", "no language model is named: --llm llama:FILE.gguf"
    elif not cats.exists():
        yield f"llm {llm}", "no file", f"cats.jpg is not in {folder}: see --help"
    else:
        question = "How many cats are in the picture?"
        run = partial(vprog.solve, cats, question, llm=llm, mode="slow", **settings)
        yield f"llm {llm}", *judged(run, r"2|two")


def main() -> None:
    """Check all, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vlm", help="hf:MODEL or openai:MODEL, for the tasks that ask one")
    parser.add_argument(
        "--llm", help="llama:FILE.gguf, hf:MODEL or openai:MODEL, to write a program"
    )
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    if not given.folder.is_dir():
        sys.exit(f"no folder {given.folder}: see --help for the files that belong in it")
    make_files(given.folder)
    settings = {"device": given.device} | ({"vlm": given.vlm} if given.vlm else {})
    registry = with_vlm(discover(), load_settings(settings))
    counts = {"right": 0, "WRONG": 0, "not here": 0, "no file": 0}
    rows = chain(
        checked(given.folder, registry, **settings),
        read_and_written(given.folder, given.llm, **settings),
    )
    for name, verdict, text in rows:
        counts[verdict] += 1
        print(f"{verdict:9} {name:40} {text}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    sys.exit(1 if counts["WRONG"] else 0)


if __name__ == "__main__":
    main()
