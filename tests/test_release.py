"""Packs for wider circles: what they hold, and that no attack finds movement."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct
import zlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from pydantic import BaseModel

from open_attack import attack, list_movement, run_again
from patrolplan.cli import main
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.planning.alternatives import find_alternatives
from patrolplan.planning.variation import draw_by_lot, find_mixture
from patrolplan.products.catalogue import Text
from patrolplan.products.maps import draw_map, render_map, write_map
from patrolplan.products.pack import Lot, PackError, write_pack
from patrolplan.products.release import (
    ReleaseError,
    build_release,
    find_custody,
    read_profile,
    write_release,
)
from patrolplan.products.release.areas import FEWEST_PLACES, find_band, group_places
from patrolplan.products.release.facts import Place, gather_facts
from patrolplan.products.release.not_covered import round_people
from patrolplan.study import build_study, plan_patrols
from sample_plan import build_layers, build_plan

DOCS = Path(__file__).parents[1] / "docs" / "release.md"
WIDER = ("open", "unclassified")
FILES = [
    "brief.en.html",
    "brief.fr.html",
    "manifest.json",
    "map.html",
    "tables/not-covered.csv",
]


def release(plan: PlanFile, profile: str) -> PlanFile:
    return plan.model_copy(update={"release": profile})


def list_files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def read_folder(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in list_files(folder)}


@pytest.fixture(scope="module")
def plan(study) -> PlanFile:
    return study.plan_file


@pytest.fixture(scope="module")
def packs(plan, layers):
    return {name: build_release(release(plan, name), layers) for name in WIDER}


@pytest.fixture(scope="module")
def blanks(plan, layers):
    """Return packs of a plan without places, on the same ground."""
    empty = plan.model_copy(update={"sites": [], "travel": []})
    return {name: build_release(release(empty, name), layers) for name in WIDER}


def find_leaks(pack, plan, blank, profile="open"):
    public = {s.cercle for s in plan.sites if s.cercle}
    public |= {"Gao", "Kidal", "Mopti", "Tombouctou", "Ségou", "Koulikoro"}
    if profile == "unclassified":
        public |= {name for site in plan.sites for name in (site.name, site.id)}
    return attack(pack, plan, blank=blank, public=public)


# Profiles and files


def test_a_profile_is_named_in_any_case() -> None:
    assert read_profile("OPEN") == "open"
    assert read_profile(" Unclassified ") == "unclassified"
    assert read_profile("cOnFiDeNtIaL") == "confidential"
    for name in ("secret", "", "open\nx", "STRICTLY CONFIDENTIAL"):
        with pytest.raises(ReleaseError, match=r"CONFIDENTIAL"):
            read_profile(name)
    with pytest.raises(ReleaseError, match="is refused"):
        read_profile("Strictly-Confidential")


@pytest.mark.parametrize("profile", WIDER)
def test_a_pack_for_a_wider_circle_holds_so_much(plan, layers, tmp_path, profile):
    paths = write_pack(release(plan, profile), layers, tmp_path)
    assert list_files(tmp_path) == FILES == sorted(paths)
    assert list(paths)[-1] == "manifest.json"
    manifest = json.loads(paths["manifest.json"].read_text())
    kept = {"owner_role", "expires"} if profile == "unclassified" else set()
    assert set(manifest) == {"format", "version", "date"} | kept
    assert manifest["date"] == "2014-11"
    assert manifest["format"] == f"patrolplan-{profile}/1"
    for name in [*FILES[:2], "map.html"]:
        page = paths[name].read_text("utf-8")
        word = {"open": "PUBLIC", "unclassified": "NON CLASSIFIÉ"}[profile]
        assert (word if name == "brief.fr.html" else profile.upper()) in page
        assert ("PROJET" if name == "brief.fr.html" else "DRAFT: not for use") in page
        assert "Nations" in page
    assert paths["map.html"].stat().st_size < 1_000_000
    assert b"sha256" not in paths["manifest.json"].read_bytes()


@pytest.mark.parametrize("profile", WIDER)
def test_packs_of_two_profiles_never_meet_in_a_folder(plan, tmp_path, profile) -> None:
    other = {"open": "unclassified", "unclassified": "open"}[profile]
    closer, wider, empty = tmp_path / "closer", tmp_path / "wider", tmp_path / "empty"
    write_pack(plan, None, closer)
    kept = read_folder(closer)
    with pytest.raises(ReleaseError, match=r"holds gps/.* and \d+ more; choose"):
        write_pack(release(plan, profile), None, closer)
    assert read_folder(closer) == kept
    empty.mkdir()
    for folder in (wider, empty, wider):
        write_pack(release(plan, profile), None, folder)
        assert list_files(folder) == FILES
    for name in (other, "confidential"):
        kept = read_folder(wider)
        with pytest.raises(PackError, match="made to be handed on"):
            write_pack(release(plan, name), None, wider)
        assert read_folder(wider) == kept


@pytest.mark.parametrize(
    "name",
    ["mine.txt", ".hidden", "plan.json", "tables/prices.csv", "gao-5-nov/", "x/y"],
)
def test_a_wider_pack_goes_beside_nothing_else(plan, tmp_path, name) -> None:
    stranger = tmp_path / name
    stranger.parent.mkdir(exist_ok=True)
    stranger.mkdir() if name.endswith("/") else stranger.write_text("14:05")
    with pytest.raises(ReleaseError, match="folder of its own"):
        write_release(release(plan, "open"), None, tmp_path)
    assert not (tmp_path / "map.html").exists()
    assert stranger.exists()


def test_a_pack_that_was_cut_off_is_written_anew(plan, tmp_path) -> None:
    write_release(release(plan, "open"), None, tmp_path)
    whole = read_folder(tmp_path)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / ".map.html.7.part").write_text("half")
    (tmp_path / "tables" / ".not-covered.csv.7.part").write_text("half")
    write_release(release(plan, "open"), None, tmp_path)
    assert read_folder(tmp_path) == whole


def test_a_forged_manifest_or_a_link_leads_nowhere_else(plan, tmp_path) -> None:
    folder, outside = tmp_path / "pack", tmp_path / "outside"
    outside.mkdir()
    folder.mkdir()
    for manifest in ({"format": ["patrolplan-open/1"]}, [1], "patrolplan-open/1"):
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ReleaseError, match=r"holds manifest\.json;"):
            write_release(release(plan, "open"), None, folder)
    (folder / "manifest.json").unlink()
    (folder / "tables").symlink_to(outside)
    with pytest.raises(PackError):
        write_release(release(plan, "open"), None, folder)
    assert not list(outside.iterdir())


def test_nothing_else_joins_a_wider_pack(plan, tmp_path) -> None:
    for more in ({"extra": {"gps/a.gpx": b""}}, {"lot": Lot(1, 0.9)}):
        with pytest.raises(PackError, match="CONFIDENTIAL"):
            write_pack(release(plan, "open"), None, tmp_path, **more)
    assert not list_files(tmp_path)
    with pytest.raises(ReleaseError):
        write_pack(release(plan, "restricted"), None, tmp_path)
    with pytest.raises(ReleaseError):
        write_release(plan, None, tmp_path)


def test_a_plan_marked_open_by_hand_is_drawn_as_such(plan, layers, tmp_path, packs):
    marked = release(plan, "OPEN")
    assert render_map(marked, layers).encode() == packs["open"]["map.html"]
    with pytest.raises(ReleaseError):
        draw_map(marked, layers)
    with pytest.raises(ReleaseError):
        write_map(release(plan, "strictly confidential"), layers, tmp_path / "m.html")
    assert not list_files(tmp_path)


def test_who_keeps_a_pack_and_until_when(plan, tmp_path) -> None:
    # 28 days from 3 November end on the 30th; 30 days more end on 30 December.
    custody = find_custody(plan)
    assert custody is not None
    assert custody.owner_role == "sector_commander"
    assert custody.expires == date(2014, 12, 31)
    manifest = json.loads(write_pack(plan, None, tmp_path)["manifest.json"].read_text())
    assert manifest["expires"] == "2014-12-31"
    assert manifest["owner_role"] == "sector_commander"
    for days in (-1, 1e9, 10**9, True, "30", None):
        limits = {**plan.scenario.limits, "release_expiry_days": days}
        asked = plan.scenario.model_copy(update={"limits": limits})
        assert find_custody(plan.model_copy(update={"scenario": asked})) is None


# Coarseness


def build_place(name: str, cercle: str | None, people: int | None, region="R") -> Place:
    return Place(Text.same(name), cercle, region, 0.0, 16.0, people, "not_told")


def test_small_cercles_are_told_together() -> None:
    large = [build_place(f"a{n}", "A", 1000) for n in range(3)]
    small = [build_place("b", "B", 9), build_place("c", "C", 9)]
    # Two places of a region are too few: they join its smallest area.
    (only,) = group_places([*large, *small])
    assert only.cercles == ("A", "B", "C")
    # Three are enough.
    both = group_places([*large, *small, build_place("d", "D", 9)])
    assert [area.cercles for area in both] == [("A",), ("B", "C", "D")]
    # Where there is nothing to join, no figure is told.
    (lone,) = group_places(small)
    assert not lone.told


def test_no_area_that_is_told_has_fewer_places(plan, layers) -> None:
    areas = group_places(gather_facts(plan, layers).places)
    assert sum(len(area.places) for area in areas) == len(plan.sites)
    assert all(len(area.places) >= FEWEST_PLACES for area in areas)
    assert len(areas) > 8


@pytest.mark.parametrize(
    ("people", "code"),
    [(0, "0-5000"), (4_999, "0-5000"), (5_000, "5000-20000"), (2_000_000, "1000000+")],
)
def test_people_lie_in_bands(people, code) -> None:
    band = find_band([build_place("a", "A", people), build_place("b", "A", None)])
    assert band is not None
    assert band.code == code
    assert find_band([build_place("b", "A", None)]) is None


def test_people_are_rounded() -> None:
    rounded = [round_people(n) for n in (None, 0, 7, 86_633, 114_296)]
    assert rounded == [None, 0, 7, 87_000, 110_000]


def test_who_is_cut_off_is_found_from_the_ways(plan, layers) -> None:
    told = {p.name.en: p.reason for p in gather_facts(plan, layers).places}
    cut_off = {name for name, reason in told.items() if reason == "no_way"}
    # As the solver gives it for reason: these the floods of November close.
    ways = {"no_way", "way_closed", "ways_closed"}
    names = {site.id: site.name for site in plan.sites}
    reasons = plan.assessment.unserved
    assert cut_off == {names[u.site_id] for u in reasons if u.reason in ways}
    assert {"Ténenkou", "Youwarou", "Bourem-Inaly"} <= cut_off
    assert told["Djenné"] == "unknown"


def test_positions_are_coarse(packs) -> None:
    page = packs["open"]["map.html"].decode()
    # Of a folium map all shapes stand in calls of this name, and markers in another.
    shapes = re.findall(r"_add\((\{.*?\})\);", page)
    numbers = re.findall(
        r"-?\d+\.\d+", " ".join(re.sub(r'"look".*?\}', "", s) for s in shapes)
    )
    assert len(numbers) > 500
    assert {len(number.partition(".")[2]) for number in numbers} == {1}
    for lat, lon in re.findall(r"L\.marker\(\s*\[(.*?), (.*?)\]", page):
        assert float(lat) == round(float(lat), 1)
        assert float(lon) == round(float(lon), 1)


# Every field has a decision, and what is not read changes nothing


def read_decisions() -> dict[tuple[str, str], tuple[str, str]]:
    decided: dict[tuple[str, str], tuple[str, str]] = {}
    for row in re.findall(
        r"^\| (\w+) \| ([\w, ]+) \| (\w+) \| (\w+) \|$", DOCS.read_text("utf-8"), re.M
    ):
        part, fields, *decision = row
        if part == "part":
            continue
        for field in fields.split(", "):
            assert (part, field) not in decided
            assert set(decision) <= {"no", "joint", "coarse", "yes"}
            decided[part, field] = (decision[0], decision[1])
    return decided


def list_fields() -> set[tuple[str, str]]:
    schema = PlanFile.model_json_schema()
    parts = {**schema["$defs"], "PlanFile": schema}
    return {
        (name, field)
        for name, part in parts.items()
        for field in part.get("properties", ())
    }


def test_every_field_of_the_contract_has_a_decision() -> None:
    assert set(read_decisions()) == list_fields()


def twist(value):
    """Return another value of much the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}x"
        case datetime():
            return value + timedelta(days=1, minutes=7)
        case date():
            return value + timedelta(days=40)
        case list() | tuple():
            return type(value)(value[:-1])
        case dict():
            return {**dict(list(value.items())[1:]), "x": 1}
        case None:
            return None
        case _:
            return value.model_copy(update={"x": 1})


