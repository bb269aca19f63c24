"""`vprog models`: weights listed, found and fetched, from a hub on this machine."""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("huggingface_hub", reason="the hub's client comes with the extras hf, speech")

from tests.cli.command import Ran, finish, start, vprog
from tests.cli.hub_server import COMMIT, Hub, HubModel
from vprog.errors import UsageError

pytestmark = pytest.mark.usefixtures("home")

CLIP = "openai/clip-vit-base-patch32"
FILES = {
    "config.json": b'{"model_type": "clip"}',
    "tokenizer.json": b"{}",
    "model.safetensors": b"weights",
    "pytorch_model.bin": b"the same weights",
    "tf_model.h5": b"and again",
    "onnx/model.onnx": b"and again",
}


def run(hub: Hub | None, cache: Path, *arguments: str, **more: str) -> Ran:
    """A command in a process of its own: the hub's client reads its variables once."""
    env = {"HF_HUB_CACHE": str(cache), "HF_ENDPOINT": hub.url if hub else "http://127.0.0.1:9"}
    process = start("models", *arguments, env={**env, **more})
    return finish(process)


def test_pull_fetches_one_form_of_the_weights_into_the_cache_of_the_hub(tmp_path: Path) -> None:
    with Hub({CLIP: HubModel(FILES)}) as hub:
        pulled = run(hub, tmp_path, "pull", CLIP)
        assert pulled.code == 0, pulled.err
        folder = tmp_path / "models--openai--clip-vit-base-patch32" / "snapshots" / COMMIT
        assert pulled.out.strip() == str(folder)
        assert sorted(path.name for path in folder.iterdir()) == [
            "config.json", "model.safetensors", "tokenizer.json",
        ]  # fmt: skip
        about = (f"/api/models/{CLIP}", f"/{CLIP}/resolve/")
        assert [path for path in hub.asked if not path.startswith(about)] == []
        fetched = {path for path in hub.asked if "resolve" in path}
        again = run(hub, tmp_path, "where", CLIP)  # asks nobody
        assert (again.code, again.out.strip()) == (0, str(folder))
        assert {path for path in hub.asked if "resolve" in path} == fetched


def test_presets_tell_what_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    rows = {row["preset"]: row for row in vprog("models", "presets", "--json").json}
    assert rows["offline"]["fetch_mb"] == 0
    assert {model["state"] for model in rows["offline"]["models"]} == {"here"}
    fetched = {model["id"] for model in rows["cpu"]["models"] if model["state"] == "missing"}
    assert CLIP in fetched
    assert 0 < rows["cpu"]["memory_mb"] < rows["gpu"]["memory_mb"]
    words = vprog("models", "presets").out
    assert f"vprog models pull {CLIP}" in words


def test_list_tells_what_is_here_and_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    rows = {row["id"]: row for row in vprog("models", "list", "--json").json}
    assert rows["nanodet-g-416"]["state"] == "here"
    assert "detect/DetectNanodet" in rows["nanodet-g-416"]["modules"]
    row = rows[CLIP]
    assert (row["state"], row["licence"], row["is_gated"], row["path"]) == (
        "missing",
        "MIT",
        False,
        "",
    )
    assert CLIP in row["command"]
    assert CLIP in vprog("models", "list").out


def test_list_checks_digests_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "base.pt").write_bytes(b"not it")
    name = "whisper base (OpenAI checkpoint)"

    def state(*arguments: str) -> str:
        rows = vprog("models", "list", "--json", *arguments).json
        return str({row["id"]: row["state"] for row in rows}[name])

    assert (state(), state("--check")) == ("here", "wrong")


def test_where_of_what_is_missing_has_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    missing = vprog("models", "where", CLIP)
    assert missing.code == 4
    assert CLIP in missing.err


def test_where_of_an_unknown_name_names_the_nearest() -> None:
    unknown = vprog("models", "where", "nanodet-g-417")
    assert unknown.code == UsageError.status.exit_code
    assert 'Did you mean "nanodet-g-416"?' in unknown.err


