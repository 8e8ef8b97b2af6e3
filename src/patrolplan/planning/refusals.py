"""What a problem made by hand is refused for: every fault of a part, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import Fault, ProblemError

if TYPE_CHECKING:
    from patrolplan.planning.problem import Problem

__all__ = [
    "ask_number",
    "ask_windows",
    "build_fault",
    "find_cell_faults",
    "find_misfits",
    "refuse",
]


def build_fault(where: str, found: str, expected: str, cause: str = "") -> Fault:
    """Return a fault of a problem, which lies in no file.

    Parameters
    ----------
    where, found, expected, cause
        As of any fault.
    """
    return Fault("problem", where, found, expected, cause)


def refuse(*faults: Fault) -> None:
    """Raise all faults at once, if there are any.

    Parameters
    ----------
    *faults
        What was found.

    Raises
    ------
    ProblemError
        With all of them.
    """
    if faults:
        raise ProblemError(faults)


def ask_number(
    where: str, value: float | None, *, above: bool = False, endless: bool = False
) -> Iterator[Fault]:
    """Yield a fault if a number cannot be reckoned with.

    Parameters
    ----------
    where
        Its name.
    value
        The number; None is unknown, and no fault.
    above
        Whether it must be more than 0.
    endless
        Whether it may be infinite, as a limit that does not bind.
    """
    # What is no number at all is not above 0 either.
    if value is None or (
        (value > 0 if above else value >= 0) and (endless or value < inf)
    ):
        return
    kind = "a number" if endless else "a finite number"
    yield build_fault(
        where,
        f"found {value}",
        f"{kind} {'above' if above else 'of at least'} 0",
        "a sign or a unit mistaken",
    )


def ask_windows(
    where: str, windows: tuple[tuple[float, float], ...] | None
) -> Iterator[Fault]:
    """Yield a fault if windows do not follow each other.

    Parameters
    ----------
    where
        Their name.
    windows
        Closed intervals, or None.
    """
    for begins, ends in windows or ():
        if not (isfinite(begins) and isfinite(ends) and begins <= ends):
            found = f"found {begins} to {ends}"
            yield build_fault(where, found, "finite, an end not before the beginning")
            return
    for (_, before), (begins, _) in pairwise(windows or ()):
        if begins <= before:
            found = f"{begins} after one that ends at {before}"
            yield build_fault(where, found, "sorted windows that do not meet")
            return


def find_cell_faults(
    where: str,
    durations_min: NDArray[np.float64],
    others: Mapping[str, NDArray[np.float64] | None],
) -> Iterator[Fault]:
    """Yield each fault of the matrices of one road state.

    Parameters
    ----------
    where
        Which matrices.
    durations_min
        The one that says where there is a way.
    others
        The others by name; each must be known wherever there is a way.
    """
    shape = durations_min.shape
    if len(shape) != 2 or shape[0] != shape[1]:
        yield build_fault(f"{where}, durations_min", f"shape {shape}", "a square")
    named = {"durations_min": durations_min, **others}
    for name, cells in named.items():
        if cells is None:
            continue
        if cells.shape != shape:
            found = f"shape {cells.shape}"
            yield build_fault(f"{where}, {name}", found, f"that of durations, {shape}")
        for wrong, found, expected in (
            (np.isnan(cells), "NaN", "a number, or infinity where there is no way"),
            (cells < 0, "below 0", "at least 0"),
        ):
            yield from _find_wrong(f"{where}, {name}", wrong, found, expected)
        if name != "durations_min" and cells.shape == shape:
            endless = np.isinf(cells) & np.isfinite(durations_min)
            found = "infinite where there is a way"
            expected = "a number wherever the duration is finite"
            yield from _find_wrong(f"{where}, {name}", endless, found, expected)


def _find_wrong(
    where: str, wrong: NDArray[np.bool_], found: str, expected: str
) -> Iterator[Fault]:
    """Yield one fault for all wrong cells, with the place of the first."""
    cells = np.argwhere(wrong)
    if len(cells):
        first = ", ".join(str(number) for number in cells[0].tolist())
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        yield build_fault(where, f"{found}: cell [{first}]{more}", expected)


def find_misfits(problem: Problem) -> Iterator[Fault]:
    """Yield what no part of a problem can know.

    Parameters
    ----------
    problem
        Its parts, each sound by itself.
    """
    sites = [site.id for site in problem.sites]
    bases = [base.id for base in problem.bases]
    if sorted(sites + bases) != sorted(problem.place_ids) or len(
        set(problem.place_ids)
    ) != len(problem.place_ids):
        odd = sorted({*sites, *bases} ^ set(problem.place_ids))
        found = f"not on both sides: {', '.join(odd)}" if odd else "an id twice"
        yield build_fault("place_ids", found, "each site and each base, once")
    yield from _find_odd_shapes(problem)
    for team in problem.teams:
        where = f"team {team.id!r}"
        if team.base_id not in bases:
            found = f"{team.base_id!r}"
            yield build_fault(f"{where}, base_id", found, "the id of a base")
        for day in range(problem.horizon_days):
            if (team.vehicle, day) not in problem.travel_by_day:
                found = f"no travel matrix of {team.vehicle!r} holds on day {day}"
                yield build_fault(f"{where}, vehicle", found, "one for every day")
                break
    grouped = [site for group in problem.groups for site in group.site_ids]
    paired = [site for pair in problem.forbidden_pairs for site in pair]
    shared = [site for group in problem.shares for site in group.needs]
    named_sites = (
        ("groups", grouped),
        ("forbidden_pairs", paired),
        ("shares", shared),
    )
    for where, named in named_sites:
        for site in sorted(set(named) - set(sites)):
            yield build_fault(where, f"{site!r}", "the id of a site")
    for site in sorted({site for site in grouped if grouped.count(site) > 1}):
        yield build_fault("groups", f"{site!r} in two", "each site in one at most")
    for first, second in problem.forbidden_pairs:
        if first == second:
            yield build_fault("forbidden_pairs", f"{first!r} twice", "two sites")
    yield from ask_number("limits, equity_weight", problem.limits.equity_weight)
    yield from ask_number("limits, equity_tail", problem.limits.equity_tail)
    least = problem.limits.min_unknown_visits
    if least < 0 or least != int(least):
        found, expected = f"found {least}", "a whole number, not negative"
        yield build_fault("limits, min_unknown_visits", found, expected)
    yield from _find_odd_waysides(problem)


def _find_odd_waysides(problem: Problem) -> Iterator[Fault]:
    """Yield what is earned on the way at nothing, twice, or for more than a visit."""
    needs = {site.id: site.need or 0.0 for site in problem.sites}
    passed = [w.site_id for w in problem.waysides if w.site_id is not None]
    for wayside in problem.waysides:
        where, site = f"wayside {wayside.id!r}", wayside.site_id
        if site is None:
            continue
        if site not in needs or passed.count(site) > 1:
            yield build_fault(where, f"{site!r}", "a site, once")
        elif wayside.need > needs[site]:
            found, most = f"need {wayside.need}", needs[site]
            yield build_fault(where, found, f"no more than a visit earns, {most}")
    numbers = {
        number
        for matrix in problem.travel
        for ways in matrix.waysides.values()
        for number, _ in ways
    }
    for number in sorted(numbers - set(range(len(problem.waysides)))):
        yield build_fault("travel, waysides", f"{number}", "the number of a wayside")


def _find_odd_shapes(problem: Problem) -> Iterator[Fault]:
    """Yield arrays that do not span the problem's places and days."""
    size, days = len(problem.place_ids), problem.horizon_days
    arrays = [
        *(
            (
                f"travel of {m.vehicle!r} from {m.valid_from}",
                m.durations_min,
                (size,) * 2,
            )
            for m in problem.travel
        ),
        ("opens_min", problem.opens_min, (size, days)),
        ("closes_min", problem.closes_min, (size, days)),
        ("day_starts_min", problem.day_starts_min, (days + 1,)),
    ]
    for where, cells, shape in arrays:
        if cells.shape != shape:
            yield build_fault(where, f"shape {cells.shape}", f"shape {shape}")
        wrong = np.isnan(cells)
        yield from _find_wrong(where, wrong, "NaN", "a number of minutes")
