from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import ConfigError, LlmReplyError, LlmUnreachableError
from vprog.llm.language_model import Completion, Message, Request
from vprog.llm.scripted import ScriptedModel, open_model

ASK = Request((Message("user", "Go."),))


def write(folder: Path, text: str) -> str:
    path = folder / "script.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_scripted_gives_its_replies_in_order(tmp_path: Path) -> None:
    model = open_model(write(tmp_path, "one\ntwo\n---\nthree\n --- \nfour\n---  \nfive"))
    assert [model.complete(ASK).text for _ in range(3)] == [
        "one\ntwo\n",
        "three\n --- \nfour\n",
        "five",
    ]
    assert model.requests == [ASK, ASK, ASK]


def test_scripted_says_when_it_is_at_its_end(tmp_path: Path) -> None:
    model = open_model(write(tmp_path, "one\n---\n"))
    model.complete(ASK)
    with pytest.raises(LlmReplyError, match=r"holds 1 replies.*request 2"):
        model.complete(ASK)


def test_scripted_gives_several_samples_at_once() -> None:
    model = ScriptedModel(["a", Completion("b", "length"), "c"])
    reply = model.complete(Request(ASK.messages, n=2))
    assert [(completion.text, completion.is_cut) for completion in reply.completions] == [
        ("a", False),
        ("b", True),
    ]
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (1, 2)
    assert model.complete(ASK).text == "c"


def test_scripted_raises_an_error_in_its_turn() -> None:
    model = ScriptedModel([LlmUnreachableError("gone"), "back"])
    with pytest.raises(LlmUnreachableError, match="gone"):
        model.complete(ASK)
    assert model.complete(ASK).text == "back"


def test_scripted_refuses_a_file_without_replies(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        open_model(str(tmp_path / "none.txt"))
    with pytest.raises(ConfigError, match="holds no reply"):
        open_model(write(tmp_path, "---\n\n---\n"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        open_model(str(tmp_path / "binary"))
    with pytest.raises(ConfigError, match="directory"):
        open_model(str(tmp_path))
