"""Installs each extra of vprog into a fresh environment: its size, what imports, what works.

    python benchmarks/install_size.py [EXTRA...] [--into docs/extras.md]

For each extra of pyproject.toml (`core` is none of them) an environment is made, the wheel of this
tree installed with it, every package that the extra names imported, and `vprog doctor` run, which
calls each module once. Rows are written into the table of the page, the others of it left as they
are. torch is held to a release (`PINS`): without, pip takes the newest one for CUDA, of gigabytes.
An extra that does not install is a row that says so.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CORE = "core"
HEAD = "| extra | MB | seconds | what it brought | date |\n|---|---|---|---|---|\n"

PINS = ["torch==2.13.0", "torchcodec==0.13.0"]
"""torchcodec loads only beside the torch that it was built with."""
WITH_TORCHVISION = ["torch==2.14.1", "torchvision==0.29.1"]
"""torchvision computes only beside the torch that it was built with, so both are held."""

NAMED = """
import importlib, importlib.metadata as metadata, importlib.util, json, re, sys, warnings
warnings.simplefilter("ignore")
extra, modules = sys.argv[1], {}
for module, names in metadata.packages_distributions().items():
    for name in names:
        modules.setdefault(re.sub(r"[-_.]+", "-", name).lower(), []).append(module)
told = {}
for line in metadata.requires("vprog") or []:
    if not line.endswith((f"extra == '{extra}'", f'extra == "{extra}"')):
        continue
    name = re.match(r"[\\w.-]+", line).group()
    tops = [module for module in modules.get(re.sub(r"[-_.]+", "-", name).lower(), [])
            if module.isidentifier() and not module.startswith("_")
            and importlib.util.find_spec(module)]  # torchcodec lists one that it has not
    try:
        for module in tops:
            importlib.import_module(module)
        told[name] = "" if tops else "no module of it is there"
    except BaseException as error:
        told[name] = " ".join(f"{type(error).__name__}: {error}".split())[:120]
print(json.dumps(told))
"""
"""Run inside the environment: each package that the extra names, and why it does not import."""


class Row(NamedTuple):
    """One extra as it was found: megabytes above an empty environment, seconds of installing."""

    extra: str
    megabytes: int
    seconds: float
    text: str

    def line(self) -> str:
        """A row of the table."""
        today = datetime.date.today().isoformat()
        size = f"{self.megabytes:,}" if self.megabytes else "-"
        return f"| `{self.extra}` | {size} | {self.seconds:.0f} | {self.text} | {today} |"


def extras() -> dict[str, list[str]]:
    """What each extra of pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {CORE: [], **project["optional-dependencies"]}


def installed(extra: str, wheel: Path, folder: Path) -> Row:
    """Make an environment, install, look, and remove it."""
    environment = folder / "venv"
    python = environment / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    empty = megabytes(environment)
    pins = WITH_TORCHVISION if any("torchvision" in name for name in extras()[extra]) else PINS
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins))
    what = str(wheel) if extra == CORE else f"{wheel}[{extra}]"
    began = time.perf_counter()
    pip = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-cache-dir",
         what, "-c", constraints], capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    if pip.returncode:
        words = " ".join(pip.stderr.split())[-200:]
        row = Row(extra, 0, seconds, f"does not install: {words}".replace("|", "/"))
    else:
        row = Row(extra, megabytes(environment) - empty, seconds, found(extra, python, folder))
    subprocess.run(["rm", "-rf", environment], check=True)
    return row


def found(extra: str, python: Path, folder: Path) -> str:
    """What imports, what `vprog doctor` could call, what it found broken."""
    environment = {**os.environ, "VPROG_TRACE_DIR": str(folder / "traces"),
                   "VPROG_CACHE_DIR": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}  # fmt: skip
    ask = [python, "-c", NAMED, extra]
    told = subprocess.run(ask, capture_output=True, text=True, check=False, cwd=folder)
    names: dict[str, str] = json.loads(told.stdout.splitlines()[-1]) if told.stdout else {}
    bad = [f"{name} does not import ({why})" for name, why in names.items() if why]
    good = [name for name, why in names.items() if not why]
    asked = subprocess.run(
        [python, "-m", "vprog", "doctor", "--json"],
        capture_output=True, text=True, check=False, cwd=folder, env=environment,
    )  # fmt: skip
    if not asked.stdout.startswith("["):
        return f"`vprog doctor` failed: {' '.join(asked.stderr.split())[-150:]}"
    rows = [row for row in json.loads(asked.stdout) if "/" in row["what"]]
    rows = [row for row in rows if row["what"].split("/")[1].isidentifier()]
    n_called = sum(row["state"] == "ok" for row in rows)
    n_waiting = sum("weights are not on this machine" in row["note"] for row in rows)
    broken = [f"{row['what']} broken ({row['note'][:100]})" for row in rows
              if row["state"] == "broken"]  # fmt: skip
    parts = [f"imports {', '.join(good)}" if good else "", *bad, f"{n_called} modules called"]
    parts += [f"{n_waiting} more wait for weights" if n_waiting else "", *broken]
    return "; ".join(part for part in parts if part).replace("|", "/")


def megabytes(folder: Path) -> int:
    """What a folder takes on disk."""
    told = subprocess.run(["du", "-sm", folder], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[0])


def written(page: Path, row: Row) -> None:
    """The page with this row in its table, in the place of the one before it."""
    text = page.read_text(encoding="utf-8")
    before, _, after = text.partition(HEAD)
    lines, rest = [], []
    for line in after.splitlines():
        (lines if line.startswith("| `") and not rest else rest).append(line)
    rows = {line.split("`")[1]: line for line in lines} | {row.extra: row.line()}
    ordered = [rows[name] for name in extras() if name in rows]
    page.write_text(before + HEAD + "\n".join([*ordered, *rest]) + "\n", encoding="utf-8")


def main() -> None:
    """Install each, print its row, and write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("extras", nargs="*", metavar="EXTRA", help="default: all, and core")
    parser.add_argument("--into", type=Path, help="a page that holds the table")
    options = parser.parse_args()
    unknown = set(options.extras) - set(extras())
    if unknown:
        sys.exit(f"no extra {', '.join(sorted(unknown))}; there are: {', '.join(extras())}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT]
        subprocess.run(build, check=True)
        (wheel,) = folder.glob("*.whl")
        for extra in options.extras or extras():
            row = installed(extra, wheel, folder)
            print(row.line(), flush=True)
            if options.into:
                written(options.into, row)


if __name__ == "__main__":
    main()
