"""Traces with something changed in them, through everything that reads a trace."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import vprog
from tests.drawing import draw_video
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.errors import VprogError
from vprog.trace.store import list_traces, read_trace
from vprog.view.difference import differences
from vprog.view.explored_trace import Trace
from vprog.view.run_text import open_console, print_run

SECRET = "root:x:0:0"
PROGRAM = """\
frames = sample_frames(video, fps=4.0)
levels = [measure_brightness(video, span=Span(frame.time, frame.time + 0.2)) for frame in frames]
colours = [name_colours(frame) for frame in frames[:2]]
shots = find_shots(video)
tracks = track_moving(video)
print(len(levels), colours)
answer(len(shots), evidence=[frames[0], shots[0], *tracks[:1]])
"""

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**30, 1.5, -1e308, 1e308, "", "x" * 5000, "\0\x1b[31m\u202e", [],
    [[]], {}, {"$type": "Span"}, {"$type": "Box", "x0": 9.0, "y0": 9.0, "x1": 0.0, "y1": 0.0},
    {"$type": "Frame", "video": 99, "time": -5.0, "region": None}, ["../../../etc/passwd"],
    "../../../../../../etc/passwd", {"$type": "Track", "label": 3, "detections": []},
)  # fmt: skip


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """`count` traces, each with one to three changes of one of eleven kinds."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield Attack(
            f"{kind.__name__} {number} of seed {seed}",
            lambda kind=kind, number=number: attempt(kind, random.Random(f"{seed}:{number}")),  # type: ignore[misc]
        )


def attempt(
    kind: Callable[[Path, random.Random], None], chance: random.Random
) -> tuple[Verdict, str]:
    """Change a copy of a trace, read it in every way; only errors of vprog may come of it."""
    original = recorded()
    with tempfile.TemporaryDirectory() as parent:
        good, bad = (
            Path(parent) / "20260101-000000-n000001",
            Path(parent) / "20260102-000000-n000002",
        )
        shutil.copytree(original, good)
        shutil.copytree(original, bad)
        for _ in range(chance.randint(1, 3)):
            kind(bad, chance)
        listed = [run.folder for run in list_traces(Path(parent)) if run.started is not None]
        if good not in listed:
            return "wrong", "a good trace is not listed beside it"
        shown = ""
        for read in READERS:
            try:
                shown += read(bad, good)
            except VprogError as error:
                shown += str(error)
        if SECRET in shown:
            return "leaked", "the page shows a file of this machine"
    return "survived", ""


def _show(bad: Path, good: Path) -> str:
    text = io.StringIO()
    print_run(Trace.load(bad).model, open_console(text), calls=True)
    return text.getvalue()


def _page(bad: Path, good: Path) -> str:
    page = Trace.load(bad).to_html()
    if "root:x:0" in page or "cm9vdDp4OjA6" in page:  # also as base64
        return SECRET
    return page


def _json(bad: Path, good: Path) -> str:
    return json.dumps(Trace.load(bad).to_dict(), allow_nan=False)


def _graph(bad: Path, good: Path) -> str:
    return str(len(Trace.load(bad).graph()))


def _explored(bad: Path, good: Path) -> str:
    trace = Trace.load(bad)
    frames = [str(trace.frame(index).size) for index in range(len(trace.frames))]
    return " ".join([str(trace.answer), trace.program, str(trace.tree()), *frames])


def _diff(bad: Path, good: Path) -> str:
    there = differences(read_trace(bad), read_trace(good))
    return str(there + differences(read_trace(good), read_trace(bad)))


def _replay(bad: Path, good: Path) -> str:
    return str(vprog.replay(bad, **_folders(bad)).result.to_dict())


def _replay_edited(bad: Path, good: Path) -> str:
    return str(vprog.replay(bad, edits={6: "pass"}, **_folders(bad)).result.to_dict())


READERS = (_show, _page, _json, _graph, _explored, _diff, _replay, _replay_edited)


def _folders(bad: Path) -> dict[str, Any]:
    return {"trace_dir": bad.parent / "replays", "cache_dir": bad.parent / "cache"}


@cache
def recorded() -> Path:
    """One good trace, of a clip drawn here, made once for all attacks."""

    folder = Path(tempfile.mkdtemp(prefix="vprog-traces-"))
    clip = folder / "clip.mp4"
    draw_video(clip, 20, fps=10, size=(160, 120))
    result = vprog.run(clip, PROGRAM, trace_dir=folder / "traces", cache_dir=folder / "cache")
    assert result.status == "answered", result.error
    assert result.trace_path is not None
    return result.trace_path


def _lines(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "trace.jsonl").read_text().splitlines() if line]


