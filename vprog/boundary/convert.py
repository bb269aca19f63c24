"""The boundary: every value that a program hands out or a module gives back passes here.

    bind          a call's raw arguments, by name, defaults filled: what modules and cache get
    to_host       one raw value of a program, as an annotation asks
    from_module   one raw result of a module, as its signature promises
    to_sandbox    a checked value as the interpreter takes it
    program_error an error of the host as the program may see it

A value is measured and rebuilt by type in one pass (readers.py), within bounds (size_check.py)
and against the run's own videos (media_facts.py). The interpreter gives a function, a lambda or
a range as its text: where an argument may be a str, only the type check can tell them apart.
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from vprog.boundary.clean_text import clean_line, is_plain
from vprog.boundary.media_facts import MediaFacts, facts_of, result_facts_of
from vprog.boundary.readers import read_value
from vprog.boundary.size_check import Refusal, describe
from vprog.errors import ModuleFailedError, ModuleInputError, VprogError
from vprog.registry.signature import Parameter, Signature
from vprog.types import MAX_ITEMS, VALUE_TYPES, Length, Range, Video, WrittenOut

MAX_MESSAGE = 600


def bind(
    signature: Signature,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    videos: Sequence[Video],
    *,
    written: Collection[str] = (),
) -> dict[str, object]:
    """The arguments of a call, in the order of the signature, every default filled in.

    Args:
        signature: what the module takes.
        args: raw and hostile.
        kwargs: likewise.
        videos: the run's own; frames, boxes and spans are checked against them.
        written: the texts that stand in the program, for those that must (WrittenOut).

    Raises:
        ModuleInputError: with the argument, what it must be and the signature.
    """
    raw = _match(signature, args, kwargs)
    facts = facts_of(tuple(videos))
    values: dict[str, object] = {}
    for parameter in signature.parameters:
        name = parameter.name
        if name not in raw:
            default = parameter.default
            values[name] = list(default) if isinstance(default, list) else default
            continue
        try:
            _check_items(raw[name])
            value = read_value(raw[name], parameter.annotation, from_module=False, facts=facts)
            if parameter.bounds is not None:
                _check_bounds(value, parameter, parameter.bounds, written)
        except Refusal as refusal:
            raise ModuleInputError(
                f"{signature.name}({name}): {_tell(refusal)}.",
                hint=f"Signature: {signature.text()}",
            ) from None
        if isinstance(value, Video) and not any(
            isinstance(known, Video) for known in values.values()
        ):
            facts = MediaFacts(videos, spans_of=value)
        values[name] = value
    return values


def to_host(raw: object, annotation: object, videos: Sequence[Video], *, where: str) -> object:
    """One raw value of a program as our own types.

    Raises:
        ModuleInputError: it is not what the annotation asks.
    """
    try:
        return read_value(raw, annotation, from_module=False, facts=facts_of(tuple(videos)))
    except Refusal as refusal:
        raise ModuleInputError(f"{where}: {_tell(refusal)}.") from None


def from_module(
    raw: object,
    annotation: object,
    *,
    where: str,
    videos: Sequence[Video] = (),
    about: Sequence[Video] = (),
) -> object:
    """One raw result of a module as its signature promises it, rebuilt.

    numpy's numbers become Python's, control characters in texts U+FFFD.

    Args:
        raw: what the module returned.
        annotation: what it declares to return.
        where: the module's name.
        videos: of the run: times, frames and boxes must lie in them; none, and they may lie
            anywhere.
        about: those that the call names; its times must lie in these.

    Raises:
        ModuleFailedError: it returned something else, or too much, or what lies outside the file.
    """
    facts = result_facts_of(tuple(videos), tuple(about)) if videos else None
    try:
        _check_items(raw)
        return read_value(raw, annotation, from_module=True, tolerance=1, facts=facts)
    except Refusal as refusal:
        raise ModuleFailedError(
            f'module "{where}": its result{refusal.path} {refusal.text}.',
            hint="This is a fault of the module, not of the program: report it to its author.",
        ) from None


def to_sandbox(value: object) -> object:
    """A checked value as the interpreter takes it: our classes print as `Span(...)` inside."""
    kind = type(value)
    twin = _twins().get(kind)
    if twin is not None:
        return twin(*_inside(value))  # type: ignore[arg-type]
    if kind is list:
        return _inside(value)  # type: ignore[arg-type]
    if kind is tuple:
        return tuple(_inside(value))  # type: ignore[arg-type]
    if kind is dict:
        return dict(zip(value, _inside(value.values()), strict=True))  # type: ignore[attr-defined, call-overload]
    if kind in _SIMPLE:
        return value
    raise TypeError(f"to_sandbox: only checked values cross, got {describe(value)}")


def program_error(error: VprogError) -> tuple[str, str]:
    """The type name and text under which a program sees an error of the host.

    Only what is wrong with an argument is told in words of ours; what broke in the host,
    and where, is for the trace.
    """
    if isinstance(error, ModuleInputError):
        text = f"{error.message} {error.hint}".strip()
        return "ValueError", clean_line(text, MAX_MESSAGE)
    kind, text = _TEXTS.get(error.code, ("RuntimeError", "the call did not give a result"))
    return kind, f"{error.code}: {text}"


_SIMPLE = frozenset({str, int, float, bool, type(None)})
_TEXTS = {
    "module_failed": ("RuntimeError", "the module broke on this call"),
    "module_unknown": ("NameError", "there is no module of this name"),
    "module": ("RuntimeError", "the module gave no result"),
    "no_video": ("ValueError", "the video has no picture"),
    "no_audio": ("ValueError", "the video has no sound"),
    "unreadable": ("ValueError", "this part of the video cannot be read"),
    "missing": ("RuntimeError", "what this module needs is not installed here"),
    "llm_error": ("RuntimeError", "the model did not reply"),
    "limit": ("RuntimeError", "a limit or budget of this question is used up"),
}


def _tell(refusal: Refusal) -> str:
    return f"{refusal.path.lstrip('.')} {refusal.text}".strip()


def _inside(values: Iterable[object]) -> list[object]:
    return [value if type(value) in _SIMPLE else to_sandbox(value) for value in values]


@functools.cache
def _twins() -> dict[type, Callable[..., Any]]:
    """Our classes under the module name that the interpreter leaves out when it prints."""
    return {
        value_type: namedtuple(value_type.__name__, value_type._fields, module="builtins")  # type: ignore[attr-defined]
        for value_type in VALUE_TYPES
    }


def _match(
    signature: Signature, args: Sequence[object], kwargs: Mapping[str, object]
) -> dict[str, object]:
    """Which raw value goes to which parameter."""
    positional, names = signature.positional, signature.names

    def wrong(text: str) -> ModuleInputError:
        return ModuleInputError(
            f"{signature.name}(): {text}", hint=f"Signature: {signature.text()}"
        )

    if len(args) > len(positional):
        raise wrong(f"takes {len(positional)} positional arguments, got {len(args)}.")
    raw = dict(zip(positional, args, strict=False))
    for name, value in kwargs.items():
        shown = clean_line(str(name), 60)
        if name not in names:
            raise wrong(f'has no argument "{shown}".')
        if name in raw:
            raise wrong(f'"{shown}" is given twice.')
        raw[name] = value
    for parameter in signature.parameters:
        if parameter.is_required and parameter.name not in raw:
            raise wrong(f'"{parameter.name}" is missing.')
    return raw


def _check_items(raw: object) -> None:
    """Refuse a list of more items than a call takes or gives, before any of them is read."""
    if type(raw) in (list, tuple, dict) and len(raw) > MAX_ITEMS:  # type: ignore[arg-type]
        raise Refusal(
            f"must have at most {MAX_ITEMS} items, has {len(raw)}"  # type: ignore[arg-type]
        )


def _check_bounds(
    value: object,
    parameter: Parameter,
    bounds: Range | Length | WrittenOut,
    written: Collection[str],
) -> None:
    if isinstance(bounds, WrittenOut):
        if value != parameter.default and value not in written:
            raise Refusal(
                "must be one text written out in the program, not one that was read or put together"
            )
        if isinstance(value, str) and len(value) > bounds.high:
            raise Refusal(f"must have at most {bounds.high} characters, has {len(value)}")
    elif isinstance(bounds, Range):
        if isinstance(value, int | float) and not bounds.low <= value <= bounds.high:
            raise Refusal(f"must lie in [{bounds.low:g}, {bounds.high:g}], is {value:g}")
    elif isinstance(bounds, Length) and isinstance(value, str):
        if not bounds.low <= len(value.strip()) or len(value) > bounds.high:
            raise Refusal(
                f"must have {bounds.low} to {bounds.high} characters, got {describe(value)}"
            )
        if not is_plain(value):
            raise Refusal("must be one line of printable text, holds other characters")
    elif (
        isinstance(bounds, Length)
        and isinstance(value, list)
        and not (bounds.low <= len(value) <= bounds.high)
    ):
        raise Refusal(f"must have {bounds.low} to {bounds.high} items, has {len(value)}")
