"""`caption`: one frame in one or two sentences; a model behind a server."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import Call, module
from vprog.types import Frame, Length
from vprog_modules.vlm.vlm_jobs import caption_job
from vprog_modules.vlm.vlm_module import ServerVlmModule


@module(
    "caption",
    batch=8,
    needs=("openai",),
    extra="openai",
    rank=20,
    backend="OpenAI-compatible server",
    vlm="openai",
)
class CaptionOpenAI(ServerVlmModule):
    """Shows frames to the model that `--vlm openai:MODEL` names."""

    def __call__(self, frame: Frame, *, focus: Annotated[str, Length(0, 200)] = "") -> str:
        """Describe one frame in one or two sentences, in the words of a vision-language model.

        To describe a stretch, use ask(frames, "What happens?").

        Args:
            frame: the picture; a region limits it.
            focus: what to pay attention to, e.g. "the man's hands"; "" for the whole scene.

        Returns:
            The sentences.

        Raises:
            ModuleInputError: the region lies outside the picture.
            NoVideoStreamError: the file has no picture.
            LlmError: the server cannot be reached, refuses, or its reply is of no use.

        Example:
            >>> caption(frame_at(video, 2.0))
            'A brown dog runs across a lawn toward a red ball.'

        Source: the model that --vlm openai:MODEL names; the frames go to that server. The score
        is the model's own and not calibrated.
        """
        return self.look([caption_job(current(), frame, focus)])[0].text

    def batch(self, calls: list[Call]) -> list[str]:
        """Several calls at once."""
        jobs = [caption_job(call.media, **call.arguments) for call in calls]  # type: ignore[arg-type]
        return [each.text for each in self.look(jobs)]
