"""The sentences of all codes, in English: what is said, and of what kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from patrolplan.products.catalogue import mark
from patrolplan.products.revision_phrases import REVISION_TEXTS
from patrolplan.products.road_phrases import ROAD_NOTICES, ROAD_REASONS

__all__ = ["OF_GATES", "OF_SITES", "SENTENCES", "UNITS", "Kind", "Sentence"]

Kind = Literal[
    "reason", "change", "purpose", "rule", "notice", "revision", "difference"
]


@dataclass(frozen=True)
class Sentence:
    """The sentence of a code, in English, with its values as ``{name}``.

    Parameters
    ----------
    kind, one, many, count
        What the code is of; the sentence and its plural, if it counts the value named.
    bare
        Said instead where a value is missing or null.
    """

    kind: Kind
    one: str
    many: str | None = None
    count: str | None = None
    bare: str | None = None


def _count(
    kind: Kind, count: str, one: str, many: str, bare: str | None = None
) -> Sentence:
    return Sentence(kind, one, many, count, bare)


_REASONS: Final = {
    "held_by_base": Sentence(
        "reason",
        mark("Held day by day by the base at {base_id}; it needs no patrol."),
    ),
    "visit_may_harm": Sentence(
        "reason",
        mark("A visit could bring harm to those met there: nobody goes."),
    ),
    "liaison_refused": Sentence(
        "reason",
        mark("The liaison that the ceasefire asks for is not made: nobody goes."),
    ),
    "no_team": Sentence("reason", mark("No team is there to go.")),
    "no_way": Sentence(
        "reason", mark("No way leads there from any base while the roads are so.")
    ),
    "out_of_range": Sentence(
        "reason",
        mark("Out of range: {team_id} comes nearest and lacks {missing_km}."),
    ),
    "too_many_days": _count(
        "reason",
        "missing_days",
        "Too far for one patrol: {team_id} is nearest, {missing_days} day short.",
        "Too far for one patrol: {team_id} is nearest, {missing_days} days short.",
    ),
    "dwell_too_long": Sentence(
        "reason",
        mark("The {dwell_min} needed there do not fit a duty window ({window_min})."),
        bare=mark("The time needed there is longer than any day's duty window."),
    ),
    "no_halt": Sentence(
        "reason",
        mark("The way there has a stretch without halts that is longer than a day."),
    ),
    "beyond_horizon": Sentence(
        "reason", mark("A patrol there does not end within the days that are planned.")
    ),
    "need_zero": Sentence("reason", mark("A visit there would serve no need.")),
    "need_unknown": Sentence(
        "reason",
        mark("Need unknown: people or risk have no figure. Unknown is not zero."),
    ),
    "no_time_left": _count(
        "reason",
        "extra_days",
        "Within reach, but no time is left: {team_id} lacks {extra_days} day.",
        "Within reach, but no time is left: {team_id} lacks {extra_days} days.",
        bare=mark("Within reach, but no time is left in any patrol."),
    ),
    "hazard_exceeded": Sentence(
        "reason",
        mark(
            "Too much hazard on every way there: {team_id} comes nearest to its budget."
        ),
        bare=mark("Every way there has more hazard than any team's budget allows."),
    ),
    "role_missing": Sentence(
        "reason",
        mark("No team has the roles asked there: {roles}."),
        bare=mark("No team has the roles asked there."),
    ),
    "window_missed": Sentence(
        "reason", mark("No patrol can be there when a visit may begin.")
    ),
    "group_served": Sentence(
        "reason",
        mark("Another site of its group is visited: {other_id}."),
        bare=mark("Another site of its group is visited."),
    ),
    "equally_good": Sentence(
        "reason",
        mark("A plan that goes there is as good; left out: {dropped}."),
        bare=mark("A plan that goes there is as good."),
    ),
    "priced_out": Sentence(
        "reason",
        mark("Going there would cost {lost_need} of need; left out: {dropped}."),
        bare=mark("Going there would cost {lost_need} of need."),
    ),
    "equity_first": Sentence(
        "reason",
        mark(
            "A plan that goes there meets {more_need} more need, but leaves the worst "
            "served with less; left out: {dropped}."
        ),
        bare=mark(
            "A plan that goes there meets {more_need} more need, but leaves the worst "
            "served with less."
        ),
    ),
    "not_planned": Sentence(
        "reason", mark("Within reach, but this plan does not go there.")
    ),
}
_CHANGES: Final = {
    "raise_range_km": Sentence(
        "change", mark("Raise the range of {team_id} by {missing_km}.")
    ),
    "add_days": _count(
        "change",
        "days",
        "Give {team_id} {days} more day.",
        "Give {team_id} {days} more days.",
    ),
    "extend_horizon": _count(
        "change",
        "days",
        "Plan {days} day more: {team_id} can then go there.",
        "Plan {days} days more: {team_id} can then go there.",
    ),
    "add_role": Sentence("change", mark("Add the role {role} to {team_id}.")),
    "add_team": Sentence("change", mark("One more team at {base_id}, like {team_id}.")),
    "add_visit": Sentence(
        "change", mark("Let {team_id}, leaving on day {depart_day}, go there too.")
    ),
    "add_patrol": _count(
        "change",
        "days",
        "One more patrol of {days} day from {base_id} ({vehicle}).",
        "One more patrol of {days} days from {base_id} ({vehicle}).",
    ),
}
_PURPOSES: Final = {
    code: Sentence("purpose", text)
    for code, text in {
        "show_presence": mark("Show presence in a key population centre"),
        "drive_line": mark("Be present on the line of communication"),
        "respond_to_threat": mark("Be with civilians under threat"),
        "visit_civilians_at_risk": mark("Visit civilians at risk"),
        "listen_for_early_warning": mark("Listen for early warning"),
        "find_out": mark("Find out who is at risk: people or risk are unknown"),
        "reach_beyond_bases": mark("Reach people beyond the bases"),
        "protect_women_children": mark(
            "Ask women, and about children, what they need to be safe"
        ),
        "ask_after_school": mark("Ask after the school, without entering it"),
        "check_access_to_care": mark(
            "Check access to care for survivors: refer, ask for no case"
        ),
        "monitor_human_rights": mark(
            "Human-rights visit: early alert by referral, no case data"
        ),
        "ask_after_returns": mark("Ask after displaced persons and returnees"),
        "follow_return_corridor": mark("Look at the way that returnees take"),
        "ask_after_displaced": mark("Ask after the camp, keeping clear of aid at work"),
        "support_state_presence": mark("Call on the State services of the cercle seat"),
        "see_far_from_state": mark("See people far from any State post"),
        "look_at_polling_place": mark("Look at the polling place of the commune"),
        "listen_at_market": mark(
            "Listen to local leaders, women and youth on market day"
        ),
        "mediate_herding": mark("Talk with herders and farmers in the crossing season"),
        "observe_ceasefire": mark("Observe the ceasefire, liaison first"),
    }.items()
}
_RULES: Final = {
    code: Sentence("rule", text)
    for code, text in {
        "leg_too_fast": mark("A leg is faster than the way allows"),
        "leg_shortened": mark("A leg is shorter than the way"),
        "no_way": mark("A leg goes where there is no way"),
        "night_movement": mark("Movement by night"),
        "night_on_the_move": mark("A leg runs through the night"),
        "night_without_halt": mark("A night spent elsewhere than at a halt"),
        "work_at_night": mark("Work at a site by night"),
        "dwell_too_short": mark("Too little time at a site"),
        "too_many_days": mark("The patrol is too long"),
        "too_few_days": mark("The patrol is too short"),
        "range_exceeded": mark("The patrol drives beyond its range"),
        "geometry_misplaced": mark("A drawn leg does not join its stops"),
        "halt_too_near": mark("A halt is too near to a camp, school or health site"),
        "clearing_misstated": mark("A move to a halt outside a place is misstated"),
        "halt_misnamed": mark("A halt does not bear its patrol's name and number"),
        "stop_misplaced": mark("A stop does not lie where its place is"),
        "not_at_base": mark("The patrol does not start or end at its base"),
        "visit_repeated": mark("A site is visited again too soon"),
        "patrols_overlap": mark("One team is on two patrols at once"),
        "rest_too_short": mark("Too little rest between two patrols"),
        "left_unrested": mark("The patrol leaves before its team may"),
        "outside_horizon": mark("Outside the days that are planned"),
        "required_not_visited": mark("A required site is not visited"),
        "role_missing": mark("A required role is missing"),
        "window_missed": mark("Arrival outside the site's window"),
        "hazard_exceeded": mark("The patrol drives through more hazard than it may"),
        "group_repeated": mark("More than one site of a group is visited"),
        "group_not_visited": mark("No site of a required group is visited"),
        "too_few_unknown": mark("Too few sites of unknown need are visited"),
        "pair_forbidden": mark("One patrol visits both sites of a forbidden pair"),
        "gate_closed": mark("The plan does what a do-no-harm gate forbids"),
        "gate_misstated": mark(
            "The plan says it is cleared, and a do-no-harm gate does not clear it"
        ),
        "times_disagree": mark("Times that contradict each other"),
        "need_misstated": mark("The need earned is misstated"),
        "passed_misstated": mark("What is earned on the way is misstated"),
        "unserved_misstated": mark("The list of sites not covered is misstated"),
        "figures_misstated": mark("The figures of the plan are misstated"),
        "bound_below_plan": mark("The bound lies below the plan"),
        "unknown_team": mark("The team is not in the plan"),
        "unknown_site": mark("The site is not in the plan"),
    }.items()
}
_NOTICES: Final = {
    "team_idle": Sentence(
        "notice",
        mark("{team_id} stays at home: {base_id} is not open on all of these days."),
    ),
    "team_barred": Sentence(
        "notice",
        mark("{team_id} stays at home: due diligence for joint forces says no."),
    ),
    "site_not_joined": Sentence(
        "notice", mark("{site_id} is not joined to any road, track or ferry.")
    ),
    "no_people_known": Sentence(
        "notice", mark("No site has a population: every need is unknown.")
    ),
    "night_in_town": Sentence(
        "notice", mark("{patrol_id} halts in the town of {place_id}: keep clear there.")
    ),
    "no_patrol": Sentence(
        "notice",
        mark("No patrol is possible within these days, ranges and teams."),
    ),
    "base_hugging": Sentence(
        "notice",
        mark("Most of the need met lies within {beyond_km} of a base."),
    ),
    "ended_early": Sentence(
        "notice",
        mark("The search was ended early: a longer one may find a better plan."),
    ),
    "no_risk_known": Sentence(
        "notice",
        mark("No zone of civilian risk holds in these days: every need is unknown."),
    ),
    "incidents_columns_dropped": Sentence(
        "notice", mark("Columns of the incidents not read: {columns}.")
    ),
    "incidents_not_violent": _count(
        "notice",
        "count",
        "{count} event that is no violence (a protest, a development) is set aside.",
        "{count} events that are no violence (protests, developments) are set aside.",
    ),
    "incidents_outside": _count(
        "notice",
        "count",
        "{count} incident far outside the area is set aside.",
        "{count} incidents far outside the area are set aside.",
    ),
    "incidents_as_of_moved": Sentence(
        "notice",
        mark("All incidents are after {start}: threat is that of {as_of}, the last."),
    ),
    "incidents_later": _count(
        "notice",
        "count",
        "{count} incident after {as_of} is set aside.",
        "{count} incidents after {as_of} are set aside.",
    ),
    "incidents_discovered_left_out": _count(
        "notice",
        "count",
        "{count} incident that a patrol discovered does not count, lest patrols be "
        "sent where patrols go.",
        "{count} incidents that patrols discovered do not count, lest patrols be "
        "sent where patrols go.",
    ),
    "incidents_without_probability": _count(
        "notice",
        "count",
        "{count} discovered incident has no visit probability and does not count.",
        "{count} discovered incidents have no visit probability and do not count.",
    ),
    "incidents_unguarded": _count(
        "notice",
        "count",
        "{count} discovered incident counts as it comes: threat may run away with "
        "where patrols go.",
        "{count} discovered incidents count as they come: threat may run away with "
        "where patrols go.",
    ),
    "incidents_none_left": Sentence(
        "notice",
        mark("No incident until {as_of} counts: threat is unknown everywhere."),
    ),
    "hotspots_refused": _count(
        "notice",
        "count",
        "Hot spots need {least} incidents, and there is {count}: with so few, chance "
        "alone makes spots.",
        "Hot spots need {least} incidents, and there are {count}: with so few, chance "
        "alone makes spots.",
    ),
    "displacement_too_few": Sentence(
        "notice",
        mark("Too few incidents round the visits to tell whether they moved."),
    ),
    "displacement_none_seen": Sentence(
        "notice",
        mark(
            "In the ring round the visits incidents did not rise beside elsewhere "
            "({before} before, {after} after)."
        ),
    ),
    "displacement_ring_rose": Sentence(
        "notice",
        mark(
            "In the ring round the visits incidents rose beside elsewhere ({before} "
            "before, {after} after), but did not fall near the visits."
        ),
    ),
    "displacement_ring_rose_core_fell": Sentence(
        "notice",
        mark(
            "Incidents may have moved: they fell near the visits and rose in the ring "
            "round ({before} before, {after} after). Ask the communities there."
        ),
    ),
    "visits_columns_dropped": Sentence(
        "notice", mark("Columns of the visit log not read: {columns}.")
    ),
    "visits_of_other_sites": _count(
        "notice",
        "count",
        "{count} visit of an earlier plan is of a site that these layers lack.",
        "{count} visits of earlier plans are of sites that these layers lack.",
    ),
}
# "no_way" and "too_many_days" are both reasons and rules: the kind tells which.
SENTENCES: Final[Mapping[Kind, Mapping[str, Sentence]]] = {
    "reason": _REASONS
    | {code: Sentence("reason", *said) for code, said in ROAD_REASONS.items()},
    "change": _CHANGES,
    "purpose": _PURPOSES,
    "rule": _RULES,
    "notice": _NOTICES
    | {code: Sentence("notice", *said) for code, said in ROAD_NOTICES.items()},
    "revision": {c: Sentence("revision", t) for c, t in REVISION_TEXTS.items()},
}
# Rules and values that are lists of ids of sites.
_LISTED: Final = {"dropped", "gained", "cut", "site_ids"}
OF_SITES: Final = _LISTED | {"group_repeated", "group_not_visited", "pair_forbidden"}
# Rules that name a gate as what was found.
OF_GATES: Final = {"gate_closed", "gate_misstated"}
# What the referee measures.
UNITS: Final = {
    "leg_too_fast": " min",
    "leg_shortened": " km",
    "geometry_misplaced": " m",
    "range_exceeded": " km",
    "dwell_too_short": " min",
}
