"""Facts of the file: length, size of the picture, rates, codecs, tracks. Read, not measured."""

from __future__ import annotations

import re

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import ParsedQuestion, read_duration
from vprog.rules.word_forms import FILE, PICTURE, words

_TRACK = words("track tracks stream streams audio sound embedded built-in inside")
_USED = words(
    "used use uses using encoded encode compressed stored format type kind codec codecs coded "
    "compression made with by was recorded saved name own come comes"
)
_LENGTH = words(
    "long length duration last lasts run runs running play plays playing time seconds "
    "second how total overall full goes go for"
)
_ASKED: tuple[tuple[str, str, str, Kind, str], ...] = (
    (
        r"frame ?rate|frames per second|frames a second|fps|refresh rate",
        "frame rate frames per second fps many how recorded shot filmed running run runs at "
        "number rendered",
        "round(facts.fps, 3)",
        "number",
        "the frame rate",
    ),
    (
        r"sample ?rate|sampling rate|samples per second|sampling frequency",
        "sample rate sampling samplerate samples per second frequency many how audio sound "
        "recorded hz khz",
        "facts.sample_rate",
        "number",
        "the sample rate of the sound",
    ),
    (
        r"(?:audio |sound )?channels?(?! \d)",
        "audio sound channel channels many how number",
        "facts.channels",
        "number",
        "the number of sound channels",
    ),
    (
        r"resolution|(?:big|large) is the (?:picture|image|frame)|dimensions?|"
        r"picture size|frame size|"
        r"image size|video size|size of the (?:picture|image|frame|video)",
        "big large resolution dimensions dimension size pixels pixel",
        'f"{facts.width}x{facts.height}"',
        "text",
        "the size of the picture in pixels",
    ),
    (
        r"width|how wide|wide",
        "width wide how pixels pixel many",
        "facts.width",
        "number",
        "the width of the picture in pixels",
    ),
    (
        r"height|how tall|how high|tall",
        "height tall high how pixels pixel many",
        "facts.height",
        "number",
        "the height of the picture in pixels",
    ),
    (
        r"(?:audio|sound) (?:codec|format|compression|encoding)|codec (?:does |is |was )?(?:the |"
        r"of the )?(?:audio|sound)|(?:audio|sound)(?: track| stream)? (?:is |was )?(?:encoded|"
        r"stored|compressed|coded)",
        "codec encoding",
        "facts.audio_codec",
        "text",
        "the codec of the sound",
    ),
    (
        r"(?:video|picture) (?:codec|format|encoding)|codec (?:is |was )?(?:the |of the )picture",
        "video codec encoding",
        "facts.video_codec",
        "text",
        "the codec of the picture",
    ),
    (
        r"codec|encoding|(?:encoded|compressed)(?: (?:with|in|as))?",
        "video codec encoding",
        "facts.video_codec or facts.audio_codec",
        "text",
        "the codec of the picture, or of the sound where there is no picture",
    ),
    (
        r"container|file format|file type|type of file|kind of file|format",
        "container file",
        "facts.container",
        "text",
        "the container format",
    ),
    (r"title", "title titled called metadata tag", "facts.title", "text", "the title in the file"),
    (
        r"rotation|rotated|turned",
        "rotation rotated turned angle degrees metadata how much many by flag tag",
        "facts.rotation",
        "number",
        "the rotation in degrees",
    ),
    (
        r"frames",
        "frames many how number total all pictures",
        "facts.n_frames",
        "number",
        "the number of frames",
    ),
    (
        r"bytes|file size|size of the (?:file|video)|big|large",
        "bytes size big large how many",
        "facts.size_bytes",
        "number",
        "the size of the file in bytes",
    ),
    (
        r"bit depth|colou?r depth|bits (?:per|a|for each) (?:channel|sample|component|pixel)",
        "bit bits depth colour color per each channel sample component pixel many how",
        "facts.bit_depth",
        "number",
        "the bits of a colour channel",
    ),
    (
        r"pixel format",
        "pixel format",
        "facts.pixel_format",
        "text",
        "the pixel format",
    ),
    (
        r"(?:kind|type|sort|format) of hdr|hdr (?:format|kind|type)",
        "hdr kind type sort format",
        "facts.hdr",
        "text",
        "the kind of HDR",
    ),
    (
        r"(?:recording|creation) date|date of (?:recording|creation)",
        "recording creation date time when",
        "facts.created",
        "text",
        "the date of recording as the file says it",
    ),
)
_HAS = words(
    "have has track tracks stream streams come comes with embedded own along include "
    "includes included built-in"
)
_PLAIN = words("is the a this does it that was are")
FORMATS = {
    "mp4": '"mp4" in facts.container',
    "mov": '"mov" in facts.container',
    "avi": '"avi" in facts.container',
    "mkv": '"matroska" in facts.container',
    "matroska": '"matroska" in facts.container',
    "webm": '"webm" in facts.container',
    "gif": '"gif" in facts.container',
    "wav": '"wav" in facts.container',
    "flac": '"flac" in facts.container',
    "h264": 'facts.video_codec == "h264"',
    "h.264": 'facts.video_codec == "h264"',
    "avc": 'facts.video_codec == "h264"',
    "hevc": 'facts.video_codec == "hevc"',
    "h265": 'facts.video_codec == "hevc"',
    "h.265": 'facts.video_codec == "hevc"',
    "av1": 'facts.video_codec == "av1"',
    "vp9": 'facts.video_codec == "vp9"',
    "vp8": 'facts.video_codec == "vp8"',
    "aac": 'facts.audio_codec == "aac"',
    "opus": 'facts.audio_codec == "opus"',
    "mp3": '"mp3" in facts.audio_codec',
}
_CLAIMS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"(?:audio|sound) ?(?:track|stream)s?|soundtrack",
        "audio sound soundtrack in",
        'facts.audio_codec != ""',
        "the file has a sound track",
    ),
    (
        r"(?:picture|video|image) ?(?:track|stream)|(?:have|has) (?:a |any )?picture",
        "picture video image",
        'facts.video_codec != ""',
        "the file has a picture",
    ),
    (
        r"interlaced",
        "interlaced footage",
        "facts.is_interlaced",
        "the picture is interlaced",
    ),
    (
        r"progressive",
        "progressive scan",
        "not facts.is_interlaced",
        "the picture is progressive, not interlaced",
    ),
    (r"hdr|high dynamic range", "hdr high dynamic range in", 'facts.hdr != ""', "it is HDR"),
    (
        r"transparent|transparency|alpha",
        "transparent transparency alpha channel parts background areas",
        "facts.has_alpha",
        "the picture has an alpha channel",
    ),
    (
        r"subtitles?|closed captions",
        "subtitle subtitles captions closed embedded in",
        "facts.n_subtitle_streams > 0",
        "the file carries subtitles",
    ),
    (
        r"stereo",
        "stereo sound audio in recorded",
        "facts.channels == 2",
        "the sound has two channels",
    ),
    (r"mono", "mono sound audio in recorded", "facts.channels == 1", "the sound has one channel"),
    (
        r"portrait|vertical|taller than (?:it is )?wide",
        "portrait vertical taller than wide format mode orientation video filmed shot",
        "facts.height > facts.width",
        "the picture is taller than wide",
    ),
    (
        r"landscape|horizontal|wider than (?:it is )?(?:tall|high)",
        "landscape horizontal wider than tall high format mode orientation filmed shot",
        "facts.width > facts.height",
        "the picture is wider than tall",
    ),
    (r"square$", "square format", "facts.width == facts.height", "the picture is square"),
    (
        r"rotated|turned",
        "rotated turned metadata flag tag",
        "facts.rotation != 0",
        "the file says that its picture is turned",
    ),
    *(
        (
            name.replace(".", r"\."),
            f"{name} file format container codec encoded stored saved with as type",
            test,
            f"the file is {name}",
        )
        for name, test in FORMATS.items()
    ),
)


