"""What the parts of an order are written from: one patrol, and the plan around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from patrolplan.geodesy import format_mgrs
from patrolplan.need import Mandate
from patrolplan.planfile import PatrolEntry, PlanFile, SiteEntry, TeamEntry
from patrolplan.products.catalogue import Text, format_clock, translate
from patrolplan.products.orders.model import Cell, Column, Row, Table
from patrolplan.products.rows import MapLayers, PatrolRow, PlanDigest, StopRow
from patrolplan.products.wording import translate_filled, word_term

__all__ = [
    "Basis",
    "build_form",
    "format_spot",
    "name_stop",
    "number_stop",
    "word_load",
    "word_moment",
    "word_spot",
]

_WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True)
class Basis:
    """One patrol with the plan around it.

    Parameters
    ----------
    plan, digest
        The plan, and its rows.
    patrol, row
        The patrol, and its row.
    layers
        What its map is drawn on; None draws the patrol alone.
    mandate
        Sentences of the mandate that the plan was made with; None if not known.
    """

    plan: PlanFile
    digest: PlanDigest
    patrol: PatrolEntry
    row: PatrolRow
    layers: MapLayers | None
    mandate: Mandate | None

    @property
    def zone(self) -> tzinfo:
        """Whose clock the times are of."""
        return self.digest.zone

    @property
    def team(self) -> TeamEntry | None:
        """The team, if the plan has it."""
        teams = (team for team in self.plan.teams if team.id == self.patrol.team_id)
        return next(teams, None)

    @property
    def moves_by_night(self) -> bool:
        """Whether the plan lets patrols drive in darkness."""
        return self.plan.scenario.limits.get("night_movement") is True

    @property
    def sites(self) -> Mapping[str, SiteEntry]:
        """All sites of the plan by id."""
        return {site.id: site for site in self.plan.sites}

    def list_visits(self) -> Iterator[tuple[StopRow, SiteEntry | None]]:
        """Yield each visit with its site, if the plan has it."""
        sites = self.sites
        for stop in self.row.stops:
            if stop.kind == "visit":
                yield stop, sites.get(stop.site_id or "")


def number_stop(stop: StopRow, halts: int) -> Text:
    """Return the sign of a stop: 2 is a visit, H1 a halt, B a base.

    Parameters
    ----------
    stop
        The stop.
    halts
        How many halts there have been, this one among them.
    """
    if stop.number is not None:
        return Text.same(stop.number)
    return Text.same(f"H{halts}" if stop.kind == "halt" else "B")


def name_stop(stop: StopRow, halts: int) -> Text:
    """Return the name of a stop; a halt is called by its number.

    Parameters
    ----------
    stop, halts
        As for :func:`number_stop`.
    """
    if stop.kind == "halt":
        return translate_filled("Night halt {n}", n=halts)
    return stop.name


def format_spot(lon: float, lat: float) -> Text:
    """Return the grid reference of a position, to 100 m.

    Parameters
    ----------
    lon, lat
        Degrees.
    """
    return Text.same(format_mgrs(lon, lat))


def word_spot(lon: float, lat: float) -> Text:
    """Return a position in degrees, such as ``16.2717 N 0.0447 W``.

    Parameters
    ----------
    lon, lat
        Degrees.
    """

    def word(lang: str) -> str:
        north, south, east, west = (
            translate("N", lang),
            translate("S", lang),
            translate("E", lang),
            translate("W", lang),
        )
        up, right = north if lat >= 0 else south, east if lon >= 0 else west
        return f"{abs(lat):.4f} {up} {abs(lon):.4f} {right}"

    return Text(word("en"), word("fr"))


def word_moment(moment: datetime | date, zone: tzinfo) -> Text:
    """Return a day with its weekday and, of a moment, its clock time.

    Parameters
    ----------
    moment
        A day, or an aware moment.
    zone
        Whose clock and calendar.
    """
    day, clock = moment, ""
    if isinstance(moment, datetime):
        day, clock = moment.astimezone(zone).date(), f" {format_clock(moment, zone)}"
    weekday = word_term(_WEEKDAYS[day.weekday()])
    return Text(
        f"{weekday.en} {day.isoformat()}{clock}",
        f"{weekday.fr} {day.isoformat()}{clock}",
    )


def word_load(needed: Text, capacity: Text | None, unit: Text) -> Text:
    """Return what is taken along, of what can be.

    Parameters
    ----------
    needed, capacity
        How much; a capacity of None is unknown.
    unit
        Of both.
    """
    if capacity is None:
        return translate_filled("{n} {unit}, capacity unknown", n=needed, unit=unit)
    return translate_filled("{n} of {most} {unit}", n=needed, most=capacity, unit=unit)


def build_form(columns: list[tuple[Text, float]], rows: list[list[Cell]]) -> Table:
    """Return a table with room to write in.

    Parameters
    ----------
    columns
        Heading and share of the width of each.
    rows
        Cells of each row.
    """
    return Table(
        tuple(Column(head, share) for head, share in columns),
        tuple(Row(tuple(cells), tall=True) for cells in rows),
    )
