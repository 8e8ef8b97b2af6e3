"""Processes of this machine that plan side by side, and end when they are let go."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["open_processes"]


@contextmanager
def open_processes(jobs: int) -> Iterator[Executor]:
    """Open processes that plan side by side.

    They end at once, whatever they are at, if the block is left by an exception or if
    the process that opened them is gone, however it went; packs are drafts until they
    are whole. Ctrl-C is for the process that opened them alone.

    Parameters
    ----------
    jobs
        How many.

    Yields
    ------
    What runs them.
    """
    # Not forked: a child must not inherit threads of the numerical libraries.
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    pool = _Processes(jobs, mp_context=context, initializer=_obey, initargs=(reader,))
    try:
        yield pool
        pool.shutdown()
    finally:
        # Who still waits for a word hears that there will be none, and ends.
        writer.close()
        pool.shutdown(cancel_futures=True)
        reader.close()


class _Processes(ProcessPoolExecutor):
    """Processes that no Ctrl-C reaches, not even while they start."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        # Processes start here, and what is held back here is held back in them.
        with _hold_interrupts():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _hold_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait until the block is left."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _obey(parent: Connection) -> None:
    """Leave Ctrl-C to the parent, and end when it lets go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        try:
            parent.recv()
        except (EOFError, OSError):
            # At once: packs are drafts until they are whole.
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
