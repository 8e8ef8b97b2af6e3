"""The verb that changes a plan while it is carried out: replan."""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import (
    BROKEN,
    DONE,
    AsJson,
    Closed,
    Lang,
    Language,
    Quiet,
    check_closures,
    print_json,
    print_status,
    print_violations,
)
from patrolplan.cli.saved import name_faults
from patrolplan.cli.speaking import say

if TYPE_CHECKING:
    from patrolplan.changes import Change
    from patrolplan.planfile import PlanFile
    from patrolplan.replanning import Revision


def replan(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    now: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DAY",
            help="Local day from whose morning the rest is planned anew.",
        ),
    ],
    scenario: Annotated[
        Path | None, typer.Option(help="What the plan was made from, if not found.")
    ] = None,
    close: Closed = None,
    alert: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SITE[=NEED]", help="A site that must be visited; its new need."
        ),
    ] = None,
    promise: Annotated[
        list[str] | None,
        typer.Option(metavar="SITE", help="A site to which a visit was promised."),
    ] = None,
    change_weight: Annotated[
        float | None,
        typer.Option(
            metavar="W",
            help="What a visit kept is worth, in the mean need of those to come.",
            min=0.0,
            max=1000.0,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to write; by default beside the pack."),
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of the search.", min=0)
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="Search by the clock; another run may differ.", min=0.1),
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Plan the rest of a plan anew: after an alert, a closure or a promise."""
    from patrolplan.changes import list_changes
    from patrolplan.news import News
    from patrolplan.planfile import read_plan
    from patrolplan.products.pack import find_pack_folder, write_pack
    from patrolplan.products.revisions import write_changes
    from patrolplan.replanning import replan_patrols
    from patrolplan.scenario import read_scenario

    if seconds is not None and iterations is not None:
        msg = "the length of a search is rounds or seconds, not both"
        raise typer.BadParameter(msg, param_hint="--seconds")
    news = News(
        closed=check_closures(close),
        alerts=tuple(_read_alert(text) for text in alert or ()),
        promised=tuple(promise or ()),
    )
    document = read_plan(plan_file)
    source = scenario or _find_scenario(document, plan_file)
    day = now.date()
    folder = find_pack_folder(
        out or _name_folder(plan_file, day), document.scenario.name
    )
    if folder.resolve() == plan_file.parent.resolve():
        msg = "the pack of the plan lies there: a re-plan must not overwrite it"
        raise typer.BadParameter(msg, param_hint="--out")
    compile_once(quiet=quiet or as_json)
    with name_faults(plan_file):
        revision = replan_patrols(
            document,
            read_scenario(source),
            day,
            news,
            change_weight=change_weight,
            file=plan_file.name,
            iterations=iterations,
            seconds=seconds,
        )
    changes = list_changes(revision)
    extra = write_changes(changes, revision.plan_file, revision.layers)
    write_pack(revision.plan_file, revision.layers, folder, extra=extra)
    if as_json:
        print_json(_describe(revision, changes, folder))
    elif not quiet:
        for line in extra[f"changes.{lang.value}.txt"].decode("utf-8").splitlines():
            say(line)
        print_violations(revision.plan_file, revision.plan_file.assessment, lang)
        print_status(document.scenario.name, revision.plan_file, lang)
        say(f"Map: {folder / 'map.html'}")
    return BROKEN if revision.plan_file.assessment.violations else DONE


def _read_alert(text: str) -> tuple[str, float | None]:
    site, equals, told = text.rpartition("=")
    if not equals:
        return text, None
    try:
        need = float(told)
    except ValueError:
        need = math.nan
    if not site or not 0 < need < math.inf:
        msg = f"{text!r} should be SITE or SITE=NEED, persons at risk, weighted"
        raise typer.BadParameter(msg, param_hint="--alert")
    return site, need


def _name_folder(plan_file: Path, day: date) -> Path:
    return plan_file.resolve().parent.parent / f"replan-{day.isoformat()}"


def _find_scenario(document: PlanFile, plan_file: Path) -> Path:
    """Return the scenario that a plan was made from, known by its hash.

    Raises
    ------
    typer.BadParameter
        If it lies neither among the shipped ones nor beside the plan or here.
    """
    from patrolplan.plain_files import hash_file
    from patrolplan.shipped import find_shipped

    if document.inputs:
        first = document.inputs[0]
        name = Path(first.path).name
        for folder in (find_shipped() / "scenarios", Path(), plan_file.parent):
            for path in (folder / name, folder / "scenarios" / name):
                if path.is_file():
                    found = hash_file(path)
                    if found == first.sha256:
                        return path
    msg = f"the scenario that {plan_file.name} was made from is not found: name it"
    raise typer.BadParameter(msg, param_hint="--scenario")


def _describe(
    revision: Revision, changes: tuple[Change, ...], folder: Path
) -> dict[str, Any]:
    found = revision.replanned
    return {
        "folder": str(folder),
        "map": str(folder / "map.html"),
        "from": str(revision.day),
        "visits_to_come": len(revision.standing.visits),
        "visits_kept": len(found.kept),
        "kept_worth": found.worth,
        "value": found.value,
        "value_bound": found.value_bound,
        "changes": [
            change.told.model_dump(mode="json")
            | {
                "reason": None
                if change.reason is None
                else change.reason.model_dump(mode="json")
            }
            for change in changes
        ],
        "assessment": revision.plan_file.assessment.model_dump(mode="json"),
    }
