"""A language model that sorts answers by how they were reached, where one is named.

It is told what is known of a case, what was answered, and how: the thought of the model that
answered or, where that gave none, the program and the texts that it cites. It replies

    the class   of Video-Holmes: of a wrong answer VPE, VOE, RE or TRAW, of a right one TRAR or TWAR
    the score   VAS of Video-R2, for a thought: from 0 to 10, how far it rests on what it claims to
                have seen. The judge does not see the video: it is claims that are scored

Another reply is none. Rules sort the same answers (error_classes.py): how often both agree stands
in the table. Judges differ: the table names the model, and holds what it was told.

Source: Video-Holmes, arXiv:2505.21374, evaluate_reasoning.py of its repository; Video-R2,
arXiv:2511.23478, evaluate_vas.py of its repository. The prompts are ours.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vprog.evaluation.case import Case
from vprog.evaluation.judge import folded
from vprog.evaluation.results.json_lines import go_on
from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.evaluation.results.scored_case import ScoredCase
from vprog.llm.data_marks import DATA_RULE, mark_data
from vprog.llm.language_model import LanguageModel, Message, Request

JUDGED = "judged_thoughts.jsonl"
_MOST_TEXT = 20_000
"""Characters of a thought or program: a judge reads no more of what may have no end."""
_SCORE = re.compile(r"10|\d")

CLASS_PROMPTS = {
    False: """\
An answer to a question about a video is wrong. Say by which of these it is, by what weighs most:
VPE   visual perception: it rests on something seen, heard or read that was not so
VOE   visual omission: something that the answer needs was not looked at or not noted
RE    reasoning: what was noted is right, and a wrong conclusion was drawn from it
TRAW  the reasoning comes to the known answer, and another one was given
Reply with the one word VPE, VOE, RE or TRAW.
""",
    True: """\
An answer to a question about a video is right. Say which it is:
TRAR  the reasoning leads to the answer, and what it says of the video is right
TWAR  the reasoning rests on something that is not so, or does not lead to the answer
Reply with the one word TRAR or TWAR.
""",
}
"""By whether the answer is right."""
SCORE_PROMPT = """\
Score how far the reasoning about a question on a video claims to rest on what was seen or heard in
it, and not on general knowledge, on the wording of the options or on guessing. You cannot see the
video: score what is claimed, and not whether it is true or the answer right.
10      every step names concrete things, where or when they are, and what follows from them
7 to 9  several specific claims, tied to the question
4 to 6  some facts of the video, without place, time or order
1 to 3  hardly anything but general words
0       nothing of the video
Reply with the one number.
"""


@dataclass(frozen=True)
class AskedThought:
    """What a judge is told of an answer.

    Attributes:
        has_thought: whether a model's thought is part of it, so that there is a score.
        told: all of it, as marked data.
    """

    id: str
    is_right: bool
    has_thought: bool
    told: str

    def made_of(self, model: str) -> str:
        """The digest of all that the model is told."""
        asked = (model, CLASS_PROMPTS[self.is_right], SCORE_PROMPT, DATA_RULE, self.told)
        return hashlib.sha256("\n".join(asked).encode()).hexdigest()


class JudgedThought(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge said of an answer.

    Attributes:
        made_of: the digest of what it was told.
        error_class: "" where its reply is none.
        attention: VAS, 0 to 10; None where its reply is no such number, or there is no thought.
    """

    id: str
    made_of: str
    model: str
    class_reply: str
    error_class: str = ""
    score_reply: str = ""
    attention: int | None = None
    error: str = ""


def asked_thought(
    case: Case, row: ScoredCase, thought: str, program: str, cited: Sequence[str]
) -> AskedThought | None:
    """What a judge is told; None where nothing says how the answer was reached.

    Args:
        case: the question.
        row: its answer, scored.
        thought: the last one of a model; "" for none.
        program: that gave the answer.
        cited: the texts of its evidence.
    """
    if not thought and not program:
        return None
    known = {
        "question": case.question,
        "choices": list(case.choices),
        "known answer": msgspec.to_builtins(case.answer),
        "what happens": case.told,
        "steps": list(case.steps),
        "given answer": row.answer,
    }
    how: dict[str, Any] = {"reasoning": thought} if thought else {"program": program}
    told = {
        name: value
        for name, value in {**known, **how, "cited": list(cited)}.items()
        if value not in ("", [], None)
    }
    marked = "\n".join(
        mark_data(name, value[:_MOST_TEXT] if isinstance(value, str) else value)
        for name, value in told.items()
    )
    return AskedThought(case.id, row.is_right, bool(thought), marked)


