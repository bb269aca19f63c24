"""A headless Chromium, driven over its DevTools socket by a small client of the stdlib.

Only what tests need: open a page, evaluate an expression, press a key, take a screenshot, and
see which requests were made. Tests that use it skip where no Chromium is on the PATH.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)  # fmt: skip
WAIT_S = 20.0


class Tab:
    """One page of the browser."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), timeout=WAIT_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")
        while self._file.readline().strip():
            pass
        self._number = 0
        self.requests: list[str] = []
        """The addresses of all requests that the page made."""
        self.problems: list[str] = []
        """What the page threw, and what its policy stopped."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """A command of the DevTools protocol and its result."""
        self._number += 1
        self._send(json.dumps({"id": self._number, "method": method, "params": given}).encode())
        while True:
            told = self._read()
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                result: dict[str, Any] = told["result"]
                return result

    def open(self, url: str) -> None:
        """Go to an address, and wait until it is loaded."""
        self.requests.clear()
        self.problems.clear()
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives; a promise is awaited."""
        told = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Wait until an expression holds, and give its value."""
        ends = time.monotonic() + WAIT_S
        while True:
            if value := self.value(expression):
                return value
            if time.monotonic() > ends:
                raise TimeoutError(f"never so: {expression}; problems: {self.problems}")
            time.sleep(0.05)

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def look(self, *, width: int, height: int = 1000, dark: bool = False) -> None:
        """Size of the window and colours from now on."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path: Path) -> None:
        """The window as PNG."""
        told = self.call("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(told["data"]))

    def close(self) -> None:
        """Let the page go."""
        self._file.close()
        self._socket.close()

    def _send(self, content: bytes) -> None:
        mask = os.urandom(4)
        size = len(content)
        head = bytes([0x81])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(content))
        self._socket.sendall(head + mask + masked)

    def _read(self) -> dict[str, Any]:
        content = b""
        while True:
            first, second = self._file.read(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", self._file.read(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self._file.read(8))
            content += self._file.read(size)
            if first & 0x80:
                break
        told: dict[str, Any] = json.loads(content)
        self._take(told)
        return told

    def _take(self, told: dict[str, Any]) -> None:
        match told.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(told["params"]["request"]["url"])
            case "Runtime.exceptionThrown":
                details = told["params"]["exceptionDetails"]
                self.problems.append(details.get("exception", {}).get("description", str(details)))
            case "Log.entryAdded" if told["params"]["entry"]["level"] == "error":
                self.problems.append(told["params"]["entry"]["text"])


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A tab of a new headless Chromium, its profile in a folder; both end with the block."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
         "--autoplay-policy=no-user-gesture-required", "--no-first-run",
         "--disable-background-networking",
         "--disable-features=IsolateSandboxedIframes",  # so that this tab sees into frames
         f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    tab = None
    try:
        port = _port(folder / "DevToolsActivePort", process)
        with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=WAIT_S) as reply:
            pages = [entry for entry in json.load(reply) if entry["type"] == "page"]
        tab = Tab(pages[0]["webSocketDebuggerUrl"])
        yield tab
    finally:
        if tab is not None:
            tab.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends and process.poll() is None:
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError("Chromium gave no port")
