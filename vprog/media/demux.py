"""One pass over a container's packets: what index.py makes an index of.

Chooses the streams, hands their packets to demux_picture.py and demux_sound.py, and notes where
the file falls short of what its header says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.demux_picture import PicturePass
from vprog.media.demux_sound import SoundPass
from vprog.media.opening import MAX_PIXELS
from vprog.media.packets import read_packets
from vprog.media.stream_info import StreamInfo

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

TEXT_CODECS = frozenset({"ass", "ssa", "subrip", "srt", "mov_text", "webvtt", "text"})


def read_stream_info(container: InputContainer, name: str) -> StreamInfo:
    """Read every packet once.

    Raises:
        VideoUnreadableError: the picture is too large, or the file has too many frames.
    """
    found = StreamInfo(container=_container(container, name), title=_title(container))
    subtitles = container.streams.subtitles
    found.n_subtitle_streams = len(subtitles)
    found.text_streams = tuple(
        subtitle.index
        for subtitle in subtitles
        if subtitle.codec_context is not None and subtitle.codec_context.name in TEXT_CODECS
    )
    video, audio = _choose_video(container, name), _choose_audio(container)
    pictures = PicturePass(video, found, name) if video is not None else None
    sounds = SoundPass(audio, found) if audio is not None else None
    chosen: list[Stream] = [stream for stream in (video, audio) if stream is not None]
    for packet in read_packets(container, chosen, lambda reason: _note(found, reason)):
        if video is not None and packet.stream_index == video.index and pictures:
            pictures.take(packet)
        elif audio is not None and packet.stream_index == audio.index and sounds:
            sounds.take(packet)
    if pictures:
        pictures.finish()
    if sounds:
        sounds.finish()
    if found.picture is None:
        found.origin = found.audio_start
    _compare(container, video, found)
    return found


def _note(found: StreamInfo, reason: str) -> None:
    text = f"damaged: {reason}"
    if text not in found.warnings:
        found.warnings.append(text)


def _choose_video(container: InputContainer, name: str) -> VideoStream | None:
    """The default picture, else the largest; never a cover picture of a sound file."""
    import av

    cover = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    usable = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & cover
    ]
    if not usable:
        return None

    def order(each: VideoStream) -> tuple[bool, int]:
        context = each.codec_context
        is_default = bool(each.disposition & av.stream.Disposition.default)
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


def _choose_audio(container: InputContainer) -> AudioStream | None:
    import av

    usable = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if not usable:
        return None
    return max(usable, key=lambda each: bool(each.disposition & av.stream.Disposition.default))


def _compare(container: InputContainer, video: VideoStream | None, found: StreamInfo) -> None:
    """Warn where the file holds less than its header says."""
    stated = (container.duration or 0) / 1_000_000
    end = max(found.video_end if found.picture else 0.0, found.audio_end if found.sound else 0.0)
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
    elif (found.picture or found.sound) and stated - max(held, end) > max(1.0, 0.02 * stated):
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


def _title(container: InputContainer) -> str:
    text = re.sub(r"\s+", " ", container.metadata.get("title", ""))
    return "".join(letter for letter in text if letter.isprintable()).strip()[:200]
