"""Whether a module can run here: its packages, its weights, the model that is named for it.

Nothing is imported or read for it, so that looking at all modules takes milliseconds. What is
missing for a task, over all modules that do it, is for `Registry.lack`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vprog.errors import WeightsMissingError
from vprog.models.weights import Weights
from vprog.registry.module import OWN_VLM, ModuleSpec

_RUN = "Run: "


@dataclass(frozen=True)
class Availability:
    """Whether a module can run here; if not, why, and the command that mends it."""

    ok: bool
    reason: str = ""
    command: str = ""


def availability(spec: ModuleSpec) -> Availability:
    """Whether a module's packages and weights are here, and the VLM it needs is named.

    No package is imported, no digest is computed."""
    return next(_faults(spec), Availability(True))


def nearest(specs: Sequence[ModuleSpec]) -> Availability:
    """What is missing for the one of some modules that is nearest to running here, all of it.

    That is the one with the fewest things to do, then the fewest packages to install, then the
    smallest weights to fetch. One whose weights are under the AGPL, or that wants a model handed
    in as an object, is named only where there is no other.

    Args:
        specs: modules that cannot run here, the better ones first; not empty.
    """
    nearest_spec = min(specs, key=_distance)
    faults = sorted(_faults(nearest_spec), key=lambda fault: not _installs(fault))
    return Availability(
        False, "; ".join(fault.reason for fault in faults), _joined([f.command for f in faults])
    )


def is_agpl(spec: ModuleSpec) -> bool:
    """Whether any of its weights is under the AGPL, which is for a user to choose."""
    return any(weights.licence.startswith("AGPL") for weights in spec.weights)


def _distance(spec: ModuleSpec) -> tuple[bool, int, int, int]:
    packages = [name for name in spec.needs if not _is_installed(name)]
    megabytes = sum(weights.size_mb for weights in spec.weights if _missing(weights))
    is_last_choice = is_agpl(spec) or spec.vlm_kind == OWN_VLM
    return is_last_choice, len(list(_faults(spec))), len(packages), megabytes


def _faults(spec: ModuleSpec) -> Iterator[Availability]:
    """What is missing, each with what mends it; what comes with a missing package is not named."""
    if spec.vlm_kind == OWN_VLM and spec.vlm is None:
        yield Availability(
            False,
            "no VLM of your own is given",
            "Give one: vprog.solve(..., vlm=object); see vprog.models.vision_language_model.",
        )
    elif spec.vlm_kind and spec.vlm is None:
        yield Availability(
            False,
            f"no vision-language model is named for it (--vlm {spec.vlm_kind}:MODEL)",
            f"Name one: --vlm {spec.vlm_kind}:MODEL, or VPROG_VLM.",
        )
    absent = next((name for name in spec.needs if not _is_installed(name)), None)
    if absent is not None:
        yield Availability(False, f"the package {absent} is not installed", _install(spec))
    if spec.vlm_kind:  # a VLM was found when it was named
        return
    for weights in spec.weights:
        comes_with_it = absent is not None and weights.package != ""
        error = None if comes_with_it else _missing(weights)
        if error is not None:
            yield Availability(False, error.message.rstrip("."), error.hint)


def _missing(weights: Weights) -> WeightsMissingError | None:
    """What is said of weights that are not here."""
    try:
        weights.location()
    except WeightsMissingError as error:
        return error
    return None


def _is_installed(name: str) -> bool:
    """Whether a package can be imported, as far as can be told without importing it.

    While another thread imports it, it may stand among the imported ones without a spec: cv2
    exchanges itself for its binary part on the way.
    """
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
    except ValueError:
        return sys.modules.get(name) is not None


def _install(spec: ModuleSpec) -> str:
    return f"{_RUN}{spec.install}" if spec.install else f"Install {' '.join(spec.needs)}."


def _installs(fault: Availability) -> bool:
    return fault.reason.endswith("is not installed")


def _joined(commands: Sequence[str]) -> str:
    """Several steps as one text; shell commands as one line that can be pasted."""
    text = commands[0]
    for command in commands[1:]:
        if text.startswith(_RUN) and command.startswith(_RUN):
            text += f" && {command.removeprefix(_RUN)}"
        else:
            text = f"{text.rstrip('.')}. Then {command[0].lower()}{command[1:]}"
    return text
