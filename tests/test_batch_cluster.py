"""A batch on a Dask cluster: a scheduler and two workers of this machine alone."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import patrolplan.cluster
from patrolplan.batch_entries import BatchOptions
from patrolplan.batch_pool import plan_batch, read_batch
from patrolplan.cli import main
from patrolplan.cli.program import BROKEN, WRONG_INPUT
from patrolplan.cluster import (
    Baseline,
    WorkerLostError,
    find_differences,
    measure_software,
    open_cluster,
    run_there,
)
from patrolplan.errors import ClusterError
from patrolplan.shipped import find_shipped
from small_scenarios import WHOLE, read_all

pytest.importorskip("distributed")

HERE = ["--host", "127.0.0.1", "--no-dashboard"]


def start(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *command, *HERE],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """The address of a scheduler without workers."""
    folder = tmp_path_factory.mktemp("scheduler")
    file = folder / "scheduler.json"
    scheduler = start(
        folder,
        "distributed.cli.dask_scheduler",
        *("--port", "0", "--scheduler-file", str(file)),
    )
    try:
        deadline = time.monotonic() + 60
        while not file.is_file() or not file.read_text("utf-8").endswith("}"):
            assert scheduler.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield json.loads(file.read_text("utf-8"))["address"]
    finally:
        end(scheduler)


@pytest.fixture(scope="module")
def workers(address, tmp_path_factory) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers, of one thread each, that nobody starts again."""
    folder = tmp_path_factory.mktemp("workers")
    command = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    started = [start(folder, *command) for _ in range(2)]
    try:
        yield started
    finally:
        for worker in started:
            end(worker)


def test_what_is_wrong_with_an_address_is_said(
    monkeypatch, capsys, grid, tmp_path, address
) -> None:
    monkeypatch.setattr(patrolplan.cluster, "_ANSWER_S", 0.3)
    monkeypatch.setattr(patrolplan.cluster, "_START_S", 0.3)

    def ask(where: str) -> str:
        argv = ["batch", str(grid), "--out", str(tmp_path), "--cluster", where]
        assert main(argv) == WRONG_INPUT
        assert list(tmp_path.iterdir()) == []
        return capsys.readouterr().err

    assert "--cluster: tcp://127.0.0.1:1: no answer" in ask("tcp://127.0.0.1:1")
    assert "`dask scheduler`" in ask("nonsense://a:b:c")
    told = ask(address)
    assert "a scheduler without workers" in told
    assert f"dask worker {address} --nthreads 1" in told

    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert "pip install 'patrolplan[cluster]'" in ask("tcp://127.0.0.1:1")


def test_workers_must_have_the_same_software_and_files(
    monkeypatch, grid, tmp_path, workers, address
) -> None:
    own = dict(measure_software())
    monkeypatch.setattr(
        patrolplan.cluster, "measure_software", lambda: own | {"patrolplan": "99.0"}
    )
    with pytest.raises(ClusterError) as caught, open_cluster(address, tmp_path, [grid]):
        pass
    assert "99.0, as here" in str(caught.value.faults[0])
    assert all(fault.where.startswith("worker tcp") for fault in caught.value.faults)
    monkeypatch.undo()
    monkeypatch.setattr(patrolplan.cluster, "hash_file", lambda _: "another")
    with pytest.raises(ClusterError) as caught, open_cluster(address, tmp_path, [grid]):
        pass
    assert "another file" in str(caught.value.faults[0])
    assert "must see the scenarios, layers and --out" in str(caught.value.faults[0])
    # The canary is gone, and no worker left anything beside it.
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_differs_plans_nothing(tmp_path) -> None:
    software = tuple(measure_software().items())
    missing, canary = tmp_path / "missing.toml", tmp_path / "nowhere" / "canary"
    ground = Baseline(software, ((f"{missing}", "0"),), f"{canary}")
    found = [difference[0] for difference in find_differences(ground)]
    assert found == ["no file missing.toml", "a folder of packs that it cannot write"]
    with pytest.raises(WorkerLostError, match="other files"):
        run_there(ground, pytest.fail, "it was called")
    names = dict(software)
    assert {"Python", "patrolplan", "source of patrolplan", "highspy"} <= set(names)


def test_a_worker_killed_in_the_middle_loses_nothing(
    planned_grid, grid, tmp_path, workers, address
) -> None:
    def kill() -> None:
        while not any((tmp_path / name).is_dir() for name in WHOLE):
            time.sleep(0.02)
        workers[0].send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    argv = ["batch", str(grid), "--cluster", address, "--out", str(tmp_path)]
    assert main([*argv, "--quiet"]) == BROKEN
    killer.join(timeout=30)
    assert workers[0].wait(timeout=30)
    assert workers[1].poll() is None
    assert read_all(tmp_path) == read_all(planned_grid)


@pytest.mark.soak
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_twelve_variants_with_a_culprit_and_a_killed_worker(tmp_path) -> None:
    distributed = importlib.import_module("distributed")
    grid = find_shipped() / "scenarios" / "season-grid.toml"
    alone, out = tmp_path / "alone", tmp_path / "out"
    argv = ["batch", str(grid), "--iterations", "200", "--quiet"]
    code = main([*argv, "--jobs", "1", "--out", str(alone)])
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as local:
        where = local.scheduler_address
        # Whoever plans it ends, again and again: it is given up, nobody else is.
        with open_cluster(where, tmp_path, [grid]) as cluster:
            with pytest.raises(WorkerLostError, match="one worker after another"):
                cluster.submit(os._exit, 9).result(timeout=120)
            assert cluster.submit(os.getpid).result(timeout=120) != os.getpid()
            victim = cluster.submit(os.getpid).result(timeout=120)

        def kill() -> None:
            while len(list(out.glob("*/manifest.json"))) < 4:
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        assert main([*argv, "--cluster", where, "--out", str(out)]) == code
        killer.join(timeout=30)
        assert not killer.is_alive()
    assert read_all(out) == read_all(alone)


def test_without_any_worker_every_scenario_is_listed(
    grid, tmp_path, workers, address
) -> None:
    variants = [v for v in read_batch([grid]) if v.name in WHOLE]
    with open_cluster(address, tmp_path, [grid], patience_s=1.0) as cluster:
        for worker in workers:
            end(worker)
        found = plan_batch(variants, tmp_path, options=BatchOptions(), executor=cluster)
        faults = [entry.row.faults for _, entry in found]
    assert len(faults) == len(WHOLE)
    assert all("no worker any more" in fault for (fault,) in faults)
    assert read_all(tmp_path) == {}
