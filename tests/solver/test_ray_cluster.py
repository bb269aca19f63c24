"""Questions answered by the nodes of a real Ray cluster: as here, and whoever is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.cli.command import finish, start
from tests.cli.command import vprog as command
from tests.drawing import draw_video
from tests.ray_nodes import ray_cluster
from tests.waiting_package import waiting_environment
from vprog.errors import PackageMissingError, UsageError, VprogError
from vprog.solver.ray_cluster import MOST_ATTEMPTS, ray_address

HAS_RAY = find_spec("ray") is not None  # it reads its switches when it is imported
QUESTIONS = ("How many shots are there?", "How long is the video?", "Why is it quiet?")
WAITING = {"find_shots": "FindShotsWaiting"}
SAME = ("case", "status", "answer", "choice", "score", "evidence", "program", "error", "coverage")


def test_ray_address_is_auto_or_that_of_the_head() -> None:
    assert ray_address("ray") == "auto"
    assert ray_address("ray:10.0.0.7:6379") == "10.0.0.7:6379"
    for engine in ("spark", "ray:", "ray:ray://head:10001", "Ray"):
        with pytest.raises(UsageError, match="no engine"):
            ray_address(engine)


def test_many_with_an_unknown_engine_says_which_there_are(clip: Path) -> None:
    with pytest.raises(UsageError, match='no engine "spark"'):
        vprog.solve_many([{"video": clip, "question": "How long?"}], engine="spark")


def test_batch_with_an_unknown_engine_makes_no_file(home: Path, clip: Path) -> None:
    ran = command("batch", clip.parent / "clip.mp4*", "--question", "How long?",
                  "-o", "out.jsonl", "--engine", "dask")  # fmt: skip
    assert ran.code == 2
    assert 'no engine "dask"' in ran.err
    assert not Path("out.jsonl").exists()


def test_batch_without_ray_says_what_to_install(home: Path, clip: Path) -> None:
    if HAS_RAY:
        pytest.skip("Ray is installed here")
    with pytest.raises(PackageMissingError, match=r"vprog\[ray\]"):
        vprog.solve_many([{"video": clip, "question": "How long?"}], engine="ray")


@dataclass
class Place:
    """A cluster, the folder of its files, and how to ask there."""

    cluster: Any
    folder: Path
    env: dict[str, str]

    def cases(self, name: str, n_clips: int, *, n_frames: int = 12) -> Path:
        """A file of cases: each question about each of some clips."""
        rows = []
        for number in range(n_clips):
            clip = draw_video(self.folder / f"{name}{number}.mp4", n_frames + number, fps=10)
            rows += [
                {"id": f"{clip.stem} {k}", "video": clip.name, "question": question}
                for k, question in enumerate(QUESTIONS)
            ]
        path = self.folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    def batch(self, cases: Path, out: str, *more: str) -> Any:
        """`vprog batch` as a process of its own."""
        return start("batch", cases, "-o", self.folder / out, "--set", "preset=core",
                     "--jobs", "2", *more, env=self.env, cwd=self.folder)  # fmt: skip

    def said(self, out: str) -> dict[str, list[Any]]:
        """What each row says, but for clocks and folders; each is there once."""
        lines = (self.folder / out).read_text().splitlines()
        rows = {row["id"]: [row[name] for name in SAME] for row in map(json.loads, lines)}
        assert len(rows) == len(lines)
        return rows

    def callers(self) -> set[int]:
        """The processes that called the module that waits."""
        return {int(file.name.partition("-")[0]) for file in (self.folder / "calls").iterdir()}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    if not HAS_RAY:
        pytest.skip("Ray is not installed; .ci/ray runs this")
    env = waiting_environment(tmp_path, wait_s=0.4)
    (tmp_path / "vprog.toml").write_text('[modules]\nfind_shots = "FindShotsWaiting"\n')
    with ray_cluster(env) as cluster:
        cluster.add_node(num_cpus=2, object_store_memory=100_000_000)
        yield Place(cluster, tmp_path, env)


def wait_until(what: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            pytest.fail("it did not come in time")
        time.sleep(0.05)


def test_batch_on_two_nodes_with_one_killed_in_the_middle_says_what_it_says_here(
    place: Place,
) -> None:
    second = place.cluster.add_node(num_cpus=2, object_store_memory=100_000_000)
    cases = place.cases("clip", 12)
    assert finish(place.batch(cases, "here.jsonl"), 120).code == 0
    for file in (place.folder / "calls").iterdir():
        file.unlink()
    shutil.rmtree(place.folder / "cache")
    engine = ("--engine", f"ray:{place.cluster.address}")
    process = place.batch(cases, "ray.jsonl", *engine)
    wait_until(lambda: len(place.callers()) == 2)
    place.cluster.remove_node(second, allow_graceful=False)
    ran = finish(process, 120)
    assert ran.code == 0, ran.err
    assert len(place.callers()) == 2
    assert place.said("ray.jsonl") == place.said("here.jsonl")


def test_file_that_kills_whoever_reads_it_fails_alone(place: Place) -> None:
    bad = place.cases("bad", 1, n_frames=40)
    good = place.cases("good", 4)
    with bad.open("a") as file:
        file.write(good.read_text())
    ran = finish(place.batch(bad, "out.jsonl", "--engine", f"ray:{place.cluster.address}"), 120)
    assert ran.code == 3, ran.err
    rows = place.said("out.jsonl")
    status = {key: row[1] for key, row in rows.items()}
    assert status.pop("bad0 0") == "internal"
    assert {rows[key][7]["code"] for key in rows if rows[key][1] == "internal"} == {"node_lost"}
    assert {value for key, value in status.items() if not key.startswith("bad")} == {
        "answered",
        "abstained",
    }
    assert len(place.callers()) >= MOST_ATTEMPTS


def test_interrupt_keeps_the_rows_and_resume_goes_on(place: Place) -> None:
    cases = place.cases("clip", 10)
    engine = ("--engine", f"ray:{place.cluster.address}")
    process = place.batch(cases, "out.jsonl", *engine)
    out = place.folder / "out.jsonl"
    wait_until(lambda: out.exists() and out.read_text().count("\n") >= 4)
    process.send_signal(signal.SIGINT)
    ran = finish(process, 60)
    assert ran.code == 130
    assert "go on with --resume" in ran.err
    n_rows = len(place.said("out.jsonl"))
    assert 4 <= n_rows < 30
    assert all(not _lives(pid) for pid in place.callers())
    ran = finish(place.batch(cases, "out.jsonl", "--resume", *engine), 120)
    assert ran.code == 0, ran.err
    assert len(place.said("out.jsonl")) == 30


def test_many_answers_on_the_nodes_by_the_settings_of_here(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)
    place.cases("clip", 2)
    rows = [{"id": name, "video": name, "question": QUESTIONS[0]}
            for name in ("clip0.mp4", "clip1.mp4", "none.mp4")]  # fmt: skip
    results = dict(vprog.solve_many(rows, engine=f"ray:{place.cluster.address}", modules=WAITING))
    assert {name: result.answer for name, result in results.items()} == {
        "clip0.mp4": 1, "clip1.mp4": 1, "none.mp4": None,
    }  # fmt: skip
    assert results["none.mp4"].status == "unreadable"
    assert "none.mp4" in results["none.mp4"].error.message  # type: ignore[union-attr]
    assert os.getpid() not in place.callers()
    with pytest.raises(UsageError, match="cannot be sent"):
        vprog.solve_many(
            rows,
            engine=f"ray:{place.cluster.address}",
            llm=_Unsendable(),  # type: ignore[arg-type]
        )


def test_cluster_that_is_not_there_is_told(place: Place) -> None:
    place.cases("clip", 1)
    ran = finish(place.batch(place.folder / "clip.jsonl", "out.jsonl",
                             "--engine", "ray:127.0.0.1:1"), 120)  # fmt: skip
    assert ran.code == 2
    assert "no Ray cluster answers at 127.0.0.1:1" in ran.err


def test_cluster_with_another_vprog_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.solver.ray_cluster.__version__", "9.9")
    results = vprog.solve_many(
        [{"video": "a.mp4", "question": QUESTIONS[1]}], engine=f"ray:{place.cluster.address}"
    )
    with pytest.raises(VprogError, match=r"no node of the cluster can answer.*9\.9 here"):
        list(results)


class _Unsendable:
    def __reduce__(self) -> Any:
        raise TypeError("it holds a lock")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
