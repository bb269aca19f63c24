"""The forms in which published video-reasoning checkpoints reply.

A form is how the model is asked for it, in one turn, and what takes a reply apart: its answer, the
places and times that its reasoning names, and the wish to be shown more. What is not of the form
is an error that says why; an answer is never guessed from it. Which model speaks which form
stands in checkpoints.py; turning places into evidence is form_reply.py's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

Numbers = tuple[float, float, float, float]

MOST_TEXT = 40_000
"""Characters of a reply that is taken apart; the forms' own scripts leave about 10,000."""


class NamedPlace(NamedTuple):
    """Something that a reply points to: a moment or span in seconds, and a box in one picture.

    The box is in the units of the checkpoint; None for the whole picture.
    """

    label: str
    start: float
    end: float
    box: Numbers | None = None


class PublishedReply(NamedTuple):
    """A reply, taken apart.

    Attributes:
        answer: as it stands in its place; "" where the model asks to be shown more.
        places: what its reasoning points to, in the order in which it does.
        wish: what it asks to be shown, in words of ours; "" for nothing.
        wished: the span of that, in seconds, where it names one.
        unread: parts that look like places and cannot be read as such.
    """

    answer: str
    places: tuple[NamedPlace, ...] = ()
    wish: str = ""
    unread: tuple[str, ...] = ()
    wished: tuple[float, float] | None = None


class FormError(ValueError):
    """A reply is not of its model's form; the text says what is missing."""


@dataclass(frozen=True)
class PublishedForm:
    """One form.

    Attributes:
        order: how it is asked for, in place of our own order for the end of a reply.
        take_apart: what `read` does with a reply that is not too long. Its patterns go over a
            text once: replies may be made to keep a pattern busy.
        source: where it is published.
    """

    name: str
    order: str
    take_apart: Callable[[str], PublishedReply]
    source: str

    def read(self, text: str) -> PublishedReply:
        """A reply, taken apart.

        Raises:
            FormError: it is not of this form.
        """
        if len(text) > MOST_TEXT:
            raise FormError(f"it has more than {MOST_TEXT} characters")
        return self.take_apart(text)


def _contents(text: str, tag: str) -> list[str]:
    """What stands in each element of a tag.

    Raises:
        FormError: one is not closed, or not opened.
    """
    n_opened, n_closed = text.count(f"<{tag}>"), text.count(f"</{tag}>")
    found = [part.partition(f"</{tag}>") for part in text.split(f"<{tag}>")[1:]]
    if n_opened != n_closed or not all(mark for _, mark, _ in found):
        raise FormError(f"<{tag}> is opened {n_opened} times and closed {n_closed} times")
    return [content.strip() for content, _, _ in found]


def _only(text: str, tag: str) -> str:
    found = _contents(text, tag)
    if len(found) != 1:
        raise FormError(f"it has {len(found)} elements <{tag}>, not one")
    return found[0]


_THOUGHT_MARK = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)


def _outside_thoughts(text: str) -> str:
    """What a reply says after or between its thoughts, which may weigh answers of their own.

    Some templates open the first thought themselves: then its end alone is written.

    Raises:
        FormError: a thought does not end, so that nothing is said yet.
    """
    kept: list[str] = []
    at, is_thought = 0, False
    for mark in _THOUGHT_MARK.finditer(text):
        if mark[1] and not is_thought:
            kept.clear()
        elif not mark[1] and not is_thought:
            kept.append(text[at : mark.start()])
        is_thought = not mark[1]
        at = mark.end()
    if is_thought:
        raise FormError("its thought does not end: it was cut off, or answers within it")
    return "".join([*kept, text[at:]])


def _answer(text: str) -> str:
    """The one answer outside of thoughts."""
    answer = _only(_outside_thoughts(text), "answer")
    if not answer:
        raise FormError("<answer> is empty")
    return answer


_TIME = re.compile(r"\d{1,6}(?:\.\d{1,6})?|(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:\.\d{1,3})?", re.ASCII)
_NUMBER = re.compile(r"\s*\d{1,6}(?:\.\d{1,9})?\s*", re.ASCII)


def _seconds(text: str) -> float | None:
    """Seconds that are written as 12.5, 1:05 or 00:01:05."""
    if not _TIME.fullmatch(text):
        return None
    value = 0.0
    for part in text.split(":"):
        value = 60.0 * value + float(part)
    return value


