"""Writes the gallery: real questions on the clips of the repository, each with its page.

python docs/gallery.py            # writes docs/gallery.md and docs/_gallery/gallery/*.html

The build of the site does it where they are missing (conf.py); nothing of it is committed. The
questions are answered then and there, by rules and offline modules: what the pages say is what
this version answers, whether it is right or not.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
MEDIA = FOLDER.parent / "tests" / "media_files"
PAGES = FOLDER / "_gallery" / "gallery"
"""Sphinx copies what is below `_gallery` to the root of the site."""


class Exhibit(NamedTuple):
    """A question to be shown."""

    name: str
    clip: str
    """Below tests/media_files."""
    question: str
    why: str
    """What there is to see, in a sentence."""


EXHIBITS = (
    Exhibit("shots", "shots/testvideo.mp4", "How many shots are there?",
            "A count: every cut is a moment to go to."),
    Exhibit("word", "speech/jfk_on_grey.mp4", 'When is the word "country" said?',
            "A word that is spoken: the page plays where it was heard."),
    Exhibit("number", "text/counter.mp4", "What number is shown at 0:02?",
            "Text in the picture, with the box that it was read in."),
    Exhibit("motion", "clips/tree.avi", "When does it move the most?",
            "A measurement over the whole clip, and the time of its peak."),
    Exhibit("bird", "shots/testvideo.mp4", "Is there a bird?",
            "A doubtful answer: the score is low, and the box shows what was taken for a bird."),
    Exhibit("sad", "clips/tree.avi", "Why is the tree sad?",
            "A question that nothing here can answer: the reason, and what would be needed."),
)  # fmt: skip


def write_gallery(exhibits: Sequence[Exhibit], text: Path, pages: Path) -> None:
    """Answer the questions, write their pages and the text that shows them.

    Args:
        exhibits: what is shown.
        text: the Markdown file.
        pages: the folder of the pages.
    """
    import vprog
    from vprog.media.browser_proxy import kinds_here

    pages.mkdir(parents=True, exist_ok=True)
    kinds = kinds_here()
    parts = [
        "# Gallery",
        f"{len(exhibits)} questions on clips of the repository, answered while this site was "
        f"built by vprog {vprog.__version__}, without any model behind a server. Each page plays "
        "the video at the evidence; it is what `vprog trace export last -o page.html --video` "
        "writes. Where the clips come from: tests/media_files/README.md.",
    ]
    with (
        tempfile.TemporaryDirectory() as scratch,
        vprog.Engine(
            llm="rules", trace_dir=f"{scratch}/traces", cache_dir=f"{scratch}/cache"
        ) as engine,
    ):
        for exhibit in exhibits:
            result = engine.solve(MEDIA / exhibit.clip, exhibit.question)
            page = pages / f"{exhibit.name}.html"
            result.trace.to_html(page, video=kinds[0] if kinds else None)
            model = result.trace.model
            clock = f" = {model.headline_clock}" if model.headline_clock else ""
            title = escape(f"{exhibit.question} {model.headline}")
            parts += [
                f"## {exhibit.question}",
                exhibit.why,
                f'<p>vprog says: <b>{escape(model.headline)}</b>{clock}'
                f' (<a href="gallery/{page.name}">the page by itself</a>)</p>\n'
                f'<iframe src="gallery/{page.name}" title="{title}" loading="lazy"\n'
                'style="width:100%;height:640px;border:1px solid #8886"></iframe>',
            ]  # fmt: skip
    text.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_gallery(EXHIBITS, FOLDER / "gallery.md", PAGES)
    print(f"wrote {len(EXHIBITS)} pages below {PAGES}", file=sys.stderr)
