"""What all questions of a process share: modules, loaded models, cache, scheduler, sandbox."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping
from types import TracebackType

from vprog.errors import BudgetError
from vprog.execute.call_speeds import CallSpeeds
from vprog.execute.loaded_modules import LoadedModules
from vprog.execute.result_cache import ResultCache
from vprog.execute.scheduler import BatchScheduler, Scheduler
from vprog.jail.jail import JailLimits, launcher
from vprog.llm.vlm_spec import find_vlm
from vprog.media.decoder.decoder_process import decoding
from vprog.media.decoder.decoder_start import prepare
from vprog.media.media_pool import MediaPool
from vprog.models.device import choose_device
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.program.stubs import stub_text
from vprog.registry.module import ModuleSpec, VlmSpec
from vprog.registry.presets import accepts, check_device
from vprog.registry.registry import Registry, bind_vlm, bind_weights
from vprog.sandbox.isolation import require_jail
from vprog.sandbox.limits_from_settings import SessionLimits
from vprog.sandbox.pool import Pool
from vprog.settings import Settings

# The machine counts the lookup of a name beside each call, and probes: twice and a bit.
# A program mostly waits for its calls, so memory is what it takes, not a core.
_LEAST_LIVE = 4
# Each is a process of the system and a thread of ours; beyond some sixty the one interpreter that
# serves their calls is busy without a pause, and more would only share it.
_MOST_LIVE = 64
# What a jailed worker takes beyond the values of its program: interpreter and stubs.
_WORKER_MB = 64


class Runtime:
    """Open until closed; several questions may use it at once, from several threads."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        *,
        modules: Mapping[str, ModuleSpec] | None = None,
        cache: ResultCache | None = None,
        vlm: VlmSpec | None = None,
    ) -> None:
        """Choose the modules and open the cache; workers start when first needed.

        Args:
            settings: the preset, the device, the folders; what a single question may
                spend is the question's own business.
            registry: the modules to choose from.
            modules: implementation by task, in place of what the settings choose; they
                need not be able to run.
            cache: in place of the one in the settings' folder.
            vlm: a model of the caller's own, in place of the one that the settings name.

        Raises:
            PackageMissingError: the preset names a module that cannot run here.
            ModuleUnknownError: it names one that does not exist.
            JailMissingError: settings.require_jail is set and the jail does not hold.
        """
        if settings.require_jail:
            require_jail()
        self.settings = settings
        self.registry = with_vlm(registry, settings, vlm)
        self.modules: dict[str, ModuleSpec] = (
            choose_modules(self.registry, settings) if modules is None else dict(modules)
        )
        self.device = choose_device(settings.device)
        MODEL_MEMORY.limit_mb = settings.memory_mb
        self.loaded_modules = LoadedModules(self.device, MODEL_MEMORY)
        prepare()  # while the first question is still being read
        self.media = MediaPool(open_decoding=decoding(settings.decoder_memory_mb))
        self.cache = cache or ResultCache(settings.cache_dir, max_mb=settings.cache_max_mb)
        self.speeds = CallSpeeds(settings.cache_dir, str(self.device))
        self.scheduler: Scheduler = BatchScheduler(self.loaded_modules, claims=self.cache.claims)
        self._live_programs = settings.live_programs or programs_in_memory(settings)
        self._places = threading.BoundedSemaphore(self._live_programs)
        self._pool: Pool | None = None
        self._lock = threading.Lock()

    @functools.cached_property
    def absent(self) -> dict[str, str]:
        """Why each further task that is known cannot be called here, and what to do."""
        reasons: dict[str, str] = {}
        for task in self.registry.tasks:
            if task not in self.modules:
                lack = self.registry.lack(task)
                reasons[task] = (
                    "the preset leaves it out." if lack.ok else f"{lack.reason}. {lack.command}"
                )
        return reasons

    @property
    def pool(self) -> Pool:
        """The sandbox's workers, started at the first use."""
        with self._lock:
            if self._pool is None:
                self._pool = Pool(
                    size=self._live_programs,
                    stubs=stub_text([module.signature for module in self.modules.values()]),
                    limits=SessionLimits.of(self.settings),
                    launcher=launcher(JailLimits.of(self.settings)),
                )
            return self._pool

    def take_place(self, *, timeout_s: float) -> None:
        """Wait until one more program may run; give the place back with `leave_place`.

        Raises:
            BudgetError: none came free in time.
        """
        if not self._places.acquire(timeout=timeout_s):
            raise BudgetError(
                f"the question waited {timeout_s:.0f} s, and none of {self._live_programs} "
                "sandboxes came free.",
                hint="Ask fewer questions at once, or raise --max-seconds.",
            )

    def leave_place(self) -> None:
        """One program less."""
        self._places.release()

    def close(self) -> None:
        """Stop the workers, unload the models, write the cache."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None
        self.scheduler.close()
        self.loaded_modules.close()
        self.cache.close()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def programs_in_memory(settings: Settings) -> int:
    """How many programs may run at once by the memory that is free: half of it, 4 to 64."""
    worker_mb = settings.sandbox_memory_mb + _WORKER_MB
    return min(_MOST_LIVE, max(_LEAST_LIVE, _free_memory_mb() // 2 // worker_mb))


def _free_memory_mb() -> int:
    """What the system says is free; 0 where it does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    except (AttributeError, ValueError, OSError):
        return 0


def with_vlm(registry: Registry, settings: Settings, own: VlmSpec | None = None) -> Registry:
    """The registry with the weights and the VLM bound that the settings name, or one's own VLM.

    Raises:
        ConfigError: a setting names no kind of model, no model, or no module that takes one.
        WeightsMissingError: its weights are not on this machine.
    """
    registry = bind_weights(registry, settings.weights)
    return bind_vlm(registry, find_vlm(settings.vlm, settings.llm_timeout) if own is None else own)


def choose_modules(registry: Registry, settings: Settings) -> dict[str, ModuleSpec]:
    """The implementation of each task under the preset.

    Raises:
        PackageMissingError, ModuleUnknownError: see `Registry.choose`.
        ConfigError: the preset needs a GPU, and there is none.
    """

    check_device(settings.preset, choose_device(settings.device))
    return registry.choose(
        settings.wanted_modules(), accept=lambda spec: accepts(settings.preset, spec)
    )