def _span(text: str) -> tuple[float, float] | None:
    """A span that is written as two times with a dash or "to" between them."""
    ends = re.split(r"\s*(?:-|–|\bto\b|,)\s*", text.strip().strip("[]"))
    times = [_seconds(end.removesuffix("s").strip()) for end in ends]
    if len(times) != 2 or times[0] is None or times[1] is None or times[0] > times[1]:
        return None
    return times[0], times[1]


def _box(text: str) -> Numbers | None:
    """Four numbers in brackets, the right way round."""
    numbers = text.strip().strip("[]").split(",")
    if len(numbers) != 4 or not all(map(_NUMBER.fullmatch, numbers)):
        return None
    x0, y0, x1, y1 = map(float, numbers)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _read_think_answer(text: str) -> PublishedReply:
    return PublishedReply(_answer(text))


_OBJECT = re.compile(r"<obj>([^<]*)</obj> ?<box>([^<]*)</box> ?at ?<t>([^<]*)</t>")
_FROM_TO = re.compile(r"From ?<t>([^<]*)</t> ?s? to ?<t>([^<]*)</t>", re.IGNORECASE)


def _read_object_box_time(text: str) -> PublishedReply:
    answer = _answer(text)
    places: list[NamedPlace] = []
    unread: list[str] = []
    for label, written, moment in _OBJECT.findall(text):
        box, time = _box(written), _seconds(moment.strip())
        if box is None or time is None:
            unread.append(f"{label}{written} at {moment}")
        else:
            places.append(NamedPlace(label.strip(), time, time, box))
    for start, end in _FROM_TO.findall(answer):
        span = _span(f"{start.strip()}-{end.strip()}")
        if span is None:
            raise FormError(f"the answer's span, {start} to {end}, cannot be read")
        places.append(NamedPlace("", *span))
    return PublishedReply(re.sub(r"</?t>", "", answer), tuple(places), "", tuple(unread))


def _read_frame_action(text: str) -> PublishedReply:
    action = _only(_outside_thoughts(text), "action")
    if answer := re.fullmatch(r"output answer:\s*(\S.*)", action, re.DOTALL):
        return PublishedReply(answer[1].strip())
    if re.fullmatch(r"choose frames between \d+ and \d+|get frame number at time [\d:]+", action):
        return PublishedReply("", wish=action)
    raise FormError("its action is none of the published ones")


def _read_tool_json(text: str) -> PublishedReply:
    calls = _contents(_outside_thoughts(text), "tool_call")
    if not calls:
        return _read_think_answer(text)
    try:
        call = json.loads(calls[-1])
    except (ValueError, RecursionError):
        raise FormError("its tool call is no JSON") from None
    if not isinstance(call, dict) or not isinstance(call.get("arguments"), dict):
        raise FormError("its tool call has no name with arguments")
    given = call["arguments"]
    wished = _span(f"{given.get('start_time')}-{given.get('end_time')}")
    return PublishedReply("", wish=f"{call.get('name')}({json.dumps(given)})", wished=wished)


def _last_boxed(text: str) -> str:
    """What stands in the last \\boxed{...}, braces within it paired; "" where there is none."""
    begins = list(re.finditer(r"\\boxed ?\{", text))
    if not begins:
        return ""
    begin = at = begins[-1].end()
    depth = 1
    while depth and at < len(text):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    if depth:
        raise FormError("\\boxed{ is not closed")
    return text[begin : at - 1].strip()


def _read_boxed(text: str) -> PublishedReply:
    last = _last_boxed(_outside_thoughts(text))
    if not last:
        raise FormError("it has no \\boxed{} with something in it")
    if last.startswith("\\text{") and last.endswith("}"):
        last = last[len("\\text{") : -1]
    if last.startswith("["):
        span = _span(last)
        if span is None:
            raise FormError(f"the span {last} cannot be read")
        return PublishedReply("", wish=f"{span[0]:g} to {span[1]:g} s", wished=span)
    return PublishedReply(last)


def _read_manipulation(text: str) -> PublishedReply:
    text = _outside_thoughts(text)
    final = re.findall(r"^[ \t]{0,9}FINAL_ANSWER:(.*\S)", text, re.MULTILINE)
    if len(final) > 1:
        raise FormError(f"it has {len(final)} lines FINAL_ANSWER:")
    if final:
        return PublishedReply(final[0].strip())
    wishes = re.findall(r"[\w-]{1,40}\([^()\n]{0,200}\) ?= ?\[[\d\s.,]{0,99}\]", text)
    if not wishes:
        raise FormError("it has no line FINAL_ANSWER:, and asks for nothing")
    return PublishedReply("", wish=wishes[-1])


