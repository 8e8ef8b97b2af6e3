"""Disks that fill up, runs that are killed, two at once, clocks, zones, names."""

from __future__ import annotations

import errno
import json
import locale
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import patrolplan
from patrolplan.cli import main
from patrolplan.errors import InputError
from patrolplan.grid import read_grid
from patrolplan.planfile import format_plan
from patrolplan.products import files
from patrolplan.products.exports.formats import render_exports
from patrolplan.products.files import (
    PackError,
    hold_folder,
    hold_inside,
    slug_name,
    write_folder,
    write_whole,
)
from patrolplan.products.pack import write_pack
from patrolplan.products.tables import format_csv, restore_text
from patrolplan.products.wholeness import clear_draft, find_draft_folder, is_whole
from sample_plan import build_plan
from whole_files import GRID

TESTS = Path(__file__).resolve().parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def run_python(
    *arguments: str, timeout: float = 600, **options
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(TESTS)} | options.pop("env", {})
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
        **options,
    )


# A disk that is full


class FullDisk:
    """Lets so many files be written, half of the next, and no more."""

    def __init__(self, whole: int, code: int) -> None:
        self.left, self.code = whole, code
        self.open = os.fdopen

    def __call__(self, *arguments, **options):
        file = self.open(*arguments, **options)
        if self.left > 0:
            self.left -= 1
            return file
        return HalfFile(file, self.code)


class HalfFile:
    def __init__(self, file, code: int) -> None:
        self.file, self.code = file, code

    def __enter__(self):
        return self

    def __exit__(self, *told) -> None:
        self.file.close()

    def write(self, data: bytes) -> None:
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        raise OSError(self.code, os.strerror(self.code))


def list_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_fills_up_at_any_file_leaves_none_half_written(
    tmp_path, monkeypatch, code
) -> None:
    plan = build_plan(count=1)
    write_pack(plan, None, tmp_path / "whole", kind="plan")
    whole = list_files(tmp_path / "whole")
    assert len(whole) > 4
    for written in range(len(whole)):
        folder = tmp_path / str(written)
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "fdopen", FullDisk(written, code))
            with pytest.raises(OSError, match=re.escape(os.strerror(code))):
                write_pack(plan, None, folder, kind="plan")
        left = list_files(folder)
        assert len(left) == written
        assert left.items() <= whole.items()
        assert not is_whole(folder)
        # With room again, the same call makes it whole.
        write_pack(plan, None, folder, kind="plan")
        assert list_files(folder) == whole


