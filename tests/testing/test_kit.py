from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path

import pytest

from vprog.errors import RegistrationError
from vprog.testing import check_module

HEAD = """\
from __future__ import annotations

import threading
from typing import Annotated

from vprog.errors import ModuleInputError, NoAudioStreamError
from vprog.registry.call_context import current
from vprog.registry.module import Call, module
from vprog.types import PHRASE, Box, Detection, Event, Frame, Range, Span, Video

Phrase = Annotated[str, PHRASE]
Share = Annotated[float, Range(0, 1)]
"""

GOOD_FRAME = '''
@module("count_pixels", batch=4)
class CountPixels:
    def load(self, device: str) -> None:
        self.bias = 0

    def __call__(self, frame: Frame, label: Phrase, *, scale: Share = 1.0) -> list[Detection]:
        """Find the picture.

        Args:
            frame: the picture.
            label: what to call it, e.g. "picture".
            scale: its size.

        Returns:
            One detection.
        """
        return self.find(current(), frame, label, scale)

    def find(self, media, frame, label, scale):
        pixels = media.pixels(frame)
        height, width = pixels.shape[:2]
        box = Box(0.0, 0.0, width * scale, height * scale)
        return [Detection(label, box, float(pixels.mean()) / 255, frame)]

    def batch(self, calls: list[Call]) -> list[list[Detection]]:
        return [self.find(each.context, **each.arguments) for each in calls]

    def unload(self) -> None:
        del self.bias
'''

GOOD_VIDEO = '''
@module("find_ends")
class FindEnds:
    def __call__(self, video: Video, *, span: Span | None = None) -> list[Event]:
        """Find the ends.

        Args:
            video: the file.
            span: a part of it.

        Returns:
            Two events.
        """
        whole = span or Span(0.0, video.duration)
        return [Event("end", each, each, 1.0) for each in whole]
'''

_numbers = itertools.count()


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a module file, imports it, and gives (check, message) of each finding."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def check(source: str, name: str, **options: object) -> list[tuple[str, str]]:
        file = f"checked_{next(_numbers)}"
        (tmp_path / f"{file}.py").write_text(
            source if source.startswith(HEAD[:30]) else HEAD + source
        )
        cls = getattr(importlib.import_module(file), name)
        try:
            return [(finding.check, str(finding)) for finding in check_module(cls, **options)]
        finally:
            del sys.modules[file]

    return check


@pytest.mark.parametrize(
    ("source", "name"), [(GOOD_FRAME, "CountPixels"), (GOOD_VIDEO, "FindEnds")]
)
def test_kit_finds_nothing_in_a_good_module(found, source: str, name: str) -> None:
    assert found(source, name) == []


FRAME_FAULTS: list[tuple[str, str, str, str, str]] = [
    (
        "no returns section",
        "        Returns:\n            One detection.\n",
        "",
        "declaration",
        "no Returns",
    ),
    ("a parameter not described", "            scale: its size.\n", "", "declaration", '"scale"'),
    ("a default of another type", "= 1.0)", "= True)", "declaration", 'default of "scale"'),
    ("a heavy import", "import threading", "import threading, cv2", "import", "imports cv2"),
    (
        "a package that it needs",
        "import threading",
        "import threading, networkx",
        "import",
        "imports networkx",
    ),
    (
        "output at import",
        "import threading",
        "import threading; print('hi')",
        "import",
        'prints "hi"',
    ),
    ("load breaks", "self.bias = 0", "self.bias = 1 / 0", "load", "ZeroDivisionError"),
    (
        "load lacks a package",
        "self.bias = 0",
        "import no_such_package",
        "load",
        "no_such_package",
    ),
    (
        "unload breaks",
        "del self.bias",
        "del self.nothing",
        "load",
        "unload() raised AttributeError",
    ),
    (
        "a result of another type",
        "return [Detection(",
        "return [(",
        "result",
        "returned what it may not",
    ),
    (
        "a box outside the picture",
        "width * scale",
        "width + 50",
        "result",
        "returned what it may not",
    ),
    (
        "a frame outside the video",
        "255, frame)]",
        "255, frame._replace(time=99.0))]",
        "result",
        "returned what it may not",
    ),
    (
        "not a number",
        "float(pixels.mean()) / 255",
        "float('nan')",
        "result",
        "returned what it may not",
    ),
    ("a foreign error", "pixels = media", "[][0]; pixels = media", "result", "raised IndexError"),
    (
        "an error without a hint",
        "pixels = media",
        'raise ModuleInputError("no."); pixels = media',
        "result",
        "without saying what to do",
    ),
    (
        "all refused",
        "pixels = media",
        'raise ModuleInputError("not this.", hint="Another."); pixels = media',
        "result",
        "none of the kit's calls",
    ),
    (
        "state between calls",
        "height, width =",
        "self.bias += 0.001; height, width =",
        "determinism",
        "two results",
    ),
    (
        "chance at load",
        "self.bias = 0",
        "import random; self.bias = random.random()",
        "",
        "",
    ),
    (
        "a batch of another order",
        "for each in calls]",
        "for each in calls[::-1]]",
        "batch",
        "another result",
    ),
    (
        "a batch that loses calls",
        "for each in calls]",
        "for each in calls[1:]]",
        "batch",
        "one result a call",
    ),
    (
        "a batch with current()",
        "self.find(each.context,",
        "self.find(current(),",
        "batch",
        "raised",
    ),
    (
        "the network",
        "height, width =",
        "self.phone(); height, width =",
        "network",
        "getaddrinfo '127.0.0.1'",
    ),
]

