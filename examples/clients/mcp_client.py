"""Ask `vprog mcp` with the MCP SDK, 1.x or 2.x, as an agent's host does.

python mcp_client.py vprog mcp --media-root FOLDER_OF_DEMO
"""

from __future__ import annotations

import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def on_progress(progress: float, total: float | None, message: str | None) -> None:
    print(f"  {message}", file=sys.stderr)


async def main(command: str, *arguments: str) -> None:
    server = StdioServerParameters(command=command, args=list(arguments))
    async with stdio_client(server) as streams, ClientSession(*streams) as client:
        await client.initialize()
        print([tool.name for tool in (await client.list_tools()).tools])
        asked = {"video": "demo.mp4", "question": "Which way does the red thing move?"}
        reply = await client.call_tool("ask_video", asked, progress_callback=on_progress)
        for part in reply.content:
            print(part.text if part.type == "text" else f"({part.type})")


asyncio.run(main(*sys.argv[1:]))
