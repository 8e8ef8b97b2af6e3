"""Scenarios: what ships is valid, and every fault of a broken one is named."""

from __future__ import annotations

import types
from datetime import date, time
from pathlib import Path

import pytest
from pydantic import BaseModel

from patrolplan import figures
from patrolplan.errors import ScenarioError
from patrolplan.layers import read_layers
from patrolplan.question import check_scenario
from patrolplan.scenario import Scenario, read_closure, read_scenario
from patrolplan.shipped import list_shipped_scenarios

LEAST = """
format = "patrolplan-scenario/1"
name = "least"
start = 2014-11-03
"""
TEAM = """
[[teams]]
id = "gao"
base = "base-gao"
"""


@pytest.fixture
def write(tmp_path):
    def write_text(text: str | bytes) -> Path:
        path = tmp_path / "asked.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_text


@pytest.fixture
def read(write):
    def read_text(head: str = "", tail: str = "") -> Scenario:
        return read_scenario(write(LEAST + head + TEAM + tail))

    return read_text


@pytest.fixture
def list_faults(write):
    def refuse(head: str | bytes = "", tail: str = "", *, whole: bool = False) -> list:
        text = head if whole else LEAST + head + TEAM + tail
        with pytest.raises(ScenarioError) as caught:
            read_scenario(write(text))
        return list(caught.value.faults)

    return refuse


# What ships


@pytest.mark.parametrize("path", list_shipped_scenarios(), ids=lambda p: p.stem)
def test_every_shipped_scenario_is_valid_with_its_layers(path) -> None:
    scenario = read_scenario(path)
    assert scenario.name == path.stem
    check_scenario(scenario, read_layers(scenario))


def test_three_scenarios_ship_and_the_main_one_comes_first() -> None:
    names = [path.stem for path in list_shipped_scenarios()]
    assert names == ["north-mali", "gao-menaka-dry", "timbuktu-delta-rains"]


def test_the_main_scenario_asks_what_its_issue_says(scenario) -> None:
    assert scenario.start == date(2014, 11, 3)
    assert scenario.horizon_days == len(scenario.days) == 28
    assert scenario.days[-1] == date(2014, 11, 30)
    assert len(scenario.teams) >= 6


def list_figures() -> list:
    models = [
        model
        for model in vars(figures).values()
        if isinstance(model, type)
        and issubclass(model, figures.Part)
        and model not in (figures.Part, figures.Season)
    ]
    return [
        (model, name, field)
        for model in models
        for name, field in model.model_fields.items()
        if (model, name) not in NOT_FIGURES
    ]


NOT_FIGURES = {(figures.TeamSpec, name) for name in ("id", "base", "vehicle", "roles")}


@pytest.mark.parametrize(
    ("model", "name", "field"),
    list_figures(),
    ids=lambda part: getattr(part, "__name__", part if isinstance(part, str) else ""),
)
def test_every_planning_figure_has_a_unit_and_a_source(model, name, field) -> None:
    extra = field.json_schema_extra
    assert extra is not None, name
    assert extra["unit"]
    assert extra["source"]


def test_the_schema_prints_units_and_sources() -> None:
    schema = Scenario.model_json_schema()
    margin = schema["$defs"]["Movement"]["properties"]["sunset_margin_min"]
    assert margin["unit"] == "min"
    assert "3.2" in margin["source"]


def test_no_model_takes_an_unknown_key() -> None:
    def walk(model: type[BaseModel]) -> None:
        assert model.model_config["extra"] == "forbid"
        for field in model.model_fields.values():
            for part in [field.annotation, *getattr(field.annotation, "__args__", ())]:
                plain = isinstance(part, type) and not isinstance(
                    part, types.GenericAlias
                )
                if plain and issubclass(part, BaseModel):
                    walk(part)

    walk(Scenario)


# What is refused


def test_every_fault_is_named_at_once(list_faults) -> None:
    faults = list_faults(
        'timezone = "Africa/Timbuktoo"\nhorizon_days = 0\ncolour = "red"\n',
        'people = 0\n[movement]\nsnap_km = -1\n[lines]\nclosed = ["a@tomorrow"]',
    )
    assert [fault.where for fault in faults] == [
        "colour",
        "horizon_days",
        "lines.closed.0",
        "movement.snap_km",
        "teams.0.people",
        "timezone",
    ]
    assert all(fault.file == "asked.toml" for fault in faults)
    assert all(fault.found and fault.expected for fault in faults)


def test_every_contradiction_is_named_at_once(list_faults) -> None:
    faults = list_faults(
        "area = [5, 13.5, -7, 25]\n",
        'max_days = 2\n[[teams]]\nid = "gao"\nbase = "base-kidal"\n'
        "[need.risk_weights]\n1 = 0.5\n2 = 0.2\n3 = 0.6\n4 = 0.8\n5 = 1\n"
        "[movement]\nfixed_window = [16:00:00, 08:00:00]\n",
    )
    assert [fault.where for fault in faults] == [
        "area",
        "movement.fixed_window",
        "need.risk_weights",
        "team 'gao', max_days",
        "teams",
    ]


