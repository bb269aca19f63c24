"""Vectors from a real server on the loopback, and what its replies may not be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from tests.llm.server import Answer, ChatServer, gives, refuses
from vprog.errors import (
    ConfigError,
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    VprogError,
)
from vprog.llm import embedding
from vprog.llm.embedding import Embedded, open_embedder, read_vectors

pytest.importorskip("openai")


def vectors(*rows: Sequence[float], tokens: int = 5) -> Answer:
    """A reply with these vectors, last first: indices count, not the order."""
    data = [
        {"object": "embedding", "index": number, "embedding": row}
        for number, row in enumerate(rows)
    ]
    return gives({"data": data[::-1], "model": "tiny", "usage": {"prompt_tokens": tokens}})


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def embed(spec: str, texts: Sequence[str], timeout_s: float = 30.0) -> Embedded:
    made = open_embedder(spec)
    try:
        return made.embed(texts, timeout_s)
    finally:
        made.close()


def test_vectors_come_in_the_order_of_the_texts_and_have_length_1() -> None:
    with ChatServer([vectors([3, 4], [0, -2.0])]) as server:
        embedded = embed(f"openai:tiny@{server.url}", ["a", "b"])
    assert embedded == Embedded(((0.6, 0.8), (0.0, -1.0)), 5)
    (asked,) = server.asked
    assert asked.path == "/v1/embeddings"
    assert asked.body == {"model": "tiny", "input": ["a", "b"], "encoding_format": "float"}


def test_a_text_that_is_no_unicode_is_sent_all_the_same() -> None:
    with ChatServer([vectors([1])]) as server:
        assert embed(f"openai:tiny@{server.url}", ["half \ud800 é"]).vectors == ((1.0,),)
    assert server.asked[0].body["input"] == ["half ? é"]


def test_long_lists_go_in_several_requests() -> None:
    rows = [[1.0, float(number)] for number in range(embedding.BATCH + 1)]
    with ChatServer([vectors(*rows[:-1]), vectors(rows[-1])]) as server:
        embedded = embed(f"openai:tiny@{server.url}", [str(number) for number in range(len(rows))])
    assert len(embedded.vectors) == len(rows)
    assert embedded.vectors[-1] == pytest.approx(
        (1 / math.hypot(*rows[-1]), 32 / math.hypot(1, 32))
    )
    assert (len(server.asked), embedded.tokens) == (2, 10)


def test_the_key_goes_to_the_server_of_the_base_url_and_to_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ChatServer([vectors([1]), vectors([1])]) as named, ChatServer([vectors([1])]) as other:
        monkeypatch.setenv("OPENAI_BASE_URL", named.url)
        embed("openai:tiny", ["a"])
        embed(f"openai:tiny@{named.url}", ["a"])
        embed(f"openai:tiny@{other.url}", ["a"])
    keys = [request.headers["authorization"] for request in (*named.asked, *other.asked)]
    assert keys == ["Bearer secret-key", "Bearer secret-key", "Bearer none"]


def test_a_passing_failure_is_tried_again() -> None:
    with ChatServer([refuses(503, "loading", retry_after_ms="1"), vectors([2.0])]) as server:
        assert embed(f"openai:tiny@{server.url}", ["a"]).vectors == ((1.0,),)


@pytest.mark.parametrize("status", [501, 999])
def test_a_failure_that_does_not_pass_is_asked_once(status: int) -> None:
    with ChatServer([refuses(status, "never"), vectors([2.0])]) as server:
        with pytest.raises(LlmUnreachableError, match="failed in one attempt"):
            embed(f"openai:tiny@{server.url}", ["a"])
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refuses(404, "no such model secret-key"), LlmRefusedError, 'refused with 404: "no such'),
        (refuses(401, "who?"), LlmRefusedError, "gets no key"),
        (Answer(b"{}"), LlmReplyError, "no vectors for 1 texts"),
        (Answer(b"<html>"), LlmReplyError, "no JSON"),
        (Answer(b"[" * 100_000), LlmReplyError, "no JSON"),
        (gives({"data": []}), LlmReplyError, "0 vectors for 1 texts"),
        (Answer(cuts=True, body=b'{"data": []}'), LlmUnreachableError, "the connection broke"),
    ],
)
def test_what_is_no_vector_is_a_typed_error(
    answer: Answer, error: type[VprogError], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "RETRIES", 0)
    with ChatServer([answer]) as server, pytest.raises(error) as caught:
        embed(f"openai:tiny@{server.url}", ["a"])
    assert words in f"{caught.value}"
    assert "embedder openai:tiny at http://127.0.0.1" in str(caught.value)


def test_a_server_that_never_answers_ends_at_the_deadline() -> None:
    with (
        ChatServer([Answer(holds=True)]) as server,
        pytest.raises(LlmUnreachableError, match=r"no vectors within 0\.2 s"),
    ):
        embed(f"openai:tiny@{server.url}", ["a"], timeout_s=0.2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"embedding": [1]}, {"embedding": [1, 2]}], "several dimensions"),
        ([{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}], "their positions"),
        ([{"index": 5, "embedding": [1]}, {"index": 0, "embedding": [1]}], "their positions"),
        ([{"embedding": []}, {"embedding": []}], "something else than vectors"),
        ([{"embedding": "AAAA"}, {"embedding": [1]}], "something else than vectors"),
        ([{"embedding": [True]}, {"embedding": [1]}], "something else than numbers"),
        ([{"embedding": ["1"]}, {"embedding": [1]}], "something else than numbers"),
        ([{"embedding": [math.nan]}, {"embedding": [1]}], "something else than numbers"),
        ([{"embedding": [math.inf]}, {"embedding": [1]}], "something else than numbers"),
        ([{"embedding": [10**400]}, {"embedding": [1]}], "something else than numbers"),
        ([{"embedding": [0, 0.0]}, {"embedding": [1, 0]}], "a vector of zeros"),
        (["x", "y"], "their positions"),
    ],
)
def test_hostile_vectors_are_refused(rows: list[Any], said: str) -> None:
    with pytest.raises(LlmReplyError, match=said):
        read_vectors({"data": rows}, 2, "embedder")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("nomic", 'unknown kind of embedder "nomic"'),
        ("hf:model", 'unknown kind of embedder "hf"'),
        ("openai:", "names no model"),
        ("openai:@http://127.0.0.1:1/v1", "names no model"),
        ("openai:tiny@http://me:pass@127.0.0.1:1/v1", "holds a password"),
        ("openai:tiny@http://127.0.0.1:1/v1?key=pass", "or a query"),
        ("openai:tiny@http://[1", "cannot be read"),
        ("openai:tiny@http://127.0.0.1:99999/v1", "cannot be read"),
        ("openai:tiny@http:///v1", "cannot be read"),
    ],
)
def test_a_spec_that_names_no_embedder_is_told_and_hides_passwords(spec: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_embedder(spec)
    assert said in str(caught.value)
    assert "pass@" not in str(caught.value)
    assert "=pass" not in str(caught.value)


def test_the_hosted_server_needs_a_key_and_is_asked_nothing_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(LlmRefusedError, match="nothing was sent"):
        open_embedder("openai:text-embedding-3-small")


def test_a_model_name_may_hold_an_at_sign() -> None:
    made = open_embedder("openai:@cf/baai/bge@http://127.0.0.1:1/v1")
    made.close()
    assert made.where == "embedder openai:@cf/baai/bge at http://127.0.0.1:1/v1"
