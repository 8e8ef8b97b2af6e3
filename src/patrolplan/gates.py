"""The do-no-harm gates: questions that a named role answers before a plan is used.

One list says which there are, what is asked in which words, who is asked about, and
which answer lets a plan pass. It is code and no layer: a scenario answers the
questions, it cannot change them. Whoever writes, judges or draws a plan asks here
whether it is cleared, so that no page can say what the answers do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from patrolplan.planfile import GateEntry, PatrolEntry, PlanFile

__all__ = [
    "CEASEFIRE_THEME",
    "GATES",
    "MOST_VALID_DAYS",
    "UNANSWERED",
    "VALID_DAYS_LIMIT",
    "Answer",
    "AnsweringRole",
    "Gate",
    "GateId",
    "GateState",
    "Scope",
    "State",
    "complete_gates",
    "find_closed",
    "find_gate",
    "find_status",
    "list_gate_states",
]

GateId = Literal[
    "keep_clear", "aid_liaison", "visit_harm", "joint_forces", "ceasefire_liaison"
]
Scope = Literal["plan", "site", "team"]
Answer = Literal["yes", "no", "unanswered"]
State = Literal["passed", "closed", "stale", "unanswered"]
"""``passed`` and ``closed`` by the answer; ``stale`` where it passed but is too old."""

AnsweringRole = Literal[
    "cmcoord_officer",
    "protection_adviser",
    "human_rights_officer",
    "women_protection_adviser",
    "child_protection_adviser",
    "civil_affairs_officer",
    "liaison_officer",
    "legal_adviser",
    "head_of_office",
    "sector_commander",
]
"""Who may answer. A list that is closed cannot hold a person's name."""

UNANSWERED: Final = "unanswered"
CEASEFIRE_THEME: Final = "K"
"""Letter of the sentence of the mandate on the ceasefire."""
VALID_DAYS_LIMIT: Final = "answer_valid_days"
"""Key of the plan's limit on the age of an answer."""
MOST_VALID_DAYS: Final = 180

_ROLES: Final = frozenset(get_args(AnsweringRole))


class Gate(NamedTuple):
    """One question of the list.

    Attributes
    ----------
    id
        Its key in scenarios and plans.
    scope
        What it is asked of: the whole plan, each site visited, or each joint team.
    passes
        The answer that lets the plan pass; the other closes the gate.
    en, fr
        The question, word for word: what a role answers is these words.
    source
        Where it is from.
    """

    id: GateId
    scope: Scope
    passes: Literal["yes", "no"]
    en: str
    fr: str
    source: str


GATES: Final[tuple[Gate, ...]] = (
    Gate(
        "keep_clear",
        "plan",
        "yes",
        "Do all stops and halts keep clear of aid at work, of camps for displaced "
        "persons, and of schools and medical sites?",
        "Tous les arrêts et toutes les haltes restent-ils à l'écart de l'aide en "
        "cours, des camps de personnes déplacées, des écoles et des sites médicaux ?",
        "Humanitarian Country Team in Mali 2013, clear distinction; child protection "
        "policy 2017, no use of schools",
    ),
    Gate(
        "aid_liaison",
        "plan",
        "yes",
        "Have humanitarian actors in these areas been consulted through CMCoord, and "
        "their objections heeded?",
        "Les acteurs humanitaires de ces zones ont-ils été consultés par la CMCoord, "
        "et leurs objections prises en compte ?",
        "Humanitarian Country Team in Mali 2013: coexistence, liaison through CMCoord",
    ),
    Gate(
        "visit_harm",
        "site",
        "no",
        "Could our visit bring harm to those we meet?",
        "Notre visite pourrait-elle nuire à celles et ceux que nous rencontrons ?",
        "reprisals for contact with peacekeepers in central Mali, 2016 and later",
    ),
    Gate(
        "joint_forces",
        "team",
        "yes",
        "Has the due diligence of the HRDDP been done for the forces that go along, "
        "without grounds to refuse?",
        "La politique de diligence voulue en matière de droits de l'homme a-t-elle été "
        "appliquée aux forces qui nous accompagnent, sans motif de refus ?",
        "human rights due diligence policy, A/67/775-S/2013/110",
    ),
    Gate(
        "ceasefire_liaison",
        "site",
        "yes",
        "Has the liaison that the ceasefire asks for been made and recorded?",
        "La liaison que demande le cessez-le-feu a-t-elle été faite et consignée ?",
        "ceasefire agreement of 23 May 2014: liaison first",
    ),
)
"""All questions, in the order in which they are shown."""

