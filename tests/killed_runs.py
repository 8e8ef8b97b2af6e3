"""Runs that are killed at random moments, many times, and what they leave behind.

A process of its own: it loads everything once, then forks what it kills. Prints what it
saw as JSON. ``killed_runs.py write FOLDER KILLS`` kills one that writes packs over each
other; ``killed_runs.py batch FOLDER KILLS VARIANTS`` one that plans a batch with
``--resume``, over and over, until it completes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from patrolplan.batch_entries import BatchOptions, plan_entry
from patrolplan.grid import read_grid
from patrolplan.planfile import read_plan
from patrolplan.products.pack import MANIFEST_FORMAT, write_pack
from patrolplan.products.wholeness import is_whole
from sample_plan import build_plan
from small_scenarios import write_small

SEED = 7191


def kill_after(seconds: float, work) -> bool:
    """Do a piece of work in a fork and kill it; return whether it had ended before."""
    child = os.fork()
    if not child:
        # Nothing of the parent's must be done twice, come what may.
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert status == 0, "it failed before it was killed"
            return True
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


MOST_CHANGES = 60
"""More than one pack takes."""
CHANGES = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}


def is_change(event: str, told: tuple) -> bool:
    """Return whether an event of Python's audit changes the disk."""
    # Of an opened file the third is how: reading changes nothing.
    return event in CHANGES and (
        event != "open" or bool(told[2] & (os.O_WRONLY | os.O_RDWR))
    )


def count_changes(work) -> int:
    """Do work, and return how many changes to the disk it took."""
    seen, counts = 0, True

    def note(event: str, told: tuple) -> None:
        nonlocal seen
        seen += counts and is_change(event, told)

    # A hook can't be taken off again.
    sys.addaudithook(note)
    work()
    counts = False
    return seen


def kill_at(change: int, work) -> bool:
    """Do work in a fork that is killed at one of its changes to the disk.

    Returns whether it had ended before.
    """
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), "it failed before it was killed"
        return status == 0
    seen = 0

    def strike(event: str, told: tuple) -> None:
        nonlocal seen
        if not is_change(event, told):
            return
        seen += 1
        if seen == change:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(strike)
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


def list_half_written(folder: Path) -> list[str]:
    """Return files that stand under their own name and are not whole."""
    found = []
    for path in folder.rglob("*"):
        if path.is_dir() or path.name.endswith(".part"):
            continue
        if any(part.endswith(".part") for part in path.relative_to(folder).parts):
            continue
        data = path.read_bytes()
        if not data.endswith(b"\n") and path.suffix in (".json", ".csv"):
            found.append(path.name)
    return found


def kill_writer(folder: Path, kills: int) -> dict[str, int]:
    draw = random.Random(SEED)
    plans = [build_plan(count=1), build_plan(count=2)]
    pack = folder / "pack"

    def write_both() -> None:
        for turn in range(1_000):
            write_pack(plans[turn % 2], None, pack, kind="plan")

    seen = {"whole": 0, "torn": 0, "taken_for_whole": 0, "half_written": 0}
    for _ in range(kills):
        assert not kill_at(draw.randrange(1, MOST_CHANGES), write_both)
        seen["half_written"] += len(list_half_written(folder))
        if is_whole(pack):
            seen["whole"] += 1
            # Of one plan or the other, and never of both.
            read = read_plan(pack / "plan.json")
            assert len(read.patrols) in {len(plan.patrols) for plan in plans}
        else:
            seen["torn"] += 1
            seen["taken_for_whole"] += (pack / "manifest.json").exists()
    write_pack(plans[0], None, pack, kind="plan")
    left = [path.name for path in pack.rglob("*") if path.name.endswith(".part")]
    return seen | {"whole_at_last": int(is_whole(pack)), "left": len(left)}


GRID = """format = "patrolplan-grid/1"
scenario = {base}
iterations = 0

[grid.day]
{days}
"""


def kill_batch(folder: Path, kills: int, count: int) -> dict[str, int]:
    draw = random.Random(SEED)
    days = "\n".join(
        f"d{n} = {{ start = 2014-{1 + n // 28:02}-{1 + n % 28:02} }}"
        for n in range(count)
    )
    grid = folder / "grid.toml"
    # Planned in a second, so that many a kill falls into the writing.
    base = json.dumps(write_small(folder, "small").name)
    grid.write_text(GRID.format(base=base, days=days), encoding="utf-8")
    variants = read_grid(grid)
    out = folder / "out"
    out.mkdir(exist_ok=True)
    options = BatchOptions(kind="plan", resume=True)
    counts = ("kills", "drafts", "whole", "taken_for_whole", "failed", "kept")
    seen = dict.fromkeys(counts, 0)

    def plan_all() -> None:
        for variant in variants:
            entry = plan_entry(variant, out, options)
            assert not entry.row.faults, entry.row.faults

    # Once to the end of one, so that what is loaded late is loaded.
    plan_entry(variants[0], folder / "first", options)
    began = time.monotonic()
    changes = count_changes(lambda: plan_entry(variants[0], folder / "second", options))
    one_s = time.monotonic() - began
    assert plan_entry(variants[0], folder / "second", options).is_kept
    keep_s = time.monotonic() - began - one_s
    known: dict[str, str] = {}
    for _ in range(kills):
        # Somewhere in the next one or two that are not planned yet, behind those that
        # are kept. Writing is a small part of it: every other kill falls there.
        if draw.randrange(2):
            ended = kill_at(draw.randint(1, changes), plan_all)
        else:
            moment = len(known) * keep_s + draw.uniform(0.05, 1.2) * one_s
            ended = kill_after(moment, plan_all)
        seen["kills"] += not ended
        seen["drafts"] += any(pack.name.startswith(".") for pack in out.iterdir())
        for pack in out.iterdir():
            if pack.name.startswith("."):
                continue
            manifest = pack / "manifest.json"
            if is_whole(pack):
                told = manifest.read_text(encoding="utf-8")
                if known.get(pack.name) != told:
                    assert json.loads(told)["format"] == MANIFEST_FORMAT
                    read_plan(pack / "plan.json")
                    known[pack.name] = told
            else:
                seen["taken_for_whole"] += manifest.exists()
    entries = [plan_entry(variant, out, options) for variant in variants]
    seen["failed"] = sum(bool(entry.row.faults) for entry in entries)
    seen["kept"] = sum(entry.is_kept for entry in entries)
    seen["whole"] = sum(is_whole(pack) for pack in out.iterdir())
    return seen


if __name__ == "__main__":
    what, place, *numbers = sys.argv[1:]
    run = {"write": kill_writer, "batch": kill_batch}[what]
    sys.stdout.write(json.dumps(run(Path(place), *map(int, numbers))))
