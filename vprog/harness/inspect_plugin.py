"""vprog in inspect_ai: a task of cases, a solver, a scorer that knows abstaining, and tools.

    inspect eval vprog/cases -T cases=cases.jsonl --model none/none

`cases` is the neutral file of `vprog eval`. The scorer is vprog's one judge: it takes replies of
any solver, gives NOANSWER to who abstains, and reports coverage beside accuracy.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage
from inspect_ai.scorer import (
    CORRECT,
    INCORRECT,
    NOANSWER,
    Metric,
    SampleScore,
    Score,
    Scorer,
    Target,
    accuracy,
    metric,
    scorer,
    stderr,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolError, tool

from vprog.errors import VprogError
from vprog.evaluation.case import Case, read_cases
from vprog.evaluation.judge import verdict_of
from vprog.runs.result import Result, error_info
from vprog.settings import parse_setting
from vprog.solver.solver import asolve, run

_RESULT = "vprog"
"""Where a sample's metadata holds the result, as `--json` prints it."""


@task  # type: ignore[untyped-decorator]
def cases(cases: str, media: str = "", **settings: Any) -> Task:
    """The cases of a file, answered by vprog.

    Args:
        cases: a file of cases, as for `vprog eval`.
        media: the folder of the videos; by default that of the file.
        **settings: of vprog, e.g. llm=openai:gpt-4.1.
    """
    return Task(
        dataset=case_dataset(cases, media),
        solver=vprog_solver(**settings),
        scorer=vprog_scorer(cases),
    )


def case_dataset(cases: str, media: str = "") -> MemoryDataset:
    """The samples of a file of cases; each names its video in its metadata."""
    read = _read(cases, media)
    return MemoryDataset(
        [
            Sample(
                input=case.question,
                id=case.id,
                target=json.dumps(msgspec.to_builtins(case.answer)),
                choices=list(case.choices) or None,
                metadata={
                    "videos": [str(video) for video in case.videos],
                    "video": " ".join(case.names),
                    "subtitles": str(case.subtitles) if case.subtitles is not None else None,
                    **case.groups,
                },
            )
            for case in read
        ],
        name=Path(cases).stem,
    )


@solver  # type: ignore[untyped-decorator]
def vprog_solver(**settings: Any) -> Solver:
    """Asks vprog about the sample's `videos`; the whole result stands in its metadata.

    Args:
        **settings: of vprog; text is read as on the command line.
    """
    chosen = {
        name: parse_setting(name, value, name) if isinstance(value, str) else value
        for name, value in settings.items()
    }

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        found = await _result(state, chosen)
        state.metadata[_RESULT] = found.to_dict()
        state.output = ModelOutput.from_content("vprog", found.text())
        state.output.usage = ModelUsage(
            input_tokens=found.cost.tokens_in,
            output_tokens=found.cost.tokens_out,
            total_tokens=found.cost.tokens_in + found.cost.tokens_out,
        )
        if found.status != "answered":
            state.output.error = found.error.message if found.error is not None else found.status
        state.completed = True
        return state

    return solve


async def _result(state: TaskState, settings: dict[str, Any]) -> Result:
    try:
        return await asolve(
            state.metadata["videos"],
            state.input_text,
            choices=[choice.value for choice in state.choices],
            subtitles=state.metadata.get("subtitles"),
            **settings,
        )
    except VprogError as error:
        return Result(status=error.status, error=error_info(error))


@metric  # type: ignore[untyped-decorator]
def coverage() -> Metric:
    """Share of samples that were answered, rightly or not."""

    def share(scores: list[SampleScore]) -> float:
        return len(_answered(scores)) / max(1, len(scores))

    return share


@metric  # type: ignore[untyped-decorator]
def accuracy_answered() -> Metric:
    """Share of right answers among the answers; 0 without one."""

    def share(scores: list[SampleScore]) -> float:
        answered = _answered(scores)
        n_right: int = sum(
            (item.score.metadata or {}).get("verdict") == "right" for item in answered
        )
        return n_right / max(1, len(answered))

    return share


def _answered(scores: list[SampleScore]) -> list[SampleScore]:
    # By what the scorer wrote: the values are numbers by now, and N is 0 like I.
    return [item for item in scores if (item.score.metadata or {}).get("status") == "answered"]


@scorer(  # type: ignore[untyped-decorator]
    metrics=[accuracy(), stderr(cluster="video"), coverage(), accuracy_answered()]
)
def vprog_scorer(cases: str) -> Scorer:
    """vprog's judge over the reply of any solver; no reply is NOANSWER.

    Where nothing can answer, who abstains is CORRECT.

    Args:
        cases: the file that the samples come from.
    """
    known = {case.id: case for case in _read(cases)}

    async def score(state: TaskState, target: Target) -> Score:
        result = state.metadata.get(_RESULT)
        reply = state.output.completion.strip()
        status = result["status"] if result else "answered" if reply else "abstained"
        answer = result["answer"] if result else reply
        verdict = verdict_of(known[str(state.sample_id)], status, answer)
        value = {"right": CORRECT, "wrong": INCORRECT}.get(verdict, NOANSWER)
        error = result["error"] if result else None
        return Score(
            value=value,
            answer=json.dumps(answer),
            explanation=error["message"] if error else verdict,
            metadata={
                "verdict": verdict,
                "status": status,
                "error": error["code"] if error else None,
                "cost": result["cost"] if result else None,
                "trace": result["trace"] if result else None,
            },
        )

    return score


@tool  # type: ignore[untyped-decorator]
def ask_video(folder: str) -> Tool:
    """A tool for agents: a question about a video of a folder.

    Args:
        folder: where the videos lie; nothing outside of it can be named.
    """

    async def execute(video: str, question: str) -> str:
        """Ask a question about a video; the answer comes with evidence, or with why there is none.

        Args:
            video: name of the file.
            question: in English, e.g. "How many people are there at 0:12?".

        Returns:
            JSON: status, answer, score, evidence with times in seconds, error.
        """
        try:
            return _told(await asolve(_inside(folder, video), question))
        except VprogError as error:
            raise ToolError(str(error)) from error

    return execute


@tool  # type: ignore[untyped-decorator]
def run_program(folder: str) -> Tool:
    """A tool for agents: a program of vprog over a video of a folder.

    Args:
        folder: where the videos lie; nothing outside of it can be named.
    """

    async def execute(video: str, program: str) -> str:
        """Run a vprog program over a video, in its sandbox.

        Args:
            video: name of the file.
            program: Python over vprog's tasks that ends in answer(...), e.g.
                "answer(len(find_shots(video)))".

        Returns:
            JSON: status, answer, score, evidence with times in seconds, error with its line.
        """
        try:
            return _told(await asyncio.to_thread(run, _inside(folder, video), program))
        except VprogError as error:
            raise ToolError(str(error)) from error

    return execute


def _inside(folder: str, name: str) -> Path:
    """The path of a file of a folder."""
    root = Path(folder).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise ToolError(f"there is no video {name!r}.")
    return path


def _told(result: Result) -> str:
    kept = ("status", "answer", "choice", "score", "evidence", "error")
    told = result.to_dict()
    return json.dumps({name: told[name] for name in kept})


def _read(cases: str, media: str = "") -> Sequence[Case]:
    return read_cases(Path(cases), folder=Path(media) if media else None, allow_unanswerable=True)
