"""A batch: killed and resumed, with a broken scenario, kept only where it is whole."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from patrolplan.batch_entries import BatchOptions, plan_entry
from patrolplan.batch_pool import plan_batch, read_batch
from patrolplan.cli import main
from patrolplan.cli.program import BROKEN, WRONG_INPUT
from patrolplan.grid import Variant, read_grid
from patrolplan.products.batch_page import BatchRow, render_batch, tabulate_batch
from patrolplan.products.tables import format_csv
from patrolplan.products.wholeness import is_whole
from patrolplan.shipped import find_shipped
from small_scenarios import WHOLE, read_all


def test_a_broken_scenario_fails_alone_with_its_reason(planned_grid) -> None:
    folders = {path.name for path in planned_grid.iterdir() if path.is_dir()}
    assert folders == WHOLE
    assert all(is_whole(planned_grid / name) for name in WHOLE)
    page = (planned_grid / "index.html").read_text("utf-8")
    assert "2 scenarios failed" in page
    assert "horizon&#95;days" in page
    with (planned_grid / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["result"] for row in rows] == ["planned", "failed", "planned"] * 2
    assert [row["axis_days"] for row in rows[:3]] == ["week", "never", "fortnight"]
    assert "horizon_days" in rows[1]["faults"]
    assert float(rows[0]["need_met"]) > float(rows[3]["need_met"]) > 0


def test_the_index_bears_no_clock_rate_or_path(planned_grid) -> None:
    page = (planned_grid / "index.html").read_text("utf-8")
    shown = re.sub(r"<(style|script|svg).*?</\1>", "", page, flags=re.DOTALL)
    for text in (shown, (planned_grid / "results.csv").read_text("utf-8")):
        assert not re.search(r"\b\d\d:\d\d\b|a minute|/min\b", text)
        assert str(planned_grid) not in text
        assert str(find_shipped()) not in text
        assert str(Path.home()) not in text


def start(grid: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--jobs", "2"]
    return subprocess.Popen(
        [*command, "--out", str(out), "--quiet"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_killed_in_the_middle_and_resumed_it_is_the_same(
    planned_grid, grid, tmp_path
) -> None:
    running = start(grid, tmp_path)
    try:
        # The middle: one is done, another is at work.
        deadline = time.monotonic() + 120
        while not any((tmp_path / name / "manifest.json").is_file() for name in WHOLE):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    done = [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert 1 <= len(done) < len(WHOLE)
    assert all(is_whole(path) for path in done)
    assert not (tmp_path / "index.html").exists()
    before = {path.name: (path / "plan.json").stat().st_mtime_ns for path in done}
    half = tmp_path / ".one-fortnight.part"
    half.mkdir(exist_ok=True)
    (half / "plan.json").write_text("{", encoding="utf-8")

    argv = ["batch", str(grid), "--jobs", "1", "--resume", "--out", str(tmp_path)]
    assert main(argv) == BROKEN

    assert read_all(tmp_path) == read_all(planned_grid)
    after = {
        name: (tmp_path / name / "plan.json").stat().st_mtime_ns for name in before
    }
    assert after == before


def test_only_what_is_whole_and_as_asked_is_kept(planned_grid, grid, tmp_path) -> None:
    variant = next(v for v in read_grid(grid) if v.name == "one-week")
    resume = BatchOptions(resume=True)
    assert not plan_entry(variant, tmp_path, resume).is_kept
    assert plan_entry(variant, tmp_path, resume).is_kept
    folder = tmp_path / "one-week"

    # A byte that changed, a manifest that went, another question: none is kept.
    page = folder / "map.html"
    page.write_bytes(page.read_bytes().replace(b"patrol", b"parrot", 1))
    assert not is_whole(folder)
    other = BatchOptions(resume=True, closed=("anefis-kidal",))
    assert not plan_entry(variant, tmp_path, other).is_kept
    (folder / "manifest.json").unlink()
    assert not is_whole(folder)
    assert not plan_entry(variant, tmp_path, resume).is_kept
    assert read_all(folder) == read_all(planned_grid / "one-week")


def test_files_of_ones_own_are_never_removed(grid, tmp_path) -> None:
    variant = next(v for v in read_grid(grid) if v.name == "one-week")
    notes = tmp_path / "one-week" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("mine", encoding="utf-8")
    entry = plan_entry(variant, tmp_path, BatchOptions())
    assert entry.row.folder is None
    assert "notes.txt" in entry.row.faults[0]
    assert read_all(tmp_path) == {"one-week/notes.txt": b"mine"}


def test_a_cluster_is_another_executor(planned_grid, grid, tmp_path) -> None:
    variants = read_batch([grid])
    with ThreadPoolExecutor(1) as executor:
        found = plan_batch(
            [v for v in variants if v.name in {"one-week", "one-never"}],
            tmp_path,
            options=BatchOptions(),
            executor=executor,
        )
        rows = [entry.row for _, entry in sorted(found, key=lambda item: item[0])]
    assert [row.folder for row in rows] == ["one-week", None]
    assert read_all(tmp_path / "one-week") == read_all(planned_grid / "one-week")


def test_scenarios_that_share_a_name_and_grids_that_are_wrong(tmp_path, capsys) -> None:
    scenarios = find_shipped() / "scenarios"
    main_scenario = scenarios / "north-mali.toml"
    first, twin, missing = read_batch(
        [
            main_scenario,
            scenarios / ".." / "scenarios" / "north-mali.toml",
            tmp_path / "missing.toml",
        ]
    )
    assert first.scenario is not None
    assert "taken" in str(twin.faults[0])
    assert "missing.toml" in str(missing.faults[0])
    bad = tmp_path / "bad.toml"
    bad.write_text('format = "patrolplan-grid/2"', encoding="utf-8")
    assert main(["batch", str(bad), "--out", str(tmp_path / "out")]) == WRONG_INPUT
    assert "bad.toml: format" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_hostile_text_is_text() -> None:
    name = "<script>alert(1)</script>{{7*191}}"
    rows = [BatchRow(name, ((name, "=1+1"),), faults=(name,)), BatchRow("=cmd|x")]
    page = render_batch(rows)
    assert "<script>alert" not in page
    assert "1337" not in page
    table = format_csv(tabulate_batch(rows))
    assert "\n'=cmd|x," in table
    assert ",'=1+1," in table


def die(*_: object) -> None:
    os._exit(9)


def test_a_process_that_dies_is_listed_and_the_others_are_planned(
    grid, tmp_path
) -> None:
    class Deadly(tuple):
        """What ends the process that unpacks it."""

        __slots__ = ()

        def __reduce__(self) -> object:
            return die, ()

    variants = [v for v in read_batch([grid]) if v.name in {"one-week", "one-never"}]
    deadly = Variant("deadly", Deadly())
    found = dict(
        plan_batch([*variants, deadly], tmp_path, options=BatchOptions(), jobs=2)
    )
    assert [found[place].row.folder for place in range(3)] == ["one-week", None, None]
    assert "BrokenProcessPool" in found[2].row.faults[0]
