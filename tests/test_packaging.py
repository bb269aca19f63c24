"""What strangers install from: the Docker file and the release workflow name what is there."""

from __future__ import annotations

import re
import shlex
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_what_the_docker_file_copies_is_there_and_not_ignored() -> None:
    copied = [
        name.removeprefix("./")
        for line in re.findall(r"^COPY (.+)$", DOCKERFILE, flags=re.MULTILINE)
        for name in shlex.split(line)[:-1]
    ]
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"),
                        flags=re.MULTILINE)  # fmt: skip
    assert copied
    assert sorted(copied) == sorted(let_in)
    assert all((ROOT / name).exists() for name in copied)
    built = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {package.split("/")[0] for package in built} <= set(copied)
    needed = [PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]]
    assert all(
        any(name == copy or fnmatch(name, f"{copy}/*") for copy in copied) for name in needed
    )


def test_the_docker_file_installs_extras_that_exist_and_runs_as_no_root() -> None:
    named = {extra for group in re.findall(r"\[([\w,]+)\]\"", DOCKERFILE)
             for extra in group.split(",")}  # fmt: skip
    assert named
    assert named <= set(PROJECT["project"]["optional-dependencies"])
    assert "--uid 1000 vprog" in DOCKERFILE
    assert DOCKERFILE.index("USER 1000") < DOCKERFILE.index('ENTRYPOINT ["vprog"]')


def test_the_release_runs_what_is_there_and_keeps_no_token() -> None:
    assert (ROOT / ".ci" / "run").is_file()
    assert ".ci/run" in RELEASE
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None  # as the workflow reads it
    assert version[1] == PROJECT["project"]["version"]
    assert re.search(rf"^## {re.escape(version[1])}", (ROOT / "CHANGELOG.md").read_text(), re.M)
    build, publish = RELEASE.split("\n  publish:\n")
    assert "id-token" not in build
    assert "id-token: write" in publish
    assert "secrets." not in RELEASE
