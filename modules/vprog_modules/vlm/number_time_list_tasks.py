"""Looks whose replies have a type: a number, a count, a time, a list."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call
from vprog.types import Frame, Reply
from vprog_modules.vlm.citation import ORDER
from vprog_modules.vlm.typed_replies import count_in, list_in, number_in, seconds_in
from vprog_modules.vlm.vlm_jobs import Job, question_job
from vprog_modules.vlm.vlm_module import VlmModule

_NEAR_S = 0.5
"""How far a time may lie outside of the frames: models round to halves of a second."""

_NUMBER = f"Reply with the number in digits and nothing else, or with the word unknown. {ORDER}"
_COUNT = (
    "Count over all frames, each thing once. Reply with the count in digits and nothing else, or "
    f"with the word unknown. {ORDER}"
)
_TIME = (
    "When is that? Times are the seconds written beside the frames. Reply with the seconds in "
    f"digits and nothing else, or with the word unknown. {ORDER}"
)
_LIST = (
    'Reply with a JSON array of texts, one for each thing, e.g. ["a", "b"], and nothing else; '
    f"an empty array if there is none. {ORDER}"
)


class AskNumberVlm(VlmModule):
    """`ask_number`."""

    def __call__(self, frames: list[Frame], question: str, *, sample: int = 0) -> Reply:
        return self._read([_number_job(current(), frames, question, sample)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self._read([_number_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]

    def _read(self, jobs: Sequence[Job]) -> list[Reply]:
        return [reply._replace(text=_digits(number_in(reply.text))) for reply in self.replies(jobs)]


class AskCountVlm(VlmModule):
    """`ask_count`."""

    def __call__(self, frames: list[Frame], question: str, *, sample: int = 0) -> Reply:
        return self._read([_count_job(current(), frames, question, sample)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self._read([_count_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]

    def _read(self, jobs: Sequence[Job]) -> list[Reply]:
        return [reply._replace(text=str(count_in(reply.text))) for reply in self.replies(jobs)]


class AskTimeVlm(VlmModule):
    """`ask_time`."""

    def __call__(self, frames: list[Frame], question: str, *, sample: int = 0) -> Reply:
        return self._read([_time_job(current(), frames, question, sample)])[0]

    def batch(self, calls: list[Call]) -> list[Reply]:
        """Several calls at once."""
        return self._read([_time_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]

    def _read(self, jobs: Sequence[Job]) -> list[Reply]:
        pairs = zip(self.replies(jobs), jobs, strict=True)
        return [_shown_time(reply, job.frames) for reply, job in pairs]


class AskListVlm(VlmModule):
    """`ask_list`."""

    def __call__(self, frames: list[Frame], question: str, *, sample: int = 0) -> list[Reply]:
        return self._read([_list_job(current(), frames, question, sample)])[0]

    def batch(self, calls: list[Call]) -> list[list[Reply]]:
        """Several calls at once."""
        return self._read([_list_job(call.context, **call.arguments) for call in calls])  # type: ignore[arg-type]

    def _read(self, jobs: Sequence[Job]) -> list[list[Reply]]:
        return [
            [reply._replace(text=item) for item in list_in(reply.text)]
            for reply in self.replies(jobs)
        ]


def _number_job(media: CallContext, frames: list[Frame], question: str, sample: int) -> Job:
    return question_job("ask_number", media, frames, question, order=_NUMBER, sample=sample)


def _count_job(media: CallContext, frames: list[Frame], question: str, sample: int) -> Job:
    return question_job("ask_count", media, frames, question, order=_COUNT, sample=sample)


def _time_job(media: CallContext, frames: list[Frame], question: str, sample: int) -> Job:
    if len({frame.video for frame in frames}) > 1:
        raise ModuleInputError(
            "ask_time(frames): must be of one video: a time does not say in which.",
            hint="Ask once for each video.",
        )
    return question_job("ask_time", media, frames, question, order=_TIME, sample=sample)


def _list_job(media: CallContext, frames: list[Frame], question: str, sample: int) -> Job:
    return question_job("ask_list", media, frames, question, order=_LIST, sample=sample)


def _shown_time(reply: Reply, frames: tuple[Frame, ...]) -> Reply:
    """The reply with its time in digits; with the nearest frame where it names none."""
    seconds = seconds_in(reply.text)
    times = [frame.time for frame in frames]
    if not min(times) - _NEAR_S <= seconds <= max(times) + _NEAR_S:
        raise ModuleFailedError(
            f"the VLM names {seconds:g} s; it was shown {min(times):g} to {max(times):g} s.",
            hint="Show it other frames, or ask in other words.",
        )
    seconds = min(max(seconds, min(times)), max(times))
    nearest = min(frames, key=lambda frame: abs(frame.time - seconds))
    return reply._replace(text=_digits(seconds), frames=reply.frames or [nearest])


def _digits(number: float) -> str:
    """A number as text that float reads, without an exponent or needless zeros."""
    return str(int(number)) if number == int(number) else f"{number:.16f}".rstrip("0")
