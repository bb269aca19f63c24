"""`estimate_pose`: where the joints of a person are."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import SCORE, Detection, Grid, Pose


@task(looks=True, passes_on=())
def estimate_pose(
    person: Detection, *, min_score: Annotated[float, SCORE, Grid((0.3, 0.5))] = 0.3
) -> Pose:
    """Find the joints, eyes and ears of one person, to tell how the body is held.

    To tell whether an arm is raised, compare the y of wrist and shoulder: y grows downward. Left
    and right are those of the person. Whatever is in the box is taken for a person.

    Args:
        person: of a module that finds people; all of the body should be in its box.
        min_score: leave out points scored lower; in [0, 1].

    Returns:
        The pose. keypoints: those that are seen in the picture, x and y in pixels of the whole
        frame; their names are nose, and left and right eye, ear, shoulder, elbow, wrist, hip,
        knee and ankle, such as "left wrist". score: the mean of theirs, 0.0 without any.

    Raises:
        ModuleInputError: the box lies outside the picture.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> pose = estimate_pose(detect(frame, "person")[0])
        >>> {point.name: point.y for point in pose.keypoints}["left wrist"]
        103.5
    """
