"""Makes vprog/rules/wording_vectors.npz: a vector for every wording that the reader knows.

    python modules/make_weights/wording_vectors.py

To be run when a wording of vprog/rules/kinds or vprog/rules/wordings has changed (a test says so);
it takes under a minute. Vectors are all-MiniLM-L6-v2's (Apache-2.0), in steps of 1/127.
"""

from __future__ import annotations

from pathlib import Path

from vprog.models.kept_vectors import keep_vectors
from vprog.rules import match_meaning

OUT = Path(match_meaning.__file__).with_name(match_meaning.VECTORS)


def main() -> None:
    """Embed the wordings and write them."""
    wordings = match_meaning.shown_wordings()
    keep_vectors(OUT, wordings)
    print(f"{len(wordings)} wordings, {OUT.stat().st_size / 1e6:.1f} MB: {OUT}")


if __name__ == "__main__":
    main()
