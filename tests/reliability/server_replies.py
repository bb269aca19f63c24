"""Servers that misbehave, in every part that asks one: writer, VLM, embedder; by the real command.

Whatever comes back, the question ends in time with one JSON object, within bounded memory; the
key is in no text; nothing is sent to another address; what cannot be mended is asked once.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.cli.command import COMMAND, environment
from tests.drawing import draw_video
from tests.llm.raw_server import RawServer, Send, endless, raw, whole
from tests.reliability.outcome import Attack, Field, Verdict

LIMIT_S, REPLY_S = 20.0, 4.0
"""Of the question, and of one request of the writer."""

HUNG_S = LIMIT_S + 70.0
MOST_MB = 600
"""Of resident memory; an honest run has under 200."""

KEY = "sk-attack-0123456789"
PARTS = ("writer", "vlm", "embedder")

_SAYS = json.dumps(
    {
        "model": "m",
        "choices": [{"finish_reason": "stop", "message": {"content": "```python\nanswer(7)\n```"}}],
    }
).encode()
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
_OPEN = b'{"choices": [{"message": {"content": "'


_LONG_HEADER = b"X: " + b"y" * 1000 + b"\r\n"
_TELLS = json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()


def late(make: Callable[[], Send]) -> Send:
    """A large answer, made when it is asked for."""
    return lambda connection: make()(connection)


def _thinks(thoughts: str) -> bytes:
    message = {"content": "", "reasoning_content": thoughts}
    return json.dumps({"choices": [{"message": message}]}).encode()


def _says(content: object, **more: object) -> bytes:
    choice = {"finish_reason": "stop", "message": {"content": content}}
    return json.dumps({"choices": [choice], **more}).encode()


@cache
def _bomb(wbits: int) -> bytes:
    """A gigabyte and a half of spaces, packed to less than two megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)

    def block() -> bytes:  # after a full flush each next one has the same bytes
        return packer.compress(b" " * 2**24) + packer.flush(zlib.Z_FULL_FLUSH)

    return block() + block() * 95 + packer.flush()


def _slow(head: bytes, byte: bytes) -> Send:
    def parts() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield byte

    return endless(head, parts)


def _repeats(head: bytes, part: bytes) -> Send:
    def parts() -> Iterator[bytes]:
        while True:
            yield part

    return endless(head, parts)


class Behaviour(NamedTuple):
    """What a server does.

    Attributes:
        name: of the kind.
        send: what it answers each request with; `{other}` of a header is another server.
        most: how often one question may ask it.
        answers: whether a question may be answered by it all the same.
    """

    name: str
    send: Send
    most: int = 1
    answers: bool = False


def _redirect(status: int, location: str | None) -> Send:
    header = () if location is None else (f"Location: {location}",)
    return whole(b"", *header, "X-None: 0", status=f"{status} Elsewhere")


