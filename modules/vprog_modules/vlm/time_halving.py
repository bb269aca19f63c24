"""`first_time` by a vision-language model: yes or no of single frames, coarse to fine.

One level asks of seven frames at once what halving would ask of three one after another: a
level is one round of requests in flight together.
"""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext, current
from vprog.types import Frame, Match, Reply, Span, Video
from vprog_modules.frames.sampling import sampling_span
from vprog_modules.vlm.vlm_jobs import yes_no_job
from vprog_modules.vlm.vlm_module import VlmModule

INSIDE = 7
"""Frames of a finer level: three halvings."""

_ORDER = "Is this statement true of this one frame? Reply with yes or no."


class FirstTimeVlm(VlmModule):
    """`first_time`."""

    def __call__(
        self,
        video: Video,
        statement: str,
        *,
        span: Span | None = None,
        count: int = 16,
        step: float = 0.25,
    ) -> list[Match]:
        if not statement.strip():
            raise ModuleInputError(
                "first_time(statement): must say what is true then, got blanks.",
                hint='Write a statement, e.g. "the light is green".',
            )
        media = current()
        times = sampling_span("first_time", media, video, span).times
        before: tuple[int, Reply] | None = None
        first: tuple[int, Reply] | None = None
        low, high = 0, len(times) - 1
        chosen = _spread(low, high, count)
        while chosen:
            frames = [Frame(video.index, float(times[at])) for at in chosen]
            for at, reply in zip(chosen, self._looks(media, frames, statement), strict=True):
                if reply.text == "yes":
                    first = (at, reply)
                    break
                before = (at, reply)
            if first is None:
                return []
            low, high = (before[0] if before else -1), first[0]
            is_near = before is None or times[high] - times[low] <= step
            chosen = [] if is_near else _spread(low, high, INSIDE + 2)[1:-1]
        assert first is not None, "sampling_span gives a frame"
        moment = round(float(times[first[0]]), 6)
        score = min(
            reply.score for look in (before, first) if look is not None for reply in look[1:]
        )
        return [Match(statement, moment, moment, score, "frames")]

    def _looks(self, media: CallContext, frames: list[Frame], statement: str) -> list[Reply]:
        return self.replies(
            [
                yes_no_job(media, [frame], statement, 0, task="first_time", order=_ORDER)
                for frame in frames
            ]
        )


def _spread(low: int, high: int, count: int) -> list[int]:
    """Up to `count` frame numbers from `low` to `high`, evenly, both ends among them."""
    n_frames = high - low + 1
    if n_frames <= count:
        return list(range(low, high + 1))
    return [low + round(number * (n_frames - 1) / (count - 1)) for number in range(count)]
