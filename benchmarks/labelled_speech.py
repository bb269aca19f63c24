"""Speech with known words: recordings of the tests, noisier and fainter ones, subtitle files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.labelled_clips import Clip
from tests.drawing import draw_video
from tests.modules import sounds
from tests.modules.scenes import Opened
from vprog_modules.search.wording import terms

SPEECH = Path(__file__).resolve().parents[1] / "tests" / "media_files" / "speech"
LINES = ("welcome to the show", "today we cook rice", "the train leaves at noon",
         "nobody was at home", "one more time", "the harbour is closed")  # fmt: skip
WordCounts = tuple[int, int, int, int]
"""Words found and said; different words counted right, and different words."""


def transcripts() -> Iterator[tuple[Path, str]]:
    """Recordings with what is said in them."""
    for line in (SPEECH / "transcripts.txt").read_text("utf-8").splitlines():
        name, _, said = line.partition("\t")
        path = SPEECH / name
        if said and path.suffix in (".wav", ".flac"):
            yield path, said


def speech_clips(folder: Path) -> Iterator[Clip]:
    """Each recording as it is, 20 dB fainter, and in noise 10 dB under it."""
    chance = np.random.default_rng(8)
    for path, _ in transcripts():
        samples = _samples(path)
        level = float(np.sqrt(np.mean(samples**2)))
        hiss = chance.normal(0, level * 10 ** (-10 / 20), len(samples))
        for what, changed in (
            ("as is", samples),
            ("faint", samples / 10),
            ("noisy", samples + hiss),
        ):
            around = sounds.nothing(1.0)
            whole = np.concatenate([around, changed, around])
            yield Clip(sounds.save(folder / f"{what}-{path.stem}.wav", whole), 1, what)


def _samples(path: Path) -> sounds.Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=sounds.RATE)
    parts = []
    with av.open(str(path)) as opened:
        for frame in opened.decode(audio=0):
            parts += [part.to_ndarray().ravel() for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float64) / 32768


def spoken_words(module: type) -> Iterator[WordCounts]:
    """What a recogniser makes of each recording."""
    for path, said in transcripts():
        with Opened(path) as opened:
            yield _compare(opened(module, opened.video), said)


def subtitled_words(folder: Path, module: type) -> Iterator[WordCounts]:
    """What is read of the same lines in several forms of subtitles."""
    for ending, encoding in (("srt", "utf-8"), ("vtt", "utf-8"), ("ass", "utf-8"),
                             ("srt", "utf-16"), ("srt", "latin-1")):  # fmt: skip
        path = draw_video(folder / f"{ending}-{encoding}.mp4", 70)
        path.with_suffix(f".{ending}").write_text(_form(ending), encoding=encoding)
        with Opened(path) as opened:
            yield _compare(opened(module, opened.video), " ".join(LINES))


def _form(ending: str) -> str:
    if ending == "ass":
        fields = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
        head = f"[Script Info]\n\n[Events]\nFormat: {fields}\n"
        return head + "".join(
            f"Dialogue: 0,0:00:0{at}.00,0:00:0{at}.90,Default,,0,0,0,,{line}\n"
            for at, line in enumerate(LINES)
        )
    point, head = (".", "WEBVTT\n\n") if ending == "vtt" else (",", "")
    return head + "".join(
        f"{at + 1}\n00:00:0{at}{point}000 --> 00:00:0{at}{point}900\n{line}\n\n"
        for at, line in enumerate(LINES)
    )


def _compare(speech: Iterable[Any], said: str) -> WordCounts:
    heard = Counter(terms(" ".join(part.text for part in speech)))
    truth = Counter(terms(said))
    n_found = sum(min(heard[word], times) for word, times in truth.items())
    n_exact = sum(heard[word] == times for word, times in truth.items())
    return n_found, truth.total(), n_exact, len(truth)