@pytest.mark.parametrize(
    ("head", "tail", "where", "said"),
    [
        ("horizon = 28\n", "", "horizon", "unknown key"),
        ("[movement]\nspeed = 40\n", "", "movement.speed", "unknown key"),
        ("", 'speed = 1\n[bases]\nshut = ["x"]', "bases.shut", "unknown key"),
        ('timezone = "Mali"\n', "", "timezone", "IANA"),
        ('timezone = "../../etc/passwd"\n', "", "timezone", "IANA"),
        ('timezone = ""\n', "", "timezone", "IANA"),
        ("seed = -1\n", "", "seed", "greater than or equal to 0"),
        ("iterations = nan\n", "", "iterations", "finite"),
        ("[movement]\nsnap_km = inf\n", "", "movement.snap_km", "finite"),
        ("", '[lines]\nclosed = ["@2014-11-03"]', "lines.closed.0", "line id"),
        ("", '[lines]\nclosed = ["a@x..y"]', "lines.closed.0", "LINE@FROM..TO"),
        (
            "",
            '[lines]\nclosed = ["a@2014-11-10..2014-11-03"]',
            "lines.closed.0",
            "not end before it begins",
        ),
        ("", '[sites]\nrequired = [""]', "sites.required.0", "1 character"),
        (
            "",
            '[[seasons]]\nname = "rains"\nfrom_day = "20-06"\nto_day = "09-20"',
            "seasons.0.from_day",
            "06-20",
        ),
        (
            "",
            '[[seasons]]\nname = "rains"\nfrom_day = "W25-1"\nto_day = "09-20"',
            "seasons.0.from_day",
            "06-20",
        ),
        (
            "",
            '[[seasons]]\nname = "flood"\nfrom_day = "06-20"\nto_day = "09-20"',
            "seasons.0.name",
            "'rains'",
        ),
        ("[movement]\nfixed_window = [8, 17]\n", "", "fixed_window.0", "08:00:00"),
        ("", '[[teams]]\nid = "Gao 2"\nbase = "x"', "teams.1.id", "pattern"),
        ('[layers]\nfolder = "a\\u0000b"\n', "", "layers.folder", "pattern"),
        ("area = [-7, 13.5, 5, 95]\n", "", "area.3", "90"),
        ("", "hazard_budget = 0", "teams.0.hazard_budget", "greater than 0"),
        *(
            (
                "",
                f'[[sites.visits]]\nsite = "gao"\n{line}',
                f"sites.visits.0.{name}",
                said,
            )
            for name, line, said in (
                ("dwell_min", "dwell_min = -1", "greater than or equal to 0"),
                ("dwell_min", "dwell_min = inf", "finite"),
                ("cadence_days", "cadence_days = 0", "greater than 0"),
                ("windows", "windows = []", "at least 1"),
                ("windows.0", 'windows = ["8 to 12"]', "weekday or a date"),
                ("windows.1", 'windows = ["mon 08:00-09:00", "x 08:00-09:00"]', "mon"),
                ("windows.0", 'windows = ["thu 12:00-08:00"]', "not end before"),
                ("site", 'site_id = "gao"', "unknown key"),
            )
        ),
        ("", '[[sites.groups]]\nsites = ["gao"]', "sites.groups.0.sites", "at least 2"),
        (
            "",
            '[sites]\nforbidden_pairs = [["gao"]]',
            "sites.forbidden_pairs.0",
            "value",
        ),
    ],
)
def test_a_field_that_cannot_be_meant_is_named(
    list_faults, head, tail, where, said
) -> None:
    faults = list_faults(head, tail)
    fault = next(fault for fault in faults if where in fault.where)
    assert said in f"{fault.found}; {fault.expected}"


def test_a_likely_cause_is_told_where_there_is_one(list_faults) -> None:
    faults = list_faults(
        "",
        '[[sites.visits]]\nsite = "gao"\ndwell_min = -90\n'
        'windows = ["jeu 08:00-12:00", "thu 22:00-02:00"]',
    )
    assert [fault.cause for fault in faults] == [
        "a sign or a unit mistaken",
        "jeu is no weekday",
        "times exchanged, or a window over midnight: write two",
    ]


def test_a_risk_weight_left_out_is_named(list_faults) -> None:
    (fault,) = list_faults("[need.risk_weights]\n1 = 0.1\n5 = 1.0\n")
    assert fault.found == "no weight for risk 2, 3, 4"


def test_equal_risk_weights_may_follow_each_other(read) -> None:
    read("[need.risk_weights]\n1 = 0\n2 = 0\n3 = 0.5\n4 = 1\n5 = 1\n")


