#!/bin/sh
# The tests on other versions than the lock's: PYTHON RESOLUTION, where RESOLUTION is
# `lowest-direct` or `highest`. What only tests need is the newest in both.
set -eu
python=$1
resolution=$2
place=build/$resolution

rm -rf "$place"
"$python" -m venv "$place"
"$place/bin/python" -m pip install --quiet uv
uv() { "$place/bin/uv" "$@"; }

uv pip compile --quiet --no-annotate --resolution "$resolution" \
  --extra cluster --extra parquet --extra raster --extra serve \
  --output-file "$place/asked.txt" pyproject.toml
uv pip install --quiet --python "$place/bin/python" --requirement "$place/asked.txt" \
  babel build editables hatchling hypothesis import-linter mkdocs-material \
  'mkdocstrings[python]' nbformat pip-licenses playwright pypdf pytest pytest-xdist \
  pyyaml xmlschema
uv pip install --quiet --python "$place/bin/python" --no-deps --editable .
uv pip list --python "$place/bin/python"

# Old versions meet newer ones that have deprecated what they use: that is theirs to
# mend. Compiled kernels are kept apart from those of the lock.
NUMBA_CACHE_DIR=$place/kernels "$place/bin/python" -m pytest -m "not soak" \
  -n 2 --dist loadfile -W ignore::DeprecationWarning -W ignore::FutureWarning
