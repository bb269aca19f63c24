"""The boundary by itself: look-alikes are made as the interpreter makes them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Literal

import numpy as np
import pytest

from tests.sandbox.bench import SIGNATURES, SOUND, VIDEO, VIDEOS
from tests.steps import steps_of
from vprog.boundary.convert import bind, from_module, program_error, to_host, to_sandbox
from vprog.errors import (
    BudgetError,
    ModuleFailedError,
    ModuleInputError,
    ModuleUnknownError,
    NoAudioStreamError,
    VideoUnreadableError,
    VprogError,
)
from vprog.testing.samples import samples_of
from vprog.types import (
    VALUE_TYPES,
    AnswerValue,
    Box,
    Detection,
    Event,
    EvidenceValue,
    Frame,
    Level,
    Shot,
    Span,
    Speech,
    Track,
    Video,
)

NAN = float("nan")
INF = float("inf")


def alike(value: Any) -> Any:
    """A value as the interpreter hands it back: every class a new one."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        cls = namedtuple(type(value).__name__, value._fields, module="__main__")
        return cls(*[alike(item) for item in value])
    if isinstance(value, list):
        return [alike(element) for element in value]
    return value


def host(raw: object, annotation: object) -> object:
    return to_host(raw, annotation, VIDEOS, where="here")


FRAME = Frame(0, 2.0)
DETECTION = Detection("dog", Box(1.0, 2.0, 3.0, 4.0), 0.5, FRAME)


@pytest.mark.parametrize(
    ("raw", "annotation", "expected"),
    [
        (1, int, 1),
        (1, float, 1.0),
        (-0.0, float, 0.0),
        ("a\nb", str, "a\nb"),
        (None, Span | None, None),
        (Span(1, 2.5), Span | None, Span(1.0, 2.5)),
        (FRAME, Frame, FRAME),
        (DETECTION, Detection, DETECTION),
        ([DETECTION, DETECTION], list[Detection], [DETECTION, DETECTION]),
        ((FRAME,), list[Frame], [FRAME]),
        (VIDEO, Video, VIDEO),
        ({"a": 1}, dict[str, float], {"a": 1.0}),
        ((1, 2.0), tuple[float, float], (1.0, 2.0)),
        ((1, 2, 3), tuple[int, ...], (1, 2, 3)),
        ("up", Literal["up", "down"], "up"),
        (2, Literal[1, 2], 2),
        (True, bool | AnswerValue, True),
        (3, AnswerValue, 3),
        (3.0, AnswerValue, 3.0),
        ([1, 2], AnswerValue, [1.0, 2.0]),
        ([], AnswerValue, []),
        (["a"], AnswerValue, ["a"]),
        ((1.0, 2.0), AnswerValue, (1.0, 2.0)),
        (Span(1.0, 2.0), AnswerValue, Span(1.0, 2.0)),
        ([Shot(0.0, 1.0, "start", 1.0), FRAME], list[EvidenceValue], None),
    ],
)
def test_value_of_the_declared_type_passes_as_ours(
    raw: object, annotation: object, expected: object
) -> None:
    value = host(alike(raw), annotation)

    expected = raw if expected is None and raw is not None else expected
    assert value == expected
    assert type(value) is type(expected)


def test_look_alikes_are_rebuilt_all_the_way_down() -> None:
    track = Track(1, "dog", Span(0.0, 2.0), [DETECTION], 0.5)

    value = host(alike(track), Track)

    assert type(value) is Track
    assert type(value.span) is Span
    assert type(value.detections[0]) is Detection
    assert type(value.detections[0].frame) is Frame
    assert type(value.detections[0].box) is Box


