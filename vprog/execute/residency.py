"""Which modules are loaded: on demand, within a memory budget, least recently used out first."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from vprog.errors import ModuleFailedError, PackageMissingError, VprogError
from vprog.registry.module import ModuleInstance, ModuleSpec
from vprog.registry.registry import availability


class Residency:
    """The loaded instances of modules on one device."""

    def __init__(self, device: str = "cpu", *, memory_mb: int | None = None) -> None:
        """Start with nothing loaded.

        Args:
            device: what `load` is given: "cpu", "cuda" or "cuda:N".
            memory_mb: what loaded modules may hold together, by their own
                declaration; None means no limit.
        """
        self.device = device
        self._memory_mb = memory_mb
        self._loaded: OrderedDict[str, tuple[ModuleSpec, ModuleInstance]] = OrderedDict()
        self._held: Counter[str] = Counter()
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.RLock()
        self.notes: list[str] = []
        """What was evicted, in words for the trace."""

    def instance(self, spec: ModuleSpec) -> ModuleInstance:
        """The loaded instance of a module.

        Raises:
            PackageMissingError: a package is not installed, or its import fails.
            WeightsMissingError: raised by the module's own `load`.
            ModuleFailedError: `load` broke.
        """
        with self.hold(spec) as instance:
            return instance

    @contextmanager
    def hold(self, spec: ModuleSpec) -> Iterator[ModuleInstance]:
        """The loaded instance, which is not unloaded while the block runs.

        Raises:
            As `instance`.
        """
        with self._lock:
            self._held[spec.name] += 1
            one_at_a_time = self._loading.setdefault(spec.name, threading.Lock())
        try:
            with one_at_a_time:  # loading takes seconds: others' modules do not wait for it
                instance = self._loaded_instance(spec)
            yield instance
        finally:
            with self._lock:
                self._held[spec.name] -= 1

    def _loaded_instance(self, spec: ModuleSpec) -> ModuleInstance:
        with self._lock:
            if spec.name in self._loaded:
                self._loaded.move_to_end(spec.name)
                return self._loaded[spec.name][1]
            self._make_room(spec)
        instance = _load(spec, self.device)
        with self._lock:
            self._loaded[spec.name] = (spec, instance)
        return instance

    def cancel(self) -> None:
        """End what loaded modules wait for, e.g. a server's reply; those that can be told to."""
        with self._lock:
            loaded = [instance for _, instance in self._loaded.values()]
        for each in loaded:
            cancel = getattr(each, "cancel", None)
            if cancel is not None:
                cancel()

    def close(self) -> None:
        """Unload everything."""
        with self._lock:
            while self._loaded:
                _, (spec, instance) = self._loaded.popitem()
                self._unload(spec, instance)

    def _make_room(self, spec: ModuleSpec) -> None:
        if self._memory_mb is None:
            return
        total = sum(each.memory_mb for each, _ in self._loaded.values())
        for name in [each for each in self._loaded if not self._held[each]]:
            if total + spec.memory_mb <= self._memory_mb:
                return
            gone, instance = self._loaded.pop(name)
            self._unload(gone, instance)
            total -= gone.memory_mb
            self.notes.append(
                f"unloaded {gone.name} ({gone.memory_mb} MB) to make room for {spec.name}"
            )

    def _unload(self, spec: ModuleSpec, instance: ModuleInstance) -> None:
        unload = getattr(instance, "unload", None)
        if unload is None:
            return
        try:
            unload()
        except Exception as error:  # the module's own code; nothing of the run hangs on it
            self.notes.append(f"{spec.name} did not unload: {type(error).__name__}: {error}")


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
        elif load is not None:
            load(device)
    except VprogError:
        raise
    except ImportError as error:
        raise PackageMissingError(
            f'module "{spec.name}" cannot run here: an import failed: {error}.',
            hint=f"Run: {spec.install}" if spec.install else "",
        ) from error
    except Exception as error:
        # A package that is present but broken raises anything at import (torchvision
        # beside a CPU torch: RuntimeError), so its kind says nothing.
        raise ModuleFailedError(
            f'module "{spec.name}" did not load: {type(error).__name__}: {error}.',
            hint="Run `vprog doctor` to see what of its packages works here.",
        ) from error
    return instance
