"""`find_text`: which text stands in the picture, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Box, Span, TextSpan, Video
from vprog_modules.frames.sampling import SamplingSpan, even_times, sampling_span
from vprog_modules.text.text_change import SIDE, may_differ, small_grey

if TYPE_CHECKING:
    from vprog_modules.text.ocr import TextReader
    from vprog_modules.text.text_change import Grey
    from vprog_modules.text.text_spans import Edge, TextFollower

LOOKS = 32
"""The most frames looked at between two samples to find an edge."""


@implements(
    "find_text",
    needs=("rapidocr", "onnxruntime", "cv2"),
    extra="offline",
    rank=10,
    backend="RapidOCR, only where the picture changed",
    version="3",
)
class FindTextRapid:
    """Samples the video; reads a sample only if letters may have changed since the last."""

    def __init__(self) -> None:
        self._reader: TextReader | None = None

    @property
    def n_reads(self) -> int:
        """How many pictures were read so far."""
        return self._reader.n_reads if self._reader is not None else 0

    def load(self, device: str) -> None:
        """Import RapidOCR and read its models."""
        from vprog_modules.text.ocr import TextReader

        self._reader = TextReader()

    def unload(self) -> None:
        """Let the models go."""
        self._reader = None

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        fps: float = 2.0,
        min_score: float = 0.5,
    ) -> list[TextSpan]:
        from vprog_modules.text.ocr import PICTURE_SIDE
        from vprog_modules.text.text_spans import TextFollower, edges_of, refine, span_of_line
        from vprog_modules.text.text_standing import standing
        from vprog_modules.text.turned_text import TurnedReader

        if self._reader is None:
            self.load("cpu")
        assert self._reader is not None
        media = current()
        sampling = sampling_span("find_text", media, video, span)
        width = media.video(video.index).width
        follower = TextFollower(width)
        reader = TurnedReader(self._reader, looks_sideways=True)
        read_in: Grey | None = None  # the small picture that was read last
        for time, pixels in media.frames(
            video.index, _samples(sampling, fps), max_side=PICTURE_SIDE
        ):
            grey = small_grey(pixels)
            if read_in is not None and not may_differ(read_in, grey):
                follower.same(time)
                continue
            read_in = grey
            scale = width / pixels.shape[1]
            lines = [
                line._replace(box=Box(*(side * scale for side in line.box)))
                for line in reader.read(pixels)
                if line.score >= min_score
            ]
            follower.read(time, lines, grey)
            _check_count(follower, sampling, time)
        lines_found = standing(follower.finish())
        edges = edges_of(lines_found)
        times = refine(lines_found, _between(media, video, sampling, edges), width)
        spans = [
            span_of_line(
                line,
                max(start, sampling.start),
                sampling.end if line.after is None else end,
            )
            for line, (start, end) in zip(lines_found, times, strict=True)
        ]
        return sorted(spans, key=lambda each: each.start)


def _samples(sampling: SamplingSpan, fps: float) -> list[float]:
    """Even samples, and the last frame, so that nothing is said of frames after the samples."""
    times = even_times(sampling, fps)
    last = float(sampling.times[-1])
    return times if times and times[-1] >= last - 1e-6 else [*times, last]


def _between(
    media: CallContext, video: Video, sampling: SamplingSpan, edges: Sequence[Edge]
) -> Iterator[tuple[Edge, float, Grey]]:
    """The frames between the samples of each edge, small, in order of time."""
    asked: list[float] = []
    of_edge: list[Edge] = []
    for edge in edges:
        low, high = sampling.times.searchsorted((edge[0] + 1e-6, edge[1] - 1e-6))
        within = sampling.times[low:high]
        stride = max(1, -(-len(within) // LOOKS))
        for time in within[::stride]:
            asked.append(float(time))
            of_edge.append(edge)
    frames = media.frames(video.index, asked, max_side=2 * SIDE)
    for edge, (time, pixels) in zip(of_edge, frames, strict=True):
        yield edge, time, small_grey(pixels)


def _check_count(follower: TextFollower, sampling: SamplingSpan, time: float) -> None:
    if len(follower.done) <= MAX_ITEMS:
        return
    from vprog_modules.text.text_standing import standing

    follower.done = standing(follower.done)  # scraps do not count
    if len(follower.done) > MAX_ITEMS:
        raise ModuleInputError(
            f"find_text(video): expected at most {MAX_ITEMS} lines, got more by {time:.0f} s.",
            hint=f"Use span=Span({sampling.start:.0f}, {time - 1:.0f}) and go on from there, "
            "or a lower fps.",
        )
