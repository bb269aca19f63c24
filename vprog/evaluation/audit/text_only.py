"""The question alone, put to a language model that is told nothing of the video."""

from __future__ import annotations

import re

from vprog.errors import VprogError
from vprog.evaluation.audit.audit_verdict import TEXT_ONLY, Ablation
from vprog.llm.client import LanguageModel, Message, Request
from vprog.llm.data_marks import DATA_RULE, mark_data
from vprog.llm.open import open_llm
from vprog.replays.recorded_run import RecordedRun
from vprog.runs.answers import find_choice
from vprog.runs.votes import agree

_TASK = (
    "Answer a question about a video that you cannot see, from what is likely alone. Reply with "
    f"the answer and nothing else. {DATA_RULE}"
)
_CHOOSE = "The answer is one of these choices, word for word:"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def ask_text_only(run: RecordedRun, llm: str) -> Ablation:
    """The answer of a language model to the question alone.

    Args:
        run: whose question it is.
        llm: names the model; not the rules.

    Raises:
        ConfigError, MissingError: there is no such model.
    """
    what = "the question alone, to a language model"
    model = open_llm(llm, device=run.settings.device)
    assert model is not None
    try:
        text = _reply(model, run)
    except VprogError as error:
        return Ablation(TEXT_ONLY, what, None, f"{error.code}: {error.message}", None)
    finally:
        model.close()
    choices = run.recording.started.choices
    if not choices:
        return Ablation(TEXT_ONLY, what, text, "", says_answer(text, run.result.answer))
    index = find_choice(text, choices)
    answer = choices[index] if index is not None else text
    return Ablation(TEXT_ONLY, what, answer, "", index is not None and index == run.result.choice)


def says_answer(text: str, answer: object) -> bool:
    """Whether a reply says an answer: in the same words, or with the same numbers in it."""
    if isinstance(answer, str):
        return agree(text, answer)
    listed = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(item, int | float) for item in listed):
        return agree([part.strip() for part in text.split(",")], listed)
    numbers = [float(number) if "." in number else int(number) for number in _NUMBER.findall(text)]
    return agree(numbers, listed)


def _reply(model: LanguageModel, run: RecordedRun) -> str:
    started = run.recording.started
    parts = [_TASK, mark_data("question", started.question)]
    if started.choices:
        parts += [_CHOOSE, mark_data("choices", started.choices)]
    request = Request((Message("user", "\n\n".join(parts)),), timeout_s=run.settings.llm_timeout)
    return model.complete(request).completions[0].text.strip()