def write_facts(question: ParsedQuestion) -> Draft | None:
    """A program that reads the file's facts, or None if the question asks for something else."""
    if question.times or question.quotes or question.track:
        return None
    if question.ask == "yes or no":
        return _yes_no(question)
    if question.ask == "when":
        return _recorded(question) or _begins(question)
    if question.ask == "how long" and question.only(_LENGTH, words("does")):
        return _length()
    if question.ask == "count" and question.says("^seconds") and question.only(_LENGTH):
        return _length()
    if question.ask == "count" and question.says("^minutes"):
        if not question.only(_LENGTH, words("minutes")):
            return None
        return _draft("round(facts.duration / 60, 2)", "number", "its length in minutes")
    if question.ask in ("count", "what"):
        asked = f"{question.ask_words} {question.text}"
        for pattern, beside, value, kind, what in _ASKED:
            known = (words(beside), _TRACK, _USED, words("picture image frame have has"))
            if re.search(rf"\b(?:{pattern})\b", asked) and question.only(*known):
                return _draft(value, kind, what, absent=_absent(value))
    return None


_MADE = words("recorded filmed created shot made taken")


def _recorded(question: ParsedQuestion) -> Draft | None:
    """The date in the file; a date that stands in the picture is text, and no fact."""
    if not question.has(_MADE) or not question.only(_MADE):
        return None
    return _draft("facts.created", "text", "when it was recorded", _absent("facts.created"))


def _begins(question: ParsedQuestion) -> Draft | None:
    """When a track of the file begins, after what begins first."""
    named = re.search(r"\b(audio|sound|picture|video|image) (?:track|stream)\b", question.text)
    if named is None or not question.only(_TRACK, PICTURE, words("start starts begin begins")):
        return None
    kind = "audio" if named[1] in ("audio", "sound") else "video"
    absent = _absent(f"facts.{kind}_codec")
    return _draft(f"facts.{kind}_start", "seconds", f"when the {named[1]} track begins", absent)


