"""What the fields of ``plan.json`` are made of: bounded numbers, days and times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
)

__all__ = [
    "MOST",
    "MOST_DAYS",
    "MOST_SUM",
    "Amount",
    "Count",
    "CountSum",
    "Day",
    "Entry",
    "Free",
    "Latitude",
    "Longitude",
    "Matrix",
    "SparseEntry",
    "Start",
    "Sum",
    "UtcTime",
    "format_time",
]

# The years that daylight is reckoned for, as in a scenario; a day more at either
# end, since a local day may lie in another one of UTC.
_FIRST_DAY = date(1989, 12, 31)
_LAST_DAY = date(2101, 1, 1)
MOST_DAYS = 366
# More than one entry can count; and what no sum or ratio of such entries exceeds,
# so that the referee can always write what it measured.
MOST = 1e12
MOST_SUM = 1e30


def format_time(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with a ``Z``, to the millisecond.

    Parameters
    ----------
    moment
        An aware datetime.

    Examples
    --------
    >>> format_time(datetime(2014, 11, 3, 6, 15, tzinfo=UTC))
    '2014-11-03T06:15:00Z'
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")


def _check_day(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        msg = f"should lie between {_FIRST_DAY} and {_LAST_DAY}"
        raise ValueError(msg)
    return day


def _check_moment(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        msg = "should bear a zone, such as 2014-11-03T06:15:00Z"
        raise ValueError(msg)
    # Before it is turned to UTC, which fails at the ends of the calendar.
    _check_day(moment.date())
    return moment.astimezone(UTC)


def _tell_start(start: Any) -> str:
    # Left to itself, pydantic would take midnight of any zone for a mere date.
    if isinstance(start, str):
        return "date" if len(start) <= len("2014-11-03") else "time"
    return "time" if isinstance(start, datetime) else "date"


def _check_start(start: date) -> date:
    # Of both kinds at once, so that a fault names the field and not its kinds.
    if isinstance(start, datetime):
        return _check_moment(start)
    return _check_day(start)


def _format_start(start: date) -> str:
    return format_time(start) if isinstance(start, datetime) else start.isoformat()


def _check_free(value: Any) -> Any:
    """Refuse numbers in a free field that nobody can reckon with."""
    level = [value]
    while level:
        for node in level:
            # Infinity is such a number, and no comparison holds for what is none.
            if isinstance(node, int | float) and not abs(node) <= MOST_SUM:
                msg = f"should be a number between -{MOST_SUM:g} and {MOST_SUM:g}"
                raise ValueError(msg)
        level = [
            child
            for node in level
            if isinstance(node, dict | list | tuple)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return value


Day = Annotated[date, AfterValidator(_check_day)]
UtcTime = Annotated[
    datetime,
    AfterValidator(_check_moment),
    PlainSerializer(format_time, when_used="json"),
]
Start = Annotated[
    Annotated[date, Tag("date")] | Annotated[datetime, Tag("time")],
    Discriminator(_tell_start),
    AfterValidator(_check_start),
    PlainSerializer(_format_start, when_used="json"),
]
Free = Annotated[Any, AfterValidator(_check_free)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Amount = Annotated[float, Field(ge=0, le=MOST)]
Count = Annotated[int, Field(ge=0, le=int(MOST))]
CountSum = Annotated[int, Field(ge=0, le=int(MOST_SUM))]
Sum = Annotated[float, Field(ge=0, le=MOST_SUM)]
Matrix = list[list[Amount | None]]


class Entry(BaseModel):
    """What all parts of the contract share: no unknown keys, finite numbers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True
    )


class SparseEntry(Entry):
    """An entry that is written without those optional fields that say nothing."""

    sparse: ClassVar[tuple[str, ...]]

    @model_serializer(mode="wrap")
    def _leave_out_nulls(self, serialize: SerializerFunctionWrapHandler) -> Any:
        entry = serialize(self)
        for name in self.sparse:
            if getattr(self, name) is None:
                entry.pop(name, None)
        return entry
