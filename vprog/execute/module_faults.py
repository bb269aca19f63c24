"""What a module raised, as one of our errors that names the module, with texts safe to show.

A module is the code of others: it may raise anything, exit the process, forge our own errors, or
write lines that look like ours. What it may say by an error of ours is that an argument is
wrong, that a file, a package, weights or a model cannot give what is asked, or that it failed.
"""

from __future__ import annotations

import vprog.errors as errors
from vprog.boundary.clean_text import clean_line
from vprog.errors import (
    LimitError,
    LlmError,
    MissingError,
    ModuleError,
    ModuleFailedError,
    VideoError,
    VprogError,
    words_of,
)
from vprog.registry.call_context import CallContext
from vprog.registry.module import ModuleSpec

MOST_TEXT = 600
"""Characters of a message, hint or warning of a module that people see."""

_ITS_OWN = (ModuleError, VideoError, MissingError, LlmError)


def module_error(spec: ModuleSpec, error: BaseException, context: CallContext) -> VprogError:
    """The error that a call raises for what its module raised.

    Args:
        spec: of the module.
        error: what it raised, of any kind.
        context: of the call; what the run's budget says now, is believed.

    Raises:
        BudgetError: the run's time or tokens are over: that, and not the module, ended the call.
    """
    if isinstance(error, LimitError):
        context.check()
        context.meter.check()
    if isinstance(error, _ITS_OWN):
        return _restated(spec, error)
    return ModuleFailedError(
        f'module "{spec.name}" failed: {describe(error)}.',
        hint="The trace has the call. This is a fault of the module, not of the program.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a module needed more memory than there is: torch, CUDA and Python say so apart."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "out of memory" in describe(error)


def describe(error: BaseException) -> str:
    """The class and text of an error of others, on one line; its text may itself be broken."""
    return clean_line(words_of(error), MOST_TEXT)


def text_of(value: object) -> str:
    """A text of others on one line, bounded; never an error."""
    try:
        text = value if type(value) is str else str(value)
        return clean_line(text[: 2 * MOST_TEXT].strip(), MOST_TEXT)
    except BaseException as error:
        return f"(its text cannot be made: {describe(error)})"


def _restated(spec: ModuleSpec, error: VprogError) -> VprogError:
    """The same error with safe texts, as the class of ours that it is."""
    message, hint = _field(error, "message"), _field(error, "hint")
    if not spec.is_own and spec.name not in message:
        message = f'module "{spec.name}": {message}'
    base = next(base for base in type(error).__mro__ if base.__module__ == errors.__name__)
    is_plain = base is type(error) and (message, hint) == (error.message, error.hint)
    if is_plain:
        return error
    kind: type[VprogError] = base
    return kind(message, hint=hint)


def _field(error: VprogError, name: str) -> str:
    try:
        return text_of(getattr(error, name))
    except BaseException as raised:  # a property of its own
        return text_of(raised)
