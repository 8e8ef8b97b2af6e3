"""Ten thousand generated names, from the files of layers to every product and back."""

from __future__ import annotations

import csv
import sys
from collections import Counter

import pytest

from hostile_grammar import MARK, Names, hold_cell
from hostile_reading import find_torn, list_texts, read_page, show_page
from hostile_theatre import quote
from hostile_walk import run_verb, walk
from patrolplan.layers import read_layers
from patrolplan.planfile import read_plan
from patrolplan.products.exports import hold_text, read_export
from patrolplan.products.planner_page import render_planner_page
from patrolplan.products.planner_roads import name_flood_rows, tell_roads
from patrolplan.scenario import read_scenario
from patrolplan.serving.levers import read_levers

WHOLE = 5
"""So many theatres ``make soak`` walks through every verb."""
MANY = 10_000
SHARES = [
    pytest.param((0, False), id="small"),
    *(
        pytest.param((seed, True), id=f"{seed}", marks=pytest.mark.soak)
        for seed in range(1, WHOLE + 1)
    ),
]


@pytest.fixture(scope="module", params=SHARES)
def walked(request, tmp_path_factory):
    seed, whole = request.param
    found = walk(tmp_path_factory.mktemp("walk"), seed, whole=whole)
    files = Counter(path.suffix for path in found.out.rglob("*") if path.is_file())
    told = ", ".join(f"{count} {ending}" for ending, count in files.most_common())
    sys.stdout.write(
        f"\n{found.names.count:,} names, {len(found.told)} verbs, files: {told}\n"
    )
    return found


def pair(walked, layer: str, column: str) -> dict[str, str]:
    """Return a column of a layer by id, as layers hold both."""
    names = walked.names
    keys, cells = (names.list_given(f"{layer}.{name}") for name in ("id", column))
    return dict(zip(keys, cells, strict=True))


def list_files(walked, *endings: str):
    files = [path for path in sorted(walked.out.rglob("*")) if path.suffix in endings]
    assert files
    return files


def test_there_are_ten_thousand_names(walked) -> None:
    assert walked.names.count * WHOLE >= MANY


def test_every_verb_ends_as_it_should(walked) -> None:
    faults = {
        verb: [*told.list_faults(), *(told.err.splitlines() if told.code else [])]
        for verb, told in walked.told.items()
        # An alert that no patrol can answer in time is a broken rule, and code 1.
        if told.list_faults() or told.code > (verb == "replan")
    }
    assert faults == {}


def test_a_plan_bears_each_name_as_it_was_given(walked) -> None:
    plan = read_plan(walked.pack / "plan.json")
    names, cercles = (pair(walked, "population", c) for c in ("name", "cercle_2014"))
    assert len(plan.sites) == len(names)
    assert {site.id: site.name for site in plan.sites} == names
    assert {site.id: site.cercle for site in plan.sites} == cercles
    known = pair(walked, "bases", "name")
    assert {base.id: base.name for base in plan.bases}.items() <= known.items()
    assert plan.bases


def test_an_export_gives_each_name_back(walked) -> None:
    names, french = (pair(walked, "population", c) for c in ("name", "name_fr"))
    known = {
        hold_text(key): (hold_text(name), hold_text(french[key]))
        for key, name in names.items()
    }
    for folder in (walked.pack, walked.out / "again"):
        for ending in ("kml", "gpkg", "geojson"):
            places = read_export(folder / f"plan.{ending}").places
            found = {row.site_id: (row.name_en, row.name_fr) for row in places}
            assert found == known
        tables = [folder / "waypoints.csv", folder / "waypoints-mgrs.csv"]
        stops = [read_export(path).stops for path in tables]
        stops += [read_export(path).stops for path in folder.glob("gps/*.gpx")]
        assert len(stops) > 3
        for row in (row for rows in stops for row in rows if row.kind == "visit"):
            assert known[row.place_id] == (row.name_en, row.name_fr)


def test_another_program_reads_each_name_out_of_an_export(walked) -> None:
    wanted = {hold_text(name) for name in pair(walked, "population", "name").values()}
    for ending in ("kml", "gpkg", "geojson"):
        assert wanted <= {*list_texts(walked.pack / f"plan.{ending}")}, ending


def test_a_table_gives_each_name_back(walked) -> None:
    plan = read_plan(walked.pack / "plan.json")
    names = pair(walked, "population", "name")
    left = {names[entry.site_id] for entry in plan.assessment.unserved}
    cells = {*list_texts(walked.pack / "tables" / "not-covered.csv")}
    assert {hold_csv(name) for name in left} <= cells


