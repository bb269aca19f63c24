"""Sound by time range: mono, float32, 16,000 samples a second, placed by its time stamps.

Streams: memory is bounded by one block, whatever the length of the file. Where the file has no
sound, or where it does not decode, there are zeros, and damage is a warning.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, cast

from vprog.errors import ModuleInputError, NoAudioStreamError
from vprog.media.index import AudioStream, MediaIndex
from vprog.media.opening import open_container
from vprog.media.packets import read_packets
from vprog.media.stream_info import DamagedPlace

if TYPE_CHECKING:
    import numpy as np
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream as PyavStream
    from av.container import InputContainer
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
MAX_SECONDS = 4 * 3600.0
"""The longest span that is given in one piece (0.9 GB)."""

PREROLL = 0.5
"""Seconds decoded before a span: codecs need some packets to get into step."""

TIME_TOLERANCE = 0.04
"""Seconds by which time stamps may be off before a gap is believed (rounding in containers)."""

JOINED_S = 0.5
"""Lost packets that lie no farther apart are one place of damage."""

PIECE = 4096
"""Samples that the resampler gives at once."""


class SoundDamage:
    """What a run met that is wrong with the sound of a file; readers are given it to fill."""

    def __init__(self) -> None:
        self.lost: set[int] = set()
        """When packets begin that do not decode, in microseconds on the file's clock."""
        self.reasons: set[str] = set()
        """What the demuxer said."""

    @property
    def places(self) -> list[DamagedPlace]:
        """Where the damage lies; what the demuxer says has no place."""
        runs: list[list[float]] = []
        for time in sorted(stamp / 1_000_000 for stamp in self.lost):
            if runs and time - runs[-1][1] <= JOINED_S:
                runs[-1][1] = time
            else:
                runs.append([time, time])
        places = [DamagedPlace("lost sound", max(0.0, start), max(0.0, end)) for start, end in runs]
        return places or [DamagedPlace("unreadable", 0.0, 0.0)] * bool(self.reasons)

    def warnings(self, name: str) -> tuple[str, ...]:
        """The damage met so far, in one line with the file's name; none if there was none."""
        if not (self.lost or self.reasons):
            return ()
        n_lost = len(self.lost)
        damage = [f"the file is damaged: {reason}" for reason in sorted(self.reasons)]
        if n_lost:
            packets = "1 packet" if n_lost == 1 else f"{n_lost} packets"
            damage.append(f"{packets} could not be decoded")
        return (f"{name}: damaged sound: {', '.join(damage)}; silence stands there",)


