"""Weights of the user's own in place of those that a module declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import ConfigError
from vprog.execute.loaded_modules import LoadedModules
from vprog.execute.runtime import with_vlm
from vprog.models.weights import Weights
from vprog.registry.availability import availability
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.settings import load_settings

OURS = Weights("org/ours", "main", "MIT")


@module("recognise", weights=(OURS,), takes_weights=True)
class Recognise:
    def load(self, device: str, weights: Weights = OURS) -> None:
        self._weights = weights

    def __call__(self, text: str) -> str:
        """Give the id of the weights.

        Args:
            text: anything.

        Returns:
            The id.
        """
        return self._weights.id


def test_weights_of_the_settings_are_loaded_and_change_the_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    theirs = tmp_path / "theirs.pt"
    theirs.write_bytes(b"weights")
    (tmp_path / "vprog.toml").write_text(f'[weights]\nRecognise = "{theirs}"\n')
    settings = load_settings(folder=tmp_path)
    registry = Registry([Recognise.__vprog_module__])  # type: ignore[attr-defined]
    assert not availability(registry.implementations("recognise")[0]).ok
    (bound,) = with_vlm(registry, settings).implementations("recognise")
    assert availability(bound).ok
    assert bound.identity() != registry.implementations("recognise")[0].identity()
    assert LoadedModules().instance(bound)("x") == str(theirs)


def test_weights_of_no_implementation_are_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "vprog.toml").write_text('[weights]\nRecognize = "org/name"\n')
    registry = Registry([Recognise.__vprog_module__])  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match='Did you mean "Recognise"'):
        with_vlm(registry, load_settings(folder=tmp_path))
