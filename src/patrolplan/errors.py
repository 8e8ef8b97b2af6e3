"""The faults patrolplan raises: one root, each error also a built-in type.

Bad input is refused whole. A reader gathers every :class:`Fault` it finds and
raises once, so that a planner mends a file in one go instead of one fault at a
time. An infeasible plan is *not* an error: it is an ``Assessment`` with reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from patrolplan.plain_line import flatten_line

__all__ = [
    "AssetError",
    "ClusterError",
    "CrsError",
    "EdgeError",
    "Fault",
    "InputError",
    "LayerError",
    "NetworkError",
    "OverloadError",
    "PatrolplanError",
    "PlanFileError",
    "ProblemError",
    "RouteError",
    "ScenarioError",
]


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with one place of one input.

    Parameters
    ----------
    file
        Name of the input file, as the user wrote it.
    where
        The feature and field, e.g. ``site 'gao', population``.
    found
        What stands there.
    expected
        What should stand there.
    cause
        The likely cause, or an empty string when there is no good guess.
    """

    file: str
    where: str
    found: str
    expected: str
    cause: str = ""

    def __str__(self) -> str:
        """Return the fault as the one line that the command line prints."""
        line = f"{self.file}: {self.where}: {self.found}; {self.expected}"
        if self.cause:
            line += f" ({self.cause})"
        # A hostile cell must not be able to forge a second fault line, nor to
        # send control codes to a terminal.
        return flatten_line(line)


class PatrolplanError(Exception):
    """Root of every error that patrolplan raises on purpose."""


class InputError(PatrolplanError, ValueError):
    """An input was refused, with all of its faults.

    Parameters
    ----------
    faults
        What is wrong, in any order; sorted and freed of repeats here.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        """Keep the faults when a worker process sends the error home."""
        return type(self), (self.faults,)


class ScenarioError(InputError):
    """A scenario file asks for something that cannot be read or meant."""


class OverloadError(ScenarioError):
    """A scenario requires more work than its teams can provably do."""


class LayerError(InputError):
    """A layer holds features that cannot be used."""


class CrsError(LayerError):
    """A layer has no coordinate reference system, or one that was not expected."""


class PlanFileError(InputError):
    """A ``plan.json`` does not keep its contract."""


class ProblemError(InputError):
    """A problem made by hand, or a part of one, is none that can be solved."""


class ClusterError(InputError):
    """A cluster cannot be reached, or its workers are not fit to plan a batch."""


class NetworkError(PatrolplanError, ValueError):
    """A network cannot be built, or a graph breaks the network's contract."""


class EdgeError(InputError, NetworkError):
    """Edges, or weights of edges, are none that ways can be found over."""


class RouteError(PatrolplanError, LookupError):
    """A route was asked for between places that are unknown or not joined."""


class AssetError(PatrolplanError, LookupError):
    """A page needs a script or style that is not vendored."""
