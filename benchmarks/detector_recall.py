"""How often each offline detector finds what labelled clips hold, and counts it right.

    python benchmarks/detector_recall.py [--only TASK] [--write]

Prints a row for each kind of claim: things found of those there, and clips counted right.
`--write` puts them into modules/vprog_modules/measured.json, from which answers such as "no",
"0" or "1 shot" take their score. Clips are drawn by seed, some over frames of the real media of
the tests; people, faces and speech are real (media beside the checkout, see tests/real_media.py).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import labelled_clips as clips
from benchmarks.labelled_people import people_moments
from benchmarks.labelled_speech import speech_clips, spoken_words, subtitled_words
from tests.modules.scenes import Opened
from vprog.errors import VideoError
from vprog.execute.denial import FILE, Measurement
from vprog.registry.module import spec_of
from vprog.types import Frame
from vprog_modules.colour.find_colour_opencv import FindColourRegions
from vprog_modules.colour.name_colours_table import NameColoursTable
from vprog_modules.colour.track_colour_opencv import TrackColourRegions
from vprog_modules.frames.find_damage_decode import FindDamageDecode
from vprog_modules.motion.measure_motion_opencv import MeasureMotionDifference
from vprog_modules.motion.track_moving_opencv import TrackMovingBackdrop
from vprog_modules.objects.detect_nanodet import DetectNanodet
from vprog_modules.objects.track_nanodet import TrackNanodet
from vprog_modules.people.detect_hog import DetectHog
from vprog_modules.people.track_hog import TrackHog
from vprog_modules.shots.find_black_luma import FindBlackLuma
from vprog_modules.shots.find_shots_opencv import FindShotsComparison
from vprog_modules.sound.find_silence_level import FindSilenceLevel
from vprog_modules.sound.measure_loudness_rms import MeasureLoudnessRms
from vprog_modules.speech.find_speech_voice import FindSpeechVoice
from vprog_modules.speech.transcribe_faster_whisper import TranscribeWhisper
from vprog_modules.speech.transcribe_pocketsphinx import TranscribePocketsphinx
from vprog_modules.speech.transcribe_subtitles import TranscribeSubtitles
from vprog_modules.text.find_text_rapid import FindTextRapid
from vprog_modules.text.read_text_rapid import ReadTextRapid

HERE = Path(__file__).resolve().parents[1] / "modules" / "vprog_modules" / FILE
MOVES, SOUNDS = 0.004, -60.0
"""From which level on the rules say that something moves, or is heard."""

Hits = tuple[int, int]
Row = tuple[type, str, str, Hits]
"""A module, a claim, a kind of thing, and what one clip adds."""


def rows(folder: Path, only: str) -> Iterator[Row]:
    """What each clip adds; clips of other tasks are not made."""
    for tasks, measure in _MEASURES:
        if not only or only in tasks:
            yield from measure(folder)


def _shots(folder: Path) -> Iterator[Row]:
    for kind in ("cut", "dissolve", "fade"):
        for clip in clips.shot_clips(folder, kind):
            shots = _call(clip.path, FindShotsComparison)
            found = sum(shot.opening == kind for shot in shots)
            yield FindShotsComparison, "absence", kind, (min(found, 1), 1)
    for clip in clips.counted_shots(folder):
        right = len(_call(clip.path, FindShotsComparison)) - 1 == clip.n_true
        yield FindShotsComparison, "count", "shot", (int(right), 1)


def _black(folder: Path) -> Iterator[Row]:
    for clip in clips.black_clips(folder):
        found = len(_call(clip.path, FindBlackLuma))
        yield FindBlackLuma, "absence", "black", (min(found, clip.n_true), clip.n_true)
        yield FindBlackLuma, "count", "black", (int(found == clip.n_true), 1)


def _motion(folder: Path) -> Iterator[Row]:
    for clip in clips.moving_clips(folder):
        levels = _call(clip.path, MeasureMotionDifference, fps=5.0)
        moves = max((level.value for level in levels), default=0.0) >= MOVES
        yield MeasureMotionDifference, "absence", "motion", (int(moves), 1)
        found = len(_call(clip.path, TrackMovingBackdrop, fps=10.0))
        yield TrackMovingBackdrop, "absence", "mover", (min(found, 1), 1)
        yield TrackMovingBackdrop, "count", "mover", (int(found == 1), 1)


def _colour(folder: Path) -> Iterator[Row]:
    for at, clip in enumerate(clips.colour_clips(folder)):
        with Opened(clip.path) as opened:
            regions = opened(FindColourRegions, Frame(0, 0.5), clip.what)
            tracks = opened(TrackColourRegions, opened.video, clip.what)
            named = opened(NameColoursTable, Frame(0, 0.5), count=12)
        where = [region for region in regions if _holds(region.box)]
        yield FindColourRegions, "absence", "colour", (int(bool(where)), 1)
        yield FindColourRegions, "count", "colour", (int(len(regions) == 1), 1)
        followed = [track for track in tracks if _holds(track.detections[0].box)]
        yield TrackColourRegions, "absence", "colour", (int(bool(followed)), 1)
        yield TrackColourRegions, "count", "colour", (int(len(tracks) == 1), 1)
        yield (
            NameColoursTable,
            "absence",
            "colour",
            (int(clip.what in [colour.name for colour in named]), 1),
        )
        if at % 2:  # on grey: two colours, and no more
            yield NameColoursTable, "count", "colour", (int(len(named) == 2), 1)


def _holds(box: Any) -> bool:
    """Whether a box holds the corner at which every patch lies."""
    return bool(box.x0 <= 104 and box.y0 <= 54 and box.x1 >= 104 and box.y1 >= 54)


def _text(folder: Path) -> Iterator[Row]:
    for clip in clips.text_clips(folder):
        with Opened(clip.path) as opened:
            spans = opened(FindTextRapid, opened.video, fps=4.0)
            lines = opened(ReadTextRapid, Frame(0, 0.5))
        for module, found in ((FindTextRapid, spans), (ReadTextRapid, lines)):
            hit = any(_plain(clip.what) in _plain(item.text) for item in found)
            yield module, "absence", "text", (int(hit), 1)
            yield module, "count", "text", (int(len(found) == 1), 1)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _sound(folder: Path) -> Iterator[Row]:
    for clip in clips.sound_clips(folder):
        levels = _call(clip.path, MeasureLoudnessRms, step=0.1)
        heard = max(level.value for level in levels) > SOUNDS
        yield MeasureLoudnessRms, "absence", "sound", (int(heard), 1)
    for clip in clips.silence_clips(folder):
        found = len(_call(clip.path, FindSilenceLevel))
        yield FindSilenceLevel, "absence", "silence", (min(found, clip.n_true), clip.n_true)
        yield FindSilenceLevel, "count", "silence", (int(found == clip.n_true), 1)


def _speech(folder: Path) -> Iterator[Row]:
    for clip in speech_clips(folder):
        found = _call(clip.path, FindSpeechVoice)
        yield FindSpeechVoice, "absence", "speech", (min(len(found), 1), 1)
        yield FindSpeechVoice, "count", "speech", (int(len(found) == 1), 1)
    for recogniser in (TranscribeWhisper, TranscribePocketsphinx):
        for n_heard, n_said, n_exact, n_different in spoken_words(recogniser):
            yield recogniser, "absence", "word", (n_heard, n_said)
            yield recogniser, "count", "word", (n_exact, n_different)
    for n_heard, n_said, n_exact, n_different in subtitled_words(folder, TranscribeSubtitles):
        yield TranscribeSubtitles, "absence", "word", (n_heard, n_said)
        yield TranscribeSubtitles, "count", "word", (n_exact, n_different)


def _damage(folder: Path) -> Iterator[Row]:
    for clip in clips.damaged_clips(folder):
        try:
            found = len(_call(clip.path, FindDamageDecode))
        except VideoError:  # no answer comes of it
            continue
        yield FindDamageDecode, "absence", clip.what, (min(found, 1), 1)
        yield FindDamageDecode, "count", clip.what, (int(found == 1), 1)


def _people(folder: Path) -> Iterator[Row]:
    for track, detect in ((TrackNanodet, DetectNanodet), (TrackHog, DetectHog)):
        for moment in people_moments(folder, track, detect):
            hits = (min(moment.n_found, moment.n_true), moment.n_true)
            yield moment.module, "absence", moment.label, hits
            right = moment.n_found == moment.n_true
            yield moment.module, "count", moment.label, (int(right), 1)


_MEASURES: tuple[tuple[tuple[str, ...], Callable[[Path], Iterator[Row]]], ...] = (
    (("find_shots",), _shots),
    (("find_black",), _black),
    (("measure_motion", "track_moving"), _motion),
    (("find_colour", "track_colour", "name_colours"), _colour),
    (("find_text", "read_text"), _text),
    (("measure_loudness", "find_silence"), _sound),
    (("find_speech", "transcribe"), _speech),
    (("find_damage",), _damage),
    (("track", "detect"), _people),
)


def _call(path: Path, module: type, **named: Any) -> Any:
    with Opened(path) as opened:
        return opened(module, opened.video, **named)


def measure(only: str) -> dict[str, Measurement]:
    """The figures by `task/Class`."""
    sums: dict[tuple[str, str, str], Hits] = defaultdict(lambda: (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        for module, claim, kind, (hits, total) in rows(Path(folder), only):
            key = (spec_of(module).name, claim, kind)
            sums[key] = (sums[key][0] + hits, sums[key][1] + total)
    figures: dict[str, Measurement] = {}
    for (name, claim, kind), hit in sorted(sums.items()):
        measurement = figures.setdefault(name, Measurement({}, {}))
        getattr(measurement, claim)[kind] = hit
    return figures


def main() -> None:
    """Print the table; write it where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="a task: measure the modules of its group alone")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {FILE}")
    options = parser.parse_args()
    figures = measure(options.only)
    print("| module | claim | kind | right | of |\n|---|---|---|---:|---:|")
    for name, measurement in figures.items():
        for claim in ("absence", "count"):
            for kind, (hits, total) in getattr(measurement, claim).items():
                print(f"| {name} | {claim} | {kind} | {hits} | {total} |")
    if options.write:
        known = msgspec.json.decode(HERE.read_bytes()) if HERE.exists() else {}
        merged = dict(sorted({**known, **figures}.items()))
        HERE.write_bytes(msgspec.json.format(msgspec.json.encode(merged), indent=1) + b"\n")


if __name__ == "__main__":
    main()
