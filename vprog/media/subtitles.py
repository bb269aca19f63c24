"""Subtitles as the rest of vprog has them: plain text with times, in order, each thing once.

Automatic captions roll up, so that each line stands in several subtitles:

    welcome to the show             welcome to the show
                                    today we cook rice        today we cook rice

What stands is said once, when it first appears. Speech that is repeated is another matter: two
equal subtitles of usual length stay two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

MAX_SUBTITLES = 100_000

FOLLOWS_S = 0.1
"""A caption that rolls on begins as the one before it ends."""

FLASH_S = 0.1
"""Automatic captions hold a line for 0.01 s while they roll; nobody reads so fast."""

ROLLED_SHARE = 0.5
"""Of the subtitles that follow each other without a gap, how many roll in a file that does."""


class Subtitle(NamedTuple):
    """One subtitle: plain text and its times in seconds from the first frame.

    `score`: how sure its letters are; below 1 where the encoding of the file is a guess.
    """

    text: str
    start: float
    end: float
    score: float = 1.0


class SubtitleTrack(NamedTuple):
    """The subtitles of one file or stream, and what of them is in doubt or could not be read."""

    subtitles: list[Subtitle]
    warnings: tuple[str, ...]


def ordered_track(found: Iterable[Subtitle], name: str) -> SubtitleTrack:
    """The subtitles that say something, in order of time; `name` is the file's, for warnings."""
    subtitles: dict[Subtitle, None] = {}  # layers of one text stand as several equal subtitles
    n_backwards = 0
    warnings: list[str] = []
    for subtitle in found:
        if len(subtitles) >= MAX_SUBTITLES:
            warnings.append(f"{name}: subtitles after the first {MAX_SUBTITLES:,} were left out")
            break
        if subtitle.text and subtitle.end < subtitle.start:
            n_backwards += 1
        elif subtitle.text and subtitle.end >= 0:
            subtitles[subtitle._replace(start=max(0.0, subtitle.start))] = None
    if n_backwards:
        warnings.append(f"{name}: {n_backwards} of its subtitles end before they begin: left out")
    ordered = sorted(subtitles, key=lambda subtitle: (subtitle.start, subtitle.end))
    captions = [
        Caption(tuple(subtitle.text.split("\n")), subtitle.start, subtitle.end)
        for subtitle in ordered
    ]
    score = ordered[0].score if ordered else 1.0
    rolled = [
        Subtitle("\n".join(caption.lines), caption.start, caption.end, score)
        for caption in collapse_rolled(captions)
    ]
    return SubtitleTrack(rolled, tuple(warnings))


class Caption(NamedTuple):
    """Lines of text and when they stand, in seconds."""

    lines: tuple[str, ...]
    start: float
    end: float


def collapse_rolled(captions: Sequence[Caption]) -> list[Caption]:
    """The captions, in order of time, each line at its first appearance only.

    Captions of a file that does not roll are given back as they are.
    """
    steps = [_repeated(before, after) for before, after in pairwise(captions)]
    n_joined = sum(_follows(before, after) for before, after in pairwise(captions))
    n_rolled = sum(step is not None for step in steps)
    if n_rolled < 2 or n_rolled < ROLLED_SHARE * n_joined:
        return list(captions)
    result = [captions[0]]
    for step, caption in zip(steps, captions[1:], strict=True):
        if step is None:
            result.append(caption)
            continue
        grown = caption.lines[step - 1] if step else ""
        last = result[-1]
        if step and grown != last.lines[-1] and grown.startswith(last.lines[-1]):
            result[-1] = Caption((*last.lines[:-1], grown), last.start, caption.end)
        new = caption.lines[step:]
        if new:
            result.append(caption._replace(lines=new))
    return result


def _follows(before: Caption, after: Caption) -> bool:
    """Whether one begins as the other ends; or with it, as where words are added to a line."""
    return min(abs(after.start - before.end), abs(after.start - before.start)) <= FOLLOWS_S


def _repeated(before: Caption, after: Caption) -> int | None:
    """How many lines of `after` stood before, where it rolls on; None where it does not."""
    if not _follows(before, after):
        return None
    for n in range(min(len(before.lines), len(after.lines)), 0, -1):
        above, repeated = before.lines[-n:], after.lines[:n]
        if above[:-1] != repeated[:-1]:
            continue
        is_flash = min(before.end - before.start, after.end - after.start) <= FLASH_S
        if above[-1] == repeated[-1]:
            # Without a new line and without a flash it is the same thing said again.
            return n if len(after.lines) > n or len(before.lines) > n or is_flash else None
        if repeated[-1].startswith(above[-1] + " "):  # a line that grows word by word
            return n
    return None
