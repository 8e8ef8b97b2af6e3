"""What is said of the state of the roads: closed, slowed, and what that costs."""

from __future__ import annotations

from typing import Final

from patrolplan.products.catalogue import mark

__all__ = ["ROAD_NOTICES", "ROAD_REASONS"]

Said = tuple[str, None, None, str | None]
"""A sentence without a plural, and what is said instead where a value is missing."""


def _say(text: str, bare: str | None = None) -> Said:
    return text, None, None, bare


ROAD_REASONS: Final[dict[str, Said]] = {
    "way_closed": _say(
        mark(
            "No way leads there while {name} is closed ({from_date} to {to_date}); "
            "without that, one does."
        ),
        mark("No way leads there while {name} is closed; without that, one does."),
    ),
    "way_closed_in_season": _say(
        mark(
            "No way leads there in the rains ({from_date} to {to_date}); when it is "
            "dry, one does."
        ),
    ),
    "ways_closed": _say(
        mark("No way leads there: together these close all of them: {names}."),
    ),
}
ROAD_NOTICES: Final[dict[str, Said]] = {
    "way_unchanged": _say(
        mark("No slower than when all is open and dry."),
    ),
    "way_never": _say(
        mark("There is no way, even when all is open and dry."),
    ),
    "way_lost": _say(
        mark("There is no way; when all is open and dry, one takes {free_min}."),
    ),
    "way_slower": _say(
        mark("{more_min} more than the {free_min} when all is open and dry."),
    ),
    "way_leaves": _say(
        mark("It goes by {taken} instead of {left}."),
    ),
    "it_costs": _say(
        mark("Without that, the way would be {more_min} shorter."),
    ),
    "it_blocks": _say(
        mark("Without that, there would be a way."),
    ),
    "they_cost": _say(
        mark("Only together do they make it longer: {names}."),
    ),
    "they_block": _say(
        mark("Only together do they close every way: {names}."),
    ),
    "season_slows": _say(
        mark(
            "The rains, from {from_date} to {to_date}, slow vehicles off the tar and "
            "close some tracks."
        ),
    ),
    "closure_closes": _say(
        mark("{name} is closed from {from_date} to {to_date}."),
        mark("{name} is closed."),
    ),
    "area_closes": _say(
        mark("{name} is avoided from {from_date} to {to_date}: its lines are closed."),
        mark("{name} is avoided: its lines are closed."),
    ),
    "flood_closes": _say(
        mark(
            "{name}: closed by the river from {from_date} to {to_date} (gauge of "
            "{gauge})."
        ),
    ),
    "flood_slows": _say(
        mark(
            "{name}: slowed by the river from {from_date} to {to_date} (gauge of "
            "{gauge})."
        ),
    ),
    "flood_raises": _say(
        mark(
            "{name}: high water from {from_date} to {to_date} (gauge of {gauge}); "
            "boats go faster."
        ),
    ),
    "cause_cuts": _say(
        mark("{name}: this alone cuts off {cut}."),
    ),
    "causes_cut": _say(
        mark("Only together do the closures of these days cut off {cut}: {names}."),
    ),
    "line_closes_on_way": _say(
        mark(
            "{patrol_id} is on its way when {name} closes, and drives it on {date}: "
            "check by hand, or leave on another day."
        ),
    ),
    "off_track_way": _say(
        mark(
            "{name}: no line is known there. Its {length_km} are reckoned from {basis} "
            "on cells of {cell_m} m; speeds are choices, and nobody has driven it."
        ),
        mark(
            "{name}: no line is known there. Its {length_km} are reckoned as over flat "
            "ground; speeds are choices, and nobody has driven it."
        ),
    ),
    "off_track_driven": _say(
        mark(
            "{patrol_id} drives {length_km} off track, in {driving_min}: no line is "
            "known there. Have the way checked before it goes."
        ),
    ),
    "cause_lengthens": _say(
        mark(
            "{name}: this alone lengthens most the way from {base_id} to {site_id}, "
            "by {more_min}."
        ),
    ),
}
