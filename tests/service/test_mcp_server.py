"""`vprog mcp`, asked by a real client of the SDK that is here, 1.x or 2.x."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.command import COMMAND, environment, vprog

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

pytestmark = pytest.mark.usefixtures("home")

Work = Callable[[Any], Awaitable[None]]


@asynccontextmanager
async def session(root: Path, errlog: Any) -> AsyncIterator[ClientSession]:
    server = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:], "mcp", "--media-root", str(root)],
        env=environment(PYTHONPATH=os.pathsep.join(filter(None, sys.path))),
        cwd=root,
    )
    async with stdio_client(server, errlog=errlog) as streams, ClientSession(*streams) as client:
        await client.initialize()
        yield client


def with_session(root: Path, work: Work) -> str:
    """Do the work with a client; what the server said on stderr."""
    log = root / "stderr.txt"

    async def whole(errlog: Any) -> None:
        async with asyncio.timeout(60), session(root, errlog) as client:
            await work(client)

    with log.open("w") as errlog:
        asyncio.run(whole(errlog))
    return log.read_text()


async def call(client: Any, tool: str, **given: Any) -> list[Any]:
    """The content of a reply that is no error."""
    result = await client.call_tool(tool, given)
    assert not _is_error(result), result.content
    return list(result.content)


def _is_error(result: Any) -> bool:
    return bool(result.is_error if hasattr(result, "is_error") else result.isError)


def _picture(content: Any) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(content.data)))


@pytest.fixture
def root(tmp_path: Path, clip: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "clip.mp4").write_bytes(clip.read_bytes())
    return folder


def test_mcp_server_answers_explains_and_shows(root: Path) -> None:
    async def work(client: Any) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {
            "ask_video", "run_program", "wait", "cancel", "look", "why", "ask_library",
            "list_modules",
        }  # fmt: skip
        assert all(tool.description for tool in tools.values())
        told: list[str] = []

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            told.append(message or "")

        prompt = "How long is the video?\nA. 4 s\nB. 2 s\nAnswer with the option's letter."
        asked = {"video": "clip.mp4", "question": prompt}
        result = await client.call_tool("ask_video", asked, progress_callback=on_progress)
        reply = json.loads(result.content[0].text)
        assert (reply["label"], reply["answer"], reply["status"]) == ("B", "2 s", "answered")
        assert told[0] == "files opened"
        why = await call(client, "why", trace=reply["trace"])
        assert "How long is the video?" in why[0].text

        looked = await call(client, "look", video="clip.mp4", times=[0.5, 1.0])
        assert looked[0].text.startswith("0:00.5")
        assert _picture(looked[3]).size == (160, 120)
        last = await call(client, "why")
        assert last[0].text == why[0].text  # a look is no answer

        abstained = await call(client, "ask_video", video="clip.mp4", question="Why is she sad?")
        assert json.loads(abstained[0].text)["status"] == "abstained"

    log = with_session(root, work)
    assert "Traceback" not in log, log


def test_mcp_server_does_not_take_a_look_for_an_answer(root: Path) -> None:
    async def work(client: Any) -> None:
        await call(client, "look", video="clip.mp4", times=[0.5])
        asked = await client.call_tool("why", {})
        assert "nothing was answered here yet" in asked.content[0].text

    with_session(root, work)


def test_mcp_server_runs_programs_by_rules_that_it_tells(root: Path) -> None:
    async def work(client: Any) -> None:
        resources = {str(it.uri) for it in (await client.list_resources()).resources}
        assert resources == {"vprog://language", "vprog://signatures"}
        language = (await client.read_resource("vprog://language")).contents[0].text
        assert "answer(value, evidence=[...])" in language
        assert (await call(client, "list_modules", task="language"))[0].text == language
        stubs = (await client.read_resource("vprog://signatures")).contents[0].text
        assert "def frame_at(" in stubs
        assert "frame_at(video: Video" in (await call(client, "list_modules"))[0].text

        program = "frame = frame_at(video, 1.0)\nanswer(7, evidence=[frame])"
        ran = await call(client, "run_program", video="clip.mp4", program=program, frames=1)
        assert json.loads(ran[0].text)["answer"] == 7
        assert _picture(ran[1]).size == (160, 120)

        submitted = await call(
            client, "run_program", video="clip.mp4", program=program, wait_seconds=0
        )
        run = json.loads(submitted[0].text)["run"]
        assert json.loads((await call(client, "wait", run=run))[0].text)["answer"] == 7
        assert (await call(client, "cancel", run=run))[0].text == "cancelled"

    with_session(root, work)


def test_mcp_server_answers_over_an_indexed_folder(root: Path) -> None:
    (root / "clip.srt").write_text("1\n00:00:00,200 --> 00:00:01,500\na red fox\n")
    without = [word for kind in ("shots", "text", "labels") for word in ("--without", kind)]
    assert vprog("index", root, *without).code == 0

    async def work(client: Any) -> None:
        asked = {"folder": ".", "question": "How many files have speech?"}
        (reply,) = await call(client, "ask_library", **asked)
        assert reply.text.startswith("1 of 1 file\n  clip.mp4  1 piece of speech, 0:01.3 in all\n")
        assert "- text: not looked for in 1 file" in reply.text
        (reply,) = await call(client, "ask_library", folder=str(root), question="foxes")
        assert reply.text.startswith("clip.mp4  0:00.2-0:01.5  speech: a red fox")

    with_session(root, work)


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("ask_video", {"video": "/etc/passwd", "question": "x"}, "not below a media root"),
        ("ask_video", {"video": "stderr.txt", "question": "How long is it?"}, "stderr.txt"),
        ("run_program", {"video": "clip.mp4", "program": "open('x')"}, '"open" is not available'),
        ("wait", {"run": "abc"}, "no run 'abc'"),
        ("look", {"video": "clip.mp4", "times": []}, "1 to 8"),
        ("why", {"trace": "../x"}, "no trace is called"),
        ("list_modules", {"task": "detct"}, "no module 'detct'"),
        ("ask_library", {"folder": "/etc", "question": "x"}, "not below a media root"),
        ("ask_library", {"folder": "clip.mp4", "question": "x"}, "is no folder"),
        ("ask_library", {"folder": ".", "question": "x"}, "has no index. Make it: vprog index"),
        ("ask_library", {"folder": ".", "question": "x", "count": 0}, "1 to 100 are taken"),
    ],
)
def test_mcp_server_says_what_is_wrong(
    service_tools: Any, tool: str, given: dict[str, Any], words: str
) -> None:
    errors, call_tool = service_tools
    with pytest.raises(errors, match=words):
        asyncio.run(call_tool(tool, given))


@pytest.fixture
def service_tools(root: Path) -> Any:
    """The tools in this process: what they raise, and what calls one."""
    from vprog.service import mcp_server
    from vprog.service.media_roots import MediaRoots
    from vprog.service.service import Service

    class Silent:
        async def report_progress(self, *args: Any, **given: Any) -> None:
            """Nobody listens."""

    (root / "stderr.txt").write_text("no video")
    with Service() as service:
        tools = mcp_server.AgentTools(service, MediaRoots([root]))

        async def call_tool(name: str, given: dict[str, Any]) -> None:
            more = {} if name in ("why", "list_modules", "ask_library") else {"ctx": Silent()}
            await getattr(tools, name)(**given, **more)

        yield mcp_server.ToolError, call_tool
