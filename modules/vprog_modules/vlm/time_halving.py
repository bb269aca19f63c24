"""`first_time` by a vision-language model: which of some frames, coarse to fine.

One level is one request that shows all of its frames: seven of them at once are what halving
would ask of three one after another. A model that does not reply with numbers of pictures is
asked of the frames one by one, in one round of requests in flight together.
"""

from __future__ import annotations

import re

from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext, current
from vprog.types import Frame, Match, Reply, Span, Video
from vprog_modules.frames.sampling import sampling_span
from vprog_modules.vlm.vlm_jobs import question_job, yes_no_job
from vprog_modules.vlm.vlm_module import VlmModule

INSIDE = 7
"""Frames of a finer level: three halvings."""

_MOST_LEVEL = 40
"""Frames of one request: of more, each would be too small to see a thing come into view."""

_ORDER = "Is this statement true of this one frame? Reply with yes or no."
_WHICH = (
    "Of which of these pictures is the statement true, each taken by itself? Reply with the "
    'numbers of all of them, such as "3-7, 9", or with the word none. Then add in brackets how '
    'sure you are from 0 to 100, in this form: "[sure 80]".'
)
_NUMBERS = re.compile(r"(?:pictures?\s*)?\d+(?:\s*[-–]\s*\d+)?", re.IGNORECASE)


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
        """Yes or no of each frame."""
        if len(frames) > 1:
            parts = [
                frames[start : start + _MOST_LEVEL] for start in range(0, len(frames), _MOST_LEVEL)
            ]
            jobs = [
                question_job("first_time", media, part, statement, order=_WHICH, sample=0)
                for part in parts
            ]
            replies = self.replies(jobs)
            named = [
                pictures_in(reply.text, len(part))
                for reply, part in zip(replies, parts, strict=True)
            ]
            if None not in named:
                return [
                    Reply("yes" if number in (numbers or ()) else "no", reply.score)
                    for reply, numbers, part in zip(replies, named, parts, strict=True)
                    for number in range(1, len(part) + 1)
                ]
        return self.replies(
            [
                yes_no_job(media, [frame], statement, 0, task="first_time", order=_ORDER)
                for frame in frames
            ]
        )


def pictures_in(text: str, count: int) -> frozenset[int] | None:
    """The numbers of pictures that a reply names, from 1; None where it is anything else.

    Args:
        text: such as "3-7, 9", or "none".
        count: how many were shown; a number beyond is no picture.
    """
    said = text.strip().strip(".\"'").lower()
    if said in ("none", "none of them", "no"):
        return frozenset()
    rows = _NUMBERS.findall(said)
    if not rows or re.sub(r"[\s,;&]|and|pictures?", "", _NUMBERS.sub("", said)):
        return None
    numbers: set[int] = set()
    for row in rows:
        first, *last = (int(number[:9]) for number in re.findall(r"\d+", row))
        numbers.update(range(first, min((last or [first])[0], count + 1) + 1))
    return frozenset(numbers) if all(1 <= number <= count for number in numbers) else None


def _spread(low: int, high: int, count: int) -> list[int]:
    """Up to `count` frame numbers from `low` to `high`, evenly, both ends among them."""
    n_frames = high - low + 1
    if n_frames <= count:
        return list(range(low, high + 1))
    return [low + round(number * (n_frames - 1) / (count - 1)) for number in range(count)]
