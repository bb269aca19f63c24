"""Subtitles of a video as speech."""

from __future__ import annotations

import re

from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext
from vprog.types import MAX_ITEMS, Span, Speech, Video
from vprog.types.clock import clock

SOURCE = "subtitles"

_DESCRIPTION = re.compile(r"\[[^\]]*\]|(?<!\S)\([^)]*\)|[♩♪♫♬]+")
"""What captions for the deaf say of sounds, in brackets, and that there is music."""

_CREDIT = re.compile(
    r"^\W*(?:subtitle[sd]?|subs|captions?|captioned|sync(?:ed)?)(?: \w+)? by\b", re.IGNORECASE
)
"""Who made them."""

_LABEL = re.compile(r"^(?:- ?)?[A-Z][A-Z0-9 .'’-]{1,30}:\s+(?=\S)")
"""Who speaks, in capitals."""


def subtitle_speech(
    media: CallContext, video: Video, span: Span | None, audio_track: int, subtitle_track: int
) -> list[Speech] | None:
    """The subtitles that stand during `span`, as speech; None if it is the sound that counts:
    one of its tracks is named, or the video has no subtitles at all.

    Subtitles tell when a line stands, not when each word is said: `words` stays empty. What
    captions say of sounds ("[door slams]") and of who speaks ("MAN:") is not said by anybody.

    Raises:
        ModuleInputError: more than 2,000 lines, a span that runs backwards, or tracks of both
            kinds or a subtitle track that is not there.
    """
    if span is not None and not span.start <= span.end:
        raise ModuleInputError(
            f"transcribe(video): expected span.start <= span.end, got {span}.",
            hint="Use Span(start, end) in seconds of the video.",
        )
    if audio_track and subtitle_track:
        raise ModuleInputError(
            "transcribe(video): expected one of audio_track and subtitle_track, got both.",
            hint="Subtitles are read, sound is listened to: name one.",
        )
    if audio_track:
        return None
    subtitles = media.subtitles(video.index, track=subtitle_track)
    if not subtitles and not subtitle_track:
        return None
    inside = [subtitle for subtitle in subtitles if subtitle.start <= video.duration]
    if len(inside) < len(subtitles):
        media.warn(
            f"{len(subtitles) - len(inside)} of {len(subtitles)} subtitles begin after the end of "
            f"the file ({clock(video.duration)}) and were left out"
        )
    standing = [
        (spoken_part(subtitle.text), subtitle)
        for subtitle in inside
        if subtitle.text.strip()
        and (span is None or (subtitle.start < span.end and subtitle.end > span.start))
    ]
    speech = [
        Speech(
            text,
            subtitle.start,
            min(subtitle.end, video.duration),
            subtitle.score,
            SOURCE,
            [],
        )
        for text, subtitle in standing
        if text
    ]
    n_silent = len(standing) - len(speech)
    if n_silent:
        media.warn(
            f"{n_silent} of {len(standing)} subtitles describe sounds or name their makers "
            "and were left out as speech"
        )
    if len(speech) > MAX_ITEMS:
        raise ModuleInputError(
            f"transcribe(video): expected at most {MAX_ITEMS} subtitles, got {len(speech)}.",
            hint=f"Transcribe in parts; the first 2,000 end at {speech[MAX_ITEMS - 1].end:.0f} s.",
        )
    return speech


def spoken_part(text: str) -> str:
    """What of a subtitle is said, on one line; "" for a sound's description or its makers."""
    lines = [_LABEL.sub("", _DESCRIPTION.sub(" ", line).strip()) for line in text.splitlines()]
    spoken = " ".join(" ".join(lines).split())
    if _CREDIT.match(spoken):
        return ""
    return spoken if any(letter.isalnum() for letter in spoken) else ""
