"""The long form: `python -m tests.reliability [FIELD ...] [--count N] [--seed S]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from tests.reliability.outcome import Field, run_field

HERE = Path(__file__).resolve().parent
VERDICTS = ("survived", "wrong", "crashed", "hung", "leaked")


def fields() -> dict[str, Field]:
    """Every field of this folder by the name of its file."""
    named = {}
    for path in sorted(HERE.glob("*.py")):
        if path.stem.startswith(("_", "test_")) or path.stem == "outcome":
            continue
        named[path.stem] = importlib.import_module(f"tests.reliability.{path.stem}").FIELD
    return named


def main(argv: list[str] | None = None) -> int:
    """Prints one row of the README's table per field, and below it what did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fields", nargs="*", help="names of files here; without one, all")
    parser.add_argument("--count", type=int, help="attacks per field; else the field's own number")
    parser.add_argument("--seed", type=int, default=8)
    options = parser.parse_args(argv)
    known = fields()
    unknown = [name for name in options.fields if name not in known]
    if unknown:
        parser.error(f"no field {', '.join(unknown)}; there are {', '.join(known)}")
    print(f"| field | tried | {' | '.join(VERDICTS)} |")
    print("|---|" + "---:|" * (1 + len(VERDICTS)))
    failed = 0
    for name in options.fields or known:
        tested = known[name]
        tally = run_field(tested, seed=options.seed, count=options.count or tested.usual)
        counts = [tally.verdicts[verdict] for verdict in VERDICTS]
        cells = " | ".join(str(count) for count in counts)
        print(f"| {tested.title} | {sum(counts)} | {cells} |", flush=True)
        for finding in tally.findings:
            print(finding, file=sys.stderr)
        failed += len(tally.findings)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
