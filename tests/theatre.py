"""A copy of the built-in scenarios and layers, to be broken on purpose."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from patrolplan.errors import Fault, LayerError
from patrolplan.layers import Layers, read_layers
from patrolplan.scenario import LAYER_FILES, Scenario, read_scenario
from patrolplan.shipped import copy_shipped

Feature = dict[str, Any]
Row = dict[str, str]


@dataclass(frozen=True)
class Theatre:
    """A folder as ``patrolplan new`` makes it."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "north-mali.toml"

    def find(self, layer: str) -> Path:
        return self.folder / "layers" / LAYER_FILES[layer]

    def read_scenario(self) -> Scenario:
        return read_scenario(self.file)

    def read_layers(self) -> Layers:
        return read_layers(self.read_scenario())

    def list_faults(self) -> list[Fault]:
        with pytest.raises(LayerError) as caught:
            self.read_layers()
        return list(caught.value.faults)

    def edit_scenario(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def add_to_scenario(self, text: str) -> None:
        """Add tables at the end of the scenario, or to one of the name that it has."""
        scenario = self.file.read_text(encoding="utf-8")
        header, _, rest = text.strip().partition("\n")
        if f"\n{header}\n" in scenario and not header.startswith("[["):
            fields, *others = rest.partition("\n[")
            scenario = scenario.replace(f"\n{header}\n", f"\n{header}\n{fields}\n")
            text = "".join(others).lstrip("\n")
        self.file.write_text(f"{scenario}\n{text}\n", encoding="utf-8")

    def point_to(self, layer: str, name: str) -> Path:
        """Make the scenario read a layer from another file of the folder."""
        self.edit_scenario(
            'folder = "layers"', f'folder = "layers"\n{layer} = "{name}"'
        )
        return self.folder / name

    def edit_document(self, layer: str, change: Callable[[Feature], None]) -> None:
        path = self.find(layer)
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    def edit_feature(
        self, layer: str, key: str, change: Callable[[Feature], None]
    ) -> None:
        """Change the one feature of a GeoJSON layer that has an id."""

        def edit(document: Feature) -> None:
            (feature,) = (
                f for f in document["features"] if f["properties"].get("id") == key
            )
            change(feature)

        self.edit_document(layer, edit)

    def set_property(self, layer: str, key: str, name: str, value: Any) -> None:
        def change(feature: Feature) -> None:
            feature["properties"][name] = value

        self.edit_feature(layer, key, change)

    def set_coordinates(self, layer: str, key: str, coordinates: Any) -> None:
        def change(feature: Feature) -> None:
            feature["geometry"]["coordinates"] = coordinates

        self.edit_feature(layer, key, change)

    def add_feature(
        self, layer: str, like: str, coordinates: Any = None, **properties: Any
    ) -> None:
        """Add a feature like another, with properties and position of its own."""

        def edit(document: Feature) -> None:
            (model,) = (
                f for f in document["features"] if f["properties"].get("id") == like
            )
            copy = json.loads(json.dumps(model))
            copy["properties"] |= properties
            if coordinates is not None:
                copy["geometry"]["coordinates"] = coordinates
            document["features"].append(copy)

        self.edit_document(layer, edit)

    def read_rows(self, layer: str) -> list[Row]:
        with self.find(layer).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write_rows(self, layer: str, rows: list[Row], encoding: str = "utf-8") -> None:
        with self.find(layer).open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def set_cell(self, layer: str, number: int, name: str, value: str) -> None:
        """Change one cell of a CSV layer; rows count from 0."""
        rows = self.read_rows(layer)
        rows[number][name] = value
        self.write_rows(layer, rows)

    def read_frame(self, layer: str) -> gpd.GeoDataFrame:
        return gpd.read_file(self.find(layer))


def copy_theatre(folder: Path) -> Theatre:
    copy_shipped(folder)
    return Theatre(folder)


def list_lines(faults: list[Fault]) -> str:
    """Return faults as the command line prints them."""
    return "\n".join(str(fault) for fault in faults)
