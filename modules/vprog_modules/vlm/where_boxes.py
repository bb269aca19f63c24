"""`ask_where` by a vision-language model: boxes of what words describe, in pixels of the frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vprog.errors import ModuleInputError
from vprog.llm.data_marks import mark_data
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call
from vprog.types import Detection, Frame
from vprog_modules.vlm.typed_replies import boxes_in
from vprog_modules.vlm.vlm_jobs import Job, picture_of, side_for
from vprog_modules.vlm.vlm_module import VlmModule

_BOXES = (
    "Where is that? The picture is {width} pixels wide and {height} high, origin top left. Reply "
    'with JSON and nothing else: {{"size": [{width}, {height}], "boxes": [[x0, y0, x1, y1], ...]}}'
    "; size is that which your boxes are counted in; no boxes if it is not there."
)


class AskWhereVlm(VlmModule):
    """`ask_where`."""

    def __call__(self, frame: Frame, what: str) -> list[Detection]:
        return self._read([_where_job(current(), frame, what)])[0]

    def batch(self, calls: list[Call]) -> list[list[Detection]]:
        """Several calls at once."""
        return self._read([_where_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]

    def _read(self, jobs: Sequence[WhereJob]) -> list[list[Detection]]:
        answers = self.answer([located.job for located in jobs])
        return [
            [
                Detection(located.what, box, answered.reply.score, located.frame)
                for box in boxes_in(
                    answered.reply.text, located.size, located.job.media.area(located.frame)
                )
            ]
            for located, answered in zip(jobs, answers, strict=True)
        ]


class WhereJob(NamedTuple):
    """What `ask_where` asks, and what its boxes are mapped by; size is width and height as sent."""

    job: Job
    frame: Frame
    what: str
    size: tuple[int, int]


def _where_job(media: CallContext, frame: Frame, what: str) -> WhereJob:
    if not what.strip():
        raise ModuleInputError("ask_where(what): must say what to find.", hint="Write a phrase.")
    height, width = picture_of(media, frame, max_side=side_for(1)).shape[:2]
    order = _BOXES.format(width=width, height=height)
    job = Job(media, (frame,), f"{mark_data('description', what)}\n\n{order}")
    return WhereJob(job, frame, what, (width, height))