def change(entry, part: str, field: str):
    """Return an entry in which a field of all entries of a kind is another."""
    if isinstance(entry, list):
        return [change(item, part, field) for item in entry]
    if not isinstance(entry, BaseModel):
        return entry
    update = {
        name: change(getattr(entry, name), part, field)
        for name in type(entry).model_fields
    }
    if type(entry).__name__ == part:
        for name, info in type(entry).model_fields.items():
            if (info.alias or name) == field:
                update[name] = twist(getattr(entry, name))
    return entry.model_copy(update=update)


@pytest.fixture(scope="module")
def light(plan):
    """Return a plan of all parts that is quickly drawn."""
    return plan.model_copy(
        update={
            "sites": plan.sites[:9],
            "patrols": [
                patrol.model_copy(update={"legs": patrol.legs[:2]})
                for patrol in plan.patrols[:2]
            ],
        }
    )


@pytest.mark.parametrize("profile", WIDER)
def test_a_field_decided_against_changes_nothing(light, profile) -> None:
    before = build_release(release(light, profile), None)
    column = WIDER.index(profile)
    tried = 0
    for (part, field), decision in read_decisions().items():
        if decision[column] == "no":
            after = build_release(change(release(light, profile), part, field), None)
            assert after == before, (part, field)
            tried += 1
    assert tried > 150


