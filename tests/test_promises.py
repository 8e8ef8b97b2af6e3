"""What SECURITY.md promises, and that each promise names tests that there are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[1]
PAGE = (CLONE / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
PROMISES = re.findall(r"^\| (?!promise|-)(.+?) \| (.+) \|$", PAGE, re.MULTILINE)
# Whatever would call a host has first to make a socket that is not of this machine.
NO_HOST = """
import socket, sys

class Silent(socket.socket):
    def connect(self, address):
        raise AssertionError(f"called {address}")
    connect_ex = sendto = connect

def ask(*_, **__):
    raise AssertionError("asked for an address")

socket.socket = Silent
socket.getaddrinfo = socket.gethostbyname = ask
from patrolplan.cli import main
sys.exit(main(sys.argv[1:]))
"""


def list_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_a_promise_names_is_there(file, name) -> None:
    assert name in list_tests(CLONE / file)


@pytest.mark.parametrize(("promise", "held_by"), PROMISES)
def test_each_promise_names_a_test(promise, held_by) -> None:
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", held_by), promise


def test_the_promises_are_read_from_the_page() -> None:
    assert len(PROMISES) > 10
    assert len(NAMED) > len(PROMISES)


def test_whoever_called_a_host_would_be_told() -> None:
    guard = NO_HOST.partition("from patrolplan")[0]
    for call in (
        "socket.create_connection(('localhost', 9))",
        "socket.socket().connect(('127.0.0.1', 9))",
    ):
        done = subprocess.run(
            [sys.executable, "-c", guard + call],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "AssertionError" in done.stderr


def test_the_main_job_calls_no_host(tmp_path) -> None:
    for command in (
        ["plan", "--iterations", "1", "--out", "out", "--quiet"],
        ["assess", "out/north-mali/plan.json", "--quiet"],
        ["release", "out/north-mali/plan.json", "--release", "open", "--out", "open"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", NO_HOST, *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "open" / "map.html").is_file()
