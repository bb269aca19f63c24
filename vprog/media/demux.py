"""One pass over a container's packets: what index.py makes an index of.

Chooses the streams, hands their packets to demux_picture.py and demux_sound.py, and notes where
the file falls short of what its header says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.demux_picture import PicturePass
from vprog.media.demux_sound import SoundPass
from vprog.media.opening import MAX_PIXELS
from vprog.media.packets import read_packets
from vprog.media.stream_info import StreamInfo
from vprog.media.track_list import clean_tag, is_cover, list_chapters, list_tracks

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

TEXT_CODECS = frozenset({"ass", "ssa", "subrip", "srt", "mov_text", "webvtt", "text"})


def read_stream_info(container: InputContainer, name: str) -> StreamInfo:
    """Read every packet once.

    Raises:
        VideoUnreadableError: the picture is too large, or the file has too many frames.
    """
    found = StreamInfo(
        container=_container(container, name),
        title=clean_tag(container.metadata.get("title", "")),
        created=clean_tag(container.metadata.get("creation_time", "")),
        tracks=list_tracks(container),
        chapters=list_chapters(container),
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
    for packet in read_packets(container, wanted, lambda reason: _note(found, reason)):
        tracks[packet.stream_index].take(packet)
        if packet.stream_index in passes:
            passes[packet.stream_index].take(packet)
    for stream_pass in passes.values():
        stream_pass.finish()
    found.sounds.sort(key=lambda sound: not tracks[sound.number].is_default)
    _compare(container, video, found)
    return found


def _note(found: StreamInfo, reason: str) -> None:
    text = f"damaged: {reason}"
    if text not in found.warnings:
        found.warnings.append(text)


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


def _compare(container: InputContainer, video: VideoStream | None, found: StreamInfo) -> None:
    """Warn where the file holds less than its header says."""
    stated = (container.duration or 0) / 1_000_000
    end = found.end
    held = max(0.0, end - found.origin)
    if found.picture is not None and found.n_stated:
        rate = video.average_rate if video is not None else None
        if found.container == "avi" and rate:  # an AVI's duration is guessed from its size
            stated = found.n_stated / float(rate)
        found.warnings.append(
            f"cut short: {len(found.times)} of the {found.n_stated} frames it states are there; "
            f"it ends at {held:.2f} s instead of {stated:.2f} s"
        )
    # Some containers state the end, counted from 0, others the length.
    elif (found.picture or found.sounds) and stated - max(held, end) > max(1.0, 0.02 * stated):
        found.warnings.append(f"cut short: it ends at {held:.2f} s instead of {stated:.2f} s")


def _container(container: InputContainer, name: str) -> str:
    """The usual name of the container, which ffmpeg knows by families."""
    names = container.format.name.split(",")
    if "mp4" in names:
        brand = container.metadata.get("major_brand", "").strip()
        return "mov" if brand == "qt" else "mp4"
    if "webm" in names:
        return "webm" if name.lower().endswith(".webm") else "matroska"
    return names[0].removesuffix("_pipe")
