"""Which modules there are, which of them can run here, and which one serves a task."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from vprog.errors import (
    ConfigError,
    ModuleUnknownError,
    PackageMissingError,
    RegistrationError,
)
from vprog.models.sentence_embedder import WEIGHTS as SENTENCE_WEIGHTS
from vprog.models.weights import Weights, named_weights
from vprog.registry.availability import Availability, availability, nearest
from vprog.registry.module import ModuleSpec, VlmSpec, spec_of
from vprog.registry.signature import Signature
from vprog.registry.task import Task


class Registry:
    """All registered modules, by task. Several classes may serve one task, or none."""

    def __init__(self, specs: Iterable[ModuleSpec] = (), tasks: Iterable[Task] = ()) -> None:
        """
        Args:
            specs: the modules.
            tasks: the contracts; what a module declares with `@module` needs none.
        """
        self._by_task: dict[str, list[ModuleSpec]] = {}
        self.contracts: dict[str, Task] = {task.name: task for task in tasks}
        for spec in specs:
            self.add(spec)

    def add(self, spec_or_class: ModuleSpec | type) -> ModuleSpec:
        """Register a module.

        Raises:
            RegistrationError: the name is taken by another class, or the signature
                differs from the task's contract or from that of another implementation.
        """
        spec = spec_or_class if isinstance(spec_or_class, ModuleSpec) else spec_of(spec_or_class)
        if spec.task in self.contracts:
            contract = self.contracts[spec.task]
            contract.signature_of(spec.signature, f'module "{spec.name}"')
            spec = replace(spec, origin=contract.origin)
        implementations = self._by_task.setdefault(spec.task, [])
        for other in implementations:
            if other.implementation == spec.implementation:
                raise RegistrationError(
                    f'module "{spec.name}" of {spec.distribution} is registered already, '
                    f"by {other.distribution}.",
                    hint="Rename the class, or uninstall one of the two.",
                )
            if not other.signature.same_call(spec.signature):
                raise RegistrationError(
                    f'module "{spec.name}": {spec.signature.text()} differs from '
                    f'"{other.name}": {other.signature.text()}.',
                    hint="Two implementations of one task have one signature.",
                )
        implementations.append(spec)
        implementations.sort(key=lambda spec: (-spec.rank, spec.implementation))
        return spec

    def __contains__(self, task: object) -> bool:
        return task in self._by_task

    def __iter__(self) -> Iterator[str]:
        """The tasks that some module does, by name."""
        return iter(sorted(self._by_task))

    @property
    def tasks(self) -> list[str]:
        """Every task by name, also those that no installed module does."""
        return sorted(self._by_task.keys() | self.contracts.keys())

    def signature(self, task: str) -> Signature:
        """How a task is called: its contract, or its best module where that declares it.

        Raises:
            ModuleUnknownError: with the nearest names.
        """
        implementations = self.implementations(task)
        if task in self.contracts:
            return self.contracts[task].signature
        return implementations[0].signature

    def implementations(self, task: str) -> tuple[ModuleSpec, ...]:
        """Every implementation of a task, best first; () for a task that none does.

        Raises:
            ModuleUnknownError: with the nearest names.
        """
        if task not in self._by_task and task not in self.contracts:
            near = difflib.get_close_matches(task, self.tasks, n=1)
            raise ModuleUnknownError(
                f'unknown module "{task}".' + (f' Did you mean "{near[0]}"?' if near else ""),
                hint="Run `vprog modules list` for the list.",
            )
        return tuple(self._by_task.get(task, ()))

    def lack(self, task: str) -> Availability:
        """What is missing for a task to be done here; `ok` if nothing is.

        Of several modules that could do it, the one that is nearest to running is spoken of.

        Raises:
            ModuleUnknownError: with the nearest names.
        """
        specs = self.implementations(task)
        if not specs:
            return Availability(
                False, "no module that does it is installed", "Install a package that brings one."
            )
        states = {spec: self.state(spec) for spec in specs}
        if any(state.ok for state in states.values()):
            return Availability(True)
        alone = [spec for spec in specs if not spec.asks]
        return nearest(alone) if alone else next(iter(states.values()))

    def state(self, spec: ModuleSpec) -> Availability:
        """Whether a module can run here, and what it asks of others can be done here too."""
        for task in spec.asks:
            able = self.lack(task)
            if not able.ok:
                return Availability(
                    False, f'it asks "{task}", which nothing does here: {able.reason}', able.command
                )
        return availability(spec)

    def choose(
        self,
        wanted: Mapping[str, str] | None = None,
        *,
        accept: Callable[[ModuleSpec], bool] = lambda spec: True,
    ) -> dict[str, ModuleSpec]:
        """For each task the best implementation that can run here.

        Args:
            wanted: implementation by task, as a preset names them; these must run. "NAME:MODEL"
                names weights as well.
            accept: which of the others may serve.

        Raises:
            PackageMissingError: a wanted implementation, or its weights, cannot be had here.
            ModuleUnknownError: it does not exist.
            ConfigError: weights are named for it, and it takes none.
        """
        wanted = dict(wanted or {})
        chosen: dict[str, ModuleSpec] = {}
        named = {task: self._wanted(task, name) for task, name in wanted.items()}
        # What asks others is chosen after them: modules that are asked ask nobody.
        for with_others in (False, True):
            for task in self:
                specs = (named[task],) if task in named else self._by_task[task]
                ranked = [
                    (rank, at, spec)
                    for at, spec in enumerate(specs)
                    if bool(spec.asks) <= with_others
                    and (task in named or (accept(spec) and availability(spec).ok))
                    and (rank := _rank(spec, chosen)) is not None
                ]
                if ranked:
                    best = min(ranked, key=lambda entry: (-entry[0], entry[1]))[2]
                    chosen[task] = bound_to(best, chosen)
        for spec in named.values():
            missing = [asked for asked in spec.asks if asked not in chosen]
            if missing:
                raise PackageMissingError(
                    f'module "{spec.name}" cannot run here: no module does "{missing[0]}".',
                    hint=self.lack(missing[0]).command,
                )
        return chosen

    def _wanted(self, task: str, wanted: str) -> ModuleSpec:
        name, _, model = wanted.partition(":")
        for spec in self.implementations(task):
            if spec.implementation == name:
                if model:
                    spec = _with_weights(spec, model)
                able = availability(spec)
                if not able.ok:
                    raise PackageMissingError(
                        f'module "{spec.name}" cannot run here: {able.reason}.', hint=able.command
                    )
                return spec
        names = [spec.implementation for spec in self.implementations(task)]
        by_lower = {known.lower(): known for known in names}
        near = [by_lower[low] for low in difflib.get_close_matches(name.lower(), by_lower, n=1)]
        raise ModuleUnknownError(
            f'task "{task}" has no implementation "{name}".'
            + (f' Did you mean "{near[0]}"?' if near else ""),
            hint=f"There are: {', '.join(names)}." if names else "None is installed.",
        )


def _rank(spec: ModuleSpec, chosen: Mapping[str, ModuleSpec]) -> int | None:
    """How well a module serves: its rank, or one less than the least of those that it asks.

    None where one of those is not there."""
    if not spec.asks:
        return spec.rank
    ranks = [_rank(chosen[task], chosen) for task in spec.asks if task in chosen]
    known = [rank for rank in ranks if rank is not None]
    return min(known) - 1 if len(known) == len(spec.asks) else None


def bound_to(spec: ModuleSpec, chosen: Mapping[str, ModuleSpec]) -> ModuleSpec:
    """A module with those that it asks, as they were chosen: by task."""
    return replace(spec, asked=tuple(chosen[task] for task in spec.asks)) if spec.asks else spec


def _with_weights(spec: ModuleSpec, model: str) -> ModuleSpec:
    """A module with other weights of its kind."""
    if not spec.takes_weights:
        raise ConfigError(
            f'module "{spec.name}" takes no other weights, got "{model}".',
            hint=f"Name it alone: {spec.task}={spec.implementation}.",
        )
    return replace(spec, weights=(named_weights(model), *spec.weights[1:]))


def as_recorded(spec: ModuleSpec, weights: str, others: Mapping[str, ModuleSpec]) -> ModuleSpec:
    """A module with the weights that it had in a recorded run, where they are still here.

    Args:
        spec: of the module.
        weights: what the trace says of them, as `ModuleSpec.identity` does.
        others: the modules of that run, by task.
    """
    asked = tuple(others[task] for task in spec.asks if task in others)
    bound = replace(spec, asked=asked) if asked else spec
    name, _, revision = weights.partition(",")[0].rpartition("@")
    if not (spec.takes_weights and name):
        return bound
    named = named_weights(name if os.path.exists(name) else f"{name}@{revision}")
    recorded = replace(bound, weights=(named, *bound.weights[1:]))
    return recorded if availability(recorded).ok else bound


def bind_vlm(registry: Registry, vlm: VlmSpec | None) -> Registry:
    """The registry with every module that works with this kind of model bound to it.

    Such a module declares which kind of VLM it works with (`@module("ask", vlm="hf")`). It is
    available only while a model of that kind is named, and its `load` is given the model.
    Modules of other kinds stay unbound, hence unavailable; without a VLM all of them. Who
    reads the SPEC and finds the revision is llm/vlm_spec.py.
    """
    return Registry(
        (_bound(spec, vlm) for task in registry for spec in registry.implementations(task)),
        registry.contracts.values(),
    )


def declared_weights(registry: Registry) -> dict[Weights, list[str]]:
    """All weights that can be named, each with the modules that load it."""
    users: dict[Weights, list[str]] = {}
    for task in registry:
        for spec in registry.implementations(task):
            for weights in spec.weights:
                users.setdefault(weights, []).append(spec.name)
    users.setdefault(SENTENCE_WEIGHTS, []).append("similarity of words")
    return users


def bind_weights(registry: Registry, named: Mapping[str, str]) -> Registry:
    """The registry with other weights in place of those that modules declare.

    Args:
        registry: of all modules.
        named: by implementation, e.g. {"SearchFramesTransformers": "google/siglip-base"}: an id
            on the hub, a folder or a file.

    Raises:
        ConfigError: there is no such implementation, or it takes no other weights.
    """
    if not named:
        return registry
    specs = [spec for task in registry for spec in registry.implementations(task)]
    takers = {spec.implementation for spec in specs if spec.takes_weights}
    for name in named:
        if name not in takers:
            near = difflib.get_close_matches(name, sorted(takers), n=1)
            raise ConfigError(
                f'[weights] {name}: no implementation "{name}" takes weights of one\'s own.'
                + (f' Did you mean "{near[0]}"?' if near else ""),
                hint=f"There are: {', '.join(sorted(takers))}.",
            )
    return Registry(
        (
            replace(spec, weights=(named_weights(named[spec.implementation]),))
            if spec.implementation in named
            else spec
            for spec in specs
        ),
        registry.contracts.values(),
    )


def _bound(spec: ModuleSpec, vlm: VlmSpec | None) -> ModuleSpec:
    if not spec.vlm_kind:
        return spec
    if vlm is None or vlm.kind != spec.vlm_kind:
        return replace(spec, vlm=None, weights=())
    weights = Weights(vlm.model, vlm.revision, licence="see the model's page")
    return replace(spec, vlm=vlm, weights=(weights,))
