"""Pictures that a module declares it wants of an argument."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.drawing import draw_video
from vprog.errors import RegistrationError, VprogError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, Pixels, current, using
from vprog.registry.module import Call, module, spec_of
from vprog.types import Frame, Video


@pytest.fixture
def source(tmp_path: Path) -> Iterator[MediaSource]:
    source = MediaSource([open_media(draw_video(tmp_path / "a.mp4", 20))])
    yield source
    source.close()


@module("mean_of", pixels=Pixels("frames", max_side=40, colour="grey"))
class MeanOf:
    def __call__(self, frames: list[Frame]) -> list[float]:
        """How light pictures are.

        Args:
            frames: the pictures.

        Returns:
            Means, 0 to 255.
        """
        return [float(picture.mean()) for picture in current().pictures]


def test_pixels_are_given_as_declared(source: MediaSource) -> None:
    context = CallContext(source)
    frames = [Frame(0, 0.0), Frame(0, 1.0)]
    call = Call.of(spec_of(MeanOf), {"frames": frames}, context)
    with using(context):
        means = MeanOf()(**call.arguments)  # type: ignore[arg-type]
    assert [max(picture.shape) for picture in context.pictures] == [40, 40]
    whole = [source.pixels(frame, max_side=40) for frame in frames]
    expected = [np.asarray(Image.fromarray(picture).convert("L")).mean() for picture in whole]
    assert means == expected


def test_pixels_are_decoded_once_and_only_when_asked_for(source: MediaSource) -> None:
    context = CallContext(source)
    Call.of(spec_of(MeanOf), {"frames": [Frame(0, 0.5)]}, context)
    assert context.frames_decoded == 0
    assert context.pictures is context.pictures
    assert context.frames_decoded > 0


def test_pixels_that_were_not_declared_are_an_error(source: MediaSource) -> None:
    with pytest.raises(VprogError, match="the module declares none"):
        _ = CallContext(source).pictures


def test_pixels_of_what_names_no_frame_are_refused_at_registration() -> None:
    with pytest.raises(RegistrationError, match='pixels of "video"'):

        @module("mean_light", pixels=Pixels("video"))
        class MeanLight:
            def __call__(self, video: Video) -> float:
                """How light a video is.

                Args:
                    video: the video.

                Returns:
                    0 to 255.
                """
                return 0.0