def test_what_stood_before_stands_after_a_disk_is_full(tmp_path, monkeypatch) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "before")
    monkeypatch.setattr(files.os, "fdopen", FullDisk(0, errno.ENOSPC))
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "after, and longer")
    assert list_files(tmp_path) == {"a.txt": b"before"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "plan.json"
    path.write_text(format_plan(build_plan(count=1)), encoding="utf-8")
    return path


@posix
def test_a_limit_of_the_system_on_files_is_told_in_a_line(saved, tmp_path) -> None:
    """A real one: no file of this process may be larger than 1 kB."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    out = tmp_path / "out"
    program = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    program += "from patrolplan.cli import main; import sys; sys.exit(main())"
    command = ("export", str(saved), "--format", "geojson", "--out", str(out))
    run = run_python("-c", program, *command, preexec_fn=limit)
    assert run.returncode == 1, run.stderr
    assert "File too large" in run.stderr
    assert "Traceback" not in run.stderr
    assert list_files(out) == {}


@posix
@pytest.mark.parametrize("place", ["/proc/patrolplan", "/dev/null/out", "/sys/out"])
def test_a_place_that_cannot_be_written_is_told_in_a_line(place, saved, capsys) -> None:
    command = ["export", str(saved), "--format", "geojson", "--out", place]
    assert main(command) == 1
    told = capsys.readouterr().err
    assert place.rpartition("/")[0] in told
    assert "Traceback" not in told


# Killed


@posix
def test_a_writer_killed_at_random_moments_leaves_nothing_half_written(
    tmp_path,
) -> None:
    run = run_python(str(TESTS / "killed_runs.py"), "write", str(tmp_path), "60")
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    # Else no kill fell into the writing, and nothing was tested.
    assert seen["torn"] > 5, seen
    assert seen["half_written"] == 0, seen
    assert seen["taken_for_whole"] == 0, seen
    assert (seen["whole_at_last"], seen["left"]) == (1, 0), seen


def check_batch(folder: Path, kills: int, count: int) -> dict[str, int]:
    program = str(TESTS / "killed_runs.py")
    command = (program, "batch", str(folder), str(kills), str(count))
    # Only a hang is cut off: how long so many plans take is the machine's affair.
    run = run_python(*command, timeout=600 + 60 * (kills + count))
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    sys.stdout.write(f"\n{seen}\n")
    assert seen["kills"] > 0, seen
    assert seen["taken_for_whole"] == 0, seen
    assert (seen["failed"], seen["whole"]) == (0, count), seen
    return seen


@posix
def test_a_small_batch_killed_at_random_moments_completes(tmp_path) -> None:
    check_batch(tmp_path, kills=3, count=2)


@posix
@pytest.mark.soak
def test_a_batch_of_50_killed_at_100_random_moments_completes(tmp_path) -> None:
    seen = check_batch(tmp_path, kills=100, count=50)
    # Else few kills fell into planning, or none into the writing.
    assert seen["kills"] == 100, seen
    assert seen["drafts"] > 5, seen


# Two at once


@posix
def test_two_runs_never_write_into_one_folder_at_once(tmp_path) -> None:
    plan = build_plan(count=1)
    folder = tmp_path / "pack"
    write_pack(plan, None, folder, kind="plan")
    before = list_files(folder)
    with hold_folder(folder):
        for write in (
            lambda: write_pack(plan, None, folder, kind="plan"),
            lambda: write_folder(folder, {"brief.en.html": "x"}),
        ):
            with pytest.raises(PackError, match="another run is writing into it"):
                write()
    assert list_files(folder) == before
    write_pack(plan, None, folder, kind="plan")
    draft = find_draft_folder(tmp_path / "other")
    draft.mkdir()
    with (
        hold_folder(draft),
        pytest.raises(PackError, match="another run is writing into it"),
    ):
        clear_draft(tmp_path / "other")
    assert draft.is_dir()
    clear_draft(tmp_path / "other")
    assert not draft.exists()


@posix
def test_the_lock_of_a_run_that_was_killed_is_gone(tmp_path) -> None:
    program = (
        "import fcntl, os, sys, time\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)\n"
        "print('held', flush=True)\ntime.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(PackError, match="another run"), hold_folder(tmp_path):
            pass
        other.kill()
        other.wait()
    with hold_folder(tmp_path):
        pass


# Clocks, zones, languages

DIGEST = """
import hashlib, time
from sample_plan import build_plan
from patrolplan.products.exports.formats import render_exports
from patrolplan.products.tables import format_csv, tabulate_schedule
from patrolplan.planfile import format_plan
plan = build_plan(count=2)
files = render_exports(plan) | {
    "plan.json": format_plan(plan).encode(),
    "schedule.csv": format_csv(tabulate_schedule(plan)).encode(),
}
print({name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())})
"""
COMMAS = [
    name
    for name in ("fr_FR.UTF-8", "fr_FR.utf8", "de_DE.UTF-8", "de_DE.utf8")
    if locale.normalize(name)
]
# The sample plan of the tests sums sets up, and their order hangs on this.
SAME = {"PYTHONHASHSEED": "0"}
PLACES = [
    {"TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "fr_FR.UTF-8", "PYTHONUTF8": "0"},
]


def test_zone_and_language_of_the_machine_change_no_byte() -> None:
    runs = [run_python("-c", DIGEST, env=place | SAME) for place in PLACES]
    for run in runs:
        assert run.returncode == 0, run.stderr
    assert runs[0].stdout == runs[1].stdout
    assert "plan.gpkg" in runs[0].stdout


def test_a_language_with_decimal_commas_changes_no_number(tmp_path) -> None:
    """With the locale set in the process, as a program that embeds us might."""
    before = locale.setlocale(locale.LC_ALL)
    for name in COMMAS:
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        break
    else:
        pytest.skip("no language with decimal commas is installed")
    try:
        assert locale.localeconv()["decimal_point"] == ","
        changed = render_exports(build_plan(count=1))
    finally:
        locale.setlocale(locale.LC_ALL, before)
    assert changed == render_exports(build_plan(count=1))


def test_no_module_asks_the_language_of_the_machine() -> None:
    """No number, month or name of a day is written as the machine's owner has it."""
    asks = re.compile(r"\bsetlocale\b|\bgetlocale\b|:n\}|strftime\([^)]*%[aAbBcpxX]")
    sources = Path(patrolplan.__file__).parent.rglob("*.py")
    found = [path.name for path in sources if asks.search(path.read_text("utf-8"))]
    assert found == []


