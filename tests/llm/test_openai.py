from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.llm.server import Answer, ChatServer, gives, refuses, says
from vprog.errors import (
    LlmError,
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    PackageMissingError,
)
from vprog.llm.language_model import Image, Message, Request
from vprog.llm.openai import OpenAIModel

KEY = "sk-test-9f8e7d6c"
ASK = Request((Message("user", "How many?"),), timeout_s=20.0)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@contextlib.contextmanager
def served(
    *answers: Answer, key: str = KEY, retries: int = 3
) -> Iterator[tuple[OpenAIModel, ChatServer]]:
    with ChatServer(answers) as server:
        model = OpenAIModel("tiny", base_url=server.url, api_key=key, retries=retries, wait_s=0.001)
        try:
            yield model, server
        finally:
            model.close()


def test_openai_gives_text_usage_and_model() -> None:
    with served(says("answer(1)")) as (model, server):
        reply = model.complete(ASK)
    assert reply.text == "answer(1)"
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (11, 7)
    assert not reply.usage.is_estimated
    assert (model.name, reply.model) == ("openai:tiny", "tiny")
    assert reply.seconds > 0
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "How many?"}],
        "temperature": 0.0,
        "max_tokens": 4096,
    }


def test_openai_obeys_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with ChatServer([says("yes")]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        model = OpenAIModel("m")
        assert model.complete(ASK).text == "yes"
        model.close()
        assert server.asked[0].headers["authorization"] == "Bearer none"


def test_openai_without_key_and_server_sends_nothing() -> None:
    with pytest.raises(LlmRefusedError, match=r"no API key is set.*OPENAI_BASE_URL"):
        OpenAIModel("gpt")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "clé"])
def test_openai_refuses_a_key_that_cannot_be_one_without_showing_it(key: str) -> None:
    with pytest.raises(LlmRefusedError) as caught:
        OpenAIModel("gpt", api_key=key)
    assert key not in str(caught.value)


def test_openai_sends_images_stops_and_sampling() -> None:
    request = Request(
        (Message("system", "Look."), Message("user", "What?", (Image(b"\x89P", "image/png"),))),
        temperature=0.5,
        max_tokens=3,
        stop=("\n",),
        want_logprobs=True,
        top_logprobs=2,
        may_be_cut=True,
    )
    with served(says("A")) as (model, server):
        model.complete(request)
    body = server.asked[0].body
    assert body["messages"] == [
        {"role": "system", "content": "Look."},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVA="}},
                {"type": "text", "text": "What?"},
            ],
        },
    ]
    del body["messages"]
    assert body == {
        "model": "tiny",
        "temperature": 0.5,
        "max_tokens": 3,
        "stop": ["\n"],
        "logprobs": True,
        "top_logprobs": 2,
    }


REFUSALS: list[tuple[Answer, type[LlmError], str]] = [
    (
        refuses(401, "Incorrect API key"),
        LlmRefusedError,
        r'401: "Incorrect API key".*OPENAI_API_KEY',
    ),
    (refuses(403, "no"), LlmRefusedError, r"403.*OPENAI_API_KEY"),
    (refuses(404, "no such model"), LlmRefusedError, r'404: "no such model".*model "tiny"'),
    (refuses(400, "bad"), LlmRefusedError, r'400: "bad"'),
    (
        refuses(400, "This model's maximum context length is 10", "context_length_exceeded"),
        LlmRefusedError,
        r"longer context",
    ),
    (refuses(429, "spent", "insufficient_quota"), LlmRefusedError, r"quota is spent"),
    (
        refuses(429, "slow down", retry_after="3600"),
        LlmRefusedError,
        r"rate limit.*in 3600 s: too late",
    ),
    (Answer(b"<html>proxy</html>", 403), LlmRefusedError, r"<html>proxy</html>"),
    (Answer(b"", 404), LlmRefusedError, r"404"),
    (gives(["odd"], 400), LlmRefusedError, r"odd"),
]


@pytest.mark.parametrize(("answer", "error", "message"), REFUSALS)
def test_openai_refusals_are_typed_and_not_retried(
    answer: Answer, error: type[LlmError], message: str
) -> None:
    with served(answer) as (model, server):
        with pytest.raises(error, match=message) as caught:
            model.complete(ASK)
        assert len(server.asked) == 1
    assert caught.value.message.startswith(f"openai:tiny at {server.url}: ")
    assert caught.value.hint


