"""Replies written by hand in the published forms, and what is not of them."""

from __future__ import annotations

import pytest

from vprog_modules.vlm.published_forms import (
    BOXED,
    FRAME_ACTION,
    MANIPULATION,
    MOST_TEXT,
    OBJECT_BOX_TIME,
    SCORE_CLIP,
    THINK_ANSWER,
    TIME_CAPTION,
    TOOL_JSON,
    ZOOM,
    FormError,
    NamedPlace,
    PublishedForm,
)

FORMS = (
    BOXED, FRAME_ACTION, MANIPULATION, OBJECT_BOX_TIME, SCORE_CLIP, THINK_ANSWER, TIME_CAPTION,
    TOOL_JSON, ZOOM,
)  # fmt: skip
DOG = "<obj>dog</obj><box>[10, 20, 30, 40]</box>at<t>1.5</t>s"
PLACE = NamedPlace("dog", 1.5, 1.5, (10.0, 20.0, 30.0, 40.0))


def think(answer: str, thought: str = "It is red.") -> str:
    return f"<think>{thought}</think>\n<answer>{answer}</answer>"


@pytest.mark.parametrize(
    ("form", "reply", "answer", "places"),
    [
        (THINK_ANSWER, think("B"), "B", ()),
        (THINK_ANSWER, think("B", "an <answer> is due"), "B", ()),
        (THINK_ANSWER, "It may be <answer>A</answer>.</think><answer>B</answer>", "B", ()),
        (OBJECT_BOX_TIME, think("a dog", f"I see {DOG}."), "a dog", (PLACE,)),
        (
            OBJECT_BOX_TIME,
            think("From <t>3.0</t>s to <t>5.5</t>s.\nCorrect Option: B"),
            "From 3.0s to 5.5s.\nCorrect Option: B",
            (NamedPlace("", 3.0, 5.5),),
        ),
        (FRAME_ACTION, "<think>x</think><action>output answer: C</action>", "C", ()),
        (TOOL_JSON, think("a red car"), "a red car", ()),
        (BOXED, "So it is \\boxed{B}.", "B", ()),
        (BOXED, "First \\boxed{[1, 2]}, then \\boxed{\\text{a {red} car}}", "a {red} car", ()),
        (MANIPULATION, "find-segment(a dog)=[2]\nFINAL_ANSWER: B. a dog", "B. a dog", ()),
        (
            SCORE_CLIP,
            "<score>5</score><think>x</think><clip>00:00:05-00:01:10</clip><answer>C</answer>",
            "C",
            (NamedPlace("", 5.0, 70.0),),
        ),
        (SCORE_CLIP, "<score>5</score><think>x</think><clip></clip><answer>C</answer>", "C", ()),
        (
            TIME_CAPTION,
            "<time>1.0-2.5</time><caption>A door opens.</caption>" + think("B"),
            "B",
            (NamedPlace("A door opens.", 1.0, 2.5),),
        ),
        (ZOOM, think("B"), "B", ()),
    ],
)
def test_form_gives_the_answer_and_the_places(
    form: PublishedForm, reply: str, answer: str, places: tuple[NamedPlace, ...]
) -> None:
    said = form.read(reply)
    assert (said.answer, said.places, said.wish, said.unread) == (answer, places, "", ())


@pytest.mark.parametrize(
    ("form", "reply", "wish"),
    [
        (FRAME_ACTION, "<action>choose frames between 10 and 50</action>", "choose frames"),
        (FRAME_ACTION, "<action>get frame number at time 1:05</action>", "1:05"),
        (
            TOOL_JSON,
            '<tool_call>{"name": "seek_video_frames", "arguments": {"query": "dog"}}</tool_call>',
            'seek_video_frames({"query": "dog"})',
        ),
        (BOXED, "\\boxed{[12.5, 20]}", "12.5 to 20 s"),
        (MANIPULATION, "find-segment(a dog)=[2, 3]", "find-segment(a dog)=[2, 3]"),
        (
            SCORE_CLIP,
            "<score>1</score><think>x</think><clip>0:05-0:10</clip><answer></answer>",
            "0:05-0:10",
        ),
        (ZOOM, "<think>x</think><zoom>[1, 2, 30, 40]</zoom>", "[1, 2, 30, 40]"),
    ],
)
def test_form_tells_a_wish_to_be_shown_more(form: PublishedForm, reply: str, wish: str) -> None:
    said = form.read(reply)
    assert said.answer == ""
    assert wish in said.wish


def test_a_wish_for_a_span_has_its_seconds() -> None:
    call = '{"name": "seek_video_frames", "arguments": {"start_time": 1.5, "end_time": 4}}'
    assert TOOL_JSON.read(f"<tool_call>{call}</tool_call>").wished == (1.5, 4.0)
    assert TOOL_JSON.read('<tool_call>{"arguments": {}}</tool_call>').wished is None
    assert BOXED.read("\\boxed{[12.5, 20]}").wished == (12.5, 20.0)
    assert SCORE_CLIP.read("<clip>0:05-0:10</clip><answer></answer>").wished == (5.0, 10.0)


