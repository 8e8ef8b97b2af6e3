"""The command line: every verb, every exit code, one line a fault, no traceback."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from itertools import pairwise

import pytest

from patrolplan import __version__
from patrolplan.cli import main
from patrolplan.planfile import format_plan, read_plan
from patrolplan.scenario import read_scenario
from patrolplan.shipped import find_main_scenario
from sample_plan import build_plan
from theatre import Theatre

DONE, BROKEN, WRONG_INPUT = 0, 1, 2
QUICK = ("--iterations", "5")


@pytest.fixture
def run(capsys):
    """Run the command line: its exit code, standard output and standard error."""

    def run_verb(*argv) -> tuple[int, str, str]:
        code = main([str(part) for part in argv])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert "internal fault" not in said.err
        return code, said.out, said.err

    return run_verb


@pytest.fixture
def plan_path(study, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(format_plan(study.plan_file), encoding="utf-8")
    return path


def list_files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# The program itself


def test_help_and_version(run) -> None:
    code, out, _ = run("--help")
    assert code == DONE
    for verb in (
        "new",
        "check",
        "plan",
        "assess",
        "route",
        "map",
        "balance",
        "bases",
        "tradeoff",
        "sensitivity",
        "serve",
        "stress",
        "learn",
        "schema",
        "info",
    ):
        assert f"\n  {verb} " in out
    assert run("--version")[:2] == (DONE, f"patrolplan {__version__}\n")


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("nonsense",),
        ("route", "Gao"),
        ("route", "Gao", "Kidal", "--date", "soon"),
        ("route", "Gao", "Kidal", "--alternatives", "0"),
        ("plan", "--iterations", "-1"),
        ("plan", "--lang", "de"),
        ("check",),
        ("schema", "layers"),
        ("sensitivity", "--change", "0"),
        ("stress",),
        ("stress", "plan.json", "--draws", "1"),
        ("plan", "--chance", "1"),
        ("sensitivity", "--only", "nothing"),
    ],
)
def test_a_wrong_command_is_wrong_input(run, argv) -> None:
    code, _, err = run(*argv)
    assert code == WRONG_INPUT
    assert err or not argv


@pytest.mark.parametrize("verb", ["--help", "--version"])
def test_help_loads_none_of_the_heavy_libraries(verb) -> None:
    script = (
        "import sys; from patrolplan.cli import main; "
        f"assert main([{verb!r}]) == 0; "
        "heavy = {'pandas', 'folium', 'geopandas', 'numpy', 'shapely', 'scipy'}; "
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("info",), DONE, "population: "),
        (("route", "S\u00e9var\u00e9", "Atlantis\u2028"), WRONG_INPUT, "no place is"),
    ],
    ids=["info", "route"],
)
def test_a_terminal_that_knows_no_accents_gets_no_fault(argv, code, said) -> None:
    script = "import sys; from patrolplan.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", script, *argv],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "internal fault" not in done.stderr


def test_a_hostile_file_name_cannot_forge_a_second_line(run, tmp_path) -> None:
    for verb in ("check", "plan", "assess", "map"):
        code, _, err = run(verb, tmp_path / "a\nforged.toml: fault")
        assert code == WRONG_INPUT
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "argv",
    [
        *(("assess",), ("stress", "--draws", "100")),
        ("replan", "--now", "2014-11-04", "--scenario", str(find_main_scenario())),
    ],
    ids=lambda argv: argv[0],
)
def test_what_a_plan_lacks_is_told_by_the_name_of_its_file(run, tmp_path, argv) -> None:
    """The referee knows no file, and called each one plan."""
    document = json.loads(format_plan(build_plan(count=1)))
    document["scenario"]["limits"] = {}
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    code, _, err = run(argv[0], path, *argv[1:])
    assert code == WRONG_INPUT
    assert "break_min" in err
    assert all(line.startswith("bare.json: ") for line in err.splitlines())


# route


def test_route_prints_its_sum_and_each_line(run) -> None:
    code, out, err = run("route", "Gao", "Kidal")
    assert (code, err) == (DONE, "")
    lines = out.splitlines()
    assert lines[0] == "2014-11-03, dry season, light_4x4"
    assert lines[1].startswith("350 km, ")
    assert lines[2].split() == ["line", "kind", "surface", "km", "min"]
    assert len(lines) == 8
    assert lines[7] == "No slower than when all is open and dry."


def test_route_prints_one_json_object_best_first(run) -> None:
    code, out, _ = run("route", "gao", "KIDAL", "--alternatives", 3, "--json")
    assert code == DONE
    routes = json.loads(out)["routes"]
    assert len(routes) == 3
    assert set(routes[0]) == {"length_km", "duration_min", "lines", "geometry"}
    assert routes[0]["duration_min"] < routes[1]["duration_min"]
    assert routes[0]["geometry"]["type"] == "LineString"
    assert len(routes[0]["geometry"]["coordinates"]) > 3


def test_route_takes_the_season_of_its_day(run) -> None:
    def find_hours(*options) -> float:
        out = run("route", "Tessalit", "Gao", "--json", *options)[1]
        return json.loads(out)["routes"][0]["duration_min"] / 60

    assert 10 <= find_hours() <= 12
    assert 25.5 <= find_hours("--date", "2014-08-01") <= 34.5
    assert find_hours("--vehicle", "truck") > find_hours()


def test_route_goes_by_the_places_it_is_told(run) -> None:
    argv = ("route", "Gao", "Kidal", "--via", "Bourem", "--json")
    (found,) = json.loads(run(*argv)[1])["routes"]
    assert 370 <= found["length_km"] <= 410


def test_route_avoids_what_is_closed_on_its_day(run) -> None:
    def find_lines(closure) -> list:
        argv = ("route", "Douentza", "Timbuktu", "--close", closure, "--json")
        return json.loads(run(*argv)[1])["routes"][0]["lines"]

    assert "koriome-ferry" not in find_lines("koriome-ferry")
    assert "koriome-ferry" in find_lines("koriome-ferry@2015-01-01..2015-02-01")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("Gao", "Kidall"), "no place is called 'Kidall'; near: "),
        (("Gao", "Gao"), "begins and ends at 'gao'"),
        (("Gao", "Kidal", "--vehicle", "camel"), "armoured, boat, light_4x4"),
        (("Gao", "Kidal", "--close", "rn99"), "no line is called rn99"),
        (("Gao", "Kidal", "--close", "@x"), "should begin with a line id"),
        (("Gao", "Kidal", "--close", "a@x"), "LINE@FROM..TO"),
        (("Gao", "Kidal", "--scenario", "none.toml"), "none.toml: file"),
    ],
)
def test_route_says_what_it_does_not_know(run, argv, said) -> None:
    code, out, err = run("route", *argv)
    assert (code, out) == (WRONG_INPUT, "")
    assert said in " ".join(err.split())


# new and check


def test_new_writes_scenarios_that_are_fine(run, tmp_path) -> None:
    folder = tmp_path / "mine"
    code, out, _ = run("new", folder)
    assert code == DONE
    assert (folder / "season-grid.toml").is_file()
    scenarios = sorted(set(folder.glob("*.toml")) - {folder / "season-grid.toml"})
    assert len(scenarios) == 3
    assert all(str(path) in out for path in scenarios)
    assert not list(folder.rglob("*.py"))
    code, out, err = run("check", *scenarios)
    assert (code, err) == (DONE, "")
    assert out.count(": fine: ") == 3


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_new_never_writes_into_a_folder_that_holds_anything(
    run, tmp_path, name
) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    code, _, err = run("new", tmp_path)
    assert code == WRONG_INPUT
    assert "it is not empty" in err
    assert list_files(tmp_path) == [name]


def test_new_takes_an_empty_folder_but_no_file(run, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("new", tmp_path / "empty")[0] == DONE
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run("new", tmp_path / "file")[0] == WRONG_INPUT


def break_every_layer(theatre: Theatre) -> dict[str, str]:
    """Break one feature of each layer; return file and what must be named."""
    theatre.set_property("population", "gao", "population", 0)
    theatre.set_property("lines", "koriome-ferry", "kind", "bridge")
    theatre.set_property("zones", "douentza", "level", 6)
    theatre.set_cell("bases", 0, "valid_from", "soon")
    theatre.set_cell("airfields", 0, "lon", "")
    theatre.set_cell("markets", 0, "day", "mercredi")
    theatre.set_cell("speeds", 0, "speed_kmh", "fast")
    theatre.set_cell("osm_lengths", 0, "osm_length_km", "far")
    for layer in ("regions", "borders", "rivers", "lakes"):
        path = theatre.find(layer)
        path.write_text(path.read_text(encoding="utf-8")[:-50], encoding="utf-8")
    return {
        "population.geojson": "site 'gao', population",
        "lines.geojson": "line 'koriome-ferry', kind",
        "zones.geojson": "zone 'douentza', level",
        "bases.csv": "base 'base-aguelhok', valid_from",
        "airfields.csv": "geometry",
        "markets.csv": "day",
        "speeds.csv": "speed_kmh",
        "osm_lengths.csv": "osm_length_km",
        "regions.geojson": "line ",
        "borders.geojson": "line ",
        "rivers.geojson": "line ",
        "lakes.geojson": "line ",
    }


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_every_fault_of_every_layer_is_one_line_and_nothing_is_written(
    run, theatre, tmp_path, monkeypatch, verb
) -> None:
    expected = break_every_layer(theatre)
    before = list_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, out, err = run(verb, theatre.file)
    assert (code, out) == (WRONG_INPUT, "")
    lines = err.splitlines()
    assert len(lines) == len(expected)
    for line in lines:
        file, where = line.split(": ")[:2]
        assert expected.pop(file) in where
        assert "; " in line
    assert list_files(tmp_path) == before


def test_check_names_the_faults_of_all_scenarios(run, theatre) -> None:
    other = theatre.folder / "gao-menaka-dry.toml"
    other.write_text('format = "patrolplan-scenario/1"\nseed = -1\n', encoding="utf-8")
    theatre.edit_scenario('base = "base-kidal"', 'base = "base-kidall"')
    code, out, err = run("check", theatre.file, other, theatre.folder / "none.toml")
    assert code == WRONG_INPUT
    assert out == ""
    files = [line.split(":")[0] for line in err.splitlines()]
    assert files == [*["gao-menaka-dry.toml"] * 4, "none.toml", "north-mali.toml"]


def test_check_tells_of_idle_teams_in_the_language_asked_for(run, theatre) -> None:
    theatre.add_to_scenario('[bases]\nclosed = ["base-kidal"]')
    code, english, _ = run("check", theatre.file)
    assert code == DONE
    french = run("check", theatre.file, "--lang", "fr")[1]
    assert "kidal" in english.lower()
    assert english.splitlines()[1] != french.splitlines()[1]
    assert run("check", theatre.file, "--quiet")[1] == ""


# plan


def test_plan_writes_a_pack_and_says_where_the_map_is(run, theatre, tmp_path) -> None:
    out_folder = tmp_path / "out"
    code, out, err = run("plan", theatre.file, "--out", out_folder, *QUICK)
    assert (code, err) == (DONE, "")
    assert out.splitlines()[0].split()[:3] == ["scenario", "patrols", "days"]
    assert f"Map: {out_folder / 'north-mali' / 'map.html'}" in out
    assert (out_folder / "north-mali" / "map.html").is_file()
    plan = read_plan(out_folder / "north-mali" / "plan.json")
    assert plan.patrols


def test_plan_prints_one_json_object_of_figures_and_paths(run, tmp_path) -> None:
    code, out, err = run("plan", "--out", tmp_path, *QUICK, "--json")
    assert (code, err) == (DONE, "")
    (planned,) = json.loads(out)["plans"]
    assert planned["name"] == "north-mali"
    assert planned["assessment"]["violations"] == []
    assert planned["map"] == str(tmp_path / "north-mali" / "map.html")


def test_plan_is_quiet_when_asked(run, tmp_path) -> None:
    assert run("plan", "--out", tmp_path, *QUICK, "--quiet") == (DONE, "", "")


def test_plan_takes_seed_and_closures_of_the_command(run, tmp_path) -> None:
    options = ("--seed", 5, "--close", "koriome-ferry")
    assert run("plan", "--out", tmp_path, *QUICK, *options)[0] == DONE
    plan = read_plan(tmp_path / "north-mali" / "plan.json")
    assert plan.seed == 5
    assert plan.scenario.limits["closed_lines"] == ["koriome-ferry"]
    driven = {line for p in plan.patrols for leg in p.legs for line in leg.lines}
    assert "koriome-ferry" not in driven


def test_plan_refuses_to_close_a_line_that_is_not_there(run, tmp_path) -> None:
    code, _, err = run("plan", "--out", tmp_path, *QUICK, "--close", "rn99")
    assert code == WRONG_INPUT
    assert "lines.closed: found 'rn99'" in err
    assert list_files(tmp_path) == []


def test_of_two_scenarios_the_sound_one_is_planned_and_the_fault_is_listed(
    run, theatre, tmp_path
) -> None:
    broken = theatre.folder / "gao-menaka-dry.toml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace("seed = 7", "seed = -7"), encoding="utf-8")
    out_folder = tmp_path / "out"
    argv = ("plan", theatre.file, broken, "--out", out_folder, "--jobs", 2, *QUICK)
    code, out, err = run(*argv)
    assert code == BROKEN
    assert err.startswith("gao-menaka-dry.toml: seed: found -7; ")
    assert f"Index: {out_folder / 'index.html'}" in out
    assert (out_folder / "north-mali" / "map.html").is_file()
    index = (out_folder / "index.html").read_text(encoding="utf-8")
    assert "north-mali/map.html" in index
    assert "gao-menaka-dry.toml: seed" in index


def test_processes_side_by_side_make_the_same_plans(run, theatre, tmp_path) -> None:
    files = [theatre.file, theatre.folder / "gao-menaka-dry.toml"]
    for jobs in (1, 2):
        folder = tmp_path / f"jobs-{jobs}"
        argv = ("plan", *files, "--out", folder, "--jobs", jobs, *QUICK)
        assert run(*argv)[0] == DONE
    one, two = tmp_path / "jobs-1", tmp_path / "jobs-2"
    assert list_files(one) == list_files(two)
    for name in list_files(one):
        if (one / name).is_file():
            assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_two_scenarios_of_one_name_are_refused(run, theatre, tmp_path) -> None:
    copy = theatre.folder / "copy.toml"
    copy.write_bytes(theatre.file.read_bytes())
    code, _, err = run("plan", theatre.file, copy, "--out", tmp_path / "out", *QUICK)
    assert code == BROKEN
    assert err.startswith("copy.toml: name: 'north-mali' is taken by north-mali.toml")


def test_a_scenario_named_twice_is_planned_once(run, theatre, tmp_path) -> None:
    argv = ("plan", theatre.file, theatre.file, "--out", tmp_path / "out", *QUICK)
    code, out, err = run(*argv)
    assert (code, err) == (DONE, "")
    assert "Index: " not in out


def test_a_required_site_out_of_reach_still_gives_a_plan_but_a_broken_one(
    run, theatre, tmp_path
) -> None:
    theatre.add_to_scenario('[sites]\nrequired = ["Taoudenni"]')
    code, out, _ = run("plan", theatre.file, "--out", tmp_path / "out", *QUICK)
    assert code == BROKEN
    assert "Taoud" in out
    assert (tmp_path / "out" / "north-mali" / "map.html").is_file()


def test_an_edited_copy_does_what_was_edited(run, tmp_path) -> None:
    folder = tmp_path / "mine"
    run("new", folder)
    mine = folder / "fourth.toml"
    text = (folder / "north-mali.toml").read_text(encoding="utf-8")
    text = text.replace('name = "north-mali"', 'name = "fourth"')
    text += '\n[bases]\nclosed = ["base-kidal"]\n\n[sites]\nrequired = ["Niafunké"]\n'
    mine.write_text(text, encoding="utf-8")
    code, out, err = run("plan", mine, "--out", tmp_path / "out", *QUICK)
    assert (code, err) == (DONE, "")
    assert "idal" in out.split("Map:")[0]
    plan = read_plan(tmp_path / "out" / "fourth" / "plan.json")
    assert "base-kidal" not in {patrol.base_id for patrol in plan.patrols}
    assert "niafunke" in {stop.site_id for p in plan.patrols for stop in p.stops}
    assert read_scenario(mine).find_layer("lines").is_relative_to(folder)


def test_out_that_is_a_file_fails_without_a_traceback(run, tmp_path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    code, _, err = run("plan", "--out", tmp_path / "out", *QUICK)
    assert code in (BROKEN, WRONG_INPUT)
    assert len(err.splitlines()) == 1
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


# assess and map


def test_assess_finds_no_broken_rule_in_what_was_planned(run, plan_path) -> None:
    code, out, err = run("assess", plan_path)
    assert (code, err) == (DONE, "")
    told, *rest = out.splitlines()
    assert told.startswith("plan.json: DRAFT: not for use: keeping clear (1 answer")
    assert rest[0] == "plan.json: no rule is broken"
    # What is heard of the casualty clock breaks no rule.
    assert all("casualty" in line for line in rest[1:])


def test_assess_names_the_rule_that_an_edit_breaks(run, plan_path) -> None:
    document = json.loads(plan_path.read_text(encoding="utf-8"))
    document["teams"][0]["range_km"] = 1
    plan_path.write_text(json.dumps(document), encoding="utf-8")
    code, out, err = run("assess", plan_path)
    assert (code, err) == (BROKEN, "")
    heads = {line.split(":")[0] for line in out.splitlines()[1:]}
    # Sentences are of the casualty clock, which breaks no rule.
    rules = {head for head in heads if " " not in head}
    code, out, _ = run("assess", plan_path, "--json")
    assert code == BROKEN
    assert {broken["rule"] for broken in json.loads(out)["violations"]} == rules
    assert run("assess", plan_path, "--quiet")[1] == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other/1"}'])
def test_assess_refuses_what_is_no_plan(run, tmp_path, content) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("assess", path)
    assert (code, out) == (WRONG_INPUT, "")
    assert all(line.startswith("plan.json: ") for line in err.splitlines())


def test_assess_and_map_refuse_a_file_that_is_not_there(run, tmp_path) -> None:
    for verb in ("assess", "map"):
        code, _, err = run(verb, tmp_path / "none.json")
        assert code == WRONG_INPUT
        assert err.startswith("none.json: file: ")


def test_map_draws_a_saved_plan_anew(run, plan_path, tmp_path) -> None:
    code, out, _ = run("map", plan_path, "--out", tmp_path / "maps")
    assert code == DONE
    assert out == f"Map: {tmp_path / 'maps' / 'map.html'}\n"
    assert "<html" in (tmp_path / "maps" / "map.html").read_text(encoding="utf-8")


# schema and info


@pytest.mark.parametrize(
    ("contract", "key"), [("scenario", "teams"), ("plan", "assessment")]
)
def test_schema_prints_a_json_schema(run, contract, key) -> None:
    code, out, _ = run("schema", contract)
    assert code == DONE
    assert key in json.loads(out)["properties"]


def test_info_prints_versions_and_the_sources_of_the_data(run) -> None:
    code, out, _ = run("info")
    assert code == DONE
    assert f"patrolplan {__version__}" in out.splitlines()
    described = json.loads(run("info", "--json")[1])
    assert described["versions"]["patrolplan"] == __version__
    assert len(described["layers"]) >= 10
    assert all(row["source"] and row["licence"] for row in described["layers"])


def test_a_plan_without_any_patrol_says_so_and_exits_1(theatre, tmp_path, capsys):
    theatre.edit_scenario("horizon_days = 28", "horizon_days = 1")
    # Nothing is demanded, so that no nearer question is sought.
    theatre.edit_scenario("min_unknown_visits = 1", "min_unknown_visits = 0")

    code = main(["plan", str(theatre.file), "--out", str(tmp_path / "out")])

    assert code == 1
    assert "No patrol is possible" in capsys.readouterr().out


def test_days_without_a_duty_window_are_a_fault(theatre, tmp_path, capsys):
    theatre.edit_scenario("Africa/Bamako", "Asia/Tokyo")

    code = main(["plan", str(theatre.file), "--out", str(tmp_path / "out")])

    assert code == 2
    assert "no minute of any day is left to move in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_seed_that_cannot_be_is_a_fault(tmp_path, capsys):
    code = main(["plan", "--seed", "-3", "--out", str(tmp_path / "out")])

    assert code == 2
    assert "seed" in capsys.readouterr().err


def test_a_scenario_saved_with_a_byte_order_mark_is_read(theatre):
    text = theatre.file.read_text(encoding="utf-8")
    theatre.file.write_text(text, encoding="utf-8-sig")

    assert theatre.read_scenario().name == "north-mali"


def test_a_map_shows_no_layers_that_its_plan_was_not_made_from(
    theatre, tmp_path, capsys
):
    theatre.set_property("population", "gossi", "population", 9)
    main(["plan", str(theatre.file), "--out", str(tmp_path), "--iterations", "0"])
    saved = str(tmp_path / "north-mali" / "plan.json")
    capsys.readouterr()

    assert main(["map", saved, "--out", str(tmp_path / "bare")]) == 0
    assert "shown without layers" in capsys.readouterr().err
    whole = ["map", saved, "--scenario", str(theatre.file)]
    assert main([*whole, "--out", str(tmp_path / "whole")]) == 0
    assert capsys.readouterr().err == ""
    bare, whole = (tmp_path / name / "map.html" for name in ("bare", "whole"))
    assert bare.stat().st_size < whole.stat().st_size


# What lies beside a plan


def test_prices_alternatives_and_a_lot(run, tmp_path) -> None:
    argv = ("plan", "--prices", "--alternatives", 1, "--vary", 0.9, "--seed", 3)
    argv = (*argv, "--curve")
    code, out, _ = run(*argv, *QUICK, "--json", "--out", tmp_path)
    assert code == DONE
    (told,) = json.loads(out)["plans"]
    worths = [price["more_need"] for price in told["prices"]]
    assert worths == sorted(worths, reverse=True)
    assert worths[0] > 0
    assert told["alternatives"][0]["lost_share"] <= 0.05
    mix = told["mix"]
    assert mix["worst_case_loss"] < mix["fixed_loss"]
    assert mix["expected_need"] >= mix["value_floor"] >= 0.9 * mix["fixed_need"] - 1e-6
    folder = tmp_path / "north-mali"
    written = list_files(folder)
    for name in ("mix.json", "tables/prices.csv", "alternatives/plan-1.json"):
        assert name in written
    curve = mix["curve"]
    assert [point["value_share"] for point in curve] == [1.0, 0.975, 0.95, 0.9]
    losses = [point["worst_case_loss"] for point in curve]
    assert all(after <= before + 1e-6 for before, after in pairwise(losses))
    assert curve[-1]["worst_case_loss"] == mix["worst_case_loss"]
    with (folder / "tables" / "value-curve.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["worst_case_loss"]) for row in rows] == pytest.approx(losses)
    assert "seed" not in out
    assert run("assess", folder / "plan.json", "--quiet")[0] == DONE
    assert run("assess", folder / "alternatives" / "plan-1.json", "--quiet")[0] == DONE


@pytest.mark.parametrize(
    "argv",
    [("--vary", "1.5"), ("--vary", "-0.1"), ("--alternatives", "-1"), ("--curve",)],
)
def test_a_share_or_a_number_that_cannot_be(run, argv) -> None:
    code, _, err = run("plan", *argv)
    assert code == WRONG_INPUT
    assert argv[0] in err


# sensitivity


def test_sensitivity_says_what_moves_stops_and_what_does_not(run, tmp_path) -> None:
    out = tmp_path / "sens"
    asked = ("--only", "need.risk_weights.5", "--only", "patrols.water_hot_l")
    code, told, err = run("sensitivity", *asked, "--iterations", "40", "--jobs", "1",
                          "--out", out)  # fmt: skip
    assert (code, err) == (DONE, "")
    first, *rest = told.splitlines()
    assert first == "north-mali: DRAFT: not for use"
    assert any("cannot be meant" in line for line in rest)
    assert any("figure changes no stop (patrols.water_hot_l" in line for line in rest)
    rows = (out / "sensitivity.csv").read_text("utf-8").splitlines()
    assert len(rows) == 5
    assert "PROJET" in (out / "sensitivity.html").read_text("utf-8")
    code, told, _ = run("sensitivity", *asked[2:], "--iterations", "0", "--json")
    document = json.loads(told)
    assert code == DONE
    assert [row["state"] for row in document["figures"]] == ["not_asked"] * 2
    assert document["status"] == "draft"
