"""A plugin of pytest that changes one module as it is imported."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from mutants import CLONE

CHANGE = json.loads(Path(os.environ["MUTATION_CHANGE"]).read_text("utf-8"))
NAME = CHANGE["path"].removeprefix("src/").removesuffix(".py").replace("/", ".")


class ChangedLoader(SourceFileLoader):
    """Loads the changed text and keeps none of it on disk."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - as it is called
        """Return the code of the changed text."""
        file = str(CLONE / CHANGE["path"])
        return compile(CHANGE["text"], file, "exec", dont_inherit=True)


class ChangedFinder:
    """Finds the changed module before the one on disk is found."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module comes from, or None for all others."""
        if name != NAME.removesuffix(".__init__"):
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is not None and found.origin is not None:
            found.loader = ChangedLoader(name, found.origin)
        return found


sys.meta_path.insert(0, ChangedFinder())
