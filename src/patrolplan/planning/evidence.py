"""What a plan document states, indexed for the referee.

The referee is written apart from solver, clock and schedule, and shares with them
only ``daylight`` (when the sun lets a patrol move) and the contract. An error there
it cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from patrolplan.daylight import estimate_duty_window
from patrolplan.planfile import (
    BaseEntry,
    LegEntry,
    PatrolEntry,
    PlanFile,
    SiteEntry,
    StopEntry,
    TeamEntry,
    TravelEntry,
)
from patrolplan.planning.limits import PlanLimits, read_limits, read_zone

__all__ = [
    "TIME_SLACK",
    "Evidence",
    "JudgedVisit",
    "Way",
    "estimate_distance_km",
]

# Mean radius of the Earth (IUGG), the sphere on which a haversine errs least.
_MEAN_RADIUS_KM = 6371.0088
# Times are written to the millisecond, so that each may be off by one.
TIME_SLACK = timedelta(milliseconds=10)
_SLACK_DAYS = TIME_SLACK / timedelta(days=1)


def estimate_distance_km(
    lon_a: float, lat_a: float, lon_b: float, lat_b: float
) -> float:
    """Return the great-circle distance between two positions.

    A haversine on the sphere of mean radius; within 0.6 % of the geodesic on the
    WGS 84 ellipsoid, which is enough to say whether a site lies beyond a base.

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Positions, WGS 84 degrees.
    """
    half_lat = sin(radians(lat_b - lat_a) / 2)
    half_lon = sin(radians(lon_b - lon_a) / 2)
    square = half_lat**2 + cos(radians(lat_a)) * cos(radians(lat_b)) * half_lon**2
    return 2 * _MEAN_RADIUS_KM * asin(min(1.0, sqrt(square)))


class Way(NamedTuple):
    """The way between two places: minutes, kilometres, hazard, and fuel of a vehicle.

    Of a convoy of several classes, what its vehicles burn on average, in litres.
    """

    minutes: float
    km: float
    hazard: float
    fuel_l: float


@dataclass(frozen=True)
class JudgedVisit:
    """A visit as the document states it, and what it is worth by the referee.

    Parameters
    ----------
    patrol, stop, number, site
        The visit, the number of its stop, and its site.
    arrive
        When.
    earned
        Need that it earns.
    first
        Whether it is the site's first.
    too_soon
        Whether the site was visited before, and may not be visited again yet.
    since_days
        Days since the last arrival, None for the first.
    """

    patrol: PatrolEntry
    stop: StopEntry
    number: int
    site: SiteEntry
    arrive: datetime
    earned: float
    first: bool
    too_soon: bool
    since_days: float | None


@dataclass
class Evidence:
    """A plan document, indexed.

    Parameters
    ----------
    plan
        The document.

    Attributes
    ----------
    limits, zone
        What its scenario states.
    sites, bases, teams
        By id.
    visits
        All visits in order of arrival.

    Raises
    ------
    PlanFileError
        If the scenario's time zone is unknown, or one of its limits is missing or
        cannot be meant.
    """

    plan: PlanFile
    limits: PlanLimits = field(init=False)
    zone: ZoneInfo = field(init=False)
    sites: dict[str, SiteEntry] = field(init=False)
    bases: dict[str, BaseEntry] = field(init=False)
    teams: dict[str, TeamEntry] = field(init=False)
    visits: list[JudgedVisit] = field(init=False)
    _windows: dict[tuple[float, float, date, bool], tuple[datetime, datetime]] = field(
        init=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the document."""
        self.zone = read_zone(self.plan)
        self.limits = read_limits(self.plan)
        self.sites = {site.id: site for site in self.plan.sites}
        self.bases = {base.id: base for base in self.plan.bases}
        self.teams = {team.id: team for team in self.plan.teams}
        self.visits = list(self._judge_visits())

    @property
    def first_day(self) -> date:
        """First local day of the horizon."""
        start = self.plan.scenario.start
        return self.find_day(start) if isinstance(start, datetime) else start

    def find_day(self, moment: datetime) -> date:
        """Return the local day of a moment.

        Parameters
        ----------
        moment
            An aware datetime.
        """
        return moment.astimezone(self.zone).date()

    def find_end_day(self, moment: datetime) -> date:
        """Return the local day that a moment ends: 24:00 is still of the day before.

        Parameters
        ----------
        moment
            An aware datetime, to the slack of the times in a file.
        """
        return self.find_day(moment - TIME_SLACK)

    def find_position(self, stop: StopEntry) -> tuple[float, float]:
        """Return where a stop's place lies, by the document's sites and bases.

        Parameters
        ----------
        stop
            A stop; a halt has no place but its own position, whatever it is named
            after, and neither has a start at no known place.
        """
        place = self.sites.get(stop.place_id) or self.bases.get(stop.place_id)
        if place is None or stop.kind == "halt":
            return (stop.lon, stop.lat)
        return (place.lon, place.lat)

    def find_window(
        self, position: tuple[float, float], day: date, *, clearing: bool | None = None
    ) -> tuple[datetime, datetime]:
        """Return when movement and work may begin and must have ended, breaks off.

        Parameters
        ----------
        position
            Longitude and latitude.
        day
            The local day.
        clearing
            Whether a place is only cleared for the night: then all of the daylight.
        """
        key = (*position, day, bool(clearing))
        if key not in self._windows:
            limits = self.limits
            try:
                opens, closes = estimate_duty_window(
                    *position,
                    day,
                    timezone=self.zone.key,
                    sunrise_margin_min=0 if clearing else limits.sunrise_margin_min,
                    sunset_margin_min=0 if clearing else limits.sunset_margin_min,
                    night_movement=limits.night_movement,
                    fixed_window=None if clearing else limits.fixed_window,
                )
            except ValueError:
                # Where the sun does not rise or set, no daylight can be had.
                opens = closes = datetime.combine(day, time(), self.zone)
            closes -= timedelta(minutes=0 if clearing else limits.break_min)
            self._windows[key] = (opens.astimezone(UTC), closes.astimezone(UTC))
        return self._windows[key]

    def find_leg_day(self, pieces: Sequence[LegEntry]) -> date:
        """Return the local day on which a whole leg departs.

        It departs when its first minute is driven, be it after a night at the place.

        Parameters
        ----------
        pieces
            Its pieces, one or more.
        """
        moved = [leg for leg in pieces if leg.driving_min > 0] or pieces[-1:]
        # What only clears a place for the night is driven before the day it departs.
        moved = [leg for leg in moved if not leg.clearing] or moved
        return self.find_day(moved[0].depart)

    def find_travel(self, vehicle: str, day: date) -> TravelEntry | None:
        """Return the matrix of a vehicle class that holds for a departure, or None.

        Parameters
        ----------
        vehicle
            The vehicle class.
        day
            Local day of departure.
        """
        for travel in self.plan.travel:
            if travel.vehicle == vehicle and travel.from_date <= day <= travel.to_date:
                return travel
        return None

    def find_way(
        self, vehicle: str, day: date, origin: str, destination: str
    ) -> Way | None:
        """Return the way between two places, or None.

        Parameters
        ----------
        vehicle
            The vehicle class.
        day
            Local day of departure.
        origin, destination
            Ids of the places.
        """
        travel = self.find_travel(vehicle, day)
        if travel is None:
            return None
        try:
            row = travel.place_ids.index(origin)
            column = travel.place_ids.index(destination)
            minutes = travel.durations_min[row][column]
            km = travel.lengths_km[row][column]
            hazards = travel.hazards
            hazard = 0.0 if hazards is None else hazards[row][column]
            fuel_l = travel.fuel_l[row][column]
        except (ValueError, IndexError):
            return None
        if minutes is None or km is None or hazard is None:
            return None
        return Way(minutes, km, hazard, fuel_l or 0.0)

    def is_free(self, stop: StopEntry) -> bool:
        """Return whether a stop begins a patrol at a position of no known place.

        Parameters
        ----------
        stop
            The stop.
        """
        place = stop.place_id
        return (
            stop.kind == "start" and place not in self.sites and place not in self.bases
        )

    def find_beyond(self) -> set[str]:
        """Return ids of the sites that lie beyond the reach distance of every base."""
        return {
            site.id
            for site in self.plan.sites
            if all(
                estimate_distance_km(site.lon, site.lat, base.lon, base.lat)
                > self.limits.beyond_km
                for base in self.plan.bases
            )
        }

    def _judge_visits(self) -> Iterator[JudgedVisit]:
        """Yield visits in order of arrival; a visit too soon earns nothing."""
        found = [
            (stop.arrive, patrol.id, number, patrol, stop, self.sites[stop.site_id])
            for patrol in self.plan.patrols
            for number, stop in enumerate(patrol.stops)
            if stop.kind == "visit"
            and stop.site_id is not None
            and stop.site_id in self.sites
            and stop.arrive is not None
        ]
        found.sort(key=lambda item: item[:3])
        last: dict[str, datetime] = {}
        for arrive, _, number, patrol, stop, site in found:
            before = last.get(site.id)
            since = None
            too_soon = False
            if before is not None:
                since = (arrive - before) / timedelta(days=1)
                too_soon = (
                    site.cadence_days is None or since < site.cadence_days - _SLACK_DAYS
                )
            last[site.id] = arrive
            yield JudgedVisit(
                patrol,
                stop,
                number,
                site,
                arrive,
                0.0 if too_soon else site.need or 0.0,
                before is None,
                too_soon,
                since,
            )
