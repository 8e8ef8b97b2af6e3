"""Levers in a planner's own file: what was moved is changed, and nothing else."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from patrolplan.errors import ScenarioError
from patrolplan.figures import PathText
from patrolplan.inputs import list_inputs
from patrolplan.scenario import LAYER_FILES, Scenario, read_scenario
from patrolplan.serving.levers import Original, check_levers, pull, read_levers
from patrolplan.shipped import find_main_scenario
from theatre import copy_theatre

MAIN = find_main_scenario()
ORIGINAL = Original.read(MAIN, MAIN.parent / "saved.toml")
LEVERS = read_levers(ORIGINAL.scenario).model_dump(mode="json")


def move(original=ORIGINAL, **changes) -> Scenario:
    return pull(original, check_levers(original, LEVERS | changes))


def list_fields(scenario: Scenario) -> dict:
    return {name: getattr(scenario, name) for name in Scenario.model_fields}


def test_levers_that_are_left_alone_leave_the_file_as_it_is() -> None:
    moved = move()
    assert moved.content == MAIN.read_bytes()
    assert moved.path.name == "saved.toml"


def test_only_what_is_moved_is_changed_and_comments_stay() -> None:
    moved = move(seed=7, closed=["koriome-ferry"], lifted=["flood-delta-akka"])
    old = MAIN.read_text("utf-8").splitlines()
    new = moved.content.decode("utf-8").splitlines()
    assert [line for line in old if line not in new] == ["seed = 42"]
    lines = ["[lines]", 'closed = ["koriome-ferry"]', 'lifted = ["flood-delta-akka"]']
    added = ["seed = 7", *lines]
    assert [line for line in new if line not in old] == added
    assert move(seed=str(2**63 - 1)).seed == 2**63 - 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    seed=st.integers(0, 2**63 - 1),
    iterations=st.integers(0, 200_000),
    closed=st.lists(
        st.text(min_size=1, max_size=20).map(lambda t: t.replace("@", "-"))
    ),
    goes=st.lists(st.booleans(), min_size=6, max_size=6).filter(any),
    max_days=st.lists(st.integers(3, 60), min_size=6, max_size=6),
    rises=st.lists(st.floats(0, 1), min_size=5, max_size=5).map(sorted),
    threat=st.integers(0, 100),
)
def test_what_is_read_back_is_what_was_moved(
    start, seed, iterations, closed, goes, max_days, rises, threat
) -> None:
    own = ORIGINAL.scenario
    teams = [
        {"id": team.id, "goes": out, "max_days": days}
        for team, out, days in zip(own.teams, goes, max_days, strict=True)
    ]
    risks = dict(zip("12345", rises, strict=True))
    factors = {
        "threat": threat / 100,
        "vulnerability": 1 - threat / 100,
        "capacity": 0.0,
    }
    moved = move(
        start=str(start),
        seed=seed,
        iterations=iterations,
        closed=closed,
        teams=teams,
        risk_weights=risks,
        factor_weights=factors,
    )
    expected = own.replace(
        start=start,
        seed=seed,
        iterations=iterations,
        lines=own.lines.model_copy(update={"closed": tuple(closed)}),
        teams=[
            team.model_copy(update={"max_days": days})
            for team, out, days in zip(own.teams, goes, max_days, strict=True)
            if out
        ],
        need=own.need.model_copy(
            update={"risk_weights": risks, "factor_weights": factors}
        ),
    )
    assert list_fields(moved) == list_fields(expected)
    assert moved.days[-1] == start + timedelta(days=own.horizon_days - 1)


def test_the_text_of_levers_is_what_a_file_of_it_is_read_as(tmp_path) -> None:
    theatre = copy_theatre(tmp_path / "theatre")
    original = Original.read(theatre.file, theatre.folder / "saved.toml")
    moved = move(original, seed=7)
    before = list_inputs(moved)
    moved.path.write_bytes(moved.content)
    read = read_scenario(moved.path)
    assert list_inputs(read) == before
    assert list_fields(read) == list_fields(moved)


@pytest.mark.parametrize(
    "text",
    [
        '[layers]\nfolder = "layers"\n',
        '[layers]\nfolder = "layers"\nlines = "layers/lines/lines.geojson"\n',
        'layers.folder = "layers"\n',
        'layers = { folder = "./layers" }\n',
    ],
)
def test_paths_lead_to_the_same_files_from_another_folder(tmp_path, text) -> None:
    theatre = copy_theatre(tmp_path / "theatre")
    top, _, teams = theatre.file.read_text("utf-8").partition("[layers]\n")
    teams = teams.partition("\n\n")[2]
    theatre.file.write_text(
        f"{top}{text}\n{teams}\n"
        '[visits]\nlogs = ["log.csv", "older/plan.json"]\n'
        '[incidents]\nfile = "incidents.csv"\n'
        '[network]\nfile = "roads.pbf"\nrules = "rules.csv"\n'
        '[open_ground]\nfriction = "friction.tif"\n'
        '[[lines.avoid]]\nname = "a"\nfile = "areas.geojson"\n',
        encoding="utf-8",
    )
    (tmp_path / "mine").mkdir()
    old = read_scenario(theatre.file)
    new = Original.read(theatre.file, tmp_path / "mine" / "saved.toml").scenario
    layers = [*LAYER_FILES, "mandate", "elevation"]
    pairs = [
        *((old.find_layer(layer), new.find_layer(layer)) for layer in layers),
        (old.incident_file, new.incident_file),
        (old.road_figures.file, new.road_figures.file),
        (old.road_figures.rules, new.road_figures.rules),
        (
            old.path.parent / old.lines.avoid[0].file,
            new.path.parent / new.lines.avoid[0].file,
        ),
        (
            old.path.parent / old.open_ground.friction,
            new.path.parent / new.open_ground.friction,
        ),
        *(
            (old.path.parent / a, new.path.parent / b)
            for a, b in zip(old.visits.logs, new.visits.logs, strict=True)
        ),
    ]
    for was, now in pairs:
        resolved = [(tmp_path / path).resolve() for path in (was, now)]
        assert resolved[0] == resolved[1]
    assert str(tmp_path) not in new.content.decode("utf-8")


def test_no_field_of_a_scenario_names_a_file_that_is_not_moved() -> None:
    """A new field with a path must be moved too; its name is to be added here then."""

    def list_paths(model: type[BaseModel], above: str = "") -> set[str]:
        found = set()
        for name, field in model.model_fields.items():
            shape = repr(field.annotation) + repr(field.metadata)
            if r"^[^\\x00]+$" in shape:
                found.add(f"{above}{name}")
            for part in list_models(field.annotation):
                found |= list_paths(part, f"{above}{name}.")
        return found

    def list_models(kind) -> list[type[BaseModel]]:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return [kind]
        return [m for arg in getattr(kind, "__args__", ()) for m in list_models(arg)]

    assert repr(PathText)
    found = list_paths(Scenario)
    layers = {name for name in found if name.startswith("layers.")}
    assert len(layers) == len(LAYER_FILES) + 3
    assert found - layers == {
        "incidents.file",
        "lines.avoid.file",
        "network.file",
        "network.rules",
        "open_ground.elevation",
        "open_ground.friction",
        "open_ground.land_cover",
        "visits.logs",
    }


@pytest.mark.parametrize("asked", [None, 7, "x", [], {}, {"start": "2014-11-03"}])
def test_what_is_no_levers_is_refused_with_its_faults(asked) -> None:
    with pytest.raises(ScenarioError) as caught:
        check_levers(ORIGINAL, asked)
    assert {fault.file for fault in caught.value.faults} == {"saved.toml"}


def test_the_saved_text_is_toml_of_the_same_tables() -> None:
    moved = move(closed=['a"b', "]"], risk_weights=LEVERS["risk_weights"] | {"5": 0.9})
    document = tomllib.loads(moved.content.decode("utf-8"))
    assert document["lines"]["closed"] == ['a"b', "]"]
    assert document["need"]["risk_weights"]["5"] == 0.9
    assert document["need"]["min_unknown_visits"] == 1