@pytest.mark.parametrize(
    ("part", "field", "update"),
    [
        ("PlanFile", "version", "9.9"),
        ("SiteEntry", "name", None),
        ("SiteEntry", "cercle", None),
        ("InputEntry", "source", None),
    ],
)
def test_what_is_decided_for_is_there(light, part, field, update) -> None:
    for column, profile in enumerate(WIDER):
        before = build_release(release(light, profile), None)
        after = build_release(change(release(light, profile), part, field), None)
        decision = read_decisions()[part, field][column]
        assert (after != before) is (decision != "no")


# The attack: byte scan


@pytest.mark.parametrize("profile", WIDER)
def test_the_scan_finds_nothing(packs, blanks, plan, profile) -> None:
    assert find_leaks(packs[profile], plan, blanks[profile], profile) == []


def test_the_scan_finds_much_in_a_confidential_pack(plan, layers, blanks, tmp_path):
    write_pack(plan, layers, tmp_path)
    pack = {name: (tmp_path / name).read_bytes() for name in ("map.html", "plan.json")}
    pack["tables/schedule.csv"] = (tmp_path / "tables" / "schedule.csv").read_bytes()
    found = find_leaks(pack, plan, blanks["open"])
    for file in pack:
        kinds = {leak.kind for leak in found if leak.file == file}
        assert {"position", "day", "clock", "place visited"} <= kinds
    assert {"halt", "hash", "base", "line driven"} <= {leak.kind for leak in found}


