#!/usr/bin/env bash
# Installs the core, then with the extras `offline` and `speech`, into fresh environments and prints their sizes.
# Time includes downloads. Usage: benchmarks/install_size.sh
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/empty"
empty=$(du -sm "$scratch/empty" | cut -f1)
for extra in "" "[offline]" "[offline,speech,meaning]"; do
  name="core${extra}"
  python3 -m venv "$scratch/venv"
  began=$(date +%s.%N)
  "$scratch/venv/bin/python" -m pip install -q --disable-pip-version-check ".${extra}" 2>/dev/null
  ended=$(date +%s.%N)
  size=$(du -sm "$scratch/venv" | cut -f1)
  torch=$("$scratch/venv/bin/python" -c "import importlib.util as u; print('yes' if u.find_spec('torch') else 'no')")
  printf '%-14s %4d MB (an empty environment: %d MB), %.0f s, torch: %s\n' \
    "$name" "$size" "$empty" "$(echo "$ended - $began" | bc)" "$torch"
  rm -rf "$scratch/venv"
done
