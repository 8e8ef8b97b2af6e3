"""Choose the tests that reach a change, the quick ones first."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from mutants import Mutant

# What tests share may be made again for each file of them; below this, no matter.
SOON_S = 0.05


def find_record(folder: Path, name: str) -> Path:
    """Return where it stands what the tests of a file reach."""
    return folder / f"{name.replace('/', '.')}.json"


class Choice:
    """What every test reaches and takes, as written down by ``reaching``."""

    def __init__(self, records: list[Path], most_seconds: float) -> None:
        self._most_s = most_seconds
        self.tests: dict[str, dict[str, Any]] = {}
        self._fixtures: dict[str, float] = {}
        self._by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._by_path: dict[str, set[str]] = defaultdict(set)
        for path in records:
            # None of a file of which no test passed.
            if path.exists():
                self._add(json.loads(path.read_text(encoding="utf-8")))

    def _add(self, document: dict[str, Any]) -> None:
        self.tests |= document["tests"]
        self._fixtures |= document["fixtures"]
        for test, found in document["tests"].items():
            for source in [test, *found["fixtures"]]:
                for path, lines in document["reached"][source].items():
                    self._by_path[path].add(test)
                    for line in lines:
                        self._by_line[path, line].add(test)

    def choose(self, mutant: Mutant, *, on_import: bool) -> tuple[list[str], float]:
        """Return the tests for a change in their order, and what they take in seconds.

        Parameters
        ----------
        mutant
            The change.
        on_import
            Whether it is in what runs on import: then every test that reaches the
            module may notice it, and every test at all where none does.
        """
        if on_import:
            found = self._by_path[mutant.path] or set(self.tests)
        else:
            lines = range(mutant.first_line, mutant.last_line + 1)
            found = set().union(*(self._by_line[mutant.path, line] for line in lines))
        soon = [test for test in found if self._share(test) < SOON_S]
        files: dict[str, list[str]] = defaultdict(list)
        for test in sorted(found.difference(soon)):
            files[test.partition("::")[0]].append(test)
        order = sorted(soon, key=lambda test: (self.tests[test]["seconds"], test))
        for name in sorted(files, key=lambda name: (self._sum(files[name]), name)):
            order += files[name]
        kept: list[str] = []
        for test in order:
            if self._sum([*kept, test]) <= self._most_s:
                kept.append(test)
        return kept, self._sum(kept)

    def _share(self, test: str) -> float:
        return sum(self._fixtures[key] for key in self.tests[test]["fixtures"])

    def _sum(self, tests: list[str]) -> float:
        shared = {key for test in tests for key in self.tests[test]["fixtures"]}
        own = sum(self.tests[test]["seconds"] for test in tests)
        return own + sum(self._fixtures[key] for key in shared)
