"""Processor time per minute of video by family of questions, beside a plain script for the same.

    python -m benchmarks.cpu_by_family --media FOLDER [--rounds 3] [--family NAME]

Each row asks a question of the rules on one file, without a cache, as `vprog.solve` does; and runs
a script that does the same with the same libraries and models, and nothing else: it decodes with
PyAV, calls the model, and prints what it found. Both in a process of their own, in turns; what is
counted is the processor time of the process and its children, imports and loading too. Medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def _frames(path: str, fps: float) -> Iterator[Any]:
    """RGB pictures of a file, so many a second."""
    import av

    with av.open(path) as container:
        due = 0.0
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= due:
                due += 1 / fps
                yield frame.to_ndarray(format="rgb24")


def plain_people(path: str) -> object:
    """Boxes of people, five times a second, and the most at once."""
    from vprog_modules.objects.nanodet import NanoDet

    model = NanoDet()
    return max(len(model.find(pixels, "person", least=0.4)) for pixels in _frames(path, 5.0))


def plain_object(path: str) -> object:
    """Whether a dog is found in any of two pictures a second."""
    from vprog_modules.objects.nanodet import NanoDet

    model = NanoDet()
    found = [model.find(pixels, "dog", least=0.5) for pixels in _frames(path, 2.0)]
    return len(max(found, key=len)) > 0


def plain_text(path: str) -> object:
    """The text of four pictures a second, each read."""
    from vprog_modules.text.ocr import TextReader

    reader = TextReader()
    return {line.text for pixels in _frames(path, 4.0) for line in reader.read(pixels)}


def plain_speech(path: str) -> object:
    """The words of the sound."""
    from faster_whisper import WhisperModel

    from vprog_modules.speech.transcribe_faster_whisper import WEIGHTS

    model = WhisperModel(
        str(WEIGHTS.location()), device="cpu", compute_type="int8", cpu_threads=1,
        local_files_only=True,
    )  # fmt: skip
    parts, _ = model.transcribe(
        path, language="en", beam_size=5, word_timestamps=True, vad_filter=True
    )
    return " ".join(part.text for part in parts)


def plain_shots(path: str) -> object:
    """Cuts by the difference of grey histograms of successive small pictures, every frame."""
    import av
    import cv2

    before, cuts = None, 0
    with av.open(path) as container:
        for frame in container.decode(video=0):
            small = cv2.resize(frame.to_ndarray(format="rgb24"), (320, 180))
            now = cv2.calcHist([cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)], [0], None, [64], [0, 256])
            far = before is not None and cv2.compareHist(now, before, cv2.HISTCMP_CORREL) < 0.6
            cuts += far
            before = now
    return cuts


def plain_light(path: str) -> object:
    """When ten pictures a second are brightest."""
    return max((float(pixels.mean()), at) for at, pixels in enumerate(_frames(path, 10.0)))


@dataclass(frozen=True)
class Family:
    """A question, the file it is asked of, and the plain script."""

    name: str
    file: str
    question: str
    plain: Callable[[str], object]


FAMILIES = (
    Family("people", "pets/vtest_0-30s.avi", "How many people are there at most?", plain_people),
    Family("object", "clips/dog.mp4", "Is there a dog?", plain_object),
    Family("text", "shots/testvideo.mp4", "What text is shown?", plain_text),
    Family("speech", "speech/jfk_on_grey.mp4", "What is said?", plain_speech),
    Family("shots", "shots/testvideo.mp4", "How many cuts are there?", plain_shots),
    Family("light", "shots/testvideo.mp4", "When is it brightest?", plain_light),
)


def ask(path: str, question: str) -> object:
    """The answer of vprog, with an empty cache."""
    import vprog

    with tempfile.TemporaryDirectory() as folder:
        os.environ["VPROG_CACHE_DIR"] = folder
        os.environ["VPROG_TRACE_DIR"] = f"{folder}/traces"
        result = vprog.solve(path, question)
    return result.answer if result.status == "answered" else result.error


def _cpu(*arguments: str) -> tuple[float, str]:
    """Seconds of processor time of this file run with some arguments, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.cpu_by_family", *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, ran.stdout.strip()[:60]


def _minutes(path: str) -> float:
    import av

    with av.open(path) as container:
        return float(container.duration or 0) / av.time_base / 60


def main(media: Path, rounds: int, only: str) -> None:
    """Print one line a family."""
    print(f"{'family':8}{'file':26}{'CPU-s a minute':>15}{'plain':>8}{'ratio':>7}  found")
    ratios: list[float] = []
    for family in FAMILIES:
        if only not in ("", family.name):
            continue
        path = str(media / family.file)
        pairs = [
            (_cpu("--ask", path, family.name), _cpu("--plain", path, family.name))
            for _ in range(rounds)
        ]
        ours = statistics.median(pair[0][0] for pair in pairs)
        theirs = statistics.median(pair[1][0] for pair in pairs)
        ratio = statistics.median(pair[0][0] / pair[1][0] for pair in pairs)
        ratios.append(ratio)
        minutes = _minutes(path)
        print(
            f"{family.name:8}{family.file:26}{ours / minutes:15.1f}{theirs / minutes:8.1f}"
            f"{ratio:7.2f}  {pairs[0][0][1]} | {pairs[0][1][1]}"
        )
    print(f"median ratio {statistics.median(ratios):.2f}, worst {max(ratios):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--media", type=Path, help="the folder with the files of the table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--family", default="", help="one row only")
    parser.add_argument("--ask", nargs=2, metavar=("FILE", "FAMILY"), help=argparse.SUPPRESS)
    parser.add_argument("--plain", nargs=2, metavar=("FILE", "FAMILY"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    by_name = {family.name: family for family in FAMILIES}
    if args.ask:
        print(ask(args.ask[0], by_name[args.ask[1]].question))
    elif args.plain:
        print(by_name[args.plain[1]].plain(args.plain[0]))
    elif args.media:
        main(args.media, args.rounds, args.family)
    else:
        parser.error("name the folder of the files: --media FOLDER")