def judge_thoughts(
    folder: Path,
    asked: Iterable[AskedThought],
    judge: LanguageModel,
    listen: Callable[[JudgedThought], None] = lambda judged: None,
) -> dict[str, JudgedThought]:
    """What a model says of answers, by case; each is kept as it comes, and asked for once.

    Raises:
        LlmError: the model cannot be reached, refuses, or gives no reply; what it said is kept.
    """
    latest: list[AskedThought] = []

    def wanted() -> Iterator[tuple[str, str]]:
        for one in asked:
            latest[:] = [one]
            yield one.id, one.made_of(judge.name)

    judged = go_on(
        folder / JUDGED,
        JudgedThought,
        wanted(),
        lambda case_id, made_of: _judged(latest[0], made_of, judge),
        listen,
    )
    return {one.id: one for one in judged}


def _judged(asked: AskedThought, made_of: str, judge: LanguageModel) -> JudgedThought:
    prompt = CLASS_PROMPTS[asked.is_right]
    class_reply = _reply(judge, prompt, asked.told)
    score_reply = _reply(judge, SCORE_PROMPT, asked.told) if asked.has_thought else ""
    word = folded(class_reply).upper()
    classes = re.findall(r"^([A-Z]{2,})\b", prompt, re.MULTILINE)
    score = folded(score_reply)
    return JudgedThought(
        id=asked.id,
        made_of=made_of,
        model=judge.name,
        class_reply=class_reply,
        error_class=word if word in classes else "",
        score_reply=score_reply,
        attention=int(score) if _SCORE.fullmatch(score) else None,
    )


def _reply(judge: LanguageModel, prompt: str, told: str) -> str:
    messages = (Message("system", f"{prompt}\n{DATA_RULE}"), Message("user", told))
    return judge.complete(Request(messages)).text


def judged_tables(
    judged: Mapping[str, JudgedThought],
    by_rule: Mapping[str, str],
    words: Mapping[str, str],
) -> list[ReportTable]:
    """Answers by the class that a model gave, its scores of thoughts, and what it was told.

    Args:
        judged: by case.
        by_rule: the class of each case by rule.
        words: what each class means, in order.
    """
    counts = Counter(one.error_class for one in judged.values())
    models = ", ".join(sorted({one.model for one in judged.values()})) or "none"
    sorted_ones = [one for one in judged.values() if one.error_class]
    same = sum(one.error_class == by_rule.get(one.id) for one in sorted_ones)
    scores = [one.attention for one in judged.values() if one.attention is not None]
    rows = [[f"{name}: {meaning}", str(counts[name])] for name, meaning in words.items()]
    rows.append(["no class in its reply", str(counts[""])])
    rows.append(["the same class as by rule", f"{same} of {len(sorted_ones)}"])
    if scores:
        mean = math.fsum(scores) / len(scores)
        rows.append([f"VAS, mean of {len(scores)} thoughts, 0 to 10", f"{mean:.2f}"])
    return [
        ReportTable(
            name="judged-classes",
            title="Answers as a model sorts them",
            head=["class", "answers"],
            rows=rows,
            note=f"Sorted by {models}, which does not see the video.",
        ),
        ReportTable(
            name="judged-prompts",
            title="What that model was told",
            head=["of", "prompt", "SHA-256"],
            rows=[
                [name, prompt, hashlib.sha256(prompt.encode()).hexdigest()]
                for name, prompt in (
                    ("wrong answers", CLASS_PROMPTS[False]),
                    ("right answers", CLASS_PROMPTS[True]),
                    ("thoughts", SCORE_PROMPT),
                    ("all", DATA_RULE),
                )
            ],
        ),
    ]