def test_a_scenario_without_teams_is_refused(list_faults) -> None:
    (fault,) = list_faults(LEAST, whole=True)
    assert fault.where == "teams"


@pytest.mark.parametrize("start", ["9999-12-31", "0001-01-01", "1970-01-01"])
def test_a_start_in_no_time_of_patrols_is_refused(list_faults, start) -> None:
    text = LEAST.replace("2014-11-03", start) + TEAM
    (fault,) = list_faults(text, whole=True)
    assert fault.where == "start"


def test_a_slip_of_the_pen_names_its_line(list_faults) -> None:
    (fault,) = list_faults(LEAST + "seed = = 3\n" + TEAM, whole=True)
    assert "line 5" in fault.found


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('name = "M\xe9naka"'.encode("latin-1"), "byte 9"),
        (LEAST.encode("utf-16"), "byte 0"),
        (b"a = " + b"[" * 100_000, "file"),
        (b"seed = " + b"9" * 5000, "file"),
        (b"a = 1\na = 2", "file"),
        (b"\x00", "file"),
    ],
)
def test_what_is_no_toml_is_refused_by_name(list_faults, content, where) -> None:
    (fault,) = list_faults(content, whole=True)
    assert (fault.file, fault.where) == ("asked.toml", where)


def test_a_folder_and_a_missing_file_are_refused(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "missing.toml"):
        with pytest.raises(ScenarioError) as caught:
            read_scenario(path)
        assert caught.value.faults[0].where == "file"


def test_a_hostile_value_cannot_forge_a_second_line(list_faults) -> None:
    faults = list_faults('"x\\nasked.toml: forged: fault \\u001b[31m" = 1\n')
    assert len(faults) == len("".join(str(f) + "\n" for f in faults).splitlines()) == 1
    assert "\x1b" not in str(faults[0])


# What it means


def test_a_season_may_run_over_the_new_year() -> None:
    season = figures.Season(name="rains", from_day="11-15", to_day="02-29")
    assert season.covers(date(2014, 11, 15))
    assert season.covers(date(2014, 12, 31))
    assert season.covers(date(2015, 1, 1))
    assert season.covers(date(2016, 2, 29))
    assert not season.covers(date(2015, 3, 1))
    assert not season.covers(date(2014, 11, 14))


def test_both_ends_of_a_season_belong_to_it(scenario) -> None:
    assert scenario.find_season(date(2014, 6, 19)) == "dry"
    assert scenario.find_season(date(2014, 6, 20)) == "rains"
    assert scenario.find_season(date(2014, 9, 20)) == "rains"
    assert scenario.find_season(date(2014, 9, 21)) == "dry"


def test_a_closure_holds_for_ever_for_a_day_or_for_a_span() -> None:
    always, day, span = (
        read_closure(text) for text in ("a", "a@2014-11-10", "a@2014-11-10..2014-11-12")
    )
    days = [date(2014, 11, d) for d in range(9, 14)]
    assert [always.covers(d) for d in days] == [True] * 5
    assert [day.covers(d) for d in days] == [False, True, False, False, False]
    assert [span.covers(d) for d in days] == [False, True, True, True, False]


def test_a_fixed_window_is_written_as_clock_times(read) -> None:
    for window in ("[06:30:00, 16:00:00]", '["06:30", "16:00"]'):
        asked = read(f"[movement]\nfixed_window = {window}\n")
        assert asked.movement.fixed_window == (time(6, 30), time(16))


def test_layers_are_found_from_the_scenario_file_not_the_working_folder(
    read, tmp_path
) -> None:
    asked = read('[layers]\nfolder = "geo"\nlines = "own/roads.gpkg"\n')
    assert asked.find_layer("lines") == tmp_path / "own" / "roads.gpkg"
    assert asked.find_layer("zones") == tmp_path / "geo" / "zones" / "zones.geojson"


def test_replace_changes_a_field_and_keeps_the_rest(scenario) -> None:
    changed = scenario.replace(horizon_days=7, lines={"closed": ("koriome-ferry",)})
    assert len(changed.days) == 7
    assert [c.line for c in changed.closures] == ["koriome-ferry"]
    assert (changed.path, changed.teams) == (scenario.path, scenario.teams)
    assert scenario.horizon_days == 28
    assert not scenario.closures


def test_replace_is_checked_like_a_file(scenario) -> None:
    for changes in (
        {"horizon_days": 0},
        {"colour": "red"},
        {"teams": (*scenario.teams, scenario.teams[0])},
    ):
        with pytest.raises(ScenarioError):
            scenario.replace(**changes)


def test_a_grid_is_refused_with_one_fault_that_says_what_to_do(write) -> None:
    path = write('format = "patrolplan-grid/1"\nscenario = "north-mali.toml"\n')
    with pytest.raises(ScenarioError) as refusal:
        read_scenario(path)
    (fault,) = refusal.value.faults
    assert "patrolplan batch plans a grid" in str(fault)