def leak_position(stop) -> str:
    return f"{stop.lat:.5f}, {stop.lon:.5f}"


def wrap_deep(text: str) -> str:
    inner = base64.b64encode(gzip.compress(text.encode(), mtime=0))
    return base64.b64encode(zlib.compress(inner)).decode()


LEAKS = {
    "text": lambda s, p: ("map.html", f"<p>{leak_position(s)}</p>"),
    "rounded": lambda s, p: ("map.html", f"<p>{s.lon:.2f} {s.lat:.2f}</p>"),
    "comment": lambda s, p: ("map.html", f"<!-- {s.place_id} -->"),
    "attribute": lambda s, p: (
        "map.html",
        f'<i data-at="{s.lat:.4f};{s.lon:.4f}"></i>',
    ),
    "element id": lambda s, p: ("map.html", f'<i id="{s.place_id}"></i>'),
    "patrol id": lambda s, p: ("brief.en.html", f'<tr id="{p.id}"></tr>'),
    "script data": lambda s, p: ("map.html", json.dumps({"a": [s.lon, s.lat]})),
    "escaped script": lambda s, p: (
        "map.html",
        "".join(f"\\u{ord(c):04x}" for c in leak_position(s)),
    ),
    "entities": lambda s, p: (
        "brief.fr.html",
        "".join(f"&#{ord(c)};" for c in s.place_id),
    ),
    "address": lambda s, p: ("map.html", quote(f"geo:{leak_position(s)}", safe="")),
    "base64": lambda s, p: (
        "map.html",
        base64.b64encode(leak_position(s).encode()).decode(),
    ),
    "hex": lambda s, p: ("map.html", leak_position(s).encode().hex()),
    "zipped twice": lambda s, p: ("map.html", wrap_deep(f"at {leak_position(s)}")),
    "packed floats": lambda s, p: (
        "map.html",
        base64.b64encode(struct.pack("<dddd", 0.0, s.lon, s.lat, 1.0)).decode(),
    ),
    "clock": lambda s, p: ("brief.en.html", f"{s.arrive:%H:%M}"),
    "French clock": lambda s, p: ("brief.fr.html", f"{s.arrive:%H} h {s.arrive:%M}"),
    "iso time": lambda s, p: ("tables/not-covered.csv", f"{s.arrive:%Y-%m-%dT%H:%MZ}"),
    "seconds": lambda s, p: ("map.html", f"{s.arrive.timestamp():.0f}"),
    "day": lambda s, p: ("tables/not-covered.csv", f"x,{s.arrive:%Y-%m-%d}"),
    "day in words": lambda s, p: ("brief.fr.html", f"le {s.arrive.day} novembre"),
    "length": lambda s, p: (
        "brief.en.html",
        f"{sum(leg.length_km for leg in p.legs):,.1f} km",
    ),
    "line driven": lambda s, p: ("map.html", p.legs[0].lines[0]),
    "base": lambda s, p: ("map.html", f'<i class="{p.base_id}"></i>'),
    "seed": lambda s, p: ("manifest.json", '"seed": 42'),
}