def _read_score_clip(text: str) -> PublishedReply:
    text = _outside_thoughts(text)
    clip, answer = _only(text, "clip"), _only(text, "answer")
    spans = [_span(part) for part in clip.split(",")] if clip else []
    if None in spans:
        raise FormError(f"the clip {clip[:60]} cannot be read")
    if not answer and not spans:
        raise FormError("it has neither an answer nor a clip to be shown")
    if not answer:
        return PublishedReply("", wish=clip, wished=spans[0])
    return PublishedReply(answer, tuple(NamedPlace("", *span) for span in spans if span))


def _read_time_caption(text: str) -> PublishedReply:
    answer = _answer(text)
    places: list[NamedPlace] = []
    unread: list[str] = []
    for time, caption in re.findall(r"<time>([^<]*)</time>\s{0,9}<caption>([^<]*)</caption>", text):
        span = _span(time)
        if span is None:
            unread.append(f"{time}: {caption}")
        else:
            places.append(NamedPlace(caption.strip(), *span))
    return PublishedReply(answer, tuple(places), "", tuple(unread))


def _read_zoom(text: str) -> PublishedReply:
    said = _outside_thoughts(text)
    zooms = _contents(said, "zoom")
    if zooms and "<answer>" not in said:
        if _box(zooms[-1]) is None:
            raise FormError(f"the part {zooms[-1][:60]} cannot be read")
        return PublishedReply("", wish=f"the part {zooms[-1]}, enlarged")
    return _read_think_answer(text)


_THINK = (
    "Think first, within <think> and </think>; then give what was asked for, and nothing else, "
    "within <answer> and </answer>."
)

THINK_ANSWER = PublishedForm(
    "think-answer", _THINK, _read_think_answer, "Ziyang412/Video-RTS and mbzuai-oryx/Video-R2"
)
OBJECT_BOX_TIME = PublishedForm(
    "obj-box-time",
    f"{_THINK} While you think, write each thing that you go by as "
    "<obj>name</obj><box>[x0, y0, x1, y1]</box>at<t>seconds</t>s.",
    _read_object_box_time,
    "marinero4972/Open-o3-Video: src/r1-v/src/open_r1/data_loader.py, its system prompts",
)
FRAME_ACTION = PublishedForm(
    "frame-action",
    "Think first, within <think> and </think>; then act within <action> and </action>. The only "
    "action is: output answer: what was asked for.",
    _read_frame_action,
    "lcqysl/FrameThinker-RL: examples/agent/infer.py, the prompt of its last attempt",
)
TOOL_JSON = PublishedForm(
    "tool-json", _THINK, _read_tool_json, "Time-Search/TimeSearch-R: time_r1/prompt/v3.py"
)
BOXED = PublishedForm(
    "boxed",
    "Reason by what the frames show, and give what was asked for, and nothing else, within "
    "\\boxed{}.",
    _read_boxed,
    "HumanMLLM/LOVE-R1: VLMEvalKit/vlmeval/vlm/qwen2_vl/model_sample_frame.py",
)
MANIPULATION = PublishedForm(
    "manip",
    "Reason by what the frames show. End with one line FINAL_ANSWER: and what was asked for.",
    _read_manipulation,
    "mbzuai-oryx/Video-CoM: its paper; the form was not compared with its code",
)
SCORE_CLIP = PublishedForm(
    "score-clip",
    "Reply in this form: <score>how relevant the frames are, from 1 to 5</score><think>your "
    "reasoning</think><clip></clip><answer>what was asked for</answer>.",
    _read_score_clip,
    "OuyangKun10/Conan: Conan-Eval/prompt_temp.py",
)
TIME_CAPTION = PublishedForm(
    "time-caption",
    "For each part that matters write <time>start-end</time><caption>what it shows</caption>, in "
    f"seconds. {_THINK}",
    _read_time_caption,
    "Video-Thinker (2025), its paper; the form was not compared with its code",
)
ZOOM = PublishedForm(
    "zoom", _THINK, _read_zoom, "nota-github/ERGO: src/ergo/const.py, the second turn"
)
