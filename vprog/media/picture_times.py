"""The picture's part of the demux: time stamps, keyframes, the first frame, what is missing."""

from __future__ import annotations

from array import array
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.losses import UNKNOWN_SHARE
from vprog.media.opening import MAX_PIXELS, reason_of
from vprog.media.png_text import PNG_CODECS, check_png_text
from vprog.media.rotation import turning_of
from vprog.media.stream_info import MAX_TRIES, DamagedPlace, FormatFacts, PictureInfo, StreamInfo

if TYPE_CHECKING:
    import numpy as np
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

BARE = frozenset({"h264", "hevc", "h261", "h263", "m4v", "mjpeg", "mpegvideo", "obu", "vc1"})
"""Streams without a container: their demuxers make up the time stamps."""

MIN_RATE, MAX_RATE = Fraction(1, 2), 300
"""Frames a second that a codec may state and be believed."""

MAX_FRAMES = 20_000_000
"""More frames than that (four days at 60 a second) are refused."""


class PicturePass:
    """Collects one video stream: each packet's time stamp and whether it is a keyframe."""

    def __init__(self, stream: VideoStream, found: StreamInfo, name: str) -> None:
        self._stream, self._found, self._name = stream, found, name
        self._base = stream.time_base or Fraction(1, 1000)
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        self._codec = stream.codec_context.codec.canonical_name
        self._stamps = array("q")  # pts * 2 + is_keyframe, so that one sort serves both
        self._places = array("q")  # bytes, where a clock needs them
        self._last: tuple[int, int] = (0, 0)  # the last shown packet's pts and duration
        self._tries = 0
        self._first_shown: int | None = None
        self._by_count = False
        self._key_stamp = -(2**62)
        self._is_bare = False  # some packets have no time stamp at all
        # AVI has no display times; for these codecs the demuxer's guesses ignore B-frames.
        self._is_guessed = found.container == "avi" and self._codec in ("h264", "hevc")
        self.n_packets = 0

    def take(self, packet: Packet[VideoStream]) -> None:
        if self._codec in PNG_CODECS and packet.size:
            check_png_text(memoryview(packet), self._name)
        if self._found.picture is None and self._tries < MAX_TRIES:
            self._decode(packet)
        if packet.size == 0:  # the flush at the end; in AVI also "the last picture again"
            return
        self.n_packets += 1
        if packet.is_discard or (self._codec == "vp8" and _is_hidden_vp8(packet)):
            return
        stamp = packet.pts
        if stamp is None or self._is_guessed:
            self._by_count = True
            stamp = packet.dts
        if stamp is None or self._found.container in BARE:
            self._by_count = True
            self._is_bare = True
            stamp = 0
        if not -(2**61) < stamp < 2**61:
            return
        if packet.is_keyframe:
            self._key_stamp = stamp
        elif stamp < self._key_stamp:
            self._found.has_leading = True
        if len(self._stamps) >= MAX_FRAMES:
            raise VideoUnreadableError(
                f"{self._name}: more than {MAX_FRAMES:,} frames.", hint="Cut it into pieces."
            )
        self._stamps.append(stamp * 2 + packet.is_keyframe)
        clock = self._found.clock
        if clock is not None:
            self._places.append(packet.pos or 0)
            if packet.pos is None:  # it has a time only if those before it were read
                self._found.clock = replace(clock, seeks_bytes=False)
        if stamp >= self._last[0] or len(self._stamps) == 1:
            self._last = (stamp, packet.duration or 0)

    def _decode(self, packet: Packet[VideoStream]) -> None:
        import av

        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self._tries += 1
            self._found.failures.append(f"its picture ({self._codec}): {reason_of(error)}")
            return
        if not frames:
            return
        frame = frames[0]
        turning = turning_of(frame, packet, self._stream)
        self._found.picture = PictureInfo(
            number=self._stream.index,
            codec=self._codec,
            width=frame.width,
            height=frame.height,
            rotation=turning.rotation,
            mirrored=turning.mirrored,
            time_base=self._base,
            format=_format_facts(frame, self._stream),
        )
        self._first_shown = frame.pts
        if self._codec == "mjpeg" and packet.size and not _is_whole_jpeg(packet):
            self._found.warnings.append("decoded 1 of 1 frames, in part: the picture is cut short")
            self._found.damage.append(DamagedPlace("cut short", 0.0, 0.0))

    def finish(self) -> None:
        import numpy as np

        found = self._found
        if found.picture is None or not self._stamps:
            if found.picture is None and self.n_packets:
                why = found.failures[0] if found.failures else "no picture comes out of it"
                found.lose(f"the picture cannot be decoded: {why}", UNKNOWN_SHARE)
                found.damage.append(DamagedPlace("unreadable", 0.0, 0.0))
            found.picture = None
            return
        stamps = np.frombuffer(self._stamps, dtype=np.int64)
        if self._is_bare:
            self._base = 1 / self._assumed_rate(len(stamps))
            self._last = (len(stamps) - 1, 1)
            stamps = np.arange(len(stamps), dtype=np.int64) * 2
            found.picture.time_base = self._base
        places = np.frombuffer(self._places, dtype=np.int64) if self._places else None
        if len(stamps) > 1 and bool((stamps[1:] < stamps[:-1]).any()):
            if places is not None:
                order = stamps.argsort(kind="stable")
                places, stamps = places[order], stamps[order]
            else:
                stamps.sort()
        pts = stamps >> 1
        keep = np.ones(len(pts), dtype=np.bool_)
        keep[:-1] = pts[:-1] != pts[1:]  # of two packets with one time, a keyframe is kept
        n_hidden = len(keep) - int(keep.sum())
        if n_hidden:
            found.lose(
                f"{n_hidden} of {len(pts)} frames share their time with another and are not seen",
                n_hidden / len(pts),
            )
        if self._first_shown is not None and not self._by_count:
            early = pts < self._first_shown
            if early.any() and not early.all():
                found.lose(
                    f"the first {int(early.sum())} frames cannot be decoded: "
                    "no keyframe stands before them",
                    int(early.sum()) / len(pts),
                )
                found.damage.append(DamagedPlace("lost pictures", 0.0, 0.0))
                keep &= ~early
        found.by_count = self._by_count
        if not keep.all():
            stamps, pts = stamps[keep], pts[keep]
            places = None if places is None else places[keep]
        found.places = places
        keyframes = (stamps & 1).astype(np.bool_)
        if _all_claimed(found.container, self._stream, keyframes):
            keyframes[1:] = False
        keyframes[0] = True
        base = float(self._base)
        found.first_pts = int(pts[0])
        pts -= found.first_pts
        found.times = np.multiply(pts, base, dtype=np.float64)
        found.keyframes = keyframes
        found.times.flags.writeable = found.keyframes.flags.writeable = False
        found.video_start = found.first_pts * base
        found.video_end = self._end(found.times) + found.video_start
        found.n_stated = self._stated(pts)
        found.rate = float(1 / self._base if self._is_bare else self._stream.average_rate or 0)

    def _assumed_rate(self, n_frames: int) -> Fraction:
        """How many frames a second a stream without any time stamps is taken to have."""
        stated = self._stream.codec_context.framerate or Fraction(0)
        is_stated = MIN_RATE <= stated <= MAX_RATE
        rate = stated if is_stated else self._stream.guessed_rate or Fraction(25)
        if n_frames > 1:
            why = "as its codec states" if is_stated else "though nothing in it states a rate"
            text = f"it has no time stamps: {float(rate):g} frames a second are assumed, {why}"
            self._found.lose(f"{text}; all times rest on that", 0.0 if is_stated else UNKNOWN_SHARE)
        return rate

    def _end(self, times: NDArray[np.float64]) -> float:
        """When the last frame goes, in seconds from the first."""
        length = self._last[1] * float(self._base)
        if len(times) > 1:
            usual = float(times[-1]) / (len(times) - 1)
            # A duration that nothing else in the file supports is not believed.
            if not 0 < length <= max(60.0, 100 * usual):
                length = usual
        elif not 0 < length <= 86_400:
            rate = self._stream.average_rate
            length = float(1 / rate) if rate else 0.0
        return float(times[-1]) + length

    def _stated(self, pts: NDArray[np.int64]) -> int:
        """How many frames the header promises, if that is more than there are."""
        stated = self._stream.frames
        if self._found.container == "avi":  # there, pictures that repeat the last one count too
            held = max(int(pts[-1] - pts[0]) + 1, self.n_packets)
            missing = (stated - held) * float(self._base)
            return stated if missing > max(1.0, 0.02 * stated * float(self._base)) else 0
        return 0 if self.n_packets >= stated else stated


