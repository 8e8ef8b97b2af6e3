"""The casualty clock 10-1-2: how long from a wound to surgery, anywhere on a way.

minutes = notice + flight out + loading + flight to surgery. The helicopter flies from
where it stands to the casualty, and from there to the nearest surgical team, which may
be elsewhere. Distances are geodesics; by night only what works by night counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.casualty_figures import CasualtyFigures
from patrolplan.geodesy import measure_distance_m

__all__ = [
    "CasualtyClock",
    "ClockSum",
    "MedicalSite",
    "build_clock",
    "list_medical",
]

# How much worse a minute between two looked at may be: a second, far below what the
# figures are good for.
_PRECISION_MIN = 0.02
# Stretches shorter than this are as good as a point: a helicopter flies it in a second.
_SHORT_M = 75.0
_M_PER_KM = 1000.0


class MedicalSite(NamedTuple):
    """Where a helicopter stands ready, or a surgical team.

    Attributes
    ----------
    id
        Its key.
    kind
        ``helicopter`` or ``surgery``.
    lon, lat
        Position in degrees.
    by_night
        Whether it works by night too.
    """

    id: str
    kind: str
    lon: float
    lat: float
    by_night: bool = True


class ClockSum(NamedTuple):
    """The sum for one spot, by day or by night, each part in minutes.

    Attributes
    ----------
    notice_min, loading_min
        From the call to the departure; on the ground with the casualty.
    out_km, out_min
        From the helicopter's site to the spot.
    surgery_km, surgery_min
        From the spot to the surgical team.
    helicopter_id, surgery_id
        Which ones, the nearest.
    lon, lat
        The spot, in degrees.
    """

    notice_min: float
    out_km: float
    out_min: float
    loading_min: float
    surgery_km: float
    surgery_min: float
    helicopter_id: str
    surgery_id: str
    lon: float
    lat: float

    @property
    def arrival_min(self) -> float:
        """Minutes until the helicopter is there, with advanced care if it brings it."""
        return self.notice_min + self.out_min

    @property
    def total_min(self) -> float:
        """Minutes from the wound to surgery."""
        return self.arrival_min + self.loading_min + self.surgery_min


def list_medical(medical: Any, days: Collection[date]) -> tuple[MedicalSite, ...]:
    """Return the sites of care that stand on all of some days, in order of their ids.

    Parameters
    ----------
    medical
        The layer ``medical``.
    days
        The days, one or more.
    """
    first, last = min(days), max(days)
    return tuple(
        MedicalSite(
            id=row.id,
            kind=row.kind,
            lon=float(row.geometry.x),
            lat=float(row.geometry.y),
            by_night=row.by_night is not False,
        )
        for row in medical.sort_values("id").itertuples()
        if (row.valid_from is None or row.valid_from <= first)
        and (row.valid_to is None or row.valid_to >= last)
    )


def build_clock(
    figures: CasualtyFigures, medical: Any, days: Collection[date]
) -> CasualtyClock:
    """Return the clock of the sites of care that stand on all of some days.

    Parameters
    ----------
    figures
        The section ``[casualty]`` of a scenario.
    medical
        The layer ``medical``.
    days
        The days, one or more.
    """
    return CasualtyClock(figures, list_medical(medical, days))


class CasualtyClock:
    """Tells for any spot how long surgery is away.

    Parameters
    ----------
    figures
        Notice, loading, speed and limits.
    sites
        Helicopters and surgical teams that stand ready.
    """

    def __init__(self, figures: CasualtyFigures, sites: Sequence[MedicalSite]) -> None:
        self.figures = figures
        self.sites = tuple(sites)
        self._ready = {
            (kind, by_night): [
                site
                for site in self.sites
                if site.kind == kind and (site.by_night or not by_night)
            ]
            for kind in ("helicopter", "surgery")
            for by_night in (False, True)
        }
        self._min_per_m = 60.0 / (figures.cruise_kmh * _M_PER_KM)

    def list_ready(self, kind: str, *, by_night: bool) -> tuple[MedicalSite, ...]:
        """Return the sites of a kind that work by day, or by night.

        Parameters
        ----------
        kind
            ``helicopter`` or ``surgery``.
        by_night
            Whether it is night.
        """
        return tuple(self._ready[kind, by_night])

    def find_notice_min(self, *, by_night: bool) -> float:
        """Return the minutes from the call to the helicopter's departure.

        Parameters
        ----------
        by_night
            Whether it is night.
        """
        figures = self.figures
        return figures.notice_night_min if by_night else figures.notice_day_min

    def find_flight_km(self, *, by_night: bool) -> float:
        """Return the kilometres, out and to surgery, that the limit leaves to fly.

        Half of it is the radius round a helicopter that stands beside surgery. Below 0
        where notice and loading alone take longer.

        Parameters
        ----------
        by_night
            Whether it is night.
        """
        spent_min = self.find_notice_min(by_night=by_night) + self.figures.loading_min
        return (self.figures.surgery_min - spent_min) / 60.0 * self.figures.cruise_kmh

    def measure_nearest_m(
        self, kind: str, lon: ArrayLike, lat: ArrayLike, *, by_night: bool
    ) -> NDArray[np.float64]:
        """Return metres from spots to the nearest helicopter, or surgical team.

        Parameters
        ----------
        kind
            ``helicopter`` or ``surgery``.
        lon, lat
            Degrees, arrays of one dimension.
        by_night
            Whether it is night.
        """
        return self._measure_nearest(kind, lon, lat, by_night=by_night)[0]

    def measure_minutes(
        self, lon: ArrayLike, lat: ArrayLike, *, by_night: bool
    ) -> NDArray[np.float64]:
        """Return minutes to surgery at spots; ``inf`` where none is to be had.

        Parameters
        ----------
        lon, lat
            Degrees, arrays of one dimension.
        by_night
            Whether it is night.
        """
        flown_m = sum(
            self.measure_nearest_m(kind, lon, lat, by_night=by_night)
            for kind in ("helicopter", "surgery")
        )
        still_min = self.find_notice_min(by_night=by_night) + self.figures.loading_min
        return np.asarray(still_min + flown_m * self._min_per_m, dtype=np.float64)

    def sum_at(self, lon: float, lat: float, *, by_night: bool) -> ClockSum | None:
        """Return the sum at one spot, or None where no surgery is to be had.

        Parameters
        ----------
        lon, lat
            The spot in degrees.
        by_night
            Whether it is night.
        """
        found = []
        for kind in ("helicopter", "surgery"):
            ready = self._ready[kind, by_night]
            if not ready:
                return None
            far_m, which = self._measure_nearest(kind, [lon], [lat], by_night=by_night)
            found.append((float(far_m[0]), ready[int(which[0])].id))
        (out_m, helicopter_id), (surgery_m, surgery_id) = found
        return ClockSum(
            notice_min=self.find_notice_min(by_night=by_night),
            out_km=out_m / _M_PER_KM,
            out_min=out_m * self._min_per_m,
            loading_min=self.figures.loading_min,
            surgery_km=surgery_m / _M_PER_KM,
            surgery_min=surgery_m * self._min_per_m,
            helicopter_id=helicopter_id,
            surgery_id=surgery_id,
            lon=float(lon),
            lat=float(lat),
        )

    def find_worst(
        self, path: Sequence[Sequence[float]], *, by_night: bool
    ) -> ClockSum | None:
        """Return the longest sum along a path, or None where there is no surgery.

        From spot to spot minutes change no faster than a helicopter flies there and
        back: a stretch is cut in halves until none can hide a longer sum than the one
        found, but for a second.

        Parameters
        ----------
        path
            Positions in degrees, joined by lines that are straight in degrees.
        by_night
            Whether it is night.
        """
        points = np.array(path, dtype=float)[:, :2]
        minutes = self.measure_minutes(*points.T, by_night=by_night)
        if not np.isfinite(minutes).all():
            return None
        gaps_m = measure_distance_m(*points[:-1].T, *points[1:].T)
        while True:
            highest = (minutes[:-1] + minutes[1:]) / 2 + gaps_m * self._min_per_m
            doubtful = highest > minutes.max() + _PRECISION_MIN
            cuts = np.flatnonzero(doubtful & (gaps_m > _SHORT_M))
            if not cuts.size:
                break
            middles = (points[cuts] + points[cuts + 1]) / 2
            between = self.measure_minutes(*middles.T, by_night=by_night)
            points = np.insert(points, cuts + 1, middles, axis=0)
            minutes = np.insert(minutes, cuts + 1, between)
            halves_m = gaps_m.copy()
            halves_m[cuts] /= 2
            gaps_m = np.insert(halves_m, cuts + 1, halves_m[cuts])
        lon, lat = points[int(minutes.argmax())]
        return self.sum_at(lon, lat, by_night=by_night)

    def is_beyond(self, path: Sequence[Sequence[float]], *, by_night: bool) -> bool:
        """Return whether any spot of a path lies beyond the limit.

        Parameters
        ----------
        path
            As in :meth:`find_worst`.
        by_night
            Whether it is night.
        """
        worst = self.find_worst(path, by_night=by_night)
        return worst is None or worst.total_min > self.figures.surgery_min

    def find_shares_beyond(
        self,
        path: Sequence[Sequence[float]],
        along: NDArray[np.float64],
        *,
        by_night: bool,
    ) -> tuple[tuple[float, float], ...]:
        """Return the parts of a path that may lie beyond the limit, as shares of it.

        What is surely within is left out; of what is not sure less than 100 m is not.

        Parameters
        ----------
        path
            As in :meth:`find_worst`.
        along
            For each position the share of the path that leads there, from 0 to 1.
        by_night
            Whether it is night.
        """
        points = np.array(path, dtype=float)[:, :2]
        gaps_m = measure_distance_m(*points[:-1].T, *points[1:].T)
        pieces = np.maximum(1, np.ceil(gaps_m / _SHORT_M)).astype(int)
        shares = np.concatenate(
            [
                np.linspace(a, b, n, endpoint=False)
                for a, b, n in zip(along[:-1], along[1:], pieces, strict=True)
            ]
            + [[1.0]]
        )
        lon, lat = (np.interp(shares, along, points[:, axis]) for axis in (0, 1))
        minutes = self.measure_minutes(lon, lat, by_night=by_night)
        parts_m = np.repeat(gaps_m / pieces, pieces)
        highest = (minutes[:-1] + minutes[1:]) / 2 + parts_m * self._min_per_m
        beyond = highest > self.figures.surgery_min
        spans: list[tuple[float, float]] = []
        for number in np.flatnonzero(beyond).tolist():
            begins = float(shares[number])
            if spans and spans[-1][1] == begins:
                begins = spans.pop()[0]
            spans.append((begins, float(shares[number + 1])))
        return tuple(spans)

    def _measure_nearest(
        self, kind: str, lon: ArrayLike, lat: ArrayLike, *, by_night: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return metres to the nearest site of a kind, and its number."""
        spots = np.array([lon, lat], dtype=float)
        ready = self._ready[kind, by_night]
        if not ready:
            size = spots.shape[1]
            return np.full(size, inf), np.zeros(size, dtype=np.int64)
        homes = np.array([(site.lon, site.lat) for site in ready])
        far_m = measure_distance_m(
            spots[0][:, None], spots[1][:, None], homes[:, 0], homes[:, 1]
        )
        which = far_m.argmin(axis=1)
        return far_m[np.arange(len(which)), which], which
