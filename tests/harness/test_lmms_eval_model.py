"""vprog as a model of lmms-eval, run by the real harness on a task of files of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("lmms_eval", reason="the harness has an environment of its own")

pytestmark = [
    pytest.mark.usefixtures("home"),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]

DOCUMENTS = ("How long is the video?", "Why is it quiet?")


def requests(model: Any, clip: Path) -> list[Any]:
    """As lmms-eval makes them: documents by number, and what turns one into messages."""
    model.task_dict = {"mine": {"test": dict(enumerate(DOCUMENTS))}}

    def to_messages(question: str) -> list[dict[str, Any]]:
        content = [{"type": "video", "url": str(clip)}, {"type": "text", "text": question}]
        return [{"role": "user", "content": content}]

    return [
        SimpleNamespace(args=(question, to_messages, {}, number, "mine", "test"))
        for number, question in enumerate(DOCUMENTS)
    ]


def test_lmms_eval_finds_the_model_by_its_entry_point() -> None:
    from lmms_eval.models import get_model

    from vprog.harness.lmms_eval_model import VprogModel

    assert get_model("vprog") is VprogModel


def test_lmms_eval_gets_a_reply_with_tokens_for_each_document(clip: Path, tmp_path: Path) -> None:
    from vprog.harness.lmms_eval_model import VprogModel

    model = VprogModel(out=str(tmp_path / "out.jsonl"), abstain="-", max_seconds="60")
    replies = model.generate_until(requests(model, clip))
    assert [reply.text for reply in replies] == ["2", "-"]
    assert [reply.token_counts.input_tokens for reply in replies] == [0, 0]
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {row["doc"]: row["status"] for row in rows} == {0: "answered", 1: "abstained"}


def test_lmms_eval_is_told_what_cannot_be_asked(clip: Path) -> None:
    from vprog.errors import ConfigError, UsageError
    from vprog.harness.lmms_eval_model import VprogModel

    with pytest.raises(ConfigError, match="unknown setting"):
        VprogModel(max_secs="60")
    with pytest.raises(UsageError, match="not likelihoods"):
        VprogModel().loglikelihood([])
