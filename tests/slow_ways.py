"""Ways from place to place as a patrol drives them, and where it turned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from slow_document import Pieces, SlowDocument

ABOUT_A_METRE_DEG = 1e-5


class SlowWay(NamedTuple):
    """From one place to the next, or what of it is driven before or after a turn.

    ``ends`` are the two places whose hours hold, by id and position; the second bears
    no id where nobody knows it, and then it may be ``nowhere`` by its name. ``known``
    says that a matrix knows this way, whole. ``before`` are the pieces since the first
    of ``ends`` that were driven towards another place; ``arrives`` says that it comes
    to the second.
    """

    ends: tuple[Any, Any]
    pieces: Pieces
    known: bool
    before: Pieces
    arrives: bool
    nowhere: bool = False


def list_ways(papers: SlowDocument, patrol: Any) -> Iterator[SlowWay]:
    """Cut a patrol at its places, and at the halts where it was sent elsewhere."""
    bound = {turn["halt_id"]: turn["bound_for"] for turn in patrol.get("turns") or ()}
    stops = patrol["stops"]
    origin, pieces, before = _stand(papers, stops[0]), [], []
    for number, (leg, stop) in enumerate(zip(patrol["legs"], stops[1:], strict=True)):
        pieces.append((number, leg))
        last = number == len(patrol["legs"]) - 1
        if stop["kind"] != "halt" or last:
            place = _stand(papers, stop)
            known = not before and not begins_anywhere(papers, origin)
            if stop["kind"] == "halt":
                # It has no way home: which place it was on the way to, who knows.
                known, place = False, place | {"id": None}
            yield SlowWay((origin, place), pieces, known, before, True)
            origin, pieces, before = place, [], []
        elif stop["place_id"] in bound:
            place = papers.places.get(bound[stop["place_id"]])
            there = place is not None and _is_at(stop, place)
            # Only a halt at the very place makes what was driven a whole way.
            known = there and not before and not begins_anywhere(papers, origin)
            bound_for = place or _stand(papers, stop) | {"id": None}
            nowhere = place is None
            yield SlowWay((origin, bound_for), pieces, known, before, there, nowhere)
            before, pieces = [*before, *pieces], []
            if there:
                origin, before = place, []


def begins_anywhere(papers: SlowDocument, origin: Any) -> bool:
    """Whether a patrol was met under way, at no place that anybody named."""
    stop = origin.get("stop")
    begins = stop is not None and stop["kind"] == "start"
    return begins and origin["id"] not in papers.places


def find_matrix_way(papers: SlowDocument, vehicle: str, way: SlowWay) -> Any:
    """The way as the travel of the document has it; None where no matrix knows it."""
    origin, destination = way.ends
    if not way.known:
        return None
    day = papers.find_driven_day(way.pieces)
    return papers.find_way(vehicle, day, origin["id"], destination["id"])


def _stand(papers: SlowDocument, stop: Any) -> Any:
    lon, lat = papers.find_position(stop)
    return {"id": stop["place_id"], "lon": lon, "lat": lat, "stop": stop}


def _is_at(stop: Any, place: Any) -> bool:
    return all(
        abs(stop[key] - place[key]) <= ABOUT_A_METRE_DEG for key in ("lon", "lat")
    )
