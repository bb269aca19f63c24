from __future__ import annotations

import ast
import io
import math
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pictures

from vprog.errors import (
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    WeightsMissingError,
)
from vprog.llm.hf import HfModel, open_model
from vprog.llm.language_model import Image, Message, Request

pytest.importorskip("torch", reason="torch is not installed", exc_type=ImportError)
pytest.importorskip("transformers", reason="transformers is not installed", exc_type=ImportError)

ASK = Request((Message("user", "How many?"),), max_tokens=12, may_be_cut=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.llm.tiny_hf import save_text_model

    return save_text_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def model(folder: Path) -> HfModel:
    return open_model(str(folder))


def test_hf_gives_text_and_usage(model: HfModel, folder: Path) -> None:
    reply = model.complete(ASK)
    again = model.complete(ASK)
    assert reply.text == again.text  # at temperature 0 the likeliest
    # <|user|> + 9 bytes + <|end|> + <|assistant|>
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (12, 12)
    assert not reply.usage.is_estimated
    assert reply.completions[0].is_cut
    assert (model.name, reply.model) == (f"hf:{folder}", f"hf:{folder}")


def test_hf_samples_differ_and_are_written_as_one_batch(model: HfModel) -> None:
    asked = Request(ASK.messages, temperature=1.0, n=8, max_tokens=12, may_be_cut=True)
    reply = model.complete(asked)
    assert len({completion.text for completion in reply.completions}) > 1
    assert len(reply.completions) <= 8
    assert reply.usage.tokens_out <= 8 * 12


def test_hf_logprobs_are_those_of_the_model(model: HfModel) -> None:
    asked = Request(ASK.messages, max_tokens=4, want_logprobs=True, top_logprobs=3, may_be_cut=True)
    (given,) = model.complete(asked).completions
    assert given.logprobs is not None
    assert len(given.logprobs) == 4
    for logprob in given.logprobs:
        assert logprob.logprob < 0
        assert math.isclose(
            logprob.logprob, logprob.top[0][1], rel_tol=1e-4
        )  # greedy takes the best
        assert [score for _, score in logprob.top] == sorted(
            (s for _, s in logprob.top), reverse=True
        )


def test_hf_ends_at_a_stop_text_without_it(model: HfModel) -> None:
    whole = model.complete(ASK).text
    stop = whole[3:5]
    reply = model.complete(Request(ASK.messages, max_tokens=12, stop=(stop,)))
    assert reply.text == whole.partition(stop)[0]
    assert not reply.completions[0].is_cut


def test_hf_refuses_a_cut_reply_and_a_long_prompt(model: HfModel) -> None:
    with pytest.raises(LlmReplyError, match="cut short at 12 tokens"):
        model.complete(Request(ASK.messages, max_tokens=12))
    with pytest.raises(LlmRefusedError, match=r"the prompt has 1003 tokens; .* context is 512"):
        model.complete(Request((Message("user", "x" * 1000),)))


def test_hf_refuses_images_that_it_cannot_see(model: HfModel) -> None:
    seen = Request((Message("user", "What?", (Image(b"jpeg"),)),))
    with pytest.raises(LlmRefusedError, match="takes no images"):
        model.complete(seen)


def test_hf_ends_at_its_deadline_and_on_cancel(folder: Path) -> None:
    model = open_model(str(folder))
    model.complete(ASK)
    slow = Request(ASK.messages, max_tokens=500, timeout_s=0.0001, may_be_cut=True)
    with pytest.raises(LlmUnreachableError, match="no whole reply within"):
        model.complete(slow)
    errors: list[BaseException] = []
    started = threading.Event()

    def ask() -> None:
        started.set()
        try:
            while True:
                model.complete(Request(ASK.messages, max_tokens=400, may_be_cut=True))
        except LlmUnreachableError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    started.wait()
    while thread.is_alive():
        model.cancel()
        thread.join(0.01)
    assert "cancelled" in str(errors[0])
    model.close()


def test_hf_batches_requests_that_wait_together(model: HfModel) -> None:
    alone = [
        model.complete(Request((Message("user", text),), max_tokens=8, may_be_cut=True)).text
        for text in ("a", "bb", "ccc")
    ]
    together: dict[int, str] = {}

    def ask(at: int, text: str) -> None:
        asked = Request((Message("user", text),), max_tokens=8, may_be_cut=True)
        together[at] = model.complete(asked).text

    threads = [
        threading.Thread(target=ask, args=(number, text))
        for number, text in enumerate(("a", "bb", "ccc"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[at] for at in range(3)] == alone


def test_hf_under_a_grammar_writes_programs_alone(tmp_path: Path) -> None:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    from tests.llm.tiny_hf import save_text_model
    from tests.program.world import signatures
    from vprog.program.grammar.program_grammar import program_grammar

    model = open_model(str(save_text_model(tmp_path, pieces=True)))
    grammar = program_grammar(signatures().values(), fenced=False)
    free = Request(ASK.messages, temperature=1.0, n=200, max_tokens=100, may_be_cut=True)
    bound = replace(free, grammar=grammar)
    ended = [
        completion.text for completion in model.complete(bound).completions if not completion.is_cut
    ]
    wrong = [text for text in ended if not _parses(text)]
    parse = sum(_parses(completion.text) for completion in model.complete(free).completions)
    print(f"{len(ended)} of 200 ended, {len(wrong)} do not parse; without grammar {parse} parse")
    assert wrong == []
    assert len(ended) >= 20
    assert parse < 5


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def test_hf_under_a_schema_writes_json(model: HfModel) -> None:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    asked = Request(
        ASK.messages, max_tokens=60, json_schema={"enum": ["yes", "no"]}, may_be_cut=True
    )
    assert model.complete(asked).text in ('"yes"', '"no"')


def test_hf_never_downloads_and_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissingError) as caught:
        open_model("org/model")
    assert "not on this machine" in str(caught.value)
    assert "Run: " in caught.value.hint


def test_hf_says_when_files_are_damaged(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(LlmUnreachableError, match="cannot be loaded"):
        open_model(str(tmp_path)).complete(ASK)


def test_hf_shows_pictures_to_a_model_that_sees(tmp_path: Path) -> None:
    from tests.llm.tiny_hf import save_seeing_model

    model = open_model(str(save_seeing_model(tmp_path)))
    assert "images" in model.capabilities
    text = replace(ASK, messages=(Message("user", "What?"),), max_tokens=5)
    seen = replace(text, messages=(Message("user", "What?", (jpeg((255, 0, 0)),) * 2),))
    # Each picture is the token <image>, made four.
    assert model.complete(seen).usage.tokens_in == model.complete(text).usage.tokens_in + 8
    scored = replace(seen, want_logprobs=True)
    other = replace(scored, messages=(Message("user", "What?", (jpeg((0, 0, 255)),) * 2),))
    red, blue = (model.complete(request).completions[0].logprobs for request in (scored, other))
    assert red is not None
    assert red != blue


def jpeg(colour: tuple[int, int, int]) -> Image:
    data = io.BytesIO()
    Pictures.new("RGB", (40, 30), colour).save(data, "JPEG")
    return Image(data.getvalue())


def test_hf_goes_on_with_text_where_pictures_cannot_be_prepared(tmp_path: Path) -> None:
    from tests.llm.tiny_hf import save_seeing_model

    folder = save_seeing_model(tmp_path)
    (folder / "processor_config.json").write_text("{}")
    for path in folder.glob("preprocessor_config.json"):
        path.write_text("{}")
    model = open_model(str(folder))
    text = replace(ASK, messages=(Message("user", "What?"),), max_tokens=5)
    assert model.complete(text).usage.tokens_out == 5
    assert "images" not in model.capabilities
