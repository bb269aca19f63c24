"""`vprog trace export`: files, stdout, and what is asked for wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import vprog as library
from tests.cli.command import vprog
from vprog.view.exports.export_format import export_formats

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def run(clip: Path, home: Path) -> None:
    source = "shot = Span(0.5, 1.0)\nanswer('yes', evidence=[frame_at(video, 0.5)])"
    library.run(clip, source.splitlines()[1], question="Is it red?")


@pytest.mark.parametrize(
    ("name", "head"),
    [("a.html", b"<!doctype html>"), ("a.json", b"{"), ("a.csv", b"what,video,file"),
     ("a.srt", b"1\n00:00:00,500"), ("a.vtt", b"WEBVTT"), ("a.edl", b"TITLE: Is it red?"),
     ("a.mot", b""), ("a.coco", b'{"info"'), ("a.otlp", b'{"resourceSpans"'),
     ("a.mp4", b"\x00\x00\x00")],
)  # fmt: skip
def test_export_writes_a_file_of_the_format_of_its_ending(
    run: None, home: Path, name: str, head: bytes
) -> None:
    ran = vprog("trace", "export", "last", "-o", home / name)
    assert (ran.code, ran.out) == (0, "")
    assert f"wrote {home / name}" in ran.err
    assert (home / name).read_bytes().startswith(head)
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []


def test_export_to_stdout_is_the_text_alone(run: None) -> None:
    ran = vprog("trace", "export", "-f", "csv", "-o", "-", "--what", "evidence")
    assert ran.code == 0
    assert [line.split(",")[0] for line in ran.out.splitlines()] == ["what", "evidence"]
    assert json.loads(vprog("trace", "export", "-f", "json", "-o", "-").out)["status"] == "answered"


def test_export_of_an_abstention_is_empty_and_says_why(clip: Path, home: Path) -> None:
    library.run(clip, "abstain('nothing to see')")
    ran = vprog("trace", "export", "last", "-o", home / "a.srt")
    assert ran.code == 0
    assert "note: no rows: there is no answer (abstained: nothing to see" in ran.err
    assert (home / "a.srt").read_text().strip() == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the file is missing"),
        (["-o", "x.doc"], "cannot be told"),
        (["-o", "-"], "the format is missing"),
        (["-o", "-", "-f", "mp4"], "is no text"),
        (["-o", "no/x.csv"], "no such folder"),
        (["-o", f"{'x' * 300}.csv"], "cannot be written: File name too long"),
        (["-o", "x.csv", "--whole"], "--whole is of mp4 alone"),
        (["-o", "x.otlp", "--what", "tracks"], "tells the whole run"),
        (["-o", "x.csv", "--input", "1"], "the run has 1 videos"),
        (["--html", "x.html", "-f", "csv"], "--html goes without"),
        (["--otlp", "nowhere"], "http or https"),
    ],
)
def test_export_asked_for_wrongly_exits_with_2(run: None, arguments: list[str], words: str) -> None:
    ran = vprog("trace", "export", "last", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_export_help_names_every_format() -> None:
    said = vprog("trace", "export", "--help").out
    assert all(f"  {name} " in said for name in export_formats())
