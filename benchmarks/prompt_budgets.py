"""What a strong and a weak writer lose where the prompt must be short: 2k, 4k, 8k, 16k tokens.

    python -m benchmarks.prompt_budgets [--budgets 2000,4000,8000,16000]
        [--llm llama:FILE.gguf --count 6]

A strong writer: the questions of the hand round (tests/hand_round) are put again with each
budget, and of the programs that were written for them by hand it is counted how many call only
modules that the prompt still describes, and how many only such that it describes in full
(arguments, an example). What it does not describe nobody can have written from it. With --llm a
real model writes the programs instead, without a second try: how many the gate and the type check
take, how many answer, how many are right.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import vprog
from tests.real_media import find_media
from vprog.evaluation.case import Case, read_cases
from vprog.evaluation.judge import verdict_of
from vprog.llm.language_model import Completion, LlmReply, Request, Usage
from vprog.prompt.extract import extract_program
from vprog.runs.result import Result

ROUND = Path(__file__).resolve().parents[1] / "tests" / "hand_round"
FILES = ("conversations.jsonl", "second_round.jsonl")
WHOLE = 100_000
"""A budget that leaves nothing out."""

_DESCRIBED = re.compile(r"^([a-z_]+)\(.*\) -> .*$", re.MULTILINE)
_IN_FULL = re.compile(r"^([a-z_]+)\(.*\) -> .*\n(?:    .*\n)*?    Example:$", re.MULTILINE)


@dataclass
class Listener:
    """A model that keeps what it is asked and gives up."""

    name: str = "listener"
    capabilities: frozenset[Any] = frozenset()
    asked: list[str] = field(default_factory=list)
    tokens: int = 0

    def complete(self, request: Request) -> LlmReply:
        self.asked.append("\n".join(message.text for message in request.messages))
        self.tokens += sum(len(message.text) for message in request.messages) // 4
        text = "```python\nabstain('only the prompt was wanted')\n```"
        return LlmReply((Completion(text),), Usage(), self.name, seconds=0.0)

    def cancel(self) -> None:
        """Nothing is in flight."""

    def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--budgets", default="2000,4000,8000,16000")
    parser.add_argument("--llm", help="a real model that writes instead, e.g. llama:FILE.gguf")
    parser.add_argument("--count", type=int, default=6, help="questions that it is asked")
    parser.add_argument("--seconds", type=float, default=120.0, help="it may take for a program")
    options = parser.parse_args()
    os.environ["OPENAI_API_KEY"] = "none"
    budgets = [int(budget) for budget in options.budgets.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folders = {"cache_dir": Path(name) / "cache", "trace_dir": Path(name) / "traces"}
        with vprog.Engine(vlm="openai:looker", **folders) as engine:
            if options.llm:
                ask_model(engine, options.llm, budgets, options.count, options.seconds)
            else:
                count_described(engine, budgets)


def count_described(engine: vprog.Engine, budgets: Sequence[int]) -> None:
    """The table of what the programs of a strong writer need and the prompts tell."""
    written = hand_programs()
    whole = {case.id: prompt_of(engine, case, WHOLE)[0] for case, _ in written}
    print(
        "| budget | prompt, tokens | programs | all calls described | and all in full | examples |"
    )
    print("|---:|---:|---:|---:|---:|---:|")
    for budget in budgets:
        n_tokens = n_described = n_full = n_examples = 0
        for case, source in written:
            text, tokens = prompt_of(engine, case, budget)
            modules = set(_DESCRIBED.findall(whole[case.id].partition("# Modules")[2]))
            called = calls_of(source) & modules
            told = text.partition("# Modules")[2]
            n_tokens += tokens
            n_described += called <= set(_DESCRIBED.findall(told))
            n_full += called <= set(_IN_FULL.findall(told))
            n_examples += told.count("\nQuestion: ")
        count = len(written)
        print(
            f"| {budget:,} | {n_tokens / count:,.0f} | {count} | {n_described} | {n_full} "
            f"| {n_examples / count:.1f} |"
        )


def hand_programs() -> list[tuple[Case, str]]:
    """The questions for which programs were written by hand, with all cells of each."""
    listed = read_cases(ROUND / "cases.jsonl", folder=Path(), allow_unanswerable=True)
    cases = {case.id: case for case in listed}
    written: list[tuple[Case, str]] = []
    for line in "".join((ROUND / name).read_text("utf-8") for name in FILES).splitlines():
        row = json.loads(line)
        cells = [turn["replies"][0] for turn in row["turns"] if "turn" in turn]
        if cells and find_media(cases[row["case"]].names[0]):
            source = "\n".join(extract_program(cell).text for cell in cells)
            written.append((cases[row["case"]], source))
    return written


def calls_of(source: str) -> set[str]:
    """The names that a program calls."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}


def prompt_of(engine: vprog.Engine, case: Case, budget: int) -> tuple[str, int]:
    """What a writer of whole programs is told, and about how many tokens that is."""
    listener = Listener()
    solve(engine, case, llm=listener, prompt_tokens=budget)
    return listener.asked[0], listener.tokens


def ask_model(
    engine: vprog.Engine, llm: str, budgets: Sequence[int], count: int, seconds: float
) -> None:
    """The table of what a real model writes from prompts of each length, in so many seconds."""
    asked: dict[str, Case] = {}
    for case, _ in hand_programs():
        asked.setdefault(case.id, case)
    cases = list(asked.values())[:: max(1, len(asked) // count)][:count]
    print("| budget | questions | accepted | answered | right | s a question |")
    print("|---:|---:|---:|---:|---:|---:|")
    for budget in budgets:
        results = [
            solve(engine, case, llm=llm, prompt_tokens=budget, repairs=0, llm_timeout=seconds)
            for case in cases
        ]
        statuses = [str(result.status) for result in results]
        verdicts = [
            verdict_of(case, result.status, result.answer)
            for case, result in zip(cases, results, strict=True)
        ]
        n_accepted = len(cases) - statuses.count("rejected") - statuses.count("llm_error")
        mean = sum(result.cost.seconds for result in results) / len(cases)
        for result in results:
            print(f"{budget}: {result.status}: {result.error}"[:300], file=sys.stderr, flush=True)
        print(
            f"| {budget:,} | {len(cases)} | {n_accepted} | {statuses.count('answered')} "
            f"| {verdicts.count('right')} | {mean:.0f} |",
            flush=True,
        )


def solve(engine: vprog.Engine, case: Case, **settings: Any) -> Result:
    """The question by whole programs alone."""
    video = find_media(case.names[0])
    assert video is not None
    return engine.solve(
        video, case.question, choices=case.choices or (), mode="slow", strategy="program",
        max_seconds=1200.0, **settings,
    )  # fmt: skip


if __name__ == "__main__":
    main()
