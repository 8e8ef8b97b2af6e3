"""Problems made by hand and by chance, and plan files made of them, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from patrolplan.daylight import estimate_duty_window
from patrolplan.planfile import Assessment, LineGeometry, PlanFile, UnservedEntry
from patrolplan.planning.assessment import build_assessment
from patrolplan.planning.passing import list_passings
from patrolplan.planning.problem import (
    Base,
    Group,
    Limits,
    PatrolDecision,
    Plan,
    Problem,
    Site,
    Team,
    TravelMatrix,
    Wayside,
)
from patrolplan.planning.schedule import Schedule, build_schedule

START = date(2014, 11, 3)
TIMEZONE = "Africa/Bamako"


@dataclass(frozen=True, eq=False)
class Theatre:
    """A problem with what only geometry and the scenario know."""

    problem: Problem
    positions: Mapping[str, tuple[float, float]]
    limits: Mapping[str, object]
    populations: Mapping[str, int | None] = field(default_factory=dict)
    risks: Mapping[str, float | None] = field(default_factory=dict)
    cercles: Mapping[str, str | None] = field(default_factory=dict)


def build_limits(**changes) -> dict[str, object]:
    limits: dict[str, object] = {
        "sunrise_margin_min": 15.0,
        "sunset_margin_min": 45.0,
        "break_min": 30.0,
        "night_movement": False,
        "fixed_window": None,
        "min_days": 1,
        "beyond_km": 50.0,
        "min_share_beyond": 0.5,
    }
    return limits | changes


def build_windows(positions, place_ids, days, limits, *, start=START):
    """Return opens, closes and midnights as study builds them, minutes of the clock."""
    zone = ZoneInfo(TIMEZONE)
    zero = datetime.combine(start, time(), zone).astimezone(UTC)
    fixed = limits["fixed_window"]
    opens = np.zeros((len(place_ids), days))
    closes = np.zeros((len(place_ids), days))
    for i, place in enumerate(place_ids):
        for day in range(days):
            window = estimate_duty_window(
                *positions[place],
                start + timedelta(days=day),
                timezone=TIMEZONE,
                sunrise_margin_min=limits["sunrise_margin_min"],
                sunset_margin_min=limits["sunset_margin_min"],
                night_movement=limits["night_movement"],
                fixed_window=fixed
                and (time.fromisoformat(fixed[0]), time.fromisoformat(fixed[1])),
            )
            opens[i, day], closes[i, day] = (
                (moment - zero).total_seconds() / 60 for moment in window
            )
    midnights = np.arange(days + 1) * 1440.0
    return opens, closes, midnights


def build_theatre(
    positions: Mapping[str, tuple[float, float]],
    sites: list[Site],
    bases: list[Base],
    teams: list[Team],
    travel: list[TravelMatrix],
    *,
    days: int,
    limits: Mapping[str, object] | None = None,
    **more,
) -> Theatre:
    limits = limits or build_limits()
    place_ids = tuple([base.id for base in bases] + [site.id for site in sites])
    opens, closes, midnights = build_windows(positions, place_ids, days, limits)
    problem = Problem(
        start=START,
        horizon_days=days,
        place_ids=place_ids,
        sites=tuple(sites),
        bases=tuple(bases),
        teams=tuple(teams),
        travel=tuple(travel),
        opens_min=opens,
        closes_min=closes,
        day_starts_min=midnights,
        limits=Limits(
            break_min=limits["break_min"],
            beyond_km=limits["beyond_km"],
            min_share_beyond=limits["min_share_beyond"],
        ),
    )
    return Theatre(problem, positions, limits, **more)


def build_matrix(
    minutes, *, vehicle="light", km_per_min=0.5, days=(0, 366), blocked=()
):
    """Return a travel matrix of hand-written minutes; None is no way."""
    cells = np.array(
        [[np.inf if cell is None else float(cell) for cell in row] for row in minutes]
    )
    return TravelMatrix(
        vehicle=vehicle,
        valid_from=START + timedelta(days=days[0]),
        valid_to=START + timedelta(days=days[1]),
        durations_min=cells,
        lengths_m=cells * km_per_min * 1000.0,
        fuels_l=cells * 0.1,
        halt_blocked=dict(blocked),
    )


def build_team(team_id="t1", base_id="base", **changes) -> Team:
    team = Team(team_id, base_id, "light", 4, 16, 1, 12, 2, 3000.0)
    return replace(team, **changes)


def build_hand_theatre(
    *, dwells=(120.0,), minutes=None, days=10, team=None, needs=None, **limits
) -> Theatre:
    """Return one base and a few sites within fixed windows 06:00 to 18:00, no breaks.

    Night movement is allowed, so that the fixed window alone binds and every sum
    can be done on paper.
    """
    settings = build_limits(
        night_movement=True, fixed_window=["06:00", "18:00"], break_min=0.0, **limits
    )
    count = len(dwells)
    ids = [f"s{i + 1}" for i in range(count)]
    sites = [
        Site(ids[i], ids[i].upper(), 100.0 if needs is None else needs[i], float(dwell))
        for i, dwell in enumerate(dwells)
    ]
    if minutes is None:
        minutes = 300.0 * (1 - np.eye(count + 1))
    positions = {"base": (0.0, 16.0)} | {
        ids[i]: (0.0 + 0.5 * (i + 1), 16.5) for i in range(count)
    }
    return build_theatre(
        positions,
        sites,
        [Base("base", "Base")],
        [team or build_team()],
        [build_matrix(minutes)],
        days=days,
        limits=settings,
        populations=dict.fromkeys(ids, 50),
        risks=dict.fromkeys(ids, 2.0),
        cercles=dict.fromkeys(ids, "east"),
    )


def build_hand_document() -> dict[str, Any]:
    """Return a plan as JSON: five days from the base to s1 and s2 and back.

    Twelve hours a day from 06:00: base, halt, s1 (09:00 to 17:20 of the second day),
    halt, halt, s2 (06:00 to 14:20 of the fourth), halt, base; 900, 300 and 600 minutes.
    """
    theatre = build_hand_theatre(
        dwells=(500, 500),
        minutes=[[0, 900, 600], [900, 0, 300], [600, 300, 0]],
        needs=(100.0, 300.0),
        days=10,
    )
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    told = build_plan_file(theatre, build_schedule(theatre.problem, plan))
    return told.model_dump(mode="json", by_alias=True)


def change_theatre(
    theatre: Theatre, *, sites=None, team=None, hazards=None, groups=None, pairs=None
) -> Theatre:
    """Return a theatre with conditions: changes by site id, of each team, of the whole.

    ``hazards`` are hand-written rows as those of the minutes. None leaves all as it is.
    """
    problem = theatre.problem
    changes = sites or {}
    travel = problem.travel
    if hazards is not None:
        cells = np.array(hazards, dtype=float)
        travel = tuple(replace(matrix, hazards=cells) for matrix in travel)
    return replace(
        theatre,
        problem=replace(
            problem,
            sites=tuple(replace(s, **changes.get(s.id, {})) for s in problem.sites),
            teams=tuple(replace(t, **(team or {})) for t in problem.teams),
            travel=travel,
            groups=problem.groups if groups is None else tuple(groups),
            forbidden_pairs=problem.forbidden_pairs if pairs is None else tuple(pairs),
        ),
    )


BASES = {
    "gao": (-0.05, 16.27),
    "timbuktu": (-3.0, 16.77),
    "kidal": (1.41, 18.44),
    "menaka": (2.4, 15.92),
    "mopti": (-4.18, 14.48),
}
_LON, _LAT = (-6.5, 4.5), (13.8, 22.0)


def build_random_theatre(
    seed: int,
    *,
    sites: int = 50,
    bases: int = 5,
    teams: int = 7,
    days: int = 28,
    max_days: int = 12,
    min_days: int = 3,
    rest_days: int = 3,
    range_km: float = 2500.0,
    periods: int = 1,
    dwell_min: tuple[float, float] = (300.0, 540.0),
    required: int = 0,
    unknown: int = 0,
    blocks: bool = True,
    speed: tuple[float, float] = (8.0, 20.0),
    conditions: bool = False,
) -> Theatre:
    """Return a Mali-like problem: towns on a sparse web of slow roads, uneven needs.

    With ``conditions`` some sites have windows, roles and cadences, some teams hazard
    budgets, and some sites stand in groups and forbidden pairs; all else is the same.
    """
    rng = np.random.default_rng(seed)
    base_names = list(BASES)[:bases]
    ids = [f"site{i:02d}" for i in range(sites)]
    spots = np.array(
        [BASES[name] for name in base_names]
        + [(rng.uniform(*_LON), rng.uniform(*_LAT)) for _ in ids]
    )
    names = [f"base-{name}" for name in base_names]
    place_ids = [*names, *ids]
    matrices = _build_roads(rng, spots, days, periods, blocks=blocks, speed=speed)
    people = np.exp(rng.normal(8.0, 0.8, sites)).astype(int) + 50
    risks = rng.integers(1, 6, sites).astype(float)
    hidden = set(rng.choice(sites, unknown, replace=False).tolist()) if unknown else ()
    asked = set(rng.choice(sites, required, replace=False).tolist()) if required else ()
    theatre = build_theatre(
        dict(zip(place_ids, map(tuple, spots.tolist()), strict=True)),
        [
            Site(
                site,
                site.upper(),
                None if i in hidden else float(people[i] * risks[i] / 5),
                float(rng.integers(dwell_min[0] // 30, dwell_min[1] // 30 + 1) * 30),
                required=i in asked,
            )
            for i, site in enumerate(ids)
        ],
        [Base(name, name) for name in names],
        [
            build_team(
                f"team{i}",
                names[i % bases],
                min_days=min_days,
                max_days=max_days,
                rest_days=rest_days,
                range_km=range_km,
            )
            for i in range(teams)
        ],
        matrices,
        days=days,
        limits=build_limits(min_days=min_days),
        populations={
            s: None if i in hidden else int(people[i]) for i, s in enumerate(ids)
        },
        risks={s: risks[i] for i, s in enumerate(ids)},
        cercles={s: f"cercle{i % 6}" for i, s in enumerate(ids)},
    )
    return _add_conditions(theatre, seed) if conditions else theatre


def _add_conditions(theatre: Theatre, seed: int) -> Theatre:
    # Draws of its own: the problem without conditions stays the same problem.
    rng = np.random.default_rng((seed, 2014))
    problem = theatre.problem
    sites = tuple(
        replace(
            site,
            windows_min=_draw_windows(rng, problem) if rng.random() < 0.5 else None,
            roles=("medic",) if rng.random() < 0.25 else (),
            cadence_days=float(rng.choice([0.5, 1, 2, 7]))
            if rng.random() < 0.3
            else None,
        )
        for site in problem.sites
    )
    travel = []
    for matrix in problem.travel:
        steps = rng.integers(0, 4, matrix.lengths_m.shape)
        with np.errstate(invalid="ignore"):
            hazards = matrix.lengths_m / 1000.0 * np.minimum(steps, steps.T)
        hazards[~np.isfinite(matrix.lengths_m)] = np.inf
        travel.append(replace(matrix, hazards=hazards))
    teams = tuple(
        replace(
            team,
            roles=("medic",) if rng.random() < 0.5 else (),
            hazard_budget=float(rng.uniform(0.5, 3.0) * team.range_km)
            if rng.random() < 0.5
            else np.inf,
        )
        for team in problem.teams
    )
    ids = [str(site) for site in rng.permutation([site.id for site in sites])]
    groups = [Group(tuple(ids[:2]), required=bool(rng.random() < 0.3))]
    if len(ids) > 6:
        groups.append(Group(tuple(ids[2:5])))
    pairs = ((ids[-1], ids[0]), (ids[-1], ids[-2]))
    changed = replace(
        problem,
        sites=sites,
        teams=teams,
        travel=tuple(travel),
        groups=tuple(groups),
        forbidden_pairs=pairs if rng.random() < 0.7 else (),
    )
    return replace(theatre, problem=changed)


def add_fuel(problem: Problem, seed: int, *, scarce: float = 0.5) -> Problem:
    """Return a problem whose roads differ in thirst, whose tanks bind, and some refill.

    ``scarce`` is how far a tank lets a team drive on roads of mean thirst, at most, as
    a share of its range.
    """
    rng = np.random.default_rng((seed, 2164))
    travel = []
    for matrix in problem.travel:
        thirst = rng.uniform(0.1, 0.6, matrix.lengths_m.shape)
        with np.errstate(invalid="ignore"):
            fuels = matrix.lengths_m / 1000.0 * np.minimum(thirst, thirst.T)
        fuels[~np.isfinite(matrix.lengths_m)] = np.inf
        travel.append(replace(matrix, fuels_l=fuels))
    teams = tuple(
        replace(
            team,
            fuel_budget_l=float(rng.uniform(0.1, scarce) * team.range_km * 0.27)
            if rng.random() < 0.8
            else np.inf,
        )
        for team in problem.teams
    )
    sites = tuple(
        replace(site, refuels=bool(rng.random() < 0.25)) for site in problem.sites
    )
    return replace(problem, sites=sites, teams=teams, travel=tuple(travel))


def add_waysides(problem: Problem, seed: int, *, lines: int = 3) -> Problem:
    """Return a problem with lines that earn, and half its sites seen in passing.

    Each leg comes by some of them, the same both ways; where roads change, so may they.
    """
    rng = np.random.default_rng((seed, 1960))
    total = sum(site.need or 0.0 for site in problem.sites)
    waysides = [
        Wayside(f"line{i}", float(rng.uniform(0.05, 0.4) * total), line_id=f"line{i}")
        for i in range(lines)
    ]
    for site in problem.sites:
        if site.need and rng.random() < 0.5:
            share = float(rng.choice([0.2, 0.5, 1.0]))
            waysides.append(Wayside(site.id, share * site.need, site.id))
    travel = []
    size = len(problem.place_ids)
    state = rng.bit_generator.state
    for matrix in problem.travel:
        found = {}
        if seed % 4:
            rng.bit_generator.state = state
        for i in range(size):
            for j in range(i):
                by = np.flatnonzero(rng.random(len(waysides)) < 0.3).tolist()
                ends = {problem.place_ids[i], problem.place_ids[j]}
                by = [number for number in by if waysides[number].site_id not in ends]
                way = float(matrix.durations_min[i, j])
                if by and np.isfinite(way):
                    found[i, j] = tuple((n, float(rng.uniform(0, way))) for n in by)
                    back = float(matrix.durations_min[j, i])
                    found[j, i] = tuple((n, float(rng.uniform(0, back))) for n in by)
        travel.append(replace(matrix, waysides=found))
    return replace(problem, travel=tuple(travel), waysides=tuple(waysides))


def add_even_waysides(theatre: Theatre, seed: int, *, share: float) -> Theatre:
    """Return a theatre with waysides where every site earns one share when passed."""
    problem = add_waysides(theatre.problem, seed)
    numbers = {w.site_id: n for n, w in enumerate(problem.waysides) if w.site_id}
    waysides = [
        replace(w, need=share * problem.sites[problem.site_index[w.site_id]].need)
        if w.site_id
        else w
        for w in problem.waysides
    ]
    # Sites that no leg comes by are sites that could be passed all the same.
    waysides += [
        Wayside(site.id, share * site.need, site.id)
        for site in problem.sites
        if site.need and site.id not in numbers
    ]
    return replace(theatre, problem=replace(problem, waysides=tuple(waysides)))


def _draw_windows(rng, problem: Problem) -> tuple[tuple[float, float], ...]:
    """Return market days: on some days one or two windows, early or late, or none."""
    windows = []
    step = int(rng.integers(1, 4))
    for day in range(int(rng.integers(0, 3)), problem.horizon_days, step):
        midnight = float(problem.day_starts_min[day])
        begins = midnight + float(rng.integers(20, 64)) * 15.0
        windows.append((begins, begins + float(rng.integers(0, 12)) * 15.0))
        if rng.random() < 0.4 and windows[-1][1] < midnight + 1000.0:
            windows.append((midnight + 1005.0, midnight + 1125.0))
    return tuple(windows)


def _build_roads(rng, spots, days, periods, *, blocks, speed):
    """Return quickest ways over a web of each place's nearest neighbours."""
    count = len(spots)
    flat = spots * np.array([106.0, 110.6])  # km a degree at 17 N
    gaps = np.hypot(*(flat[:, None] - flat[None]).transpose(2, 0, 1))
    near = np.argsort(gaps, axis=1)[:, 1:5]
    km = np.full((count, count), np.inf)
    for i in range(count):
        for j in near[i]:
            km[i, j] = km[j, i] = gaps[i, j] * 1.2
    # A chain through all places by longitude keeps the web in one piece.
    order = np.argsort(spots[:, 0])
    for i, j in pairwise(order):
        km[i, j] = km[j, i] = gaps[i, j] * 1.2
    speeds = rng.uniform(*speed, (count, count))
    speeds = np.minimum(speeds, speeds.T)
    matrices = []
    for period in range(periods):
        slowed = np.where(rng.random((count, count)) < 0.3 * period, 0.5, 1.0)
        minutes = km / (speeds * np.minimum(slowed, slowed.T)) * 60.0
        cells = csr_matrix(np.where(np.isinf(minutes), 0.0, minutes))
        durations, before = dijkstra(cells, return_predecessors=True)
        lengths = np.zeros((count, count))
        for i in range(count):
            for j in np.argsort(durations[i], kind="stable"):
                if before[i, j] >= 0:
                    lengths[i, j] = lengths[i, before[i, j]] + km[before[i, j], j]
        blocked = {}
        if blocks:
            for i in range(count):
                for j in range(count):
                    total = durations[i, j]
                    if i != j and np.isfinite(total) and total > 60:
                        middle = rng.uniform(25.0, total - 25.0)
                        blocked[i, j] = (
                            (-1.0, 10.0),
                            (middle - 10.0, middle + 10.0),
                            (total - 10.0, total + 1.0),
                        )
        length = days // periods + 1
        matrices.append(
            TravelMatrix(
                "light",
                START + timedelta(days=period * length),
                START + timedelta(days=(period + 1) * length - 1),
                durations,
                lengths * 1000.0,
                lengths * 0.25,
                blocked,
            )
        )
    return matrices


