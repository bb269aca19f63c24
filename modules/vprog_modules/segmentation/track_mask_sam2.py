"""`track_mask` by SAM 2 for video, through transformers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vprog.errors import ModuleInputError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Frame, Mask, Span, Video
from vprog_modules.frames.sampling import check_count, even_times, sampling_span
from vprog_modules.segmentation.place_segmenter import SIDE
from vprog_modules.segmentation.sam2 import WEIGHTS, pixel_values, side_of, upscaled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bitmap = NDArray[np.bool_]

MEMORY = 32
"""Frames whose features are kept: the network looks back at 7 of them, and at 16 pointers."""


@implements(
    "track_mask",
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=900,
    rank=40,
    backend="SAM 2 for video through transformers",
)
class TrackMaskSam2:
    """Frame by frame with a memory of the last ones, through times in which the thing is hidden."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network."""
        self._loadable = vision_model(
            weights.folder(), device, "Sam2VideoModel", has_processor=False
        )
        with MODEL_MEMORY.hold(self._loadable, self):
            pass

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(
        self, video: Video, mask: Mask, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Mask]:
        """
        Source: N. Ravi et al., "SAM 2: segment anything in images and videos", 2024; code of
        transformers (Apache-2.0), weights facebook/sam2.1-hiera-* (Apache-2.0).
        """
        context = current()
        if mask.frame.video != video.index:
            raise ModuleInputError(
                f"track_mask(video, mask): the mask is of video {mask.frame.video}, not of "
                f"{video.index}.",
                hint="Give the video of the mask's frame.",
            )
        bitmap = context.bitmap(mask)
        sampling = sampling_span("track_mask", context, video, span)
        times = even_times(sampling, fps, with_last=True)
        check_count("track_mask", len(times), sampling, limit=MAX_ITEMS - 1)
        start = mask.frame.time
        later = [time for time in times if time > start]
        earlier = [time for time in reversed(times) if time < start]
        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock:
            after = list(_followed(model, context, mask, bitmap, later))
            before = list(_followed(model, context, mask, bitmap, earlier))
        is_inside = sampling.start <= start <= sampling.end
        return [*reversed(before), *([mask] if is_inside else []), *after]


def _followed(
    model: VisionModel, context: CallContext, mask: Mask, bitmap: Bitmap, times: Sequence[float]
) -> Iterator[Mask]:
    """The masks at other times, all later or all earlier than that of the mask."""
    import torch
    from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

    if not times:
        return
    index = mask.frame.video
    session = Sam2VideoInferenceSession(
        video_height=bitmap.shape[0],
        video_width=bitmap.shape[1],
        inference_device=model.device,
        inference_state_device=model.device,
        dtype=model.dtype,
    )
    with torch.inference_mode():
        first = context.pixels(mask.frame._replace(region=None), max_side=SIDE)
        session.add_mask_inputs(session.obj_id_to_idx(1), 0, mask_input(model, bitmap))
        session.obj_with_new_inputs = [1]
        _step(model, session, first, 0)
        frames = context.frames(index, times, max_side=SIDE)
        for number, (time, pixels) in enumerate(frames, 1):
            outputs = _step(model, session, pixels, number)
            presence = float(outputs.object_score_logits.flatten()[0].float().sigmoid())
            logits = upscaled(outputs.pred_masks[:1, 0], (bitmap.shape[0], bitmap.shape[1]))[0]
            found = (logits > 0).cpu().numpy()
            if presence > 0.5 and found.any():
                yield context.mask(Frame(index, time), found, presence)


def mask_input(model: VisionModel, bitmap: Bitmap) -> Any:
    """A bitmap in the square that the network sees: (1, 1, S, S), 0 or 1."""
    import torch
    from torch.nn.functional import interpolate

    side = side_of(model)
    tensor = torch.from_numpy(bitmap)[None, None].float()
    resized = interpolate(
        tensor, (side, side), mode="bilinear", align_corners=False, antialias=True
    )
    return (resized >= 0.5).float()


def _step(model: VisionModel, session: Any, pixels: Any, number: int) -> Any:
    """One frame more; what lies further back than the network looks is let go."""
    outputs = model.network(
        inference_session=session, frame=pixel_values(model, [pixels]), frame_idx=number
    )
    session.processed_frames.pop(number, None)
    session.output_dict_per_obj[0]["non_cond_frame_outputs"].pop(number - MEMORY, None)
    session.frames_tracked_per_obj[0].pop(number - MEMORY, None)
    return outputs
