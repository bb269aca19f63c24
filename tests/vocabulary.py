"""The modules that vprog ships, found by file, and small ones to build prompts from."""

from __future__ import annotations

import importlib
import pkgutil

import vprog_modules
from vprog.registry.call_context import current
from vprog.registry.module import ModuleSpec, module
from vprog.registry.signature import Signature
from vprog.types import Detection, Event, Frame, Video


def shipped_modules() -> list[ModuleSpec]:
    """Every module class of `vprog_modules`."""
    found: list[ModuleSpec] = []
    for entry in pkgutil.walk_packages(vprog_modules.__path__, "vprog_modules."):
        if not entry.ispkg:
            file = importlib.import_module(entry.name)
            specs = [getattr(value, "__vprog_module__", None) for value in vars(file).values()]
            found += [spec for spec in specs if spec is not None]
    return found


def shipped_signatures() -> list[Signature]:
    """One signature for each task."""
    return list(
        {
            shipped_module.task: shipped_module.signature for shipped_module in shipped_modules()
        }.values()
    )


@module("detect")
class DetectNothing:
    """A module for prompts."""

    def __call__(self, frame: Frame, label: str, *, min_score: float = 0.25) -> list[Detection]:
        """Find every object of a kind.

        Works on single frames.

        Args:
            frame: the picture.
            label: one English noun.
            min_score: drop boxes scored lower.

        Returns:
            Detections, best first.

        Raises:
            ModuleInputError: the label is blank.

        Example:
            >>> detect(frame, "dog")
            []
        """
        current()
        return []


@module("find_silence")
class FindSilenceNever:
    """A module for prompts."""

    def __call__(self, video: Video) -> list[Event]:
        """Find where the sound stops.

        Returns:
            Events of kind "silence".
        """
        return []


SMALL = [
    module_class.__vprog_module__.signature for module_class in (DetectNothing, FindSilenceNever)
]  # type: ignore[attr-defined]
