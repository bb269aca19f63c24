"""Modules that installed packages offer, by the entry-point group `vprog.modules`.

An entry point names one class: `detect_hog = "vprog_modules.people.detect_hog:DetectHog"`.
VPROG_MODULES=a,b limits discovery to those entry points.
"""

from __future__ import annotations

import importlib.metadata
import os
from dataclasses import replace

from vprog.errors import RegistrationError
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry

GROUP = "vprog.modules"


def discover() -> Registry:
    """A registry of every module that the installed packages offer.

    Raises:
        RegistrationError: an entry point cannot be imported, or two clash.
    """
    registry = Registry()
    limit = os.environ.get("VPROG_MODULES")
    only = {each.strip() for each in limit.split(",")} if limit else None
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda p: p.name):
        if only is not None and point.name not in only:
            continue
        owner = point.dist.name if point.dist else "an unknown package"
        try:
            spec = spec_of(point.load())
        except RegistrationError:
            raise
        except Exception as error:
            raise RegistrationError(
                f'entry point "{point.name}" of {owner} ({point.value}) does not load: {error}.',
                hint=f"Heavy imports belong in load(). Uninstall {owner}, or set VPROG_MODULES.",
            ) from error
        version = point.dist.version if point.dist else ""
        registry.add(replace(spec, distribution=f"{owner} {version}".strip()))
    return registry