@pytest.mark.parametrize(
    ("model", "arguments", "says", "command"),
    [
        (HubModel(FILES, is_gated=True), [CLIP], "gated: its licence must be", "hf auth login"),
        (None, [CLIP], "the hub has no such model", "Check the id"),
        (HubModel(FILES), [f"{CLIP}@v9"], 'no revision "v9"', "/commits/main"),
        (HubModel(FILES, licence="cc-by-nc-4.0"), [CLIP], "names the licence cc-by-nc-4.0, not MIT",
         "--licence cc-by-nc-4.0"),
        (HubModel({"README.md": b""}), [CLIP], "the hub lists no weights", "Check the id"),
        (HubModel(FILES, is_damaged=True), [CLIP], "is damaged: its sha256 is", "--force"),
        (HubModel(FILES, status=401), [CLIP], "refused (401)", "hf auth login"),
        (HubModel(FILES, status=403), [CLIP], "refused (403)", "hf auth login"),
        (None, ["org/na me"], "is no id of the hub", "org/name"),
    ],
)  # fmt: skip
def test_pull_tells_faults_apart_each_with_what_to_do(
    model: HubModel | None, arguments: list[str], says: str, command: str, tmp_path: Path
) -> None:
    with Hub({CLIP: model} if model else {}) as hub:
        refused = run(hub, tmp_path, "pull", *arguments)
    assert refused.code == 4, refused.err
    assert says in refused.err
    assert command in refused.err
    assert refused.out == ""


def test_pull_takes_another_licence_where_it_is_accepted(tmp_path: Path) -> None:
    with Hub({CLIP: HubModel(FILES, licence="cc-by-nc-4.0")}) as hub:
        assert run(hub, tmp_path, "pull", CLIP, "--licence", "cc-by-nc-4.0").code == 0


def test_pull_of_a_model_that_no_module_declares_names_its_licence(tmp_path: Path) -> None:
    with Hub({"org/own": HubModel(FILES, licence="apache-2.0")}) as hub:
        pulled = run(hub, tmp_path, "pull", "org/own")
    assert pulled.code == 0, pulled.err
    assert "its licence is apache-2.0" in pulled.err


@pytest.mark.parametrize(
    ("variables", "says", "command"),
    [
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set: nothing is fetched", "Unset"),
        ({}, "gave nothing", "Check the connection"),
    ],
)
def test_pull_without_a_hub_says_whether_that_is_wanted(
    variables: dict[str, str], says: str, command: str, tmp_path: Path
) -> None:
    refused = run(None, tmp_path, "pull", CLIP, **variables)
    assert refused.code == 4
    assert says in refused.err
    assert command in refused.err


def test_pull_finds_a_wrong_digest_and_mends_what_is_damaged_here(tmp_path: Path) -> None:
    """A module of the user's own declares a digest; the hub has something else."""
    package = tmp_path / "package"
    package.mkdir()
    wanted = hashlib.sha256(b"the right ones").hexdigest()
    (package / "own_module.py").write_text(
        "from vprog.models.weights import Weights\n"
        "from vprog.registry.module import module\n"
        f'OWN = Weights("org/own", "main", "MIT", file="own.bin", sha256="{wanted}")\n'
        '@module("own_task", weights=(OWN,))\n'
        "class OwnTask:\n"
        "    def __call__(self, text: str) -> str:\n"
        '        """Give the text back."""\n'
        "        return text\n"
    )
    about = package / "own-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[vprog.modules]\nown = own_module:OwnTask\n")
    with Hub({"org/own": HubModel({"own.bin": b"others"})}) as hub:
        refused = run(hub, tmp_path / "hub", "pull", "org/own", PYTHONPATH=python_path(package))
        assert refused.code == 4, refused.err
        assert "is not what was declared" in refused.err
        assert "vprog models pull org/own --force" in refused.err
    with Hub({"org/own": HubModel({"own.bin": b"the right ones"})}) as hub:
        paths = {"PYTHONPATH": python_path(package)}
        pulled = run(hub, tmp_path / "other", "pull", "org/own", **paths)
        assert pulled.code == 0, pulled.err
        file = Path(pulled.out.strip())
        file.write_bytes(b"damaged")
        assert run(hub, tmp_path / "other", "where", "org/own", **paths).code == 4
        forced = run(hub, tmp_path / "other", "pull", "org/own", "--force", **paths)
    assert forced.code == 0, forced.err
    assert file.read_bytes() == b"the right ones"


def python_path(folder: Path) -> str:
    from tests.cli.command import environment

    return f"{environment()['PYTHONPATH']}:{folder}"


def test_pull_of_what_comes_in_a_package_says_where_it_is() -> None:
    pulled = vprog("models", "pull", "nanodet-g-416")
    assert pulled.code == 0
    assert pulled.out.strip().endswith("nanodet.onnx")


def test_pull_interrupted_ends_while_files_are_on_their_way(tmp_path: Path) -> None:
    stuck = threading.Event()
    with Hub({CLIP: HubModel(FILES, stuck=stuck)}) as hub:
        env = {"HF_HUB_CACHE": str(tmp_path), "HF_ENDPOINT": hub.url}
        process = start("models", "pull", CLIP, env=env)
        while not any("/resolve/" in path for path in hub.asked):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        ran = finish(process)
        stuck.set()
    assert ran.code == 130
    assert "run it again to go on" in ran.err
