"""vprog as a model of lmms-eval: `--model vprog --model_args llm=openai:gpt-4.1,max_seconds=60`.

Each document's question is asked of its video. Where the question has lettered options the solver
replies with the bare letter, which every task's extraction takes for itself. What abstains or fails
replies `abstain`, by default nothing, so that it counts as wrong; `out` names a file that gets the
whole result of each document, with status, program, evidence, cost and trace.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts
from lmms_eval.api.model import lmms
from lmms_eval.models.model_utils.usage_metrics import log_usage
from lmms_eval.models.registry_v2 import ModelManifest
from lmms_eval.protocol import ChatMessages

from vprog.errors import UsageError
from vprog.evaluation.case_list import ListedCase
from vprog.runs.result import Result
from vprog.settings import parse_setting
from vprog.solver.many import solve_many

_OF_THE_HARNESS = ("batch_size", "max_batch_size", "device")
"""What lmms-eval gives every model: batches are the scheduler's business here."""


def manifest() -> ModelManifest:
    """What the entry point of `lmms_eval.models` gives."""
    return ModelManifest(
        model_id="vprog", chat_class_path="vprog.harness.lmms_eval_model.VprogModel"
    )


class VprogModel(lmms):  # type: ignore[misc]
    """Asks vprog each question; settings come as `--model_args` texts."""

    is_simple = False

    def __init__(self, abstain: str = "", out: str = "", jobs: str = "0", **given: Any) -> None:
        """Nothing is loaded yet.

        Args:
            abstain: the reply where there is no answer.
            out: a file for the result of each document as a JSON line; "" for none.
            jobs: questions at the same time; 0 for one a core, at least 4.
            **given: settings of vprog, as text.

        Raises:
            ConfigError: there is no such setting, or its value is wrong.
        """
        super().__init__()
        self._abstain = abstain
        self._out = Path(out) if out else None
        self._jobs = int(jobs)
        self._settings = {
            name: parse_setting(name, str(value), f"--model_args {name}")
            for name, value in given.items()
            if name not in _OF_THE_HARNESS
        }

    @property
    def batch_size(self) -> int:
        return 1

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """The reply to each request, in their order.

        Raises:
            UsageError: a document has no video, or more than one text.
        """
        cases = [self._case(str(place), request) for place, request in enumerate(requests)]
        replies: dict[str, GenerationResult] = {}
        for case_id, result in solve_many(cases, jobs=self._jobs, **self._settings):
            task = requests[int(case_id)].args[4]
            replies[case_id] = self._reply(result, task)
            if self._out is not None:
                row = {"task": task, "doc": requests[int(case_id)].args[3], **result.to_dict()}
                with self._out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
        return [replies[str(place)] for place in range(len(requests))]

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """No task that compares likelihoods can be asked: a program's answer has none."""
        raise UsageError(
            "vprog gives answers, not likelihoods.", hint="Choose a task of type generate_until."
        )

    def generate_until_multi_round(self, requests: list[Instance]) -> list[str]:
        """No task of several rounds can be asked."""
        raise UsageError(
            "vprog answers one question at a time.", hint="Choose a task of type generate_until."
        )

    def _case(self, case_id: str, request: Instance) -> ListedCase:
        _, to_messages, _, doc_id, task, split = request.args[:6]
        where = f"{task} {split} document {doc_id}"
        messages = ChatMessages(messages=to_messages(self.task_dict[task][split][doc_id]))
        _, videos, sounds = messages.extract_media()
        files = [*videos, *sounds]
        if not files or not all(isinstance(file, str) for file in files):
            raise UsageError(f"{where}: there must be a video's path.", hint="Choose a video task.")
        texts = [
            content.text
            for message in messages.messages
            if message.role == "user"
            for content in message.content
            if content.type == "text"
        ]
        return ListedCase(
            case_id,
            tuple(Path(file.removeprefix("file://")) for file in files),
            "\n".join(texts).strip(),
        )

    def _reply(self, result: Result, task: str) -> GenerationResult:
        tokens = (result.cost.tokens_in, result.cost.tokens_out)
        log_usage(
            model_name="vprog",
            task_name=task,
            input_tokens=tokens[0],
            output_tokens=tokens[1],
            source="model",
        )
        text = result.text() if result.status == "answered" else self._abstain
        return GenerationResult(text, TokenCounts(*tokens))
