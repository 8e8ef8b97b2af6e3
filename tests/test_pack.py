"""A pack is whole or it is none, stays in its folder, and repeats to the byte."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from patrolplan.errors import PatrolplanError
from patrolplan.planfile import read_plan
from patrolplan.products import files, pack
from patrolplan.products.files import hold_inside, slug_name, write_whole
from patrolplan.products.pack import (
    Lot,
    PackError,
    find_pack_folder,
    write_pack,
)
from sample_plan import build_layers, build_plan

EXPORTS = [
    "gps/patrol-1.gpx",
    "gps/patrol-2.gpx",
    "gps/patrol-3.gpx",
    "plan.geojson",
    "plan.gpkg",
    "plan.kml",
    "tables/indicators.csv",
    "waypoints-mgrs.csv",
    "waypoints.csv",
]
ORDERS = [
    f"orders/patrol-{number}.{lang}.{kind}"
    for number in (1, 2, 3)
    for lang in ("en", "fr")
    for kind in ("html", "pdf")
]
NAMES = sorted(
    [
        *EXPORTS,
        *ORDERS,
        "brief.en.html",
        "brief.fr.html",
        "manifest.json",
        "map.html",
        "plan.json",
        "tables/assessment.csv",
        "tables/gates.csv",
        "tables/not-covered.csv",
        "tables/schedule.csv",
        "tables/supplies.csv",
    ]
)


def read_all(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_pack_holds_its_files_and_a_manifest_of_them(tmp_path) -> None:
    plan = build_plan()
    paths = write_pack(plan, build_layers(), tmp_path / "a")
    found = read_all(tmp_path / "a")
    assert sorted(found) == NAMES == sorted(paths)
    assert list(paths)[-1] == "manifest.json"
    assert read_plan(paths["plan.json"]) == plan
    manifest = json.loads(found["manifest.json"])
    assert manifest["seed"] == 42
    assert manifest["parameters"]["limits"] == {"beyond_km": 50.0}
    assert manifest["parameters"]["start"] == "2014-11-03"
    for entry in manifest["outputs"]:
        data = found[entry["path"]]
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)
    assert len(manifest["outputs"]) == len(NAMES) - 1
    # Where a file lay on the machine that planned is nobody's business.
    assert [entry["path"] for entry in manifest["inputs"]] == [
        "geo/population/population.geojson",
        "lines.geojson",
    ]
    assert str(tmp_path).encode() not in b"".join(found.values())


def test_equal_plans_give_equal_bytes_in_other_folders(tmp_path) -> None:
    for name in ("a", "b"):
        write_pack(build_plan(), build_layers(), tmp_path / name)
    assert read_all(tmp_path / "a") == read_all(tmp_path / "b")


def test_more_files_may_join_a_pack(tmp_path) -> None:
    write_pack(build_plan(), None, tmp_path, extra={"gps/p.gpx": b"<gpx/>"})
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert "gps/p.gpx" in [entry["path"] for entry in manifest["outputs"]]
    for name in ("../x", "a//b", "/etc/x", "map.html", "manifest.json", "a\\b", ""):
        with pytest.raises(PackError):
            write_pack(build_plan(), None, tmp_path, extra={name: b""})


def test_a_pack_that_fails_half_way_has_no_manifest(tmp_path, monkeypatch) -> None:
    write_pack(build_plan(), None, tmp_path)
    before = read_all(tmp_path)

    def fail(path, content):
        if path.name == "schedule.csv":
            raise OSError(28, "No space left on device")
        return write_whole(path, content)

    monkeypatch.setattr(pack, "write_whole", fail)
    with pytest.raises(OSError, match="No space"):
        write_pack(build_plan(count=2), None, tmp_path)
    after = read_all(tmp_path)
    assert "manifest.json" not in after
    assert after["tables/schedule.csv"] == before["tables/schedule.csv"]
    assert not [name for name in after if name.endswith(".part")]


def test_a_map_that_cannot_be_drawn_leaves_the_old_pack_whole(
    tmp_path, monkeypatch
) -> None:
    write_pack(build_plan(), None, tmp_path)
    before = read_all(tmp_path)
    monkeypatch.setattr(pack, "render_map", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_pack(build_plan(count=2), None, tmp_path)
    assert read_all(tmp_path) == before


def test_links_are_not_followed(tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.txt").write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "tables").symlink_to(outside)
    with pytest.raises(PackError, match="symbolic link"):
        write_pack(build_plan(), None, folder)
    (folder / "tables").unlink()
    (folder / "map.html").symlink_to(outside / "keep.txt")
    write_pack(build_plan(), None, folder)
    assert (outside / "keep.txt").read_text() == "mine"
    assert not (folder / "map.html").is_symlink()
    linked = tmp_path / "linked"
    linked.symlink_to(outside)
    with pytest.raises(PackError):
        write_pack(build_plan(), None, linked)
    assert sorted(p.name for p in outside.iterdir()) == ["keep.txt"]


def test_a_draft_that_someone_planted_is_not_followed(tmp_path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    path = tmp_path / "file.txt"
    path.with_name(f".file.txt.{os.getpid()}.part").symlink_to(target)
    write_whole(path, "new")
    assert target.read_text() == "mine"
    assert path.read_text() == "new"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("north-mali", "north-mali"),
        ("../../etc/passwd", "etc-passwd"),
        ("/abs", "abs"),
        ("Ménaka & Gao", "menaka-gao"),
        ("..", "plan"),
        ("تين", "plan"),
        ("C:\\x\0y", "c-x-y"),
        ("a" * 300, "a" * 80),
    ],
)
def test_a_name_becomes_a_folder_below_the_output(name, slug, tmp_path) -> None:
    assert slug_name(name) == slug
    assert find_pack_folder(tmp_path, name) == tmp_path / slug


def test_faults_of_packs_are_of_both_families(tmp_path) -> None:
    with pytest.raises(PackError) as caught:
        hold_inside(tmp_path, "..")
    assert isinstance(caught.value, PatrolplanError)
    assert isinstance(caught.value, OSError)
    assert files.PackError is PackError


FORETELLING = [
    "mix.json",
    "alternatives/plan-1.json",
    "tables/alternatives.csv",
    "tables/prices.csv",
]


@pytest.mark.parametrize("name", FORETELLING)
@pytest.mark.parametrize("release", ["open", "unclassified", "OPEN", "restricted"])
def test_only_a_confidential_pack_holds_what_foretells(tmp_path, name, release):
    plan = build_plan()
    held = write_pack(plan, None, tmp_path / "a", extra={name: b"{}"})
    assert name in held
    other = plan.model_copy(update={"release": release})
    with pytest.raises(PackError, match="CONFIDENTIAL"):
        write_pack(other, None, tmp_path / "b", extra={name: b"{}"})
    assert not (tmp_path / "b").exists()


def test_the_seed_of_a_lot_stands_in_the_confidential_manifest_alone(tmp_path):
    plan = build_plan().model_copy(update={"seed": None})
    lot = Lot(seed=987654321, value_share=0.95)
    paths = write_pack(plan, None, tmp_path / "a", lot=lot)
    for name, path in paths.items():
        assert (b"987654321" in path.read_bytes()) is (name == "manifest.json")
    manifest = json.loads(paths["manifest.json"].read_text(encoding="utf-8"))
    assert manifest["lot"] == {"seed": 987654321, "value_share": 0.95}
    for update in ({"release": "open"}, {"seed": 987654321}):
        with pytest.raises(PackError, match="CONFIDENTIAL"):
            write_pack(plan.model_copy(update=update), None, tmp_path / "b", lot=lot)


def test_a_later_pack_leaves_nothing_that_foretells(tmp_path):
    plan = build_plan()
    write_pack(plan, None, tmp_path, extra=dict.fromkeys(FORETELLING, b"{}"))
    kept = tmp_path / "mine.txt"
    kept.write_text("a note", encoding="utf-8")
    written = write_pack(plan, None, tmp_path)
    for name in FORETELLING:
        assert (tmp_path / name).exists() is (name in written)
    assert kept.exists()


def test_a_pack_for_wider_circles_holds_no_export(tmp_path):
    plan = build_plan()
    assert set(EXPORTS) < set(write_pack(plan, None, tmp_path / "closer"))
    write_pack(plan.model_copy(update={"release": "open"}), None, tmp_path / "wider")
    assert not set(EXPORTS) & set(read_all(tmp_path / "wider"))


def test_a_patrol_that_is_planned_no_more_leaves_no_track(tmp_path):
    write_pack(build_plan(count=3), None, tmp_path)
    write_pack(build_plan(count=1), None, tmp_path)
    assert [path.name for path in (tmp_path / "gps").iterdir()] == ["patrol-1.gpx"]
