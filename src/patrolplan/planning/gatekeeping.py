"""The rules of the do-no-harm gates, and their violations in a plan document."""

from __future__ import annotations

from collections.abc import Iterator

from patrolplan.gates import find_closed, find_status, list_gate_states
from patrolplan.planfile import PlanFile, Violation
from patrolplan.planning.roster import build_violation

__all__ = ["judge_closed_gates", "judge_status"]


def judge_closed_gates(plan: PlanFile) -> Iterator[Violation]:
    """Yield each visit to a site, and each patrol of a team, whose gate is closed.

    Parameters
    ----------
    plan
        The document.
    """
    closed = find_closed(plan)
    for patrol in plan.patrols:
        if state := closed.get(("team", patrol.team_id)):
            joint = any(
                team.id == patrol.team_id and team.joint_with_national_forces
                for team in plan.teams
            )
            if joint:
                yield build_violation("gate_closed", patrol, None, state.gate.id, None)
        for stop in patrol.stops:
            if stop.kind == "visit" and stop.site_id is not None:
                site = closed.get(("site", stop.site_id))
                if site is not None:
                    yield build_violation(
                        "gate_closed", patrol, stop.site_id, site.gate.id, None
                    )


def judge_status(plan: PlanFile) -> Iterator[Violation]:
    """Yield a plan that says it is cleared, and the gates that do not clear it.

    One that says it is a draft may be: whoever holds a plan back does no harm.

    Parameters
    ----------
    plan
        The document.
    """
    if plan.status != "cleared" or find_status(plan) == "cleared":
        return
    standing = [s for s in list_gate_states(plan) if s.asked and s.state != "passed"]
    # Of a gate asked of each site one violation is enough.
    for gate_id in dict.fromkeys(state.gate.id for state in standing):
        yield build_violation("gate_misstated", None, None, gate_id, None)
