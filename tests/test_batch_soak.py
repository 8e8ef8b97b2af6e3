"""A batch at full size: two hundred variants, killed in the middle and resumed.

And the same on a cluster of two workers, one of which is killed in the middle.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from patrolplan.cluster import open_cluster
from small_scenarios import read_all, write_dates

DATES = 50

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        not hasattr(signal, "SIGKILL"), reason="there is no such signal"
    ),
]


def count_packs(folder: Path) -> int:
    return len(list(folder.glob("*/manifest.json")))


@pytest.fixture(scope="module")
def grid(tmp_path_factory) -> Path:
    return write_dates(tmp_path_factory.mktemp("grid"), DATES)


@pytest.fixture(scope="module")
def whole(grid, tmp_path_factory) -> tuple[int, dict[str, bytes]]:
    """The exit code of the batch on two processes, and all it wrote; tells its rate."""
    folder = tmp_path_factory.mktemp("whole")
    command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--jobs", "2"]
    ran = subprocess.run(
        [*command, "--out", str(folder)], check=False, stdout=subprocess.PIPE, text=True
    )
    sys.stdout.write(f"\n{ran.stdout.splitlines()[0]}\n")
    assert ran.returncode in {0, 1}
    found = read_all(folder)
    assert found["results.csv"].count(b"\n") == 4 * DATES + 1
    return ran.returncode, found


def test_two_hundred_variants_end_and_resume_to_the_same(tmp_path, grid, whole) -> None:
    code, expected = whole
    command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--jobs", "2"]
    again = [*command, "--out", str(tmp_path)]
    running = subprocess.Popen([*again, "--quiet"])
    try:
        while count_packs(tmp_path) < 2 * DATES:
            assert running.poll() is None
            time.sleep(0.05)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    assert not (tmp_path / "index.html").exists()
    resumed = subprocess.run(
        [*again, "--resume"], check=False, stdout=subprocess.PIPE, text=True
    )
    assert resumed.returncode == code
    assert " 0 kept" not in resumed.stdout
    assert read_all(tmp_path) == expected


def test_a_cluster_whose_worker_is_killed_plans_the_same(tmp_path, grid, whole) -> None:
    distributed = importlib.import_module("distributed")
    code, expected = whole
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as local:
        where = local.scheduler_address
        with open_cluster(where, tmp_path, [grid]) as cluster:
            victim = cluster.submit(os.getpid).result(timeout=120)

        def kill() -> None:
            while count_packs(tmp_path) < 2 * DATES:
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--quiet"]
        ran = subprocess.run(
            [*command, "--cluster", where, "--out", str(tmp_path)], check=False
        )
        killer.join(timeout=30)
        assert not killer.is_alive()
    assert ran.returncode == code
    assert read_all(tmp_path) == expected
