"""A plan played by the clock: where each patrol is at every hour of the horizon."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import folium

from patrolplan.products.catalogue import Text, mark, translate_text
from patrolplan.products.rows import PatrolRow, PlanDigest
from patrolplan.products.symbols import Handles, PatrolStyle

__all__ = ["add_puck", "build_clock", "word_states"]

_MINUTE: Final = timedelta(minutes=1)


def build_clock(digest: PlanDigest, handles: Handles) -> dict[str, Any]:
    """Return what the page's script needs to play a plan: plain data, no text of it.

    Parameters
    ----------
    digest
        The rows of the plan.
    handles
        Names of the lines of the legs and of the pucks.

    Returns
    -------
    dict
        ``days`` as ISO dates; ``start`` when the first patrol leaves; of each patrol
        by number its ``stops`` as pairs of arrival and departure, in minutes from the
        first midnight, and the variables of its ``legs`` and of its ``puck``.
    """
    first = date.fromisoformat(digest.first_day)
    midnight = datetime.combine(first, time(), digest.zone).astimezone(UTC)

    def count(moment: datetime | None) -> int | None:
        return None if moment is None else round((moment - midnight) / _MINUTE)

    patrols = {
        str(row.number): {
            "stops": [
                [count(stop.arrive_utc), count(stop.depart_utc)] for stop in row.stops
            ],
            "kinds": [stop.kind for stop in row.stops],
            "legs": handles.legs[str(row.number)],
            "puck": handles.pucks[str(row.number)],
        }
        for row in digest.patrols
    }
    departures = [count(row.stops[0].depart_utc) or 0 for row in digest.patrols]
    day = translate_text(mark("Day {n}"))
    return {
        "days": [
            (first + timedelta(days=number)).isoformat()
            for number in range(digest.horizon_days)
        ],
        "start": min(departures, default=0),
        "patrols": patrols,
        "words": {"en": day.en, "fr": day.fr},
    }


def add_puck(
    folium_map: folium.Map, row: PatrolRow, style: PatrolStyle, handles: Handles
) -> None:
    """Add the disc that moves where a patrol is; it is hidden until a day is played.

    Parameters
    ----------
    folium_map
        It is changed.
    row
        The patrol.
    style
        Its colour.
    handles
        Filled with the disc.
    """
    base = row.stops[0]
    marker = folium.Marker(
        [round(base.lat, 5), round(base.lon, 5)],
        icon=folium.DivIcon(
            html=(
                f'<div class="pp-puck" style="background:{style.colour};'
                f'color:{style.ink}">{row.number}<i>☾</i></div>'
            ),
            icon_size=(28, 28),
            icon_anchor=(14, 14),
            class_name="pp-sign pp-puck-sign",
        ),
        pane="pp-stops",
        z_index_offset=1000,
        interactive=False,
        keyboard=False,
    )
    marker.add_to(folium_map)
    handles.pucks[str(row.number)] = marker.get_name()


def word_states() -> dict[str, Text]:
    """Return the words before the place that a patrol makes for, stands or halts at."""
    return {
        "drive": translate_text(mark("on the way to")),
        "visit": translate_text(mark("at")),
        "halt": translate_text(mark("night halt:")),
        "base": translate_text(mark("at base:")),
    }
