"""For whom a pack is: the option ``--release``, and the verb that releases a plan."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrolplan.cli.program import AsJson, Quiet, print_json
from patrolplan.cli.saved import read_layers_of

if TYPE_CHECKING:
    from patrolplan.batch import Outcome
    from patrolplan.products.release import Profile

__all__ = ["Release", "check_release", "release", "warn_of_release"]

Release = Annotated[
    str,
    typer.Option(
        "--release",
        metavar="PROFILE",
        help="For whom the pack is: OPEN, UNCLASSIFIED or CONFIDENTIAL, in any case.",
    ),
]


def check_release(text: str, *, beside: bool = False) -> Profile:
    """Return the profile that was asked for.

    Parameters
    ----------
    text
        What stands after ``--release``.
    beside
        Whether files were asked for that lie beside a plan and foretell patrols.

    Raises
    ------
    typer.BadParameter
        If there is no such profile, or its packs hold no such files.
    """
    from patrolplan.products.release import ReleaseError, read_profile

    try:
        profile = read_profile(text)
    except ReleaseError as error:
        raise typer.BadParameter(str(error), param_hint="--release") from error
    if beside and profile != "confidential":
        msg = "prices, curves and alternatives are written in a CONFIDENTIAL pack alone"
        raise typer.BadParameter(msg, param_hint="--release")
    return profile


def warn_of_release(
    outcomes: Sequence[Outcome], profile: Profile, *, by_lot: bool
) -> None:
    """Say on standard error what a pack for a wider circle cannot keep from anyone.

    Parameters
    ----------
    outcomes
        What was planned.
    profile
        For whom the packs are.
    by_lot
        Whether the plans were drawn by lot.
    """
    if profile == "confidential":
        return
    for outcome in outcomes:
        if not by_lot:
            print(
                f"{outcome.name}: the {profile.upper()} pack tells nothing of this "
                "plan, but the plan was not drawn by lot: who has the same inputs and "
                "patrolplan finds it without the pack; carry out one drawn with --vary",
                file=sys.stderr,
            )


def release(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    profile: Release,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose layers lie below the map.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the pack; by default beside the plan's."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write an OPEN or UNCLASSIFIED pack of a saved plan."""
    from patrolplan.planfile import read_plan
    from patrolplan.products.release import ReleaseError, find_custody, write_release

    found = check_release(profile)
    document = read_plan(plan_file)
    home = plan_file.resolve().parent
    folder = out or home.with_name(f"{home.name}-{found}")
    if folder.resolve() in {home, *home.parents}:
        msg = (
            f"{folder.name}: the plan itself lies in this folder; a pack for a wider "
            "circle goes into one of its own"
        )
        raise ReleaseError(msg)
    layers = read_layers_of(plan_file, document, scenario)
    document = document.model_copy(update={"release": found})
    paths = write_release(document, layers, folder)
    if as_json:
        print_json({"release": found, "files": [str(path) for path in paths.values()]})
    elif not quiet:
        print(f"{found.upper()}: {folder}")
    if found == "unclassified" and find_custody(document) is None:
        print(
            f"{plan_file.name}: the pack bears neither who keeps it nor until when, "
            "since the plan says neither; plan anew, or set [release] in its scenario",
            file=sys.stderr,
        )
