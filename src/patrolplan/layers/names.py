"""Finding a place by any of its names: accents, case and hyphens aside."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from typing import Any

from patrolplan.errors import RouteError

__all__ = ["find_place_id", "fold_name"]


def fold_name(name: str) -> str:
    """Return a name as it is compared: no accents, case, hyphens or apostrophes.

    Examples
    --------
    >>> fold_name("Ti-n-Essako") == fold_name("Tin Essako")
    True
    >>> fold_name("MÉNAKA")
    'menaka'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _list_names(place: Any) -> Iterable[str]:
    yield from (place.id, place.name)
    for column in ("name_fr", "aliases"):
        text = getattr(place, column, None)
        if isinstance(text, str):
            yield from text.split("|")


def find_place_id(places: Any, name: str) -> str:
    """Return the id of the place that bears a name.

    Parameters
    ----------
    places
        A layer with ``id``, ``name`` and perhaps ``name_fr`` and ``aliases``.
    name
        Its id, its name or any other of its names.

    Raises
    ------
    RouteError
        If no place or more than one bears the name; with the nearest names.
    """
    if (places["id"] == name).any():
        return name
    wanted = fold_name(name)
    known: dict[str, set[str]] = {}
    spelled: dict[str, str] = {}
    for place in places.itertuples():
        for spelling in _list_names(place):
            folded = fold_name(spelling)
            known.setdefault(folded, set()).add(place.id)
            spelled.setdefault(folded, spelling)
    found = sorted(known.get(wanted, ())) if wanted else []
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{name!r} names more than one place: {', '.join(found)}"
        raise RouteError(msg)
    close = difflib.get_close_matches(wanted, sorted(known), n=3, cutoff=0.6)
    hint = f"; near: {', '.join(spelled[c] for c in close)}" if close else ""
    msg = f"no place is called {name!r}{hint}"
    raise RouteError(msg)
