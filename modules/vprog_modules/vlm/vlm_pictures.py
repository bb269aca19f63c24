"""The frames of a job as pictures: the more there are, the smaller each, unless told."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from vprog_modules.vlm.vlm_jobs import Job

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_SIDES = ((4, 1024), (16, 640), (40, 448), (128, 336))
"""Up to so many frames, the longer side of each in pixels: about 6 to 14 million in all."""

_JPEG_QUALITY = 88


def side_for(n_frames: int) -> int:
    """The longer side of each picture, in pixels."""
    return next((side for most, side in _SIDES if n_frames <= most), _SIDES[-1][1])


def pictures_of(job: Job) -> list[Picture]:
    """The frames as RGB pictures, regions cut out, in the order of the job."""
    from PIL import Image

    side = job.max_side or side_for(len(job.frames))
    return [Image.fromarray(job.media.pixels(frame, max_side=side)) for frame in job.frames]


def jpeg_of(picture: Picture) -> bytes:
    """A picture as it goes to a server."""
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_JPEG_QUALITY)
    return written.getvalue()
