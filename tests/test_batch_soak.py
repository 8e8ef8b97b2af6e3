"""A batch at full size: two hundred variants, killed in the middle and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patrolplan.shipped import find_main_scenario
from small_scenarios import read_all

GRID = """
format = "patrolplan-grid/1"
scenario = {scenario}
iterations = 1000
[grid.date]
{dates}
[grid.roster]
six = {{}}
four = {{ without_teams = ["menaka", "tessalit"] }}
[grid.roads]
open = {{}}
rn19 = {{ close = ["gao-almoustarat", "bourem-almoustarat"] }}
"""


def write_soak(folder: Path, dates: int) -> Path:
    """Write a grid of four variants for each of up to fifty dates of 2014."""
    days = [(m, d) for m in range(1, 11) for d in (1, 7, 13, 19, 25)][:dates]
    lines = [f"m{m:02}d{d:02} = {{ start = 2014-{m:02}-{d:02} }}" for m, d in days]
    path = folder / "soak.toml"
    path.write_text(
        GRID.format(
            scenario=json.dumps(find_main_scenario().as_posix()), dates="\n".join(lines)
        ),
        encoding="utf-8",
    )
    return path


def check_soak(folder: Path, dates: int) -> str:
    """Plan a grid twice, once killed in the middle; return how quick the whole was."""
    grid = write_soak(folder, dates)
    command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--jobs", "2"]
    whole, stopped = folder / "whole", folder / "stopped"
    ran = subprocess.run(
        [*command, "--out", str(whole)], check=False, stdout=subprocess.PIPE, text=True
    )
    assert ran.returncode in {0, 1}
    expected = read_all(whole)
    assert expected["results.csv"].count(b"\n") == 4 * dates + 1

    again = [*command, "--out", str(stopped)]
    running = subprocess.Popen([*again, "--quiet"])
    try:
        while len(list(stopped.glob("*/manifest.json"))) < 2 * dates:
            assert running.poll() is None
            time.sleep(0.05)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    assert not (stopped / "index.html").exists()
    resumed = subprocess.run(
        [*again, "--resume"], check=False, stdout=subprocess.PIPE, text=True
    )
    assert resumed.returncode == ran.returncode
    assert " 0 kept" not in resumed.stdout
    assert read_all(stopped) == expected
    return ran.stdout.splitlines()[0]


@pytest.mark.soak
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_two_hundred_variants_end_and_resume_to_the_same(tmp_path, capsys) -> None:
    told = check_soak(tmp_path, 50)
    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n")
