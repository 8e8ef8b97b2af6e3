"""The rows that people read of a plan as a whole: its figures, who is worst served."""

from __future__ import annotations

from dataclasses import dataclass

from patrolplan.products.catalogue import Text

__all__ = ["Figures", "GateRow", "ServedRow"]


@dataclass(frozen=True)
class ServedRow:
    """Who is worst served, and what it cost to serve them better.

    Parameters
    ----------
    name
        The cercle, or the letter of the theme.
    theme
        Whether it is a theme.
    share
        Share of its need within reach that first visits meet, 0 to 1.
    lost_need
        Need given up to lift the least shares, in persons at risk, weighted; None
        where no equity was asked for.
    tail_share, tail_before
        Mean share of the worst served, 0 to 1, in this plan and in the one that meets
        most need; the latter None where no equity was asked for.
    """

    name: str
    theme: bool
    share: float
    lost_need: float | None
    tail_share: float | None
    tail_before: float | None


@dataclass(frozen=True)
class GateRow:
    """One do-no-harm gate of a plan, over all sites or teams that it is asked of.

    Parameters
    ----------
    id
        Its key, such as the document has it.
    name, question
        What it is called, and what it asks.
    states
        How often it is ``passed``, ``closed``, ``stale`` or ``unanswered``, among what
        the plan asks; a state that never occurs is missing.
    told
        The same in words.
    """

    id: str
    name: Text
    question: Text
    states: dict[str, int]
    told: Text

    @property
    def clears(self) -> bool:
        """Whether every answer that the plan asks for lets it pass."""
        return set(self.states) <= {"passed"}


@dataclass(frozen=True)
class Figures:
    """The figures of a plan. Need is in persons at risk, weighted.

    Parameters
    ----------
    patrols, patrol_days
        How many patrols; their days, that of departure and that of return included.
    km
        Driven by all patrols.
    sites, sites_visited
        Sites of the plan, and those visited, each once.
    people_reached, people_total
        Persons at the sites visited, and at all sites whose people are known.
    share_beyond
        Share of what first visits earn that lies beyond ``beyond_km`` of every open
        base, 0 to 1; None where they earn nothing.
    beyond_km
        The distance from which on a site counts as beyond the bases.
    hugs_bases
        Whether that share is below the least that the scenario asks for.
    need_total, need_met
        Need of all sites, and need met: first visits, repeats, sites passed and lines
        driven. Only ``first_visits`` may be compared with ``need_total``.
    first_visits, passed, lines
        Parts of the need met: by first visits, by passing near sites, on lines driven.
    need_bound, gap
        What no plan can exceed, and the share of it that this plan leaves; None where
        no bound is known.
    uncovered, held, unknown
        Sites without a visit: gaps to look at and those of unknown need; those that a
        base holds, which are no part of it; and how many of the first are unknown.
    served
        Who is worst served; None where the plan does not say.
    """

    patrols: int
    patrol_days: int
    km: float
    sites: int
    sites_visited: int
    people_reached: int
    people_total: int
    share_beyond: float | None
    beyond_km: float | None
    hugs_bases: bool
    need_total: float
    need_met: float
    first_visits: float
    passed: float
    lines: float
    need_bound: float | None
    gap: float | None
    uncovered: int
    held: int
    unknown: int
    served: ServedRow | None
