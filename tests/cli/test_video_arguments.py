"""What stands as VIDEO: an address, a folder, a pattern, stdin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import vprog
from vprog.cli.video_arguments import named_videos
from vprog.errors import UsageError

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one video, and one more below it."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a b.mp4").write_bytes(b"x")
    (tmp_path / "c.MKV").write_bytes(b"x")
    (tmp_path / "notes.txt").write_bytes(b"x")
    return tmp_path


def test_a_folder_or_pattern_with_one_video_is_that_video_and_stderr_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = f"{folder}/one/a b.mp4"
    for name in (f"{folder}/one", f"{folder}/one/*", f"{folder}/**/a*.mp4"):
        assert named_videos([name]) == [video]
        told = capsys.readouterr()
        assert told.err == f'vprog: "{name}" is taken as "{video}", the only file there\n'
        assert named_videos([name], is_quiet=True) == [video]
    assert named_videos([video]) == [video]
    assert capsys.readouterr() == ("", "")


def test_solve_of_a_folder_names_its_only_video_unless_nothing_is_to_be_told(clip: Path) -> None:
    folder = clip.parent / "alone"
    folder.mkdir()
    (folder / clip.name).symlink_to(clip)
    words = ("solve", str(folder), "How long is the video?")
    assert f'is taken as "{folder / clip.name}"' in vprog(*words).err
    for flag in ("-q", "--json"):
        assert vprog(*words, flag).err == ""


def test_a_file_is_itself_whatever_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for name in ("x[1].mp4", "-", "*.mp4"):
        Path(name).write_bytes(b"x")
        assert named_videos([name]) == [name]
    assert named_videos(["gone.mp4"]) == ["gone.mp4"]  # who opens it says what is wrong


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("https://h/v.mp4?a=1&b=2", "fetches nothing", "yt-dlp 'https://h/v.mp4?a=1&b=2' -o"),
        ("-", "stdin", "cat > video.mp4"),
        (
            "{folder}",
            "is a folder with 2 files (c.MKV, a b.mp4)",
            "vprog batch {folder} --question",
        ),
        ("{folder}/**", "is a pattern with 3 files", "vprog batch"),
        ("{folder}/z*.mp4", "without a video", "Name a file"),
    ],
)
def test_what_is_not_one_file_says_what_to_do(
    folder: Path, name: str, words: str, hint: str
) -> None:
    with pytest.raises(UsageError) as raised:
        named_videos([name.format(folder=folder)])
    assert words in raised.value.message
    assert hint.format(folder=folder) in raised.value.hint


@pytest.mark.parametrize("command", ["solve", "run"])
def test_commands_say_it_and_exit_with_2(command: str) -> None:
    ran = vprog(command, "https://h/v.mp4", "What is said?", "--json")
    assert ran.code == 2
    assert "yt-dlp" in ran.json["error"]["hint"]
