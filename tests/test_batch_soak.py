"""A batch at full size: two hundred variants, killed in the middle and resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from small_scenarios import read_all, write_dates


def check_soak(folder: Path, dates: int) -> str:
    """Plan a grid twice, once killed in the middle; return how quick the whole was."""
    grid = write_dates(folder, dates)
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
