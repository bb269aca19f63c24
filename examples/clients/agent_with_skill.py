"""An agent by script: it works as examples/skill/SKILL.md says, over `vprog mcp` and in a shell.

python agent_with_skill.py SKILL.md vprog mcp --media-root FOLDER_OF_DEMO

It asks; where vprog abstains it writes a program; it looks at what it is about to say; it reads
why. No model is behind it: what it decides is in this file, what it is told is vprog's own.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

VIDEO = "demo.mp4"


class Host:
    """What an agent's host gives it: the tools of a server, and a shell."""

    def __init__(self, client: ClientSession, vprog: str, media: Path) -> None:
        self._client = client
        self._vprog = vprog
        self._media = media

    async def tool(self, name: str, **given: Any) -> tuple[str, int]:
        """The text of a tool's reply, and how many pictures came with it."""
        print(f"\n> {name} {json.dumps(given)}")
        reply = await self._client.call_tool(name, given)
        texts = [part.text for part in reply.content if part.type == "text"]
        n_pictures = sum(part.type == "image" for part in reply.content)
        text = "\n".join(texts)
        print(text[:1500] + (f"\n({n_pictures} pictures)" if n_pictures else ""))
        return text, n_pictures

    def shell(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the JSON of `vprog ... --json`."""
        print(f"\n$ vprog {' '.join(arguments)} --json")
        ran = subprocess.run(
            [self._vprog, *arguments, "--json"], cwd=self._media, capture_output=True, text=True
        )
        found = json.loads(ran.stdout)
        print(ran.returncode, found["status"], found["answer"], sep="  ")
        return ran.returncode, found


def the_program(skill: str) -> str:
    """The program that the skill shows.

    Raises:
        SystemExit: it shows none.
    """
    block = re.search(r"^```python\n(.*?)^```", skill, flags=re.MULTILINE | re.DOTALL)
    if block is None:
        raise SystemExit("the skill shows no program.")
    return block[1]


async def work(host: Host, skill: str) -> None:
    """Three things that a user wants, as the skill says to go about them.

    Raises:
        SystemExit: what vprog does is not what the skill says.
    """
    question = "What does the text say at 0:06?"
    answer, _ = await host.tool("ask_video", video=VIDEO, question=question)
    _, n_pictures = await host.tool("look", video=VIDEO, times=[6.0])
    # A look is a run too: "last" would be that one.
    why, _ = await host.tool("why", trace=json.loads(answer.splitlines()[0])["trace"])
    if "STATION 42" not in answer or "STATION 42" not in why or n_pictures != 1:
        raise SystemExit("the sign was not read, or not shown.")

    code, found = host.shell("solve", VIDEO, "Is the film any good?")
    if code != 7 or not found["error"]["message"]:
        raise SystemExit("no abstention with a reason.")

    await host.tool("list_modules", task="find_shots")
    by_tool, _ = await host.tool("run_program", video=VIDEO, program=the_program(skill))
    if json.loads(by_tool.splitlines()[0])["answer"] != 4.0:
        raise SystemExit("the longest shot was not measured.")

    question = "How long is the video?"
    told, _ = await host.tool("ask_video", video=VIDEO, question=question, wait_seconds=0)
    submitted = json.loads(told.splitlines()[0])
    if submitted["status"] == "running":
        told, _ = await host.tool("wait", run=submitted["run"])
    if json.loads(told.splitlines()[0])["answer"] != 12.0:
        raise SystemExit("no result of the run that was submitted.")


async def main(skill: str, command: str, *arguments: str) -> None:
    """Start the server as a host does, and work."""
    media = Path(arguments[arguments.index("--media-root") + 1])
    server = StdioServerParameters(command=command, args=list(arguments))
    async with stdio_client(server) as streams, ClientSession(*streams) as client:
        await client.initialize()
        await work(Host(client, command, media), Path(skill).read_text(encoding="utf-8"))
    print("\ndone as the skill says")


asyncio.run(main(*sys.argv[1:]))
