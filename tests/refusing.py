"""Every reader under one roof, and what a refusal must be for a person to act on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from patrolplan.errors import Fault, InputError, LayerError
from patrolplan.grid import read_grid
from patrolplan.layers.elevation import read_elevation
from patrolplan.layers.files import read_layer
from patrolplan.layers.incidents import read_incidents
from patrolplan.layers.road_files import read_lines
from patrolplan.layers.road_rules import read_road_rules
from patrolplan.layers.schema import SCHEMAS
from patrolplan.layers.tracks import read_track
from patrolplan.need.exposure import sum_raster
from patrolplan.need.mandate import read_mandate
from patrolplan.network_figures import NetworkFigures, read_network_figures
from patrolplan.planfile import read_plan
from patrolplan.products.exports.formats import read_export
from patrolplan.safety_figures import SafetyFigures
from patrolplan.scenario import read_scenario

RULES = read_road_rules()
Reader = Callable[[Path], Any]


def read_as(layer: str, safety: SafetyFigures | None = None) -> Reader:
    """Return the reader of one layer: it raises what :func:`read_layer` returns."""

    def read(path: Path) -> Any:
        frame, faults = read_layer(path, SCHEMAS[layer], safety or SafetyFigures())
        if faults:
            raise LayerError(faults)
        return frame

    return read


def read_roads(path: Path) -> Any:
    return read_lines(path, NetworkFigures(), RULES)


def sum_people(path: Path) -> Any:
    import geopandas as gpd
    import shapely

    areas = gpd.GeoDataFrame(
        {"id": ["a"]}, geometry=[shapely.box(0, 16, 1, 17)], crs="EPSG:4326"
    )
    return sum_raster(areas, path)


READERS: dict[str, Reader] = {
    "sites": read_as("population"),
    "zones": read_as("zones"),
    "speeds": read_as("speeds"),
    "roads": read_roads,
    "track": read_track,
    "incidents": read_incidents,
    "elevation": read_elevation,
    "people": sum_people,
    "export": read_export,
    "plan": read_plan,
    "scenario": read_scenario,
    "grid": read_grid,
    "mandate": read_mandate,
    "mapping": read_network_figures,
}
"""Each takes a path, and raises an InputError where what lies there is no good."""


ENDINGS = {
    "sites": (".csv", ".geojson", ".gpkg"),
    "roads": (".geojson", ".gpkg", ".osm.pbf", ".shp", ".zip", ".parquet"),
    "track": (".gpx",),
    "incidents": (".csv",),
    "elevation": (".tif",),
    "people": (".tif",),
    "export": (".gpx", ".kml", ".csv", ".geojson", ".gpkg"),
    "plan": (".json",),
    "scenario": (".toml",),
    "grid": (".toml",),
    "mandate": (".toml",),
    "mapping": (".toml",),
}
"""Of the files that each may be given; zones and speeds are read as sites are."""


class Case(NamedTuple):
    """A hostile file, who reads it, and what the refusal must say.

    Attributes
    ----------
    reader
        A key of ``READERS``.
    name
        Of the file.
    content
        Bytes, or what writes them to a path.
    said
        What one line of the refusal must say.
    """

    reader: str
    name: str
    content: bytes | Callable[[Path], Any]
    said: str


def name_cases(cases: Iterable[Case]) -> list[Any]:
    """Return cases as parameters that bear a name each."""
    return [
        pytest.param(case, id=f"{case.reader}-{case.name}-{number}")
        for number, case in enumerate(cases)
    ]


def write_case(folder: Path, case: Case) -> Path:
    path = folder / case.name
    if isinstance(case.content, bytes):
        path.write_bytes(case.content)
    else:
        case.content(path)
    return path


def check_faults(faults: Iterable[Fault], path: Path) -> list[str]:
    """Return the lines of faults, once each is seen to be one that helps."""
    lines = []
    for fault in faults:
        line = str(fault)
        assert fault.where, line
        assert fault.found, line
        assert fault.expected, line
        assert "\n" not in line
        assert line.isprintable() or "\u00a0" in line, line
        assert "Traceback" not in line
        assert len(line) < 2000, line[:2000]
        # Where things lie on this machine is nobody's business but its user's.
        assert str(path.parent) not in line, line
        lines.append(line)
    assert lines
    return lines


def check_refused(case: Case, folder: Path) -> None:
    """Read a case, and see that it is refused in words that say what is wrong."""
    path = write_case(folder, case)
    with pytest.raises(InputError) as caught:
        READERS[case.reader](path)
    lines = check_faults(caught.value.faults, path)
    assert any(case.said in line for line in lines), lines


def read_or_refuse(reader: str, path: Path) -> bool:
    """Return whether a file was read; any error but a refusal is a defect."""
    try:
        READERS[reader](path)
    except InputError as error:
        check_faults(error.faults, path)
        return False
    return True
