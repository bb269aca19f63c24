"""`vprog serve` under load: many clients at once with a slow module, and clients that misbehave.

    python -m benchmarks.serve_load [--clients 50] [--rounds 5] [--mb 1000]

Half of each round asks a module that waits 1 s, half how long the
video is; each client has a video of its own, with a length of its own. Prints how all were
answered, and what the server holds after each round: memory and file descriptors, from /proc, so
Linux alone. Then as many rounds of clients that go away, a file outside the root, a wrong key and a
large body.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.large_body import begin, end, send
from tests.drawing import draw_video
from tests.waiting_package import waiting_environment

KEY = "sesame"
SHOTS, LENGTH = "How many shots are there?", "How long is the video?"


def draw_films(folder: Path, n_files: int, n_rounds: int) -> list[float]:
    """A clip for each client and round; the lengths in seconds, which no other client has."""
    for number in range(n_files):
        path = draw_video(folder / f"{number}.mp4", 20 + number, fps=50, size=(64, 48), gop=10)
        content = path.read_bytes()
        for turn in range(n_rounds):  # a box that players skip: the cache has none of the others
            box = (16).to_bytes(4, "big") + b"free" + turn.to_bytes(8, "big")
            (folder / f"{turn}-{number}.mp4").write_bytes(content + box)
    return [(20 + number) / 50 for number in range(n_files)]


def request(url: str, question: str) -> bytes:
    """The body that asks it."""
    content = [
        {"type": "video_url", "video_url": {"url": url}},
        {"type": "text", "text": question},
    ]
    return json.dumps({"messages": [{"role": "user", "content": content}]}).encode()


def ask(port: int, url: str, question: str, *, key: str = KEY) -> tuple[int, Any]:
    """Status and object of the reply."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        headers = {"Authorization": f"Bearer {key}"}
        client.request("POST", "/v1/chat/completions", request(url, question), headers)
        reply = client.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        client.close()


def leave(port: int, url: str) -> None:
    """Ask the slow module, and go away at once."""
    body = request(url, SHOTS)
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head.encode() + body)
        time.sleep(0.3)


def held(server: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Memory in megabytes and file descriptors of the server, its children aside."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    memory_kb = int(re.findall(r"VmRSS:\s+(\d+)", status)[0])
    return memory_kb // 1024, len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def load(port: int, turn: int, lengths: list[float]) -> tuple[int, float]:
    """All clients at once: how many got the answer to their own question, in how many seconds."""
    asked = [(number, (LENGTH, SHOTS)[number % 2]) for number in range(len(lengths))]
    began = time.monotonic()
    with ThreadPoolExecutor(len(asked)) as clients:
        replies = list(clients.map(lambda one: ask(port, f"{turn}-{one[0]}.mp4", one[1]), asked))
    took = time.monotonic() - began
    n_right = 0
    for (number, question), (status, reply) in zip(asked, replies, strict=True):
        told = reply.get("vprog", {})
        expected = 1 if question == SHOTS else lengths[number]
        is_own = told.get("question") == question and told.get("answer") == expected
        n_right += status == 200 and is_own
    n_traces = len({reply["vprog"]["trace"] for _, reply in replies if "vprog" in reply})
    return (n_right if n_traces == len(asked) else 0), took


def main() -> None:
    """Rounds of load, then the clients that misbehave."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--clients", type=int, default=50)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--mb", type=int, default=1000)
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as home:
        films = Path(home, "films")
        films.mkdir()
        lengths = draw_films(films, given.clients, 2 * given.rounds + 1)
        options = ("--media-root", str(films), "--key", KEY)
        variables = waiting_environment(Path(home), wait_s=1.0)
        server, port = begin(
            home, given.mb // 2, *options, "--module", "find_shots=FindShotsWaiting", **variables
        )
        try:
            print(f"begun: {held(server)} MB and descriptors")
            for number in range(given.rounds):
                n_right, took = load(port, number, lengths)
                print(f"round {number + 1}: {n_right} of {given.clients} got their own answer in"
                      f" {took:.1f} s; {held(server)}")  # fmt: skip
            for number in range(given.rounds):
                names = [f"{given.rounds + 1 + number}-{one}.mp4" for one in range(given.clients)]
                with ThreadPoolExecutor(given.clients) as clients:
                    list(clients.map(lambda name: leave(port, name), names))
                began = time.monotonic()
                status, reply = ask(port, "0.mp4", LENGTH)
                took = time.monotonic() - began
                told = reply.get("error") or reply["vprog"]["answer"]
                at_once = held(server)
                time.sleep(5)  # what was begun for them is ended meanwhile
                print(f"{given.clients} clients left; the next was answered {status} {told} after"
                      f" {took:.1f} s; {at_once}, 5 s later {held(server)}")  # fmt: skip
            status, reply = ask(port, "/etc/passwd", LENGTH)
            print(f"a path outside: {status} {reply['error']['message']}")
            status, reply = ask(port, "0.mp4", LENGTH, key="wrong")
            print(f"a wrong key: {status} {reply['error']['message']}")
            line, n_sent = send(port, given.mb, key=KEY)
            print(f"{given.mb} MB, over the bound: {line!r} after {n_sent} MB; {held(server)}")
            n_right, took = load(port, given.rounds, lengths)
            print(f"last round: {n_right} of {given.clients} in {took:.1f} s; {held(server)}")
            print(f"left on the disk: {[path.name for path in Path(home).glob('vprog-serve-*')]}")
        finally:
            end(home, server)


if __name__ == "__main__":
    main()
