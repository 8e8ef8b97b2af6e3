"""Where the layers of a scenario are: in one folder, or in files of one's own."""

from __future__ import annotations

from patrolplan.figures import Part, PathText

__all__ = [
    "ELEVATION_FILE",
    "LAYER_FILES",
    "MANDATE_FILE",
    "SOURCES_FILE",
    "LayerPaths",
]

# Where each layer lies within the layers folder, unless the scenario says else.
LAYER_FILES = {
    "population": "population/population.geojson",
    "lines": "lines/lines.geojson",
    "osm_lengths": "lines/osm_lengths.csv",
    "zones": "zones/zones.geojson",
    "bases": "bases/bases.csv",
    "airfields": "airfields/airfields.csv",
    "medical": "medical/medical.csv",
    "markets": "markets/markets.csv",
    "regions": "context/regions.geojson",
    "borders": "context/borders.geojson",
    "rivers": "context/rivers.geojson",
    "lakes": "context/lakes.geojson",
    "speeds": "movement/speeds.csv",
    "flood": "movement/flood.csv",
    "vehicles": "movement/vehicles.csv",
    "seats": "themes/seats.csv",
    "polling": "themes/polling.csv",
    "movements": "themes/movements.csv",
    "camps": "themes/camps.csv",
    "schools": "themes/schools.csv",
    "women_children": "themes/women_children.csv",
    "human_rights": "themes/human_rights.csv",
    "observation": "themes/observation.csv",
    "pastoral": "themes/pastoral.csv",
}
ELEVATION_FILE = "context/elevation.tif"
"""The grid that the map is shaded from, within the layers folder."""
MANDATE_FILE = "mandate.toml"
"""Maps sentences of the mandate to layers and visits, beside the layers."""
SOURCES_FILE = "sources.toml"
"""Names the source, licence and date of each layer, beside the layers."""


class LayerPaths(Part):
    """Where the layers are: one folder, or a file of one's own for a layer."""

    folder: PathText = "../data/geo"
    population: PathText | None = None
    lines: PathText | None = None
    osm_lengths: PathText | None = None
    zones: PathText | None = None
    bases: PathText | None = None
    airfields: PathText | None = None
    medical: PathText | None = None
    markets: PathText | None = None
    regions: PathText | None = None
    borders: PathText | None = None
    rivers: PathText | None = None
    lakes: PathText | None = None
    speeds: PathText | None = None
    flood: PathText | None = None
    vehicles: PathText | None = None
    seats: PathText | None = None
    polling: PathText | None = None
    movements: PathText | None = None
    camps: PathText | None = None
    schools: PathText | None = None
    women_children: PathText | None = None
    human_rights: PathText | None = None
    observation: PathText | None = None
    pastoral: PathText | None = None
    mandate: PathText | None = None
    elevation: PathText | None = None
