"""The sentences of what differs between two plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patrolplan.products.catalogue import mark
from patrolplan.products.phrases import Kind, Sentence


def _say(text: str, bare: str | None = None) -> Sentence:
    return Sentence("difference", text, bare=bare)


def _count(kind: Kind, count: str, one: str, many: str) -> Sentence:
    return Sentence(kind, one, many, count)


DIFFERENCE_SENTENCES: Final[Mapping[Kind, Mapping[str, Sentence]]] = {
    "difference": {
        "all_same": _say(mark("Both plans are the same.")),
        "other_scenario": _say(mark("Another scenario: {new_name}, not {old_name}.")),
        "other_days": _say(
            mark("Other days: {from_date} to {to_date}, not {old_from} to {old_to}.")
        ),
        "other_figure": _say(mark("{figure} is {value}, no longer {old_value}.")),
        "other_inputs": _say(mark("Other layers: {files}.")),
        "other_seed": _say(mark("Drawn with another seed.")),
        "other_version": _say(
            mark("Planned by version {new_name}, not by {old_name}.")
        ),
        "line_shut": _say(
            mark("Closed: {line}, from {from_date} to {to_date}."),
            mark("Closed: {line}, on all days."),
        ),
        "line_opened": _say(
            mark("No longer closed: {line}, from {from_date} to {to_date}."),
            mark("No longer closed: {line}."),
        ),
        "rows_lifted": _say(mark("Left out of the flood calendar: {rows}.")),
        "rows_kept": _say(mark("No longer left out of the flood calendar: {rows}.")),
        "team_gone": _say(mark("{team_id} is not there any more.")),
        "team_new": _say(mark("{team_id} is there besides.")),
        "team_changed": _say(mark("{team_id} has other people, vehicles or limits.")),
        "sites_gone": _count(
            "difference",
            "count",
            "{count} site is not among those planned for any more.",
            "{count} sites are not among those planned for any more.",
        ),
        "sites_new": _count(
            "difference",
            "count",
            "{count} site is planned for besides.",
            "{count} sites are planned for besides.",
        ),
        "sites_rated": _count(
            "difference",
            "count",
            "At {count} site people, risk, need or what is asked of a visit differ.",
            "At {count} sites people, risk, need or what is asked of a visit differ.",
        ),
        "way_barred": _say(
            mark(
                "{line} is closed, so patrol {patrol} cannot drive it towards "
                "{bound_for_id} on {date}, as it did before."
            )
        ),
        "cut_off": _say(
            mark(
                "Closed: {lines}, so no way leads to {site_id} any more: its visit "
                "falls out ({people} people)."
            ),
            mark(
                "Closed: {lines}, so no way leads to {site_id} any more: its visit "
                "falls out (people unknown)."
            ),
        ),
        "team_stays": _count(
            "difference",
            "count",
            "{team_id} is not there, so its {count} patrol does not go.",
            "{team_id} is not there, so its {count} patrols do not go.",
        ),
        "visit_lost": _say(
            mark("{site_id} is no longer visited ({people} people)."),
            mark("{site_id} is no longer visited (people unknown)."),
        ),
        "visit_gained": _say(
            mark("{site_id} is visited now ({people} people)."),
            mark("{site_id} is visited now (people unknown)."),
        ),
        "visit_shifted": _say(
            mark("{site_id} is visited on {date}, no longer on {old_date}.")
        ),
        "patrol_lost": _say(
            mark("{team_id} has no patrol on {date} any more: {site_ids}."),
            mark("{team_id} has no patrol on {date} any more."),
        ),
        "patrol_gained": _say(
            mark("{team_id} has one more patrol, on {date}: {site_ids}."),
            mark("{team_id} has one more patrol, on {date}."),
        ),
        "patrol_rerouted": _say(
            mark("{team_id} leaves on {date} for other stops: {site_ids}."),
            mark("{team_id} leaves on {date} and stops nowhere."),
        ),
    }
}
"""By code, in English."""
