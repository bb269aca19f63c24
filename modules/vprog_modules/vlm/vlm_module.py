"""What the VLM modules have in common: opening the named model, asking, letting go."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.registry.module import VlmSpec
from vprog.types import Reply
from vprog_modules.vlm.vlm_jobs import Job, VlmBackend, VlmReply, reply_of


class VlmModule:
    """Holds the model between `load` and `unload`."""

    def __init__(self) -> None:
        self._eye: VlmBackend | None = None

    def unload(self) -> None:
        """Let the model go."""
        if self._eye is not None:
            self._eye.close()
            self._eye = None

    def cancel(self) -> None:
        """End the requests in flight; from any thread."""
        eye = self._eye
        if eye is not None:
            eye.cancel()

    def look(self, jobs: Sequence[Job]) -> list[VlmReply]:
        """What the model says to each job, counted for the question that asked.

        Raises:
            BudgetError: the tokens of that question are spent.
        """
        assert self._eye is not None, "load comes first"
        for job in jobs:
            job.media.meter.check()
        said = self._eye.look(jobs)
        for job, each in zip(jobs, said, strict=True):
            job.media.meter.used(each.tokens_in, each.tokens_out)
        return said

    def replies(self, jobs: Sequence[Job]) -> list[Reply]:
        """The same as programs get it."""
        return [reply_of(said, job) for job, said in zip(jobs, self.look(jobs), strict=True)]


class ServerVlmModule(VlmModule):
    """Its model stands behind an OpenAI-compatible server."""

    def load(self, device: str, vlm: VlmSpec) -> None:
        """Open the connection."""
        from vprog_modules.vlm.vlm_server import ServerVlm

        self._eye = ServerVlm(vlm)


class LocalVlmModule(VlmModule):
    """Its model runs in this process."""

    def load(self, device: str, vlm: VlmSpec) -> None:
        """Load the model, or share the one that another module loaded."""
        from vprog_modules.vlm.vlm_transformers import LocalVlm

        self._eye = LocalVlm(vlm, device)
