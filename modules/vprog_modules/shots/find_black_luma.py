"""`find_black`: when the picture is black."""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Event, Span, Video
from vprog_modules.frames.brightness import BLACK_PIXEL, is_black, luma_of
from vprog_modules.frames.sampling import sampling_span


@implements("find_black", needs=("numpy",), rank=10, backend="mean luma")
class FindBlackLuma:
    """Runs of frames that are dark nearly everywhere."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        min_length: float = 0.1,
    ) -> list[Event]:
        media = current()
        sampling = sampling_span("find_black", media, video, span)
        runs: list[tuple[float, float, list[float]]] = []  # start, end, shares of dark pixels
        shares: list[float] = []
        since = 0.0
        for time, pixels in media.frames(video.index, sampling.every_time(), max_side=160):
            luma = luma_of(pixels)
            if is_black(pixels, luma):
                since = since if shares else max(time, sampling.start)
                shares.append(float((luma < BLACK_PIXEL).mean()))
            elif shares:
                runs.append((since, time, shares))
                shares = []
        if shares:
            runs.append((since, sampling.end, shares))
        events = [
            Event("black", start, end, round(sum(dark) / len(dark), 4))
            for start, end, dark in runs
            if end - start >= min_length - 1e-6
        ]
        if len(events) > MAX_ITEMS:
            raise ModuleInputError(
                f"find_black(video): expected at most {MAX_ITEMS} spans, got {len(events)}.",
                hint="Raise min_length or give a shorter span.",
            )
        return events
