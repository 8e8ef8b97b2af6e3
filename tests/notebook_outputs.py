"""Fail where a notebook that was run wrote to stderr, warned, or broke.

Run as ``python tests/notebook_outputs.py build/notebooks``: it names the notebook and
the cell. A notebook that was never run fails too, else nothing would have been looked
at.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_WARNED = re.compile(r"\b\w*Warning\b: ")


def find_faults(folder: Path) -> list[str]:
    """Return what is wrong with the notebooks of a folder, a line a fault.

    Parameters
    ----------
    folder
        Where notebooks lie with the outputs of their run.
    """
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        return [f"{folder.name}: no notebook"]
    return [fault for path in paths for fault in _look_through(path)]


def _look_through(path: Path) -> Iterator[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] != "code" or not "".join(cell["source"]).strip():
            continue
        if cell["execution_count"] is None:
            yield f"{path.name}: cell {number}: was not run"
        for output in cell["outputs"]:
            told = _tell_fault(output)
            if told:
                yield f"{path.name}: cell {number}: {told}"


def _tell_fault(output: dict[str, Any]) -> str | None:
    kind = output["output_type"]
    if kind == "error":
        return f"error: {output['ename']}: {output['evalue']}"
    text = "".join(output.get("text", ""))
    if kind == "stream" and output["name"] == "stderr":
        return f"stderr: {text.strip()[:200]}"
    plain = text + "".join(output.get("data", {}).get("text/plain", ""))
    if _WARNED.search(plain):
        return f"warning: {plain.strip()[:200]}"
    return None


def main(folder: str) -> int:
    """Print every fault, and return 1 where there is any.

    Parameters
    ----------
    folder
        Where the notebooks lie.
    """
    faults = find_faults(Path(folder))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
