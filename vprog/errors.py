"""Every exception vprog raises on purpose.

    VprogError
      UsageError
      ConfigError
      VideoError
        VideoNotFoundError
        VideoUnreadableError
          VideoChangedError        it was another file when the question began
          DecoderDiedError         what decodes it crashed, hangs or was killed
        NoVideoStreamError         the file has sound only
        NoAudioStreamError         the file has a picture only
        SubtitlesUnreadableError
      ModuleError
        ModuleInputError           an argument is wrong
        ModuleUnknownError         no such module
        ModuleFailedError          the implementation broke
      RegistrationError            a module class is not well formed
      MissingError
        PackageMissingError
        WeightsMissingError
        JailMissingError           --require-jail cannot be met
      LlmError
        LlmUnreachableError
        LlmRefusedError
        LlmReplyError              the reply cannot be used
      ProgramError
        ProgramRejectedError       gate or types
        ProgramFailedError         raised while running
      AbstainedError
      LimitError
        BudgetError
        BusyError                  as many questions as may be at a time
      TraceError
        TraceNotFoundError
      DiskFullError
      SandboxError
      NodeLostError                a machine that was answering is gone

Each carries `message` (what is wrong and where), `hint` (what to do) and `line`
(of the program, when there is one). `code` goes into JSON and to programs; `status`, with its
exit code, is how a question ends that the error ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from vprog.exit_status import Status


class VprogError(Exception):
    """Base of all errors that vprog raises on purpose.

    Attributes:
        code: the kind of error, for JSON and for programs.
        status: how a question ends that the error ends.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[Status] = Status.INTERNAL

    def __init__(self, message: str, *, hint: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return self.status.exit_code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(VprogError):
    """The command or call is put together wrongly."""

    code = "usage"
    status = Status.UNREADABLE


class ConfigError(VprogError):
    """A setting is unknown or has a value that cannot be."""

    code = "config"
    status = Status.UNREADABLE


class VideoError(VprogError):
    """An input file cannot give what was asked of it."""

    code = "unreadable"
    status = Status.UNREADABLE


class VideoNotFoundError(VideoError):
    """No file lies at the path."""


class VideoUnreadableError(VideoError):
    """The file is there, but no frame and no sound can be decoded from it."""


class VideoChangedError(VideoUnreadableError):
    """The file is no longer the one that was opened: what was read of it holds no longer."""


class DecoderDiedError(VideoUnreadableError):
    """The process that decodes the file crashed, hangs or was killed: nothing more comes of it."""


class NoVideoStreamError(VideoError):
    """The file has no picture."""

    code = "no_video"


class NoAudioStreamError(VideoError):
    """The file has no sound."""

    code = "no_audio"


class SubtitlesUnreadableError(VideoError):
    """A subtitle file or stream cannot be parsed."""


class ModuleError(VprogError):
    """A module call did not give a result."""

    code = "module"
    status = Status.FAILED


class ModuleInputError(ModuleError):
    """An argument of a module call is of the wrong type or out of range."""

    code = "module_input"


class ModuleUnknownError(ModuleError):
    """No module of that name is registered."""

    code = "module_unknown"
    status = Status.UNREADABLE
    """A setting or command named it: programs that name it are rejected before they run."""


class ModuleFailedError(ModuleError):
    """The implementation of a module raised, or returned what it may not."""

    code = "module_failed"


class RegistrationError(VprogError):
    """A module class does not meet what the registry asks of it."""

    code = "registration"


class MissingError(VprogError):
    """Something that was asked for is not installed."""

    code = "missing"
    status = Status.MISSING


class PackageMissingError(MissingError):
    """A Python package is not installed, or does not import."""


class WeightsMissingError(MissingError):
    """A model's weights are not on this machine."""


class JailMissingError(MissingError):
    """The operating-system jail was required and does not hold here."""


class LlmError(VprogError):
    """The language model gave no usable reply."""

    code = "llm_error"
    status = Status.LLM_ERROR


class LlmUnreachableError(LlmError):
    """No connection, or no reply in time."""


class LlmRefusedError(LlmError):
    """The server answered with a refusal: key, quota, model name, request."""


class LlmReplyError(LlmError):
    """The reply came, but it is empty, cut short, or not what the protocol says.

    `tokens_in` and `tokens_out` are what it cost all the same, where the server says so.
    """

    tokens_in = 0
    tokens_out = 0


class ProgramError(VprogError):
    """A program did not reach an answer."""

    code = "rejected"
    status = Status.REJECTED


class ProgramRejectedError(ProgramError):
    """The gate or the type check refused the program; nothing of it ran.

    `problems` are (line, message) pairs, each written for the program's writer to repair from.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        line: int | None = None,
        problems: Sequence[tuple[int, str]] = (),
    ) -> None:
        super().__init__(message, hint=hint, line=line)
        self.problems = tuple(problems)


class ProgramFailedError(ProgramError):
    """The program ran and raised, or ended without calling `answer`."""

    code = "failed"
    status = Status.FAILED


class AbstainedError(VprogError):
    """There is no answer that holds."""

    code = "abstained"
    status = Status.ABSTAINED


class LimitError(VprogError):
    """A limit of time, memory, output or calls ended the program."""

    code = "limit"
    status = Status.LIMIT


class BudgetError(LimitError):
    """The question's budget of calls, seconds or tokens is spent."""


class BusyError(LimitError):
    """As many questions are being answered as there may be at a time."""

    code = "busy"


class TraceError(VprogError):
    """A trace cannot be read or written."""

    code = "trace"


class TraceNotFoundError(TraceError):
    """No trace of that name or path."""

    status = Status.UNREADABLE


class DiskFullError(VprogError):
    """A trace or cache file could not be written: no space is left."""

    code = "disk_full"


class SandboxError(VprogError):
    """The sandbox does not start, or does not keep to its protocol."""

    code = "sandbox"


class NodeLostError(VprogError):
    """Every machine of a cluster that was given the question was lost."""

    code = "node_lost"


def words_of(error: BaseException) -> str:
    """The class and text of an error of others, on one line; its text may itself be broken."""
    kind = type(error).__name__
    try:
        text = str(error)[:2000]
    except BaseException as broken:
        text = f"(its text cannot be made: {type(broken).__name__})"
    return " ".join(f"{kind}: {text}".split())[:600] if text else kind
