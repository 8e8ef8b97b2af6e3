"""TOML files that a planner writes: read whole, or refused with what is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from patrolplan.errors import Fault, InputError, ScenarioError
from patrolplan.plain_files import check_plain_file, is_deeper

__all__ = ["DEEPEST", "LARGEST_MB", "read_toml"]

LARGEST_MB: Final = 8
"""Of a scenario, which has no ``[safety]`` before it is read; a grid has 0.1 MB."""
DEEPEST: Final = 32
"""Tables in one another; a scenario has 5."""


def read_toml(
    path: Path,
    expected: str,
    *,
    refusal: type[InputError] = ScenarioError,
    content: bytes | None = None,
) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file, UTF-8 with or without a byte order mark.
    expected
        What it should be, such as ``a scenario file``.
    refusal
        What is raised where it is not.
    content
        What the file will hold, where it is not written yet.

    Raises
    ------
    InputError
        Of that kind: if it cannot be read, is no plain file, is larger than
        ``LARGEST_MB``, nests deeper than ``DEEPEST``, or is not UTF-8 or not TOML.
    """
    try:
        if content is None:
            check_plain_file(path, expected, most_mb=LARGEST_MB, refusal=refusal)
            content = path.read_bytes()
        document = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        fault = Fault(path.name, "file", error.strerror or "unreadable", expected)
        raise refusal([fault]) from error
    except UnicodeDecodeError as error:
        fault = Fault(path.name, f"byte {error.start}", "not UTF-8", "UTF-8 text")
        raise refusal([fault]) from error
    except (ValueError, RecursionError) as error:
        nested = isinstance(error, RecursionError)
        found, cause = str(error), "a slip of the pen"
        if nested:
            found, cause = "TOML nested too deep", ""
        fault = Fault(path.name, "file", found, "TOML", cause)
        raise refusal([fault]) from error
    if is_deeper(document, DEEPEST):
        # Dotted keys nest without recursion; whoever prints such a table would not.
        fault = Fault(path.name, "file", "TOML nested too deep", expected)
        raise refusal([fault])
    return document
