"""The registry of what installed packages offer, by the entry-point group `vprog.modules`.

What an entry may be is written in packages.py. VPROG_MODULES=a,b limits discovery to those
modules: by the name of the entry, or of the file in a package that an entry names whole.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

from vprog.errors import RegistrationError
from vprog.registry.module import ModuleSpec, spec_of
from vprog.registry.packages import entry_points, import_file, module_files, owner_of
from vprog.registry.registry import Registry
from vprog.registry.task import installed_tasks


def discover() -> Registry:
    """A registry of every task and module that the installed packages offer.

    Raises:
        RegistrationError: a file cannot be imported, or two names clash.
    """
    limit = os.environ.get("VPROG_MODULES")
    only = {name.strip() for name in limit.split(",")} if limit else None
    registry = Registry(tasks=installed_tasks())
    for point in entry_points():
        for spec in _specs(point, only):
            registry.add(replace(spec, distribution=owner_of(point)))
    return registry


def _specs(point: EntryPoint, only: Collection[str] | None) -> Iterator[ModuleSpec]:
    """The modules of one entry."""
    owner = owner_of(point)
    if not point.attr:
        for name in module_files(point.module):
            if only is None or {point.name, name.rpartition(".")[2]} & set(only):
                yield from _declared_in(name, owner)
    elif only is None or point.name in only:
        try:
            cls = getattr(import_file(point.module, owner), point.attr)
        except AttributeError as error:
            raise RegistrationError(
                f'entry point "{point.name}" of {owner}: {point.module} has no {point.attr}.',
                hint=f"Install {owner} again, or uninstall it.",
            ) from error
        yield spec_of(cls)


def _declared_in(name: str, owner: str) -> Iterator[ModuleSpec]:
    for value in vars(import_file(name, owner)).values():
        spec = vars(value).get("__vprog_module__") if isinstance(value, type) else None
        if isinstance(spec, ModuleSpec) and spec.cls.__module__ == name:
            yield spec
