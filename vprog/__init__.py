"""vprog answers questions about video by writing and running programs you can audit.

import vprog
result = vprog.solve("kitchen.mp4", "How many people are there?")
result.answer, result.score, result.evidence, result.trace
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vprog.errors import VprogError
    from vprog.evaluation.audit.audit_run import audit
    from vprog.models.weights import Weights
    from vprog.registry.module import Call, module
    from vprog.registry.registry import Registry
    from vprog.replays.replay_run import replay
    from vprog.runs.result import Result
    from vprog.solver.engine import Engine
    from vprog.solver.many import solve_many
    from vprog.solver.run_handle import RunHandle
    from vprog.solver.settings_dict import SettingsDict
    from vprog.solver.solver import asolve, close, run, solve, start
    from vprog.view.explored_trace import Trace

from vprog.version import __version__

_HOMES = {
    "Call": "vprog.registry.module",
    "Engine": "vprog.solver.engine",
    "Registry": "vprog.registry.registry",
    "Result": "vprog.runs.result",
    "RunHandle": "vprog.solver.run_handle",
    "SettingsDict": "vprog.solver.settings_dict",
    "Trace": "vprog.view.explored_trace",
    "VprogError": "vprog.errors",
    "Weights": "vprog.models.weights",
    "asolve": "vprog.solver.solver",
    "audit": "vprog.evaluation.audit.audit_run",
    "close": "vprog.solver.solver",
    "module": "vprog.registry.module",
    "replay": "vprog.replays.replay_run",
    "run": "vprog.solver.solver",
    "solve": "vprog.solver.solver",
    "solve_many": "vprog.solver.many",
    "start": "vprog.solver.solver",
}

__all__ = [
    "Call",
    "Engine",
    "Registry",
    "Result",
    "RunHandle",
    "SettingsDict",
    "Trace",
    "VprogError",
    "Weights",
    "__version__",
    "asolve",
    "audit",
    "close",
    "module",
    "replay",
    "run",
    "solve",
    "solve_many",
    "start",
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