def _format_facts(frame: VideoFrame, stream: VideoStream) -> FormatFacts:
    """How the pixels are stored. HDR by its transfer function (ITU-T H.273, table 3)."""
    parts = frame.format.components
    return FormatFacts(
        pixel_format=frame.format.name,
        bit_depth=max((part.bits for part in parts), default=0),
        hdr={16: "PQ", 18: "HLG"}.get(frame.color_trc, ""),
        is_interlaced=frame.interlaced_frame or stream.codec_context.field_order in (2, 3, 4, 5),
        # WebM keeps transparency in a second picture that decoders leave out.
        has_alpha=any(part.is_alpha for part in parts)
        or stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1",
        # What the container says goes before what the pictures say, as in players.
        pixel_aspect=stream.sample_aspect_ratio
        or stream.codec_context.sample_aspect_ratio
        or Fraction(1),
    )


def _all_claimed(container: str, stream: VideoStream, keyframes: NDArray[np.bool_]) -> bool:
    """An AVI whose index is lost claims every picture as a keyframe."""
    codec = stream.codec_context.codec
    intra_only = bool(codec.properties & 1) or codec.name in ("png", "ffv1")
    return container == "avi" and not intra_only and bool(keyframes.all())


def _is_hidden_vp8(packet: Packet[VideoStream]) -> bool:
    """Whether a VP8 frame is only there for others to refer to (RFC 6386, 9.1)."""
    return not memoryview(packet)[0] >> 4 & 1


def _is_whole_jpeg(packet: Packet[VideoStream]) -> bool:
    return b"\xff\xd9" in bytes(memoryview(packet)[-64:])
