"""A question to an indexed folder: what the index answers or finds, and what it leaves out.

`search_folder` is what every door asks; `vprog/library/folder_words.py` says the outcome in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from vprog.errors import UsageError
from vprog.evaluation.case_list import media_below
from vprog.library.fact_answers import FactAnswer, answer_from_facts
from vprog.library.fact_questions import read_fact_question
from vprog.library.index_file import IndexFile, LabelFrames, MomentHit
from vprog.library.indexed_kinds import PROGRAMS
from vprog.library.indexing import changed_since
from vprog.library.label_search import AskedLabels, LabelPlaces, asked_labels, places_of_label


@dataclass(frozen=True)
class FolderAnswer:
    """What came of a question.

    Attributes:
        question: as it was asked.
        joined: the answer over all files, where the question asks for one; then nothing else is
            searched for.
        moments: what has words of the question, best first.
        near: what is near in meaning and has none of its words.
        places: where each label that it names was seen.
        asked: these labels, and the words that the detector does not know.
        searched: the kinds that were looked for in each file, by path.
        not_indexed: the files that the index does not have.
        not_looked_for: the files in which a kind was not looked for, by kind.
        left_out: the files that are not what was indexed, and are in no answer.
        doubtful: what was told of files that were read only in part or with doubt, by path.
        label_frames: how closely labels were looked for, by path.
        has_more_moments: whether more have words of the question.
        n_without_vectors: pieces of speech and text that were not compared by meaning.
    """

    question: str
    joined: FactAnswer | None
    moments: tuple[MomentHit, ...]
    near: tuple[MomentHit, ...]
    places: tuple[LabelPlaces, ...]
    asked: AskedLabels
    searched: Mapping[str, list[str]]
    not_indexed: tuple[str, ...]
    not_looked_for: Mapping[str, list[str]]
    left_out: Mapping[str, Literal["changed", "gone"]]
    doubtful: Mapping[str, list[str]]
    label_frames: Mapping[str, LabelFrames]
    has_more_moments: bool
    n_without_vectors: int

    @property
    def files_found(self) -> tuple[str, ...]:
        """The files with what was searched for, best first."""
        names = [hit.path for hit in (*self.moments, *self.near)]
        if self.joined is None:
            names += [name for place in self.places for name in place.seen]
        return tuple(dict.fromkeys(names))

    def to_dict(self) -> dict[str, Any]:
        """The object that `--json` prints, without answers of files."""
        return {
            "question": self.question,
            "joined": None if self.joined is None else asdict(self.joined),
            "searched": dict(self.searched),
            "not_indexed": list(self.not_indexed),
            "not_looked_for": dict(self.not_looked_for),
            "changed_since": [name for name, how in self.left_out.items() if how == "changed"],
            "gone_since": [name for name, how in self.left_out.items() if how == "gone"],
            "read_with_doubt": dict(self.doubtful),
            "labels": [
                {
                    "label": place.label,
                    "summary": place.summary,
                    "files": [
                        {
                            "file": name,
                            "moments": [
                                {"time": sight.time, "score": sight.score} for sight in sights
                            ],
                        }
                        for name, sights in place.seen.items()
                    ],
                    "not_found_in": list(place.unseen),
                }
                for place in self.places
            ],
            "labels_looked_at": {
                name: {"frames": frames.n_frames, "every_s": frames.step}
                for name, frames in self.label_frames.items()
            },
            "no_labels": list(self.asked.untold),
            "has_more_moments": self.has_more_moments,
            "moments": [_hit_object(hit, "score") for hit in self.moments],
            "near_in_meaning": [_hit_object(hit, "likeness") for hit in self.near],
            "not_compared_by_meaning": self.n_without_vectors,
        }


def search_folder(folder: Path, question: str, path: Path, count: int) -> FolderAnswer:
    """Answer a question from an index, or find what it is about there.

    Args:
        folder: whose index it is.
        question: in English.
        path: of the index.
        count: how many moments at most, of those with its words and of those near in meaning.

    Raises:
        UsageError: the question is empty, or there is no index.
        VprogError: it cannot be read.
    """
    if not question.strip():
        raise UsageError("the question is empty.", hint="Ask something about the files.")
    if not path.is_file():
        raise UsageError(f'"{folder}" has no index.', hint=f'Make it: vprog index "{folder}".')
    index = IndexFile(path)
    try:
        left_out = changed_since(folder, index)
        index.leave_out(left_out)
        facts = read_fact_question(question)
        joined = None if facts is None else answer_from_facts(facts, index)
        hits = index.search(question, count + 1) if joined is None else []
        moments = hits[:count]
        has_words = {(hit.path, hit.moment) for hit in moments}
        near = _near(question, count, index) if joined is None else []
        searched = index.searched()
        asked = asked_labels(question)
        present = [str(item.relative_to(folder)) for item in media_below(folder)]
        lacking = {
            kind: [name for name, kinds in searched.items() if kind not in kinds]
            for kind in PROGRAMS
        }
        return FolderAnswer(
            question=question,
            joined=joined,
            moments=tuple(moments),
            near=tuple(hit for hit in near if (hit.path, hit.moment) not in has_words),
            places=tuple(places_of_label(label, index) for label in asked.labels),
            asked=asked,
            searched=searched,
            not_indexed=tuple(
                name for name in present if name not in searched and name not in left_out
            ),
            not_looked_for={kind: names for kind, names in lacking.items() if names},
            left_out=left_out,
            doubtful=index.warnings(PROGRAMS),
            label_frames=index.label_frames(),
            has_more_moments=len(hits) > count,
            n_without_vectors=len(index.without_vectors()),
        )
    finally:
        index.close()


def _near(question: str, count: int, index: IndexFile) -> list[MomentHit]:
    """What is near in meaning; nothing where the embedder is not installed."""
    from vprog.library.meaning_search import search_meaning

    if not index.has_vectors():
        return []
    from vprog.models.sentence_embedder import sentence_embedder

    embedder = sentence_embedder()
    return [] if embedder is None else search_meaning(question, count, index, embedder)


def _hit_object(hit: MomentHit, score_name: str) -> dict[str, object]:
    return {"file": hit.path, "kind": hit.kind, **hit.moment._asdict(), score_name: hit.score}
