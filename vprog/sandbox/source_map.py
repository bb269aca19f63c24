"""Where in a program something happened: the VM's byte offsets as cell, line and column."""

from __future__ import annotations

import re
from typing import Any, final

_SOURCE_NAME = re.compile(r"<python-input-(\d+)>")


@final
class SourceMap:
    """The sources of a program's cells. The VM's feed 0 is the prelude, feed 1 cell 0."""

    def __init__(self, sources: list[str] | None = None) -> None:
        self.sources = list(sources or [])
        self._encoded: dict[int, bytes] = {}
        self._calls: dict[tuple[str, int], tuple[int, int, int]] = {}
        """Positions that were asked for: a loop's calls stand at one."""

    def of_call(self, position: Any) -> tuple[int, int, int]:
        """Cell, line and column of the VM's position; (-1, 0, 0) outside all cells."""
        key = (position.filename, position.start)
        if key not in self._calls:
            self._calls[key] = self._of_call(*key)
        return self._calls[key]

    def _of_call(self, filename: str, start: int) -> tuple[int, int, int]:
        cell = self._cell(filename)
        if cell < 0:
            return -1, 0, 0
        if cell not in self._encoded:
            self._encoded[cell] = self.sources[cell].encode("utf-8", "surrogatepass")
        before = self._encoded[cell][:start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", "replace")) + 1
        return cell, before.count(b"\n") + 1, column

    def of_error(self, error: Any) -> tuple[int, int]:
        """Cell and line of the innermost line of the program's own that an error went through."""
        frames = error.traceback() if hasattr(error, "traceback") else []
        for frame in reversed(frames):
            cell = self._cell(frame.filename)
            if cell >= 0:
                return cell, frame.line
        return -1, 0

    def _cell(self, filename: str) -> int:
        found = _SOURCE_NAME.fullmatch(filename)
        cell = int(found.group(1)) - 1 if found else -1
        return cell if cell < len(self.sources) else -1
