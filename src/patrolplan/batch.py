"""Many scenarios in one go: on processes of this machine, none lost."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

from patrolplan.batch_entries import describe_crash
from patrolplan.errors import Fault, InputError, ScenarioError
from patrolplan.nearest import plan_nearest
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.planfile.mixture import MixFile, format_mix
from patrolplan.planning.alternatives import Alternative
from patrolplan.planning.prices import Price, find_prices
from patrolplan.planning.solver import Progress
from patrolplan.products.catalogue import LANGUAGES
from patrolplan.products.files import PackError
from patrolplan.products.index import IndexRow, write_index
from patrolplan.products.pack import Lot, find_pack_folder, write_pack
from patrolplan.products.prices import (
    tabulate_alternatives,
    tabulate_curve,
    tabulate_prices,
)
from patrolplan.products.release import Profile, check_folder
from patrolplan.products.rows import PlaceNames
from patrolplan.products.sentences import render_code
from patrolplan.products.tables import format_csv
from patrolplan.scenario import read_scenario
from patrolplan.study import Study
from patrolplan.variants import CURVE_SHARES, draw_seed, list_alternatives, vary_study

__all__ = ["Outcome", "PlanOptions", "plan_scenarios", "write_outcome_index"]


@dataclass(frozen=True)
class PlanOptions:
    """What the caller sets instead of the scenario: None leaves it as it is.

    Parameters
    ----------
    seed, iterations, seconds, workers
        Of the solver; with ``vary`` the seed is the lot's too.
    closed
        Lines closed besides.
    lang
        Language of notices.
    languages
        Languages of orders.
    prices
        Whether to price the means.
    vary
        What of the best plan's need a mix must keep of which the plan is drawn by lot.
    curve
        Whether the mix tells the worst case at other shares too.
    alternatives
        How many plans to write beside it.
    chance
        Chance that each patrol should be home in time with.
    release
        Profile of the pack: ``open``, ``unclassified`` or ``confidential``.
    """

    seed: int | None = None
    iterations: int | None = None
    seconds: float | None = None
    workers: int | None = None
    closed: tuple[str, ...] = ()
    lang: str = "en"
    languages: tuple[str, ...] = LANGUAGES
    prices: bool = False
    vary: float | None = None
    curve: bool = False
    alternatives: int = 0
    chance: float | None = None
    release: Profile = "confidential"


@dataclass(frozen=True)
class Outcome:
    """What became of one scenario.

    Parameters
    ----------
    file
        The scenario's file, as given.
    name
        Name of the scenario; that of its file where it could not be read.
    plan, folder
        The plan and the folder of its pack; None where planning failed.
    notices
        Sentences that a planner should hear.
    unmet
        Whether a chance that was asked for could not be had.
    faults
        What was wrong with the input; empty where it was planned.
    prices, mix, alternatives
        What lies beside the plan, as far as it was asked for.
    """

    file: Path
    name: str
    plan: PlanFile | None = None
    folder: Path | None = None
    notices: tuple[str, ...] = ()
    unmet: bool = False
    faults: tuple[Fault, ...] = ()
    prices: tuple[Price, ...] = ()
    mix: MixFile | None = None
    alternatives: tuple[Alternative, ...] = ()


def plan_scenarios(
    files: Sequence[Path],
    out: Path,
    *,
    options: PlanOptions,
    jobs: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[Outcome]:
    """Plan scenarios and write a pack for each.

    Each is on its own: a bad one fails alone, with its faults.

    Parameters
    ----------
    files
        Scenario files.
    out
        Where the packs go, one folder each.
    options
        What is set instead of the scenarios' own.
    jobs
        How many processes; the plans do not depend on it.
    on_progress
        Called now and then by a single process with how far it is.

    Yields
    ------
    An outcome for each file, as they end.
    """
    twins = _find_twins(files, out)
    clear = [file for file in files if file not in twins]
    yield from (Outcome(file, file.stem, faults=(twins[file],)) for file in twins)
    if jobs <= 1 or len(clear) <= 1:
        for file in clear:
            yield _plan_one(file, out, options, on_progress, alone=len(files) == 1)
        return
    # Not forked: a child must not inherit threads of the numerical libraries.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(clear)), mp_context=context) as pool:
        futures = {pool.submit(_plan_one, file, out, options): file for file in clear}
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool as error:
                file = futures[future]
                yield Outcome(
                    file, file.stem, faults=(describe_crash(file.name, error),)
                )


def _find_twins(files: Sequence[Path], out: Path) -> dict[Path, Fault]:
    """Return the files whose pack would lie where that of another one lies."""
    taken: dict[Path, Path] = {}
    twins = {}
    for file in files:
        try:
            name = read_scenario(file).name
        except ScenarioError:
            continue
        folder = find_pack_folder(out, name)
        if taken.setdefault(folder, file) != file:
            twins[file] = Fault(
                file.name,
                "name",
                f"{name!r} is taken by {taken[folder].name}",
                "a name of its own: it names the folder of the pack",
                "a copied file",
            )
    return twins


def _plan_one(
    file: Path,
    out: Path,
    options: PlanOptions,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    alone: bool = False,
) -> Outcome:
    """Plan one scenario and write its pack; one that is alone may raise."""
    name = file.stem
    try:
        scenario = read_scenario(file)
        name = scenario.name
        folder = find_pack_folder(out, name)
        check_folder(folder, options.release)
        seed = options.seed
        if seed is None and options.vary is not None:
            # Who knows the scenario must not know the plan drawn.
            seed = draw_seed()
        if options.closed:
            closed = (*scenario.lines.closed, *options.closed)
            scenario = scenario.replace(lines={"closed": closed})
        if options.chance is not None:
            chances = scenario.stress.model_dump() | {"chance": options.chance}
            scenario = scenario.replace(stress=chances)
        study = plan_nearest(
            scenario,
            seed=seed,
            iterations=options.iterations,
            seconds=options.seconds,
            workers=options.workers,
            on_progress=on_progress,
        )
        study, outcome, extra = _add_variants(study, options)
        lot = None if options.vary is None else Lot(study.scenario.seed, options.vary)
        document = study.plan_file.model_copy(update={"release": options.release})
        if options.release != "confidential":
            # What lies beside a plan foretells patrols too.
            extra, lot = {}, None
        write_pack(
            document,
            study.layers,
            folder,
            extra=extra,
            lot=lot,
            languages=options.languages,
        )
    except InputError as error:
        return Outcome(file, name, faults=error.faults)
    except PackError as error:
        expected = "a folder for packs of one profile, and no link"
        return Outcome(
            file, name, faults=(Fault(file.name, "release", str(error), expected),)
        )
    except Exception as error:
        # A full disk, or a fault of ours: the other scenarios must not die of it.
        if alone:
            raise
        return Outcome(file, name, faults=(describe_crash(file.name, error),))
    names = PlaceNames(study.plan_file, study.layers)
    notices = tuple(
        render_code(n.code, n.values, options.lang, names=names) for n in study.notices
    )
    return replace(
        outcome,
        file=file,
        name=name,
        plan=study.plan_file,
        folder=folder,
        notices=notices,
        unmet=any(n.code.endswith("chance_missed") for n in study.notices),
    )


def _add_variants(
    study: Study, options: PlanOptions
) -> tuple[Study, Outcome, dict[str, bytes]]:
    """Return the plan to carry out, what lies beside it, and the files of that."""
    outcome = Outcome(Path(), "")
    files: dict[str, str] = {}
    if options.prices:
        prices = find_prices(study.problem, study.solution)
        outcome = replace(outcome, prices=prices)
        table = tabulate_prices(prices, study.plan_file, study.layers)
        files["tables/prices.csv"] = format_csv(table)
    if options.alternatives:
        # Where a lot is drawn its seed is nobody's business.
        seed = None if options.vary is not None else study.scenario.seed
        plans = list_alternatives(study, options.alternatives, seed=seed)
        outcome = replace(outcome, alternatives=tuple(p.alternative for p in plans))
        files["tables/alternatives.csv"] = format_csv(tabulate_alternatives(plans))
        for number, plan in enumerate(plans, start=1):
            files[f"alternatives/plan-{number}.json"] = format_plan(plan.plan_file)
    if options.vary is not None:
        shares = CURVE_SHARES if options.curve else ()
        study, mix = vary_study(
            study, options.vary, seed=study.scenario.seed, curve=shares
        )
        if mix.curve:
            files["tables/value-curve.csv"] = format_csv(tabulate_curve(mix.curve))
        outcome = replace(outcome, mix=mix)
        files["mix.json"] = format_mix(mix)
    return study, outcome, {n: text.encode("utf-8") for n, text in files.items()}


def write_outcome_index(outcomes: Sequence[Outcome], out: Path) -> Path:
    """Write the index page of several scenarios, failures listed.

    Parameters
    ----------
    outcomes
        What became of each, in the order to show them.
    out
        The folder that holds the packs.
    """
    rows = [
        IndexRow(
            name=outcome.name,
            folder=None if outcome.folder is None else outcome.folder.name,
            plan=outcome.plan,
            faults=tuple(str(fault) for fault in outcome.faults),
        )
        for outcome in outcomes
    ]
    return write_index(rows, out / "index.html")
