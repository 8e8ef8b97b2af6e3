"""Saved plans: the layers that one may be shown with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patrolplan.layers import Layers
    from patrolplan.planfile import PlanFile
    from patrolplan.scenario import Scenario

__all__ = ["read_layers_of", "read_shared_layers"]


def read_layers_of(
    plan_file: Path, document: PlanFile, scenario: Path | None
) -> Layers | None:
    """Return the layers to show a saved plan with.

    Those of the built-in scenario go with a plan only if it was made from them; if
    not, that is said on standard error, and None returned.

    Parameters
    ----------
    plan_file, document
        The plan.
    scenario
        Whose layers to take unasked; None takes the built-in ones.
    """
    from patrolplan.layers import read_layers
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_shipped

    source = read_scenario(scenario or find_shipped() / "scenarios" / "north-mali.toml")
    layers: Layers = read_layers(source)
    if scenario is None and not _is_made_from(document, source):
        # A map must not show roads and zones that the plan knows nothing of.
        print(
            f"{plan_file.name}: shown without layers, as it was made from others; "
            "name its scenario with --scenario",
            file=sys.stderr,
        )
        return None
    return layers


def read_shared_layers(
    documents: Sequence[PlanFile], scenario: Path | None
) -> Layers | None:
    """Return the layers that name the places and lines of several saved plans.

    Parameters
    ----------
    documents
        The plans.
    scenario
        Whose layers to take unasked; None takes the built-in ones, if any of the plans
        was made from them. Else there are none, and nothing is said: ids are told.
    """
    from patrolplan.layers import read_layers
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_shipped

    source = read_scenario(scenario or find_shipped() / "scenarios" / "north-mali.toml")
    if scenario is None and not any(_is_made_from(d, source) for d in documents):
        return None
    layers: Layers = read_layers(source)
    return layers


def _is_made_from(document: PlanFile, source: Scenario) -> bool:
    """Return whether a plan was made from the layers that a scenario reads now."""
    from patrolplan.inputs import list_inputs

    made_from = {entry.sha256 for entry in document.inputs}
    of_layers = {entry.sha256 for entry in list_inputs(source)[1:]}
    return of_layers <= made_from
