"""TOML files that a planner writes: read whole, or refused with what is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from patrolplan.errors import Fault, InputError, ScenarioError

__all__ = ["read_toml"]


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
        Of that kind: if it cannot be read, or is not UTF-8 or not TOML.
    """
    try:
        data = path.read_bytes() if content is None else content
        return tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        fault = Fault(path.name, "file", error.strerror or "unreadable", expected)
        raise refusal([fault]) from error
    except UnicodeDecodeError as error:
        fault = Fault(path.name, f"byte {error.start}", "not UTF-8", "UTF-8 text")
        raise refusal([fault]) from error
    except (ValueError, RecursionError) as error:
        fault = Fault(path.name, "file", str(error), "TOML", "a slip of the pen")
        raise refusal([fault]) from error
