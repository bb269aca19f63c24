"""The service behind every door: ask, run, follow, cancel, explain, over one warm engine."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.asking import entered, released
from vprog.errors import BusyError, ConfigError, TraceNotFoundError, UsageError
from vprog.registry.registry import Registry
from vprog.service.service import Service, progress_text

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def service(home: Path, registry: Registry) -> Iterator[Service]:
    with Service(registry=registry) as made:
        yield made


def test_service_answers_and_explains(service: Service, clip: Path) -> None:
    run = service.ask(clip, "How long is the video?")
    told = [progress_text(event) for event in run.handle.events()]
    assert run.handle.result().answer == 2.0
    assert told[0] == "files opened"
    assert "answered" in told
    assert service.find(run.id) is run
    assert service.trace(run.trace).question == "How long is the video?"
    assert service.trace("last").answer == 2.0
    assert [summary.folder.name for summary in service.traces()] == [run.trace]


def test_service_runs_a_program_and_hands_out_its_frames(service: Service, clip: Path) -> None:
    program = "frame = frame_at(video, 1.0)\nanswer(1, evidence=[frame])"
    run = service.run(clip, program)
    assert run.handle.result().answer == 1
    with Image.open(io.BytesIO(service.frame(run.trace, 0))) as whole:
        assert whole.size == (160, 120)
    with Image.open(io.BytesIO(service.frame(run.trace, 0, most_side=80))) as small:
        assert small.size == (80, 60)


def test_service_takes_no_more_runs_than_it_may(registry: Registry, clip: Path) -> None:
    with Service(registry=registry, most_runs=1) as service:
        waiting = service.run(clip, "answer(hold_on(video, 'a'))")
        assert entered.acquire(timeout=30)
        with pytest.raises(BusyError, match="1 runs are going on"):
            service.ask(clip, "How long is the video?")
        service.cancel(waiting.id)
        assert waiting.handle.result(30).status == "interrupted"
        assert service.ask(clip, "How long is the video?").handle.result(30).answer == 2.0
    released.release()


def test_service_lists_modules_by_task(service: Service) -> None:
    tasks = [module.task for module in service.modules()]
    assert tasks == sorted(tasks)
    assert "hold_on" in tasks
    assert {signature.name for signature in service.signatures()} == set(tasks)


@pytest.mark.parametrize("name", ["../other", "/etc/passwd", "", "a" * 200, "20991231", "x\n"])
def test_service_opens_traces_of_its_own_folder_alone(service: Service, name: str) -> None:
    with pytest.raises(TraceNotFoundError):
        service.trace(name)


def test_service_says_what_it_does_not_know(service: Service, clip: Path) -> None:
    with pytest.raises(UsageError, match="no run 'abc'"):
        service.find("abc")
    with pytest.raises(UsageError, match="the question is empty"):
        service.ask(clip, " ")
    with pytest.raises(ConfigError, match="max_second"):
        Service(max_second=3)  # type: ignore[call-arg]


def test_service_ends_what_goes_on_when_it_closes(registry: Registry, clip: Path) -> None:
    with Service(registry=registry) as service:
        run = service.run(clip, "answer(hold_on(video, 'late'))")
        assert entered.acquire(timeout=30)
    assert run.handle.result(30).status == "interrupted"
    with pytest.raises(UsageError, match="closed"):
        service.ask(clip, "How long is the video?")
    released.release()