_BY_ID: Final[Mapping[str, Gate]] = {gate.id: gate for gate in GATES}


class _Use(NamedTuple):
    """A question that a plan raises, and the days on which its answer is relied on."""

    gate: Gate
    subject: str | None
    first_day: date
    last_day: date


class GateState(NamedTuple):
    """One question of one plan, and how it stands.

    Attributes
    ----------
    gate
        The question.
    subject
        Id of the site or team, None for the whole plan.
    asked
        Whether the plan raises it; what is answered and not raised binds the same.
    state
        How it stands.
    answer, role, date
        As given; ``unanswered`` and None where it was not.
    """

    gate: Gate
    subject: str | None
    asked: bool
    state: State
    answer: str
    role: str | None
    date: date | None


def find_gate(gate_id: str) -> Gate | None:
    """Return the question of an id, or None.

    Parameters
    ----------
    gate_id
        Such as ``visit_harm``.
    """
    return _BY_ID.get(gate_id)


def complete_gates(plan: PlanFile) -> list[GateEntry]:
    """Return the answers of a plan, and an entry for each that is wanting.

    Parameters
    ----------
    plan
        The plan with the answers that were given, those of other sites too.

    Returns
    -------
    In the order of the list, then of the sites and teams.
    """
    return [
        _build_entry(state.gate, state.subject, state.answer, state.role, state.date)
        for state in list_gate_states(plan)
    ]


def _build_entry(
    gate: Gate, subject: str | None, answer: str, role: str | None, day: date | None
) -> GateEntry:
    return GateEntry(
        gate=gate.id,
        answer=answer,
        role=role,
        date=day,
        site_id=subject if gate.scope == "site" else None,
        team_id=subject if gate.scope == "team" else None,
    )


def list_gate_states(plan: PlanFile) -> tuple[GateState, ...]:
    """Return how each question stands that a plan raises or answers.

    An answer counts if a role of the list gave it, on a day not after it was first
    relied on. One that lets the plan pass is stale where it is older, on the last day
    that relies on it, than the plan's ``answer_valid_days``. One that closes the gate
    never grows stale: harm that was foreseen stands until somebody says otherwise. Of
    several answers to one question the least favourable counts.

    Parameters
    ----------
    plan
        The plan; what it says of its own status is not looked at.

    Returns
    -------
    In the order of the list, then of the sites and teams.
    """
    uses = {(use.gate.id, use.subject): use for use in _list_uses(plan)}
    given: dict[tuple[GateId, str | None], list[GateEntry]] = {}
    for entry in plan.gates:
        gate = _BY_ID.get(entry.gate)
        if gate is not None and _fits(gate, entry):
            given.setdefault((gate.id, entry.site_id or entry.team_id), []).append(
                entry
            )
    valid_days = _read_valid_days(plan)
    order = {gate.id: number for number, gate in enumerate(GATES)}
    states = []
    for key in sorted(
        uses.keys() | given.keys(), key=lambda key: (order[key[0]], key[1] or "")
    ):
        use = uses.get(key)
        states.append(
            _judge(_BY_ID[key[0]], key[1], use, given.get(key, []), valid_days)
        )
    return tuple(states)


def find_status(plan: PlanFile) -> Literal["draft", "cleared"]:
    """Return ``cleared`` if every question that a plan raises lets it pass.

    Parameters
    ----------
    plan
        The plan; what it says of its own status is not looked at.
    """
    states = list_gate_states(plan)
    passed = all(state.state == "passed" for state in states if state.asked)
    return "cleared" if passed else "draft"


