"""The skill for coding agents: each of its commands does what it says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ROOT, vprog

SKILL = (ROOT / "examples" / "skill" / "SKILL.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", SKILL, flags=re.MULTILINE | re.DOTALL)


def test_skill_commands_do_what_it_says(home: Path) -> None:
    shutil.copy(ROOT / "examples" / "demo.mp4", home / "video.mp4")
    (program,) = _blocks("python")
    (home / "program.py").write_text(program)
    (home / "FOLDER").mkdir()
    shutil.copy(ROOT / "examples" / "demo.mp4", home / "FOLDER")
    case = {"id": "k1", "video": "video.mp4", "question": "How long is the video?"}
    (home / "cases.jsonl").write_text(json.dumps(case))
    lines = [line for block in _blocks("bash") for line in block.splitlines()]
    ran = {line: vprog(*shlex.split(line)[1:]) for line in lines}
    assert {line: result.err for line, result in ran.items() if result.code} == {}
    first, text, chosen = (ran[line] for line in lines[:3])
    assert (first.out, chosen.out) == ("right\n", "right\n")
    assert text.json["answer"] == "STATION 42"
    assert {"status", "score", "confidence", "coverage", "trace"} <= set(text.json)
    assert set(text.json["evidence"][0]) >= {"start", "end", "box", "text", "supported"}
    assert ran['vprog ask FOLDER "Which videos have speech?"'].out.startswith("1 of 1 file\n")
    measured = ran["vprog run video.mp4 program.py --json"].json
    assert measured["status"] == "answered"
    assert measured["evidence"][0]["supported"]
    assert (home / "why.html").stat().st_size > 1000
    assert json.loads((home / "answers.jsonl").read_text())["answer"] == 12.0


@pytest.mark.parametrize("option", re.findall(r"`vprog (\w+) (--[\w-]+)", SKILL))
def test_skill_names_options_that_there_are(option: tuple[str, str]) -> None:
    command, flag = option
    assert flag in vprog(command, "--help").out


def test_skill_names_the_tools_that_agents_get() -> None:
    source = (ROOT / "vprog" / "service" / "mcp_server.py").read_text(encoding="utf-8")
    for tool in ("ask_video", "run_program", "wait", "look", "why", "ask_library", "list_modules"):
        assert f"`{tool}`" in SKILL
        assert f"async def {tool}(" in source


def test_skill_has_the_head_that_agents_read() -> None:
    head = re.match(r"---\nname: ([a-z-]+)\ndescription: (.+)\n---\n", SKILL)
    assert head is not None
    assert head[1] == "vprog"
    assert len(head[2]) <= 1024


def test_skill_carries_an_agent_through_its_work(home: Path) -> None:
    pytest.importorskip("mcp", reason="the MCP SDK is an extra")
    shutil.copy(ROOT / "examples" / "demo.mp4", home / "demo.mp4")
    vprog_program = Path(sys.executable).with_name("vprog")
    if not vprog_program.exists():
        pytest.skip("vprog is not installed beside this Python")
    agent, skill = (
        ROOT / "examples" / name for name in ("clients/agent_with_skill.py", "skill/SKILL.md")
    )
    ran = subprocess.run(
        [sys.executable, agent, skill, vprog_program, "mcp", "--media-root", home],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("done as the skill says\n")
