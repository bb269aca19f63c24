"""vprog answers questions about video by writing and running programs you can audit.

import vprog
result = vprog.solve("kitchen.mp4", "How many people are there?")
result.answer, result.score, result.evidence, result.trace
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vprog.errors import VprogError
    from vprog.registry.module import Call, Weights, module
    from vprog.registry.registry import Registry
    from vprog.solve.rerun.audit import audit
    from vprog.solve.rerun.replay import replay
    from vprog.solve.result import Result
    from vprog.solve.solver import close, run, solve
    from vprog.view.trace import Trace

__version__ = "0.1.0"

_HOMES = {
    "Call": "vprog.registry.module",
    "Registry": "vprog.registry.registry",
    "Result": "vprog.solve.result",
    "Trace": "vprog.view.trace",
    "VprogError": "vprog.errors",
    "Weights": "vprog.registry.module",
    "audit": "vprog.solve.rerun.audit",
    "close": "vprog.solve.solver",
    "module": "vprog.registry.module",
    "replay": "vprog.solve.rerun.replay",
    "run": "vprog.solve.solver",
    "solve": "vprog.solve.solver",
}

__all__ = [
    "Call",
    "Registry",
    "Result",
    "Trace",
    "VprogError",
    "Weights",
    "__version__",
    "audit",
    "close",
    "module",
    "replay",
    "run",
    "solve",
]


def __getattr__(name: str) -> Any:
    """Public names, imported when they are first used: `import vprog` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'vprog' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """The package's own class: `vprog.solve` is the function, whatever was imported first.

    Importing anything from the folder of the same name would put the folder in its place.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