def _length() -> Draft:
    return Draft(
        "How long the file lasts, in seconds.",
        "facts = probe(video)\nvalue = round(facts.duration, 2)",
        "seconds",
        tasks=("probe",),
        tolerance=0.5,
    )


_PICTURE_FIELDS = words(
    "width height video_codec fps n_frames rotation bit_depth pixel_format is_interlaced has_alpha"
)
_SOUND_FIELDS = words("audio_codec channels sample_rate")
_NEEDED = {
    "title": 'facts.title == ""|the file names no title',
    "hdr": 'facts.video_codec == ""|the file has no picture',
    "created": 'facts.created == ""|the file does not say when it was recorded',
}


def _absent(value: str) -> str:
    """What the file must have for the value to mean something."""
    fields = re.findall(r"facts\.(\w+)", value)
    if len(set(fields)) > 1 and "or facts" in value:
        return ""  # one stands in for the other
    if value == "facts.hdr":
        return 'facts.hdr == ""|the file does not say that it is HDR'
    for field in fields:
        if field in _NEEDED:
            return _NEEDED[field]
        if field in _SOUND_FIELDS:
            return 'facts.audio_codec == ""|the file has no sound track'
        if field in _PICTURE_FIELDS:
            return 'facts.video_codec == ""|the file has no picture'
    return ""


def _draft(value: str, kind: Kind, what: str, absent: str = "") -> Draft:
    body = "facts = probe(video)\n"
    if absent:
        condition, reason = absent.split("|")
        body += f"if {condition}:\n    abstain({reason!r})\n"
    return Draft(
        f"From the file: {what}.",
        f"{body}value = {value}",
        kind,
        tasks=("probe",),
        tolerance=0.05 if kind == "number" else 0.0,
    )


_SIGNS = {
    "longer": ">", "more": ">", "over": ">", "exceed": ">", "exceeds": ">", "at least": ">=",
    "shorter": "<", "less": "<", "under": "<",
}  # fmt: skip
_COMPARING = words(
    "longer shorter than more less at least under over exceed exceeds last lasts run runs long"
)


def _yes_no(question: ParsedQuestion) -> Draft | None:
    bits = re.search(r"\b(\d{1,2})[- ]?bits?\b", question.text)
    if bits is not None and question.only(words(bits[0]), words("bit bits colour color depth")):
        what = f"a colour channel has {bits[1]} bits"
        value = f"facts.bit_depth == {int(bits[1])}"
        return _draft(value, "yes or no", f"whether {what}", _absent(value))
    longer = re.search(rf"\b({'|'.join(_SIGNS)})\b", question.text)
    if longer:
        return _compared(question, _SIGNS[longer[1]])
    if question.says("or"):
        return _either(question)
    for pattern, beside, value, what in _CLAIMS:
        known = (words(beside), PICTURE, _HAS, words("visible"))
        if question.says(pattern) and question.only(*known):
            absent = "" if "streams" in value or 'codec != ""' in value else _absent(value)
            return _draft(value, "yes or no", f"whether {what}", absent)
    return None


def _compared(question: ParsedQuestion, sign: str) -> Draft | None:
    """Whether the file is longer or shorter than a given time."""
    read = read_duration(question.text)
    if read is None:
        return None
    seconds, rest = read
    left = [word for word in rest.split() if word not in _COMPARING | FILE | _PLAIN]
    if left:
        question.left.append(tuple(left))
        return None
    return _draft(
        f"facts.duration {sign} {seconds!r}", "yes or no", f"its length {sign} {seconds:g} s"
    )


def _either(question: ParsedQuestion) -> Draft | None:
    """Portrait or landscape, mono or stereo."""
    shape = words("portrait landscape vertical horizontal or format mode orientation")
    names = re.findall(r"\b(?:portrait|vertical|landscape|horizontal)\b", question.text)
    if len(names) == 2 and question.only(shape, PICTURE):
        tall, wide = sorted(names, key=lambda name: name in ("landscape", "horizontal"))
        value = f"{tall!r} if facts.height > facts.width else {wide!r}"
        return _draft(value, "text", "whether the picture is taller than wide", _absent("height"))
    if question.says("interlaced") and question.says("progressive"):
        if not question.only(words("interlaced progressive or"), _TRACK):
            return None
        value = '"interlaced" if facts.is_interlaced else "progressive"'
        absent = _absent("facts.is_interlaced")
        return _draft(value, "text", "whether the picture is interlaced", absent)
    if question.says("mono") and question.says("stereo"):
        if not question.only(words("mono stereo or in"), _TRACK):
            return None
        absent = "facts.channels not in (1, 2)|the sound is neither mono nor stereo"
        value = '"mono" if facts.channels == 1 else "stereo"'
        return _draft(value, "text", "whether the sound is mono or stereo", absent)
    return None


FAMILY = RuleFamily("facts", 20, write_facts)
