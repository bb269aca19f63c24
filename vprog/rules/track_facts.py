"""Tracks and chapters of the file: how many, their languages, names, codecs and lengths."""

from __future__ import annotations

import re

from vprog.media.track_words import LANGUAGES
from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.numbers import read_ordinal
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.word_forms import words

_KINDS = {
    "audio": "audio", "sound": "audio", "subtitle": "subtitles", "subtitles": "subtitles",
    "caption": "subtitles", "captions": "subtitles", "video": "video", "picture": "video",
}  # fmt: skip
_NOUNS = {"audio": "audio tracks", "subtitles": "subtitle tracks", "video": "video tracks"}
_TRACKS = words("track tracks stream streams") | frozenset(_KINDS)
_ASIDE = words("many number different embedded inside separate own come comes with used all")
_SPOKEN = {name.lower(): name for name in LANGUAGES}


def write_tracks(question: ParsedQuestion) -> Draft | None:
    """A program about tracks, languages and chapters, or None."""
    if question.quotes:
        return None
    for rule in (_chapters, _of_named, _count, _languages, _is_in, _names):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(reading: str, body: str, kind: Kind) -> Draft:
    return Draft(reading, body, kind, tasks=("probe",), tolerance=0.5 if kind == "seconds" else 0.0)


def _kind(question: ParsedQuestion) -> str:
    """The kind of track that is meant; "" if none is named."""
    kinds = [_KINDS[word] for word in question.tokens if word in _KINDS]
    if re.search(r"\b(?:audio|sound|subtitle|caption|picture) ", f"{question.text} "):
        kinds = [kind for kind in kinds if kind != "video"] or kinds
    return kinds[0] if kinds else ""


def _of_kind(kind: str) -> str:
    if not kind:
        return 'of_kind = [stream for stream in probe(video).streams if stream.kind != "cover"]\n'
    return f'of_kind = [stream for stream in probe(video).streams if stream.kind == "{kind}"]\n'


def _count(question: ParsedQuestion) -> Draft | None:
    """How many tracks of a kind, or of all kinds."""
    if question.ask != "count" or question.times or question.track:
        return None
    if not question.has(words("track tracks stream streams")) or not question.only(_TRACKS, _ASIDE):
        return None
    kind = _kind(question)
    what = _NOUNS[kind] if kind else "tracks"
    return _draft(
        f"How many {what} the file has.", f"{_of_kind(kind)}value = len(of_kind)", "number"
    )


def _languages(question: ParsedQuestion) -> Draft | None:
    """The languages of the tracks of a kind, in their order."""
    if question.ask != "what" or question.times or question.track:
        return None
    if not question.has(words("language languages")) or not question.only(
        _TRACKS, _ASIDE, words("language languages available")
    ):
        return None
    kind = _kind(question) or "audio"
    noun = _NOUNS[kind]
    body = (
        f"{_of_kind(kind)}"
        "stated = [stream.language for stream in of_kind if stream.language]\n"
        "if not stated:\n"
        f'    abstain(f"the file states no language: {{len(of_kind)}} {noun}")\n'
        'value = ", ".join([name for at, name in enumerate(stated) if name not in stated[:at]])'
    )
    return _draft(f"The languages that the file states of its {noun}.", body, "text")


def _is_in(question: ParsedQuestion) -> Draft | None:
    """Whether there is a track, and whether one is in a language."""
    if question.ask != "yes or no" or question.times:
        return None
    track = question.track
    spoken = [word for word in question.tokens if word in _SPOKEN]
    if track is not None and track.number > 0 and not spoken:
        if not question.only(words("audio subtitles track stream")):
            return None
        body = f"value = len([stream for stream in probe(video).streams if {track.test}]) > 0"
        return _draft(f"Whether the file has {track.words}.", body, "yes or no")
    language = track.language if track else _SPOKEN[spoken[0]] if len(spoken) == 1 else ""
    kind = track.kind if track else _kind(question)
    if not language or kind not in ("audio", "subtitles"):
        return None
    if not question.only(_TRACKS, _ASIDE, frozenset(spoken), words("language")):
        return None
    numbered = f" and stream.number == {track.number}" if track and track.number > 0 else ""
    body = (
        f"{_of_kind(kind)}"
        f'found = [stream for stream in of_kind if stream.language == "{language}"{numbered}]\n'
        "value = len(found) > 0\n"
        "unstated = [stream for stream in of_kind if not stream.language]\n"
        "if unstated and not value:\n"
        f'    abstain(f"the file states no language for {{len(unstated)}} of its {_NOUNS[kind]}")'
    )
    noun = _NOUNS[kind]
    return _draft(f"Whether one of the {noun} is stated as {language}.", body, "yes or no")


