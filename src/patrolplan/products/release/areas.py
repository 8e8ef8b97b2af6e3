"""Places told together: by cercle, small cercles joined, people in bands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from patrolplan.products.catalogue import Text, format_number, mark, translate
from patrolplan.products.release.facts import Place, Reason

__all__ = [
    "FEWEST_PLACES",
    "REASONS",
    "Area",
    "Band",
    "find_band",
    "group_places",
    "word_reason",
]

FEWEST_PLACES: Final = 3
"""An area of fewer places is not told apart: it would tell of a place, not an area."""
# Each about twice the one below, so that a figure says little of any one place.
_EDGES: Final = (0, 5_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
REASONS: Final[dict[Reason, str]] = {
    "no_way": mark("No way leads there in this period"),
    "unknown": mark("People or risk unknown; unknown is not zero"),
    "not_told": mark("A way leads there; whether a patrol goes is not told"),
}
"""What each reason says; in the order in which they are told."""


@dataclass(frozen=True, order=True)
class Band:
    """A range of persons that a figure lies in, told in place of the figure.

    Parameters
    ----------
    low, high
        Its ends, persons; no upper end where ``high`` is None.
    """

    low: int
    high: int | None

    @property
    def code(self) -> str:
        """The range as tables write it, such as ``5000-20000``."""
        return f"{self.low}+" if self.high is None else f"{self.low}-{self.high}"

    @property
    def words(self) -> Text:
        """The range as people read it."""
        return Text(self._say("en"), self._say("fr"))

    def _say(self, lang: str) -> str:
        low = format_number(self.low, lang)
        if self.high is None:
            return translate(mark("more than {n}"), lang).format(n=low)
        high = format_number(self.high, lang)
        if not self.low:
            return translate(mark("fewer than {n}"), lang).format(n=high)
        return translate(mark("{low} to {high}"), lang).format(low=low, high=high)


@dataclass(frozen=True)
class Area:
    """Places that are told as one.

    Parameters
    ----------
    cercles
        The cercles that they are of, in order; empty where that is not known.
    region
        Their region, where they are all of one.
    places
        The places.
    """

    cercles: tuple[str, ...]
    region: str | None
    places: tuple[Place, ...]

    @property
    def told(self) -> bool:
        """Whether there are places enough to give figures."""
        return len(self.places) >= FEWEST_PLACES

    @property
    def name(self) -> Text:
        """The cercles by name."""
        if not self.cercles:
            return Text.same("—")
        return Text.same(", ".join(self.cercles))

    @property
    def label(self) -> Text:
        """A short name, for the map."""
        count = len(self.cercles)
        if count <= 1 or self.region is None:
            return self.name
        return Text(
            *(
                translate(mark("{region}: {n} cercles"), lang).format(
                    region=self.region, n=count
                )
                for lang in ("en", "fr")
            )
        )

    def select(self, reason: Reason) -> tuple[Place, ...]:
        """Return the places with a reason.

        Parameters
        ----------
        reason
            Why they may be left out.
        """
        return tuple(place for place in self.places if place.reason == reason)


def find_band(places: Iterable[Place]) -> Band | None:
    """Return the band of the people of places; None where no figure is known.

    Parameters
    ----------
    places
        Those of unknown people are left aside.
    """
    known = [place.people for place in places if place.people is not None]
    if not known:
        return None
    count = sum(known)
    low = max(edge for edge in _EDGES if edge <= count)
    high = min((edge for edge in _EDGES if edge > count), default=None)
    return Band(low, high)


def word_reason(reason: Reason) -> Text:
    """Return what a reason says.

    Parameters
    ----------
    reason
        The reason.
    """
    return Text(translate(REASONS[reason], "en"), translate(REASONS[reason], "fr"))


def group_places(places: Iterable[Place]) -> tuple[Area, ...]:
    """Gather places into areas of at least :data:`FEWEST_PLACES`.

    A cercle of enough places is an area. The others are told together by region; those
    of a region that are still too few join its smallest area, or the rest of the
    theatre where it has none.

    Parameters
    ----------
    places
        The places.

    Returns
    -------
    The areas in order of region and name. The last one alone may be too small, where
    there is nothing that it could join.
    """
    by_cercle: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        key = (place.region or "", place.cercle or "")
        by_cercle.setdefault(key, []).append(place)
    areas = [found for found in by_cercle.values() if len(found) >= FEWEST_PLACES]
    small = [found for found in by_cercle.values() if len(found) < FEWEST_PLACES]
    rest: list[Place] = []
    for region in sorted({found[0].region or "" for found in small}):
        pooled = [p for found in small for p in found if (p.region or "") == region]
        kin = [found for found in areas if (found[0].region or "") == region]
        if region and len(pooled) >= FEWEST_PLACES:
            areas.append(pooled)
        elif region and kin:
            min(kin, key=_rank).extend(pooled)
        else:
            rest += pooled
    if rest and len(rest) < FEWEST_PLACES and areas:
        min(areas, key=_rank).extend(rest)
    elif rest:
        areas.append(rest)
    built = [_build_area(found) for found in areas]
    return tuple(sorted(built, key=lambda a: (not a.told, a.region or "~", a.cercles)))


def _rank(places: list[Place]) -> tuple[int, str]:
    return len(places), places[0].cercle or ""


def _build_area(places: list[Place]) -> Area:
    regions = {place.region for place in places}
    return Area(
        cercles=tuple(sorted({place.cercle for place in places if place.cercle})),
        region=regions.pop() if len(regions) == 1 else None,
        places=tuple(places),
    )
