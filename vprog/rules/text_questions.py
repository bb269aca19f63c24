"""What text in the picture says: all of it, a counter or clock at a time, a web address."""

from __future__ import annotations

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import QUOTE, ParsedQuestion
from vprog.rules.span_words import during, moment, span_argument
from vprog.rules.word_forms import PICTURE, SEE, words

TEXT = words(
    "text texts writing written words word caption captions title titles letters lettering line "
    "lines label inscription watermark overlay sentence phrase name string readable burnt-in "
    "on-screen onscreen credits"
)
READ = words(
    "read reads say says written display displays displayed show shows shown printed "
    "overlaid burnt burned onto in up come comes can could there readable "
    "legible"
)
COUNTER = words(
    "counter number numbers digits digit count value figure clock timer timecode "
    "time-code timestamp code time stopwatch reading"
)


def write_text(question: ParsedQuestion) -> Draft | None:
    """A program that reads the picture, or None if the question asks for something else."""
    for rule in (_special, _counter, _says, _count):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


TASKS = ("read_text", "find_text", "search_text", "frame_at")


def text_draft(reading: str, body: str, kind: Kind, evidence: str, tolerance: float = 0.0) -> Draft:
    return Draft(reading, body, kind, evidence, TASKS, tolerance)


def text_rate(duration: float) -> float:
    """Frames a second to look for text: fine on short videos, coarse on long ones."""
    if duration <= 12:
        return 10.0
    return 4.0 if duration <= 60 else 2.0


def find(question: ParsedQuestion, around: float = 0.0) -> str:
    """The call that finds the text of the span that a question is about."""
    rate = text_rate(question.video.duration)
    span = span_argument(question.when, question.video.duration, around)
    return f"find_text(video, fps={rate!r}{span})"


PLAIN = """\
def plain(text: str) -> str:
    return "".join([letter for letter in folded(text) if letter.isalnum()])


"""


def lines_at(question: ParsedQuestion) -> tuple[str, bool]:
    """Lines of text at the time of the question, in `lines`; and whether it names a time."""
    when = question.when
    if when is not None and when.kind == "at":
        time = moment(when, question.video.duration)
        if when.edge == "start":
            # An opening may fade in: the first frame that shows text within two seconds.
            return (
                "lines: list[TextLine] = []\n"
                "for time in (0.0, 0.5, 1.0, 1.5, 2.0):\n"
                "    if not lines and time < video.duration:\n"
                "        lines = read_text(frame_at(video, time))\n"
            ), True
        return f"lines = read_text(frame_at(video, {time!r}))\n", True
    return f"lines = {find(question)}\n", False


_ORDER = "lines = sorted(lines, key=lambda line: (line.box.y0, line.box.x0))\n"


def _says(question: ParsedQuestion) -> Draft | None:
    """What the text says, at a time or over the video."""
    if question.ask != "what" or question.quotes or len(question.times) > 1:
        return None
    anchored = (
        question.has(TEXT)
        or question.says("can be read|could be read")
        or question.says("(?:read|written|displayed|printed|say|says) (?:on|in|at)")
        or question.ask_words in ("read", "transcribe")
    )
    # "What is shown on screen" may mean anything: one of the choices must then be read.
    shown = question.has_choices and question.says("(?:shown|displayed) (?:on|in) (?:the )?screen")
    text = TEXT - words("name title titles")
    if not (anchored or shown):
        return None
    if not question.only(text, READ, PICTURE, SEE, words("be at being visible")):
        return None
    read, at_time = lines_at(question)
    body = (
        f"{read}"
        "if not lines:\n"
        f'    abstain("no text could be read{during(question.when)}")\n'
        + (_ORDER if at_time else "")
        + "texts: list[str] = []\n"
        "for line in lines:\n"
        "    if line.text not in texts:\n"
        "        texts.append(line.text)\n"
        'value = " / ".join(texts[:40])'
    )
    return text_draft(
        f"What text is in the picture{during(question.when)}.",
        body,
        "text",
        "[line for line in lines[:20]]",
    )


_NUMBER = r"\d+(?:[.,:;]\d+)*"


