"""A published checkpoint as answerer: how a job is put to it, and what its reply is worth.

Places that the reply names become evidence only where the model was shown something: a time must
be that of a shown frame, or of a span with shown frames in it; a box is mapped from the model's
units to pixels of the whole frame, and cut to what was shown if it reaches over by a little.
"""

from __future__ import annotations

from dataclasses import replace

from vprog.errors import ModuleFailedError
from vprog.llm.language_model import excerpt
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.types import Frame
from vprog.types.clock import clock
from vprog_modules.vlm.checkpoints import Checkpoint
from vprog_modules.vlm.citation import ORDER
from vprog_modules.vlm.published_forms import (
    FormError,
    NamedPlace,
    PublishedReply,
)
from vprog_modules.vlm.typed_replies import mapped_box
from vprog_modules.vlm.vlm_jobs import Job

MOST_TOKENS = 2048
"""Room for reasoning; the publishers' own scripts leave as much."""

NEAR_S = 0.26
"""How far a named time may lie from a shown frame: models round to tenths, some to halves."""

ZOOM_OFFER = "zoom [start, end]"
"""Where a question offers this (the strategy `zoom` does), a wish for a span is a reply to it."""

_PATCH = 28
"""Qwen2.5-VL's picture sides are multiples of so many pixels.

Source: `smart_resize` of its processor in transformers, factor 28.
"""


def job_in_form(job: Job, checkpoint: Checkpoint) -> Job:
    """The same job in the words that the model knows; options are then read from its text."""
    order = checkpoint.form.order
    prompt = job.prompt.replace(ORDER, order) if ORDER in job.prompt else f"{job.prompt} {order}"
    return replace(job, prompt=prompt, options=(), max_tokens=max(MOST_TOKENS, job.max_tokens))


def read_in_form(
    reply: VlmReply, job: Job, request: VlmRequest, checkpoint: Checkpoint, model: str
) -> tuple[VlmReply, list[Frame]]:
    """The answer of a reply, as if the model had said nothing else, and the frames it points to.

    Args:
        reply: as the model wrote it.
        job: that it answers.
        request: what the model was shown for it.
        checkpoint: what is known of the model.
        model: its name, for messages.

    Raises:
        ModuleFailedError: it is not of the model's form, or asks to be shown more where
            nothing more was offered.
    """
    form = checkpoint.form
    try:
        said = form.read(reply.text)
    except FormError as error:
        raise ModuleFailedError(
            f'{model} did not reply in its form "{form.name}": {error}. It begins with '
            f'"{excerpt(reply.text, 80)}".',
            hint="Ask in other words, or take another --vlm.",
        ) from None
    if said.wished and ZOOM_OFFER in job.prompt:
        start, end = said.wished
        return replace(reply, text=f"zoom [{start:g}, {end:g}]"), []
    if said.wish:
        raise ModuleFailedError(
            f"{model} gives no answer, it asks to be shown: {excerpt(said.wish, 120)}.",
            hint="Show it that: sample_frames(video, span=...), or crop(frame, box).",
        )
    for text in said.unread:
        job.media.warn(f"{model} names a place that cannot be read: {excerpt(text, 80)}")
    return replace(reply, text=said.answer), _evidence(said, job, request, checkpoint, model)


def _evidence(
    said: PublishedReply, job: Job, request: VlmRequest, checkpoint: Checkpoint, model: str
) -> list[Frame]:
    """The shown frames, or parts of them, that a reply points to, each once."""
    found: dict[Frame, None] = {}
    longest = max(job.media.video(frame.video).duration for frame in job.frames)
    for place in said.places:
        if place.end > longest + NEAR_S:
            job.media.warn(f"{model} names {clock(place.end)}, which is after the end of the video")
            continue
        for number in _shown_at(place, job.frames):
            frame = job.frames[number]
            if place.box is None:
                found[frame] = None
                continue
            height, width = request.pictures[number].shape[:2]
            try:
                box = mapped_box(
                    place.box, _counted((width, height), checkpoint), job.media.area(frame)
                )
            except ValueError as error:
                job.media.warn(f'{model} boxes "{place.label}", which is no place: {error}')
            else:
                found[frame._replace(region=box)] = None
    return list(found)


def _shown_at(place: NamedPlace, frames: tuple[Frame, ...]) -> list[int]:
    """The pictures that were shown of a span; of a moment the nearest one, if it is near.

    Of several videos none: a time alone does not say in which.
    """
    if len({frame.video for frame in frames}) > 1:
        return []
    if place.start < place.end:
        return [at for at, frame in enumerate(frames) if place.start <= frame.time <= place.end]
    nearest = min(range(len(frames)), key=lambda at: abs(frames[at].time - place.start))
    return [nearest] if abs(frames[nearest].time - place.start) <= NEAR_S else []


def _counted(size: tuple[int, int], checkpoint: Checkpoint) -> tuple[float, float]:
    """Width and height of a picture that was sent, in the units of the model's boxes."""
    if checkpoint.grid == "thousand":
        return 1000.0, 1000.0
    return _rounded(size[0]), _rounded(size[1])


def _rounded(side: int) -> float:
    return max(_PATCH, round(side / _PATCH) * _PATCH)
