from __future__ import annotations

import ast
import importlib.util
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from vprog.errors import (
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    PackageMissingError,
    WeightsMissingError,
)
from vprog.llm.language_model import Message, Request
from vprog.llm.llama import LlamaModel, open_model
from vprog.llm.llama_runtimes import RUNTIMES, XllamacppRuntime

ASK = Request((Message("user", "How many?"),), max_tokens=12, may_be_cut=True)
HERE = [package for package in RUNTIMES if importlib.util.find_spec(package) is not None]
needs_llama = pytest.mark.skipif(not HERE, reason="no binding of llama.cpp is installed")


@pytest.mark.skipif(bool(HERE), reason="a binding of llama.cpp is installed")
def test_llama_names_the_command_where_it_is_not_installed() -> None:
    with pytest.raises(PackageMissingError, match=r"vprog\[llama\]"):
        open_model("model.gguf")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("gguf", reason="gguf is not installed")
    from tests.llm.tiny_gguf import save_gguf

    return save_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="module", params=list(RUNTIMES))
def model(request: pytest.FixtureRequest, file: Path) -> Iterator[LlamaModel]:
    """The same model by each binding that is here."""
    if request.param not in HERE:
        pytest.skip(f"{request.param} is not installed")
    model = LlamaModel(file, name="llama:tiny", device="cpu", runtime=request.param)
    yield model
    model.close()


@needs_llama
def test_llama_refuses_what_is_no_gguf(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match="cannot be read"):
        open_model(str(tmp_path / "none.gguf"))
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(WeightsMissingError, match=r"is no GGUF"):
        open_model(str(tmp_path / "text.gguf"))


def test_llama_gives_text_usage_and_logprobs(model: LlamaModel) -> None:
    reply = model.complete(replace(ASK, want_logprobs=True, top_logprobs=2))
    (given,) = reply.completions
    assert given.is_cut
    assert given.logprobs is not None
    assert all(logprob.logprob < 0 and type(logprob.logprob) is float for logprob in given.logprobs)
    assert reply.usage.tokens_out > 0


def test_llama_refuses_a_cut_reply(model: LlamaModel) -> None:
    with pytest.raises(LlmReplyError, match="cut short"):
        model.complete(replace(ASK, may_be_cut=False))


def test_llama_ends_at_its_deadline(model: LlamaModel) -> None:
    with pytest.raises(LlmUnreachableError, match="no whole reply within"):
        model.complete(replace(ASK, timeout_s=0.0001, max_tokens=500))


def test_llama_cancel_ends_a_call_in_flight(model: LlamaModel) -> None:
    long = replace(ASK, temperature=1.0, n=10_000, max_tokens=200, timeout_s=600.0)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(model.complete, long)
        while not model.is_busy:
            assert not call.done()
        model.cancel()
        with pytest.raises(LlmUnreachableError, match="cancelled"):
            call.result(timeout=60)
    assert model.complete(ASK).usage.tokens_out > 0  # the next call is not cancelled


def test_llama_under_a_grammar_writes_programs_alone(model: LlamaModel) -> None:
    from tests.program.world import signatures
    from vprog.program.grammar.program_grammar import program_grammar

    grammar = program_grammar(signatures().values(), fenced=False)
    free = replace(ASK, temperature=1.0, n=40, max_tokens=40)
    bound = replace(free, grammar=grammar, timeout_s=600.0)
    ended = [
        completion.text for completion in model.complete(bound).completions if not completion.is_cut
    ]
    wrong = [text for text in ended if not _parses(text)]
    parse = sum(_parses(completion.text) for completion in model.complete(free).completions)
    print(f"{len(ended)} of 40 ended, {len(wrong)} do not parse; without grammar {parse} parse")
    assert wrong == []
    assert len(ended) >= 3
    assert parse < 3


def test_llama_writes_by_a_json_schema(model: LlamaModel) -> None:
    schema = {
        "type": "object",
        "properties": {"sure": {"type": "boolean"}},
        "required": ["sure"],
        "additionalProperties": False,
    }
    reply = model.complete(replace(ASK, json_schema=schema, max_tokens=200))
    assert isinstance(json.loads(reply.completions[0].text)["sure"], bool)


def test_llama_tells_a_prompt_that_is_too_long_and_a_grammar_that_is_none(
    model: LlamaModel,
) -> None:
    with pytest.raises(LlmRefusedError, match="shorter prompt"):
        model.complete(replace(ASK, messages=(Message("user", "x" * 20_000),)))
    with pytest.raises(LlmRefusedError, match="grammar cannot be read"):
        model.complete(replace(ASK, grammar=NoGrammar()))


@needs_llama
def test_llama_opens_the_file_with_the_binding_that_is_here(file: Path) -> None:
    model = open_model(str(file), device="cpu")
    assert model.complete(ASK).usage.tokens_in > 0
    model.close()


@pytest.mark.skipif("xllamacpp" not in HERE, reason="xllamacpp is not installed")
def test_the_port_of_xllamacpp_answers_nobody(file: Path) -> None:
    runtime = XllamacppRuntime(file, "llama:tiny", "cpu", 512, logprobs=False)
    address = runtime._server.listening_address
    assert address.startswith("http://127.0.0.1:")
    for path, status in (("/v1/models", 401), ("/v1/chat/completions", 401), ("/", 404)):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(address + path, timeout=30)
        assert refusal.value.code == status
        refusal.value.close()
    runtime.close()


class NoGrammar:
    gbnf = "root := ("
    lark = ""


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return bool(text.strip())