def build_plan_file(
    theatre: Theatre,
    schedule: Schedule,
    *,
    need_bound: float | None = None,
    reasons: Mapping[str, UnservedEntry] | None = None,
) -> PlanFile:
    """Return the plan file of a schedule, with straight lines for geometry."""
    problem = theatre.problem
    sites = {site.id: site for site in problem.sites}
    zero = datetime.combine(problem.start, time(), ZoneInfo(TIMEZONE)).astimezone(UTC)

    def moment(minutes):
        return None if minutes is None else zero + timedelta(minutes=minutes)

    arrivals = sorted(
        (stop.arrive_min, patrol.id, number)
        for patrol in schedule.patrols
        for number, stop in enumerate(patrol.stops)
        if stop.site_id
    )
    earned: dict[tuple[str, int], float] = {}
    last: dict[str, float] = {}
    by_id = {patrol.id: patrol for patrol in schedule.patrols}
    for arrive, patrol_id, number in arrivals:
        site = sites[by_id[patrol_id].stops[number].site_id]
        days = np.inf if site.cadence_days is None else site.cadence_days
        if site.id not in last or arrive - last[site.id] >= days * 1440.0:
            earned[patrol_id, number] = site.need or 0.0
        last[site.id] = arrive
    passings = list_passings(problem, schedule)
    patrols = []
    for patrol in schedule.patrols:
        spots = []
        for number, stop in enumerate(patrol.stops):
            if stop.place is not None:
                spots.append(theatre.positions[problem.place_ids[stop.place]])
                continue
            leg = patrol.legs[number - 1]
            a, b = (
                np.array(theatre.positions[problem.place_ids[i]])
                for i in (leg.origin, leg.destination)
            )
            spots.append(tuple((a + (b - a) * leg.share_to).tolist()))
        team = next(t for t in problem.teams if t.id == patrol.team_id)
        patrols.append(
            {
                "id": patrol.id,
                "team_id": patrol.team_id,
                "base_id": patrol.base_id,
                "depart": moment(patrol.depart_min),
                "return": moment(patrol.return_min),
                "stops": [
                    {
                        "kind": stop.kind,
                        "site_id": stop.site_id,
                        "place_id": stop.place_id,
                        "lon": spot[0],
                        "lat": spot[1],
                        "arrive": moment(stop.arrive_min),
                        "depart": moment(stop.depart_min),
                        "roles": list(team.roles) if stop.site_id else [],
                        "purpose": None,
                        "tier": None,
                        "phase": None,
                        "themes": [],
                        "need_earned": earned.get((patrol.id, number), 0.0),
                    }
                    for number, (stop, spot) in enumerate(
                        zip(patrol.stops, spots, strict=True)
                    )
                ],
                "legs": [
                    {
                        "from": leg.from_id,
                        "to": leg.to_id,
                        "depart": moment(leg.depart_min),
                        "arrive": moment(leg.arrive_min),
                        "length_km": leg.length_m / 1000,
                        "driving_min": leg.driving_min,
                        "lines": [
                            w.line_id
                            for w in passings.get((patrol.id, i), ())
                            if w.line_id
                        ],
                        "passed": [
                            w.site_id
                            for w in passings.get((patrol.id, i), ())
                            if w.site_id
                        ],
                        "need_earned": sum(
                            w.need for w in passings.get((patrol.id, i), ())
                        ),
                        "clearing": leg.clearing or None,
                        "geometry": LineGeometry(
                            coordinates=[spots[i], spots[i + 1]]
                        ).model_dump(),
                    }
                    for i, leg in enumerate(patrol.legs)
                ],
                "supplies": {
                    "fuel_l": 0.0,
                    "fuel_capacity_l": None,
                    "water_l": 0.0,
                    "water_capacity_l": None,
                    "rations": 0,
                },
                "casualty": [],
            }
        )

    def cells(array, divisor=1.0):
        return [
            [None if np.isinf(c) else c / divisor for c in row]
            for row in array.tolist()
        ]

    def windows(site):
        if site.windows_min == ():
            # None within the horizon: one as it ends, at which no visit can begin.
            return [[moment(problem.day_starts_min[-1])] * 2]
        return [[moment(a), moment(b)] for a, b in site.windows_min or ()]

    choices = {}
    if problem.groups:
        choices["groups"] = [
            {"site_ids": list(group.site_ids), "required": group.required}
            for group in problem.groups
        ]
    if problem.forbidden_pairs:
        choices["forbidden_pairs"] = [list(pair) for pair in problem.forbidden_pairs]
    if problem.waysides:
        choices |= _describe_waysides(problem)

    draft = PlanFile.model_validate(
        {
            "version": "0",
            "seed": 1,
            "status": "draft",
            "release": "confidential",
            "gates": [],
            "scenario": {
                "name": "test",
                "start": problem.start,
                "horizon_days": problem.horizon_days,
                "timezone": TIMEZONE,
                "limits": dict(theatre.limits) | choices,
            },
            "bases": [
                {
                    "id": base.id,
                    "name": base.name,
                    "lon": theatre.positions[base.id][0],
                    "lat": theatre.positions[base.id][1],
                }
                for base in problem.bases
            ],
            "sites": [
                {
                    "id": site.id,
                    "name": site.name,
                    "lon": theatre.positions[site.id][0],
                    "lat": theatre.positions[site.id][1],
                    "cercle": theatre.cercles.get(site.id),
                    "population": theatre.populations.get(site.id),
                    "risk": theatre.risks.get(site.id),
                    "need": site.need,
                    "themes": {},
                    "dwell_min": site.dwell_min,
                    "required": site.required,
                    "roles_required": list(site.roles),
                    "windows": windows(site),
                    "cadence_days": site.cadence_days,
                }
                for site in problem.sites
            ],
            "teams": [
                {
                    "id": team.id,
                    "base_id": team.base_id,
                    "vehicle": team.vehicle,
                    "vehicles": team.vehicles,
                    "people": team.people,
                    "max_days": team.max_days,
                    "rest_days": team.rest_days,
                    "range_km": team.range_km,
                    "roles": list(team.roles),
                    "hazard_budget": team.hazard_budget
                    if np.isfinite(team.hazard_budget)
                    else None,
                }
                for team in problem.teams
            ],
            "travel": [
                {
                    "vehicle": matrix.vehicle,
                    "from_date": matrix.valid_from,
                    "to_date": matrix.valid_to,
                    "place_ids": list(problem.place_ids),
                    "durations_min": cells(matrix.durations_min),
                    "lengths_km": cells(matrix.lengths_m, 1000.0),
                    "fuel_l": cells(matrix.fuels_l),
                    "hazards": None
                    if matrix.hazards is None
                    else cells(matrix.hazards),
                    "ways": [
                        {
                            "from": problem.place_ids[i],
                            "to": problem.place_ids[j],
                            "comes_by": [
                                (problem.waysides[n].id, minute) for n, minute in found
                            ],
                        }
                        for (i, j), found in matrix.waysides.items()
                    ]
                    or None,
                }
                for matrix in problem.travel
            ],
            "waysides": [
                {
                    "id": wayside.id,
                    "line_id": wayside.line_id,
                    "site_id": wayside.site_id,
                    "need": wayside.need,
                }
                for wayside in problem.waysides
            ]
            or None,
            "patrols": patrols,
            "assessment": EMPTY_ASSESSMENT,
            "inputs": [],
        }
    )
    measured = build_assessment(draft, need_bound=need_bound, reasons=reasons)
    # As read back from a file: times to the millisecond.
    return PlanFile.model_validate_json(
        draft.model_copy(update={"assessment": measured}).model_dump_json(by_alias=True)
    )