def _write(folder: Path, lines: list[Any]) -> None:
    (folder / "trace.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a value."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        pairs = item.items() if isinstance(item, dict) else enumerate(item)
        for key, inner in pairs:
            places.append((item, key))
            if isinstance(inner, dict | list):
                waiting.append(inner)
    return places


def _changed(folder: Path, change: Callable[[list[Any]], None]) -> None:
    with contextlib.suppress(ValueError):  # an earlier change left no JSON
        lines = _lines(folder)
        change(lines)
        _write(folder, lines)


def value_of_another_type(folder: Path, chance: random.Random) -> None:
    """Any field of any event."""

    def change(lines: list[Any]) -> None:
        container, key = chance.choice(_places(chance.choice(lines)))
        container[key] = chance.choice(VALUES)

    _changed(folder, change)


def field_gone(folder: Path, chance: random.Random) -> None:
    """A field, or an item of a list."""

    def change(lines: list[Any]) -> None:
        container, key = chance.choice(_places(chance.choice(lines)))
        del container[key]

    _changed(folder, change)


def result_changed(folder: Path, chance: random.Random) -> None:
    """Of what the run ended with."""

    def change(lines: list[Any]) -> None:
        container, key = chance.choice(_places(lines[-1]))
        container[key] = chance.choice(VALUES)

    _changed(folder, change)


def call_changed(folder: Path, chance: random.Random) -> None:
    """Of arguments and results of modules."""

    def change(lines: list[Any]) -> None:
        calls = [line for line in lines if line["event"] == "module_called"]
        container, key = chance.choice(_places(chance.choice(calls)))
        container[key] = chance.choice(VALUES)

    _changed(folder, change)


def lines_shuffled(folder: Path, chance: random.Random) -> None:
    """Events in another order, gone, or twice."""

    def change(lines: list[Any]) -> None:
        here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
        how = chance.randrange(3)
        if how == 0:
            lines[here], lines[there] = lines[there], lines[here]
        elif how == 1:
            del lines[here]
        else:
            lines.insert(there, lines[here])

    _changed(folder, change)


def nested(folder: Path, chance: random.Random) -> None:
    """Thousands of brackets, or a value as deep as one may be."""
    file = folder / "trace.jsonl"
    lines = file.read_bytes().split(b"\n")
    deep = chance.choice((60, 70, 130, 3000, 100_000))
    at = chance.randrange(len(lines))
    lines[at] = lines[at].replace(
        b'"result":', b'"result":' + b"[" * deep + b"]" * deep + b',"x":', 1
    )
    if chance.random() < 0.5:
        lines[at] = b'{"event":' + b"[" * deep
    file.write_bytes(b"\n".join(lines))


def bytes_flipped(folder: Path, chance: random.Random) -> None:
    """Single bytes, anywhere."""
    file = folder / "trace.jsonl"
    data = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    file.write_bytes(bytes(data))


def cut_off(folder: Path, chance: random.Random) -> None:
    """In the middle of anything."""
    file = folder / "trace.jsonl"
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(len(data) + 1)])


def pictures_changed(folder: Path, chance: random.Random) -> None:
    """Gone, other bytes, links out of the folder, folders, pipes."""
    pictures = folder / "pictures"
    if pictures.is_symlink() or not pictures.is_dir():
        return
    names = sorted(pictures.iterdir())
    if not names:
        return
    path = chance.choice(names)
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()
    how = chance.randrange(6)
    if how == 0:
        path.symlink_to("/etc/passwd")
    elif how == 1:
        path.write_bytes(chance.randbytes(1000))
    elif how == 2:
        path.mkdir()
    elif how == 3:
        os.mkfifo(path)
    elif how == 4:
        shutil.rmtree(pictures)
        pictures.symlink_to("/etc")


def files_of_other_kinds(folder: Path, chance: random.Random) -> None:
    """A link, a folder, a pipe or nothing in place of the trace."""
    file = folder / "trace.jsonl"
    if not file.is_file() or file.is_symlink():
        return
    file.unlink()
    how = chance.randrange(4)
    if how == 0:
        file.symlink_to(chance.choice(("/etc/passwd", "/dev/zero", "/proc/self/environ")))
    elif how == 1:
        file.mkdir()
    elif how == 2:
        os.mkfifo(file)


def picture_named_outside(folder: Path, chance: random.Random) -> None:
    """The name of a picture leads out of the folder."""

    def change(lines: list[Any]) -> None:
        kept = [line for line in lines if line["event"] == "picture_kept"]
        chance.choice(kept)["file"] = chance.choice(
            ("../trace.jsonl", "/etc/passwd", "../../../../../../../etc/passwd", "", ".", "a\0b")
        )

    _changed(folder, change)


KINDS = (
    value_of_another_type, call_changed, result_changed, field_gone, lines_shuffled, nested,
    bytes_flipped, cut_off, pictures_changed, files_of_other_kinds, picture_named_outside,
)  # fmt: skip

FIELD = Field("traces changed, through list, show, page, diff, graph, replay", attacks, 500)
