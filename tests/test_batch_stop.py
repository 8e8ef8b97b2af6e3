"""A batch on a terminal: its bar, and Ctrl-C in the middle of it."""

from __future__ import annotations

import errno
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from patrolplan.batch_entries import Entry
from patrolplan.cli.batch_progress import BatchProgress
from patrolplan.products.batch_page import BatchRow
from patrolplan.products.wholeness import is_whole
from small_scenarios import WHOLE

ENDS = (
    Entry(BatchRow("kept", folder="kept"), is_kept=True),
    Entry(BatchRow("north", folder="north")),
    Entry(BatchRow("\x1b[31mred[bold]", faults=("no",))),
)


def show(console: Console | None, monkeypatch: pytest.MonkeyPatch, end_s: float) -> str:
    """Show three ends of four after 30, 60 and so many seconds; return the summary."""
    clock = iter([0.0, 30.0, 60.0, end_s, end_s])
    progress = BatchProgress(4, quiet=False, console=console)
    monkeypatch.setattr("patrolplan.cli.batch_progress.time.monotonic", clock.__next__)
    with progress:
        for entry in ENDS:
            progress.show(entry)
    return progress.tell(2)


def test_a_terminal_has_a_bar_with_rate_and_time_left(monkeypatch, capsys) -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, color_system=None)
    told = show(console, monkeypatch, 120.0)
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", file.getvalue())
    # Two of three took the two minutes, the third had been there: one a minute, and
    # one more to go.
    assert "3/4" in shown
    assert "1.0/min, 1:00 left" in shown
    assert "\x1b[31mred" not in file.getvalue()
    assert "red[bold]" in shown
    assert told.startswith("1 planned, 1 kept, 1 failed in 120 s: 0.5 a minute")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("forced", ["", "1"])
def test_elsewhere_there_are_plain_lines(monkeypatch, capsys, forced) -> None:
    # Where a log asks for colours it is still no terminal.
    monkeypatch.setenv("FORCE_COLOR", forced)
    show(None, monkeypatch, 90.0)
    assert capsys.readouterr().err.splitlines() == [
        "1/4 kept: kept",
        "2/4 north: planned",
        "3/4  [31mred[bold]: failed",
    ]


def read_terminal(main: int) -> bytes:
    """Return what a program printed; nothing once it has closed its terminal."""
    try:
        return os.read(main, 4096)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""


def is_anyone_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def take_terminal() -> None:
    """Become whoever Ctrl-C on this terminal is for; what runs these may ignore it."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_ctrl_c_leaves_whole_packs_only_and_says_how_to_go_on(grid, tmp_path) -> None:
    import pty

    main, terminal = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "patrolplan", "batch", str(grid), "--out", "out"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=tmp_path,
        start_new_session=True,
        preexec_fn=take_terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    printed, is_sent = b"", False
    try:
        while chunk := read_terminal(main):
            printed += chunk
            if (
                not is_sent
                and re.search(rb"[1-5]/6[^\r]*/min", printed)
                and (any((tmp_path / "out" / name).is_dir() for name in WHOLE))
            ):
                # As the key does it: the terminal tells the whole group.
                os.write(main, b"\x03")
                is_sent = True
        assert running.wait(timeout=60) == 130
        deadline = time.monotonic() + 30
        while is_anyone_left(running.pid):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.close(main)
        if is_anyone_left(running.pid):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    done = [path for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert not any(path.name.startswith(".") for path in done)
    assert 1 <= len(done) < len(WHOLE)
    assert all(is_whole(path) for path in done)
    assert not (tmp_path / "out" / "index.html").exists()
    told = re.findall(rb"stopped: (\d) of 6 scenarios are planned", printed)
    assert told
    assert int(told[0]) <= len(done)
    assert b"--resume" in printed
    assert b"Traceback" not in printed


def test_a_search_that_is_stopped_leaves_no_pack(grid, tmp_path, monkeypatch) -> None:
    import patrolplan.planning.solver as solver
    from patrolplan.batch_entries import BatchOptions, plan_entry
    from patrolplan.grid import read_grid

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(solver.Search, "run", stop)
    variant = next(v for v in read_grid(grid) if v.name == "one-week")
    with pytest.raises(KeyboardInterrupt):
        plan_entry(variant, Path(tmp_path), BatchOptions())
    assert list(tmp_path.iterdir()) == []
