"""`ground_event` by a vision-language model: it is shown frames with their times, and names spans.

Published grounders answer in their own form ("From <t>3.0</t>s to <t>5.5</t>s"), other models in
JSON. Spans are cut to the part of the video that was shown; what is neither form is an error.
"""

from __future__ import annotations

import json
import math
import re

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import excerpt
from vprog.registry.call_context import current
from vprog.types import Frame, Match, Span, Video
from vprog.types.clock import clock_span
from vprog_modules.frames.sampling import even_times, sampling_span
from vprog_modules.tasks.ask import MOST_FRAMES
from vprog_modules.vlm.vlm_jobs import Job
from vprog_modules.vlm.vlm_module import VlmModule

_OBJECT = re.compile(r'\{\s*"spans"\s*:[^{}]*\}')
_FROM_TO = re.compile(r"From\s*(\d[\d.]*)\s*s?\s*to\s*(\d[\d.]*)\s*s?\s*\.?", re.IGNORECASE)


class GroundEventVlm(VlmModule):
    """`ground_event`; `smooth` has no meaning here, and the score is that of the whole reply."""

    def __call__(
        self,
        video: Video,
        query: str,
        *,
        span: Span | None = None,
        fps: float = 2.0,
        smooth: float = 2.0,
        count: int = 5,
    ) -> list[Match]:
        if not query.strip():
            raise ModuleInputError(
                "ground_event(query): must say what to see, got blanks.", hint="Write a phrase."
            )
        media = current()
        part = sampling_span("ground_event", media, video, span)
        rate = min(fps, (MOST_FRAMES - 1) / max(part.length, 1e-6))
        times = even_times(part, rate)[:MOST_FRAMES]
        if rate < fps:
            media.warn(
                f"ground_event looks at {len(times)} frames, {rate:.3g} a second: a VLM is shown "
                f"at most {MOST_FRAMES} at once"
            )
        order = (
            "From when to when can this event be seen? Times are the seconds written beside the "
            'frames. Reply with JSON and nothing else: {"spans": [[start, end], ...]}, in '
            f"seconds, the surest first, at most {count}; an empty list if it cannot be seen."
        )
        frames = tuple(Frame(video.index, float(time)) for time in times)
        job = Job(media, frames, f"{mark_data('event', query)}\n\n{order}")
        reply = self.answer([job])[0].reply
        matches: list[Match] = []
        named = spans_in(reply.text)
        for start, end in named:
            if start > part.end or end < part.start:
                media.warn(f"the VLM names {clock_span(start, end)}, which it was not shown")
                continue
            start, end = max(start, part.start), min(end, part.end)
            if all(end < match.start or match.end < start for match in matches):
                matches.append(Match(query, round(start, 6), round(end, 6), reply.score, "events"))
        if named and not matches:
            raise ModuleFailedError(
                f"the VLM names no span within what it was shown, {part.start:g} to "
                f"{part.end:g} s.",
                hint="Ask in other words, or take another --vlm.",
            )
        return matches[:count]


def spans_in(text: str) -> list[tuple[float, float]]:
    """The spans in a reply, in seconds, in its order.

    Raises:
        ModuleFailedError: it has none in either form, or one that is no span.
    """
    objects = _OBJECT.findall(text)
    published = _FROM_TO.findall(text)
    try:
        if objects:
            spans = [(float(start), float(end)) for start, end in json.loads(objects[-1])["spans"]]
        elif published:
            spans = [(float(start), float(end)) for start, end in published]
        else:
            raise ValueError("no spans")
        if not all(math.isfinite(end) and 0 <= start <= end for start, end in spans):
            raise ValueError("no span")
    except (TypeError, ValueError, RecursionError) as error:
        raise ModuleFailedError(
            f'no spans can be read from "{excerpt(text, 80)}".',
            hint="Ask in other words, or take another --vlm.",
        ) from error
    return spans
