"""The sentences of what a re-plan changes."""

from __future__ import annotations

from typing import Final

from patrolplan.products.catalogue import mark

__all__ = ["REVISION_TEXTS"]

REVISION_TEXTS: Final = {
    "replanned": mark(
        "Planned anew from the morning of {date}. Visits still to come that stay with "
        "their team and on their day: {kept} of {planned}."
    ),
    "line_closed": mark("Closed: {line}, from {from_date} to {to_date}."),
    "alert_answered": mark("Alert at {site_id}: {team_id} is there on {date}."),
    "alert_unanswered": mark("Alert at {site_id}: nobody can be there."),
    "promise_met": mark("Promised visit to {site_id}: {team_id} is there on {date}."),
    "promise_met_before": mark(
        "Promised visit to {site_id}: made on {date}, before the change."
    ),
    "promise_broken": mark("Promised visit to {site_id}: it cannot be made."),
    "patrol_done": mark(
        "Patrol {patrol} ({team_id}) is home since {date}: all of it stays as it was."
    ),
    "patrol_goes_on": mark(
        "Patrol {patrol} ({team_id}) is out and goes on as planned. It is home on "
        "{date}."
    ),
    "patrol_goes_on_otherwise": mark(
        "Patrol {patrol} ({team_id}) is out: what it has done stays, what is left "
        "changes. It is home on {date}."
    ),
    "patrol_sent_elsewhere": mark(
        "Patrol {patrol} ({team_id}) is out on its way to {bound_for_id}: what it has "
        "done stays, and it goes on another way. It is home on {date}."
    ),
    "patrol_overruns": mark(
        "Patrol {patrol} ({team_id}) is out and cannot come home within its limits: it "
        "comes home straight, on {date}."
    ),
    "patrol_cut_off": mark(
        "Patrol {patrol} ({team_id}) is out and has no way home: it stays where it is."
    ),
    "patrol_stays": mark(
        "Patrol {patrol} ({team_id}) leaves on {date}, all as planned."
    ),
    "patrol_changed": mark(
        "Patrol {patrol} ({team_id}) leaves on {date}, with changes."
    ),
    "patrol_cancelled": mark(
        "Patrol {patrol} ({team_id}), planned for {date}, does not leave."
    ),
    "patrol_added": mark("New patrol {patrol} ({team_id}) leaves on {date}."),
    "visit_moved": mark(
        "{site_id} is visited on {date} by patrol {patrol}, no longer on {old_date} by "
        "patrol {old_patrol}."
    ),
    "visit_left_out": mark(
        "{site_id}, planned for {old_date} with patrol {old_patrol}, is left out."
    ),
    "visit_added": mark("{site_id} is visited besides, on {date} by patrol {patrol}."),
    "change_costs": mark(
        "A plan that does not weigh change could meet at most {more_need} more need."
    ),
}
"""By code, in English."""