def find_closed(plan: PlanFile) -> dict[tuple[Scope, str], GateState]:
    """Return the sites and teams that a gate is closed for, by scope and id.

    Parameters
    ----------
    plan
        The plan.
    """
    return {
        (state.gate.scope, state.subject): state
        for state in list_gate_states(plan)
        if state.state == "closed" and state.subject is not None
    }


def _fits(gate: Gate, entry: GateEntry) -> bool:
    """Return whether an entry names what its question is asked of, and no more."""
    named = {"site": entry.site_id is not None, "team": entry.team_id is not None}
    return all(named[scope] == (gate.scope == scope) for scope in named)


def _judge(
    gate: Gate,
    subject: str | None,
    use: _Use | None,
    entries: list[GateEntry],
    valid_days: float,
) -> GateState:
    found: list[tuple[int, GateState]] = []
    for entry in entries:
        state = _find_state(gate, entry, use, valid_days)
        told = GateState(
            gate, subject, use is not None, state, entry.answer, entry.role, entry.date
        )
        found.append((("closed", "unanswered", "stale", "passed").index(state), told))
    if not found:
        return GateState(
            gate, subject, use is not None, "unanswered", UNANSWERED, None, None
        )
    return min(found, key=lambda pair: pair[0])[1]


def _find_state(
    gate: Gate, entry: GateEntry, use: _Use | None, valid_days: float
) -> State:
    if entry.answer not in ("yes", "no"):
        return "unanswered"
    if entry.answer != gate.passes:
        # Whoever fears harm is heard, whatever is wanting in the entry.
        return "closed"
    if entry.role not in _ROLES or entry.date is None:
        return "unanswered"
    if use is None:
        return "passed"
    if entry.date > use.first_day:
        return "unanswered"
    return "passed" if (use.last_day - entry.date).days <= valid_days else "stale"


def _read_valid_days(plan: PlanFile) -> float:
    """Return how old an answer may be; a figure that cannot be meant clears nothing."""
    value = plan.scenario.limits.get(VALID_DAYS_LIMIT)
    if isinstance(value, int | float) and 0 <= value <= MOST_VALID_DAYS:
        return float(value)
    return -1.0


def _list_uses(plan: PlanFile) -> Iterator[_Use]:
    """Yield each question that a plan raises."""
    zone = _find_zone(plan.scenario.timezone)
    start = plan.scenario.start
    first = start.astimezone(zone).date() if isinstance(start, datetime) else start
    out = [_find_days(patrol, zone) for patrol in plan.patrols]
    whole = [day for days in out for day in days] or [first]
    for gate in GATES:
        if gate.scope == "plan":
            yield _Use(gate, None, min(whole), max(whole))
    joint = {team.id for team in plan.teams if team.joint_with_national_forces}
    for team_id in sorted(joint):
        days = [
            day
            for patrol, pair in zip(plan.patrols, out, strict=True)
            if patrol.team_id == team_id
            for day in pair
        ]
        if days:
            yield _Use(_BY_ID["joint_forces"], team_id, min(days), max(days))
    liaison = {
        site.id
        for site in plan.sites
        if site.ceasefire_liaison or CEASEFIRE_THEME in site.themes
    }
    visits: dict[str, list[date]] = {}
    for patrol, pair in zip(plan.patrols, out, strict=True):
        for stop in patrol.stops:
            if stop.kind != "visit" or stop.site_id is None:
                continue
            day = pair[0] if stop.arrive is None else _find_day(stop.arrive, zone)
            visits.setdefault(stop.site_id, []).append(day)
            if CEASEFIRE_THEME in stop.themes:
                liaison.add(stop.site_id)
    for site_id, days in sorted(visits.items()):
        yield _Use(_BY_ID["visit_harm"], site_id, min(days), max(days))
        if site_id in liaison:
            yield _Use(_BY_ID["ceasefire_liaison"], site_id, min(days), max(days))


def _find_days(patrol: PatrolEntry, zone: ZoneInfo) -> tuple[date, date]:
    return _find_day(patrol.depart, zone), _find_day(patrol.return_, zone)


def _find_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _find_zone(name: str) -> ZoneInfo:
    """Return a zone; days of an unknown one are those of UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
