"""Subtitle files: beside a video or given by path; SubRip, WebVTT, ASS and some more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import SubtitlesUnreadableError, VideoError, VideoNotFoundError
from vprog.media.opening import SUBTITLE_ENDINGS, FileIdentity, identify, open_descriptor
from vprog.media.subtitle_encoding import decode_text
from vprog.media.subtitle_markup import MAX_LENGTH, FitLines, fit_lines, plain_text
from vprog.media.subtitles import Subtitle, SubtitleTrack, ordered_track

if TYPE_CHECKING:
    import pysubs2

MAX_BYTES = 20 * 2**20


def find_subtitles(video: Path) -> Path | None:
    """The subtitle file beside a video: the same name but for the ending, or with a language.

    `talk.srt` comes before `talk.en.srt` for `talk.mp4`; no other language is guessed at.
    """
    for middle in ("", ".en"):
        for ending in SUBTITLE_ENDINGS:
            for suffix in (ending, ending.upper()):
                beside = video.with_name(f"{video.stem}{middle}{suffix}")
                if beside.is_file():
                    return beside
    return None


def identify_subtitles(path: str | os.PathLike[str]) -> tuple[Path, FileIdentity]:
    """The absolute path and the state of what may be a subtitle file; it is not opened.

    Raises:
        VideoNotFoundError: nothing lies at the path.
        SubtitlesUnreadableError: it is no regular file, empty, or too large.
    """
    try:
        where, identity = identify(path)
    except VideoNotFoundError:
        raise
    except VideoError as error:
        raise SubtitlesUnreadableError(error.message, hint="Name a subtitle file.") from error
    if identity.size > MAX_BYTES:
        raise SubtitlesUnreadableError(
            f'"{where}": subtitles of at most {MAX_BYTES:,} bytes are read, got {identity.size:,}.',
            hint="Is it really a subtitle file?",
        )
    return where, identity


def read_subtitles(where: Path, identity: FileIdentity) -> SubtitleTrack:
    """The subtitles of a subtitle file (SubRip, WebVTT, ASS and what else pysubs2 reads), in order.

    Where there are decoder processes it runs in one of the file's own.

    Args:
        where: as `identify_subtitles` gives it.
        identity: the state it must be in.

    Raises:
        VideoChangedError: it has changed since.
        SubtitlesUnreadableError: it holds no subtitles that can be parsed, or its encoding
            cannot be told.
    """
    with open(open_descriptor(where, identity), "rb") as file:
        data = file.read(MAX_BYTES)
    decoded = decode_text(data, where.name)
    if "\0" in decoded.text:
        raise SubtitlesUnreadableError(
            f'"{where}" is no text file.', hint="Give an .srt, .vtt or .ass file."
        )
    form = _form(decoded.text)
    fit, events = _parsed(decoded.text, form, where)
    found = (
        Subtitle(plain_text(event.text, form), event.start / 1000, event.end / 1000, decoded.score)
        for event in events
    )
    subtitles, lost = ordered_track(found, where.name)
    warnings = list(lost)
    if fit.n_timeless:
        warnings.append(f"{where.name}: {fit.n_timeless} of its subtitles have no times: left out")
    if fit.n_cut:
        warnings.append(
            f"{where.name}: {fit.n_cut} of its subtitles are longer than {MAX_LENGTH:,} characters "
            "and were cut"
        )
    if decoded.warning:
        warnings.insert(0, decoded.warning)
    if not events and decoded.text.strip().upper() != "WEBVTT":
        raise SubtitlesUnreadableError(
            f'"{where}" holds no subtitles.', hint="Give an .srt, .vtt or .ass file."
        )
    return SubtitleTrack(subtitles, tuple(warnings))


def _parsed(text: str, form: str, where: Path) -> tuple[FitLines, list[pysubs2.SSAEvent]]:
    """A subtitle text as it was parsed, and its events, comments left out."""
    import pysubs2
    from pysubs2.formats import autodetect_format

    try:
        form = form or autodetect_format(text[:10_000])
        fit = fit_lines(text, form)
        parsed = pysubs2.SSAFile.from_string(fit.text, format_=form, keep_html_tags=True)
    except (pysubs2.Pysubs2Error, ValueError, ArithmeticError, LookupError) as error:
        raise SubtitlesUnreadableError(
            f'"{where}" holds no subtitles that can be parsed: '
            f"{str(error) or type(error).__name__}.",
            hint="Give an .srt, .vtt or .ass file.",
        ) from error
    return fit, [event for event in parsed if not event.is_comment]


def _form(text: str) -> str:
    """The form of the usual kinds, by what each must have; "" for the rarer ones.

    The parser's own look at a file gives up where it finds signs of two forms.
    """
    if "[events]" in text.lower():
        return "ass"
    start = text.lstrip()[:10]
    if start.startswith("WEBVTT"):
        return "vtt"
    return "srt" if "-->" in text and not start.startswith(("<", "{")) else ""