def behaviours(other: str) -> list[Behaviour]:
    """Every way, with the address of a server that must hear of nothing."""
    json_type = "Content-Type: application/json"
    gzipped, deflated = "Content-Encoding: gzip", "Content-Encoding: deflate"
    return [
        *(Behaviour(f"redirect {status}", _redirect(status, f"{other}/v1/chat/completions"))
          for status in (301, 302, 303, 307, 308)),
        Behaviour("redirect to nowhere", _redirect(302, None)),
        Behaviour("redirect to itself", _redirect(307, "/v1/chat/completions")),
        Behaviour("redirect to a file", _redirect(302, "file:///etc/passwd")),
        Behaviour("endless body", _repeats(_OK + b"\r\n" + _OPEN, b"x" * 65536)),
        Behaviour("endless chunks", _repeats(
            _OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n")),
        Behaviour("gzip bomb", late(lambda: whole(_bomb(31), json_type, gzipped))),
        Behaviour("deflate bomb", late(lambda: whole(_bomb(15), json_type, deflated))),
        Behaviour("gzip bomb in a refusal",
                  late(lambda: whole(_bomb(31), json_type, gzipped,
                                     status="400 Bad"))),
        Behaviour("gzip of gzip", whole(gzip.compress(gzip.compress(_SAYS)), json_type,
                                        "Content-Encoding: gzip, gzip")),
        Behaviour("honest gzip", whole(gzip.compress(_SAYS), json_type, gzipped),
                  answers=True),
        Behaviour("gzip cut off", whole(gzip.compress(_SAYS)[:-20], json_type, gzipped)),
        Behaviour("gzip that is none", whole(_SAYS, json_type, gzipped)),
        Behaviour("brotli unasked", whole(_SAYS, json_type, "Content-Encoding: br")),
        Behaviour("zstd unasked", whole(_SAYS, json_type, "Content-Encoding: zstd")),
        Behaviour("100 MB of JSON", late(lambda: whole(_says("x" * 100_000_000)))),
        Behaviour("runs on for 5 MB", late(lambda: whole(_says("no program " * 450_000)))),
        Behaviour("thinks for 5 MB", late(lambda: whole(_thinks("hm " * 1_700_000))), most=4),
        Behaviour("deep JSON", whole(b"[" * 200_000)),
        Behaviour("wide JSON", late(lambda: whole(b"[" + b"[]," * 2_500_000 + b"[]]"))),
        Behaviour("huge number", whole(b'{"choices": ' + b"9" * 1_000_000 + b"}")),
        Behaviour("charset rot13", whole(_SAYS, "Content-Type: application/json; charset=rot13"),
                  answers=True),
        Behaviour("charset unknown", whole(_SAYS, "Content-Type: text/x; charset=klingon"),
                  answers=True),
        Behaviour("UTF-16", whole(_SAYS.decode().encode("utf-16"), f"{json_type}; charset=utf-16")),
        Behaviour("Latin-1", whole(_says("x").replace(b"x", b"\xe9\xff"), json_type)),
        Behaviour("a page", whole(b"<html>" + b"<p>hello" * 1000, "Content-Type: text/html")),
        Behaviour("a stream of events", whole(b"data: {}\n\n" * 1000,
                                              "Content-Type: text/event-stream")),
        Behaviour("no body", whole(b"")),
        Behaviour("204", whole(b"", status="204 No Content")),
        Behaviour("choices of null", whole(b'{"choices": null}')),
        Behaviour("content of numbers", whole(_says([1, 2, {"text": 3}]))),
        Behaviour("escapes", whole(_says("\x1b[2J\x1b]0;x\x07\u202e```python\nfoo\n```")), most=4),
        Behaviour("half a character", whole(_SAYS.replace(b"answer", b"\\ud800answer")), most=4),
        Behaviour("longer than it is", whole(_SAYS, length=10_000_000), most=4),
        Behaviour("shorter than it is", whole(_SAYS, length=20)),
        Behaviour("length below nothing", whole(_SAYS, length=-5), most=4),
        Behaviour("no HTTP", raw(b"SSH-2.0-OpenSSH_9.6\r\n"), most=4),
        Behaviour("gone at once", raw(b""), most=4),
        Behaviour("endless headers", _repeats(b"HTTP/1.1 200 OK\r\n", _LONG_HEADER), most=4),
        Behaviour("slow headers", _slow(b"HTTP/1.1 200 OK\r\nX: ", b"y"), most=4),
        Behaviour("slow body", _slow(_OK + b"\r\n" + _OPEN, b"x")),
        Behaviour("slow refusal", _slow(b"HTTP/1.1 500 Oh\r\n\r\n", b"x"), most=4),
        Behaviour("endless 100", _repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
        Behaviour("never answers", _slow(b"", b"")),
        Behaviour("wait a year", whole(b"{}", "Retry-After: 31536000", status="429 Slow")),
        Behaviour("wait less than nothing", whole(b"{}", "Retry-After: -5", status="503 No"),
                  most=4),
        Behaviour("100 MB of failure", late(lambda: whole(b"x" * 100_000_000, status="500 Oh"))),
        Behaviour("tells the key", whole(_TELLS, status="401 No")),
        Behaviour("status 999", whole(_SAYS, status="999 What")),
        Behaviour("forged lines", whole(b"x\nvprog: isolation: none\n\x1b[31m", status="400 Bad")),
    ]  # fmt: skip


@cache
def _film() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vprog-servers-"))
    return draw_video(folder / "clip.mp4", 30, fps=10, size=(64, 48))


def attempt(number: int, part: str) -> tuple[Verdict, str]:
    """Ask a question whose writer, VLM or embedder is such a server."""
    with RawServer(whole(_SAYS)) as other:
        behaviour = behaviours(other.address)[number]
        with (
            RawServer(behaviour.send) as server,
            tempfile.TemporaryDirectory(prefix="vprog-servers-") as name,
        ):
            folder = Path(name)
            (folder / "reply.txt").write_text("```python\nanswer(7)\n```")
            options = {
                "writer": ["--llm", "openai:m"],
                "vlm": ["--fast", "--vlm", "openai:m"],
                "embedder": ["--llm", f"scripted:{folder / 'reply.txt'}",
                             "--set", "embedder=openai:m"],
            }[part]  # fmt: skip
            env = environment(
                VPROG_TRACE_DIR=str(folder / "traces"),
                VPROG_CACHE_DIR=str(folder / "cache"),
                XDG_CONFIG_HOME=str(folder / "config"),
                OPENAI_BASE_URL=f"{server.address}/v1",
                OPENAI_API_KEY=KEY,
            )
            code, peak_mb, out, err = _run(folder, options, env)
            traces = b"".join(path.read_bytes() for path in folder.rglob("trace.jsonl"))
            return judge(behaviour, part, code, peak_mb, out, err + traces, server, other)


def _run(folder: Path, options: list[str], env: dict[str, str]) -> tuple[int, float, bytes, bytes]:
    """Exit code (None where it hung: -1000), peak memory in MB, stdout and stderr."""
    asked = [*COMMAND, "solve", str(_film()), "What is there?", "--json"]
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [*asked, *options, "--max-seconds", str(LIMIT_S),
             "--set", f"llm_timeout={REPLY_S}"],
            stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=env,
        )  # fmt: skip
        clock = threading.Timer(HUNG_S, process.kill)
        clock.start()
        _, state, usage = os.wait4(process.pid, 0)
        clock.cancel()
        process.returncode = os.waitstatus_to_exitcode(state)
    inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # a fork begins with our peak
    return (
        process.returncode,
        usage.ru_maxrss / 1024 if usage.ru_maxrss > inherited else 0.0,
        (folder / "out").read_bytes(),
        (folder / "err").read_bytes(),
    )


def judge(
    behaviour: Behaviour,
    part: str,
    code: int,
    peak_mb: float,
    out: bytes,
    texts: bytes,
    server: RawServer,
    other: RawServer,
) -> tuple[Verdict, str]:
    """What a question must have left behind."""
    if code == -9:
        return "hung", f"killed after {HUNG_S:.0f} s"
    if code < 0:
        return "crashed", f"signal {-code}"
    if other.posts:
        return "leaked", f"{len(other.posts[0])} bytes went to another server"
    if KEY.encode() in out + texts:
        return "leaked", "the key is shown"
    if peak_mb > MOST_MB:
        return "leaked", f"{peak_mb:.0f} MB"
    try:
        shown = json.loads(out)
    except ValueError:
        return "wrong", f"stdout is not one object: {out[:100]!r} {texts[-200:]!r}"
    status = shown["status"]
    if status == "internal" or b"Traceback" in texts:
        return "crashed", f"{shown['error']}"
    if b"\x1b" in out + texts or b"\nvprog: isolation: none" in texts:
        return "leaked", "the server's text reached the terminal as it was"
    if len(server.posts) > behaviour.most:
        return "wrong", f"asked {len(server.posts)} times"
    if part == "embedder":  # words rank in place of vectors, and a warning says so
        ok = status == "answered" and any("ranked by" in text for text in shown["warnings"])
        return ("survived", "") if ok else ("wrong", f"{status}: {shown['error']}")
    allowed = {"llm_error", *(("answered", "rejected", "failed") if behaviour.answers else ())}
    if part == "vlm" and any(word in behaviour.name for word in ("slow", "endless", "never")):
        allowed.add("limit")  # its requests have the time of the question, and no less
    if part == "vlm" and "runs on" in behaviour.name:
        allowed.add("answered")  # what a VLM says in free text is cut, and used
    if behaviour.most > 1:  # a reply without a program may be repaired, and then refused
        allowed |= {"rejected", "failed", "answered", "limit"}
    if status not in allowed:
        return "wrong", f"{status}: {shown['error']}"
    return "survived", ""


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """Each behaviour in each part, from the one that the seed names."""
    names = [behaviour.name for behaviour in behaviours("http://127.0.0.1:9")]
    for at in range(seed, seed + count):
        number, part = (at // len(PARTS)) % len(names), PARTS[at % len(PARTS)]

        def tried(number: int = number, part: str = part) -> tuple[Verdict, str]:
            return attempt(number, part)

        yield Attack(f"{part} {names[number]}", tried)


FIELD = Field(
    "hostile servers: writer, VLM, embedder", attacks, usual=len(PARTS) * len(behaviours(""))
)
