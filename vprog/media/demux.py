"""One pass over a container's packets: what index.py makes an index of.

Chooses the streams, hands their packets to demux_picture.py and demux_sound.py, and notes where
the file falls short of what its header says.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.clock import Clock, clock_of
from vprog.media.demux_picture import PicturePass
from vprog.media.demux_sound import SoundPass
from vprog.media.losses import DAMAGE_SHARE, count_losses
from vprog.media.opening import MAX_PIXELS
from vprog.media.packets import read_packets
from vprog.media.stream_info import StreamInfo
from vprog.media.track_list import clean_tag, is_cover, list_chapters, list_tracks

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

TEXT_CODECS = frozenset({"ass", "ssa", "subrip", "srt", "mov_text", "webvtt", "text"})

ONE_CLOCK = frozenset({"mp4", "mov", "avi", "gif", "apng"})
"""Containers whose time stamps come from one table, or from counting."""


def read_stream_info(
    container: InputContainer, path: Path, clock: Clock | None = None
) -> StreamInfo:
    """Read every packet once.

    Args:
        container: an open file.
        path: where it lies.
        clock: what an earlier pass found that the stamps must be moved by.

    Raises:
        VideoUnreadableError: the picture is too large, or the file has too many frames.
    """
    name = path.name
    found = StreamInfo(
        container=_container(container, name),
        title=clean_tag(container.metadata.get("title", "")),
        created=clean_tag(container.metadata.get("creation_time", "")),
        tracks=list_tracks(container),
        chapters=list_chapters(container),
        clock=clock,
    )
    tracks = {track.number: track for track in found.tracks}
    found.text_streams = {
        track.track: track.number
        for track in found.tracks
        if track.kind == "subtitles" and track.codec in TEXT_CODECS
    }
    video = _choose_video(container, name)
    passes: dict[int, PicturePass | SoundPass] = {}
    if video is not None:
        passes[video.index] = PicturePass(video, found, name)
    sounds = _decodable(container.streams.audio)
    for stream in sounds:
        called = "the sound" if len(sounds) == 1 else f"sound track {tracks[stream.index].track}"
        passes[stream.index] = SoundPass(stream, tracks[stream.index], called, found)
    wanted = [container.streams[track.number] for track in found.tracks if track.kind != "cover"]
    for packet in read_packets(container, wanted, lambda reason: _note(found, reason), clock):
        tracks[packet.stream_index].take(packet)
        if packet.stream_index in passes:
            passes[packet.stream_index].take(packet)
    for stream_pass in (*passes.values(), *found.tracks):
        stream_pass.finish()
    found.sounds.sort(key=lambda sound: not tracks[sound.number].is_default)
    count_losses(container, video, found, path)
    if clock is None and found.container not in ONE_CLOCK:
        leads = [sound.number for sound in found.sounds]
        leads = leads if found.picture is None else [found.picture.number]
        found.clock = clock_of(found.tracks, leads[0], found.container) if leads else None
    elif clock is not None:
        times = [start - found.origin for start in clock.starts]
        found.warnings.append(
            f"its time stamps start anew {len(times)} time{'s' if len(times) > 1 else ''}, first "
            f"at {times[0]:.2f} s (joined recordings?): times go on from there without a break"
        )
    return found


def _note(found: StreamInfo, reason: str) -> None:
    found.lose(f"damaged: {reason}", DAMAGE_SHARE)


def _choose_video(container: InputContainer, name: str) -> VideoStream | None:
    """The default picture, else the largest; never a cover picture of a sound file."""
    import av

    usable = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not is_cover(stream)
    ]
    if not usable:
        return None

    def order(stream: VideoStream) -> tuple[bool, int]:
        context = stream.codec_context
        is_default = bool(stream.disposition & av.stream.Disposition.default)
        return is_default, (context.width or 0) * (context.height or 0)

    best = max(usable, key=order)
    width, height = best.codec_context.width, best.codec_context.height
    if width * height > MAX_PIXELS:
        raise VideoUnreadableError(
            f"{name}: pictures of {width} x {height} pixels are larger than the limit of "
            f"{MAX_PIXELS:,} pixels.",
            hint="Scale it down first.",
        )
    return best


def _decodable(streams: Iterable[AudioStream]) -> list[AudioStream]:
    """Those for which there is a decoder."""
    return [stream for stream in streams if stream.codec_context is not None]


def _container(container: InputContainer, name: str) -> str:
    """The usual name of the container, which ffmpeg knows by families."""
    names = container.format.name.split(",")
    if "mp4" in names:
        brand = container.metadata.get("major_brand", "").strip()
        return "mov" if brand == "qt" else "mp4"
    if "webm" in names:
        return "webm" if name.lower().endswith(".webm") else "matroska"
    return names[0].removesuffix("_pipe")
