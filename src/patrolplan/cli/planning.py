"""Verbs that plan and judge: plan, map, assess."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from patrolplan.cli.nearest import describe_nearest, print_nearest
from patrolplan.cli.program import (
    BROKEN,
    DONE,
    WRONG_INPUT,
    AsJson,
    Closed,
    Lang,
    Langs,
    Language,
    Out,
    Quiet,
    Rounds,
    Seed,
    check_closures,
    print_json,
    print_status,
    print_violations,
    read_languages,
)
from patrolplan.cli.release import Release, check_release, warn_of_release
from patrolplan.cli.saved import name_faults, read_layers_of
from patrolplan.cli.speaking import add_cells, print_table, say, warn
from patrolplan.cli.variants import (
    Alternatives,
    Curve,
    Prices,
    Vary,
    describe_variants,
    print_variants,
)
from patrolplan.plain_line import flatten_line

if TYPE_CHECKING:
    from patrolplan.batch import Outcome
    from patrolplan.planning.solver import Progress


def plan(
    scenarios: Annotated[
        list[Path] | None, typer.Argument(help="Scenario files; none: the built-in.")
    ] = None,
    out: Out = Path("out"),
    seed: Seed = None,
    iterations: Rounds = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="Search by the clock; another run may differ.", min=0.1),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Searches side by side for one scenario.", min=1, max=64),
    ] = None,
    jobs: Annotated[
        int, typer.Option(help="Scenarios planned side by side.", min=1)
    ] = 2,
    close: Closed = None,
    prices: Prices = False,
    vary: Vary = None,
    curve: Curve = False,
    alternatives: Alternatives = 0,
    chance: Annotated[
        float | None,
        typer.Option(
            help="Plan times longer until each patrol is home in time so likely.",
            min=0.01,
            max=0.99,
        ),
    ] = None,
    release: Release = "confidential",
    lang: Langs = "en,fr",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Plan patrols and write a pack for each scenario."""
    from patrolplan.batch import PlanOptions, plan_scenarios, write_outcome_index
    from patrolplan.shipped import find_main_scenario

    if seconds is not None and iterations is not None:
        msg = "the length of a search is rounds or seconds, not both"
        raise typer.BadParameter(msg, param_hint="--seconds")
    if curve and vary is None:
        msg = "a curve is of a mix: give a share with --vary"
        raise typer.BadParameter(msg, param_hint="--curve")
    languages = read_languages(lang)
    spoken = languages[0]
    closures = check_closures(close)
    profile = check_release(release, beside=prices or curve or alternatives > 0)
    files = list(dict.fromkeys(scenarios or [find_main_scenario()]))
    options = PlanOptions(
        seed=seed,
        iterations=iterations,
        seconds=seconds,
        workers=workers,
        closed=closures,
        lang=spoken.value,
        languages=tuple(language.value for language in languages),
        prices=prices,
        vary=vary,
        curve=curve,
        alternatives=alternatives,
        chance=chance,
        release=profile,
    )
    compile_once(quiet=quiet or as_json)
    with _Progress(files, quiet=quiet or as_json) as progress:
        found = {}
        for outcome in plan_scenarios(
            files, out, options=options, jobs=jobs, on_progress=progress.show_search
        ):
            found[outcome.file] = outcome
            progress.show_outcome(outcome)
    outcomes = [found[file] for file in files]
    planned = [outcome for outcome in outcomes if outcome.plan is not None]
    for fault in sorted({fault for outcome in outcomes for fault in outcome.faults}):
        warn(fault)
    # An index tells figures of plans: beside packs for wider circles there is none.
    listed = planned and len(files) > 1 and profile == "confidential"
    index = write_outcome_index(outcomes, out) if listed else None
    warn_of_release(planned, profile, by_lot=vary is not None)
    if as_json:
        print_json(_describe_outcomes(planned, index))
    elif planned and not quiet:
        _print_outcomes(planned, index, spoken)
    if not planned:
        return WRONG_INPUT
    broken = [o for o in planned if o.plan and o.plan.assessment.violations]
    changed = [o for o in planned if o.plan and o.plan.nearest is not None]
    idle = [o for o in planned if o.plan and not o.plan.patrols]
    if not quiet and not as_json:
        for outcome in broken:
            assert outcome.plan is not None
            print_violations(outcome.plan, outcome.plan.assessment, spoken)
    unmet = any(outcome.unmet for outcome in planned)
    amiss = broken or changed or idle or unmet
    return BROKEN if amiss or len(planned) < len(outcomes) else DONE


