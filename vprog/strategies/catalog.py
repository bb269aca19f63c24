"""The strategies by name, and the one way to run any of them to a result.

vprog's own stand in this folder, each in a file with a line `@strategy(...)`. Installed packages
add theirs in the entry-point group `vprog.strategies`; an entry names the declared function, or
the file in which it stands:

    [project.entry-points."vprog.strategies"]
    twice = "my_package.twice"
"""

from __future__ import annotations

import difflib
import functools
import importlib
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from vprog.errors import ConfigError, RegistrationError, VprogError
from vprog.llm.language_model import LanguageModel
from vprog.registry.packages import owner_of
from vprog.runs.result import Result
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies import fast
from vprog.strategies.strategy import Strategy

DEFAULT = "look_first"
GROUP = "vprog.strategies"

_DECLARES = re.compile(r"^@strategy\(", flags=re.MULTILINE)


@functools.cache
def strategies() -> Mapping[str, Strategy]:
    """Every strategy by its name, the default first; then those of packages after vprog's own.

    Raises:
        RegistrationError: two have one name, or a package's cannot be imported.
    """
    by_name: dict[str, Strategy] = {}
    owners: dict[str, str] = {}
    for owner, strategy in [*_own(), *_installed()]:
        if strategy.name in by_name:
            raise RegistrationError(
                f'two strategies are called "{strategy.name}": of {owners[strategy.name]} and '
                f"of {owner}.",
                hint="Give one another name, or uninstall its package.",
            )
        by_name[strategy.name], owners[strategy.name] = strategy, owner
    return {DEFAULT: by_name.pop(DEFAULT), **by_name}


def find_strategy(name: str) -> Strategy:
    """The strategy of a name.

    Raises:
        ConfigError: there is none.
        RegistrationError: as `strategies`.
    """
    known = strategies()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise ConfigError(
            f'unknown strategy "{name}".{guess}', hint=f"There are: {', '.join(known)}."
        )
    return known[name]


def solve_by(strategy: Strategy, run: Run, model: LanguageModel | None) -> Result:
    """Answer a question by a strategy; what ends it is in the result."""
    workspace = Workspace(run, model)
    try:
        attempt = strategy.solve(workspace)
        if not strategy.asks_writer:
            fast.hold_floor(workspace, attempt, hint="take another strategy")
    except VprogError as error:
        return workspace.ended_by(error)
    finally:
        workspace.close()
    return workspace.result(attempt)


def _own() -> Iterator[tuple[str, Strategy]]:
    """Those of this folder, by file name; a file that declares none is not imported."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if _DECLARES.search(path.read_text(encoding="utf-8")):
            name = f"vprog.strategies.{path.stem}"
            for strategy in _declared_in(importlib.import_module(name)):
                yield name, strategy


def _installed() -> Iterator[tuple[str, Strategy]]:
    """Those that installed packages register, by the name of the entry."""
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        owner = owner_of(point)
        try:
            target = point.load()
        except Exception as error:  # the code of others
            raise RegistrationError(
                f'strategy "{point.name}" of {owner} does not load: '
                f"{type(error).__name__}: {error}.",
                hint=f"Mend {point.module}, or uninstall its package.",
            ) from error
        declared = [target] if isinstance(target, Strategy) else _declared_in(target)
        if not declared:
            raise _undeclared(point, owner)
        yield from ((owner, strategy) for strategy in declared)


def _declared_in(file: object) -> list[Strategy]:
    """The strategies of a file, without those that it imports."""
    return [
        value
        for value in vars(file).values()
        if isinstance(value, Strategy) and value.solve.__module__ == vars(file)["__name__"]
    ]


def _undeclared(point: EntryPoint, owner: str) -> RegistrationError:
    return RegistrationError(
        f'strategy "{point.name}" of {owner}: {point.value} declares none.',
        hint="Put @strategy(name, summary) from vprog.strategies.strategy above its function.",
    )