def _counter(question: ParsedQuestion) -> Draft | None:
    """The value of a counter, clock or number at a time."""
    when = question.when
    if question.ask not in ("what", "count") or when is None or when.kind != "at":
        return None
    if not question.has(COUNTER | words("frame page")):
        return None
    if len(question.quotes) > 1:
        return None
    label = question.quotes[0] if question.quotes else ""
    beside = (
        words("frame middle page running after next behind following beside to")
        if label
        else words("frame page running")
    )
    if not question.only(COUNTER, READ, PICTURE, SEE, TEXT, words("be being") | {QUOTE}, beside):
        return None
    if question.has(words("middle")):
        return None
    clock = question.has(
        words("clock timecode time-code timestamp timer time stopwatch")
    ) and not question.has(words("number counter"))
    if not label and question.says("frame (?:number|counter|count)"):
        label = "frame"
    time = moment(when, question.video.duration)
    if clock:
        what, pattern = "clock", r"\d{1,3}(?:[:;.]\d{2})+"
        pick = (
            f"numbers = [hit for line in lines for hit in re.findall({pattern!r}, line.text)]\n"
            'hits = [hit for hit in numbers if ":" in hit or ";" in hit]\n'
        )
    elif label:
        what, pattern = "number", _NUMBER
        pick = (
            f"wanted = plain({label!r})\n"
            "labelled = [line for line in lines if wanted in plain(line.text)]\n"
            "if not labelled and len(lines) == 1:\n"
            "    labelled = lines\n"
            f"hits = [hit for line in labelled for hit in re.findall({pattern!r}, line.text)]\n"
        )
    else:
        what, pattern = "number", _NUMBER
        pick = f"hits = [hit for line in lines for hit in re.findall({pattern!r}, line.text)]\n"
    body = (
        "import re\n\n\n"
        + (PLAIN if label and not clock else "")
        + f"lines = read_text(frame_at(video, {time!r}))\n{pick}"
        "if not hits:\n"
        f'    abstain("no {what} could be read at that time")\n'
        "lines = sorted(lines, key=lambda line: -area(line.box))\n"
    )
    if clock or label:
        body += "value = hits[0]"
    else:
        body += (
            'texts = [line.text for line in lines if re.search(r"\\d", line.text)]\n'
            'value = hits[0] if len(hits) == 1 else " / ".join(texts)'
        )
    return text_draft(
        f"What {what} is read in the picture{during(when)}.",
        body,
        "text",
        "[line for line in lines[:10]]",
    )


_SPECIAL: tuple[tuple[str, str, str, str], ...] = (
    (
        r"(?:web ?site|web|internet|site) ?(?:address|url|page|link)?|url|domain|web ?page",
        "website site web address url page domain link internet webpage",
        r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|org|net|edu|gov|io|de|uk|tv)\b",
        "web address",
    ),
    (
        r"e-?mail(?: address)?",
        "email e-mail address mail",
        r"[\w.+-]+@[\w-]+\.[\w.]+",
        "e-mail address",
    ),
    (r"year", "year date copyright", r"\b(?:19|20)\d\d\b", "year"),
    (
        r"percentage|per cent|percent",
        "percentage percent per cent",
        r"\d+(?:[.,]\d+)? ?%",
        "percentage",
    ),
    (
        r"phone number|telephone number",
        "phone telephone number",
        r"\+?\d[\d ()/-]{5,}\d",
        "phone number",
    ),
)


def _special(question: ParsedQuestion) -> Draft | None:
    """A web address, a year, a percentage and their like, by their form."""
    if question.ask != "what" or question.quotes or len(question.times) > 1:
        return None
    for pattern, beside, form, what in _SPECIAL:
        if (
            question.says(pattern)
            and question.has(READ | SEE | TEXT | words("copyright screen"))
            and question.only(
                words(beside),
                TEXT - words("name title"),
                READ,
                PICTURE,
                SEE,
                words("be being given mentioned in"),
            )
        ):
            read, _ = lines_at(question)
            body = (
                "import re\n\n"
                f"{read}"
                f"hits = [hit for line in lines for hit in re.findall({form!r}, line.text)]\n"
                "if not hits:\n"
                f'    abstain("no {what} could be read")\n'
                "value = majority(hits)"
            )
            return text_draft(
                f"What {what} is read in the picture{during(question.when)}.",
                body,
                "text",
                "[line for line in lines if value in line.text][:10]",
            )
    return None


def _count(question: ParsedQuestion) -> Draft | None:
    """How many lines of text stand in the picture at a time."""
    when = question.when
    if question.ask != "count" or when is None or when.kind != "at" or question.quotes:
        return None
    if not question.has(words("line lines")) or not question.only(
        words("line lines text"), READ, PICTURE, SEE
    ):
        return None
    time = moment(when, question.video.duration)
    return text_draft(
        f"How many lines of text are in the picture{during(when)}.",
        f"lines = read_text(frame_at(video, {time!r}))\nvalue = len(lines)",
        "number",
        "[line for line in lines[:20]]",
    )


FAMILY = RuleFamily("text", 130, write_text)
