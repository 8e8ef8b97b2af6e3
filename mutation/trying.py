"""A plugin of pytest that tries changes, each in a fork of a process that is ready.

All tests are collected and the compiled core is loaded once. For each change the
process forks; the fork gives the changed functions their new code, runs the tests that
reach them one by one and ends at the first that fails. What runs on import alone is
changed in a new interpreter instead (``fresh``).
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from choosing import Choice
from mutants import CLONE, Mutant, name_change
from readying import load_compiled
from swapping import Functions

KILLED, SURVIVED, TIMED_OUT, UNREACHED = "killed", "survived", "timed out", "unreached"
UNNOTICED = {SURVIVED, UNREACHED}
# A change may make a test slower without an end: so many seconds of its own, and so
# many times what its tests take as they are.
LEAST_S, TIMES = 30.0, 4.0
# Of a clock on the wall, for what waits instead, or shares a busy machine.
PATIENCE = 8.0
# Beyond what the ready process holds: a change that fills the memory is found by that.
MOST_MEMORY_BYTES = 4 << 30
# A new interpreter imports everything first.
STARTING_S = 30.0


class Trial:
    """Tries changes when all tests are collected."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        records = [Path(record) for record in settings["records"]]
        self._choice = Choice(records, settings["most_seconds"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all instead of running the tests as they are."""
        items = {item.nodeid: item for item in session.items}
        load(self._settings["sources"])
        functions = Functions(self._settings["sources"])
        gc.collect()
        # What is ready stays as it is: the forks share it.
        gc.freeze()
        out = Path(self._settings["results"])
        before = [json.loads(line) for line in read_lines(out)]
        ends = {name_change(result): result["end"] for result in before}
        if self._settings["again"]:
            ends = {name: end for name, end in ends.items() if end not in UNNOTICED}
        for told in json.loads(Path(self._settings["mutants"]).read_text("utf-8")):
            if name_change(told) in ends:
                continue
            result = self._try(Mutant(**told), functions, items, session)
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
            print(result["end"], result["path"], result["line"], result["operator"])
            print(f"    {result['before']}\n    {result['after']}", flush=True)
        self._check_killers(out, items, session)
        return True

    def _try(
        self,
        mutant: Mutant,
        functions: Functions,
        items: dict[str, pytest.Item],
        session: pytest.Session,
    ) -> dict[str, Any]:
        began = time.monotonic()
        swappable = functions.can_swap(mutant)
        names, seconds = self._choice.choose(mutant, on_import=not swappable)
        names = [name for name in names if name in items]
        most_s = max(LEAST_S, TIMES * seconds)
        if not names:
            end, killer = UNREACHED, ""
        elif swappable:
            tests = [items[name] for name in names]
            end, killer = run_fork(
                session, tests, most_s, lambda: functions.swap(mutant)
            )
        else:
            end, killer = run_fresh(mutant, names, most_s + STARTING_S)
        told = mutant.tell()
        del told["text"]
        taken = time.monotonic() - began
        return told | {"end": end, "killer": killer, "tests": len(names), "s": taken}

    def _check_killers(
        self, out: Path, items: dict[str, pytest.Item], session: pytest.Session
    ) -> None:
        """Say which tests fail without any change: they prove nothing."""
        results = [json.loads(line) for line in read_lines(out)]
        for name in sorted({result["killer"] for result in results} & items.keys()):
            end, _ = run_fork(session, [items[name]], 600.0, lambda: None)
            if end != SURVIVED:
                print(f"FAILS WITHOUT A CHANGE: {name}", flush=True)


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file, none where it is not yet there."""
    return path.read_text("utf-8").splitlines() if path.exists() else []


def load(sources: list[str]) -> None:
    """Import the modules and load what is compiled."""
    for source in sources:
        name = source.removeprefix("src/").removesuffix(".py").replace("/", ".")
        importlib.import_module(name.removesuffix(".__init__"))
    load_compiled()


def run_fork(
    session: pytest.Session, tests: list[pytest.Item], most_s: float, change: Any
) -> tuple[str, str]:
    """Run tests in a changed fork of this process; return how it ends, and by which."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.setsid()
            silence(most_s)
            change()
            killer = run_tests(session, tests)
            os.write(writing, killer.encode())
            os._exit(bool(killer))
        except BaseException as error:  # noqa: BLE001
            os.write(writing, f"{type(error).__name__}: {error}".encode()[:500])
        os._exit(1)
    os.close(writing)
    code = wait_for(child, PATIENCE * most_s)
    with os.fdopen(reading, "rb") as pipe:
        killer = pipe.read().decode(errors="replace") if code is not None else ""
    if code is None or code in {-signal.SIGKILL, -signal.SIGXCPU}:
        return TIMED_OUT, ""
    return (SURVIVED, "") if code == 0 else (KILLED, killer or f"exit {code}")


def run_tests(session: pytest.Session, tests: list[pytest.Item]) -> str:
    """Run tests until one fails; return its name, or nothing."""
    for number, item in enumerate(tests):
        following = tests[number + 1] if number + 1 < len(tests) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return item.nodeid
    return ""


def wait_for(child: int, most_s: float) -> int | None:
    """Return how a child ends, or None when its time is over and it was ended."""
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.004)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def silence(most_s: float) -> None:
    """Let a fork say nothing, and take no more time and memory than is sensible."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    most_cpu_s = ceil(most_s)
    resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s, most_cpu_s))


def run_fresh(mutant: Mutant, names: list[str], most_s: float) -> tuple[str, str]:
    """Run tests in a new interpreter that imports the changed module."""
    told = Path(os.environ["MUTATION_CHANGE"])
    told.write_text(json.dumps({"path": mutant.path, "text": mutant.text}), "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "fresh", "-p", "examples", "-x"]
    command += ["-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", *names]
    process = subprocess.Popen(
        command,
        cwd=CLONE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = process.wait(PATIENCE * most_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return TIMED_OUT, ""
    return (SURVIVED, "") if code == 0 else (KILLED, "on import")


def pytest_configure(config: pytest.Config) -> None:
    """Register it."""
    settings = json.loads(os.environ["MUTATION_SETTINGS"])
    config.pluginmanager.register(Trial(settings), "trial")