def compile_once(*, quiet: bool) -> None:
    """Compile the solver before the first plan, and say so: it takes a minute."""
    from patrolplan.planning.compiling import compile_kernels, is_compiled

    if is_compiled():
        return
    if not quiet:
        warn("Compiling the solver: this takes a minute, once.")
    from rich.progress import track

    hidden = quiet or not sys.stderr.isatty()
    steps = compile_kernels()
    for _ in track(
        steps,
        description="compiling",
        total=3,
        console=Console(stderr=True),
        transient=True,
        disable=hidden,
    ):
        pass


class _Progress:
    """One bar on a terminal: rounds of one scenario, or scenarios of several."""

    def __init__(self, files: Sequence[Path], *, quiet: bool) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:.0f}%"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=quiet or not sys.stderr.isatty(),
        )
        self._several = len(files) > 1
        # One scenario is counted by shares of its work.
        self._task = self._bar.add_task("planning", total=len(files))

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show_search(self, progress: Progress) -> None:
        """Show how far the search is."""
        if not self._several:
            label = f"planning, need met {progress.need:,.0f}, gap {progress.gap:.1%}"
            self._bar.update(self._task, completed=progress.share, description=label)

    def show_outcome(self, outcome: Outcome) -> None:
        """Count a scenario that ended."""
        if self._several:
            self._bar.update(
                self._task, advance=1, description=flatten_line(outcome.name)
            )


def _describe_outcomes(outcomes: Sequence[Outcome], index: Path | None) -> Any:
    from patrolplan.products.gates import find_shown_status

    return {
        "plans": [
            {
                "name": outcome.name,
                "folder": str(outcome.folder),
                "map": str(outcome.folder / "map.html") if outcome.folder else None,
                "status": find_shown_status(outcome.plan),
                "notices": list(outcome.notices),
                "assessment": outcome.plan.assessment.model_dump(mode="json"),
                **describe_nearest(outcome.plan),
                **describe_variants(outcome),
            }
            for outcome in outcomes
            if outcome.plan is not None
        ],
        "index": None if index is None else str(index),
    }


def _write_share(share: float | None, *, decimals: int = 0) -> str:
    return "-" if share is None else f"{share:.{decimals}%}"


def _print_outcomes(
    outcomes: Sequence[Outcome], index: Path | None, lang: Language
) -> None:
    """Print one row per plan, then where the maps are."""
    from rich.table import Table

    from patrolplan.products.digest import digest_plan

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("scenario")
    for heading in (
        "patrols",
        "days",
        "km",
        "sites",
        "people reached",
        "beyond bases",
        "not covered",
        "gap at most",
    ):
        table.add_column(heading, justify="right")
    for outcome in outcomes:
        assert outcome.plan is not None
        figures = digest_plan(outcome.plan).figures
        add_cells(
            table,
            outcome.name,
            f"{figures.patrols}",
            f"{figures.patrol_days}",
            f"{figures.km:,.0f}",
            f"{figures.sites_visited}",
            f"{figures.people_reached:,}",
            _write_share(figures.share_beyond),
            f"{figures.uncovered}",
            _write_share(figures.gap, decimals=1),
        )
    # Wide enough for one row a line, also where no terminal says how wide it is.
    print_table(table)
    for outcome in outcomes:
        assert outcome.plan is not None
        print_status(outcome.name, outcome.plan, lang)
        print_nearest(outcome.name, outcome.plan, lang)
        for notice in outcome.notices:
            say(f"{outcome.name}: {notice}")
        print_variants(outcome, lang.value)
    for outcome in outcomes:
        assert outcome.folder is not None
        say(f"Map: {outcome.folder / 'map.html'}")
    if index is not None:
        say(f"Index: {index}")


def assess(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Judge a saved or hand-edited plan from first principles."""
    from patrolplan.measuring import list_plan_notices
    from patrolplan.planfile import read_plan
    from patrolplan.planning.assessment import assess_plan
    from patrolplan.products.sentences import render_code

    document = read_plan(plan_file)
    with name_faults(plan_file):
        found = assess_plan(document)
    if as_json:
        print_json(found.model_dump(mode="json"))
    elif not quiet:
        print_status(plan_file.name, document, lang)
        print_violations(document, found, lang)
        if not found.violations:
            say(f"{plan_file.name}: no rule is broken")
        for notice in list_plan_notices(
            document.model_copy(update={"assessment": found})
        ):
            say(render_code(notice.code, notice.values, lang.value))
    return BROKEN if found.violations else DONE


def map_(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose layers lie below the plan.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; by default the plan's.")
    ] = None,
) -> None:
    """Draw the map of a saved plan anew."""
    from patrolplan.planfile import read_plan
    from patrolplan.products.maps import write_map

    document = read_plan(plan_file)
    layers = read_layers_of(plan_file, document, scenario)
    say(f"Map: {write_map(document, layers, (out or plan_file.parent) / 'map.html')}")
