"""How far a batch is, as a terminal shows it and as a file or a pipe gets it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console

from patrolplan.cli.speaking import warn
from patrolplan.plain_line import flatten_line

if TYPE_CHECKING:
    from patrolplan.batch_entries import Entry

__all__ = ["BatchProgress"]


class BatchProgress:
    """A bar with rate and time left on a terminal, a line a scenario elsewhere.

    Parameters
    ----------
    count
        How many scenarios there are.
    quiet
        Whether nothing is shown.
    console
        Where to; None is standard error.
    """

    def __init__(
        self, count: int, *, quiet: bool, console: Console | None = None
    ) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
        )

        # Rich takes a pipe for a terminal where a variable asks for colours.
        is_terminal = console.is_terminal if console else sys.stderr.isatty()
        self._is_bar = is_terminal and not quiet
        self._says_lines = not self._is_bar and not quiet
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            SpinnerColumn(),
            console=console or Console(stderr=True),
            transient=True,
            disable=not self._is_bar,
        )
        self.count, self.ended, self._kept, self._failed = count, 0, 0, 0
        self._task = self._bar.add_task("batch", total=count, rate="")

    def __enter__(self) -> BatchProgress:
        self._began_s = time.monotonic()
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
        self._took_s = time.monotonic() - self._began_s

    def show(self, entry: Entry) -> None:
        """Count a scenario that ended.

        Parameters
        ----------
        entry
            What became of it.
        """
        row = entry.row
        self.ended += 1
        self._kept += entry.is_kept
        self._failed += row.folder is None
        # What was there already says nothing of the time that others will take.
        per_s = (self.ended - self._kept) / max(time.monotonic() - self._began_s, 1e-9)
        left = ""
        if per_s:
            left = f", {_tell_span((self.count - self.ended) / per_s)} left"
        self._bar.update(
            self._task,
            advance=1,
            description=flatten_line(row.name),
            rate=f"{60 * per_s:.1f}/min{left}",
        )
        if self._says_lines:
            word = "kept" if entry.is_kept else "planned"
            word = word if row.folder is not None else "failed"
            warn(f"{self.ended}/{self.count} {row.name}: {word}")

    def tell(self, jobs: int) -> str:
        """Return how many were planned, and how quick.

        Parameters
        ----------
        jobs
            Processes that planned them.
        """
        planned = self.ended - self._kept - self._failed
        rate = 60 * planned / max(self._took_s, 1e-9)
        return (
            f"{planned} planned, {self._kept} kept, {self._failed} failed in "
            f"{self._took_s:.0f} s: {rate:.1f} a minute, {rate / jobs:.1f} a minute "
            f"and process"
        )


def _tell_span(span_s: float) -> str:
    """Return a span of time to the second, or to the minute where that is enough."""
    minutes, seconds = divmod(round(span_s), 60)
    return f"{minutes} min" if minutes > 9 else f"{minutes}:{seconds:02}"
