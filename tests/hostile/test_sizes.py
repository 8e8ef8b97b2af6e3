"""What has no end or is too large: pipes, devices, and the limits of [safety]."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from geojson_files import build_site, dump_features
from patrolplan.errors import InputError, LayerError, ScenarioError
from patrolplan.safety_figures import SafetyFigures
from patrolplan.toml_files import LARGEST_MB
from refusing import ENDINGS, READERS, check_faults, read_as

EACH = [(reader, ending) for reader, own in ENDINGS.items() for ending in own]


def check_unread(reader: str, path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        READERS[reader](path)
    check_faults(caught.value.faults, path)
    # A reader that waits for the other end of a pipe would wait for ever.
    assert time.monotonic() - began < 60


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        # The name of a socket may have some 100 letters.
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


MAKERS = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "loop": loop,
    "nothing": lambda path: None,
}


# A folder of layers may be without a mandate.
UNREADABLE = [
    (reader, ending, kind)
    for reader, ending in EACH
    for kind in MAKERS
    if reader != "mandate" or kind not in ("nothing", "loop")
]


@pytest.mark.skipif(os.name != "posix", reason="pipes have names on POSIX only")
@pytest.mark.parametrize(("reader", "ending", "kind"), UNREADABLE)
def test_what_is_no_plain_file_is_refused_unread(
    tmp_path, reader, ending, kind
) -> None:
    path = tmp_path / f"input{ending}"
    MAKERS[kind](path)
    check_unread(reader, path)


@pytest.mark.parametrize(
    "name", ["x", "x" * 300, "x.exe", "x.csv\n.exe", "é", "…", "x."]
)
def test_a_name_that_is_none_of_ours_is_refused(tmp_path, name) -> None:
    for reader in ("sites", "roads", "export"):
        check_unread(reader, tmp_path / name)


SPOT = {"type": "Point", "coordinates": [0, 16]}


def write_sites(folder: Path, count: int, ending: str) -> Path:
    path = folder / f"sites{ending}"
    if ending == ".csv":
        rows = "".join(f"s{n},S,9,0,16\n" for n in range(count))
        path.write_text(f"id,name,population,lon,lat\n{rows}", encoding="utf-8")
    else:
        features = [build_site(SPOT, id=f"s{n}") for n in range(count)]
        path.write_bytes(dump_features(features))
    if ending == ".gpkg":
        import geopandas as gpd

        frame = gpd.read_file(path.read_bytes())
        path.unlink()
        frame.to_file(path, layer="population")
    return path


@pytest.mark.parametrize("ending", [".csv", ".geojson", ".gpkg"])
def test_the_limits_are_exact_and_the_scenarios(tmp_path, ending) -> None:
    path = write_sites(tmp_path, 5, ending)
    assert len(read_as("population", SafetyFigures(most_features=5))(path)) == 5
    size_mb = path.stat().st_size / 1024**2
    exact = SafetyFigures(largest_file_mb=size_mb)
    assert len(read_as("population", exact)(path)) == 5
    beyond = {
        "most_features": SafetyFigures(most_features=4),
        "most_columns": SafetyFigures(most_columns=2),
        "safety.largest_file_mb": SafetyFigures(largest_file_mb=size_mb - 1e-6),
    }
    for word, safety in beyond.items():
        with pytest.raises(LayerError, match=word) as caught:
            read_as("population", safety)(path)
        check_faults(caught.value.faults, path)


def test_a_scenario_sets_the_limits_of_its_layers(theatre) -> None:
    theatre.add_to_scenario("[safety]\nmost_features = 10")
    faults = theatre.list_faults()
    assert {f.file for f in faults if "safety.most_features" in f.cause} >= {
        "population.geojson",
        "lines.geojson",
    }


@pytest.mark.parametrize(
    "line",
    [
        "most_features = 0",
        "most_features = -1",
        "most_features = inf",
        "deepest_json = 100000",
        "largest_file_mb = nan",
        "largest_ratio = 1e9",
        "no_limits = true",
    ],
)
def test_a_limit_may_not_be_lifted_beyond_what_a_machine_bears(theatre, line) -> None:
    theatre.add_to_scenario(f"[safety]\n{line}")
    with pytest.raises(ScenarioError, match="safety"):
        theatre.read_scenario()


def test_many_columns_and_many_faults_take_no_time(tmp_path) -> None:
    """What grew with the square of its length took minutes: here, 200,000 headings."""
    path = tmp_path / "wide.csv"
    path.write_text(",".join(["a"] * 200_000) + "\n", encoding="utf-8")
    check_unread("sites", path)
    path = tmp_path / "keys.geojson"
    keys = ",".join(f'"k{n}": 0' for n in range(50_000))
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": '
        '{"type": "Point", "coordinates": [0, 16]}, "properties": {' + keys + "}}]}",
        encoding="utf-8",
    )
    check_unread("sites", path)


def test_the_limit_of_a_scenario_file_holds_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "big.toml"
    with path.open("wb") as file:
        file.truncate((LARGEST_MB * 1024**2) + 1)
    check_unread("scenario", path)