PHONE = """
    def phone(self):
        import socket
        try:
            socket.create_connection(("127.0.0.1", 9), timeout=0.2)
        except OSError:
            pass
"""


@pytest.mark.parametrize(
    ("old", "new", "check", "message"),
    [frame_fault[1:] for frame_fault in FRAME_FAULTS],
    ids=[frame_fault[0] for frame_fault in FRAME_FAULTS],
)
def test_kit_finds_a_planted_fault(found, old: str, new: str, check: str, message: str) -> None:
    source = HEAD + GOOD_FRAME.replace("batch=4)", 'batch=4, needs=("networkx",))') + PHONE
    assert source.count(old) >= 1
    planted = source.replace(old, new, 1)
    if check == "determinism":
        planted = planted.replace("255, frame)", "255 * (1 - self.bias), frame)")
    seen = found(planted, "CountPixels")
    if not check:
        assert seen == []
        return
    assert [sighting for sighting in seen if sighting[0] == check and message in sighting[1]], seen
    assert {item[0] for item in seen} == {check}


def test_kit_finds_a_fresh_instance_that_differs(found) -> None:
    source = GOOD_FRAME.replace("self.bias = 0", "import random; self.bias = random.random()")
    source = source.replace("255, frame)", "255 * self.bias, frame)")
    seen = found(source, "CountPixels")
    assert [sighting[0] for sighting in seen] == ["determinism"]
    assert "fresh instance" in seen[0][1]


VIDEO_FAULTS: list[tuple[str, str, str, str, str]] = [
    (
        "breaks on one frame",
        "whole = span",
        "current().frame_times(video.index)[1] if video.width else 0; whole = span",
        "result",
        "a video of one frame raised IndexError",
    ),
    (
        "breaks without sound",
        "whole = span",
        "assert video.has_audio; whole = span",
        "result",
        "a video without sound raised AssertionError",
    ),
    (
        "breaks on sound alone",
        "whole = span",
        "1 / video.fps; whole = span",
        "result",
        "a file with sound only raised ZeroDivisionError",
    ),
    (
        "breaks on a span without length",
        "whole = span",
        "1 / (span.end - span.start) if span else 0; whole = span",
        "result",
        "an ordinary video raised ZeroDivisionError",
    ),
    (
        "a time after the end",
        "for each in whole]",
        "for each in (0.0, video.duration + 5.0)]",
        "result",
        "returned what it may not",
    ),
    ("returns nothing", "return [Event", "[Event", "result", "returned what it may not"),
    ("too many items", "for each in whole]", "for each in [0.0] * 3000]", "result", "2000"),
]


@pytest.mark.parametrize(
    ("old", "new", "check", "message"),
    [video_fault[1:] for video_fault in VIDEO_FAULTS],
    ids=[video_fault[0] for video_fault in VIDEO_FAULTS],
)
def test_kit_finds_a_planted_edge(found, old: str, new: str, check: str, message: str) -> None:
    seen = found(GOOD_VIDEO.replace(old, new, 1), "FindEnds")
    assert [sighting for sighting in seen if sighting[0] == check and message in sighting[1]], seen
    assert {item[0] for item in seen} == {check}


def test_kit_takes_a_typed_refusal_of_an_edge(found) -> None:
    refuses = 'if not video.width: raise ModuleInputError("sound only.", hint="A video."); whole ='
    source = GOOD_VIDEO.replace("whole =", refuses, 1).replace("; whole", "\n        whole")
    assert found(source, "FindEnds") == []


def test_kit_finds_changed_arguments(found) -> None:
    source = '''
@module("sort_events")
class SortEvents:
    def __call__(self, events: list[Event]) -> list[Event]:
        """Sort events.

        Args:
            events: in any order.

        Returns:
            The events in order of time.
        """
        events.sort(key=lambda event: event.start)
        return events
'''
    seen = found(source, "SortEvents")
    assert {sighting[0] for sighting in seen} == {"arguments"}
    assert "changed its arguments" in seen[0][1]


def test_kit_takes_the_authors_arguments(found) -> None:
    picky = 'if label != "unicorn": raise ModuleInputError("x.", hint="y.")\n        '
    source = GOOD_FRAME.replace("pixels = media", picky + "pixels = media").replace('"picture"', "")
    assert found(source, "CountPixels")[0][0] == "result"
    assert found(source, "CountPixels", arguments={"label": "unicorn"}) == []
    seen = found(source, "CountPixels", arguments={"label": "unicorn", "colour": "red"})
    assert [sighting[0] for sighting in seen] == ["arguments"]


@pytest.mark.parametrize(
    ("ending", "message"),
    [
        ("raise OSError('not twice')", "not twice"),
        ("raise SystemExit(2)", "SystemExit: 2"),
        ("os._exit(3)", "ends the process (exit 3)"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "uses the network"),
    ],
)
def test_kit_finds_a_file_that_does_not_import_alone(
    found, ending: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = f"import os\nif os.environ.get('CHECKED_ONCE'): {ending}\n"
    source += "os.environ['CHECKED_ONCE'] = '1'\n"
    monkeypatch.setenv("CHECKED_ONCE", "")
    seen = found(source + GOOD_VIDEO, "FindEnds")
    assert {sighting[0] for sighting in seen} == {"import"}
    assert any(message in item[1] for item in seen)


def test_kit_refuses_what_is_no_module() -> None:
    with pytest.raises(RegistrationError):
        check_module(int)
