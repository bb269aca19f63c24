"""What the script of the page is given, and what the page may do: data as JSON, the policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec

from vprog.view.model import RunModel
from vprog.view.words import clean


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a video that the page can play."""

    video: int
    start: float
    end: float
    """In seconds of the video; its own time 0 is `start`."""
    source: str
    """A URL, or the content as a `data:` URL."""
    type: str
    """What a browser is asked whether it plays."""


class _PageData(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of the model that the player draws; the rest stands in the page as text."""

    run: str
    question: str
    headline: str
    status: str
    videos: list[dict[str, object]]
    player: object
    timelines: object
    pictures: list[dict[str, object]]
    clips: Sequence[Clip]
    api: str


def page_data(model: RunModel, clips: Sequence[Clip], api: str) -> str:
    """The JSON of a page, safe inside a `script` element; files are named without folders."""
    data = _PageData(
        run=model.run,
        question=model.question,
        headline=model.headline,
        status=model.status,
        videos=[
            {
                name: getattr(video, name)
                for name in ("name", "duration", "width", "height", "fps", "has_audio")
            }
            for video in model.videos
        ],
        player=model.player,
        timelines=model.timelines,
        pictures=[{"video": shown.video, "time": shown.time} for shown in model.pictures],
        clips=clips,
        api=api,
    )
    return script_json(data)


def script_json(value: object) -> str:
    """A value as JSON that may stand inside a `script` element, whatever its texts are."""
    text = msgspec.json.encode(_cleaned(msgspec.to_builtins(value))).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _cleaned(value: object) -> object:
    """The same with control and direction characters made visible."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value


PLAYER = ("base", "player", "lanes", "player_controls")
"""The files of the player's script, in the order in which they follow one another."""


@cache
def script_of(*names: str) -> str:
    """The script of a page: files beside the templates, one after the other."""
    folder = files("vprog.view.html") / "templates"
    return "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in names)


_FROM_SCRIPT = "blob:"
"""What the page's own script puts together, such as a clip from its base64."""


def page_policy(*scripts: str, is_served: bool) -> str:
    """The content security policy: these scripts, nothing from elsewhere."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    own, none = " 'self'" if is_served else "", "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {allowed}",
            "style-src 'unsafe-inline'",
            f"img-src data: {_FROM_SCRIPT}{own}",
            f"media-src data: {_FROM_SCRIPT}{own}",
            f"connect-src {own or none}",
            f"frame-src {own or none}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
