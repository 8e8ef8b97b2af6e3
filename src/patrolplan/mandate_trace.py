"""The mandate trace: what a stop is for, whom it brings, which sentences it serves."""

from __future__ import annotations

from typing import Any, NamedTuple

from patrolplan.need import ThemeVisit
from patrolplan.planfile import Code
from patrolplan.planning.problem import Site, Team

__all__ = ["NO_TRACE", "Trace", "list_theme_needs", "trace_mandate"]


class Trace(NamedTuple):
    """What a stop is for.

    Attributes
    ----------
    purpose
        The purpose that leads; its values name the others (``also``), the roles that
        the team lacks (``absent_roles``), and whether any layer is ``illustrative``.
    roles
        Who of those asked for is in the team.
    themes
        Letters of the sentences served.
    tier, phase
        Of the policy on the protection of civilians.
    """

    purpose: Code | None
    roles: tuple[str, ...]
    themes: tuple[str, ...]
    tier: int | None
    phase: str | None


NO_TRACE = Trace(None, (), (), None, None)
"""That of a base or a halt."""


def trace_mandate(site: Site, visit: ThemeVisit | None, team: Team) -> Trace:
    """Return the mandate trace of a visit.

    Parameters
    ----------
    site, team
        Where, and who goes.
    visit
        What the themes ask there. Without a mandate a visit is of civilians at risk, B,
        and beyond the bases of C too.
    """
    if visit is None:
        themes = ("B", "C") if site.beyond_base else ("B",)
        purpose = Code(code="visit_civilians_at_risk")
        return Trace(purpose, site.roles, themes, None, None)
    asked = dict.fromkeys((*site.roles, *visit.roles))
    told: dict[str, Any] = {
        "also": list(visit.purposes[1:]),
        "absent_roles": [role for role in asked if role not in team.roles],
        "illustrative": visit.illustrative,
    }
    return Trace(
        Code(
            code=visit.purposes[0],
            values={name: told[name] for name in told if told[name]},
        ),
        tuple(role for role in asked if role in team.roles),
        visit.themes,
        visit.tier,
        visit.phase,
    )


def list_theme_needs(site: Site, visit: ThemeVisit | None) -> dict[str, float]:
    """Return what of a site's need each theme is.

    Parameters
    ----------
    site
        The site; where its need is unknown or 0 no theme is any of it.
    visit
        What the themes ask there. Without a mandate all need is of civilians at risk.
    """
    if not site.need:
        return {}
    return {"B": site.need} if visit is None else dict(visit.needs)