def _describe_waysides(problem: Problem) -> dict[str, object]:
    """Return the limits that say what is earned on the way; drawings bear no roads."""
    needs = {site.id: site.need for site in problem.sites}
    shares = [w.need / needs[w.site_id] for w in problem.waysides if w.site_id]
    return {
        "passing_km": 20_000.0,
        "passing_share": shares[0] if shares else 0.0,
        "lines_presence": [
            {"line_id": w.line_id, "need": w.need, "source": "made up"}
            for w in problem.waysides
            if w.line_id
        ],
    }


EMPTY_ASSESSMENT = Assessment(
    need_total=0,
    need_met=0,
    first_visits=0,
    repeats=0,
    passed=0,
    lines=0,
    need_bound=None,
    gap=None,
    unknown_total=0,
    unknown_visited=0,
    people_total=0,
    people_reached=0,
    reach={},
    equity={},
    unserved=[],
    violations=[],
)


def build_tiny_theatre(seed: int, *, conditions: bool = False) -> Theatre:
    """Return a problem of 3 to 5 sites and 1 or 2 teams, small enough to try all."""
    rng = np.random.default_rng(seed)

    def draw(low, high):
        return int(rng.integers(low, high + 1))

    return build_random_theatre(
        seed,
        sites=draw(3, 5),
        bases=draw(1, 2),
        teams=draw(1, 2),
        days=draw(4, 9),
        max_days=draw(3, 7),
        min_days=draw(1, 3),
        rest_days=draw(0, 2),
        range_km=float(draw(600, 2500)),
        periods=draw(1, 2),
        speed=(15.0, 50.0),
        conditions=conditions,
    )
