"""A grid file: what it makes, and what is refused."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolplan.errors import ScenarioError
from patrolplan.grid import MAX_VARIANTS, read_grid
from patrolplan.products.files import slug_name
from patrolplan.shipped import find_shipped

SCENARIOS = find_shipped() / "scenarios"


def write(folder, axes: str, head: str = "") -> object:
    main = json.dumps((SCENARIOS / "north-mali.toml").as_posix())
    path = folder / "grid.toml"
    text = f'format = "patrolplan-grid/1"\nscenario = {main}\n{head}\n{axes}'
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_grid_has_twelve_variants() -> None:
    variants = read_grid(SCENARIOS / "season-grid.toml")
    assert len(variants) == 12
    assert [v.name for v in variants[:3]] == [
        "dry-six-open",
        "dry-six-rn19-closed",
        "dry-four-open",
    ]
    last = variants[-1]
    assert last.settings == (
        ("season", "november"),
        ("roster", "four"),
        ("roads", "rn19-closed"),
    )
    assert last.scenario.start == date(2014, 11, 3)
    assert {t.id for t in last.scenario.teams} == {
        "gao",
        "kidal",
        "sevare",
        "tombouctou",
    }
    assert last.scenario.lines.closed == ("gao-almoustarat", "bourem-almoustarat")
    assert {v.scenario.iterations for v in variants} == {1000}


def test_values_change_what_they_name_and_nothing_else(tmp_path) -> None:
    axes = """
[grid.a]
x = { movement = { time_factor = 1.25 }, teams = { gao = { max_days = 5 } } }
[grid.b]
y = { close = ["anefis-kidal"], lift = ["row"] }
[grid.c]
z = { close = ["ansongo-ferry"], need = { risk_weights = { 5 = 0.9 } } }
"""
    (variant,) = read_grid(write(tmp_path, axes))
    scenario, base = variant.scenario, read_grid(SCENARIOS / "season-grid.toml")[8]
    assert scenario.movement.time_factor == 1.25
    assert {t.id: t.max_days for t in scenario.teams} == {
        t.id: 5 if t.id == "gao" else t.max_days for t in base.scenario.teams
    }
    # Lists of several axes add up; a table keeps what is not named.
    assert scenario.lines.closed == ("anefis-kidal", "ansongo-ferry")
    assert scenario.lines.lifted == ("row",)
    known = base.scenario.need.risk_weights
    assert scenario.need.risk_weights == {**known, "5": 0.9}
    assert scenario.water == base.scenario.water


def test_a_variant_that_cannot_be_meant_bears_its_faults_alone(tmp_path) -> None:
    axes = """
[grid.a]
good = {}
unknown = { movment = { time_factor = 1.25 } }
team = { without_teams = ["gao", "nobody"] }
wrong = { horizon_days = -1 }
"""
    good, unknown, team, wrong = read_grid(write(tmp_path, axes))
    assert good.faults == ()
    assert "movment" in str(unknown.faults[0])
    assert "team 'nobody'" in str(team.faults[0])
    assert "grid.a.team" in str(team.faults[0])
    assert "horizon_days" in str(wrong.faults[0])
    assert [v.scenario for v in (unknown, team, wrong)] == [None] * 3


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ("", "grid"),
        ("[grid.a]", "grid.a"),
        ("[grid.a]\nGood = {}", "grid.a.Good"),
        ('[grid.a]\n"a--b" = {}', "a--b"),
        ('[grid.a]\n"../up" = {}', "../up"),
        ("[grid.a]\nx = { name = 'y' }", "names are made from the axes"),
        ("[grid.a]\nnul = {}", "device"),
        ("[grid.a]\na-b = {}\na = {}\n[grid.b]\nc = {}\nb-c = {}", "a-b-c"),
        ("[grid.a]\nx = { close = 3 }", "close"),
        (
            "\n".join(
                f"[grid.{axis}]\n" + "\n".join(f"{axis}{n} = {{}}" for n in range(11))
                for axis in "abc"
            ),
            f"at most {MAX_VARIANTS}",
        ),
        ("[grid", "TOML"),
    ],
)
def test_a_grid_that_cannot_be_meant_is_refused(tmp_path, axes, said) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_grid(write(tmp_path, axes))
    assert said in " ".join(str(fault) for fault in caught.value.faults)


def test_all_faults_of_a_grid_are_told_at_once(tmp_path) -> None:
    path = write(tmp_path, "[grid.a]\nx = { name = 'y' }\ncon = {}")
    path.write_text(path.read_text("utf-8").replace("north-mali", "nowhere"), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_grid(path)
    assert len(caught.value.faults) == 3


WORDS = st.from_regex(r"\A[a-z0-9_]{1,3}(-[a-z0-9_]{1,3})?\Z")


@given(
    st.lists(
        st.lists(WORDS, min_size=1, max_size=3, unique=True), min_size=1, max_size=3
    )
)
def test_names_are_folders_of_their_own_on_every_file_system(axes) -> None:
    import tempfile
    from pathlib import Path

    text = "\n".join(
        f"[grid.axis{place}]\n" + "\n".join(f'"{value}" = {{}}' for value in values)
        for place, values in enumerate(axes)
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            variants = read_grid(write(Path(folder), text))
        except ScenarioError:
            return
    folders = {slug_name(variant.name).casefold() for variant in variants}
    assert len(folders) == len(variants)
    # A name may begin with what a scenario's may not; then that variant says so.
    assert all(v.faults or v.scenario.name == v.name for v in variants)
