"""`caption`: one frame in one or two sentences; a model in this process."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import Call, module
from vprog.types import Frame, Length
from vprog_modules.vlm.vlm_jobs import caption_job
from vprog_modules.vlm.vlm_module import LocalVlmModule


@module(
    "caption",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    rank=30,
    backend="transformers",
    vlm="hf",
)
class CaptionTransformers(LocalVlmModule):
    """Shows frames to the model that `--vlm hf:MODEL` names."""

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
            ModuleFailedError: the model said nothing.
            NoVideoStreamError: the file has no picture.
            WeightsMissingError: the files of the model are not on this machine.

        Example:
            >>> caption(frame_at(video, 2.0))
            'A brown dog runs across a lawn toward a red ball.'

        Source: the model that --vlm hf:MODEL names (Qwen2.5-VL, Qwen3-VL, SmolVLM); see its page
        for the licence. The score is the model's own and not calibrated.
        """
        return self.look([caption_job(current(), frame, focus)])[0].text

    def batch(self, calls: list[Call]) -> list[str]:
        """Several calls at once."""
        jobs = [caption_job(call.media, **call.arguments) for call in calls]  # type: ignore[arg-type]
        return [each.text for each in self.look(jobs)]
