"""Travel where no line is known: the ``[open_ground]`` table of a scenario.

Without the table only lines are travelled. An empty one turns it on with the figures
below: they are choices until someone has driven there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from patrolplan.figures import Key, Part, PathText, state_figure

__all__ = ["OFF_TRACK", "OPEN_GROUND", "OpenGroundFigures"]

OFF_TRACK = "off_track"
"""The kind of a way across open ground, as roads and ferries are kinds of line."""

OPEN_GROUND = "open_ground"
"""Its surface in the speeds table."""

ClassCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}$")]
Friction = Annotated[float, Field(ge=0, le=100)]


class OpenGroundFigures(Part):
    """How places that no line reaches are joined across open ground.

    ``without_lines`` are lines of the layer that the planner takes for unknown: their
    ends are joined across open ground instead. ``ways`` are pairs of places that get a
    way beside that. ``elevation``, ``land_cover`` and ``friction`` are rasters in
    degrees; without ``elevation`` the grid of the layers is taken.
    """

    without_lines: tuple[Key, ...] = ()
    ways: tuple[tuple[Key, Key], ...] = ()
    elevation: PathText | None = None
    land_cover: PathText | None = None
    friction: PathText | None = None
    like: Key = state_figure(
        "sand",
        unit="surface of the speeds table",
        source="choice; the softest ground of the table: nobody knows what lies there",
    )
    speed_share: float = state_figure(
        0.75,
        unit="share of a vehicle's speed on that surface, on flat open ground",
        gt=0,
        le=2,
        source="choice; 20 km/h of a light vehicle on sand become 15, the slow end of "
        "the routing profiles in sand (15 to 20): a way is sought while it is driven",
    )
    winding: float = state_figure(
        1.2,
        unit="times as long as the way drawn on the cells",
        ge=1,
        le=3,
        source="as a track whose length nobody knows, domain study 3.1; 1.3 in dunes "
        "by trips in the Empty Quarter, 3.3",
    )
    slope_factor: float = state_figure(
        5,
        unit="times the time of flat ground that a slope of 1 m in 1 m adds",
        ge=0,
        le=100,
        source="choice; a slope of 1 in 20 costs a quarter more, of 1 in 5 twice the "
        "time",
    )
    max_slope: float = state_figure(
        0.3,
        unit="m in 1 m that a loaded vehicle climbs or crosses",
        gt=0,
        le=2,
        source="choice; half the 60 % that makers state on firm ground, for sand and "
        "loads",
    )
    classes: Mapping[ClassCode, Friction] = state_figure(
        {
            "10": 3.0,
            "20": 1.5,
            "30": 1.0,
            "40": 1.2,
            "50": 1.5,
            "60": 1.0,
            "80": 0.0,
            "90": 0.0,
            "95": 0.0,
            "100": 1.0,
        },
        unit="times as slow as flat open ground, by class of land cover; 0 = no way",
        source="choice; the codes are those of ESA WorldCover: trees, shrub, grass, "
        "crops, built, bare, water, wetland, mangrove, moss",
    )
    cell_km: float = state_figure(
        2,
        unit="km, side of a cell",
        ge=0.05,
        le=20,
        source="choice; finer than the built-in elevation, whose cells are 7 km",
    )
    max_km: float = state_figure(
        600,
        unit="km of flat open ground that one way may be worth, winding and friction "
        "counted in",
        gt=0,
        le=3000,
        source="choice; Araouane to Taoudenni, the longest between two places of the "
        "theatre, is 504",
    )
    landing_km: float = state_figure(
        5,
        unit="km from a place to open ground, where its own cell is closed",
        ge=0,
        le=50,
        source="choice; a town on a river bank and two cells",
    )

    def place(self, home: Path) -> OpenGroundFigures:
        """Return the same with paths that do not hang on the working folder.

        Parameters
        ----------
        home
            The folder of the file that names them.
        """
        own = {name: str(home / text) for name, text in self.list_rasters().items()}
        return self.model_copy(update=own)

    def list_rasters(self) -> dict[str, str]:
        """Return the rasters that it names, by what they hold."""
        named = {
            name: getattr(self, name)
            for name in ("elevation", "land_cover", "friction")
        }
        return {name: text for name, text in named.items() if text is not None}