@pytest.mark.parametrize("way", LEAKS)
def test_a_deliberate_leak_is_found(packs, blanks, plan, way) -> None:
    patrol = plan.patrols[0]
    stop = next(stop for stop in patrol.stops if stop.kind == "halt")
    file, text = LEAKS[way](stop, patrol)
    leaky = {**packs["open"], file: packs["open"][file] + f"\n{text}\n".encode()}
    found = find_leaks(leaky, plan, blanks["open"])
    assert found
    assert {leak.file for leak in found} == {file}


def test_a_place_visited_is_found(packs, blanks, plan) -> None:
    public = {site.cercle for site in plan.sites}
    names = {site.id: site.name for site in plan.sites}
    visited = [s.site_id for p in plan.patrols for s in p.stops if s.site_id]
    name = next(names[i] for i in visited if names[i] not in public)
    leaky = {"map.html": packs["open"]["map.html"] + f"\n<b>{name}</b>".encode()}
    assert "place visited" in {
        leak.kind for leak in find_leaks(leaky, plan, blanks["open"])
    }


# The attack: running the program again


@pytest.fixture(scope="module")
def others(study, scenario):
    """Return other plans that the pack could be of."""
    runs = {
        "another seed": {"seed": 7},
        "another day": {"start": scenario.start + timedelta(days=7)},
        "a site forced": {"sites": {"required": ("gourma-rharous",)}},
        "a team less": {"teams": scenario.teams[1:]},
    }
    plans = {
        name: plan_patrols(scenario.replace(iterations=0, **update)).plan_file
        for name, update in runs.items()
    }
    for number, found in enumerate(find_alternatives(study.problem, study.solution, 2)):
        other = build_study(study, study.solution, found.plan, seed=None)
        plans[f"alternative {number}"] = other.plan_file
    return plans


@pytest.mark.parametrize("profile", WIDER)
def test_running_it_again_tells_nothing(plan, others, layers, packs, profile) -> None:
    tried = [
        (other, build_release(release(other, profile), layers))
        for other in (plan, *others.values())
    ]
    gain = run_again(packs[profile], tried)
    assert gain.candidates == len({list_movement(p) for p, _ in tried}) >= 6
    assert gain.left == gain.candidates
    assert gain.most == 0.0


def test_a_pack_that_singles_out_a_plan_is_found(plan, others, layers) -> None:
    """A single figure of the plan is a fingerprint: so the attack is worth its name."""

    def print_km(document):
        km = sum(leg.length_km for p in document.patrols for leg in p.legs)
        pack = build_release(release(document, "open"), layers)
        return {**pack, "brief.en.html": f"about {round(km, -2):.0f} km".encode()}

    tried = [(other, print_km(other)) for other in (plan, *others.values())]
    gain = run_again(print_km(plan), tried)
    assert gain.left < gain.candidates
    assert gain.most > 0.1


@pytest.mark.soak
def test_no_day_of_the_month_is_told(scenario, layers, packs) -> None:
    for day in range(1, 31):
        start = date(2014, 11, day)
        other = plan_patrols(scenario.replace(iterations=0, start=start)).plan_file
        pack = build_release(release(other, "open"), layers)
        assert pack == packs["open"], start


