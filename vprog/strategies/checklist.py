"""`checklist`: the VLM answers; yes-no questions that a right answer would pass are then asked."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.prompt.cell_prompt import asked_instead
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import (
    FRAMES,
    answer_from_reply,
    ask_about_frames,
    kind_of,
    need_vlm,
)
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import (
    even_frames,
    look,
    one_line,
    reply_text,
    seen_videos,
    yes_no_look,
)
from vprog.types import Reply

MOST = 5
"""Questions of a checklist; ours."""

MAX_CHECK = 200
"""Characters of one."""

_FORM = '{"checks": ["short question", ...]}'

CHECK_RULES = f"""\
# Checking
Here you do not write a program: you write a checklist for an answer that somebody else gave. \
Reply with one JSON object and nothing else:
{_FORM}"""

ORDER = (
    f"Write one to {MOST} short questions, each answered by yes or no by a look at the frames, "
    "that are all answered by yes if this answer is right, and not all if it is wrong. Ask for "
    "what must be seen, not for the answer itself."
)


@strategy("checklist", "a VLM's answer must pass yes-no questions")
def solve(workspace: Workspace) -> Attempt:
    """The first answer of the VLM of which enough checks are answered by yes.

    The model that writes makes a checklist for an answer; the VLM goes through it, a question
    at a time. An answer of which at least the share `accept` passes stands, and names the checks
    as evidence beside itself; else another sample is taken, `rounds` at most. A checklist that
    cannot be read checks nothing: the answer stands, and that is told.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: no answer passed, or there is nothing to look at.

    Source: RULER-Bench (2025): a judge with several yes-no questions a sample, whose share is
    the score. There of videos that were made; here of answers. Numbers of questions and of
    frames are ours.
    """
    need_vlm(workspace, "ask", "ask_yes_no")
    run = workspace.run
    frames = even_frames(run, seen_videos(run), FRAMES)
    kind = kind_of(run.text, has_choices=bool(run.choices))
    failed: list[str] = []
    for sample in range(max(1, workspace.settings.rounds)):
        more = f", sample={sample}" if sample else ""
        source = f"frames = {frames}\n{ask_about_frames(kind, more=more)}"
        first = look(workspace, workspace.start, source, f"looks, sample {sample}")
        if first.state is None:
            return first
        said = reply_text(first)
        if said in failed:
            continue
        checks = _checks(workspace, said)
        source = "".join(
            yes_no_look(f"check_{number}", check) for number, check in enumerate(checks, start=1)
        )
        made = look(workspace, first, source, f"{len(checks)} checks") if checks else first
        if made.state is None:
            return made
        passed = [is_yes(reply.text) for reply in made.results if isinstance(reply, Reply)]
        if not checks or passed.count(True) / len(checks) >= workspace.settings.accept:
            names = [f"check_{number}" for number, _ in enumerate(checks, start=1)]
            evidence = ", ".join(["reply", *names])
            note = f"answers: {passed.count(True)} of {len(checks)} checks passed"
            return look(workspace, made, answer_from_reply(kind, evidence=evidence), note)
        failed.append(said)
        run.warnings.add(
            f'"{excerpt(said, 80)}" passed {passed.count(True)} of {len(checks)} checks'
        )
    raise AbstainedError(
        f"no answer of the VLM passed its checklist: {'; '.join(failed)[:300]}.",
        hint="Lower it by --set accept=0.5, or take another strategy: --strategy zoom.",
    )


def _checks(workspace: Workspace, answer: str) -> tuple[str, ...]:
    """The checklist for an answer; empty, with a warning, where none can be read."""
    messages = checklist_messages(workspace.writer.prompt.messages, answer)
    reply = workspace.writer.ask(messages, "write a checklist")
    try:
        return read_checks(reply.text)
    except LlmReplyError as error:
        workspace.run.warnings.add(f"nothing was checked: {error.message}")
        return ()


def checklist_messages(prompt: Sequence[Message], answer: str) -> tuple[Message, ...]:
    """Ask for a checklist; the answer stands in data marks."""
    return asked_instead(
        prompt, CHECK_RULES, ["# Answer", mark_data("answer", answer[:1000]), ORDER]
    )


def read_checks(reply: str) -> tuple[str, ...]:
    """The questions of a checklist, each on one line and once, at most MOST.

    Raises:
        LlmReplyError: it is not of the form asked for, or empty.
    """
    listed = last_object(reply).get("checks")
    given = listed if isinstance(listed, list) else []
    checks = [one_line(check, MAX_CHECK) for check in given if isinstance(check, str)]
    kept = tuple(dict.fromkeys(check for check in checks if check))[:MOST]
    if not kept or len(checks) != len(given):
        raise LlmReplyError(
            f'no checklist can be read from "{excerpt(reply)}".', hint=f"It must be {_FORM}."
        )
    return kept


def is_yes(reply: str) -> bool:
    """Whether a check is answered by yes, and by nothing that goes against it."""
    words = reply.casefold().split()
    return bool(words) and words[0].strip(".,;:!\"'") == "yes"
