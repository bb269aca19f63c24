"""How many words `transcribe` gets right, and what its scores are worth.

    python benchmarks/speech_accuracy.py [--module pocketsphinx] [--folder FOLDER]

FOLDER holds recordings and a transcripts.txt. Word accuracy is 1 - (wrong + missing + extra) /
words said. The table tells, for each score, how many words reach it and how many of these are
right. Times are CPU time. Last: what is heard where nobody speaks.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.types import Word
from vprog_modules.search.wording import terms
from vprog_modules.speech.transcribe_faster_whisper import TranscribeWhisper
from vprog_modules.speech.transcribe_pocketsphinx import TranscribePocketsphinx

MODULES = {"whisper": TranscribeWhisper, "pocketsphinx": TranscribePocketsphinx}

SPEECH = Path(__file__).resolve().parents[1] / "tests" / "media_files" / "speech"
MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
SPEECHLESS = ("formats/vp8_vorbis_1s.webm", "clips/dog.mp4")
LIMITS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85)


def main() -> None:
    """Print the accuracy of each recording and the table of scores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", choices=MODULES, default="whisper")
    parser.add_argument("--folder", type=Path, default=SPEECH)
    options = parser.parse_args()
    module = MODULES[options.module]()
    module.load("cpu")
    scored: list[tuple[float, bool]] = []
    n_words = n_errors = 0
    heard_s = spent_s = 0.0
    for path, said in transcripts(options.folder):
        started = time.process_time()
        words, duration = heard(module, path)
        spent_s += time.process_time() - started
        heard_s += duration
        errors, right = compare(plain(said), [plain(word.text) for word in words])
        n_said = len(plain(said))
        n_words, n_errors = n_words + n_said, n_errors + errors
        scored += [(word.score, fits) for word, fits in zip(words, right, strict=True)]
        print(f"{1 - errors / n_said:6.2f}  {n_said:3} words  {path.name}")
        print(f"        {marked(words, right)}")
    print(f"\n{1 - n_errors / n_words:6.3f}  of {n_words} words")
    print(f"{spent_s / heard_s:6.2f}  CPU seconds per second of sound\n")
    print("score >=  words  right")
    for limit in LIMITS:
        reached = [fits for score, fits in scored if score >= limit]
        if reached:
            print(f"{limit:8.2f}  {len(reached):5}  {sum(reached) / len(reached):5.2f}")
    for path in (MEDIA / name for name in SPEECHLESS if (MEDIA / name).exists()):
        words, _ = heard(module, path)
        print(f"{len(words):3} words where nobody speaks: {path.name}")


def heard(module: Any, path: Path) -> tuple[list[Word], float]:
    """The words that a module hears in a file, and the length of the file in seconds."""
    source = MediaSource([open_media(path)])
    with using(CallContext(source)):
        speech = module(source.videos[0])
    duration = source.videos[0].duration
    source.close()
    return [word for line in speech for word in line.words], duration


def transcripts(folder: Path) -> list[tuple[Path, str]]:
    """Recordings and what is said in them."""
    found: list[tuple[Path, str]] = []
    for row in (folder / "transcripts.txt").read_text(encoding="utf-8").splitlines():
        names, said = row.split("\t")
        found += [(folder / name, said) for name in names.split(", ")]
    return found


def plain(text: str) -> list[str]:
    """The words as they are compared: as search compares them."""
    return [term.text for term in terms(text)]


def compare(said: list[str], heard: list[list[str]]) -> tuple[int, list[bool]]:
    """The number of errors of the best alignment, and which of the heard words are right."""
    flat = [(text, at) for at, texts in enumerate(heard) for text in texts]
    n, m = len(said), len(flat)
    cost = [[max(i, j) if not (i and j) else 0 for j in range(m + 1)] for i in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            wrong = said[i - 1] != flat[j - 1][0]
            cost[i][j] = min(cost[i - 1][j - 1] + wrong, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    right = [False] * len(heard)
    i, j = n, m
    while i and j:
        wrong = said[i - 1] != flat[j - 1][0]
        if cost[i][j] == cost[i - 1][j - 1] + wrong:
            right[flat[j - 1][1]] = not wrong
            i, j = i - 1, j - 1
        elif cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return cost[n][m], right


def marked(words: list[Word], right: list[bool]) -> str:
    """The words with their scores; wrong ones with a star."""
    return " ".join(
        f"{'' if fits else '*'}{word.text}:{word.score:.2f}"
        for word, fits in zip(words, right, strict=True)
    )


if __name__ == "__main__":
    main()
