from __future__ import annotations

import ast
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from vprog.errors import (
    LlmReplyError,
    LlmUnreachableError,
    PackageMissingError,
    WeightsMissingError,
)
from vprog.llm.language_model import Message, Request
from vprog.llm.llama import LlamaModel, open_llama

ASK = Request((Message("user", "How many?"),), max_tokens=12, may_be_cut=True)
HAS_LLAMA = importlib.util.find_spec("llama_cpp") is not None


@pytest.mark.skipif(HAS_LLAMA, reason="llama-cpp-python is installed")
def test_llama_names_the_command_where_it_is_not_installed() -> None:
    with pytest.raises(PackageMissingError, match=r"vprog\[llama\]"):
        open_llama("model.gguf")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LlamaModel:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    pytest.importorskip("gguf", reason="gguf is not installed")
    from tests.llm.tiny_gguf import save_gguf

    return open_llama(str(save_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")))


def test_llama_refuses_what_is_no_gguf(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    with pytest.raises(WeightsMissingError, match="cannot be read"):
        open_llama(str(tmp_path / "none.gguf"))
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(WeightsMissingError, match=r"is no GGUF"):
        open_llama(str(tmp_path / "text.gguf"))


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
    free = replace(ASK, temperature=1.0, n=200, max_tokens=40)
    bound = replace(free, grammar=grammar, timeout_s=600.0)
    ended = [
        completion.text for completion in model.complete(bound).completions if not completion.is_cut
    ]
    wrong = [text for text in ended if not _parses(text)]
    parse = sum(_parses(completion.text) for completion in model.complete(free).completions)
    print(f"{len(ended)} of 200 ended, {len(wrong)} do not parse; without grammar {parse} parse")
    assert wrong == []
    assert len(ended) >= 5
    assert parse < 5


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return bool(text.strip())