def test_a_clock_that_jumps_changes_no_byte(tmp_path, monkeypatch) -> None:
    import time

    plan = build_plan(count=1)
    usual = render_exports(plan)
    write_pack(plan, None, tmp_path / "usual", kind="plan")
    moments = iter([0.0, 4e9, 1e9, -1e6] * 10_000)
    monkeypatch.setattr(time, "time", lambda: next(moments))
    assert render_exports(plan) == usual
    write_pack(plan, None, tmp_path / "jumped", kind="plan")
    assert list_files(tmp_path / "jumped") == list_files(tmp_path / "usual")
    assert next(moments) is not None


# Names and places of files


@given(st.text(max_size=120))
def test_any_name_stays_a_plain_name_in_its_folder(tmp_path_factory, name) -> None:
    folder = tmp_path_factory.getbasetemp()
    slug = slug_name(name)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]*", slug)
    assert len(slug) <= 80
    assert hold_inside(folder, slug).parent == folder
    # One name, however it is composed; and no two that differ by case alone.
    assert slug_name(unicodedata.normalize("NFD", name)) == slug_name(
        unicodedata.normalize("NFC", name)
    )
    assert slug == slug.lower()


WAYS_OUT = ["..", ".", "", "a/b", "/etc/passwd", "a\\b", "a\0b", "../x", "C:\\x\\y"]


@pytest.mark.parametrize("part", WAYS_OUT)
def test_no_part_leads_out_of_a_folder(tmp_path, part) -> None:
    with pytest.raises(PackError):
        hold_inside(tmp_path, part)
    with pytest.raises((PackError, ValueError)):
        write_folder(tmp_path / "out", {f"../{part}/x": "x"})
    assert list(tmp_path.iterdir()) == []


@posix
def test_no_link_is_followed_when_writing(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "a.txt").write_text("kept")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").symlink_to(secret / "a.txt")
    (folder / "sub").symlink_to(secret)
    draft = folder / f".b.txt.{os.getpid()}.part"
    draft.symlink_to(secret / "a.txt")
    # A link in a file's place is replaced, one in a folder's is refused.
    write_folder(folder, {"a.txt": "new", "b.txt": "new"})
    with pytest.raises(PackError, match="symbolic link"):
        write_folder(folder, {"sub/a.txt": "new"})
    (tmp_path / "link").symlink_to(secret)
    with pytest.raises(PackError, match="symbolic link"):
        write_folder(tmp_path / "link", {"a.txt": "new"})
    with pytest.raises(PackError, match="symbolic link"):
        write_pack(build_plan(count=1), None, tmp_path / "link", kind="plan")
    assert list_files(secret) == {"a.txt": b"kept"}
    assert not (folder / "a.txt").is_symlink()


def test_variants_whose_names_differ_by_case_alone_are_refused(tmp_path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(GRID.replace("rains =", "Dry ="), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_grid(path)
    assert any("Dry" in str(fault) for fault in caught.value.faults)


# Cells


SIGNS = ("=", "+", "-", "@", "\t", "\r", "'=", "''@", "=cmd|'/c x'!A")
FORMULAS = st.sampled_from(SIGNS)


@given(st.lists(st.builds(str.__add__, FORMULAS | st.just(""), st.text(max_size=20))))
def test_no_cell_begins_as_a_formula_and_each_comes_back(cells) -> None:
    import csv
    import io

    import pandas as pd

    text = format_csv(pd.DataFrame({"x": pd.Series(cells, dtype=object)}))
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    if any("\r" in cell or "\0" in cell for cell in cells):
        return
    read = [row[0] if row else "" for row in rows]
    for cell, written in zip(cells, read, strict=True):
        assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert restore_text(written) == cell
