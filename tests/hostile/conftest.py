"""A port that nobody may call, and a file that nobody may open."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


class Sink:
    """Listens on the loopback interface and counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self.server.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()

    def close(self) -> None:
        # A thread that waits for a caller is woken by one: a last call of our own.
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(timeout=5)


class Canary:
    """A file of secrets that tells whether any process or library opened it."""

    secret = "canary-7191"

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text(f"id,name,lon,lat\n{self.secret},x,0,16\n", encoding="utf-8")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._watch >= 0
        opened, accessed = 0x20, 0x1
        assert (
            self._libc.inotify_add_watch(
                self._watch, os.fsencode(path), opened | accessed
            )
            >= 0
        )

    def was_opened(self) -> bool:
        try:
            return bool(os.read(self._watch, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._watch)


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def canary(tmp_path) -> Iterator[Canary]:
    if sys.platform != "linux":
        pytest.skip("only Linux tells who opens a file")
    canary = Canary(tmp_path / "canary.csv")
    yield canary
    canary.close()
