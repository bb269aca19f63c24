"""The public API: what `import vprog` offers, and that it stays quick."""

from __future__ import annotations

import subprocess
import sys

import vprog

PUBLIC = [
    "Call",
    "Registry",
    "Result",
    "Trace",
    "VprogError",
    "Weights",
    "__version__",
    "audit",
    "close",
    "module",
    "replay",
    "run",
    "solve",
]


def test_public_names_are_these_and_all_exist() -> None:
    assert sorted(vprog.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(vprog, name) is not None
        assert name in dir(vprog)


def test_public_names_unknown_attribute_is_an_attribute_error() -> None:
    assert not hasattr(vprog, "slove")


def test_public_names_import_loads_nothing_heavy() -> None:
    code = (
        "import sys, vprog\n"
        "heavy = {'av','numpy','cv2','torch','openai','rich','PIL','networkx','pydantic_monty'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_help_loads_no_sub_command() -> None:
    code = (
        "import sys\n"
        "from vprog.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print(sorted(n for n in sys.modules if n.startswith('vprog.') and n.count('.') > 1))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "['vprog.cli.main', 'vprog.cli.report']"
