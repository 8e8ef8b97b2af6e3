"""The rows that people read of a plan: figures, patrols, stops, who is left out.

Maps, pages and tables all show these rows, so that they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Protocol

from patrolplan.planfile import LegEntry, PlanFile, SiteEntry
from patrolplan.products.casualty_rows import CasualtyDigest, ClockRow
from patrolplan.products.catalogue import (
    Text,
    format_duration,
    mark,
    translate,
    translate_text,
)
from patrolplan.products.reason_groups import ReasonGroup, group_reason
from patrolplan.products.supply_rows import SupplyRow

__all__ = [
    "Figures",
    "GateRow",
    "LegEarning",
    "MapLayers",
    "OnTheWay",
    "PatrolRow",
    "PlaceNames",
    "PlanDigest",
    "StopRow",
    "UncoveredRow",
    "word_marking",
    "word_status",
]


class MapLayers(Protocol):
    """The layers that products draw: frames in WGS 84, any of them empty.

    ``elevation`` is the grid that the map is shaded from, or None.
    """

    @property
    def population(self) -> Any: ...  # noqa: D102
    @property
    def lines(self) -> Any: ...  # noqa: D102
    @property
    def zones(self) -> Any: ...  # noqa: D102
    @property
    def bases(self) -> Any: ...  # noqa: D102
    @property
    def airfields(self) -> Any: ...  # noqa: D102
    @property
    def regions(self) -> Any: ...  # noqa: D102
    @property
    def borders(self) -> Any: ...  # noqa: D102
    @property
    def rivers(self) -> Any: ...  # noqa: D102
    @property
    def lakes(self) -> Any: ...  # noqa: D102
    @property
    def markets(self) -> Any: ...  # noqa: D102
    @property
    def elevation(self) -> Any: ...  # noqa: D102


class PlaceNames:
    """Names of sites and bases in both languages, by id.

    Parameters
    ----------
    plan
        Gives the name of every place.
    layers
        Gives the French form where it has one; None when there are no layers.
    """

    def __init__(self, plan: PlanFile, layers: MapLayers | None = None) -> None:
        self._names: dict[str, Text] = {
            **{site.id: Text.same(site.name) for site in plan.sites},
            **{base.id: Text.same(base.name) for base in plan.bases},
        }
        for frame in () if layers is None else (layers.population, layers.bases):
            if "id" not in frame or "name_fr" not in frame:
                continue
            for key, french in zip(frame["id"], frame["name_fr"], strict=True):
                known = self._names.get(key)
                if known is not None and isinstance(french, str) and french.strip():
                    self._names[key] = Text(known.en, french)

    def find(self, place_id: str) -> Text:
        """Return the name of a place in both languages.

        Parameters
        ----------
        place_id
            Id of a site, base or halt; an id without a name is its own name.
        """
        if place_id in self._names:
            return self._names[place_id]
        kind, _, rest = place_id.partition(":")
        number = rest.rpartition(":")[2]
        if kind == "halt" and number:
            return Text(
                *(translate("Night halt {n}", x).format(n=number) for x in ("en", "fr"))
            )
        return Text.same(place_id)

    def __call__(self, place_id: str, lang: str) -> str:
        """Return the name of a place in one language, as sentences ask for it."""
        return self.find(place_id).pick(lang)


@dataclass(frozen=True)
class LegEarning:
    """What one leg earns on the way; need in persons at risk, weighted.

    ``lines`` are those of which it earns a stretch, ``sites`` those it passes near.
    """

    need: float
    line_ids: tuple[str, ...]
    lines: tuple[Text, ...]
    sites: tuple[Text, ...]


@dataclass(frozen=True)
class OnTheWay:
    """What a plan earns on the way.

    Parameters
    ----------
    legs
        By number of the patrol from 0 and of its leg; those that earn anything.
    passed
        By site: in words, when it was passed and what that earns.
    driven
        By line: in words, when it was first driven and what that earns.
    """

    legs: Mapping[tuple[int, int], LegEarning]
    passed: Mapping[str, Text]
    driven: Mapping[str, Text]


@dataclass(frozen=True)
class StopRow:
    """One stop of a patrol.

    ``number`` counts the visits of the patrol from 1 and is None for others; ``day``
    is the day of the patrol from 1; clock times are those of the scenario's zone and
    None where the patrol has not arrived or does not leave. Lengths are kilometres,
    durations minutes, positions degrees. ``earned`` is what the leg that leads there
    earns on the way; ``clock`` and ``leg_clock`` how far surgery is, where told;
    ``sunlight`` is sunrise and sunset there that day, UTC.
    """

    number: int | None
    index: int
    kind: str
    place_id: str
    site_id: str | None
    name: Text
    lon: float
    lat: float
    day: int
    date: str
    arrive: str | None
    depart: str | None
    arrive_utc: datetime | None
    depart_utc: datetime | None
    stay_min: float | None
    leg_km: float | None
    leg_min: float | None
    total_km: float
    purposes: tuple[Text, ...]
    absent: Text
    illustrative: bool
    roles: Text
    role_ids: tuple[str, ...]
    tier: int | None
    phase: str | None
    themes: tuple[str, ...]
    need_earned: float
    earned: LegEarning | None
    clock: ClockRow | None
    leg_clock: ClockRow | None
    sunlight: tuple[datetime, datetime] | None
    sun: Text | None

    @property
    def is_base(self) -> bool:
        """Whether it is a base; a patrol planned anew under way begins with a start."""
        return self.kind in {"base", "start"}

    @property
    def stay(self) -> str:
        """How long the patrol stays, in words; empty where it is not known."""
        return "" if self.stay_min is None else format_duration(self.stay_min)


@dataclass(frozen=True)
class PatrolRow:
    """One patrol; ``number`` counts from 1 in the order of the plan.

    ``people_met`` live at the sites visited; of ``people_unknown`` of these sites it is
    not known how many do.
    """

    number: int
    id: str
    team_id: str
    vehicle: Text
    vehicles: int | None
    people: int | None
    base: Text
    first_day: str
    last_day: str
    depart: str
    back: str
    days: int
    km: float
    driving: str
    sites: int
    people_met: int
    people_unknown: int
    need_earned: float
    stops: tuple[StopRow, ...]
    legs: tuple[LegEntry, ...]
    supplies: SupplyRow

    @property
    def bounds(self) -> list[list[float]]:
        """South-west and north-east corner of all that it drives, lat before lon."""
        points = [
            point
            for leg in self.legs
            for point in leg.geometry.coordinates  # lon, lat
        ]
        lons = [point[0] for point in points] + [stop.lon for stop in self.stops]
        lats = [point[1] for point in points] + [stop.lat for stop in self.stops]
        return [[min(lats), min(lons)], [max(lats), max(lons)]]


@dataclass(frozen=True)
class UncoveredRow:
    """One site without a visit, why, and what would change it.

    ``passed`` tells in words when a patrol passes near it, if that earns anything.
    """

    site: SiteEntry
    name: Text
    reason_code: str
    reason: Text
    change_code: str | None
    change: Text | None
    passed: Text | None

    @property
    def group(self) -> ReasonGroup:
        """In which group its reason puts it."""
        return group_reason(self.reason_code)


@dataclass(frozen=True)
class ServedRow:
    """Who is worst served, and what it cost to serve them better.

    Shares are of need within reach. ``theme`` says that ``name`` is a theme's letter,
    and not a cercle. The last three are None where no equity was asked for: need given
    up for it, and the mean share of the worst served with it and without.
    """

    name: str
    theme: bool
    share: float
    lost_need: float | None
    tail_share: float | None
    tail_before: float | None


@dataclass(frozen=True)
class GateRow:
    """One do-no-harm gate of a plan, over all sites or teams that it is asked of.

    ``states`` counts how often it is ``passed``, ``closed``, ``stale`` or
    ``unanswered``, among what the plan asks; ``told`` says the same in words.
    """

    id: str
    name: Text
    question: Text
    states: dict[str, int]
    told: Text

    @property
    def clears(self) -> bool:
        """Whether every answer that the plan asks for lets it pass."""
        return set(self.states) <= {"passed"}


@dataclass(frozen=True)
class Figures:
    """The figures of a plan; shares and the gap are fractions, lengths kilometres."""

    patrols: int
    patrol_days: int
    km: float
    sites: int
    sites_visited: int
    people_reached: int
    people_total: int
    share_beyond: float | None
    beyond_km: float | None
    hugs_bases: bool
    need_total: float
    need_met: float
    first_visits: float
    passed: float
    lines: float
    need_bound: float | None
    gap: float | None
    uncovered: int
    held: int
    unknown: int
    served: ServedRow | None


@dataclass(frozen=True)
class PlanDigest:
    """Everything that a reader is told about a plan.

    ``illustrative`` says whether zones of its risk are; None where none is at hand.
    """

    name: str
    status: str
    release: str
    first_day: str
    last_day: str
    horizon_days: int
    zone: tzinfo
    zone_name: str
    figures: Figures
    patrols: tuple[PatrolRow, ...]
    uncovered: tuple[UncoveredRow, ...]
    gates: tuple[GateRow, ...]
    violations: tuple[Text, ...]
    names: PlaceNames
    on_the_way: OnTheWay
    casualty: CasualtyDigest | None
    illustrative: bool | None


MARKINGS: Final = {
    "open": mark("OPEN"),
    "unclassified": mark("UNCLASSIFIED"),
    "confidential": mark("CONFIDENTIAL"),
}


def word_marking(release: str) -> Text:
    """Return the marking that every page bears; an unknown one is shown as it is.

    Parameters
    ----------
    release
        Release of the plan, in any case.
    """
    known = MARKINGS.get(release.lower())
    return translate_text(known) if known else Text.same(release.upper())


def word_status(status: str) -> Text:
    """Return the status that every page bears until the plan is cleared.

    Parameters
    ----------
    status
        ``draft`` or ``cleared``.
    """
    if status == "cleared":
        return translate_text(mark("CLEARED"))
    return translate_text(mark("DRAFT: not for use"))
