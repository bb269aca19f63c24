"""`detect` with nothing downloaded: people by HOG, faces by Haar cascades."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Detection, Frame
from vprog_modules.frames.picture import picture_of
from vprog_modules.people.faces import find_faces
from vprog_modules.people.people_labels import known_label
from vprog_modules.people.person_figures import MAX_SIDE, find_people


@implements(
    "detect",
    summary="Find people or faces in a picture. No other label is known here.",
    needs=("cv2",),
    extra="offline",
    rank=10,
    backend="OpenCV HOG and Haar",
    version="2",
)
class DetectHog:
    """Two kinds of thing, found by classifiers that come with OpenCV."""

    def load(self, device: str) -> None:
        """Read the classifiers."""
        import numpy as np

        find_people(np.zeros((256, 256, 3), np.uint8))

    def __call__(
        self,
        frame: Frame,
        label: str,
        *,
        min_score: float = 0.25,
    ) -> list[Detection]:
        """
        "person" finds whole upright figures, at least about 1/12 of the picture high, and
        head and shoulders where a face looks at the camera. Often missed: people who bend,
        sit, lie, are cut off or half hidden, or seen from above. "face" finds faces seen
        from the front, not in profile. In video, track(video, label) is more reliable: it
        uses motion and several frames.

        Args:
            label: "person" or "face".
            min_score: drop boxes scored lower; in [0, 1]. Over 0.5 about 9 in 10 are
                right on the test clips; at 0.25 about 8 in 10.

        Returns:
            Detections, best first, each person or face once; box in pixels of the whole
            frame. Empty if none is seen, which is weak evidence that there is none.

        Raises:
            ModuleInputError: the label is another one.
        """
        kind = known_label("detect(frame, label)", label)
        media = current()
        picture = picture_of(media, frame, max_side=MAX_SIDE)
        video = media.video(frame.video)
        long_side = max(video.width / picture.scale_x, video.height / picture.scale_y)
        found = (
            find_people(picture.pixels, long_side=long_side)
            if kind == "person"
            else find_faces(picture.pixels)
        )
        return [
            Detection(label, picture.box(*box), score, frame)
            for box, score in found
            if score >= min_score
        ]
