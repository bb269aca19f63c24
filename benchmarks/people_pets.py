"""People in a real street scene against its ground truth.

    python benchmarks/people_pets.py [--fps 10] [--modules nanodet] [--media ../shared/media]

Prints, for each pair of modules, what `track(video, "person")` finds, and what `detect` finds frame
by frame. Over the annotated frames: the share whose count is within one of the truth, the share
that is exact, precision and recall of boxes at IoU 0.4, identity switches, and the CPU time. Then
what `track` finds in clips whose number of people is known by eye.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.types import Box, Frame, Track
from vprog_modules.objects.detect_nanodet import DetectNanodet
from vprog_modules.objects.track_nanodet import TrackNanodet
from vprog_modules.people.detect_hog import DetectHog
from vprog_modules.people.track_hog import TrackHog
from vprog_modules.tracking.box_overlap import iou

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
MATCH = 0.4
MODULES = {"nanodet": (DetectNanodet, TrackNanodet), "hog": (DetectHog, TrackHog)}
BY_EYE = (
    ("clips/dog.mp4", "one woman, bending now and then"),
    ("clips/carphone_pristine.mp4", "one man, close"),
    ("clips/flipping_a_pancake.mkv", "a woman to the hips, one more sitting in the back"),
    ("clips/tree.avi", "nobody"),
    ("shots/testvideo.mp4", "nobody"),
    ("shots/fades.mp4", "nobody"),
    ("text/counter.mp4", "nobody"),
    ("text/smpte-2997.mp4", "nobody"),
)

Truth = dict[int, list[tuple[int, Box]]]
Found = list[tuple[int, Box]]


def read_truth(path: Path) -> Truth:
    """Boxes with identities for each annotated frame, counted from 0."""
    truth: Truth = {}
    for line in path.read_text().splitlines():
        frame, identity, x, y, width, height = (float(word) for word in line.split(",")[:6])
        box = Box(x, y, x + width, y + height)
        truth.setdefault(int(frame) - 1, []).append((int(identity), box))
    return truth


def box_at(track: Track, time: float) -> Box | None:
    """Where a track is at a time, between two detections on the straight line."""
    before = [detection for detection in track.detections if detection.frame.time <= time + 1e-6]
    after = [detection for detection in track.detections if detection.frame.time >= time - 1e-6]
    if not before or not after:
        return None
    a, b = before[-1], after[0]
    length = b.frame.time - a.frame.time
    share = (time - a.frame.time) / length if length > 0 else 0.0
    return Box(*(p + share * (q - p) for p, q in zip(a.box, b.box, strict=True)))


def report(name: str, truth: Truth, found_in: Callable[[int], Found], seconds: float) -> None:
    """Compare frame by frame and print one line."""
    within = exact = matched = n_found = n_true = switches = 0
    last: dict[int, int] = {}
    for frame, people in truth.items():
        found = found_in(frame)
        within += abs(len(found) - len(people)) <= 1
        exact += len(found) == len(people)
        n_found, n_true = n_found + len(found), n_true + len(people)
        pairs = sorted(
            (
                (iou(box, other), i, k)
                for i, (_, box) in enumerate(people)
                for k, (_, other) in enumerate(found)
            ),
            reverse=True,
        )
        used: set[tuple[str, int]] = set()
        for overlap, i, k in pairs:
            if overlap < MATCH or ("true", i) in used or ("found", k) in used:
                continue
            used |= {("true", i), ("found", k)}
            matched += 1
            identity, track = people[i][0], found[k][0]
            switches += last.get(identity, track) != track
            last[identity] = track
    print(
        f"{name:22} within one {within / len(truth):6.1%}  exact {exact / len(truth):6.1%}  "
        f"precision {matched / max(n_found, 1):.3f}  recall {matched / n_true:.3f}  "
        f"switches {switches if last.keys() and max(last.values()) else '-'}  {seconds:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fps", type=float, action="append")
    parser.add_argument("--modules", choices=MODULES, action="append")
    parser.add_argument("--media", type=Path, default=MEDIA)
    options = parser.parse_args()
    for name in options.modules or MODULES:
        print(name)
        measure(*MODULES[name], options.media, options.fps or [5.0, 10.0])


def measure(detector: type, tracker: type, media: Path, rates: list[float]) -> None:
    """Prints the lines of one pair of modules."""
    truth = read_truth(media / "pets" / "PETS09-S2L1_gt_frames1-69.txt")
    track, detect = tracker(), detector()
    track.load("cpu")
    detect.load("cpu")
    source = MediaSource([open_media(media / "pets" / "vtest_0-30s.avi")])
    with using(CallContext(source)):
        for fps in rates:
            began = time.process_time()
            tracks = track(source.videos[0], "person", fps=fps)
            seconds = time.process_time() - began

            def alive(frame: int, tracks: list[Track] = tracks) -> Found:
                boxes = ((track.id, box_at(track, frame / 10)) for track in tracks)
                return [(number, box) for number, box in boxes if box is not None]

            report(f"track, {fps:g} fps, 30 s", truth, alive, seconds)
        for least in (0.25, 0.45):
            began = time.process_time()
            boxes = {
                frame: [
                    (0, detection.box)
                    for detection in detect(Frame(0, frame / 10), "person", min_score=least)
                ]
                for frame in truth
            }
            seconds = time.process_time() - began
            report(f"detect >= {least:g}, 69 frames", truth, boxes.__getitem__, seconds)
    for name, people in BY_EYE:
        source = MediaSource([open_media(media / name)])
        with using(CallContext(source)):
            began = time.process_time()
            tracks = track(source.videos[0], "person")
            seconds = time.process_time() - began
        spans = ", ".join(f"{t.span.start:.1f} to {t.span.end:.1f} s" for t in tracks) or "none"
        print(f"{name:30} {people:50} tracks: {spans}  ({seconds:.1f} s)")


if __name__ == "__main__":
    main()