def _names(question: ParsedQuestion) -> Draft | None:
    """What the tracks of a kind are called."""
    if question.ask != "what" or question.times or question.track:
        return None
    called = words("name names called title titles named")
    if not question.has(called) or not question.has(words("track tracks stream streams")):
        return None
    if not question.only(_TRACKS, _ASIDE, called):
        return None
    kind = _kind(question)
    noun = _NOUNS[kind] if kind else "tracks"
    body = (
        f"{_of_kind(kind)}"
        "titles = [stream.title for stream in of_kind if stream.title]\n"
        "if not titles:\n"
        f'    abstain(f"the file names none of its {{len(of_kind)}} {noun}")\n'
        'value = ", ".join(titles)'
    )
    return _draft(f"The names of the {noun}.", body, "text")


_OF_TRACK: tuple[tuple[str, str, str, Kind], ...] = (
    ("language", "stream.language", "language", "text"),
    ("codec format encoded encoding compressed", "stream.codec", "codec", "text"),
    ("name called title named", "stream.title", "name", "text"),
)


def _of_named(question: ParsedQuestion) -> Draft | None:
    """Language, codec, name or length of one track."""
    track = question.track
    if track is None or question.times:
        return None
    if question.ask == "how long" and question.only(words("last lasts"), _TRACKS):
        value = "round(named.duration, 2)"
        return _draft(
            f"How long the {track.words} lasts.", f"{track.find}value = {value}", "seconds"
        )
    if question.ask != "what":
        return None
    for known, value, what, kind in _OF_TRACK:
        if question.has(words(known)) and question.only(
            words(known), _TRACKS, words("used use with")
        ):
            expression = value.replace("stream", "named")
            body = (
                f"{track.find}value = {expression}\n"
                'if value == "":\n'
                f'    abstain("the file states no {what} of its {track.words}")'
            )
            return _draft(f"The {what} of the {track.words}.", body, kind)
    return None


_CHAPTER = words("chapter chapters mark marks marker markers")


def _chapters(question: ParsedQuestion) -> Draft | None:
    """How many chapters there are, what they are called, when one begins, and which is on."""
    if not question.has(words("chapter chapters")) or len(question.times) > 1:
        return None
    body = "chapters = probe(video).chapters\n"
    none = 'if not chapters:\n    abstain("the file names no chapters")\n'
    ordinals = [word for word in question.tokens if read_ordinal(word) is not None]
    digits = [word for word in question.tokens if word.isdigit() and 0 < int(word) < 1000]
    numbers = frozenset(ordinals + digits)
    if len(numbers) > 1:
        return None
    begin, end = words("start starts begin begins"), words("end ends stop stops")
    called = words("name names called title titles named")
    if question.when is not None and question.when.kind == "at" and question.ask == "what":
        if numbers or not question.only(_CHAPTER, called, words("on playing")):
            return None
        time = question.when.start
        body += none + (
            f"now = [chapter for chapter in chapters if chapter.start <= {time!r} < chapter.end]\n"
            f'if not now:\n    abstain("no chapter covers {time:g} s")\nvalue = now[0].title'
        )
        return _draft(f"Which chapter is on at {time:g} s.", body, "text")
    if question.times or not question.only(_CHAPTER, numbers, begin, end, called, _ASIDE):
        return None
    if not numbers:
        if question.ask == "count":
            return _draft(
                "How many chapters the file names.", f"{body}value = len(chapters)", "number"
            )
        if question.ask == "yes or no":
            return _draft(
                "Whether there are chapters.", f"{body}value = len(chapters) > 0", "yes or no"
            )
        if question.ask == "what":
            body += none + 'value = ", ".join([chapter.title for chapter in chapters])'
            return _draft("The names of the chapters.", body, "text")
        return None
    word = next(iter(numbers))
    nth = int(word) if word.isdigit() else read_ordinal(word) or 1
    body += none + (
        f"if len(chapters) < {max(nth, 1)}:\n"
        '    abstain(f"the file names only {len(chapters)} chapters")\n'
    )
    place = "chapters[-1]" if nth < 0 else f"chapters[{nth - 1}]"
    which = "the last chapter" if nth < 0 else f"chapter {nth}"
    if question.ask == "when":
        edge = "end" if question.has(end) else "start"
        body += f"value = round({place}.{edge}, 2)"
        return _draft(f"When {which} {edge}s.", body, "seconds")
    if question.ask == "how long":
        body += f"value = round({place}.end - {place}.start, 2)"
        return _draft(f"How long {which} is.", body, "seconds")
    if question.ask == "what" and (question.has(called) or not question.has(begin | end)):
        return _draft(f"The name of {which}.", f"{body}value = {place}.title", "text")
    return None


FAMILY = RuleFamily("facts", 18, write_tracks)
