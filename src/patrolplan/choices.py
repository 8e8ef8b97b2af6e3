"""What a scenario chooses among its layers: bases, sites and lines, by their names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from patrolplan.figures import Key, Part, PathText, state_figure
from patrolplan.windows import read_window

__all__ = [
    "AvoidedArea",
    "BaseChoice",
    "Closure",
    "GroupChoice",
    "LineChoice",
    "PresenceChoice",
    "SiteChoice",
    "VisitChoice",
    "read_closure",
    "subtract_closures",
]

_LAST_DAY: Final = date.max.toordinal()


class Closure(Part):
    """A line that may not be driven, always or between two days, both included."""

    line: Key
    from_date: date | None = None
    to_date: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether the line is closed on a day."""
        return (self.from_date is None or self.from_date <= day) and (
            self.to_date is None or day <= self.to_date
        )


def subtract_closures(
    closure: Closure, known: Iterable[Closure], span: tuple[date, date]
) -> list[Closure]:
    """Return the days of a closure that no other closure of its line covers.

    Parameters
    ----------
    closure
        The closure.
    known
        Others, of any line.
    span
        First and last day that are asked about: a closure for ever of which a part is
        taken away ends there.

    Examples
    --------
    >>> days = date(2014, 11, 1), date(2014, 11, 28)
    >>> [left] = subtract_closures(
    ...     read_closure("a"), [read_closure("a@2014-11-03..2014-12-31")], days
    ... )
    >>> left.from_date, left.to_date
    (datetime.date(2014, 11, 1), datetime.date(2014, 11, 2))
    """
    whole = _count_days(closure)
    pieces = [whole]
    for other in known:
        if other.line == closure.line:
            begin, end = _count_days(other)
            pieces = [
                (first, last)
                for start, stop in pieces
                for first, last in (
                    (start, min(stop, begin - 1)),
                    (max(start, end + 1), stop),
                )
                if first <= last
            ]
    if pieces == [whole]:
        return [closure]
    low, high = (day.toordinal() for day in span)
    ends = [
        (low if first < 1 else first, high if last > _LAST_DAY else last)
        for first, last in pieces
    ]
    return [
        Closure(
            line=closure.line,
            from_date=date.fromordinal(first),
            to_date=date.fromordinal(last),
        )
        for first, last in ends
        if first <= last
    ]


def _count_days(closure: Closure) -> tuple[int, int]:
    """Return first and last day as ordinals; beyond all days where there is none."""
    first, last = closure.from_date, closure.to_date
    return (
        0 if first is None else first.toordinal(),
        _LAST_DAY + 1 if last is None else last.toordinal(),
    )


def read_closure(text: str) -> Closure:
    """Read ``LINE`` or ``LINE@FROM..TO``, as written in a scenario or a command.

    Parameters
    ----------
    text
        A line id, with ISO days where the closure is not for ever.

    Raises
    ------
    ValueError
        If the days are not ISO days, or run backwards.

    Examples
    --------
    >>> read_closure("ferry-korioume@2014-11-10..2014-11-20").to_date
    datetime.date(2014, 11, 20)
    """
    line, _, days = text.partition("@")
    if not line:
        msg = "should begin with a line id"
        raise ValueError(msg)
    if not days:
        return Closure(line=line)
    first, dots, last = days.partition("..")
    try:
        from_date = date.fromisoformat(first)
        to_date = date.fromisoformat(last) if dots else from_date
    except ValueError as error:
        msg = "should be LINE or LINE@FROM..TO with days such as 2014-11-20"
        raise ValueError(msg) from error
    if to_date < from_date:
        msg = "should not end before it begins"
        raise ValueError(msg)
    return Closure(line=line, from_date=from_date, to_date=to_date)


def _check_closure(text: str) -> str:
    read_closure(text)
    return text


def _check_window(text: str) -> str:
    read_window(text)
    return text


# A name that could break a line would forge a second message.
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}$"
WindowText = Annotated[Key, AfterValidator(_check_window)]


class BaseChoice(Part):
    """Bases that the scenario takes away."""

    closed: tuple[Key, ...] = ()


