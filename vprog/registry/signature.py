"""One description of a module's call, read from `__call__`: annotations and docstring.

The prompt, the stubs of the type check, the argument checks, the cache key and
`vprog modules` are all made from this. What the annotations may be is decided here;
checking values against them is the boundary's business (boundary/convert.py).
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass

from vprog.errors import RegistrationError
from vprog.registry.docstring import argument_docs, doc_of
from vprog.registry.grid import Values, check_grid
from vprog.types import VALUE_TYPES, Grid, Length, Range, WrittenOut

SCALARS: tuple[type, ...] = (str, int, float, bool, type(None))


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
"""The default of a parameter that must be given."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a module; `grid` holds the values that its author would try."""

    name: str
    annotation: object
    default: object = MISSING
    bounds: Range | Length | WrittenOut | None = None
    keyword_only: bool = False
    doc: str = ""
    grid: Values = ()

    @property
    def is_required(self) -> bool:
        return self.default is MISSING

    def text(self) -> str:
        """The parameter as it is written in a signature."""
        written = f"{self.name}: {annotation_text(self.annotation)}"
        return written if self.is_required else f"{written} = {self.default!r}"


@dataclass(frozen=True)
class Signature:
    """What a module is called, takes, gives and says of itself."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: object
    doc: str

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.splitlines()[0]

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """Of all parameters."""
        return frozenset(parameter.name for parameter in self.parameters)

    @functools.cached_property
    def positional(self) -> tuple[str, ...]:
        """The names of those that need no keyword."""
        return tuple(parameter.name for parameter in self.parameters if not parameter.keyword_only)

    def text(self) -> str:
        """E.g. `detect(frame: Frame, label: str, *, min_score: float = 0.25) -> list[Box]`."""
        written: list[str] = []
        for at, parameter in enumerate(self.parameters):
            before = self.parameters[at - 1] if at else None
            if parameter.keyword_only and not (before and before.keyword_only):
                written.append("*")
            written.append(parameter.text())
        return f"{self.name}({', '.join(written)}) -> {annotation_text(self.returns)}"

    def same_call(self, other: Signature) -> bool:
        """Whether two implementations of a task can stand for each other.

        Bounds and grids are no part of it: what a program writes is the same.
        """
        return self.text() == other.text()


def read_signature(
    name: str, function: Callable[..., object], *, doc: str = "", is_method: bool = True
) -> Signature:
    """The signature of a module's `__call__` (its `self` left out), or of a task's function.

    Args:
        name: of the task.
        function: what is annotated.
        doc: in place of the function's own docstring.
        is_method: whether its first parameter is `self`.

    Raises:
        RegistrationError: an annotation or the docstring is missing, or an
            annotation is of a kind that cannot cross the sandbox boundary, or a grid holds
            what its parameter does not take.
    """
    doc = doc or doc_of(function)
    where = f'module "{name}"'
    named = "__call__" if is_method else f"{name}()"
    if not doc.strip():
        raise RegistrationError(
            f"{where}: {named} has no docstring.",
            hint="Programs are written from it: say what the caller gets, its units and errors.",
        )
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise RegistrationError(
            f"{where}: an annotation of {named} cannot be resolved: {error}.",
            hint="Import the type at the top of the file.",
        ) from error
    described = argument_docs(doc)
    parameters: list[Parameter] = []
    for parameter in list(inspect.signature(function).parameters.values())[int(is_method) :]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise RegistrationError(
                f"{where}: {named} takes *{parameter.name}.", hint="Name every parameter."
            )
        if parameter.name not in hints:
            raise RegistrationError(
                f"{where}: parameter {parameter.name!r} has no annotation.",
                hint="Annotate it, e.g. `label: str`.",
            )
        annotation, bounds, grid = _strip(hints[parameter.name])
        check_annotation(annotation, f"{where}, parameter {parameter.name!r}")
        if grid is not None:
            check_grid(grid, annotation, bounds, f"{where}, parameter {parameter.name!r}")
        parameters.append(
            Parameter(
                name=parameter.name,
                annotation=annotation,
                default=MISSING if parameter.default is parameter.empty else parameter.default,
                bounds=bounds,
                keyword_only=parameter.kind is parameter.KEYWORD_ONLY,
                doc=described.get(parameter.name, ""),
                grid=() if grid is None else grid.values,
            )
        )
    if "return" not in hints:
        raise RegistrationError(
            f"{where}: {named} has no return annotation.",
            hint="Annotate it: `-> list[Detection]`.",
        )
    returns = _strip(hints["return"])[0]
    check_annotation(returns, f"{where}, result")
    return Signature(name, tuple(parameters), returns, doc)


def check_annotation(annotation: object, where: str) -> None:
    """Refuse an annotation whose values cannot cross the sandbox boundary.

    Allowed: str, int, float, bool, None, the value classes of vprog.types, Literal of
    str or int, list[...], dict[str, ...], tuple[...], and unions of these.
    """
    origin = typing.get_origin(annotation)
    if annotation in SCALARS or annotation is None or annotation in VALUE_TYPES:
        return
    if origin in (typing.Union, types.UnionType):
        for arg in typing.get_args(annotation):
            check_annotation(arg, where)
        return
    if origin is typing.Literal and all(
        isinstance(arg, str | int) for arg in typing.get_args(annotation)
    ):
        return
    arguments = typing.get_args(annotation)
    if origin is list and len(arguments) == 1:
        check_annotation(arguments[0], where)
        return
    if origin is dict and len(arguments) == 2 and arguments[0] is str:
        check_annotation(arguments[1], where)
        return
    if origin is tuple and arguments:
        for argument in arguments:
            if argument is not Ellipsis:
                check_annotation(argument, where)
        return
    raise RegistrationError(
        f"{where}: {annotation_text(annotation)} cannot cross the sandbox boundary.",
        hint="Use numbers, text, the classes of vprog.types, and lists, dicts or tuples of these.",
    )


def annotation_text(annotation: object) -> str:
    """An annotation as it is written in source, without module names."""
    if annotation is None or annotation is type(None):
        return "None"
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(annotation_text(arg) for arg in typing.get_args(annotation))
    if origin is typing.Literal:
        return f"Literal[{', '.join(repr(arg) for arg in typing.get_args(annotation))}]"
    if origin is not None:
        inner = ", ".join(
            "..." if arg is Ellipsis else annotation_text(arg)
            for arg in typing.get_args(annotation)
        )
        return f"{origin.__name__}[{inner}]"
    if isinstance(annotation, type):
        return annotation.__name__
    return str(annotation)


def _strip(
    annotation: object,
) -> tuple[object, Range | Length | WrittenOut | None, Grid | None]:
    """An annotation without its `Annotated`, and the bounds and the grid that stood in it."""
    if typing.get_origin(annotation) is not typing.Annotated:
        return annotation, None, None
    inner, *extras = typing.get_args(annotation)
    bounds = [extra for extra in extras if isinstance(extra, Range | Length | WrittenOut)]
    grids = [extra for extra in extras if isinstance(extra, Grid)]
    return inner, bounds[0] if bounds else None, grids[0] if grids else None