@pytest.mark.parametrize(
    ("raw", "annotation", "message"),
    [
        (True, int, "must be an int, got True"),
        (True, float, "must be a float, got True"),
        (1, bool, "must be a bool, got 1"),
        (1, str, "must be a str, got 1"),
        ("1", float, 'must be a float, got "1"'),
        (True, Literal[1, 2], "must be one of 1, 2, got True"),
        ("left", Literal["up", "down"], "must be one of 'up', 'down', got \"left\""),
        (NAN, float, "finite numbers"),
        (INF, AnswerValue, "finite numbers"),
        (10**400, int, "63 bits"),
        ("a\x1b[31m", str, "control characters"),
        ("\ud800", str, "control characters or broken Unicode"),
        (b"a", str, "holds a bytes"),
        ({1, 2}, list[int], "holds a set"),
        (..., AnswerValue, "holds a ellipsis"),
        (range(3), AnswerValue, "holds a range"),
        (object(), AnswerValue, "holds a object"),
        ([1, ["a"]], AnswerValue, "must be"),
        ([1, "a"], AnswerValue, "must be an int"),
        ({1: 2}, dict[str, int], "keys of str"),
        ((1.0,), tuple[float, float], "tuple[float, float]"),
        (Span(2.0, 1.0), Span, "start <= end"),
        (Span(50.0, 51.0), AnswerValue, None),
        (Span(500.0, 501.0), Span, "0 to 60 s"),
        (Frame(7, 1.0), Frame, "0 to 1, names 7"),
        (Frame(-1, 1.0), Frame, "names -1"),
        (Frame(True, 1.0), Frame, "video must be an int"),
        (Frame(0, 11.0), Frame, "time must be a time within the video, 0 to 10 s, is 11 s"),
        (Frame(0, -1.0), Frame, "within the video"),
        (Frame(1, 1.0), Frame, "no picture"),
        (Frame(0, 1.0, Box(700.0, 0.0, 800.0, 10.0)), Frame, "region must lie in the picture"),
        (Frame(0, 1.0, Box(5.0, 5.0, 5.0, 9.0)), Frame, "is empty"),
        (Box(3.0, 0.0, 1.0, 1.0), Box, "x0 <= x1"),
        (VIDEO._replace(duration=99.0), Video, "was changed"),
        (VIDEO._replace(index=5), Video, "names 5"),
        (VIDEO._replace(has_audio=1), Video, "has_audio must be a bool"),
        (Event("x", 2.0, 1.0, 1.0), Event, "start <= end"),
        (Event("x", 0.0, 1e300, 1.0), Event, "1e7 seconds"),
        ([FRAME, 3], list[Frame], "[1] must be a Frame, got 3"),
        (Span(1.0, 2.0), Frame, "must be a Frame, got a Span"),
        ((0, 1.0, None), Frame, "must be a Frame, got a tuple of 3"),
    ],
)
def test_value_of_another_type_or_out_of_range_is_refused(
    raw: object, annotation: object, message: str | None
) -> None:
    if message is None:
        host(alike(raw), annotation)
        return

    with pytest.raises(ModuleInputError) as caught:
        host(alike(raw), annotation)

    assert message in caught.value.message


def test_time_and_box_a_little_outside_are_moved_in() -> None:
    frame = host(alike(Frame(0, 10.05, Box(-1.0, 0.0, 641.0, 480.0))), Frame)

    assert frame == Frame(0, 10.0, Box(0.0, 0.0, 640.0, 480.0))


def test_detection_box_is_cut_to_the_picture_of_its_own_video() -> None:
    wide = DETECTION._replace(box=Box(600.0, 400.0, 700.0, 500.0))

    value = host(alike(wide), Detection)

    assert value.box == Box(600.0, 400.0, 640.0, 480.0)


@pytest.mark.parametrize(
    "fields",
    [
        ("video", "time"),
        ("video", "time", "region", "extra"),
        ("time", "video", "region"),
        ("a", "b", "c"),
    ],
)
def test_look_alike_with_other_fields_is_refused(fields: tuple[str, ...]) -> None:
    forged = namedtuple("Frame", fields)(*[0.0 for _ in fields])

    with pytest.raises(ModuleInputError, match="must be a Frame"):
        host(forged, Frame)


def test_class_with_hostile_attributes_is_never_asked() -> None:
    class Frame(tuple):
        _fields = property(lambda self: pytest.fail("was asked"))

        def __iter__(self):  # type: ignore[no-untyped-def]
            pytest.fail("was asked")

        def __len__(self) -> int:
            pytest.fail("was asked")

    with pytest.raises(ModuleInputError, match="must be a Frame"):
        host(Frame((0, 1.0, None)), globals()["Frame"])


def doubled(times: int) -> list[Any]:
    value: list[Any] = ["l"]
    for _ in range(times):
        value = [value, value]
    return value


def nested(times: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(times):
        value = [value]
    return value


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (doubled(35), "nested at most 24"),
        (doubled(20), "at most 200000 values"),
        (nested(100_000), "nested at most 24"),
        (cyclic(), "in itself"),
        ([0] * 300_000, "at most 200000 values"),
        (["x" * 1_000_000] * 3, "at most 2000000 characters"),
        ({str(number): 0 for number in range(150_000)}, "at most 200000 values"),
    ],
)
def test_value_too_large_to_read_is_refused_at_once(raw: object, message: str) -> None:
    with pytest.raises(ModuleInputError) as caught:
        host(raw, AnswerValue)

    assert message in caught.value.message
    assert len(caught.value.message) < 300


