"""A plugin of pytest that writes down which lines each test reaches, and its time.

One record for each file of tests, where and of which sources ``MUTATION_REACH`` says.
What a fixture that several tests share reaches counts for all of them. What a test
starts in processes of its own is not seen.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest
from choosing import find_record
from mutants import CLONE
from readying import load_compiled

SHARED = "fixture "


class Reach:
    """Gathers lines and times while the tests run."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._watch = coverage.Coverage(
            data_file=None, config_file=False, include=told["sources"], messages=False
        )
        self._now = "outside"
        self._shared_s = 0.0
        self.tests: dict[str, dict[str, Any]] = {}
        self.fixtures: dict[str, float] = defaultdict(float)
        self.not_passed: set[str] = set()

    def pytest_runtestloop(self) -> None:
        """Begin when all is collected."""
        load_compiled()
        self._watch.start()
        self._watch.switch_context(self._now)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Iterator[None]:
        """Watch one test."""
        self._now, self._shared_s = item.nodeid, 0.0
        self._watch.switch_context(self._now)
        began = time.process_time()
        yield
        taken = time.process_time() - began - self._shared_s
        names = set(getattr(item, "fixturenames", ()))
        self.tests[item.nodeid] = {"seconds": max(taken, 0.0), "names": names}
        self._now = "outside"
        self._watch.switch_context(self._now)
        name = item.nodeid.partition("::")[0]
        if nextitem is None or nextitem.nodeid.partition("::")[0] != name:
            self._write(name)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """Watch what tests share apart."""
        if fixturedef.scope == "function":
            yield
            return
        before, shared = self._now, self._shared_s
        self._now = f"{SHARED}{fixturedef.baseid}|{fixturedef.argname}"
        self._watch.switch_context(self._now)
        began = time.process_time()
        yield
        taken = time.process_time() - began
        inside = self._shared_s - shared
        self.fixtures[self._now] += taken - inside
        self._shared_s = shared + taken
        self._now = before
        self._watch.switch_context(before)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep out what did not pass: it can find nothing."""
        if report.outcome != "passed":
            self.not_passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Say what was left out."""
        self._watch.stop()
        for test in sorted(self.not_passed):
            print(f"did not pass, left out: {test}")

    def _write(self, name: str) -> None:
        """Write down what the tests of a file reach."""
        data = self._watch.get_data()
        reached: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for measured in data.measured_files():
            path = Path(measured).relative_to(CLONE).as_posix()
            for line, contexts in data.contexts_by_lineno(measured).items():
                for context in contexts:
                    reached[context].setdefault(path, []).append(line)
        tests = [t for t in self.tests if t.partition("::")[0] == name]
        told = {t: self._tell(t) for t in sorted(tests) if t not in self.not_passed}
        used = {key for test in told.values() for key in test["fixtures"]}
        document = {
            "key": self._told["keys"][name],
            "tests": told,
            "fixtures": {key: self.fixtures[key] for key in sorted(used)},
            "reached": {key: reached[key] for key in sorted(used.union(told))},
        }
        at = find_record(Path(self._told["folder"]), name)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(json.dumps(document), encoding="utf-8")

    def _tell(self, test: str) -> dict[str, Any]:
        found = self.tests[test]
        shared = [
            key
            for key in sorted(self.fixtures)
            if key.rpartition("|")[2] in found["names"]
            and test.startswith(key.removeprefix(SHARED).rpartition("|")[0])
        ]
        return {"seconds": found["seconds"], "fixtures": shared}


def pytest_configure(config: pytest.Config) -> None:
    """Register it."""
    told = json.loads(os.environ["MUTATION_REACH"])
    config.pluginmanager.register(Reach(told), "reach")