class SoundReader:
    """One sound track of a file. May be used from several threads at once."""

    def __init__(
        self, index: MediaIndex, track: int = 0, *, make_room: Callable[[], None] = lambda: None
    ) -> None:
        """Take a sound track of a file, counted from 1; 0 for the one players begin with.

        `make_room` is called before the file is opened once more.
        """
        self._index, self._make_room = index, make_room
        self._stream = sound_of(index, track)
        self._idle: InputContainer | None = None
        self._lock = threading.Lock()

    def read(
        self, start: float, end: float, report: SoundDamage | None = None
    ) -> NDArray[np.float32]:
        """The sound from `start` to `end`, in seconds on the file's clock: (N,).

        Raises:
            ModuleInputError: the span is longer than four hours.
        """
        check_span(self._index, start, end)
        return joined(self.blocks(start, end, report=report), sample_count(start, end))

    def blocks(
        self, start: float, end: float, *, seconds: float = 30.0, report: SoundDamage | None = None
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """The same in blocks of `seconds`, each with its start."""
        import numpy as np

        if not seconds > 0:
            raise ValueError(f"seconds: must be above 0, got {seconds}.")
        size = max(1, round(seconds * SAMPLE_RATE))
        at = round(start * SAMPLE_RATE)  # the number of the sample with which the block starts
        stop = at + sample_count(start, end)
        block = np.zeros(min(size, stop - at), dtype=np.float32)
        for position, samples in self._pieces(start, stop, report or SoundDamage()):
            while position + len(samples) > at and at < stop:
                first, last = max(position, at), min(position + len(samples), at + len(block))
                if last > first:
                    block[first - at : last - at] = samples[first - position : last - position]
                if position + len(samples) < at + len(block):
                    break
                yield at / SAMPLE_RATE, block
                at += len(block)
                block = np.zeros(min(size, stop - at), dtype=np.float32)
        while at < stop:
            yield at / SAMPLE_RATE, block
            at += len(block)
            block = np.zeros(min(size, stop - at), dtype=np.float32)

    def close(self) -> None:
        """Close the file."""
        self.rest()

    def rest(self) -> None:
        """Let the file go, if nobody reads it now; who comes next opens it anew."""
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            idle.close()

    def _pieces(
        self, start: float, stop: int, report: SoundDamage
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Resampled pieces from before `start` until sample `stop`, with their positions."""
        with self._lock:
            container, self._idle = self._idle, None
        if container is None:
            self._make_room()
            container = open_container(self._index.path, self._index.identity)
        line = _Line()
        try:
            container = self._seek(container, start)
            for time, frame in self._frames(container, report):
                yield from line.take(time, frame)
                if line.position >= stop:
                    break
            else:
                yield from line.drain()
        except GeneratorExit:  # the caller left between two pieces
            self._take_back(container)
            raise
        except BaseException:  # amid a packet: its state is unknown, no other run may read on
            container.close()
            raise
        self._take_back(container)

    def _take_back(self, container: InputContainer) -> None:
        with self._lock:
            is_taken = self._idle is None
            if is_taken:
                self._idle = container
        if not is_taken:
            container.close()

    def _seek(self, container: InputContainer, start: float) -> InputContainer:
        import av

        stream = self._audio(container)
        wanted = max(start, self._stream.start) + self._index.origin - PREROLL
        base, clock = stream.time_base, self._index.clock
        if base is not None and (clock is None or clock.seeks_bytes):
            try:
                if clock is None:
                    container.seek(round(wanted / base) + self._stream.lead, stream=stream)
                else:
                    container.seek(self._byte_before(wanted), unsupported_byte_offset=True)
                return container
            except (av.FFmpegError, OverflowError):
                pass  # some formats cannot jump: read from the start instead
        container.close()
        return open_container(self._index.path, self._index.identity)

    def _byte_before(self, wanted: float) -> int:
        """Where to read on for a time in the file's seconds, in a file with a clock."""
        at = bisect_right(self._stream.jumps, (wanted, 0)) - 1
        return self._stream.jumps[at][1] if at >= 0 else 0

    def _audio(self, container: InputContainer) -> PyavStream:
        return cast("PyavStream", container.streams[self._stream.number])

    def _frames(
        self, container: InputContainer, report: SoundDamage
    ) -> Iterator[tuple[float | None, AudioFrame]]:
        """Decoded frames and their times on the file's clock; None if unknown."""
        import av

        for packet in read_packets(
            container,
            [self._audio(container)],
            report.reasons.add,
            self._index.clock,
            self._index.matter_end,
        ):
            try:
                frames = cast("list[AudioFrame]", packet.decode())
            except MemoryError:  # no damage of the file's
                raise
            except (av.FFmpegError, ValueError):
                stamp = float((packet.pts or 0) * (packet.time_base or 0))
                report.lost.add(round((stamp - self._index.origin) * 1_000_000))
                continue
            for frame in frames:
                base = frame.time_base
                if frame.pts is None or base is None:
                    yield None, frame
                else:
                    yield float(frame.pts * base) - self._index.origin, frame


class _Line:
    """Resamples frames one after the other and knows where the next sample belongs."""

    def __init__(self) -> None:
        self.position = 0
        self._resampler: AudioResampler | None = None
        self._setup: tuple[object, ...] = ()
        self._expected: float | None = None

    def take(
        self, time: float | None, frame: AudioFrame
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        from av.audio.resampler import AudioResampler

        if not frame.samples or not frame.sample_rate:
            return
        setup = (frame.format.name, frame.layout.name, frame.layout.nb_channels, frame.sample_rate)
        jumped = (
            time is not None
            and self._expected is not None
            and abs(time - self._expected) > TIME_TOLERANCE
        )
        if self._resampler is None or jumped or setup != self._setup:
            yield from self.drain()
            self._resampler = AudioResampler(
                format="flt", layout="mono", rate=SAMPLE_RATE, frame_size=PIECE
            )
            self._setup = setup
            if time is not None:
                yield from self._align(round(time * frame.sample_rate), frame)
            self._expected = time
        # Counted on, not taken from each time stamp: a slow drift must not go unseen.
        self._expected = (self._expected or 0.0) + frame.samples / frame.sample_rate
        frame.pts = None  # the resampler need not fill gaps: this class places the pieces
        yield from self._placed(self._resampler.resample(frame))

    def _align(self, number: int, frame: AudioFrame) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Start where both rates have a sample, so that a span equals its part of the whole."""
        from av.audio.frame import AudioFrame

        assert self._resampler is not None
        step = frame.sample_rate // math.gcd(frame.sample_rate, SAMPLE_RATE)
        before = number % step
        self.position = (number - before) * SAMPLE_RATE // frame.sample_rate
        if before:
            silence = AudioFrame(frame.format.name, frame.layout.name, before)
            silence.sample_rate = frame.sample_rate
            level = b"\x80" if frame.format.name.startswith("u8") else b"\0"
            for plane in silence.planes:
                plane.update(level * plane.buffer_size)
            yield from self._placed(self._resampler.resample(silence))

    def drain(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """What the resampler still holds."""
        if self._resampler is not None:
            yield from self._placed(self._resampler.resample(None))
            self._resampler = None

    def _placed(self, frames: list[AudioFrame]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        import numpy as np

        for frame in frames:
            samples = cast("NDArray[np.float32]", frame.to_ndarray()).reshape(-1)
            samples = np.nan_to_num(samples, copy=False)
            np.clip(samples, -1.0, 1.0, out=samples)
            position = self.position
            self.position += len(samples)
            yield position, samples


def sound_of(index: MediaIndex, track: int = 0) -> AudioStream:
    """A sound track of a file, counted from 1; 0 for the one players begin with.

    Raises:
        NoAudioStreamError: the file has no sound.
        ModuleInputError: it has no such track, or that one does not decode.
    """
    if not index.sounds:
        raise NoAudioStreamError(
            f'"{index.path.name}" has no sound.', hint="Ask about its picture."
        )
    for sound in index.sounds:
        if track in (0, sound.track):
            return sound
    tracks = ", ".join(str(sound.track) for sound in index.sounds)
    raise ModuleInputError(
        f'"{index.path.name}": there is no sound track {track} that decodes; there are: {tracks}.',
        hint="Tracks are counted from 1; probe(video).streams lists them.",
    )


def check_span(index: MediaIndex, start: float, end: float) -> None:
    """Refuse a span that is too long to be given in one piece.

    Raises:
        ModuleInputError: it is longer than four hours.
    """
    if end - start > MAX_SECONDS:
        raise ModuleInputError(
            f"sound of {index.path.name}: at most {MAX_SECONDS:.0f} s in one piece, "
            f"got {end - start:.0f} s.",
            hint="Limit the span, or read it with sound_blocks.",
        )


def joined(
    blocks: Iterable[tuple[float, NDArray[np.float32]]], n_samples: int
) -> NDArray[np.float32]:
    """Blocks of sound one after the other; zeros where they give fewer samples."""
    import numpy as np

    out = np.zeros(n_samples, dtype=np.float32)
    at = 0
    for _, block in blocks:
        out[at : at + len(block)] = block
        at += len(block)
    return out


def sample_count(start: float, end: float) -> int:
    """How many samples lie between two times in seconds."""
    return max(0, round(end * SAMPLE_RATE) - round(start * SAMPLE_RATE))
