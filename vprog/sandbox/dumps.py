"""A program's state as bytes: the VM's own dump, and what calls and positions need."""

from __future__ import annotations

import msgspec

from vprog.boundary.clean_text import clean_line
from vprog.errors import LimitError, SandboxError, VprogError

FORMAT = 1


class Dump(msgspec.Struct, array_like=True):
    """What `Session.dump` gives, unpacked."""

    format: int
    vm_version: str
    is_waiting: bool
    functions: list[str]
    sources: list[str]
    state: bytes


def pack(*, is_waiting: bool, functions: list[str], sources: list[str], state: bytes) -> bytes:
    """The dump as bytes."""
    return msgspec.msgpack.encode(
        Dump(FORMAT, _vm_version(), is_waiting, functions, sources, state)
    )


def unpack(data: bytes) -> Dump:
    """The dump that `pack` wrote.

    Raises:
        SandboxError: the bytes are none, or of another version.
    """
    try:
        dump = msgspec.msgpack.decode(data, type=Dump)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SandboxError("sandbox: these bytes are not a dump of a program.") from error
    if dump.format != FORMAT or dump.vm_version != _vm_version():
        raise SandboxError(
            f"sandbox: the dump is of pydantic-monty {clean_line(dump.vm_version, 40)}, "
            f"here is {_vm_version()}.",
            hint="Run the program again: a dump loads in the same version only.",
        )
    return dump


def cannot_keep(error: Exception) -> VprogError:
    """What to raise where the VM cannot make or take a dump.

    It needs memory beside the state: a program that is close to its limit cannot be kept.
    """
    text = clean_line(str(error))
    if "memory" in text or "crashed" in text:
        return LimitError(
            f"sandbox: the program holds too much to be kept: {text}.",
            hint="Hold fewer or smaller values.",
        )
    return SandboxError(f"sandbox: the dump does not load: {text}")


def _vm_version() -> str:
    from pydantic_monty import __version__

    return str(__version__)