def call(name: str, *args: object, **kwargs: object) -> dict[str, object]:
    return bind(SIGNATURES[name], [alike(arg) for arg in args], kwargs, VIDEOS)


def test_bind_fills_defaults_in_the_order_of_the_signature() -> None:
    arguments = call("detect", FRAME, label="dog")

    assert list(arguments.items()) == [("frame", FRAME), ("label", "dog"), ("min_score", 0.25)]


def test_bind_gives_the_hosts_own_video() -> None:
    assert call("sample_frames", VIDEO)["video"] is VIDEO


def test_bind_cuts_a_span_to_the_video_of_the_call() -> None:
    arguments = call("sample_frames", VIDEO, span=alike(Span(-1.0, 30.0)))

    assert arguments["span"] == Span(0.0, 10.0)
    assert call("transcribe", SOUND, span=alike(Span(-1, 30)))["span"] == Span(0.0, 30.0)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("detect", (FRAME,), {}, '"label" is missing'),
        ("detect", (FRAME, "dog", 0.5), {}, "takes 2 positional arguments, got 3"),
        ("detect", (FRAME, "dog"), {"labels": 1}, 'no argument "labels"'),
        ("detect", (FRAME, "dog"), {"label": "cat"}, '"label" is given twice'),
        ("detect", (FRAME, ""), {}, "1 to 200 characters"),
        ("detect", (FRAME, "   "), {}, "1 to 200 characters"),
        ("detect", (FRAME, "x" * 201), {}, "got a text of 201 characters"),
        ("detect", (FRAME, "dog\nRESULT: 5"), {}, "one line of printable text"),
        ("detect", (FRAME, "dog\u202ecat"), {}, "one line of printable text"),
        ("detect", (FRAME, "dog"), {"min_score": 1.5}, "[0, 1], is 1.5"),
        ("detect", (FRAME, "dog"), {"min_score": True}, "must be a float, got True"),
        ("detect", (3, "dog"), {}, "detect(frame): must be a Frame, got 3"),
        ("sample_frames", (VIDEO,), {"fps": 0.0}, "[0.001, 120], is 0"),
        ("link", ([DETECTION] * 2001,), {}, "must have at most 2000 items, has 2001"),
        ("sample_frames", (VIDEO,), {"\x1b[2Jx": 1}, '"\\x1b[2Jx"'),
    ],
)
def test_bind_refuses_with_the_argument_and_the_signature(
    name: str, args: tuple[object, ...], kwargs: dict[str, object], message: str
) -> None:
    with pytest.raises(ModuleInputError) as caught:
        call(name, *args, **kwargs)

    assert message in caught.value.message
    assert caught.value.hint == f"Signature: {SIGNATURES[name].text()}"


@pytest.mark.parametrize(
    ("raw", "annotation", "expected"),
    [
        (np.float32(0.5), float, 0.5),
        (np.int64(3), int, 3),
        (np.int64(3), float, 3.0),
        (np.bool_(True), bool, True),
        (np.str_("a"), str, "a"),
        ([Span(np.float64(1.0), np.float32(2.0))], list[Span], [Span(1.0, 2.0)]),
        ("a\x1b[2Jb\ud800", str, "a\ufffd[2Jb\ufffd"),
        ([], list[Span], []),
    ],
)
def test_module_result_becomes_plain(raw: object, annotation: object, expected: object) -> None:
    value = from_module(raw, annotation, where="m")

    assert value == expected
    assert type(value) is type(expected)


class Sly(list[Any]):
    """A list that is none."""


class SlySpan(Span):
    """A subclass of ours."""


@pytest.mark.parametrize(
    ("raw", "annotation", "message"),
    [
        ([FRAME] * 2001, list[Frame], "at most 2000 items, has 2001"),
        (np.zeros(3), list[float], "holds a numpy.ndarray"),
        (np.float32(NAN), float, "finite"),
        (np.float64(INF), float, "finite"),
        ([1.0, NAN], list[float], "finite numbers"),
        (Sly([1]), list[int], "holds a"),
        (SlySpan(1.0, 2.0), Span, "holds a"),
        ((item for item in []), list[int], "holds a generator"),
        (None, list[int], "must be a list, got None"),
        (alike(Span(1.0, 2.0)), Span, "holds a Span"),
        (Span(2.0, 1.0), Span, "start <= end"),
        ((1, 2), list[int], "must be a list, got a tuple of 2"),
        (doubled(35), list[str], "nested"),
        (cyclic(), list[str], "nested"),
        ([DETECTION, None], list[Detection], "result[1] must be a Detection, got None"),
        (print, str, "builtin_function_or_method"),
    ],
)
def test_module_result_that_is_not_what_it_declares_is_the_modules_fault(
    raw: object, annotation: object, message: str
) -> None:
    with pytest.raises(ModuleFailedError) as caught:
        from_module(raw, annotation, where="detect/DetectX")

    assert message in caught.value.message
    assert caught.value.message.startswith('module "detect/DetectX": its result')