PASSING: list[Answer] = [
    refuses(429, "slow down", retry_after="0"),
    refuses(500, "oops"),
    refuses(503, "loading", retry_after="0"),
    refuses(429, "slow down", retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    Answer(b'{"choices": []}' * 10, cuts=True),
]


@pytest.mark.parametrize("answer", PASSING)
def test_openai_tries_again_after_a_passing_failure(answer: Answer) -> None:
    with served(answer, says("now")) as (model, server):
        assert model.complete(ASK).text == "now"
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (refuses(429, "slow", retry_after="0"), LlmRefusedError, r"rate limit after 3 attempts"),
        (refuses(500, "oops"), LlmUnreachableError, r'failed in 3 attempts, 500: "oops"'),
        (Answer(b"x" * 100, cuts=True), LlmUnreachableError, r"the connection broke"),
    ],
)
def test_openai_retries_are_bounded(answer: Answer, error: type[LlmError], message: str) -> None:
    with served(*[answer] * 5, retries=2) as (model, server):
        with pytest.raises(error, match=message):
            model.complete(ASK)
        assert len(server.asked) == 3


@pytest.mark.parametrize("answer", [Answer(holds=True), Answer(b"{}" * 50, drips=True)])
def test_openai_ends_a_slow_reply_at_the_deadline(answer: Answer) -> None:
    with (
        served(answer) as (model, _),
        pytest.raises(LlmUnreachableError, match=r"no whole reply within 0\.2 s"),
    ):
        model.complete(Request(ASK.messages, timeout_s=0.2))


def test_openai_says_when_nothing_listens() -> None:
    with ChatServer([]) as server:
        url = server.url
    model = OpenAIModel("tiny", base_url=url, api_key=KEY)
    with pytest.raises(LlmUnreachableError, match=r"no connection: .*Check that the server runs"):
        model.complete(ASK)
    model.close()


@pytest.mark.parametrize(
    "url", ["127.0.0.1:1/v1", "http://no-such-host.invalid/v1", "ftp://127.0.0.1/v1"]
)
def test_openai_says_when_the_address_cannot_be(url: str) -> None:
    model = OpenAIModel("tiny", base_url=url, api_key=KEY)
    with pytest.raises(LlmUnreachableError, match=r"OPENAI_BASE_URL"):
        model.complete(ASK)
    model.close()


UNUSABLE: list[tuple[Answer, str]] = [
    (Answer(b"not json at all"), r'not JSON, it begins with "not json at all"'),
    (Answer(b'{"choices": [' * 5000), r"not JSON"),
    (gives([1, 2]), r'no "choices"'),
    (gives({"error": {"message": "loading"}}), r'no "choices": "loading"'),
    (gives({"choices": None}), r'no "choices"'),
    (gives({"choices": []}), r"no choices"),
    (gives({"choices": [None]}), r"no message"),
    (gives({"choices": [{"message": None}]}), r"no message"),
    (gives({"choices": [{"message": {"content": None}}]}), r"empty"),
    (says("   \n"), r"empty"),
    (says("answer(", finish="length"), r"cut short at 4096 tokens \(finish_reason length\)"),
    (says("x", finish="content_filter"), r"content filter"),
    (
        gives({"choices": [{"message": {"content": None, "refusal": "I cannot."}}]}),
        r'declined: "I cannot\."',
    ),
    (
        gives(
            {
                "choices": [
                    {
                        "finish_reason": "length",
                        "message": {"content": None, "reasoning_content": "hmm"},
                    }
                ]
            }
        ),
        r"all spent on thoughts",
    ),
    (says("\x1b[31m\x00", finish="\x1b[2J", choices=[{"message": {}}]), r"empty"),
]


@pytest.mark.parametrize(("answer", "message"), UNUSABLE)
def test_openai_says_why_a_reply_is_of_no_use(answer: Answer, message: str) -> None:
    with served(answer) as (model, _), pytest.raises(LlmReplyError, match=message):
        model.complete(ASK)


def test_openai_messages_are_safe_to_print() -> None:
    hostile = "\x1b[2Jfake line\r\n\u202eevil " + "x" * 5000
    with served(refuses(400, hostile)) as (model, _), pytest.raises(LlmRefusedError) as caught:
        model.complete(ASK)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


QUIRKS: list[tuple[dict[str, Any], str]] = [
    (
        {"content": [{"type": "text", "text": "ans"}, {"type": "text", "text": "wer(1)"}]},
        "answer(1)",
    ),
    ({"content": None, "reasoning_content": "answer(2)"}, "answer(2)"),
    ({"content": "", "reasoning": "answer(3)"}, "answer(3)"),
    ({"content": "answer(4)", "reasoning_content": "I think"}, "answer(4)"),
]


@pytest.mark.parametrize(("message", "expected"), QUIRKS)
def test_openai_reads_what_servers_really_send(message: dict[str, Any], expected: str) -> None:
    with served(gives({"choices": [{"message": message}]})) as (model, _):
        reply = model.complete(ASK)
    assert reply.text == expected
    assert reply.model == "tiny"
    assert reply.usage.is_estimated
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (3, 3)


