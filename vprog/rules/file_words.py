"""How people ask for facts of a file, and where a program finds them.

Tables only; file_facts.py reads them.
"""

from __future__ import annotations

from vprog.rules.draft import Kind
from vprog.rules.word_forms import words

TRACK = words("track tracks stream streams audio sound embedded built-in inside")
USED = words(
    "used use uses using encoded encode compressed stored format type kind codec codecs coded "
    "compression made with by was recorded saved name own come comes"
)
LENGTH = words(
    "long length duration last lasts run runs running play plays playing time seconds "
    "second how total overall full goes go for"
)
ASKED: tuple[tuple[str, str, str, Kind, str], ...] = (
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
        r"(?:audio|sound) (?:codec|format|compression|encoding)|codec (?:is |was )?(?:the |of "
        r"the )?(?:audio|sound)|(?:audio|sound)(?: track| stream)? (?:is |was )?(?:encoded|"
        r"stored|compressed|coded)",
        "codec encoding",
        "facts.audio_codec",
        "text",
        "the codec of the sound",
    ),
    (
        r"codec|video format|encoding|(?:encoded|compressed)(?: (?:with|in|as))?",
        "video codec encoding",
        "facts.video_codec",
        "text",
        "the codec of the picture",
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
        r"subtitle (?:tracks|streams)",
        "subtitle subtitles many number",
        "facts.n_subtitle_streams",
        "number",
        "the number of subtitle tracks",
    ),
)
HAS = words(
    "have has track tracks stream streams come comes with embedded own along include "
    "includes included built-in"
)
PLAIN = words("is the a this does it that was are")
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
CLAIMS: tuple[tuple[str, str, str, str], ...] = (
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
