"""What the VLM modules have in common: opening the named model, asking it, letting go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vprog.errors import LlmError, LlmReplyError
from vprog.models.vision_language_model import VlmBackend, VlmReply
from vprog.registry.module import VlmSpec
from vprog.types import Frame, Reply
from vprog_modules.vlm.checkpoints import Checkpoint, checkpoint_of
from vprog_modules.vlm.form_reply import job_in_form, read_in_form
from vprog_modules.vlm.vlm_jobs import Job, reply_of


class AnsweredJob(NamedTuple):
    """A reply, and the frames, or parts of them, that its reasoning points to."""

    reply: VlmReply
    frames: list[Frame] = []  # noqa: RUF012 - values are never changed in place


class VlmModule:
    """Holds the model between `load` and `unload`."""

    def __init__(self) -> None:
        self._backend: VlmBackend | None = None
        self._checkpoint: Checkpoint | None = None
        """Set where the model is a published one that replies in a form of its own."""

    def unload(self) -> None:
        """Let the model go."""
        if self._backend is not None:
            self._backend.close()
            self._backend = None

    def cancel(self) -> None:
        """End the requests in flight; from any thread."""
        backend = self._backend
        if backend is not None:
            backend.cancel()

    def answer(self, jobs: Sequence[Job]) -> list[AnsweredJob]:
        """What the model replies to each job, counted for the run that asked.

        Raises:
            BudgetError: the tokens of that run are spent.
            LlmError: the model cannot be reached, refuses, or gives nothing of use.
            ModuleFailedError: its reply is not of its own published form.
        """
        assert self._backend is not None, "load comes first"
        for job in jobs:
            job.media.meter.check()
        known = self._checkpoint
        if known is not None:
            jobs = [job_in_form(job, known) for job in jobs]
        requests = [job.request() for job in jobs]
        try:
            replies = self._backend.answer(requests)
        except LlmError as error:  # it was asked all the same
            read = written = 0
            if isinstance(error, LlmReplyError):
                read, written = error.tokens_in, error.tokens_out
            jobs[0].media.meter.used(read, written)
            raise
        for job, reply in zip(jobs, replies, strict=True):
            job.media.meter.used(reply.tokens_in, reply.tokens_out)
            for warning in reply.warnings:
                job.media.warn(warning)
        if known is None:
            return [AnsweredJob(reply) for reply in replies]
        name = self._backend.name
        return [
            AnsweredJob(*read_in_form(reply, job, request, known, name))
            for reply, job, request in zip(replies, jobs, requests, strict=True)
        ]

    def replies(self, jobs: Sequence[Job]) -> list[Reply]:
        """The same as programs get it."""
        replies = []
        for job, answered in zip(jobs, self.answer(jobs), strict=True):
            reply = reply_of(answered.reply, job)
            replies.append(reply._replace(frames=answered.frames) if answered.frames else reply)
        return replies

    def descriptions(self, jobs: Sequence[Job]) -> list[Reply]:
        """Replies that are of all the frames they were shown; of a part beside its whole, of it."""
        return [
            reply._replace(frames=[frame for frame in job.frames if frame.region] or [*job.frames])
            for reply, job in zip(self.replies(jobs), jobs, strict=True)
        ]


class ServerVlmModule(VlmModule):
    """Its model stands behind an OpenAI-compatible server."""

    def load(self, device: str, vlm: VlmSpec) -> None:
        """Open the connection."""
        from vprog_modules.vlm.vlm_server import ServerVlm

        self._backend = ServerVlm(vlm)
        self._checkpoint = checkpoint_of(vlm.model)


class LocalVlmModule(VlmModule):
    """Its model runs in this process."""

    def load(self, device: str, vlm: VlmSpec) -> None:
        """Load the model, or share the one that another module loaded."""
        from vprog_modules.vlm.vlm_transformers import TransformersVlm

        self._backend = TransformersVlm(vlm, device)
        self._checkpoint = checkpoint_of(vlm.model)
