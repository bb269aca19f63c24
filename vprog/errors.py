"""Every exception vprog raises on purpose. Imports nothing.

    VprogError                     code "internal"     exit 1
      UsageError                   "usage"             exit 2
      VideoError                   "unreadable"        exit 2
        VideoNotFoundError
        VideoUnreadableError
        NoVideoStreamError         the file has sound only
        NoAudioStreamError         the file has a picture only
        SubtitlesUnreadableError
      ModuleError                  "module"            exit 6
        ModuleInputError           an argument is wrong; "module_input"
        ModuleUnknownError         no such module; "module_unknown"
        ModuleFailedError          the implementation broke; "module_failed"
      RegistrationError            a module class is not well formed; exit 1
      MissingError                 "missing"           exit 4
        PackageMissingError
        WeightsMissingError
        JailMissingError           --require-jail cannot be met
      LlmError                     "llm_error"         exit 5
        LlmUnreachableError
        LlmRefusedError
        LlmReplyError              the reply cannot be used
      ProgramError                 "rejected"          exit 6
        ProgramRejectedError       gate or types
        ProgramFailedError         "failed", raised while running
      AbstainedError               "abstained"         exit 7
      LimitError                   "limit"             exit 8
        BudgetError
      TraceError                   "trace"             exit 1
        TraceNotFoundError         exit 2
      DiskFullError                exit 1
      SandboxError                 "sandbox"           exit 1
      ConfigError                  "config"            exit 2

Each carries `message` (what is wrong and where), `hint` (what to do) and `line`
(of the program, when there is one). `code` goes into JSON and to programs.
"""

from __future__ import annotations

from collections.abc import Sequence


class VprogError(Exception):
    """Base of all errors that vprog raises on purpose."""

    code = "internal"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(VprogError):
    """The command or call is put together wrongly."""

    code = "usage"
    exit_code = 2


class ConfigError(VprogError):
    """A setting is unknown or has a value that cannot be."""

    code = "config"
    exit_code = 2


class VideoError(VprogError):
    """An input file cannot give what was asked of it."""

    code = "unreadable"
    exit_code = 2


class VideoNotFoundError(VideoError):
    """No file lies at the path."""


class VideoUnreadableError(VideoError):
    """The file is there, but no frame and no sound can be decoded from it."""


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
    exit_code = 6


class ModuleInputError(ModuleError):
    """An argument of a module call is of the wrong type or out of range."""

    code = "module_input"


class ModuleUnknownError(ModuleError):
    """No module of that name is registered."""

    code = "module_unknown"


class ModuleFailedError(ModuleError):
    """The implementation of a module raised, or returned what it may not."""

    code = "module_failed"


class RegistrationError(VprogError):
    """A module class does not meet what the registry asks of it."""

    code = "registration"


class MissingError(VprogError):
    """Something that was asked for is not installed."""

    code = "missing"
    exit_code = 4


class PackageMissingError(MissingError):
    """A Python package is not installed, or does not import."""


class WeightsMissingError(MissingError):
    """A model's weights are not on this machine."""


class JailMissingError(MissingError):
    """The operating-system jail was required and does not hold here."""


class LlmError(VprogError):
    """The language model gave no usable reply."""

    code = "llm_error"
    exit_code = 5


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
    exit_code = 6


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


class AbstainedError(VprogError):
    """There is no answer that holds."""

    code = "abstained"
    exit_code = 7


class LimitError(VprogError):
    """A limit of time, memory, output or calls ended the program."""

    code = "limit"
    exit_code = 8


class BudgetError(LimitError):
    """The question's budget of calls, seconds or tokens is spent."""


class TraceError(VprogError):
    """A trace cannot be read or written."""

    code = "trace"


class TraceNotFoundError(TraceError):
    """No trace of that name or path."""

    exit_code = 2


class DiskFullError(VprogError):
    """A trace or cache file could not be written: no space is left."""

    code = "disk_full"


class SandboxError(VprogError):
    """The sandbox does not start, or does not keep to its protocol."""

    code = "sandbox"
