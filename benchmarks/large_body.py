"""Memory of `vprog serve` while a client streams a large body: one over the bound, one within.

    python -m benchmarks.large_body [--mb 1000]

Prints the status of each reply, how much was sent before it came, and the server's peak memory
(VmHWM of /proc, so Linux alone) before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PIECE = b"A" * 1_000_000  # base64 of zeros


def begin(
    home: str, most_mb: int, *options: str, **variables: str
) -> tuple[subprocess.Popen[bytes], int]:
    """A server that takes bodies of so many megabytes, and its port."""
    own = {"VPROG_CACHE_DIR": home, "VPROG_TRACE_DIR": home, "TMPDIR": home}
    command = [sys.executable, "-m", "vprog", "serve", "--port", "0", "--max-body-mb", str(most_mb)]
    log = Path(home, "serve.log")  # no pipe: whatever it says, it waits for nobody
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*command, *options], env={**os.environ, **own, **variables}, stderr=stream
        )
    while server.poll() is None:
        if hit := re.search(r"127\.0\.0\.1:(\d+)", log.read_text()):
            return server, int(hit[1])
        time.sleep(0.05)
    raise SystemExit(f"vprog serve did not begin: {log.read_text()[-2000:]}")


def end(home: str, server: subprocess.Popen[bytes]) -> None:
    """End it; print the faults that it told."""
    server.send_signal(signal.SIGTERM)
    server.wait()
    told = Path(home, "serve.log").read_text()
    n_faults = told.count("Traceback (most recent call last)")
    print(f"faults in its log: {n_faults}{told[-2000:] if n_faults else ''}")


def peak_mb(server: subprocess.Popen[bytes]) -> int:
    """The most memory that the server has had, in megabytes."""
    text = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", text)[0]) // 1024


def send(port: int, mb: int, *, key: str = "") -> tuple[str, int]:
    """Stream a video that is none; the reply's status line, and the megabytes sent before it."""
    shown = b"Authorization: Bearer %s\r\n" % key.encode() if key else b""
    video = {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,@"}}
    content = [video, {"type": "text", "text": "How long is the video?"}]
    body = {"model": "vprog", "messages": [{"role": "user", "content": content}]}
    head, tail = json.dumps(body).encode().split(b"@")
    length = len(head) + mb * len(PIECE) + len(tail)
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            + shown
            + b"Content-Length: %d\r\n\r\n" % length
            + head
        )
        n_sent = 0
        while n_sent < mb and not select.select([client], [], [], 0)[0]:
            client.sendall(PIECE)
            n_sent += 1
        if n_sent == mb:
            client.sendall(tail)
        return client.recv(65536).split(b"\r\n")[0].decode(), n_sent


def main() -> None:
    """Both bodies, each at a server of its own."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--mb", type=int, default=1000)
    mb = reader.parse_args().mb
    for what, most_mb in (("over the bound", mb // 2), ("within it", 2 * mb)):
        with tempfile.TemporaryDirectory() as home:
            server, port = begin(home, most_mb)
            try:
                before = peak_mb(server)
                status, n_sent = send(port, mb)
                print(f"{mb} MB, {what}: {status!r} after {n_sent} MB;"
                      f" peak memory {before} -> {peak_mb(server)} MB")  # fmt: skip
            finally:
                end(home, server)


if __name__ == "__main__":
    main()
