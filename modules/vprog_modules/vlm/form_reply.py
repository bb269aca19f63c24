"""A published checkpoint as answerer: how a job is put to it, and what its reply is worth.

Places that the reply names become evidence only where the model was shown something: a time must
be that of a shown frame, or of a span with shown frames in it; a box is mapped from the model's
units to pixels of the whole frame, and cut to what was shown if it reaches over by a little.
"""

from __future__ import annotations

from dataclasses import replace

from vprog.errors import ModuleFailedError
from vprog.llm.client import excerpt
from vprog.models.vlm_backend import VlmReply, VlmRequest
from vprog.types import Box, Frame
from vprog_modules.vlm.checkpoints import Checkpoint
from vprog_modules.vlm.citation import ORDER
from vprog_modules.vlm.published_forms import (
    FormError,
    NamedPlace,
    Numbers,
    PublishedReply,
)
from vprog_modules.vlm.vlm_jobs import Job

MOST_TOKENS = 2048
"""Room for reasoning; the publishers' own scripts leave as much."""

NEAR_S = 0.26
"""How far a named time may lie from a shown frame: models round to tenths, some to halves."""

MOST_OVER = 1.02
"""How far a box may reach over its picture, as a share of it: beyond, its units are others."""

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
    for place in said.places:
        if place.end > job.media.video(job.frames[0].video).duration + NEAR_S:
            job.media.warn(f"{model} names {place.end:g} s, which is after the end of the video")
            continue
        for number in _shown_at(place, job.frames):
            frame = job.frames[number]
            if place.box is None:
                found[frame] = None
                continue
            height, width = request.pictures[number].shape[:2]
            box = _in_frame(place.box, (width, height), job, frame, checkpoint)
            if box is None:
                job.media.warn(f'a box of "{place.label}" lies outside its picture')
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


def _in_frame(
    numbers: Numbers, size: tuple[int, int], job: Job, frame: Frame, checkpoint: Checkpoint
) -> Box | None:
    """A box in pixels of the whole frame; None if nothing of it lies in the picture.

    Args:
        numbers: x0, y0, x1, y1 in the units of the model.
        size: width and height of the picture that was sent.
        job, frame: of which the picture is, or of a region of it.
        checkpoint: says the units.
    """
    counted = (1000, 1000) if checkpoint.grid == "thousand" else tuple(map(_rounded, size))
    region = job.media.area(frame)
    whole = (region.x1 - region.x0, region.y1 - region.y0)
    shares = [number / counted[at % 2] for at, number in enumerate(numbers)]
    if max(shares) > MOST_OVER:
        return None
    x0, y0, x1, y1 = (min(1.0, share) for share in shares)
    if x0 >= x1 or y0 >= y1:
        return None
    return Box(
        round(region.x0 + x0 * whole[0], 2),
        round(region.y0 + y0 * whole[1], 2),
        round(region.x0 + x1 * whole[0], 2),
        round(region.y0 + y1 * whole[1], 2),
    )


def _rounded(side: int) -> int:
    return max(_PATCH, round(side / _PATCH) * _PATCH)
