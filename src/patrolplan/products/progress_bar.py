"""A bar that says how far planning is: in a notebook, on a terminal, else silent."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Protocol

from patrolplan.products.markup import render_printed

__all__ = ["ProgressBar"]


class _HasShare(Protocol):
    """How far something is: the share done, 0 to 1, need met so far, and the gap."""

    @property
    def share(self) -> float: ...
    @property
    def need(self) -> float: ...
    @property
    def gap(self) -> float: ...


class ProgressBar:
    """What to hand to ``on_progress``: one bar, and the need and gap beside it.

    In a notebook the bar stands once below its cell, drawn anew and never repeated, so
    that a notebook which is kept holds one bar and no rubbish. On a terminal it goes
    when it is full. Elsewhere, such as in a log, nothing is written. It tells of no
    clock time, so that a notebook run twice is the same.

    Parameters
    ----------
    label
        What is on its way.

    Examples
    --------
    >>> import patrolplan as pp
    >>> pp.plan_patrols(file, on_progress=pp.ProgressBar())  # doctest: +SKIP
    """

    def __init__(self, label: str = "planning") -> None:
        self._label = label
        self._handle: Any = None
        self._bar: Any = None

    def __call__(self, progress: _HasShare) -> None:
        """Show how far it is.

        Parameters
        ----------
        progress
            What a solver tells.
        """
        if _is_notebook():
            self._show_in_notebook(progress)
        elif sys.stderr.isatty():
            self._show_on_terminal(progress)

    def _show_in_notebook(self, progress: _HasShare) -> None:
        # IPython is asked for by name: it types nothing.
        display_module: Any = importlib.import_module("IPython.display")
        page = display_module.HTML(render_bar(self._label, progress))
        if self._handle is None:
            self._handle = display_module.display(page, display_id=True)
        else:
            self._handle.update(page)

    def _show_on_terminal(self, progress: _HasShare) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.percentage:.0f}%"),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.add_task(self._label, total=1.0)
            self._bar.start()
        told = f"{self._label}, need met {progress.need:,.0f}, gap {progress.gap:.1%}"
        self._bar.update(
            self._bar.task_ids[0], completed=progress.share, description=told
        )
        if progress.share >= 1.0:
            self._bar.stop()
            self._bar = None


def render_bar(label: str, progress: _HasShare) -> str:
    """Return the bar as a part of a page, escaped, without script.

    Parameters
    ----------
    label
        What is on its way.
    progress
        How far it is.
    """
    share = min(1.0, max(0.0, progress.share))
    return render_printed(
        "progress_bar.html",
        "en",
        label=label,
        percent=round(100 * share),
        need=progress.need,
        gap_percent=100 * progress.gap,
    )


def _is_notebook() -> bool:
    """Say whether a kernel of Jupyter runs this; IPython itself is not needed."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    # A terminal of IPython has no kernel, and takes the terminal's bar.
    return shell is not None and hasattr(shell(), "kernel")
