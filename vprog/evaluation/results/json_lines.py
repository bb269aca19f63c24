"""Files of JSON lines that grow line by line, and are gone on with after a kill."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.file_locks import lock_file


class KeptLine(Protocol):
    """What a line holds: what came of a case, and of what it was made."""

    @property
    def id(self) -> str:
        """Of the case."""

    @property
    def made_of(self) -> str:
        """Equal for equal runs and settings."""

    @property
    def error(self) -> str:
        """Why nothing came of it, so that it is tried again; "" otherwise."""


_Line = TypeVar("_Line", bound=KeptLine)


def json_lines(
    lines: Iterable[bytes], kind: Any, where: str, *, is_growing: bool = False
) -> Iterator[tuple[bytes, Any]]:
    """JSON lines, each with its object; of a growing file, what was cut off is left out.

    Args:
        lines: each as it ends, such as a file gives them.
        kind: of the objects.
        where: the file, for messages.
        is_growing: whether a line may be half written.

    Raises:
        UsageError: a line is none of this kind.
    """
    decoder = msgspec.json.Decoder(kind)
    for number, ended in enumerate(lines, start=1):
        line = ended.removesuffix(b"\n")
        if not line.strip():
            continue
        try:
            yield line, decoder.decode(line)
        except msgspec.MsgspecError as error:
            is_cut = isinstance(error, msgspec.DecodeError) and not isinstance(
                error, msgspec.ValidationError
            )
            if is_growing and is_cut:
                continue  # a killed process left it half written
            raise UsageError(
                f"{where} line {number}: not of an evaluation: {error}.",
                hint="Name another folder.",
            ) from error


def go_on(
    path: Path,
    kind: type[_Line],
    wanted: Iterable[tuple[str, str]],
    make: Callable[[str, str], _Line],
    listen: Callable[[_Line], None],
) -> list[_Line]:
    """The lines of a file for some cases; those that it lacks are made, and added to it.

    Args:
        path: the file; it may be there already.
        kind: of its lines.
        wanted: the id of each case, and what its line must be made of.
        make: makes the line of these.
        listen: is told of each line that is made.

    Raises:
        UsageError: a line is none of this kind, or another process writes to the file.
    """
    found = []
    with path.open("ab") as file:
        lock_file(file, path)
        data = path.read_bytes()
        lines = json_lines(io.BytesIO(data), kind, str(path), is_growing=True)
        kept: dict[str, _Line] = {line.id: line for _, line in lines}
        if data and not data.endswith(b"\n"):
            file.write(b"\n")  # a killed process left its line half written
        for case_id, made_of in wanted:
            line = kept.get(case_id)
            if line is None or line.error or line.made_of != made_of:
                line = make(case_id, made_of)
                file.write(msgspec.json.encode(line) + b"\n")
                file.flush()
                listen(line)
            found.append(line)
    return found