def test_openai_gives_logprobs_and_lets_a_short_reply_be_cut() -> None:
    content = [
        {
            "token": "A",
            "logprob": -0.1,
            "top_logprobs": [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": None}],
        },
        {"token": ".", "logprob": -99999},
    ]
    choice = {
        "message": {"content": "A."},
        "finish_reason": "length",
        "logprobs": {"content": content},
    }
    request = Request(ASK.messages, max_tokens=2, want_logprobs=True, may_be_cut=True)
    with served(gives({"choices": [choice]})) as (model, _):
        (completion,) = model.complete(request).completions
    assert completion.is_cut
    assert completion.logprobs is not None
    assert [(logprob.text, logprob.logprob) for logprob in completion.logprobs] == [
        ("A", -0.1),
        (".", -9999),
    ]
    assert completion.logprobs[0].top == (("A", -0.1),)


@pytest.mark.parametrize("logprobs", [None, {}, {"content": None}, {"content": [{"token": 1}]}, 3])
def test_openai_logprobs_that_are_missing_or_wrong_are_none(logprobs: object) -> None:
    choice = {"message": {"content": "A"}, "logprobs": logprobs}
    with served(gives({"choices": [choice]})) as (model, _):
        reply = model.complete(Request(ASK.messages, want_logprobs=True))
    assert reply.completions[0].logprobs is None


def test_openai_asks_again_for_samples_that_a_server_leaves_out() -> None:
    with served(*[says(text) for text in "abcdef"]) as (model, server):
        request = Request(ASK.messages, n=3, temperature=0.8)
        first, second = model.complete(request), model.complete(request)
    assert sorted(completion.text for completion in first.completions) == ["a", "b", "c"]
    assert sorted(completion.text for completion in second.completions) == ["d", "e", "f"]
    assert first.usage.tokens_out == 21
    assert [request.body.get("n") for request in server.asked] == [3, None, None, None, None, None]


def test_openai_keeps_the_samples_that_came() -> None:
    cut = {"message": {"content": "answer("}, "finish_reason": "length"}
    whole = {"message": {"content": "answer(1)"}, "finish_reason": "stop"}
    with served(gives({"choices": [cut, whole]}), refuses(400, "no more")) as (model, _):
        reply = model.complete(Request(ASK.messages, n=3))
    assert [completion.text for completion in reply.completions] == ["answer(1)"]


@pytest.mark.parametrize(
    ("refusal", "sent", "instead"),
    [
        (
            refuses(400, "Use 'max_completion_tokens'", "unsupported_parameter", "max_tokens"),
            "max_tokens",
            "max_completion_tokens",
        ),
        (
            refuses(400, "0 is not supported", "unsupported_value", "temperature"),
            "temperature",
            None,
        ),
        (refuses(422, "Unsupported parameter: 'stop'"), "stop", None),
    ],
)
def test_openai_does_without_what_a_server_refuses_by_name(
    refusal: Answer, sent: str, instead: str | None
) -> None:
    request = Request(ASK.messages, stop=("#",))
    with served(refusal, says("a"), says("b")) as (model, server):
        assert model.complete(request).text == "a"
        assert model.complete(request).text == "b"
    assert [sent in request.body for request in server.asked] == [True, False, False]
    if instead:
        assert server.asked[2].body[instead] == 4096


def test_openai_does_without_the_system_role_where_a_model_has_none() -> None:
    request = Request((Message("system", "Be brief."), Message("user", "How many?")))
    refusal = refuses(400, "System role not supported")
    with served(refusal, says("a")) as (model, server):
        assert model.complete(request).text == "a"
    assert server.asked[1].body["messages"] == [
        {"role": "user", "content": "Be brief.\n\nHow many?"}
    ]


def test_openai_says_so_after_it_was_closed() -> None:
    with served(says("a"), says("b"), retries=0) as (model, _):
        assert model.complete(ASK).text == "a"
        model.close()
        with pytest.raises(LlmUnreachableError):
            model.complete(ASK)


def test_openai_key_never_shows() -> None:
    answers = [
        refuses(401, f"Incorrect API key provided: {KEY}."),
        Answer(f"<{KEY}>".encode(), 500),
    ]
    for answer in answers:
        with served(answer, retries=0) as (model, _):
            with pytest.raises(LlmError) as caught:
                model.complete(ASK)
            shown = "".join(traceback.format_exception(caught.value))
            assert "[key]" in shown
            assert KEY not in shown + repr(caught.value) + repr(model) + model.name


def test_openai_user_and_query_of_the_address_never_show() -> None:
    model = OpenAIModel("m", base_url="http://user:secret@127.0.0.1:9/v1?token=secret", api_key=KEY)
    with pytest.raises(LlmUnreachableError) as caught:
        model.complete(ASK)
    model.close()
    assert "secret" not in "".join(traceback.format_exception(caught.value)) + repr(model)


def test_openai_works_inside_a_running_event_loop() -> None:
    async def inside(model: OpenAIModel) -> str:
        return model.complete(ASK).text

    with served(says("a")) as (model, _):
        assert asyncio.run(inside(model)) == "a"


def test_openai_serves_several_threads_at_once() -> None:
    texts: list[str] = []
    with served(*[says("a")] * 8) as (model, server):
        threads = [
            threading.Thread(target=lambda: texts.append(model.complete(ASK).text))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == ["a"] * 8
    assert len(server.asked) == 8


@pytest.mark.parametrize("ending", ["cancel", "close"])
def test_openai_cancel_and_close_end_a_call_in_flight(ending: str) -> None:
    with served(Answer(holds=True), says("later")) as (model, server):

        def end() -> None:
            server.waiting.acquire()
            getattr(model, ending)()

        thread = threading.Thread(target=end)
        thread.start()
        with pytest.raises(LlmUnreachableError, match="cancelled"):
            model.complete(ASK)
        thread.join()


def test_openai_ends_on_an_interrupt() -> None:
    code = (
        "import _thread, sys, threading\n"
        "from tests.llm.server import Answer, ChatServer\n"
        "from vprog.llm.language_model import Message, Request\n"
        "from vprog.llm.openai import OpenAIModel\n"
        "with ChatServer([Answer(holds=True)]) as server:\n"
        "    model = OpenAIModel('m', base_url=server.url)\n"
        "    def stop():\n"
        "        server.waiting.acquire()\n"
        "        import os, signal\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    threading.Thread(target=stop).start()\n"
        "    try:\n"
        "        model.complete(Request((Message('user', 'x'),), timeout_s=60))\n"
        "    except KeyboardInterrupt:\n"
        "        print('stopped')\n"
        "    model.close()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=30
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("stopped\n", "", 0)


def test_openai_names_the_command_when_the_package_does_not_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(PackageMissingError, match=r'pip install "vprog\[openai\]"'):
        OpenAIModel("m", api_key=KEY)


@dataclass(frozen=True)
class Bound:
    """A grammar of one text."""

    gbnf: str = 'root ::= "yes"'
    lark: str = 'start: "yes"'


@pytest.mark.parametrize(
    ("owner", "sent"),
    [
        ("llamacpp", {"grammar": 'root ::= "yes"'}),
        ("vllm", {"structured_outputs": {"grammar": 'root ::= "yes"'}}),
    ],
)
def test_openai_sends_a_grammar_as_the_server_takes_it(owner: str, sent: dict[str, Any]) -> None:
    with ChatServer([says("yes")], owned_by=owner) as server:
        model = OpenAIModel("tiny", base_url=server.url, api_key=KEY)
        assert "grammar" in model.capabilities
        assert model.complete(replace(ASK, grammar=Bound())).text == "yes"
        model.close()
    assert sent.items() <= server.asked[0].body.items()


@pytest.mark.parametrize("owner", ["", "library", "openai"])
def test_openai_takes_no_grammar_where_the_server_does_not_say_so(owner: str) -> None:
    with ChatServer([], owned_by=owner) as server:
        model = OpenAIModel("tiny", base_url=server.url, api_key=KEY)
        assert model.capabilities == {"json_schema", "logprobs", "images"}
        with pytest.raises(LlmRefusedError, match="takes no grammar"):
            model.complete(replace(ASK, grammar=Bound()))
        with pytest.raises(LlmRefusedError, match="a grammar and a JSON schema at once"):
            model.complete(replace(ASK, grammar=Bound(), json_schema={}))
        model.close()
    assert server.asked == []


def test_openai_sends_a_json_schema() -> None:
    schema = {"type": "object"}
    with served(says("{}")) as (model, server):
        model.complete(replace(ASK, json_schema=schema))
    assert server.asked[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": schema, "strict": True},
    }


def test_openai_half_a_character_in_a_reply_is_replaced() -> None:
    with served(says("yes \ud800")) as (model, _):
        assert model.complete(ASK).text == "yes ?"


def test_openai_tells_what_a_reply_cost_that_is_of_no_use() -> None:
    with (
        served(says("x = ", finish="length")) as (model, _),
        pytest.raises(LlmReplyError, match="cut short") as caught,
    ):
        model.complete(ASK)
    assert (caught.value.tokens_in, caught.value.tokens_out) == (11, 7)
