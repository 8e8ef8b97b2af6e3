"""Reading and writing ``plan.json``: every fault named, no number rounded."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from patrolplan.errors import Fault, PlanFileError
from patrolplan.plain_files import check_plain_file, is_deeper
from patrolplan.planfile.contract import PlanFile

__all__ = ["format_plan", "read_plan", "tabulate_model_faults"]

# A plan nests to 8; pydantic reads far deeper than it can write.
_MAX_DEPTH = 100
# The built-in plan takes 1 MB; the rest is head room, and a choice.
_LARGEST_MB = 512

_STRING = r"\"(?:[^\"\\]|\\.)*\""
_FLAT_LIST = re.compile(rf"{_STRING}|\[\s*((?:[^\[\]{{}}\"]|{_STRING})*?)\s*\]")


def format_plan(plan: PlanFile) -> str:
    """Return a plan as JSON text, one entry a line so that people can edit it.

    Numbers are not rounded; the text depends on nothing but the plan.

    Parameters
    ----------
    plan
        What to write.
    """
    document = plan.model_dump(mode="json", by_alias=True)
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)

    # Matrix rows and positions stand on one line each: a page of text, not a
    # column of numbers. A string is matched whole, lest a bracket in it begin a list.
    def join_lines(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group()
        return "[" + re.sub(r"\n\s*", " ", match.group(1)) + "]"

    return _FLAT_LIST.sub(join_lines, text) + "\n"


def read_plan(path: Path) -> PlanFile:
    """Read a ``plan.json`` and check that it keeps the contract.

    Whether the plan keeps the *rules* is the referee's business, not this reader's.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    PlanFileError
        If the file cannot be read, is not JSON, or breaks the contract; with every
        fault that was found.
    """
    try:
        check_plain_file(path, "a plan", most_mb=_LARGEST_MB, refusal=PlanFileError)
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        fault = Fault(
            path.name, "file", error.strerror or "unreadable", "a readable file"
        )
        raise PlanFileError([fault]) from error
    except UnicodeDecodeError as error:
        fault = Fault(
            path.name, f"byte {error.start}", "text that is not UTF-8", "UTF-8"
        )
        raise PlanFileError([fault]) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        fault = Fault(path.name, where, error.msg, "JSON", "an edit left it incomplete")
        raise PlanFileError([fault]) from error
    except ValueError as error:
        fault = Fault(path.name, "file", str(error), "JSON")
        raise PlanFileError([fault]) from error
    except RecursionError as error:
        fault = Fault(path.name, "file", "JSON nested too deep", "a plan")
        raise PlanFileError([fault]) from error
    if is_deeper(document, _MAX_DEPTH):
        fault = Fault(path.name, "file", "JSON nested too deep", "a plan")
        raise PlanFileError([fault])
    try:
        plan = PlanFile.model_validate(document)
    except ValidationError as error:
        raise PlanFileError(tabulate_model_faults(error, path.name)) from error
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        # JSON may escape half a character, which no file can hold afterwards.
        fault = Fault(path.name, "file", "an escape of half a character", "text")
        raise PlanFileError([fault]) from error
    faults = list(_find_loose_ends(plan, path.name))
    if faults:
        raise PlanFileError(faults)
    return plan


def tabulate_model_faults(error: ValidationError, file: str) -> list[Fault]:
    """Turn the faults that pydantic found into ours.

    Parameters
    ----------
    error
        What pydantic raised.
    file
        Name of the file that was read.
    """
    faults = []
    items = error.errors(include_url=False)
    for item in items:
        depth = len(item["loc"])
        if item["type"] == "too_short" and any(
            len(other["loc"]) > depth and other["loc"][:depth] == item["loc"]
            for other in items
        ):
            # It is short only because its entries were refused, each by name.
            continue
        where = ".".join(str(part) for part in item["loc"]) or "file"
        kind = item["type"]
        if kind == "missing":
            found, expected, cause = "nothing", "a value", "the line was left out"
        elif kind == "extra_forbidden":
            found, expected, cause = (
                "an unknown key",
                "a key of the contract",
                "a slip of spelling, or a key of another version",
            )
        else:
            found = f"found {_shorten(item['input'])}"
            expected = item["msg"].removeprefix("Value error, ")
            # Ours say what they guess.
            cause = str(item.get("ctx", {}).get("cause", ""))
            if kind.startswith(("greater_than", "less_than")):
                cause = "a sign or a unit mistaken"
        faults.append(Fault(file, where, found, expected, cause))
    return faults


def _shorten(value: object, *, length: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def _find_loose_ends(plan: PlanFile, file: str) -> Iterator[Fault]:
    """Yield what no single entry can know: ids that repeat or point nowhere."""
    base_ids = [base.id for base in plan.bases]
    site_ids = [site.id for site in plan.sites]
    team_ids = [team.id for team in plan.teams]
    places = set(base_ids) | set(site_ids)
    for kind, ids in (
        ("sites and bases", base_ids + site_ids),
        ("teams", team_ids),
        ("patrols", [patrol.id for patrol in plan.patrols]),
    ):
        for repeated in sorted(i for i, times in Counter(ids).items() if times > 1):
            yield Fault(file, kind, f"id {repeated!r} twice", "ids that are unique")
    for team in plan.teams:
        if team.base_id not in base_ids:
            yield Fault(
                file,
                f"team {team.id!r}, base_id",
                f"{team.base_id!r}",
                "the id of a base in this file",
            )
    for number, travel in enumerate(plan.travel):
        size = len(travel.place_ids)
        for name in ("durations_min", "lengths_km", "fuel_l", "hazards"):
            rows = getattr(travel, name)
            if rows is None:
                continue
            if len(rows) != size or any(len(row) != size for row in rows):
                yield Fault(
                    file,
                    f"travel.{number}.{name}",
                    "a matrix that is not square",
                    f"{size} rows of {size} cells, as place_ids says",
                )
        for unknown in sorted(set(travel.place_ids) - places):
            yield Fault(
                file,
                f"travel.{number}.place_ids",
                f"{unknown!r}",
                "the id of a site or base in this file",
            )
    for patrol in plan.patrols:
        where = f"patrol {patrol.id!r}"
        if patrol.team_id not in team_ids:
            yield Fault(
                file, f"{where}, team_id", f"{patrol.team_id!r}", "the id of a team"
            )
        if patrol.base_id not in base_ids:
            yield Fault(
                file, f"{where}, base_id", f"{patrol.base_id!r}", "the id of a base"
            )
        if len(patrol.legs) != len(patrol.stops) - 1:
            yield Fault(
                file,
                f"{where}, legs",
                f"{len(patrol.legs)} legs for {len(patrol.stops)} stops",
                "one leg fewer than stops: leg i joins stops i and i + 1",
            )
            continue
        for number, leg in enumerate(patrol.legs):
            ends = (patrol.stops[number].place_id, patrol.stops[number + 1].place_id)
            if (leg.from_, leg.to) != ends:
                yield Fault(
                    file,
                    f"{where}, legs.{number}",
                    f"from {leg.from_!r} to {leg.to!r}",
                    f"from {ends[0]!r} to {ends[1]!r}, the stops it joins",
                )
        halts = [stop.place_id for stop in patrol.stops[1:-1] if stop.kind == "halt"]
        for number, turn in enumerate(patrol.turns or ()):
            spot = f"{where}, turns.{number}"
            if turn.halt_id not in halts:
                found = f"halt_id {turn.halt_id!r}"
                yield Fault(file, spot, found, "a halt of the patrol before its last")
            if turn.bound_for not in places:
                found = f"bound_for {turn.bound_for!r}"
                yield Fault(file, spot, found, "the id of a site or base")
        for number, stop in enumerate(patrol.stops):
            inner = 0 < number < len(patrol.stops) - 1
            spot = f"{where}, stops.{number}"
            if stop.kind == "visit" and stop.site_id not in site_ids:
                yield Fault(
                    file, f"{spot}, site_id", f"{stop.site_id!r}", "the id of a site"
                )
            if stop.kind == "start" and number > 0:
                yield Fault(
                    file, spot, "a start", "only the first stop may be of that kind"
                )
            # Under way a patrol may stand anywhere, so that a start is a place itself.
            if stop.kind not in ("halt", "start") and stop.place_id not in places:
                yield Fault(
                    file,
                    f"{spot}, place_id",
                    f"{stop.place_id!r}",
                    "the id of a site or base",
                )
            if inner and (stop.arrive is None or stop.depart is None):
                yield Fault(
                    file,
                    spot,
                    "no time",
                    "an arrival and a departure",
                    "only the first arrival and the last departure are null",
                )
