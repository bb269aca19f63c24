"""The device that models run on: chosen in one place for modules, writer and VLM."""

from __future__ import annotations

import gc
import os


def choose_device(wanted: str) -> str:
    """The device for models: auto is cuda where torch is installed and sees a GPU, else cpu."""
    if wanted != "auto":
        return wanted
    # Asking torch costs a second of import: without a driver there is nothing to ask.
    if not os.path.exists("/proc/driver/nvidia/version"):
        return "cpu"
    try:
        import torch
    except Exception:  # a broken torch raises anything; then there is no GPU for us
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "cpu"


def precision_on(device: str) -> str:
    """What models compute in: "auto" for the precision of their files, on a GPU; else "float32".

    Half precision is slow on most processors, and rounds scores.
    """
    return "auto" if device.startswith("cuda") else "float32"


def give_back_memory(kind: str) -> None:
    """Let go of what nothing refers to any more on a kind of device that torch runs on."""
    gc.collect()
    if kind == "cuda":
        import torch

        torch.cuda.empty_cache()
