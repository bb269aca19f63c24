"""What one call of a module works with: its videos, and what belongs to this call alone.

A module asks `current()` for the context of the call that is running; in `batch` each call
brings its own as `call.context`. Through it come frames, sound and subtitles; it ends the work
when the run's time is spent, takes warnings, counts the requests to a VLM and the frames that
were decoded for this call, and notes what was seen and whether any of it was lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from vprog.errors import ModuleFailedError, VprogError
from vprog.media.audio import SAMPLE_RATE
from vprog.media.run_videos import MediaSource
from vprog.media.stream_info import DamagedPlace
from vprog.media.subtitles import Subtitle
from vprog.registry.mask_store import MaskStore
from vprog.types.clock import clock
from vprog.types.coverage import Seen, SeenDraft
from vprog.types.detection import Mask
from vprog.types.frame import Frame, Video
from vprog.types.geometry import Box
from vprog.types.metadata import Metadata, Stream
from vprog.types.time import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


MOST_NOTES = 20
"""So many warnings of one call stay with its result."""


Ask = Callable[["CallContext", str, "Sequence[Mapping[str, object]]"], list[Any]]
"""Has the module of a task do calls for the call of another module; gives their results."""


def _nothing() -> None:
    pass


def _to_nobody(text: str) -> None:
    pass


Report = Callable[[float, float, str], None]
"""Takes how much of how much is done, and in which unit."""


def _not_reported(done: float, total: float, unit: str) -> None:
    pass


@dataclass(frozen=True)
class Pixels:
    """The pictures that a module wants of one of its arguments.

    Declared, so that who runs calls can see them before the module runs, and have them decoded
    together with those of other calls.

    Attributes:
        of: the parameter that names the frames: a Frame or a list of them.
        max_side: the longest side of each picture, in pixels; None as filmed.
        colour: "rgb" gives (H, W, 3), "grey" (H, W); uint8 both.
    """

    of: str
    max_side: int | None = None
    colour: Literal["rgb", "grey"] = "rgb"


class VlmMeter:
    """Requests to VLMs and their tokens, of one run. May be used from several threads.

    It comes with a call's context: a module serves many runs at once, and the context says
    whose the request is.

    Args:
        check: called before each request; what it raises ends the module's work.
    """

    def __init__(self, check: Callable[[], None] = _nothing) -> None:
        self.check = check
        self.requests = 0
        self.tokens_in = 0
        self.tokens_out = 0
        self._lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.tokens_in + self.tokens_out

    def take_over(self, other: VlmMeter) -> None:
        """Count what another meter counted."""
        with self._lock:
            self.requests += other.requests
            self.tokens_in += other.tokens_in
            self.tokens_out += other.tokens_out

    def used(self, tokens_in: int, tokens_out: int) -> None:
        """Count a request, whatever came of it."""
        with self._lock:
            self.requests += 1
            self.tokens_in += tokens_in
            self.tokens_out += tokens_out


class CallContext:
    """The videos of a call's run, with the budget, warnings and counts of the call.

    Args:
        media: the videos of the run.
        check: called whenever frames or sound are taken; what it raises ends the module's work.
        warn: takes a line for the warnings of the run; equal lines count once.
        meter: of the run.
        node: of the run's workspace in which the call was made; 0 outside of one.
        cache_dir: where a module may keep what is costly to make, such as an index of a file, for
            all processes; None for nowhere.
        cache_max_mb: the most that may be kept there.
        masks: the bitmaps of the run's masks.
        ask: has modules of another task do calls; only of a module that declares that it asks.
        report: told how far the call is; `frames` and `sound_blocks` tell it by themselves.
    """

    def __init__(
        self,
        media: MediaSource,
        *,
        check: Callable[[], None] = _nothing,
        warn: Callable[[str], None] = _to_nobody,
        meter: VlmMeter | None = None,
        node: int = 0,
        cache_dir: Path | None = None,
        cache_max_mb: int = 2000,
        masks: MaskStore | None = None,
        ask: Ask | None = None,
        report: Report = _not_reported,
    ) -> None:
        self.check = check
        self.report = report
        """A module whose work is neither of frames nor of sound says so itself how far it is:
        `current().report(3, 8, "windows")`."""
        self.notes: list[str] = []
        """What the module warned of; whoever is given its result later is told as well."""
        self.tell = warn
        """Warns this run alone, such as of how a module was loaded."""
        self.meter = VlmMeter() if meter is None else meter
        self.node = node
        self.cache_dir = cache_dir
        self.cache_max_mb = cache_max_mb
        self.masks: dict[str, str] = {}
        """The bitmaps of the masks that were made for this call: texts by key."""
        self.store = MaskStore() if masks is None else masks
        """The bitmaps of the run."""
        self._ask = ask
        self._media = media
        self._lock = threading.Lock()
        self._frames_decoded = 0
        self._is_degraded = False
        self._seen: dict[int, SeenDraft] = {}
        self._wanted: tuple[Pixels, list[Frame]] | None = None
        self._pictures: list[NDArray[np.uint8]] | None = None

    def warn(self, text: str) -> None:
        """Warn of something that whoever uses the result has to know, in one line."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(text)
        self.tell(text)

    @property
    def frames_decoded(self) -> int:
        """How many frames were decoded for this call so far."""
        return self._frames_decoded

    @property
    def is_degraded(self) -> bool:
        """Whether frames or sound that the file promises were lost to this call, or damaged."""
        return self._is_degraded

    @property
    def seen(self) -> list[Seen]:
        """What of each video was read for this call so far."""
        with self._lock:
            return [self._seen[video].seen(video) for video in sorted(self._seen)]

    def want(self, pixels: Pixels | None, arguments: Mapping[str, object]) -> None:
        """Say which pictures the module declared; they are decoded when first asked for."""
        if pixels is not None:
            named = arguments[pixels.of]
            frames = cast("list[Frame]", named if isinstance(named, list) else [named])
            self._wanted, self._pictures = (pixels, frames), None

    @property
    def pictures(self) -> list[NDArray[np.uint8]]:
        """The pictures that the module declared it wants, in the order of its argument.

        Raises:
            VprogError: it declared none.
            NoVideoStreamError, ModuleInputError: as `pixels`.
        """
        if self._pictures is None:
            if self._wanted is None:
                raise VprogError(
                    "pictures: the module declares none.",
                    hint='Declare them: @implements("detect", pixels=Pixels("frame")).',
                )
            wanted, frames = self._wanted
            pictures = look_in_order(frames, lambda one: self.pixels(one, max_side=wanted.max_side))
            is_grey = wanted.colour == "grey"
            self._pictures = [_grey(picture) for picture in pictures] if is_grey else pictures
        return self._pictures

    def mask(self, frame: Frame, bitmap: NDArray[np.bool_], score: float) -> Mask:
        """A mask of a frame, whose bitmap is kept for the run, the cache and the trace.

        Args:
            frame: which the bitmap is of.
            bitmap: (height, width) of the whole displayed frame, also where `frame` has a region.
            score: in [0, 1].

        Raises:
            ModuleFailedError: it is empty, or has another size.
        """
        import numpy as np

        video = self.video(frame.video)
        if bitmap.shape != (video.height, video.width):
            raise ModuleFailedError(
                f"a mask of {bitmap.shape} for a frame of {(video.height, video.width)} pixels.",
                hint="Make it as large as the whole frame.",
            )
        rows, columns = (np.flatnonzero(bitmap.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            raise ModuleFailedError(
                f"nothing was outlined in the frame at {clock(frame.time)}.",
                hint="Give another box or point.",
            )
        key, self.masks[key] = self.store.keep(bitmap)
        box = Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
        return Mask(frame, box, float(bitmap.sum()), round(min(1.0, max(0.0, score)), 4), key)

    def bitmap(self, mask: Mask) -> NDArray[np.bool_]:
        """See `MaskStore.bitmap`."""
        return self.store.bitmap(mask)

    def ask(self, task: str, calls: Sequence[Mapping[str, object]]) -> list[Any]:
        """What the module of another task gives for some calls, each its arguments by name.

        Raises:
            VprogError: the module does not declare that it asks this task; or what a call raised.
        """
        if self._ask is None:
            raise VprogError(
                f'ask("{task}"): this module asks nobody.',
                hint=f'Declare it: @implements(..., asks=("{task}",)).',
            )
        return self._ask(self, task, calls)

    def absorb(
        self,
        *,
        seen: Sequence[Seen],
        notes: Sequence[object] = (),
        masks: Mapping[str, str] | None = None,
        frames_decoded: int = 0,
        is_degraded: bool = False,
    ) -> None:
        """Take over what a call of another module, made for this one, saw and came to."""
        for note in notes:
            self.warn(str(note))
        self.masks.update(masks or {})
        with self._lock:
            for part in seen:
                draft = self._draft(part.video)
                draft.pictures += part.pictures
                draft.sound += part.sound
                draft.subtitles |= part.subtitles
            self._frames_decoded += frames_decoded
        self._is_degraded |= is_degraded

    @property
    def videos(self) -> list[Video]:
        """The videos of the run."""
        return self._media.videos

    def video(self, index: int) -> Video:
        """See `MediaSource.video`."""
        return self._media.video(index)

    def pixels(self, frame: Frame, *, max_side: int | None = None) -> NDArray[np.uint8]:
        """See `MediaSource.pixels`."""
        self.check()
        pixels = self._media.pixels(
            frame, max_side=max_side, on_decoded=self._count, on_degraded=self._degraded
        )
        self.note_picture(frame.video, frame.time)
        return pixels

    def note_picture(self, video: int, time: float) -> None:
        """Say that a picture was looked at; needed only where an index stands in for it."""
        shown = self._media.shown_span(video, time)
        with self._lock:
            self._draft(video).picture(time, shown)

    def area(self, frame: Frame) -> Box:
        """See `MediaSource.area`."""
        return self._media.area(frame)

    def frames(
        self, video: int, times: Sequence[float], *, max_side: int | None = None
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """See `MediaSource.frames`."""
        frames = self._media.frames(
            video, times, max_side=max_side, on_decoded=self._count, on_degraded=self._degraded
        )
        for number, (time, pixels) in enumerate(frames):
            self.check()
            self.note_picture(video, time)
            self.report(number, len(times), "frames")
            yield time, pixels

    def frame_times(self, video: int, span: Span | None = None) -> NDArray[np.float64]:
        """See `MediaSource.frame_times`."""
        return self._media.frame_times(video, span)

    def keyframe_times(self, video: int) -> NDArray[np.float64]:
        """See `MediaSource.keyframe_times`."""
        return self._media.keyframe_times(video)

    def sound(self, video: int, span: Span | None = None, *, track: int = 0) -> NDArray[np.float32]:
        """See `MediaSource.sound`."""
        self.check()
        samples = self._media.sound(video, span, track=track, on_degraded=self._degraded)
        self._note_sound(video, max(0.0, span.start) if span is not None else 0.0, len(samples))
        return samples

    def sound_blocks(
        self, video: int, span: Span | None = None, *, seconds: float = 30.0, track: int = 0
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """See `MediaSource.sound_blocks`."""
        blocks = self._media.sound_blocks(
            video, span, seconds=seconds, track=track, on_degraded=self._degraded
        )
        end = self.video(video).duration if span is None else span.end
        total = end - (0.0 if span is None else span.start)
        return self._noted_blocks(video, blocks, end - total, total)

    def subtitles(self, video: int, *, track: int = 0) -> list[Subtitle]:
        """See `MediaSource.subtitles`."""
        subtitles = self._media.subtitles(video, track=track)
        for text in self._media.subtitle_warnings(video, track=track):
            self.warn(text)
        with self._lock:
            self._draft(video).subtitles = True
        return subtitles

    def joints(self, video: int) -> tuple[float, ...]:
        """See `MediaSource.joints`."""
        return self._media.joints(video)

    def sound_tracks(self, video: int) -> list[Stream]:
        """See `MediaSource.sound_tracks`."""
        return self._media.sound_tracks(video)

    def content_hash(self, video: int) -> str:
        """See `MediaSource.content_hash`."""
        return self._media.content_hash(video)

    def facts(self, video: int) -> Metadata:
        """See `MediaSource.facts`."""
        return self._media.facts(video)

    def damage(self, video: int) -> list[DamagedPlace]:
        """Where the file is damaged, as far as the run met it: read it whole before."""
        return self._media.damage(video)

    def _noted_blocks(
        self,
        video: int,
        blocks: Iterator[tuple[float, NDArray[np.float32]]],
        begin: float,
        total: float,
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        for start, samples in blocks:
            self.check()
            self._note_sound(video, start, len(samples))
            self.report(max(0.0, start - begin), total, "s of sound")
            yield start, samples

    def _count(self) -> None:
        with self._lock:
            self._frames_decoded += 1

    def _degraded(self) -> None:
        self._is_degraded = True

    def _draft(self, video: int) -> SeenDraft:
        return self._seen.setdefault(video, SeenDraft())

    def _note_sound(self, video: int, start: float, n_samples: int) -> None:
        end = start + n_samples / SAMPLE_RATE
        window = self._media.window
        if window is not None:  # beyond it there was silence
            start, end = max(start, window.start), min(end, window.end)
        if start < end:
            with self._lock:
                self._draft(video).heard(start, end)


def look_in_order(
    frames: Sequence[Frame], look: Callable[[Frame], NDArray[np.uint8]]
) -> list[NDArray[np.uint8]]:
    """The picture of each frame, looked at in order of time: what lies between is decoded once."""
    places = sorted(range(len(frames)), key=lambda place: frames[place][:2])
    pictures = {place: look(frames[place]) for place in places}
    return [pictures[place] for place in range(len(frames))]


_current: ContextVar[CallContext] = ContextVar("vprog_call_context")


def current() -> CallContext:
    """The context of the module call that is running.

    Raises:
        VprogError: no module call is running.
    """
    try:
        return _current.get()
    except LookupError:
        raise VprogError(
            "current(): no module call is running here.",
            hint="Call it inside a module's __call__, or enter `using(CallContext(source))` "
            "first; in `batch` use the context of each call.",
        ) from None


def make_current(context: CallContext) -> None:
    """Make a context the current one for the rest of the `contextvars` context it is set in."""
    _current.set(context)


@contextmanager
def using(context: CallContext) -> Iterator[CallContext]:
    """Make a context the current one for the length of a `with` block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma by ITU-R BT.601, as OpenCV and Pillow make grey of RGB: (H, W), uint8."""
    import numpy as np
    from PIL import Image

    return np.asarray(Image.fromarray(picture).convert("L"))