def hold_csv(name: str) -> str:
    """Return a name as a cell of a table holds it: see ``format_csv``."""
    return name.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def test_no_cell_of_a_table_begins_as_a_formula(walked) -> None:
    for path in list_files(walked, ".csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
                    float(cell)


def test_no_page_runs_or_asks_for_anything(walked) -> None:
    faults = {
        path.name: found
        for path in list_files(walked, ".html")
        if (found := read_page(path).list_faults())
    }
    assert faults == {}


def test_no_engine_evaluates_a_name(walked) -> None:
    for path in list_files(
        walked, ".html", ".pdf", ".csv", ".json", ".kml", ".gpx", ".geojson", ".txt"
    ):
        assert "A1337Z" not in "".join(list_texts(path)), path.name
        assert path.resolve().is_relative_to(walked.out.resolve())


def test_a_page_shows_all_of_a_name_or_nothing_of_it(walked) -> None:
    torn = {
        path.relative_to(walked.out).as_posix(): found
        for path in list_files(walked, ".html")
        if (found := find_torn(walked.names, show_page(read_page(path))))
    }
    assert torn == {}


SHOWN = {
    "map.html": (
        *("population.name", "population.name_fr", "population.aliases"),
        *("lines.name", "lines.ref", "zones.name", "airfields.name"),
        *("markets.name", "regions.name"),
    ),
}


@pytest.mark.parametrize("page", list(SHOWN))
def test_a_page_shows_what_was_given(walked, page) -> None:
    shown = show_page(read_page(walked.pack / page))
    for kind in SHOWN[page]:
        marks = [MARK.search(name) for name in walked.names.given[kind]]
        assert marks
        assert [m[0] for m in marks if m[0] not in shown] == [], kind
    plan = read_plan(walked.pack / "plan.json")
    told = [base.name for base in plan.bases]
    told += [entry.source for entry in plan.inputs if entry.source]
    told += [entry.licence for entry in plan.inputs if entry.licence]
    assert len(told) > 30
    assert [n for n in told if MARK.search(n)[0] not in shown] == []


def test_the_planners_page_bears_each_line_and_runs_none(walked, tmp_path) -> None:
    scenario = read_scenario(walked.theatre.scenarios[0])
    path = tmp_path / "planner.html"
    layers = read_layers(scenario)
    page = render_planner_page(
        layers,
        read_levers(scenario).model_dump(mode="json"),
        tell_roads(scenario, layers),
        name_flood_rows(scenario, layers),
        title=scenario.title,
        key="key",
        file="x.toml",
        team_bases=[team.base for team in scenario.teams],
    )
    path.write_text(page, encoding="utf-8")
    found = read_page(path)
    assert found.list_faults() == []
    shown = show_page(found)
    assert "A1337Z" not in shown
    assert find_torn(walked.names, shown) == []
    ids = walked.names.given["lines.id"]
    assert [name for name in ids if MARK.search(name)[0] not in shown] == []


def test_orders_print_the_names_of_places_visited(walked) -> None:
    plan = read_plan(walked.pack / "plan.json")
    names = pair(walked, "population", "name")
    assert plan.patrols
    orders = sorted((walked.pack / "orders").glob("*.en.pdf"))
    assert len(orders) == len(plan.patrols)
    printed = "".join("".join("".join(list_texts(p)).split()) for p in orders)
    for patrol in plan.patrols:
        for stop in patrol.stops:
            if stop.kind == "visit":
                mark = MARK.search(names[stop.site_id])
                assert mark[0] in printed, names[stop.site_id]


# Names that are refused

BLANK = ("", " ", "\t", "\n", "\u2028", "\u00a0", "\u3000\u2003", "\x85\x1c", "\r\n \v")


def test_a_name_of_nothing_is_refused_by_name(theatre) -> None:
    keys = [row["id"] for row in theatre.read_rows("bases")]
    rows = theatre.read_rows("bases")
    for row, blank in zip(rows, BLANK, strict=False):
        row["name"] = blank
    theatre.write_rows("bases", rows)
    told = run_verb("check", theatre.file)
    assert told.list_faults() == []
    assert told.code == 2
    lines = told.err.splitlines()
    assert len(lines) == len(BLANK)
    for key in keys[: len(BLANK)]:
        assert any(f"bases.csv: base {key!r}, name: empty" in line for line in lines)


@pytest.mark.parametrize(
    "count", [50, pytest.param(500, marks=pytest.mark.soak)], ids=str
)
def test_an_id_of_a_team_that_may_be_no_name_of_a_file_is_refused(
    tmp_path, count
) -> None:
    names = Names(7)
    given = [names.take("team.id", longest=60) for _ in range(count)]
    path = tmp_path / "teams.toml"
    text = 'format = "patrolplan-scenario/1"\nname = "x"\nstart = 2014-11-03\n'
    for name in given:
        text += f"\n[[teams]]\nid = {quote(name)}\nbase = {quote(hold_cell(name))}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    told = run_verb("check", path)
    assert told.list_faults() == []
    assert told.code == 2
    lines = told.err.splitlines()
    assert len(lines) == count
    assert all(line.startswith("teams.toml: teams") for line in lines)


@pytest.mark.parametrize(
    "count", [30, pytest.param(300, marks=pytest.mark.soak)], ids=str
)
def test_a_name_that_nobody_bears_is_refused_on_the_command_line(count) -> None:
    names = Names(8)
    for _ in range(count):
        name = names.take("argument", without="\0")
        told = run_verb("route", "--", name, "Gao")
        assert told.list_faults() == []
        assert told.code == 2
        assert len(told.err.splitlines()) == 1
        assert "no place is called" in told.err
