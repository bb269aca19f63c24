"""Where a file holds less than its header says, and what of it is not read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.stream_info import DamagedPlace, StreamInfo
from vprog.media.track_list import TrackInfo

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

UNKNOWN_SHARE = 0.5
"""What is taken to be lost where something is, and nobody can tell how much."""

DAMAGE_SHARE = 0.1
"""What is taken to be lost where the demuxer or a decoder stumbles."""

MOST_TAIL = 4096
"""So many bytes at the end may be an index or tags; more, if a fifth of the file, is matter."""

HEADED = frozenset({"matroska", "webm", "flv", "wav", "aiff", "w64"})
"""Containers that begin with four bytes which stand nowhere after their last packet."""

MOST_SEARCHED = 2**20
"""Bytes after the last packet among which another beginning is looked for."""

MOST_BOXES = 100_000


def count_losses(
    container: InputContainer, video: VideoStream | None, found: StreamInfo, path: Path
) -> None:
    """Warn where the file holds less than its header says, and where what it holds is not read.

    Raises:
        VideoUnreadableError: it is no longer there.
    """
    stated = (container.duration or 0) / 1_000_000
    end = found.end
    held = max(0.0, end - found.origin)
    frames, share = "", 0.0
    if found.picture is not None and found.n_stated:
        rate = video.average_rate if video is not None else None
        if found.container == "avi" and rate:  # an AVI's duration is guessed from its size
            stated = found.n_stated / float(rate)
        frames = f"{len(found.times)} of the {found.n_stated} frames it states are there; "
        share = 1 - len(found.times) / found.n_stated
    # Some containers state the end, counted from 0, others the length.
    elif (found.picture or found.sounds) and stated - max(held, end) > max(1.0, 0.02 * stated):
        share = 1 - max(held, end) / stated
    if share:
        text = f"cut short: {frames}it ends at {held:.2f} s instead of {stated:.2f} s"
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
        if track.number in read and track.gaps:
            _tell_gaps(track, found, max(held, 1e-9))
    n_videos = sum(track.kind == "video" for track in found.tracks)
    if n_videos > 1 and found.picture is not None:
        used = next(track.track for track in found.tracks if track.number == found.picture.number)
        text = f"of {n_videos} video tracks number {used} is looked at, the others are not"
        found.lose(text, 1 - 1 / n_videos)
    try:
        size = path.stat().st_size
        tail = _unread_tail(found, path, size)
    except OSError as error:
        raise VideoUnreadableError(
            f'"{path}" cannot be read: {error.strerror}.', hint="Check the file and the disk."
        ) from error
    if tail:
        found.lose(
            f"its last {tail:,} of {size:,} bytes are not read: what stands there belongs to no "
            "track (are files joined in it?)",
            tail / size,
        )


def _unread_tail(found: StreamInfo, path: Path, size: int) -> int:
    """How many bytes at the end are matter that the demuxer does not reach."""
    if found.container in ("mp4", "mov"):
        second = _second_movie(path, size)
        return size - second if second else 0
    last = max((track.end_place for track in found.tracks), default=0)
    tail = size - last
    if not last or found.container in ("avi", "gif", "apng"):  # an index stands at the end
        return 0
    if tail > max(MOST_TAIL, size // 5):
        return tail
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(last)
        begins = file.read(MOST_SEARCHED).find(head)
    return tail - begins if found.container in HEADED and begins >= 0 else 0


def _second_movie(path: Path, size: int) -> int:
    """Where a second movie box begins (ISO 14496-12): players show the first alone; 0 if none."""
    n_movies, at, begins = 0, 0, 0
    with path.open("rb") as file:
        for _ in range(MOST_BOXES):
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                return 0
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            begins = at if kind == b"ftyp" else begins
            n_movies += kind == b"moov"
            if n_movies > 1:
                return begins or at
            if length < 8 or at + length >= size:
                return 0
            at += length
    return 0


def _tell_gaps(track: TrackInfo, found: StreamInfo, held: float) -> None:
    start, end = (time - found.origin for time in track.gaps[0])
    what = "pictures" if track.kind == "video" else f"sound in sound track {track.track}"
    if track.kind == "audio" and len(found.sounds) == 1:
        what = "sound"
    more = f", and {len(track.gaps) - 1} gaps more" if len(track.gaps) > 1 else ""
    missing = sum(end - start for start, end in track.gaps)
    found.lose(f"it has no {what} from {start:.2f} to {end:.2f} s{more}", missing / held)
