from __future__ import annotations

from vprog.models.device import choose_device


def test_device_is_what_is_named_and_auto_is_one_that_is_here() -> None:
    assert choose_device("cuda:1") == "cuda:1"
    assert choose_device("auto") in ("cpu", "cuda")
