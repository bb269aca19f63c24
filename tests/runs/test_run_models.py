"""Examples ranked by vectors of a real server on the loopback, and by words where it fails."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.asking import Ask
from tests.llm.server import Answer, ChatServer, refuses
from tests.llm.test_embedding import vectors
from vprog.errors import ConfigError, VprogError
from vprog.llm import embedding
from vprog.llm.scripted import ScriptedModel
from vprog.prompt.solved_examples import Example, load_examples, nearest_examples
from vprog.runs.run import Run
from vprog.runs.run_models import Similarity
from vprog.solver.solver import solve
from vprog.strategies.catalog import find_strategy, solve_by
from vprog.trace.event import Warned
from vprog.trace.store import read_trace

pytest.importorskip("openai")

QUERY = "How many red squares are there?"
TEXTS = ["How many red squares do you see?", "Which scarlet boxes exist?", "Is it night?"]
BY_WORDS = [0, 1, 2]
MEANT = [[1.0, 0.0], [0.1, 0.9], [0.9, 0.1], [0.5, 0.5]]
"""Of the query and the texts: the second is meant, then the third."""
BY_MEANING = [1, 2, 0]
REPLY = "```python\nanswer(1, evidence=[frame_at(video, 0.5)])\n```"


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "RETRIES", 0)
    monkeypatch.setenv("OPENAI_API_KEY", "k")


def rank(run: Run, query: str = QUERY, texts: Sequence[str] = TEXTS) -> list[int]:
    made = Similarity(run, timeout_s=30.0)
    try:
        return made.rank(query, texts)
    finally:
        made.close()


def said(run: Run) -> list[str]:
    run.recorder.close()
    events = read_trace(run.recorder.folder).events
    return [event.text for event in events if isinstance(event, Warned)]


def test_the_order_follows_the_vectors_and_not_the_words(ask: Ask) -> None:
    assert rank(ask()) == BY_WORDS
    with ChatServer([vectors(*MEANT)]) as server:
        run = ask(embedder=f"openai:tiny@{server.url}")
        assert rank(run) == BY_MEANING
        assert run.broker.counts.tokens_in == 5
        assert run.broker.counts.llm_calls == 0
        assert [request.body["input"] for request in server.asked] == [[QUERY, *TEXTS]]
    (note,) = said(run)
    assert note.startswith(f"examples are ranked by embedder openai:tiny at {server.url}: 4 texts")


def test_a_text_is_sent_once_for_all_questions(ask: Ask) -> None:
    with ChatServer([vectors(*MEANT), vectors([0.0, 1.0])]) as server:
        spec = f"openai:tiny@{server.url}"
        assert rank(ask(embedder=spec)) == BY_MEANING
        assert rank(ask(embedder=spec)) == BY_MEANING  # not even the question is sent again
        assert rank(ask(embedder=spec), query="Why?") == [0, 2, 1]
        assert [request.body["input"] for request in server.asked] == [[QUERY, *TEXTS], ["Why?"]]
        # Another model's vectors are others, though the texts are the same.
        assert rank(ask(embedder=f"openai:other@{server.url}")) == BY_WORDS
        assert len(server.asked) == 3


def test_another_model_under_the_same_name_is_noticed_by_its_dimension(ask: Ask) -> None:
    wider = [[*item, 0.0] for item in [[0.0, 1.0], *MEANT[1:]]]
    with ChatServer([vectors(*MEANT), vectors([0.0, 1.0, 0.0]), vectors(*wider)]) as server:
        spec = f"openai:tiny@{server.url}"
        rank(ask(embedder=spec))
        assert rank(ask(embedder=spec), query="Why?") == [0, 2, 1]
        assert [len(request.body["input"]) for request in server.asked] == [4, 1, 4]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refuses(404, "no such model"), "no such model"),
        (Answer(b"[]"), "no vectors for 4 texts"),
        (Answer(cuts=True, body=b'{"data": []}'), "the connection broke"),
    ],
)
def test_words_rank_where_the_server_fails_and_the_run_is_warned(
    ask: Ask, answer: Answer, why: str
) -> None:
    with ChatServer([answer]) as server:
        run = ask(embedder=f"openai:tiny@{server.url}")
        near = Similarity(run, timeout_s=30.0)
        assert near.rank(QUERY, TEXTS) == BY_WORDS
        assert near.rank(QUERY, TEXTS) == BY_WORDS  # and it is not asked again
        near.close()
        assert len(server.asked) == 1
    (warning,) = run.warnings.texts
    assert warning.startswith("examples are ranked by their words: embedder openai:tiny at")
    assert why in warning
    assert said(run) == [warning]


def usable(run: Run) -> list[Example]:
    tasks = set(run.runtime.modules)
    return [example for example in load_examples() if example.tasks <= tasks]


def test_the_prompt_of_a_strategy_holds_the_examples_that_are_meant(ask: Ask) -> None:
    plain = ask(QUERY)
    near = nearest_examples(QUERY, (), set(plain.runtime.modules))
    shown = usable(plain)
    far = next(frame for frame in shown if frame not in near and not frame.choices)
    texts = [QUERY, *dict.fromkeys(picture.question for picture in shown)]
    rows = [[1.0, 0.0] if text in (QUERY, far.question) else [0.0, 1.0] for text in texts]
    size = embedding.BATCH
    answers = [vectors(*rows[at : at + size]) for at in range(0, len(rows), size)]
    with ChatServer(answers) as server:
        run = ask(QUERY, embedder=f"openai:tiny@{server.url}")
        model = ScriptedModel([REPLY])
        result = solve_by(find_strategy("program"), run, model)
        assert len(server.asked) == len(answers)
    assert result.status == "answered"
    prompt = model.requests[0].messages[-1].text
    assert f"Question: {far.question}\n" in prompt
    assert prompt.rindex("Question: ") == prompt.index(
        f"Question: {far.question}\n"
    )  # nearest last
    assert f"Question: {near[-1].question}\n" not in prompt


def test_nothing_is_sent_where_no_embedder_is_named(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer([]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        solve_by(find_strategy("program"), ask(QUERY), ScriptedModel([REPLY]))
        assert server.asked == []


@pytest.mark.parametrize("spec", ["nomic", "openai:"])
def test_an_embedder_that_cannot_be_is_said_before_a_file_is_opened(spec: str) -> None:
    with pytest.raises(ConfigError) as caught:
        solve("no such file.mp4", QUERY, llm="scripted:no such script", embedder=spec)
    assert isinstance(caught.value, VprogError)
    assert "embedder" in str(caught.value)
