"""`detect` of the labels that a YOLO was trained on: Ultralytics, which is under AGPL-3.0."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from typing import Annotated, Any

from vprog.errors import ConfigError, PackageMissingError
from vprog.models.weights import Weights
from vprog.registry.call_context import Pixels
from vprog.registry.module import implements
from vprog.types import SCORE, Box, Detection, Frame, Grid
from vprog_modules.objects.closed_labels import KnownLabels
from vprog_modules.objects.picture_detector import PictureDetector, Sought, sizes_hw
from vprog_modules.tracking.box_overlap import ScoredBox

WEIGHTS = Weights("Ultralytics/YOLO11", "main", licence="AGPL-3.0", size_mb=6, file="yolo11n.pt")
SWITCHES = {
    "YOLO_OFFLINE": "true",  # asks no server whether it can be reached
    "YOLO_AUTOINSTALL": "false",  # installs nothing
    "YOLO_VERBOSE": "false",  # stdout and stderr are vprog's
    "ULTRALYTICS_SAFE_LOAD": "true",  # a file of weights is read as data: no code of it runs
}
"""Read by Ultralytics once, when it is imported."""

_LEAST = 0.01


@implements(
    "detect",
    summary="Find things of one kind in a picture: the labels that the model was trained on.",
    batch=16,
    needs=("ultralytics", "torch", "torchvision"),
    extra="yolo",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=200,
    rank=35,
    backend="Ultralytics YOLO (AGPL-3.0)",
    pixels=Pixels("frame", max_side=1280),
)
class DetectYolo(PictureDetector):
    """One-stage detectors of the YOLO family, from a file of weights of theirs (.pt)."""

    def load(self, device: str, weights: Weights) -> None:
        """Read the file, with everything switched off that would use the network."""
        yolo = _import_yolo()
        path = weights.verified()
        if path.suffix != ".pt":
            raise ConfigError(
                f"detect/DetectYolo: {path} is no file of Ultralytics weights.",
                hint="Name a .pt file: --module detect=DetectYolo:yolo11n.pt.",
            )
        self._device = device
        self._model: Any = yolo(str(path), task="detect", verbose=False)
        if self._model.task != "detect":
            raise ConfigError(
                f'detect/DetectYolo: {path} is a model for "{self._model.task}".',
                hint="Name one for detection.",
            )
        self._labels = KnownLabels(self._model.names.items())

    def unload(self) -> None:
        """Let the model go."""
        del self._model

    def __call__(
        self,
        frame: Frame,
        label: str,
        *,
        min_score: Annotated[float, SCORE, Grid((0.1, 0.25, 0.5))] = 0.25,
    ) -> list[Detection]:
        """
        Knows the labels of its weights: with those it comes with, the 80 of COCO (person, car,
        dog, cup, chair, ...) and common words for them.

        Args:
            label: one of the labels, singular or plural, e.g. "person".
            min_score: drop boxes scored lower; in [0, 1].

        Raises:
            ModuleInputError: the model does not know the label; it says which are near.

        Source: J. Redmon et al., "You only look once", 2016; G. Jocher et al., Ultralytics YOLO;
        code and weights AGPL-3.0, which reaches whoever offers a service made with them.
        """
        return self.found(frame, label, min_score)

    def find(self, sought: Sequence[Sought]) -> list[list[ScoredBox]]:
        numbers = [self._labels.number("detect(frame, label)", thing.label) for thing in sought]
        # Pictures of one size are padded by as little as if they came alone.
        groups: dict[tuple[int, int], list[int]] = {}
        for index, size in enumerate(sizes_hw(sought)):
            groups.setdefault(size, []).append(index)
        found: dict[int, list[ScoredBox]] = {}
        for group in groups.values():
            results = self._model.predict(
                [sought[index].picture.pixels[..., ::-1] for index in group],  # it wants BGR
                conf=_LEAST,
                batch=len(group),
                classes=sorted({numbers[index] for index in group}),
                device=self._device,
                save=False,
                verbose=False,
            )
            for index, result in zip(group, results, strict=True):
                found[index] = _scored(result, numbers[index])
        return [found[index] for index in range(len(sought))]


def _scored(result: Any, number: int) -> list[ScoredBox]:
    boxes = result.boxes.cpu()
    rows = zip(boxes.xyxy.tolist(), boxes.conf.tolist(), boxes.cls.tolist(), strict=True)
    return [ScoredBox(Box(*corners), score) for corners, score, kind in rows if kind == number]


def _import_yolo() -> Any:
    """The class YOLO.

    Raises:
        PackageMissingError: the package does not import, whatever the reason.
    """
    os.environ.update(SWITCHES)
    if "YOLO_CONFIG_DIR" not in os.environ:  # it writes a file of settings there
        folder = tempfile.mkdtemp(prefix="vprog-ultralytics-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["YOLO_CONFIG_DIR"] = folder
    try:
        from ultralytics import YOLO
    except Exception as error:  # a torchvision that does not fit its torch raises anything
        raise PackageMissingError(
            f"detect/DetectYolo is not available, because ultralytics does not import: {error}.",
            hint='Run: pip install "vprog[yolo]" (torchvision must fit torch)',
        ) from error
    return YOLO