class VisitChoice(Part):
    """How one site is visited, where it is not like the others.

    ``site`` is its id or any of its names. ``roles`` are those that a team must have to
    go there, all of them. ``windows`` say when a visit may begin, each a weekday or a
    date with two clock times, ``thu 08:00-12:00`` or ``2014-11-10 09:00-11:30``.
    """

    site: Key
    dwell_min: float | None = state_figure(
        None,
        unit="min",
        ge=0,
        le=1440,
        source="what patrols.dwell_min and dwell_commune_min say, unless set",
    )
    required: bool = state_figure(
        False, unit="yes or no", source="sites named in sites.required are so too"
    )
    roles: tuple[Key, ...] = ()
    windows: Annotated[tuple[WindowText, ...], Field(min_length=1)] | None = (
        state_figure(
            None,
            unit="weekday or date, local clock times",
            source="a visit may begin at any time, unless set",
        )
    )
    cadence_days: float | None = state_figure(
        None,
        unit="days of 24 hours from one arrival to the next that earns the need again",
        gt=0,
        le=366,
        source="a site earns its need once, unless set",
    )


class GroupChoice(Part):
    """Sites of which a plan visits one at most, or just one where ``required``."""

    sites: Annotated[tuple[Key, ...], Field(min_length=2)]
    required: bool = False


class SiteChoice(Part):
    """What the plan must and may do at sites, each named by id or by any name.

    ``required`` sites must be visited; ``visits`` say how some are visited; of each of
    ``groups`` one site at most is visited; no one patrol visits both sites of any of
    ``forbidden_pairs``.
    """

    required: tuple[Key, ...] = ()
    visits: tuple[VisitChoice, ...] = ()
    groups: tuple[GroupChoice, ...] = ()
    forbidden_pairs: tuple[tuple[Key, Key], ...] = ()


class PresenceChoice(Part):
    """A line on which patrols should be seen: what driving it whole earns, once.

    ``source`` says where the need is from, or that it is a choice or illustrative.
    """

    line: Key
    need: float = Field(
        gt=0,
        le=100_000_000,
        json_schema_extra={
            "unit": "persons at risk, weighted, for the whole line; a stretch of it "
            "earns its part by length",
        },
    )
    source: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class AvoidedArea(Part):
    """An area that patrols avoid, always or between two days, both included.

    Lines that come into it are closed. It is the polygons of a ``file`` with its path
    relative to the scenario's, or one written as ``wkt``, in degrees.
    """

    name: Annotated[str, StringConstraints(pattern=_ONE_LINE)]
    file: PathText | None = None
    wkt: Annotated[str, StringConstraints(max_length=1_000_000)] | None = None
    from_date: date | None = None
    to_date: date | None = None

    @model_validator(mode="after")
    def _check_whole(self) -> AvoidedArea:
        if (self.file is None) == (self.wkt is None):
            msg = "should have a file or wkt, one of them"
            raise ValueError(msg)
        if (self.from_date is None) != (self.to_date is None):
            msg = "should have both days or neither"
            raise ValueError(msg)
        if self.from_date and self.to_date and self.to_date < self.from_date:
            msg = "should not end before it begins"
            raise ValueError(msg)
        return self

    def covers(self, day: date) -> bool:
        """Return whether the area is avoided on a day."""
        return (self.from_date is None or self.from_date <= day) and (
            self.to_date is None or day <= self.to_date
        )


class LineChoice(Part):
    """What the scenario asks of lines, each by its id.

    ``closed`` lines are not driven, each ``LINE`` or ``LINE@FROM..TO``; lines that come
    into areas of ``avoid`` are not either. Rows of the flood calendar in ``lifted``
    count as not there. Driving the lines of ``presence`` earns need. A plan drawn
    by lot strays from the quickest ways by ``stray_share`` at most.
    """

    closed: tuple[Annotated[Key, AfterValidator(_check_closure)], ...] = ()
    avoid: Annotated[tuple[AvoidedArea, ...], Field(max_length=200)] = ()
    lifted: tuple[Key, ...] = ()
    presence: tuple[PresenceChoice, ...] = ()
    mandate_share: float = state_figure(
        0,
        unit="share of what mandate.toml has the driving of a line earn",
        ge=0,
        le=1,
        source="choice; 0 plans for sites alone, as theme A is served there too",
    )
    stray_share: float = state_figure(
        0.5,
        unit="share of the quickest way's time that a way drawn by lot may take more",
        ge=0,
        le=1,
        source="choice; 0 keeps to the quickest ways where a plan is drawn by lot",
    )