@pytest.mark.parametrize(
    ("form", "reply", "why"),
    [
        (THINK_ANSWER, "", "0 elements <answer>"),
        (THINK_ANSWER, "B", "0 elements <answer>"),
        (THINK_ANSWER, "<answer>B", "opened 1 times and closed 0 times"),
        (THINK_ANSWER, "B</answer>", "opened 0 times and closed 1 times"),
        (THINK_ANSWER, think("A") + think("B"), "2 elements <answer>"),
        (THINK_ANSWER, think(" "), "is empty"),
        (THINK_ANSWER, "<think>Perhaps <answer>A</answer>, but no, it", "does not end"),
        (THINK_ANSWER, "Perhaps <answer>A</answer>, but no.</think> It is B", "0 elements"),
        (THINK_ANSWER, "<Think>Perhaps <answer>A</answer></Think> B", "0 elements"),
        (
            SCORE_CLIP,
            "<score>1</score><think><answer>A</answer></think><clip></clip>",
            "0 elements",
        ),
        (FRAME_ACTION, "<think><action>output answer: A</action> no</think>", "0 elements"),
        (MANIPULATION, "<think>\nFINAL_ANSWER: A\nno</think> It is B", "no line FINAL_ANSWER"),
        (BOXED, "<think>\\boxed{A} if red.</think> It is blue.", "no \\boxed"),
        (OBJECT_BOX_TIME, think("From <t>5</t>s to <t>3</t>s"), "cannot be read"),
        (OBJECT_BOX_TIME, think("From <t>x</t>s to <t>3</t>s"), "cannot be read"),
        (FRAME_ACTION, "<think>x</think>", "0 elements <action>"),
        (FRAME_ACTION, "<action>output answer:</action>", "none of the published"),
        (FRAME_ACTION, "<action>rm -rf</action>", "none of the published"),
        (TOOL_JSON, "<tool_call>{'name': 1}</tool_call>", "no JSON"),
        (TOOL_JSON, "<tool_call>[1]</tool_call>", "no name with arguments"),
        (TOOL_JSON, "<tool_call>" + "[" * 30_000 + "</tool_call>", "no JSON"),
        (BOXED, "B", "no \\boxed{}"),
        (BOXED, "\\boxed{", "not closed"),
        (BOXED, "\\boxed{}", "with something in it"),
        (BOXED, "\\boxed{[5, 3]}", "span [5, 3] cannot be read"),
        (MANIPULATION, "The answer is B.", "no line FINAL_ANSWER"),
        (MANIPULATION, "FINAL_ANSWER: A\nFINAL_ANSWER: B", "2 lines"),
        (SCORE_CLIP, think("B"), "0 elements <clip>"),
        (SCORE_CLIP, "<clip>soon</clip><answer>B</answer>", "clip soon cannot be read"),
        (SCORE_CLIP, "<clip></clip><answer></answer>", "neither an answer nor a clip"),
        (TIME_CAPTION, "<time>1-2</time><caption>x</caption>", "0 elements <answer>"),
        (ZOOM, "<zoom>[1, 2, 3]</zoom>", "cannot be read"),
    ],
)
def test_what_is_not_of_the_form_is_an_error_and_never_a_guess(
    form: PublishedForm, reply: str, why: str
) -> None:
    with pytest.raises(FormError) as caught:
        form.read(reply)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "<obj>dog</obj><box>[10, 20, 30]</box>at<t>1.5</t>s",
        "<obj>dog</obj><box>[30, 20, 10, 40]</box>at<t>1.5</t>s",
        "<obj>dog</obj><box>[nan, 20, 30, 40]</box>at<t>1.5</t>s",
        "<obj>dog</obj><box>[-1, 20, 30, 40]</box>at<t>1.5</t>s",
        "<obj>dog</obj><box>[10, 20, 30, 40]</box>at<t>soon</t>s",
        "<obj>dog</obj><box>[10, 20, 30, 40]</box>at<t>1e9</t>s",
    ],
)
def test_a_place_that_cannot_be_read_is_left_out_and_told(place: str) -> None:
    said = OBJECT_BOX_TIME.read(think("a dog", f"{place} and {DOG}"))
    assert said.places == (PLACE,)
    assert len(said.unread) == 1


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "part",
    ["<obj>", "<obj>a</obj><box>", "<obj>a</obj><box>[1]</box>at<t>", "<think>", "</think>",
     "<answer>", "</answer><answer>", "\\boxed{", "\\boxed{}", "\n", " ", "a", "a(", "a(b)=[",
     "<time>1</time><caption>", "<tool_call>", "<clip>", "{", "From <t>", "FINAL_ANSWER:\n"],
)  # fmt: skip
def test_a_reply_that_is_made_to_keep_a_pattern_busy_comes_to_an_end(
    form: PublishedForm, part: str
) -> None:
    """Each is an error; what would hang runs into the time limit of the tests."""
    with pytest.raises(FormError):
        form.read(part * (MOST_TEXT // len(part)))
    with pytest.raises(FormError, match="more than 40000 characters"):
        form.read(part * MOST_TEXT + "<answer>B</answer>")
