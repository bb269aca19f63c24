"""Where a file holds less than its header says, and what of it is not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.container_end import missing_bytes, unread_tail
from vprog.media.stream_info import DamagedPlace, StreamInfo
from vprog.media.track_list import TrackInfo
from vprog.types.clock import clock, clock_span

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

UNKNOWN_SHARE = 0.5
"""What is taken to be lost where something is, and nobody can tell how much."""

EXACT, EXACT_S = frozenset({"ogg", "flac"}), 0.25
"""They count their samples; what others state may be a second off, or count subtitles in."""

EVEN = frozenset({"wav", "aiff", "w64", "caf", "mp3"})
"""Bare sound: of so many of its bytes, so much of its time is missing."""

DAMAGE_SHARE = 0.1
"""What is taken to be lost where the demuxer or a decoder stumbles."""


def count_losses(
    container: InputContainer, video: VideoStream | None, found: StreamInfo, path: Path
) -> None:
    """Warn where the file holds less than its header says, and where what it holds is not read.

    Raises:
        VideoUnreadableError: it is no longer there.
    """
    # Where bare sound states no length, its demuxer guesses it from all bytes, tags among them.
    stated = (container.duration or 0) / 1_000_000 * found.matter_end / max(1, found.size)
    end = found.end
    held = max(0.0, end - found.origin)
    text, frames, share = "", "", 0.0
    if found.picture is not None and found.n_stated:
        rate = video.average_rate if video is not None else None
        if found.container == "avi" and rate:  # an AVI's duration is guessed from its size
            stated = found.n_stated / float(rate)
        frames = f"{len(found.times)} of the {found.n_stated} frames it states are there; "
        share = 1 - len(found.times) / found.n_stated
    # Some containers state the end, counted from 0, others the length.
    elif (found.picture or found.sounds) and stated - max(held, end) > (
        EXACT_S if found.container in EXACT else max(1.0, 0.02 * stated)
    ):
        share = 1 - max(held, end) / stated
    elif missing := _readable(path, lambda: missing_bytes(path, found.container, found.size)):
        text = "cut short: its end is not found"
        share = UNKNOWN_SHARE if missing < 0 else missing / (missing + found.size)
        if found.container in EVEN:
            text, stated = "", held / (1 - share)
        elif missing > 0:
            text = f"cut short: its last {missing:,} bytes are missing"
    if share:
        text = text or f"cut short: {frames}it ends at {clock(held)} instead of {clock(stated)}"
        found.lose(text, share)
        found.damage.append(DamagedPlace("cut short", held, held))
    read = {sound.number for sound in found.sounds}
    if found.picture is not None:
        read.add(found.picture.number)
    for track in found.tracks:
        if track.number in read and track.n_strays:
            found.lose(
                f"{track.n_strays} of its time stamps lie far from those around them (damage?): "
                "times and length are not sure",
                UNKNOWN_SHARE,
            )
            found.damage.append(DamagedPlace("doubtful times", 0.0, held))
        if track.number in read and track.n_blank:
            _tell_blank(track, found, held)
        if track.number in read and track.gaps:
            _tell_gaps(track, found, max(held, 1e-9))
    n_videos = sum(track.kind == "video" for track in found.tracks)
    if n_videos > 1 and found.picture is not None:
        used = next(track.track for track in found.tracks if track.number == found.picture.number)
        text = f"of {n_videos} video tracks number {used} is looked at, the others are not"
        found.lose(text, 1 - 1 / n_videos)
    last = max((track.end_place for track in found.tracks), default=0)
    tail = _readable(path, lambda: unread_tail(path, found.container, found.matter_end, last))
    if tail:
        found.lose(
            f"its last {tail:,} of {found.size:,} bytes are not read: what stands there belongs "
            "to no track (are files joined in it?)",
            tail / found.size,
        )


def _readable(path: Path, count: Callable[[], int]) -> int:
    """How many bytes of a file are counted.

    Raises:
        VideoUnreadableError: it cannot be read.
    """
    try:
        return count()
    except OSError as error:
        raise VideoUnreadableError(
            f'"{path}" cannot be read: {error.strerror}.', hint="Check the file and the disk."
        ) from error


def _tell_blank(track: TrackInfo, found: StreamInfo, held: float) -> None:
    start = max(0.0, track.blank_from - found.origin)
    of = "its picture" if track.kind == "video" else "its sound"
    found.lose(
        f"{track.n_blank} of {track.n_packets} packets of {of} hold nothing but zeros, from "
        f"{clock(start)} on (was it copied whole?)",
        track.n_blank / track.n_packets,
    )
    found.damage.append(DamagedPlace("unreadable", start, max(start, held)))


def _tell_gaps(track: TrackInfo, found: StreamInfo, held: float) -> None:
    start, end = (time - found.origin for time in track.gaps[0])
    what = "pictures" if track.kind == "video" else f"sound in sound track {track.track}"
    if track.kind == "audio" and len(found.sounds) == 1:
        what = "sound"
    more = f", and {len(track.gaps) - 1} gaps more" if len(track.gaps) > 1 else ""
    missing = sum(end - start for start, end in track.gaps)
    found.lose(f"it has no {what} at {clock_span(start, end)}{more}", missing / held)
