"""What stands before the still background of a fixed camera, and whether the camera is fixed.

The background of a window of time is the median of pictures spread over it, with the usual
spread of each pixel beside it, so that leaves and water must change more than stone to be
in front. A window in which the view changes (a cut) has one background for each view; a
picture is held against the one it fits best. Only one window is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vprog.registry.call_context import CallContext
from vprog_modules.shots.picture_change import camera_shift, grey_of, likeness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

SIDE = 480
WINDOW_SECONDS = 60.0
N_PICTURES = 37
LEAST_CONTRAST = 24.0
"""Levels of 255 by which the strongest colour channel must differ from the background."""

SAME_VIEW = 0.55
TOO_MUCH = 0.5
"""More than this share of the picture in front: the background does not fit."""

RESTLESS = 0.006
"""A camera that moves by more than this share of the picture between two samples, mostly."""


class View(NamedTuple):
    """A background, and by how much each pixel must differ from it."""

    pixels: NDArray[np.float32]  # (H, W, 3)
    needed: NDArray[np.float32]  # (H, W)


class Front(NamedTuple):
    """One picture held against its background; `mask` is None where none fits."""

    time: float
    pixels: Pixels  # (H, W, 3), as large as was asked for
    mask: Mask | None  # (h, w), at most SIDE
    contrast: NDArray[np.float32] | None  # (h, w)


def fronts(
    media: CallContext, video: int, times: Sequence[float], *, max_side: int
) -> Iterator[tuple[Front, bool]]:
    """Each picture with what stands before the background, and whether the camera is fixed.

    Args:
        media: where the pictures come from.
        video: index of the video.
        times: sorted; at which pictures to look.
        max_side: of the pictures given on.
    """
    for window in _windows(times):
        views, is_fixed = _backgrounds(media, video, window[:: max(1, len(window) // N_PICTURES)])
        for time, pixels in media.frames(video, window, max_side=max_side):
            yield _front(time, pixels, views if is_fixed else []), is_fixed


def small_of(pixels: Pixels) -> Pixels:
    """The picture, no larger than SIDE, as it is compared."""
    import cv2
    import numpy as np

    zoom = SIDE / max(pixels.shape[:2])
    if zoom < 1:
        size = round(pixels.shape[1] * zoom), round(pixels.shape[0] * zoom)
        size = max(1, size[0]), max(1, size[1])
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def _windows(times: Sequence[float]) -> Iterator[list[float]]:
    """Runs of times of at most about WINDOW_SECONDS, all about equally long."""
    if not times:
        return
    n_windows = max(1, round((times[-1] - times[0]) / WINDOW_SECONDS))
    length = (times[-1] - times[0]) / n_windows + 1e-6
    run: list[float] = []
    boundary = times[0] + length
    for time in times:
        if time >= boundary and run:
            yield run
            run = []
            while time >= boundary:
                boundary += length
        run.append(time)
    yield run


def _backgrounds(media: CallContext, video: int, times: Sequence[float]) -> tuple[list[View], bool]:
    """The views of a window, and whether the camera stands still in it."""
    groups: list[list[Pixels]] = []
    firsts: list[NDArray[np.uint8]] = []
    shifts: list[float] = []
    before, at = None, -1
    for _, pixels in media.frames(video, times, max_side=SIDE):
        grey = grey_of(pixels)
        if before is not None:
            shifts.append(camera_shift(before, grey) / max(grey.shape))
        if before is None or likeness(before, grey) < SAME_VIEW:
            at = next((k for k, one in enumerate(firsts) if likeness(one, grey) > SAME_VIEW), -1)
            if at < 0:
                groups.append([])
                firsts.append(grey)
                at = len(groups) - 1
        groups[at].append(pixels)
        before = grey
    if not groups:
        return [], True
    is_fixed = not shifts or sorted(shifts)[len(shifts) // 2] < RESTLESS
    return [_view(group) for group in groups if len(group) >= min(3, len(times))], is_fixed


def _view(group: Sequence[Pixels]) -> View:
    import numpy as np

    stack = np.stack(group)  # (n, H, W, 3)
    half = len(group) // 2
    middle = np.partition(stack, half, axis=0)[half].astype(np.float32)
    needed = np.empty(middle.shape[:2], np.float32)
    for row in range(0, len(middle), 32):  # in strips: the stack is large
        part = np.abs(stack[:, row : row + 32].astype(np.float32) - middle[row : row + 32])
        usual = np.partition(part.max(axis=3), half, axis=0)[half]
        needed[row : row + 32] = np.maximum(LEAST_CONTRAST, 12.0 + 4.0 * usual)
    return View(middle, needed)


def _front(time: float, pixels: Pixels, views: Sequence[View]) -> Front:
    import numpy as np

    small = small_of(pixels).astype(np.float32)
    best: tuple[float, Mask, NDArray[np.float32]] | None = None
    for view in views:
        if view.pixels.shape != small.shape:
            continue
        differing = small - view.pixels
        light = np.median(differing[::4, ::4].reshape(-1, 3), axis=0)  # of the whole picture
        contrast = np.abs(differing - light).max(axis=2)
        mask = contrast > view.needed
        share = float(mask.mean())
        if best is None or share < best[0]:
            best = share, mask, np.asarray(contrast / view.needed, np.float32)
    if best is None or best[0] > TOO_MUCH:
        return Front(time, pixels, None, None)
    return Front(time, pixels, best[1], best[2])
