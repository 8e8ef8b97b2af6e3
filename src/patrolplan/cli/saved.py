"""Saved plans: the layers that one may be shown with, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from patrolplan.cli.program import print_json, print_status
from patrolplan.cli.speaking import say, warn
from patrolplan.errors import InputError

if TYPE_CHECKING:
    from patrolplan.cli.program import Language
    from patrolplan.layers import Layers
    from patrolplan.planfile import PlanFile
    from patrolplan.scenario import Scenario

__all__ = ["name_faults", "read_layers_of", "read_shared_layers", "write_products"]

# What judges a plan is given the document, and does not know its file.
_UNNAMED = "plan"


@contextmanager
def name_faults(plan_file: Path) -> Iterator[None]:
    """Let the faults of a document name the file that it was read from.

    Parameters
    ----------
    plan_file
        The file.

    Raises
    ------
    InputError
        What was raised within, with the file's name.
    """
    try:
        yield
    except InputError as error:
        raise type(error)(
            replace(fault, file=plan_file.name) if fault.file == _UNNAMED else fault
            for fault in error.faults
        ) from error


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
    from patrolplan.open_ground import read_travelled_layers
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    source = read_scenario(scenario or find_main_scenario())
    layers: Layers = read_travelled_layers(source)
    if scenario is None and not _is_made_from(document, source):
        # A map must not show roads and zones that the plan knows nothing of.
        warn(
            f"{plan_file.name}: shown without layers, as it was made from others; "
            "name its scenario with --scenario"
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
    from patrolplan.open_ground import read_travelled_layers
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    source = read_scenario(scenario or find_main_scenario())
    if scenario is None and not any(_is_made_from(d, source) for d in documents):
        return None
    layers: Layers = read_travelled_layers(source)
    return layers


def _is_made_from(document: PlanFile, source: Scenario) -> bool:
    """Return whether a plan was made from the layers that a scenario reads now."""
    from patrolplan.inputs import list_inputs

    made_from = {entry.sha256 for entry in document.inputs}
    of_layers = {entry.sha256 for entry in list_inputs(source)[1:]}
    return of_layers <= made_from


def write_products(
    files: Mapping[str, bytes],
    *,
    word: str,
    plan_file: Path,
    document: PlanFile,
    out: Path | None,
    lang: Language,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write what was made of a saved plan, and say where it is.

    Parameters
    ----------
    files
        What each file holds, by its path below the folder.
    word
        What one of them is called.
    plan_file, document
        The plan.
    out
        The folder; None is that of the plan.
    lang
        Of the plan's status.
    quiet, as_json
        Whether nothing is said, or one JSON object.

    Raises
    ------
    PackError
        If the folder is none for it.
    OSError
        If a file cannot be written.
    """
    from patrolplan.products.files import write_folder
    from patrolplan.products.gates import find_shown_status

    paths = write_folder(out or plan_file.parent, files)
    if as_json:
        print_json(
            {
                "name": document.scenario.name,
                "status": find_shown_status(document),
                "release": document.release,
                "files": [str(path) for path in paths.values()],
            }
        )
    elif not quiet:
        print_status(plan_file.name, document, lang)
        if not paths:
            say("The plan has no patrol: there is nothing to write.")
        for path in paths.values():
            say(f"{word}: {path}")
