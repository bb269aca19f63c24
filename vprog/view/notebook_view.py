"""A run in a notebook: the page in a sandboxed frame, and beside it the same without a script.

The frame is the page that `vprog trace export` writes, in `srcdoc`: it needs no kernel, no
extension and no network, is saved with the notebook, and may run its own script and nothing else
(`sandbox` without the notebook's origin). A widget of anywidget 0.11 would need a live kernel, or
the manager of widgets that nbconvert's page then fetches from unpkg.com.

Renderers that take away frames and styles (GitHub, JupyterLab while a notebook is not trusted)
leave plain headings, lists and pictures; where the frame is, they are hidden. Nothing helps where a
sanitiser writes out what it forbids as text, as nbconvert does with --sanitize-html.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

from vprog.trace.store import Recording
from vprog.view.difference import Difference
from vprog.view.drawn_picture import drawn_picture
from vprog.view.html.page import difference_table, pair_page
from vprog.view.model import RunModel
from vprog.view.words import clean, clipped

_HIGH_PX = 780
_MOST_PICTURES = 4
_MOST_LISTED = 12
_MOST_LINES = 60
_STYLE = (
    "<style>.vprog-frame iframe{width:100%;border:1px solid #8886;border-radius:8px}"
    ".vprog-differ{overflow-x:auto}"
    ".vprog-frame:has(iframe)+.vprog-plain{display:none}"
    ".vprog-differ td,.vprog-differ th{text-align:left!important}</style>"
)


class NotebookView:
    """One run, or two side by side with what they differ in; a notebook shows it."""

    def __init__(
        self,
        runs: Sequence[tuple[RunModel, Recording]],
        pages: Sequence[str],
        found: Sequence[Difference] | None = None,
    ) -> None:
        """Keep what is shown.

        Args:
            runs: each as it is described, and where its pictures lie.
            pages: of each, whole.
            found: in what the two runs differ; None of one run.
        """
        self._runs = runs
        self._pages = pages
        self._found = found

    def _repr_html_(self) -> str:
        models = [model for model, _ in self._runs]
        whole = self._pages[0] if len(models) == 1 else pair_page(models, self._pages)
        title = " beside ".join(f"{model.headline}: {model.question}" for model in models)
        frame = (
            f'<iframe sandbox="allow-scripts allow-downloads" height="{_HIGH_PX}" '
            f'title="{_text(title)}" srcdoc="{escape(whole)}"></iframe>'
        )
        plain = "<hr>".join(plain_page(*run) for run in self._runs)
        table = "" if self._found is None else difference_table(self._found)
        return (
            f'{_STYLE}<div class="vprog-frame">{frame}</div>'
            f'<div class="vprog-plain">{plain}</div><div class="vprog-differ">{table}</div>'
        )

    def __repr__(self) -> str:
        names = " beside ".join(repr(clipped(model.headline, 80)) for model, _ in self._runs)
        return f"<view of the run that gave {names}; a notebook draws it>"


def plain_page(model: RunModel, recording: Recording) -> str:
    """A run in elements that every sanitiser keeps: no style, no script, no SVG.

    Args:
        model: what is shown.
        recording: where its pictures lie.
    """
    parts = [f"<p>{_text(model.question)}</p>", f"<h3>{_text(model.headline)}</h3>"]
    if model.no_answer is not None:
        parts.append(f"<p>{_text(f'{model.no_answer.message} {model.no_answer.hint}')}</p>")
    if model.score.meaning:
        parts.append(f"<p>{_text(model.score.meaning)}</p>")
    if model.evidence:
        parts.append(f"<h4>Evidence</h4>{_list([item.caption for item in model.evidence])}")
    for figure in model.evidence_figures[:_MOST_PICTURES]:
        shown = model.pictures[figure.picture]
        picture = drawn_picture(recording.picture(shown.file), figure.boxes, shown.scale)
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=80)
        words = _text("; ".join(figure.captions) or shown.clock)
        parts.append(
            f'<p><img alt="{words}" width="{picture.width}" src="data:image/jpeg;base64,'
            f'{base64.b64encode(written.getvalue()).decode()}"></p><p>{words}</p>'
        )
    parts.append(f"<h4>Nearly in the answer</h4><p>{_text(model.player.near_text)}</p>")
    if model.player.near:
        parts.append(_list([miss.text for miss in model.player.near]))
    gaps = [lane.text for timeline in model.timelines for lane in timeline.coverage if lane.unseen]
    if gaps:
        parts.append(f"<h4>Looked at</h4>{_list(gaps)}")
    if model.lines:
        source = "\n".join(line.source for line in model.lines[:_MOST_LINES])
        parts.append(f"<h4>Program</h4><pre>{_text(source)}</pre>")
    return "".join(parts)


def _list(texts: Sequence[str]) -> str:
    rows = [f"<li>{_text(text)}</li>" for text in texts[:_MOST_LISTED]]
    if len(texts) > _MOST_LISTED:
        rows.append(f"<li>{len(texts) - _MOST_LISTED} more</li>")
    return f"<ul>{''.join(rows)}</ul>"


def _text(text: str) -> str:
    return escape("\n".join(clean(line) for line in clipped(text, 4000).split("\n")))
