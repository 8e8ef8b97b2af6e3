"""The built-in theatre with every text a stranger's: names, ids, notes and sources."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from hostile_grammar import Names, hold_cell
from patrolplan.scenario import LAYER_FILES
from patrolplan.shipped import copy_shipped

__all__ = ["ENDINGS", "HostileTheatre", "write_hostile_theatre"]

ENDINGS: Final = (".geojson", ".gpkg", ".csv")
"""Of its layers with geometry, in turn; tables stay CSV."""
_THEMES: Final = tuple(
    layer for layer, path in LAYER_FILES.items() if path.startswith("themes/")
)
_THEME_TEXTS: Final = ("name", "source", "note", "as_of")
_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "population": (
        *("name", "name_fr", "aliases", "cercle_2014", "cercle_today", "region_today"),
        *("population_source", "position_source", "sources", "note"),
    ),
    "lines": (
        "ref",
        "name",
        "name_fr",
        "length_source",
        "hazard_source",
        "source",
        "note",
    ),
    "zones": (
        *(
            "name",
            "name_fr",
            "threat_reason",
            "vulnerability_reason",
            "capacity_reason",
        ),
        "source",
    ),
    "bases": ("name", "name_fr", "sector_2014", "source", "note"),
    "airfields": ("name", "surface", "source"),
    "medical": ("name", "name_fr", "source", "note"),
    "markets": ("name", "source", "note"),
    "flood": ("name", "name_fr", "gauge", "source", "note"),
    "speeds": ("source",),
    "vehicles": ("source",),
    "regions": ("name", "code"),
    **dict.fromkeys(("borders", "rivers", "lakes"), ("name",)),
    **dict.fromkeys(_THEMES, _THEME_TEXTS),
}
"""Columns that bear free text; every one is filled, also where it was empty."""
_WITH_IDS: Final = (
    *("population", "lines", "zones", "bases", "airfields", "medical", "markets"),
    *("flood", *_THEMES),
)
# What names features of which layer; a cell may join several by a bar.
_REFERENCES: Final = (
    *(("population", "counted_with", "population"), ("lines", "from_id", "population")),
    *(("lines", "to_id", "population"), ("bases", "site_id", "population")),
    *(("medical", "site_id", "population"), ("markets", "near_site_id", "population")),
    *(("flood", "lines", "lines"), ("osm_lengths", "line_id", "lines")),
    *((layer, "near_site_id", "population") for layer in _THEMES),
)
_ALIASES: Final = 4
# A scenario names bases by ids of up to 100 signs.
_LONGEST_ID: Final = 60
_LONGEST_TITLE: Final = 120
SCENARIO: Final = """format = "patrolplan-scenario/1"
name = {name}
title = {title}
start = {start}
horizon_days = 7
timezone = "Africa/Bamako"
seed = 7
iterations = 5

[layers]
folder = "layers"
{paths}

[[teams]]
id = "gao-1"
base = {base}
vehicles = {{ armoured = 3 }}
people = 24
max_days = 5
rest_days = 1
range_km = 700
roles = [{roles}]

