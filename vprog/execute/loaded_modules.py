"""Which modules are loaded: on demand, in the memory that all models of the process share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from vprog.errors import ModuleFailedError, PackageMissingError, VprogError
from vprog.execute.host_task import LeftBehindError
from vprog.execute.module_faults import describe, text_of
from vprog.models.memory_budget import Loadable, ModelMemory
from vprog.registry.availability import availability
from vprog.registry.module import ModuleInstance, ModuleSpec


class LoadedModules:
    """The loaded instances of modules on one device.

    Args:
        device: what `load` is given: "cpu", "cuda" or "cuda:N".
        memory: what holds them, within its limit; by default one of its own, without a limit.
    """

    def __init__(self, device: str = "cpu", memory: ModelMemory | None = None) -> None:
        self.device = device
        self._memory = ModelMemory() if memory is None else memory
        self._n_told = len(self._memory.notes)

    def instance(self, spec: ModuleSpec) -> ModuleInstance:
        """The loaded instance of a module.

        Raises:
            PackageMissingError: a package is not installed, or its import fails.
            WeightsMissingError: raised by the module's own `load`.
            ModuleFailedError: `load` broke.
        """
        with self.hold(spec) as instance:
            return instance

    def hold(
        self, spec: ModuleSpec, *, warn: Callable[[str], None] | None = None
    ) -> AbstractContextManager[ModuleInstance]:
        """The loaded instance, to be entered: it is not unloaded while the block runs.

        Args:
            spec: of the module.
            warn: told what was unloaded to make room since the last time.

        Raises:
            As `instance`.
        """
        loadable = Loadable(
            key=(self, spec.name),
            name=spec.name,
            load=lambda: _load(spec, self.device),
            unload=_unload,
            memory_mb=spec.memory_mb,
        )
        held = self._memory.hold(loadable, self)
        if warn is not None and len(self._memory.notes) > self._n_told:
            notes = self._memory.notes[self._n_told :]
            self._n_told += len(notes)
            for note in notes:
                warn(note)
        return held

    def forget(self, spec: ModuleSpec) -> None:
        """Have the next call load a fresh instance; the one that is in use goes when it is free."""
        self._memory.disown((self, spec.name))

    def close(self) -> None:
        """Unload everything."""
        self._memory.release(self)


def _unload(instance: ModuleInstance) -> None:
    unload = getattr(instance, "unload", None)
    if unload is not None:
        unload()


def _load(spec: ModuleSpec, device: str) -> ModuleInstance:
    able = availability(spec)
    if not able.ok:
        raise PackageMissingError(
            f'module "{spec.name}" cannot run here: {able.reason}.', hint=able.command
        )
    try:
        instance: ModuleInstance = spec.cls()
        load = getattr(instance, "load", None)
        if load is not None and spec.vlm is not None:
            load(device, spec.vlm)
        elif load is not None and spec.takes_weights:
            load(device, spec.weights[0])
        elif load is not None:
            load(device)
    except VprogError:
        raise
    except ImportError as error:
        raise PackageMissingError(
            f'module "{spec.name}" cannot run here: an import failed: {text_of(error)}.',
            hint=f"Run: {spec.install}" if spec.install else "",
        ) from error
    except LeftBehindError:
        raise
    except BaseException as error:
        # A package that is present but broken raises anything at import (torchvision
        # beside a CPU torch: RuntimeError), so its kind says nothing.
        raise ModuleFailedError(
            f'module "{spec.name}" did not load: {describe(error)}.',
            hint="Run `vprog doctor` to see what of its packages works here.",
        ) from error
    return instance
