"""Subtitles: beside a video, given by path, or embedded in it; as plain text with times."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from vprog.errors import ModuleInputError, SubtitlesUnreadableError, VideoError
from vprog.media.index import MediaIndex
from vprog.media.opening import identify, open_container, reason_of
from vprog.media.packets import read_packets
from vprog.media.track_words import track_words

ENDINGS = (".srt", ".vtt", ".ass", ".ssa")
MAX_BYTES = 20 * 2**20
MAX_SUBTITLES = 100_000


class Subtitle(NamedTuple):
    """One subtitle: plain text and its times in seconds on the file's clock."""

    text: str
    start: float
    end: float


def find_subtitles(video: Path) -> Path | None:
    """The subtitle file beside a video: the same name but for the ending, or with a language.

    `talk.srt` comes before `talk.en.srt` for `talk.mp4`; no other language is guessed at.
    """
    for middle in ("", ".en"):
        for ending in ENDINGS:
            for suffix in (ending, ending.upper()):
                beside = video.with_name(f"{video.stem}{middle}{suffix}")
                if beside.is_file():
                    return beside
    return None


def read_subtitles(path: str | os.PathLike[str]) -> list[Subtitle]:
    """The subtitles of a subtitle file (SubRip, WebVTT, ASS and what else pysubs2 reads), in order.

    Raises:
        VideoNotFoundError: nothing lies at the path.
        SubtitlesUnreadableError: it holds no subtitles that can be parsed.
    """
    where, identity = _identify(path)
    if identity > MAX_BYTES:
        raise SubtitlesUnreadableError(
            f'"{where}": subtitles of at most {MAX_BYTES:,} bytes are read, got {identity:,}.',
            hint="Is it really a subtitle file?",
        )
    import pysubs2

    text = _decode(where.read_bytes())
    if "\0" in text:
        raise SubtitlesUnreadableError(
            f'"{where}" is no text file.', hint="Give an .srt, .vtt or .ass file."
        )
    try:
        # The section that autodetection looks for may be missing from an ASS file.
        kind = "ass" if where.suffix.lower() in (".ass", ".ssa") and "[Events]" in text else None
        parsed = pysubs2.SSAFile.from_string(_mended(text), format_=kind)
    except (pysubs2.Pysubs2Error, ValueError, ArithmeticError, LookupError) as error:
        raise SubtitlesUnreadableError(
            f'"{where}" holds no subtitles that can be parsed: '
            f"{str(error) or type(error).__name__}.",
            hint="Give an .srt, .vtt or .ass file.",
        ) from error
    subtitles = _ordered(
        Subtitle(_plain(event.plaintext), event.start / 1000, event.end / 1000)
        for event in parsed
        if not event.is_comment
    )
    if not subtitles and text.strip().upper() != "WEBVTT":
        raise SubtitlesUnreadableError(
            f'"{where}" holds no subtitles.', hint="Give an .srt, .vtt or .ass file."
        )
    return subtitles


class EmbeddedSubtitles(NamedTuple):
    """The subtitles of a file, and what of them could not be read."""

    subtitles: list[Subtitle]
    warnings: tuple[str, ...]


def embedded_subtitles(index: MediaIndex, track: int = 0) -> EmbeddedSubtitles:
    """The subtitles of a track in a file; none if it has no such track.

    Args:
        index: of the file.
        track: counted from 1; 0 for the first track of text that holds any.

    Raises:
        ModuleInputError: it has no such track.
    """
    name = index.path.name
    tracks = [stream for stream in index.streams if stream.kind == "subtitles"]
    if track > len(tracks):
        raise ModuleInputError(
            f'"{name}": there is no subtitle track {track}, the file has {len(tracks)}.',
            hint="Tracks are counted from 1; probe(video).streams lists them.",
        )
    numbers = index.subtitle_streams
    warnings: list[str] = []
    failures: list[str] = []
    subtitles: list[Subtitle] = []
    for number in [track] if track else list(numbers):
        if number not in numbers:
            break
        subtitles = _ordered(_embedded(index, numbers[number], failures.append))
        if subtitles:
            if len(tracks) > 1:
                which = track_words(tracks[number - 1])
                warnings.append(f"{name}: of {len(tracks)} subtitle tracks {which} was read")
            break
    if not subtitles and len(numbers) < len(tracks):
        warnings.append(f"{name}: its embedded subtitles are pictures, which are not read")
    if failures:
        got = f"got {len(subtitles)} of them"
        warnings.append(f"{name}: its embedded subtitles are damaged: {failures[0]}; {got}")
    return EmbeddedSubtitles(subtitles, tuple(warnings))


def _embedded(index: MediaIndex, number: int, failed: Callable[[str], None]) -> Iterator[Subtitle]:
    import av
    import pysubs2

    with open_container(index.path, index.identity) as container:
        for packet in read_packets(container, [container.streams[number]], failed):
            if not packet.size or packet.pts is None:
                continue
            try:
                decoded = packet.decode()
            except (av.FFmpegError, ValueError) as error:
                failed(reason_of(error))
                continue
            start = float(packet.pts * packet.time_base) - index.origin
            length = float((packet.duration or 0) * packet.time_base)
            for item in decoded:
                if hasattr(item, "ass"):
                    # ReadOrder, Layer, Style, Name, three margins, Effect, Text
                    fields = bytes(item.ass).decode("utf-8", "replace").split(",", 8)
                    text = pysubs2.SSAEvent(text=fields[-1]).plaintext
                    yield Subtitle(_plain(text), start, start + length)


def _ordered(subtitles: Iterable[Subtitle]) -> list[Subtitle]:
    kept: list[Subtitle] = []
    for subtitle in subtitles:
        if subtitle.text and subtitle.end >= subtitle.start and subtitle.end >= 0:
            kept.append(subtitle._replace(start=max(0.0, subtitle.start)))
        if len(kept) >= MAX_SUBTITLES:
            break
    return sorted(kept, key=lambda each: (each.start, each.end))


def _identify(path: str | os.PathLike[str]) -> tuple[Path, int]:
    from vprog.errors import VideoNotFoundError

    try:
        where, identity = identify(path)
    except VideoNotFoundError:
        raise
    except VideoError as error:
        raise SubtitlesUnreadableError(error.message, hint="Name a subtitle file.") from error
    return where, identity.size


def _decode(data: bytes) -> str:
    """Text of unknown encoding: by its mark, else UTF-8, else Latin-1, which reads anything."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    for encoding in _unmarked(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _unmarked(data: bytes) -> tuple[str, ...]:
    """Where every second byte is 0, Latin letters stand in UTF-16."""
    head = data[:400]
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > 0.6 * half:
        return ("utf-16-le", "utf-8")
    if head[0::2].count(0) > 0.6 * half:
        return ("utf-16-be", "utf-8")
    return ("utf-8",)


_LOOSE_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{1,2}):(\d{1,2})([,.])(\d{1,3})(?!\d)")


def _mended(text: str) -> str:
    """Times without their leading zeros, as some writers of SubRip have them, made whole."""

    def whole(found: re.Match[str]) -> str:
        hours, minutes, seconds, mark, rest = found.groups()
        return f"{hours:0>2}:{minutes:0>2}:{seconds:0>2}{mark}{rest}"

    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_LOOSE_TIME.sub(whole, line) if "-->" in line else line for line in lines)


def _plain(text: str) -> str:
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.splitlines())
    shown = ("".join(c for c in line if c.isprintable()) for line in lines)
    return "\n".join(text for text in shown if text)