[[teams]]
id = "kidal-1"
base = {other}
vehicles = {{ light_4x4 = 3 }}
people = 12
max_days = 4
rest_days = 1
range_km = 700
"""


@dataclass(frozen=True)
class HostileTheatre:
    """Two scenarios on layers in which strangers wrote every text.

    ``ids`` holds the id of each feature of each layer by the built-in one.
    """

    folder: Path
    scenarios: tuple[Path, Path]
    names: Names
    ids: dict[str, dict[str, str]]


def write_hostile_theatre(folder: Path, seed: int) -> HostileTheatre:
    """Write a theatre whose names are those of a seed, and its ending too."""
    copy_shipped(folder)
    layers = folder / "layers"
    ending = ENDINGS[seed % len(ENDINGS)]
    # Behind a zero byte, drivers see nothing: where it stands it is refused.
    names = Names(seed, never="" if ending == ".csv" else "\0")
    frames = {layer: _read(layers / path) for layer, path in LAYER_FILES.items()}
    ids = {layer: _name_ids(frames[layer], layer, names) for layer in _WITH_IDS}
    for layer, column, named in _REFERENCES:
        known = ids[named]
        frames[layer][column] = [
            "|".join(known.get(part, part) for part in cell.split("|"))
            if isinstance(cell, str)
            else None
            for cell in frames[layer][column]
        ]
    paths = []
    for layer, frame in frames.items():
        for column in _TEXTS.get(layer, ()):
            frame[column] = [_fill(names, layer, column) for _ in range(len(frame))]
        path = layers / LAYER_FILES[layer]
        if "geometry" in frame:
            path.unlink()
            path = path.with_suffix(ending)
            if ending != Path(LAYER_FILES[layer]).suffix:
                paths.append(
                    f'{layer} = "layers/{path.relative_to(layers).as_posix()}"'
                )
        _write(path, frame)
    _rename_words(layers / "sources.toml", names, ("source", "licence", "date"))
    _rename_words(layers / "mandate.toml", names, ("en", "fr"))
    scenarios = []
    for number, start in enumerate(("2014-11-03", "2015-04-06")):
        path = folder / f"{names.seed}-{number}.toml"
        title = names.take("scenario.title", longest=_LONGEST_TITLE)
        role = names.take("team.role", longest=_LONGEST_ID)
        text = SCENARIO.format(
            name=quote(f"hostile-{seed}-{number}"),
            title=quote(title),
            start=start,
            paths="\n".join(paths),
            base=quote(ids["bases"]["base-gao"]),
            other=quote(ids["bases"]["base-kidal"]),
            roles=quote(role),
        )
        path.write_text(text, encoding="utf-8", newline="\n")
        scenarios.append(path)
    return HostileTheatre(folder, (scenarios[0], scenarios[1]), names, ids)


def quote(text: str) -> str:
    """Return a text as a string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _fill(names: Names, layer: str, column: str) -> str:
    kind = f"{layer}.{column}"
    if column != "aliases":
        return names.take(kind)
    return "|".join(names.take(kind, without="|") for _ in range(_ALIASES))


def _name_ids(frame: Any, layer: str, names: Names) -> dict[str, str]:
    """Give each feature another id, and return it by the one it had."""
    known = {
        old: hold_cell(names.take(f"{layer}.id", without="|", longest=_LONGEST_ID))
        for old in frame["id"]
    }
    frame["id"] = [known[old] for old in frame["id"]]
    return known


def _read(path: Path) -> Any:
    if path.suffix == ".geojson":
        return gpd.read_file(path)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return table.astype(object).where(table != "", None)


def _write(path: Path, frame: Any) -> None:
    if path.suffix == ".geojson":
        features = [
            {
                "type": "Feature",
                "properties": {name: _plain(cell) for name, cell in cells.items()},
                "geometry": shapely.geometry.mapping(shape),
            }
            for cells, shape in _list_features(frame)
        ]
        document = {"type": "FeatureCollection", "features": features}
        path.write_text(json.dumps(document), encoding="utf-8")
    elif path.suffix == ".gpkg":
        frame.to_file(path, layer=path.stem, driver="GPKG")
    else:
        _write_csv(path, frame)


def _list_features(frame: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    cells = frame.drop(columns="geometry").to_dict("records")
    yield from zip(cells, frame.geometry, strict=True)


def _plain(cell: Any) -> Any:
    return None if pd.isna(cell) else cell.isoformat() if _is_day(cell) else cell


def _is_day(cell: Any) -> bool:
    return hasattr(cell, "isoformat")


def _write_csv(path: Path, frame: Any) -> None:
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if "geometry" in frame and (frame.geometry.geom_type == "Point").all():
        table["lon"], table["lat"] = frame.geometry.x, frame.geometry.y
    elif "geometry" in frame:
        table["wkt"] = frame.geometry.to_wkt()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(table.columns)
        for row in table.itertuples(index=False):
            writer.writerow(["" if pd.isna(cell) else cell for cell in row])


def _rename_words(path: Path, names: Names, keys: tuple[str, ...]) -> None:
    """Give each of some keys of a TOML file another text."""

    def rename(match: re.Match[str]) -> str:
        return f"{match[1]} = {quote(names.take(f'{path.stem}.{match[1]}'))}"

    pattern = re.compile(rf"(?m)^({'|'.join(keys)}) = \".*\"$")
    text, count = pattern.subn(rename, path.read_text(encoding="utf-8"))
    assert count > len(keys)
    path.write_text(text, encoding="utf-8", newline="\n")