@pytest.mark.soak
def test_no_lot_is_told(study, layers, packs) -> None:
    mixture = find_mixture(study.problem, study.solution, 0.9)
    movements = set()
    for seed in range(12):
        drawn = draw_by_lot(study.problem, mixture, np.random.default_rng(seed))
        lot = build_study(study, study.solution, drawn, seed=None).plan_file
        movements.add(list_movement(lot))
        for profile in WIDER:
            pack = build_release(release(lot, profile), layers)
            assert pack == packs[profile], seed
    assert len(movements) > 8


# The command line


def test_the_verbs_write_open_packs(tmp_path, capsys, plan) -> None:
    argv = ["plan", "--iterations", "0", "--out", str(tmp_path), "--quiet"]
    assert main([*argv, "--release", "OPEN"]) == 0
    said = capsys.readouterr()
    assert "not drawn by lot" in said.err
    folder = tmp_path / "north-mali"
    assert list_files(folder) == FILES
    assert main(argv) == 2
    assert "choose another folder for what is CONFIDENTIAL" in capsys.readouterr().err
    assert list_files(folder) == FILES
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "plan.json"
    file.write_text(format_plan(plan), encoding="utf-8")
    assert main(["release", str(file), "--release", "Open"]) == 0
    again = tmp_path / "mine-open"
    assert list_files(again) == FILES
    for name in FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes()
    capsys.readouterr()
    assert (
        main(
            ["release", str(file), "--release", "open", "--out", str(tmp_path / "mine")]
        )
        == 2
    )
    assert "one of its own" in capsys.readouterr().err
    bare = {"start": plan.scenario.start, "limits": {}}
    old = plan.model_copy(update={"scenario": plan.scenario.model_copy(update=bare)})
    file.write_text(format_plan(old), encoding="utf-8")
    assert main(["release", str(file), "--release", "unclassified"]) == 0
    assert "neither who keeps it nor until when" in capsys.readouterr().err
    assert file.exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--release", "strictly confidential"], "STRICTLY CONFIDENTIAL is refused"),
        (["--release", "secret"], "is no release"),
        (["--release", "open", "--prices"], "CONFIDENTIAL pack alone"),
        (["--release", "open", "--alternatives", "2"], "CONFIDENTIAL pack alone"),
    ],
)
def test_what_cannot_be_released_is_refused(argv, said, tmp_path, capsys) -> None:
    assert main(["plan", "--out", str(tmp_path / "out"), *argv]) == 2
    told = capsys.readouterr().err
    assert said in re.sub(r"[\s│|]+", " ", told)
    assert not (tmp_path / "out").exists()


def test_hostile_names_are_text(tmp_path) -> None:
    name = '</script><img src=x onerror="alert(1)">{{7*191}}=1+1'
    hostile = build_plan(rename=lambda text: f"{name}{text}", version=name)
    for profile in WIDER:
        pack = build_release(release(hostile, profile), build_layers(name=name))
        for file in [*FILES[:2], "map.html"]:
            assert b"<img" not in pack[file]
            assert b"1337" not in pack[file]
        for line in pack["tables/not-covered.csv"].decode().splitlines()[1:]:
            assert not line.startswith(("=", "+", "-", "@"))


def test_times_have_zones() -> None:
    """The month is that of the plan's own zone, where its first day is a moment."""
    late = datetime(2014, 10, 31, 23, 30, tzinfo=UTC)
    asked = build_plan().scenario.model_copy(
        update={"start": late, "timezone": "Africa/Lagos"}
    )
    moved = build_plan().model_copy(update={"scenario": asked})
    assert gather_facts(moved, None).month == "2014-11"


@pytest.mark.parametrize(
    "verb",
    [
        ["export", "{plan}"],
        ["order", "{plan}", "--lang", "en"],
        ["map", "{plan}"],
        ["compare", "{plan}", "{plan}"],
        ["balance", "{plan}"],
        ["risk"],
        ["casualty"],
        ["critical"],
    ],
    ids=lambda verb: verb[0],
)
def test_no_verb_writes_what_is_confidential_into_a_folder_handed_on(
    verb, tmp_path, capsys
) -> None:
    plan = build_plan(count=1)
    file = tmp_path / "plan.json"
    file.write_text(format_plan(plan), encoding="utf-8")
    wider = tmp_path / "wider"
    write_pack(release(plan, "open"), None, wider)
    before = sorted(path.relative_to(wider) for path in wider.rglob("*"))
    argv = [part.format(plan=file) for part in verb]
    assert main([*argv, "--out", str(wider)]) == 2
    assert "made to be handed on" in capsys.readouterr().err
    assert sorted(path.relative_to(wider) for path in wider.rglob("*")) == before
