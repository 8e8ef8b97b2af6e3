"""How much quicker two processes plan a batch than one, side by side in one run.

Each batch is a run of ``patrolplan batch`` with all its start-up: variants of the
built-in scenario at the rounds of the shipped grid, four for each date. Both must give
the same files. Run by hand on an idle machine:
``python benchmarks/batch.py --variants 60 --json out.json``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from small_scenarios import read_all, write_dates

PROCESSES = (2, 1)


def run_batch(grid: Path, out: Path, jobs: int, variants: int) -> dict[str, Any]:
    """Plan a grid and return how long it took."""
    command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--quiet"]
    began_s, before_s = time.monotonic(), _measure_cpu_s()
    subprocess.run([*command, "--jobs", str(jobs), "--out", str(out)], check=False)
    wall_s = time.monotonic() - began_s
    cpu_s = _measure_cpu_s() - before_s
    per_min = 60 * variants / wall_s
    print(
        f"{jobs} processes{variants:6} variants{wall_s:8.1f} s{cpu_s:8.1f} s of work"
        f"{per_min:8.1f} a minute{per_min / jobs:8.1f} a minute and process"
    )
    return {
        "jobs": jobs,
        "variants": variants,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "per_minute_and_process": per_min / jobs,
    }


def _measure_cpu_s() -> float:
    """Return the work of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Plan the same batch on two processes and on one, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=60, help="in fours, to 200")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    dates = min(max(-(-options.variants // 4), 1), 50)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grid = write_dates(folder, dates)
        outs = {jobs: folder / f"out-{jobs}" for jobs in PROCESSES}
        rows = [run_batch(grid, out, jobs, 4 * dates) for jobs, out in outs.items()]
        is_same = read_all(outs[1]) == read_all(outs[2])
    ratio = rows[1]["wall_s"] / rows[0]["wall_s"]
    print(f"ratio {ratio:.2f}, files {'the same' if is_same else 'DIFFER'}")
    if options.json:
        document = {"runs": rows, "ratio": ratio, "same_files": is_same}
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    if not is_same:
        sys.exit(1)


if __name__ == "__main__":
    main()