def test_to_sandbox_gives_twins_of_module_builtins() -> None:
    twin = to_sandbox([DETECTION])

    assert repr(twin) == repr([DETECTION])
    assert type(twin[0]).__module__ == "builtins"  # type: ignore[index]
    assert type(twin[0].frame).__module__ == "builtins"  # type: ignore[index]


def test_to_sandbox_takes_checked_values_only() -> None:
    with pytest.raises(TypeError, match="only checked values cross"):
        to_sandbox(np.float64(1.0))


@pytest.mark.parametrize("cls", VALUE_TYPES)
def test_every_value_class_crosses_both_ways(cls: type) -> None:
    sample = samples_of(VIDEOS[0], 0.5, "a")[cls]
    assert host(alike(to_sandbox(sample)), cls) == sample


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (ModuleInputError("m(x): bad.", hint="Do y."), "ValueError", "m(x): bad. Do y."),
        (ModuleInputError("a\x1b[2J\nforged"), "ValueError", "a\\x1b[2J\\nforged"),
        (ModuleFailedError("/home/secret"), "RuntimeError", "module_failed: the module broke"),
        (ModuleUnknownError("x"), "NameError", "module_unknown: there is no"),
        (NoAudioStreamError("/a/b.mp4"), "ValueError", "no_audio: the video has no sound"),
        (VideoUnreadableError("/a/b.mp4"), "ValueError", "unreadable: this part"),
        (BudgetError("x"), "RuntimeError", "limit: a limit"),
        (VprogError("/etc/passwd"), "RuntimeError", "internal: the call did not give a result"),
    ],
)
def test_program_sees_fixed_texts_and_no_path(error: VprogError, kind: str, text: str) -> None:
    seen = program_error(error)

    assert seen[0] == kind
    assert seen[1].startswith(text)
    assert "/" not in seen[1]


def test_reading_takes_a_few_hundred_steps_an_item() -> None:
    raw = alike([DETECTION] * 50)
    assert steps_of(lambda: host(raw, list[Detection])) / 50 < 500


def test_speech_with_words_passes() -> None:
    speech = Speech("a b", 0.0, 1.0, 0.5, "subtitles", [])

    assert host(alike(speech), Speech) == speech


@pytest.mark.parametrize(
    ("raw", "annotation", "message"),
    [
        (Span(500.0, 501.0), Span, "must lie in the file, 0 to 10 s, is 500 to 501 s"),
        ([Event("x", 1.0, 500.0, 0.5)], list[Event], "result[0] must lie in the file"),
        (Level(-9.0, 0.5), Level, "must lie in the file, 0 to 10 s, is -9 s"),
        (Frame(0, 500.0), Frame, "result.time must be a time within the video"),
        (Frame(7, 1.0), Frame, "must name one of the videos"),
        (Box(5000.0, 0.0, 6000.0, 10.0), Box, "must lie in the picture"),
        (DETECTION._replace(box=Box(900, 900, 950, 950)), Detection, "result.box must lie in"),
        (VIDEO._replace(duration=9.0), Video, "was changed"),
    ],
)
def test_module_result_that_lies_outside_the_file_is_the_modules_fault(
    raw: object, annotation: object, message: str
) -> None:
    with pytest.raises(ModuleFailedError) as caught:
        from_module(raw, annotation, where="find/FindX", videos=VIDEOS, about=[VIDEO])
    assert caught.value.message.startswith('module "find/FindX": its result')
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("raw", "annotation"),
    [(Span(9.5, 10.4), Span), (Speech("x", -0.1, 11.0, 0.5, "asr", []), Speech), (FRAME, Frame)],
)
def test_module_result_may_lie_a_little_outside_and_stays_as_it_is(
    raw: object, annotation: object
) -> None:
    assert from_module(raw, annotation, where="m", videos=VIDEOS, about=[VIDEO]) == raw
