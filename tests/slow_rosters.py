"""The search of rosters once more, slowly: patrols as lists, run by the plain clock."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from math import inf, log
from typing import NamedTuple

import numpy as np

from patrolplan.planning import kernel
from patrolplan.planning.clock import drive, run_patrol, visit
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Problem
from patrolplan.planning.tables import build_tables
from patrolplan.planning.task import build_roster, build_task
from problems import add_fuel, add_waysides, build_random_theatre
from slow_draws import SlowDraws, cut_string

BLINK = 0.01


@cache
def build_problem(
    seed: int,
    kind: str,
    *,
    sites: int = 7,
    teams: int = 3,
    speed: tuple[float, float] = (80.0, 160.0),
) -> Problem:
    """Return a small problem: bare, or with conditions, fuel or waysides.

    Every detour takes ten minutes more at least, so that no two ways are equal. Of four
    problems two have roads that change, and one roads that become quicker; of three one
    has teams whose range binds.
    """
    problem = build_random_theatre(
        seed,
        sites=sites,
        bases=2,
        teams=teams,
        days=10,
        max_days=2 if seed % 8 == 6 else 3 + seed % 3,
        min_days=1 + seed % 2,
        rest_days=seed % 3,
        range_km=1500.0 if seed % 3 == 1 else 4000.0,
        periods=1 + seed % 2,
        dwell_min=(60.0, 240.0),
        speed=speed,
        conditions=kind == "conditions",
    ).problem
    rng = np.random.default_rng(seed)
    travel = []
    for number, matrix in enumerate(problem.travel):
        slow = 3.0 if seed % 4 == 3 and number == 0 else 1.0
        minutes = slow * matrix.durations_min
        minutes += rng.uniform(10, 20, minutes.shape)
        np.fill_diagonal(minutes, 0.0)
        travel.append(replace(matrix, durations_min=minutes))
    problem = replace(problem, travel=tuple(travel))
    if kind == "fuel":
        return add_fuel(problem, seed)
    return add_waysides(problem, seed) if kind == "waysides" else problem


@cache
def pose(problem: Problem) -> Posed:
    """Return a problem posed, once."""
    return Posed(problem)


class Walk(NamedTuple):
    """A patrol as the plain clock runs it.

    Attributes
    ----------
    home, duty
        Day of return, and duty minutes.
    rows
        By position, the base first: time and day when done there, metres, hazard, and
        litres since the last fill.
    arrivals
        By visit: when it begins.
    left
        By leg: the day whose roads it is driven on.
    """

    home: int
    duty: float
    rows: list[tuple[float, int, float, float, float]]
    arrivals: list[float]
    left: list[int]


class SlowRoster:
    """Patrols of all teams under change.

    Parameters
    ----------
    problem
        What is asked.
    seed
        Seed of the words of the task.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self.posed, self.tables = pose(problem), build_tables(problem)
        self.problem, self.crews = problem, self.posed.crews
        size = len(problem.place_ids) + len(self.crews) * problem.horizon_days
        rng = np.random.default_rng(seed)
        words = rng.integers(1, 1 << 63, size, dtype=np.uint64)
        self.task = build_task(self.posed, words)
        self.places = self.task.places.tolist()
        self.days = problem.horizon_days
        # By team, in order of departure: day and items.
        self.chains: list[list[tuple[int, list[int]]]] = [[] for _ in self.crews]
        self.arrivals: dict[int, float] = {}
        self.rows = self.make().departs.shape[1]

    def make(self):
        """Return an empty roster of the kernel."""
        return build_roster(self.posed, self.task, [[] for _ in self.crews])

    def load(self):
        """Return the kernel's roster of these patrols, settled."""
        roster, task = self.make(), self.task
        for team, chain in enumerate(self.chains):
            roster.counts[team] = len(chain)
            for patrol, (depart, items) in enumerate(chain):
                roster.departs[team, patrol] = depart
                roster.sizes[team, patrol] = len(items)
                roster.orders[team, patrol, : len(items)] = items
                for item in items:
                    if task.groups[item] >= 0:
                        roster.taken[task.groups[item]] += 1
        for team, chain in enumerate(self.chains):
            for patrol in range(len(chain)):
                assert kernel.settle(task, roster, team, patrol)
        return roster

    def find(self, item):
        """Return team and patrol of an item, or None."""
        for team, chain in enumerate(self.chains):
            for patrol, (_, items) in enumerate(chain):
                if item in items:
                    return team, patrol
        return None

    def find_last(self, team, depart, following=None):
        """Return the day by which a patrol must be home."""
        crew = self.crews[team]
        last = min(depart + crew.max_days, self.days) - 1
        if following is not None:
            last = min(last, following - crew.rest_days - 1)
        return last

    def find_last_of(self, team, patrol):
        """Return the same for one that there is."""
        chain = self.chains[team]
        following = chain[patrol + 1][0] if patrol + 1 < len(chain) else None
        return self.find_last(team, chain[patrol][0], following)

    def walk(self, team, depart, items, last) -> Walk | None:
        """Run a patrol by the plain clock; None if it cannot be."""
        crew, clock = self.crews[team], self.tables
        places = [self.places[item] for item in items]
        value = run_patrol(clock, crew, depart, places, last) if places else None
        if value and value.failure not in (None, "too_few_days"):
            return None
        here, now, day = crew.base, clock.midnights_min[depart], depart
        length = hazard = fuel = 0.0
        rows, arrivals, left = [(now, day, 0.0, 0.0, 0.0)], [], []
        for there in [*places, crew.base]:
            gone = drive(
                clock, clock.vehicles[crew.vehicle], here, there, now, day, last
            )
            if isinstance(gone, str):
                return None
            now, day, leaves = gone
            left.append(leaves)
            matrix = self.problem.find_travel(crew.vehicle, leaves)
            length += matrix.lengths_m[here, there]
            hazard += 0.0 if matrix.hazards is None else matrix.hazards[here, there]
            fuel += matrix.fuels_l[here, there]
            here = there
            if len(arrivals) < len(places):
                done = visit(clock, there, now, day, last)
                arrivals.append(done.start_min)
                now, day = done.end_min, done.day
                fuel = 0.0 if self.posed.find_site(there).refuels else fuel
                rows.append((now, day, length, hazard, fuel))
        if value is None:
            return None
        return Walk(value.return_day, value.duty_min, rows, arrivals, left)

    def judge(self, team, patrol, items, last, *, depart=None, out=()) -> Walk | None:
        """Run a patrol with other items, and look whether their twins allow it."""
        if depart is None:
            depart = self.chains[team][patrol][0]
        walk = self.walk(team, depart, items, last)
        if walk is None:
            return None
        for item, begins in zip(items, walk.arrivals, strict=True):
            for twin, place in enumerate(self.places):
                if place != self.places[item] or twin == item or twin in out:
                    continue
                where = self.find(twin)
                if where is None:
                    continue
                if where == (team, patrol):
                    return None
                if abs(self.arrivals[twin] - begins) < self.task.apart_min[item]:
                    return None
        return walk

    def settle(self, team, patrol) -> bool:
        """Set when the visits of a patrol begin, if it can be."""
        _, items = self.chains[team][patrol]
        last = self.find_last_of(team, patrol)
        walk = self.judge(team, patrol, items, last, out=items)
        if walk is None:
            return False
        self.arrivals |= dict(zip(items, walk.arrivals, strict=True))
        return True

    def measure_work(self, team, items):
        """Return minutes driven and dwelt, by the quickest roads."""
        crew, task = self.crews[team], self.task
        stops = [crew.base, *(self.places[item] for item in items), crew.base]
        d = task.durations[task.vehicles[team]]
        dwells = sum(task.clock.dwells_min[place] for place in stops[1:-1])
        return sum(d[a, b] for a, b in pairwise(stops)) + dwells

    def find_home(self, team, patrol):
        """Return the day of return of a patrol."""
        depart, items = self.chains[team][patrol]
        return self.walk(team, depart, items, self.find_last_of(team, patrol)).home

    def is_free(self, team, patrol, item):
        """Return whether groups, pairs and roles allow an item in a patrol."""
        task = self.task
        if not task.allowed[team, item]:
            return False
        if task.groups[item] >= 0 and any(
            self.find(other) is not None
            for other in np.flatnonzero(task.groups == task.groups[item])
        ):
            return False
        bars = task.bars[task.bars_from[item] : task.bars_to[item]].tolist()
        return all(self.find(other) != (team, patrol) for other in bars)

    def try_patrol(self, team, patrol, item, most, slow=None):
        """Return minutes and position of the cheapest way into a patrol."""
        depart, items = self.chains[team][patrol]
        last, task = self.find_last_of(team, patrol), self.task
        if last < depart:
            return most, -1
        work = self.measure_work(team, items)
        room = task.widths[last + 1] - task.widths[depart] - work
        d, place = task.durations[task.vehicles[team]], self.places[item]
        base, ways = self.crews[team].base, {}
        stops = [base, *(self.places[other] for other in items), base]
        for at, (a, b) in enumerate(pairwise(stops)):
            added = d[a, place] + d[place, b] - d[a, b]
            # Before and after a visit to the same place are one way.
            ways.setdefault(added + task.clock.dwells_min[place], at)
        for added, at in sorted(ways.items())[: 16 if task.windowed else 4]:
            if added >= most or added > room:
                return most, -1
            if slow is not None and slow.draw() < BLINK:
                continue
            if self.judge(team, patrol, [*items[:at], item, *items[at:]], last):
                return added, at
        return most, -1

    def test_alone(self, team, depart, item, shortly):
        """Return whether a new patrol may visit an item alone."""
        later = [day for day, _ in self.chains[team] if day > depart]
        last = self.find_last(team, depart, min(later, default=None))
        patrol = len(self.chains[team])
        walk = self.judge(team, patrol, [item], last, depart=depart)
        if walk is None:
            return False
        return shortly or walk.home - depart + 1 >= self.crews[team].min_days

    def find_place(self, item, openings, only, shortly, slow=None):
        """Return minutes, team, patrol and position of the cheapest insertion."""
        most, best = inf, (-1, 0, 0)
        for team in [only] if only >= 0 else range(len(self.crews)):
            if not self.task.allowed[team, item]:
                continue
            for patrol in range(len(self.chains[team])):
                if self.is_free(team, patrol, item):
                    added, spot = self.try_patrol(team, patrol, item, most, slow)
                    if spot >= 0:
                        most, best = added, (team, patrol, spot)
            if openings[team] < 0 or not self.is_free(team, -1, item):
                continue
            added = self.measure_work(team, [item])
            if added < most and self.test_alone(team, openings[team], item, shortly):
                most, best = added, (team, len(self.chains[team]), 0)
        return most, *best

    def open_gap(self, team, slow):
        """Return a day on which a team may begin another patrol, or -1."""
        chain, crew = self.chains[team], self.crews[team]
        count = len(chain)
        if count == self.rows:
            return -1
        turn = int(slow.draw() * (count + 1))
        for step in range(count + 1):
            gap = (turn + step) % (count + 1)
            begins, ends = 0, self.days - 1
            if gap > 0:
                begins = self.find_home(team, gap - 1) + crew.rest_days + 1
            if gap < count:
                ends = chain[gap][0] - crew.rest_days - 1
            spare = ends - begins + 1 - crew.min_days
            if spare < 0:
                continue
            choice = slow.draw()
            # Six of ten on the first day, two of ten on the last that is long enough.
            if choice < 0.6:
                return begins
            if choice < 0.8:
                return max(begins, ends + 1 - crew.max_days)
            return begins + int(slow.draw() * (spare + 1))
        return -1

    def insert(self, item, team, patrol, spot, openings, slow):
        """Put an item in, and open another gap."""
        chain = self.chains[team]
        if patrol == len(chain):
            depart = openings[team]
            patrol = sum(day <= depart for day, _ in chain)
            chain.insert(patrol, (depart, []))
            spot = 0
        chain[patrol][1].insert(spot, item)
        self.settle(team, patrol)
        openings[team] = self.open_gap(team, slow)

    def drop(self, team, patrol):
        """Take a patrol out."""
        del self.chains[team][patrol]

    def list_missing(self):
        """Return the items not visited; of one place only the first."""
        visited = {i for chain in self.chains for _, items in chain for i in items}
        first = {}
        for item, place in enumerate(self.places):
            if item not in visited:
                first.setdefault(place, item)
        return list(first.values())

    def visit_some(self, rng, share=0.9):
        """Visit some items at random; so that all patrols can be."""
        self.chains, self.arrivals = [[] for _ in self.crews], {}
        slow = SlowDraws(int(rng.integers(1, 1 << 62)))
        for item in rng.permutation(len(self.places)).tolist():
            team = int(rng.integers(len(self.crews)))
            if rng.random() > share:
                continue
            chain = self.chains[team]
            if chain and rng.random() < 0.8:
                patrol = int(rng.integers(len(chain)))
                depart, items = chain[patrol]
                at = int(rng.integers(len(items) + 1))
                longer = [*items[:at], item, *items[at:]]
                last = self.find_last_of(team, patrol)
                if self.is_free(team, patrol, item) and self.judge(
                    team, patrol, longer, last
                ):
                    chain[patrol] = depart, longer
                    self.settle(team, patrol)
            elif self.is_free(team, -1, item):
                openings = [self.open_gap(t, slow) for t in range(len(self.crews))]
                if openings[team] >= 0 and self.test_alone(
                    team, openings[team], item, True
                ):
                    self.insert(item, team, len(chain), 0, openings, slow)

    def ruin(self, slow):
        """Take strings of visits near one item out, or a whole patrol."""
        visited = sum(len(items) for chain in self.chains for _, items in chain)
        busy = sum(map(len, self.chains))
        if not visited:
            return
        if slow.draw() < 0.1:
            number = int(slow.draw() * busy)
            all_of_them = [
                (t, p) for t, c in enumerate(self.chains) for p in range(len(c))
            ]
            self.drop(*all_of_them[number])
            return
        longest = min(10.0, visited / busy)
        # A mean of eight visits goes, or of half of all.
        most = 4 * min(8.0, 0.5 * visited) / (1 + longest) - 1
        strings = int(1 + slow.draw() * max(1.0, most))
        centre, touched = int(slow.draw() * len(self.places)), []
        for item in self.task.near[centre].tolist():
            where = self.find(item)
            if where is None or where in touched:
                continue
            touched.append(where)
            items = self.chains[where[0]][where[1]][1]
            items[:] = cut_string(slow, items, item, longest)
            strings -= 1
            if not strings:
                break
        for team, patrol in sorted(touched, key=lambda cell: (cell[0], -cell[1])):
            if not self.chains[team][patrol][1] or not self.settle(team, patrol):
                self.drop(team, patrol)

    def move_days(self, slow):
        """Let one patrol leave on another day, if it still can be."""
        team = int(slow.draw() * len(self.crews))
        chain, rest = self.chains[team], self.crews[team].rest_days
        if not chain:
            return
        patrol = int(slow.draw() * len(chain))
        old, items = chain[patrol]
        first, last = 0, self.days - 1
        if patrol:
            first = self.find_home(team, patrol - 1) + rest + 1
        if patrol + 1 < len(chain):
            last = chain[patrol + 1][0] - rest - 1
        last -= self.find_home(team, patrol) - old
        choice = slow.draw()
        day = first
        if choice < 1 / 3:
            day = last
        elif choice < 2 / 3:
            day = first + int(slow.draw() * (last - first + 1))
        if day == old or day < first:
            return
        chain[patrol] = day, items
        if not self.settle(team, patrol):
            chain[patrol] = old, items
            self.settle(team, patrol)

    def rank(self, missing, slow):
        """Return the rule, and what each item ranks by it."""
        rule, task = int(slow.draw() * 4), self.task
        power = 0.5 + 1.5 * slow.draw()
        ranks = []
        for item in missing:
            if rule == 0:
                ranks.append(slow.draw())
                continue
            value = task.needs[item] ** power
            if rule == 2:
                value /= task.efforts[item] + 1.0
            if rule == 3:
                place = self.places[item]
                near = [o for o in task.near[item].tolist() if self.find(o) is not None]
                for other in near[:1]:
                    away = task.durations[0, place, self.places[other]]
                    value /= away + task.clock.dwells_min[place] + 1.0
            ranks.append(log(value * (0.85 + 0.3 * slow.draw())))
        return rule, ranks

    def insert_in_order(self, order, openings, shortly, blinks, slow):
        """Make visits in an order, each where it adds least; return if any is."""
        changed = False
        for item in order:
            _, *way = self.find_place(item, openings, -1, shortly, blinks)
            if way[0] >= 0:
                self.insert(item, *way, openings, slow)
                changed = True
        return changed

    def insert_by_ratio(self, missing, openings, slow):
        """Make visits, those of most need per minute added first."""
        power, task = 0.5 + 1.5 * slow.draw(), self.task
        worths, ways = [], []
        for item in missing:
            worths.append(task.needs[item] ** power * (0.85 + 0.3 * slow.draw()))
            ways.append(self.find_place(item, openings, -1, True, slow))
        missing = list(missing)
        while True:
            best, most = -1, 0.0
            for k, (added, team, _, _) in enumerate(ways):
                if team >= 0 and worths[k] / (max(added, 0.0) + 1.0) > most:
                    best, most = k, worths[k] / (max(added, 0.0) + 1.0)
            if best < 0:
                return
            _, changed, patrol, spot = ways[best]
            self.insert(missing[best], changed, patrol, spot, openings, slow)
            for row in (missing, worths, ways):
                row[best] = row[-1]
                row.pop()
            for k, item in enumerate(missing):
                if ways[k][1] == changed:
                    ways[k] = self.find_place(item, openings, -1, True)
                    continue
                if ways[k][1] < 0 and not task.windowed and not task.repeats:
                    continue
                way = self.find_place(item, openings, changed, True)
                group = task.groups[item]
                if group >= 0 and any(
                    self.find(other) is not None
                    for other in np.flatnonzero(task.groups == group)
                ):
                    ways[k] = (ways[k][0], -1, 0, 0)
                elif way[1] >= 0 and (ways[k][1] < 0 or way[0] < ways[k][0]):
                    ways[k] = way
                elif task.repeats and ways[k][1] >= 0:
                    ways[k] = self.find_place(item, openings, -1, True)

    def recreate(self, slow):
        """Make missing visits again; return how."""
        openings = [self.open_gap(team, slow) for team in range(len(self.crews))]
        missing = self.list_missing()
        if slow.draw() < 0.3:
            self.insert_by_ratio(missing, openings, slow)
            return "ratio"
        _, ranks = self.rank(missing, slow)
        order = [missing[k] for k in np.argsort(-np.array(ranks))]
        self.insert_in_order(order, openings, True, slow, slow)
        return "rank"

    def fill(self, slow):
        """Make visits that still fit, neediest first."""
        missing = self.list_missing()
        openings = [self.open_gap(team, slow) for team in range(len(self.crews))]
        order = [
            missing[k] for k in np.argsort([-self.task.needs[item] for item in missing])
        ]
        return self.insert_in_order(order, openings, False, None, slow)
