"""The contract of a task: what a word in programs takes, gives and means, whoever does it.

A contract is a function without a body under `@task`, in the folder `tasks/` of a package. The
prompt, the stubs, the argument checks and the help are made from it; classes that do the work
name it, `@implements("detect")`, and are held to it.
"""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, overload

from vprog.errors import RegistrationError
from vprog.registry.origin import Origin, origin_of
from vprog.registry.packages import entry_points, import_tasks
from vprog.registry.signature import Signature, annotation_text, read_signature

RESERVED = frozenset({"video", "videos", "question", "choices", "answer", "abstain"})
"""Names that every program has and no task may take."""


@dataclass(frozen=True)
class Task:
    """A contract, and the file that declares it."""

    signature: Signature
    home: str
    origin: Origin

    @property
    def name(self) -> str:
        """The word in programs."""
        return self.signature.name

    def signature_of(self, own: Signature, where: str) -> Signature:
        """An implementation's signature: its own bounds and grids, where it has some, and ours.

        Raises:
            RegistrationError: it is not called as the contract says.
        """
        if not own.same_call(self.signature):
            raise RegistrationError(
                f"{where}: {self._difference(own)}.",
                hint=f"Every implementation has the signature of its task, "
                f"{self.signature.text()}; it stands in {self.home}.",
            )
        return replace(
            own,
            parameters=tuple(
                replace(
                    parameter,
                    bounds=parameter.bounds or ours.bounds,
                    grid=parameter.grid or ours.grid,
                )
                for parameter, ours in zip(own.parameters, self.signature.parameters, strict=True)
            ),
        )

    def _difference(self, own: Signature) -> str:
        """The first thing in which an implementation's call differs."""
        theirs = {parameter.name: parameter for parameter in own.parameters}
        ours = {parameter.name: parameter for parameter in self.signature.parameters}
        for name in theirs.keys() - ours.keys():
            return f'__call__ takes "{name}", which the task does not'
        for name, parameter in ours.items():
            if name not in theirs:
                return f'__call__ lacks the parameter "{name}"'
            if theirs[name].text() != parameter.text():
                return f"__call__ takes {theirs[name].text()}, the task {parameter.text()}"
        if annotation_text(own.returns) != annotation_text(self.signature.returns):
            return (
                f"__call__ returns {annotation_text(own.returns)}, "
                f"the task {annotation_text(self.signature.returns)}"
            )
        return f"{own.text()} has its parameters in another order"


_TASKS: dict[str, Task] = {}

_Function = TypeVar("_Function", bound=Callable[..., object])


@overload
def task(function: _Function, /) -> _Function: ...


@overload
def task(
    *, looks: bool | None = None, passes_on: Sequence[str] | None = None
) -> Callable[[_Function], _Function]: ...


def task(
    function: _Function | None = None,
    /,
    *,
    looks: bool | None = None,
    passes_on: Sequence[str] | None = None,
) -> object:
    """Declare a task: the function's name, annotations and docstring are its contract.

    Args:
        function: where nothing else is declared, `@task`.
        looks: whether it reads the media itself; see registry/origin.py, also for what holds
            where nothing is said.
        passes_on: the parameters whose values come back in its result.

    Raises:
        RegistrationError: the name is no word that programs can use, or taken; or an
            annotation or the docstring is missing, or `passes_on` names no parameter.

    Example:
        >>> @task
        ... def detect(frame: Frame, label: Annotated[str, PHRASE]) -> list[Detection]:
        ...     '''Find every thing of one kind in a picture.'''
    """

    def declare(function: _Function) -> _Function:
        name, home = function.__name__, f"{function.__module__}"
        check_word(name)
        if name in _TASKS and _TASKS[name].home != home:
            raise RegistrationError(
                f'task "{name}" of {home} is declared already, by {_TASKS[name].home}.',
                hint=f'Name that one, @implements("{name}"), or choose another word.',
            )
        signature = read_signature(name, function, is_method=False)
        _TASKS[name] = Task(signature, home, origin_of(signature, looks, passes_on))
        return function

    return declare if function is None else declare(function)


def check_word(name: str) -> None:
    """Refuse what cannot be a word of programs.

    Raises:
        RegistrationError: it is no plain identifier, or every program has it.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        raise RegistrationError(
            f'task "{name}": a task must be a plain identifier.', hint='Use a verb: "detect".'
        )
    if name in RESERVED:
        raise RegistrationError(
            f'task "{name}": the name belongs to every program.', hint="Choose another verb."
        )


def find_task(name: str, file: str) -> Task:
    """The contract that an implementation names.

    Args:
        name: the word in programs.
        file: the dotted name of the implementation's file: its own package is searched first.

    Raises:
        RegistrationError: there is none.
    """
    if name not in _TASKS:
        import_tasks(file.partition(".")[0])
    if name not in _TASKS:
        installed_tasks()
    if name not in _TASKS:
        near = difflib.get_close_matches(name, _TASKS, n=1)
        raise RegistrationError(
            f'{file}: there is no task "{name}".' + (f' Did you mean "{near[0]}"?' if near else ""),
            hint=f"Declare it in the folder tasks/ of your package, or write "
            f'@module("{name}"), which declares the task and the module in one.',
        )
    return _TASKS[name]


def installed_tasks() -> list[Task]:
    """Every contract of the packages that register modules, by name.

    Raises:
        RegistrationError: a file of contracts cannot be imported, or two clash.
    """
    packages = {point.module.partition(".")[0] for point in entry_points()}
    for package in sorted(packages):
        import_tasks(package)
    return [
        _TASKS[name] for name in sorted(_TASKS) if _TASKS[name].home.partition(".")[0] in packages
    ]
