"""The command itself: help, version, unknown commands, start-up, interrupts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import environment, finish, start, vprog
from vprog.cli import main

pytestmark = pytest.mark.usefixtures("home")


def test_help_lists_every_command() -> None:
    out = vprog("--help").out
    for name, line in main.commands().items():
        assert name in out
        assert line in out


@pytest.mark.parametrize("name", main.commands())
def test_help_of_each_command(name: str) -> None:
    ran = vprog(name, "--help")
    assert ran.code == 0
    assert ran.out.startswith("Usage: ")


def test_version_is_told() -> None:
    assert finish(start("--version")).out.startswith("vprog, version ")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["solve", "--help"], ["trace", "-h"], ["config"]]
)
def test_reader_that_went_away_ends_it_quietly(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = finish(start(*arguments, stdout=writing))
    finally:
        os.close(writing)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["slove"], 'Did you mean "solve"'),
        (["xyzzy"], "No such command"),
        (["trace", "x"], "No such"),
    ],
)
def test_unknown_command_exits_with_2(arguments: list[str], words: str) -> None:
    ran = finish(start(*arguments))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import vprog", ["numpy", "av", "click", "networkx", "rich", "msgspec", "pydantic_monty"]),
        ("import vprog; vprog.Trace", ["av", "cv2", "networkx", "pandas", "rich", "PIL"]),
        (
            "import sys; sys.argv[1:] = ['--help']\n"
            "try:\n    from vprog.cli.main import main; main()\nexcept SystemExit: pass",
            ["numpy", "av", "networkx", "rich", "msgspec", "pydantic_monty"],
        ),
        ("import vprog; vprog.solve", ["cv2", "networkx", "pandas", "openai", "torch", "PIL"]),
    ],
)
def test_importing_is_light(code: str, heavy: list[str]) -> None:
    code = f"{code}\nimport sys; print('+'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    loaded = {name.partition(".")[0] for name in done.stderr.strip().split("+")}
    assert not loaded & set(heavy)


def test_the_functions_stay_what_they_are_whatever_is_imported_first() -> None:
    imports = "from vprog.runs.result import Result; import vprog"
    code = f"{imports}; print(vprog.solve.__name__, vprog.run.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout == "solve run\n"


def test_commands_are_found_by_the_first_line_of_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "greet.py").write_text('"""`vprog greet`: say hello."""\n', encoding="utf-8")
    (tmp_path / "helper.py").write_text('"""What commands share."""\n', encoding="utf-8")
    monkeypatch.setattr(main, "__file__", str(tmp_path / "main.py"))
    assert main.commands.__wrapped__() == {"greet": "Say hello."}


@pytest.mark.parametrize("arguments", [[], ["solve"], ["trace", "replay"]])
def test_help_fits_60_columns(arguments: list[str]) -> None:
    page = finish(start(*arguments, "--help", env={"COLUMNS": "60"})).out
    assert max(map(len, page.splitlines())) <= 60, page


def test_address_in_place_of_a_file_is_told_as_it_was_given() -> None:
    ran = vprog("solve", "https://example.com/a.mp4", "How long is it?")
    assert ran.code == 2
    assert '"https://example.com/a.mp4" is an address' in ran.err
    assert "Fetch it first" in ran.err
