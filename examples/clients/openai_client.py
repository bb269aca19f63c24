"""Ask `vprog serve` with the official OpenAI SDK, streaming and not.

Start the server in this folder's parent: vprog serve --media-root .
"""

from __future__ import annotations

import sys

from openai import OpenAI

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8765/v1"
client = OpenAI(base_url=url, api_key="none")
content = [
    {"type": "video_url", "video_url": {"url": "demo.mp4"}},
    {"type": "text", "text": "Which way does the red thing move?\nA. left\nB. right"},
]
messages = [{"role": "user", "content": content}]

reply = client.chat.completions.create(model="vprog", messages=messages)
print(reply.choices[0].message.content, reply.model_extra["vprog"]["evidence"])

stream = client.chat.completions.create(model="vprog", messages=messages, stream=True)
print("".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices))
