"""What closes lines on the first day of a scenario, for the planner's page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from patrolplan.convoys import read_convoy
from patrolplan.layers import Layers
from patrolplan.network import Cause, Roads, read_roads
from patrolplan.network.changes import describe_cause
from patrolplan.products.catalogue import Text, mark, translate_text
from patrolplan.products.closed_lines import is_closed
from patrolplan.products.frames import read_rows
from patrolplan.products.sentences import render_code_text
from patrolplan.scenario import Scenario

__all__ = ["name_flood_rows", "tell_roads"]

_CLOSED_IN: Final = {
    "dry": mark("closed in the dry season"),
    "rains": mark("closed in the rains"),
}


def tell_roads(scenario: Scenario, layers: Layers) -> dict[str, Any]:
    """Return what closes each line on the first day, whatever the page itself moves.

    Closures are left out, and rows of the flood calendar are there also where they are
    lifted: the page shows its own closures, and knows what it lifts.

    Parameters
    ----------
    scenario
        Its start is the day; its teams say for whom lines are closed.
    layers
        The lines, and the flood calendar.

    Returns
    -------
    dict
        ``day``, ISO; ``season``, ``dry`` or ``rains``; ``shut``, by line what closes
        it: ``row``, the id of the row of the flood calendar or an empty text, and the
        sentence in ``en`` and ``fr``.
    """
    season = scenario.find_season(scenario.start)
    shut: dict[str, list[dict[str, str]]] = {}
    for row in read_rows(layers.lines):
        if is_closed(row, season):
            told = {"row": "", **asdict(translate_text(_CLOSED_IN[season]))}
            shut.setdefault(str(row["id"]), []).append(told)
    for cause in _list_causes(scenario, layers):
        told = {
            "row": cause.id if cause.kind == "flood" else "",
            **asdict(_say(cause)),
        }
        for line in sorted(cause.closed):
            shut.setdefault(line, []).append(told)
    return {"day": scenario.start.isoformat(), "season": season, "shut": shut}


def name_flood_rows(scenario: Scenario, layers: Layers) -> dict[str, Text]:
    """Return the name of each row of the flood calendar that is of lines there are.

    Parameters
    ----------
    scenario, layers
        As of :func:`tell_roads`.
    """
    rows = _read_bare_roads(scenario, layers).flood
    return {row.id: Text(row.name, row.name_fr or row.name) for row in rows}


def _read_bare_roads(scenario: Scenario, layers: Layers) -> Roads:
    lines = scenario.lines.model_copy(update={"closed": (), "lifted": ()})
    return read_roads(scenario.replace(lines=lines), layers)


def _list_causes(scenario: Scenario, layers: Layers) -> list[Cause]:
    """Return what closes lines of any vehicle of the teams on the first day."""
    roads = _read_bare_roads(scenario, layers)
    movers = {
        mover
        for team in scenario.teams
        for mover in read_convoy(team, layers.vehicles).movers
    }
    found = (
        cause
        for mover in sorted(movers)
        for cause in roads.list_causes(mover, scenario.start)
        if cause.closed
    )
    return list(dict.fromkeys(found))


def _say(cause: Cause) -> Text:
    code = describe_cause(cause)
    return render_code_text(code.code, code.values, kind="notice")
