"""`Trace`: a run as Python and notebooks explore it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.errors import TraceError
from vprog.trace.event import AnyEvent
from vprog.trace.store import Recording, read_trace
from vprog.types import wire
from vprog.view.attempts.attempt_tree import AttemptTree
from vprog.view.steps import ProgramLine, Step, Story

if TYPE_CHECKING:
    import networkx
    import pandas
    from PIL.Image import Image

    from vprog.media.browser_proxy import ProxyName
    from vprog.view.html.page_data import Clip
    from vprog.view.mask_picture import KeptMask
    from vprog.view.model import RunModel
    from vprog.view.notebook_view import NotebookView
    from vprog.view.tables import Kind

_COLUMNS: dict[str, Kind] = {
    "index": "integer", "kind": "text", "cell": "integer", "line": "integer", "at": "number",
    "name": "text", "text": "text", "module": "text", "how": "text", "seconds": "number",
    "value": "text", "arguments": "text",
}  # fmt: skip
"""Of the table of steps."""


class Trace:
    """Everything a run recorded.

    Example:
        >>> trace = vprog.Trace.load("last")
        >>> [(step.line, step.name, step.text) for step in trace.steps][:2]
        [(1, 'sample_frames', '[Frame(...), … 30 in all]'), (1, 'frames', 'list of 30')]
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.story = Story(recording)
        self.attempts = AttemptTree(recording)
        """The nodes, votes and counts of several attempts; without nodes where a program ran."""

    @cached_property
    def model(self) -> RunModel:
        """What page, terminal and JSON show of the run; see vprog.view.model."""
        from vprog.view.build_model import build_model

        return build_model(self.story, self.attempts)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dicts and lists, as `vprog trace show --json` prints them."""
        return self.model.to_dict()

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace.

        Args:
            path: the run's folder or its trace.jsonl; or, if no file is there, a
                name as `vprog trace list` shows it, or "last".

        Raises:
            TraceNotFoundError: no such trace.
            TraceError: the file is no trace.
        """
        if not Path(path).exists():
            from vprog.settings import load_settings
            from vprog.trace.store import find_trace

            path = find_trace(load_settings().trace_dir, str(path))
        return cls(read_trace(Path(path)))

    @property
    def folder(self) -> Path:
        return self.recording.folder

    @property
    def question(self) -> str:
        return self.recording.started.question

    @property
    def status(self) -> str:
        """The status of the result; "cut off" if the run did not come to its end."""
        return self.recording.ended.status if self.recording.ended else "cut off"

    @property
    def result(self) -> dict[str, Any]:
        """The object that `--json` printed; {} if the run was cut off."""
        if self.recording.ended is None:
            return {}
        import msgspec

        decoded: dict[str, Any] = msgspec.json.decode(self.recording.ended.result)
        return decoded

    @property
    def answer(self) -> object:
        """The answer that the program gave, or None."""
        return self.result.get("answer")

    @property
    def program(self) -> str:
        """The cells, joined."""
        return "\n".join(cell.source.rstrip("\n") for cell in self.story.cells) + "\n"

    @property
    def steps(self) -> list[Step]:
        """Calls, values, prints and the end, in the order in which they happened."""
        return self.story.steps

    @property
    def lines(self) -> list[ProgramLine]:
        """The program's lines, each with its steps."""
        return self.story.lines

    def frame(self, index: int) -> Image:
        """The kept frame of that index, with the boxes that modules found in it drawn on.

        Raises:
            TraceError: there are not so many.
        """
        kept = self.story.pictures
        if not -len(kept) <= index < len(kept):
            raise TraceError(
                f"the trace has {len(kept)} kept frames, got index {index}.",
                hint="Count with len(trace.frames).",
            )
        from vprog.view.boxes import boxes_of
        from vprog.view.drawn_picture import drawn_picture

        picture = kept[index]
        boxes = boxes_of(self.steps, [picture])[0]
        return drawn_picture(self.recording.picture(picture.file), boxes, picture.scale)

    @property
    def masks(self) -> list[KeptMask]:
        """Every mask that modules gave, with its bitmap, as COCO's run lengths and as PNG."""
        from vprog.view.mask_picture import kept_masks

        return kept_masks(self.steps)

    @property
    def frames(self) -> list[tuple[int, float]]:
        """(video, time in seconds) of each kept frame."""
        return [(picture.video, picture.time) for picture in self.story.pictures]

    def graph(self) -> networkx.DiGraph:
        """The flow of data from the videos over calls and values to the answer."""
        from vprog.view.graph import build_graph

        return build_graph(self.story)

    def tree(self) -> networkx.DiGraph:
        """The attempts that led to the answer: a node for each cell that was tried.

        Nodes are numbers, from 1; an edge leads from a cell to one that was tried after
        it, so first cells have no edge into them. Each node has::

            source: the text of the cell; "" if none was written
            status: "continues", "answered", "abstained", "rejected", "failed", "limit",
                or "cut off" where the run ended before it
            reward: valid x confidence x evidence, in [0, 1]; 0 for a cell that gave no answer
            visits: how often a tree search went through it; None of other strategies
            value: the mean reward of the attempts from it on, in [0, 1]; None likewise
            answer: what it answered, in words; "" if nothing
            calls: how many module calls it made, by how they were answered
            chosen: whether the result comes from its path

        Returns:
            A networkx.DiGraph; empty where a program of one's own or of the rules ran.

        Example:
            >>> tree = vprog.Trace.load("last").tree()
            >>> [node for node in tree if tree.nodes[node]["chosen"]]
            [1, 3]
        """
        import networkx

        graph = networkx.DiGraph()
        for number, node in self.attempts.nodes.items():
            graph.add_node(
                number,
                source=node.source,
                status=node.status,
                reward=node.reward,
                visits=node.visits,
                value=node.value,
                answer=node.answer,
                calls=dict(node.calls),
                chosen=node.is_chosen,
            )
            if node.parent:
                graph.add_edge(node.parent, number)
        return graph

    def node(self, number: int) -> list[AnyEvent]:
        """What happened in an attempt, in its order: see vprog.trace.event.

        Args:
            number: as in `tree`, from 1.

        Raises:
            TraceError: there is no such node.
        """
        return self.attempts.events(number)

    def to_pandas(self) -> pandas.DataFrame:
        """The steps as a table; `value` and `arguments`, which are of any type, as JSON text.

        Raises:
            PackageMissingError: pandas is not installed.
        """
        from vprog.view.tables import pandas_table

        return pandas_table(self._rows(), _COLUMNS)

    def to_parquet(self, path: str | Path) -> None:
        """The same table as a parquet file.

        Raises:
            PackageMissingError: pyarrow is not installed.
        """
        from vprog.view.tables import write_table

        about = {"vprog.trace": self.folder.name, "vprog.question": self.question}
        write_table(self._rows(), _COLUMNS, path, about)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                **{name: getattr(step, name) for name in _COLUMNS},
                "value": step.recorded.decode(),
                "arguments": wire.encode(step.arguments).decode(),
            }
            for step in self.steps
        ]

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        video: ProxyName | None = None,
        videos: Sequence[str | Path] = (),
    ) -> str:
        """The run as one self-contained HTML page; also written to `path` if given.

        Args:
            path: the file to write.
            video: "h264" or "vp9": the cited spans are put in as such, to be played; None for
                pictures alone.
            videos: where the videos lie now, if not where they lay.

        Raises:
            VideoError: a video that is to be put in is gone, is another, or cannot be decoded.
        """
        from vprog.view.html.page import page

        clips: Sequence[Clip] = ()
        if video:
            from vprog.view.recorded_video import clips_inside

            opened = self.recording.started.videos
            clips = clips_inside(self.model, opened, video, moved_to=[*map(Path, videos)])
        text = page(self.model, self.recording.picture, clips=clips)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def view(
        self,
        *,
        video: ProxyName | None = "h264",
        videos: Sequence[str | Path] = (),
        beside: Trace | None = None,
    ) -> NotebookView:
        """The page that plays the video at the evidence, inside a notebook.

        It stays where notebooks are passed on: nbconvert keeps it, and what GitHub shows in its
        place is the same in plain text and pictures.

        Args:
            video, videos: as of `to_html`; None for pictures alone, where the notebook should be
                small or the video is gone.
            beside: another run, to be compared: both pages, and in what the runs differ.

        Raises:
            VideoError: a video that is to be put in is gone, is another, or cannot be decoded.

        Example:
            >>> result.trace.view()
            >>> result.trace.view(beside=changed.result.trace)
        """
        from vprog.view.difference import differences
        from vprog.view.notebook_view import NotebookView

        runs = [self] if beside is None else [self, beside]
        return NotebookView(
            [(run.model, run.recording) for run in runs],
            [run.to_html(video=video, videos=videos) for run in runs],
            None if beside is None else differences(self.recording, beside.recording),
        )

    def _repr_html_(self) -> str:
        from vprog.view.html.page import fragment

        return fragment(self.model, self.recording.picture)

    def __repr__(self) -> str:
        return f"<Trace {self.folder.name}: {self.question!r}, {self.status}>"
