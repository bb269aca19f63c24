"""Tests of packages that need torchvision run where it works: see .ci/torchvision."""

from __future__ import annotations

import importlib.util

import pytest


def needs_torchvision(*packages: str) -> pytest.MarkDecorator:
    """`pytestmark` of a file: skips its tests, and says why, where a package does not work."""
    reason = _why_not(packages)
    return pytest.mark.skipif(bool(reason), reason=reason)


def _why_not(packages: tuple[str, ...]) -> str:
    for name in ("torch", "torchvision", *packages):
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed (.ci/torchvision has it)"
    try:  # a torchvision that does not fit its torch imports broken, with an error of any kind
        import torch
        import torchvision

        torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except Exception as error:
        return f"torchvision does not work here: {error}"
    return ""
