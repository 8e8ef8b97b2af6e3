"""Themes A to K: each changes which visits are planned, and how a stop is described."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.errors import LayerError
from patrolplan.layers.schema import THEME_LAYERS
from patrolplan.need import read_mandate, tabulate_line_needs, weigh_themes
from patrolplan.scenario import LAYER_FILES, MANDATE_FILE, read_scenario
from patrolplan.shipped import find_shipped
from patrolplan.study import build_question, plan_patrols

GEO = find_shipped() / "data" / "geo"
MANDATE = read_mandate(GEO / MANDATE_FILE)
ROLES = sorted({role for _, rule in MANDATE.list_rules() for role in rule.roles})
THEMES = "ABCDEFGHIJK"

# Two towns, east and west of the base, of which a patrol can visit one. East has 19,990
# people at risk 3: 19,990 x 0.45 = 8,995.5. West has 20,000 at risk 2.99: 20,000 x
# 0.4475 = 8,950. So all go east, but for a theme that adds more than 45.5 in the west.
SITES = {"home": (0.0, 1000), "east": (1.0, 19_990), "west": (-1.0, 20_000)}
LEVELS = {"east": 3.0, "west": 2.99}
# Rows that bring a theme to the west; of seats one in the east, far from the west.
ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "D": ("women_children", {"level": "4"}),
    "E": ("seats", {"near_site_id": "east"}),
    "F": ("human_rights", {"level": "4"}),
    "G": ("movements", {"persons": "3000"}),
    "H": ("seats", {"near_site_id": "east"}),
    "I": ("polling", {}),
    "J": ("markets", {"day": "tuesday", "distance_km": "0"}),
    "K": ("observation", {"illustrative": "true"}),
}
PURPOSES = {
    "A": "show_presence",
    "B": "respond_to_threat",
    "C": "reach_beyond_bases",
    "D": "protect_women_children",
    "E": "check_access_to_care",
    "F": "monitor_human_rights",
    "G": "ask_after_returns",
    "H": "see_far_from_state",
    "I": "look_at_polling_place",
    "J": "listen_at_market",
    "K": "observe_ceasefire",
}
# What each adds in the west with all roles, and without any, worked by hand:
# A 20,000 x 0.02, half of it; B at risk 2 is 20,000 x 0.2, half of it; C x 0.05, half;
# D and F 20,000 x 0.1 x 4/5, 0.3 and 0.2 of it; E x 0.03, none; G 3,000 x 0.05, half,
# and 200 for the corridor in any case; H x 0.02, half; I 100, half; J x 0.05, 0.3; K
# 300, 0.3.
PARTS = {
    "A": (400, 200),
    "B": (4000, 2000),
    "C": (1000, 500),
    "D": (1600, 480),
    "E": (600, 0),
    "F": (1600, 320),
    "G": (350, 275),
    "H": (400, 200),
    "I": (100, 50),
    "J": (1000, 300),
    "K": (300, 90),
}


@dataclass
class Towns:
    """A folder with the two towns, to be planned with and without a theme."""

    folder: Path

    def write_features(self, layer: str, features: list[dict[str, Any]]) -> None:
        path = self.folder / LAYER_FILES[layer]
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {"type": "FeatureCollection", "features": features}
        path.write_text(json.dumps(document), encoding="utf-8")

    def write_rows(self, layer: str, rows: list[dict[str, str]]) -> None:
        path = self.folder / LAYER_FILES[layer]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def write(self, levels: dict[str, float]) -> None:
        """Write the layers that every scenario must have."""
        self.write_features(
            "population",
            [
                {
                    "type": "Feature",
                    "properties": {
                        "id": key,
                        "name": key.title(),
                        "population": people,
                        "population_scope": "town",
                    },
                    "geometry": {"type": "Point", "coordinates": [lon, 16.0]},
                }
                for key, (lon, people) in SITES.items()
            ],
        )
        self.write_features(
            "lines",
            [
                {
                    "type": "Feature",
                    "properties": {
                        "id": f"home-{key}",
                        "kind": "track",
                        "surface": "track",
                        "length_km": 120,
                        "hazard": 2,
                    },
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [[0.0, 16.0], [SITES[key][0], 16.0]],
                    },
                }
                for key in ("east", "west")
            ],
        )
        self.write_features(
            "zones",
            [
                {
                    "type": "Feature",
                    "properties": {"id": f"z-{key}", "name": key, "level": level},
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [
                            [
                                [SITES[key][0] + dx, 16.0 + dy]
                                for dx, dy in (
                                    (-0.5, -0.5),
                                    (0.4, -0.5),
                                    (0.4, 0.5),
                                    (-0.5, 0.5),
                                    (-0.5, -0.5),
                                )
                            ]
                        ],
                    },
                }
                for key, level in levels.items()
            ],
        )
        # The outpost makes the east lie within 50 km of a base; no team is there.
        bases = {"camp": 0.0, "outpost": 1.3}
        self.write_rows(
            "bases",
            [
                {"id": key, "name": key, "lon": f"{lon}", "lat": "16"}
                for key, lon in bases.items()
            ],
        )
        speeds = self.folder / LAYER_FILES["speeds"]
        speeds.parent.mkdir(parents=True, exist_ok=True)
        speeds.write_bytes((GEO / LAYER_FILES["speeds"]).read_bytes())

    def write_mandate(self, themes: str) -> None:
        """Keep some sentences of the built-in mandate, in its own words."""
        text = (GEO / MANDATE_FILE).read_text(encoding="utf-8")
        head, *parts = re.split(r"(?m)^(?=\[\[sentences\]\]$)", text)
        kept = [part for part in parts if part.split('"')[1] in themes]
        assert len(kept) == len(set(themes))
        (self.folder / MANDATE_FILE).write_text(head + "".join(kept), encoding="utf-8")

    def add_theme(self, theme: str) -> None:
        """Add the layer of a theme."""
        layer, cells = ROWS[theme]
        row = {"id": "row", "name": "Row", "near_site_id": "west"} | cells
        self.write_rows(layer, [row])

    def build(self, *teams: list[str], sites: str = "") -> Path:
        """Write the scenario: three days, and a range for one town."""
        tables = "".join(
            f"""
[[teams]]
id = "t{number}"
base = "camp"
vehicle = "light_4x4"
max_days = 3
range_km = 300
roles = {json.dumps(roles)}
"""
            for number, roles in enumerate(teams)
        )
        path = self.folder / "towns.toml"
        path.write_text(
            f"""
format = "patrolplan-scenario/1"
name = "towns"
start = 2014-11-03
horizon_days = 3
iterations = 20
[layers]
folder = "."
[patrols]
min_days = 1
{sites}
{tables}
""",
            encoding="utf-8",
        )
        return path

    def plan_stop(self, roles: list[str], sites: str = "") -> Any:
        """Plan, and return the one visit."""
        study = plan_patrols(self.build(roles, sites=sites))
        assert study.assessment.violations == []
        # Where nothing can be earned, nothing is proven by a share of it.
        assert study.solution.need == 0 or study.solution.gap < 0.01
        (stop,) = (
            stop
            for patrol in study.plan_file.patrols
            for stop in patrol.stops
            if stop.kind == "visit"
        )
        return stop


@pytest.fixture
def towns(tmp_path) -> Towns:
    made = Towns(tmp_path / "towns")
    made.write(LEVELS)
    return made


def list_purposes(stop) -> list[str]:
    return [stop.purpose.code, *stop.purpose.values.get("also", [])]


# Each theme


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_changes_which_visit_is_planned_and_what_it_is_for(towns, theme):
    towns.write_mandate("B" if theme in "ABC" else f"B{theme}")
    before = towns.plan_stop(ROLES)
    if theme == "B":
        towns.write(LEVELS | {"west": 5.0})
    elif theme in "AC":
        towns.write_mandate(f"B{theme}")
    else:
        towns.add_theme(theme)
    after = towns.plan_stop(ROLES)

    assert (before.site_id, after.site_id) == ("east", "west")
    assert PURPOSES[theme] not in list_purposes(before)
    assert PURPOSES[theme] in list_purposes(after)
    assert theme in after.themes
    assert after.tier in {1, 2, 3}
    assert after.phase is not None


@pytest.mark.parametrize("theme", THEMES)
def test_a_stop_without_the_role_earns_less_and_says_who_is_missing(towns, theme):
    if theme == "B":
        towns.write(LEVELS | {"west": 2.0})
    towns.write_mandate(f"B{theme}")
    if theme in ROWS:
        towns.add_theme(theme)
    must = '[sites]\nrequired = ["west"]'
    full, less = towns.plan_stop(ROLES, must), towns.plan_stop([], must)

    rest = 0 if theme == "B" else 20_000 * 0.4475
    assert full.need_earned == pytest.approx(rest + PARTS[theme][0])
    assert less.need_earned == pytest.approx(rest + PARTS[theme][1])
    assert "absent_roles" not in full.purpose.values
    assert set(full.roles) == set(less.purpose.values["absent_roles"])
    assert less.roles == []


def test_a_market_is_visited_on_its_day_and_says_so_first(towns):
    towns.write_mandate("BJ")
    towns.add_theme("J")
    stop = towns.plan_stop(ROLES)
    # Monday 3 November 2014 is the first day: Tuesday is the 4th.
    assert stop.arrive.date().isoformat() == "2014-11-04"
    assert (stop.purpose.code, stop.tier, stop.phase) == (
        "listen_at_market",
        1,
        "prevention",
    )


def test_two_market_days_are_one_market_on_either_day(towns):
    """8,950 of civilians at risk and 20,000 x 0.05 of the market, once."""
    towns.write_mandate("BJ")
    row = {"name": "Row", "near_site_id": "west", "distance_km": "0"}
    days = [row | {"id": day, "day": day} for day in ("monday", "tuesday")]
    for order in (days, days[::-1]):
        towns.write_rows("markets", order)
        study = plan_patrols(towns.build(ROLES))
        (west,) = (site for site in study.plan_file.sites if site.id == "west")
        assert west.themes == pytest.approx({"B": 8950, "J": 1000})
        # A Monday and a Tuesday.
        starts = [start.date().isoformat() for start, _ in west.windows]
        assert starts == ["2014-11-03", "2014-11-04"]


def test_a_market_of_no_day_of_the_horizon_keeps_nobody_away(towns):
    towns.write_mandate("BJ")
    row = {"id": "row", "name": "Row", "near_site_id": "east", "distance_km": "0"}
    towns.write_rows("markets", [row | {"day": "sunday"}])
    stop = towns.plan_stop(ROLES)
    assert (stop.site_id, stop.themes) == ("east", ["B"])


def test_a_calendar_of_other_days_asks_for_nothing(towns):
    towns.write_mandate("BJ")
    row = {"id": "x", "name": "x", "near_site_id": "west"}
    towns.write_rows("pastoral", [row | {"from_day": "12-01", "to_day": "01-31"}])
    assert towns.plan_stop(ROLES).site_id == "east"
    # Over the new year, and into these days.
    towns.write_rows("pastoral", [row | {"from_day": "11-04", "to_day": "01-31"}])
    stop = towns.plan_stop(ROLES)
    assert (stop.site_id, stop.purpose.code) == ("west", "mediate_herding")


def test_what_is_made_up_is_labelled_at_the_stop(towns):
    towns.write_mandate("BK")
    towns.add_theme("K")
    assert towns.plan_stop(ROLES).purpose.values["illustrative"] is True


def test_a_mixed_roster_counts_a_role_only_where_no_other_team_may_go(towns):
    towns.write_mandate("BD")
    towns.add_theme("D")
    skilled = ["women_protection_adviser", "child_protection_adviser", "women_in_team"]

    def weigh(sites: str = "") -> float:
        question = build_question(towns.build(skilled, [], sites=sites))
        return question.need.at["west", "visit"].needs["D"]

    # Either team may go: 0.3 of 1,600.
    assert weigh() == pytest.approx(480)
    asked = f'[[sites.visits]]\nsite = "west"\nroles = {json.dumps(skilled)}'
    assert weigh(asked) == pytest.approx(1600)


def test_the_scenario_goes_before_the_themes(towns):
    towns.write_mandate("BJK")
    towns.add_theme("J")
    towns.add_theme("K")
    own = """
[[sites.visits]]
site = "west"
dwell_min = 30
windows = ["wed 06:00-18:00"]
cadence_days = 2
"""
    site = build_question(towns.build(ROLES, sites=own)).problem.sites[2]
    assert (site.id, site.dwell_min, site.cadence_days) == ("west", 30, 2)
    (window,) = site.windows_min
    assert window == (2 * 1440 + 360, 2 * 1440 + 1080)


def test_the_themes_say_how_long_when_and_how_often(towns):
    towns.write_mandate("BFJK")
    for theme in "FJK":
        towns.add_theme(theme)
    site = build_question(towns.build(ROLES)).problem.sites[2]
    # The human-rights visit takes longest, beside all else.
    assert (site.dwell_min, site.cadence_days) == (240, 28)
    assert site.windows_min == ((1440 + 360, 1440 + 1080),)
    # No theme makes a role a must: who lacks one earns less.
    assert site.roles == ()


def test_without_a_mandate_all_need_is_of_civilians_at_risk(towns):
    stop = towns.plan_stop([])
    assert (stop.site_id, stop.themes) == ("east", ["B"])
    assert stop.purpose.code == "visit_civilians_at_risk"
    assert (stop.tier, stop.phase) == (None, None)


# Totals of regions, and lines


def test_a_total_of_regions_is_spread_by_people_and_adds_up(study):
    need = study.need
    movements = study.layers.themes["movements"].set_index("id")
    rule = next(
        r
        for _, r in MANDATE.list_rules()
        if (r.layer, r.counts) == ("movements", "persons")
    )
    free = need[need["held_by"].isna() & need["need"].notna()]
    # Gossi: 24,521 people. Displaced of the north spread over the sites of three
    # regions, returnees over those of four.
    regions = study.layers.population.set_index("id")["region_2014"]
    north = need["people"][regions[need.index] != "Mopti"].sum()
    expected = rule.share * (
        movements.at["displaced-north", "persons"] * 24_521 / north
        + movements.at["returnees", "persons"] * 24_521 / need["people"].sum()
    )
    camp = 0.02 * 24_521
    assert free.at["gossi", "visit"].needs["G"] == pytest.approx(expected + camp)


def test_a_line_earns_by_its_length_and_hazard_and_unknown_is_not_zero(towns, study):
    layers = build_question(towns.build(ROLES)).layers
    needs = tabulate_line_needs(layers.lines, MANDATE)
    # 120 km at hazard 2, one point each.
    assert needs["need"].to_dict() == {"home-east": 240, "home-west": 240}
    assert needs["theme"].unique().tolist() == ["A"]
    assert needs.at["home-east", "source"] == "120 km x hazard 2 x 1"
    lines = layers.lines.assign(hazard=[np.nan, 0.0])
    ours = tabulate_line_needs(lines, MANDATE)["need"]
    assert np.isnan(ours["home-east"])
    assert ours["home-west"] == 0
    built_in = tabulate_line_needs(study.layers.lines, MANDATE)
    ferries = study.layers.lines.set_index("id")["kind"].isin(["ferry", "river"])
    assert not set(built_in.index) & set(ferries.index[ferries])
    assert (built_in["need"] > 0).sum() > 20
    assert tabulate_line_needs(lines, None).empty


# The built-in theatre


def test_the_parts_of_every_site_add_up_to_its_need(study):
    for site in study.need.itertuples():
        parts = site.visit.needs
        if np.isnan(site.need):
            assert parts == {}
            continue
        assert sum(parts.values()) == pytest.approx(site.need, rel=1e-12)
        if site.held_by is None:
            assert parts["B"] == pytest.approx(site.risk_need, rel=1e-12)
        else:
            assert (parts, site.need) == ({}, 0)
    for site in study.plan_file.sites:
        assert sum(site.themes.values()) == pytest.approx(site.need or 0, rel=1e-12)


def test_every_theme_has_a_site_in_the_built_in_theatre(study):
    assert {t for site in study.plan_file.sites for t in site.themes} == set(THEMES)
    assert [part.theme for part in MANDATE.sentences] == list(THEMES)
    assert all(part.visits for part in MANDATE.sentences)


def test_gossi_re_adds_by_hand(study):
    """24,521 people at risk 4.3, beyond the bases, with a market, a camp, an adviser.

    Risk 0.4 x 4 + 0.3 x 4 + 0.3 x (6 - 1) = 4.3, r 0.75 + 0.3 x (1 - 0.75) = 0.825.
    B 24,521 x 0.825; A x 0.02; C x 0.05; D x 0.1 x 4/5; E x 0.03; H x 0.02; J x 0.05; I
    100; G is tested above.
    """
    parts = dict(study.need.at["gossi", "visit"].needs)
    parts.pop("G")
    shares = {"A": 0.02, "B": 0.825, "C": 0.05, "D": 0.08, "E": 0.03, "H": 0.02}
    expected = {theme: 24_521 * share for theme, share in shares.items()}
    expected |= {"I": 100, "J": 24_521 * 0.05}
    assert parts == pytest.approx(expected)


def test_every_stop_of_the_built_in_plan_names_a_sentence(study):
    stops = [s for p in study.plan_file.patrols for s in p.stops]
    visits = [stop for stop in stops if stop.kind == "visit"]
    assert len(visits) > 10
    for stop in visits:
        assert set(stop.themes) <= set(THEMES)
        assert stop.themes
        assert stop.tier in {1, 2, 3}
        assert stop.phase in {"prevention", "pre-emption", "response", "consolidation"}
        assert stop.purpose is not None
    assert {stop.tier for stop in visits} == {1, 2, 3}
    assert all(s.themes == [] and s.tier is None for s in stops if s.kind != "visit")


def test_an_unknown_site_is_visited_to_find_out_and_earns_nothing(towns):
    towns.write({"east": 3.0})
    towns.write_mandate(THEMES)
    must = '[sites]\nrequired = ["west"]'
    stop = towns.plan_stop(ROLES, must)
    assert (stop.purpose.code, stop.need_earned) == ("find_out", 0)
    # What else is known to be asked there is told, and what it earns is not.
    assert {"A", "B", "C"} <= set(stop.themes)
    assert build_question(towns.build(ROLES)).need["need"].isna()["west"]


# Of each table, its rows must say whence they are, or that they were made up.


@pytest.mark.parametrize("layer", THEME_LAYERS)
def test_rows_of_a_theme_are_sourced_assumed_or_labelled_illustrative(layers, layer):
    table = layers.themes[layer]
    assert len(table)
    assert table["source"].notna().all()
    assert table["as_of"].notna().all()
    made_up = table["illustrative"] == True  # noqa: E712 - None is not
    told = table["source"].str.startswith("illustrative")
    assert (made_up | ~told).all()
    sources = tomllib.loads((GEO / "sources.toml").read_text(encoding="utf-8"))
    assert {"source", "licence", "date"} == set(sources[layer])
    if layer in {"camps", "schools", "observation", "women_children", "human_rights"}:
        assert made_up.all()
        assert table["name"].str.endswith("(illustrative)").all()
    if layer in {"seats", "polling"}:
        assert (table["assumed"] == True).all()  # noqa: E712


def test_there_is_a_seat_in_each_of_the_21_cercles(layers):
    cercles = layers.population.set_index("id")["cercle_2014"]
    seats = layers.themes["seats"]["near_site_id"]
    assert sorted(cercles[seats]) == sorted(set(cercles) - {None})
    assert len(seats) == 21


@pytest.mark.parametrize("layer", ["seats", "polling"])
def test_derived_tables_are_what_the_script_makes_of_the_sites(layer):
    rebuild = GEO / "_rebuild" / "themes.py"
    spec = importlib.util.spec_from_file_location("themes_script", rebuild)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    document = json.loads((GEO / LAYER_FILES["population"]).read_text("utf-8"))
    sites = [feature["properties"] for feature in document["features"]]
    with (GEO / LAYER_FILES[layer]).open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    made = getattr(script, f"build_{layer}")(sites)
    assert kept == [
        {name: row.get(name, "") for name in script.COLUMNS} for row in made
    ]


def test_no_row_of_a_theme_is_drawn_or_named_in_a_pack(study, tmp_path):
    from patrolplan.products.maps import write_map

    page = write_map(study.plan_file, study.layers, tmp_path / "map.html")
    text = page.read_text(encoding="utf-8")
    for layer in ("seats", "camps", "schools", "observation"):
        table = study.layers.themes[layer]
        for cell in [*table["id"], *table["name"]]:
            assert cell not in text


# What is refused


def refuse(tmp_path, old: str, new: str) -> str:
    text = (GEO / MANDATE_FILE).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mandate.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_mandate(path)
    return str(caught.value.faults[0])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tier = 2", "tier = 4", "tier"),
        ('phase = "response"', 'phase = "attack"', "phase"),
        ('layer = "seats"', 'layer = "targets"', "layer"),
        ('theme = "B"', 'theme = "A"', "theme 'A' twice"),
        ("min_people = 20000", "leads_from_level = 4", "a table's rows or of zones"),
        ('hours = "06:00-18:00"', 'hours = "18:00-06:00"', "end before it begins"),
        ('counts = "risk"', 'counts = "persons"', "persons of a table"),
        ("points = 1.0", "points = nan", "points"),
        ("share = 0.02", "share = -0.02", "share"),
        ('theme = "A"', "theme = A", "TOML"),
    ],
)
def test_a_mandate_that_cannot_be_meant_is_refused(tmp_path, old, new, told):
    assert told in refuse(tmp_path, old, new)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"near_site_id": "nowhere"}, "near_site_id"),
        ({"from_day": "11-31", "to_day": "12-01"}, "from_day"),
        ({"from_day": "2014-W1", "to_day": "12-01"}, "from_day"),
        ({"from_day": "11-30"}, "to_day"),
        ({"level": "6"}, "level"),
        ({"day": "someday"}, "day"),
    ],
)
def test_a_row_of_a_theme_that_cannot_be_meant_is_refused(towns, cells, told):
    row = {"id": "row", "name": "Row", "near_site_id": "west"} | cells
    towns.write_rows("pastoral", [row])
    with pytest.raises(LayerError) as caught:
        build_question(towns.build(ROLES))
    assert any(told in str(fault) for fault in caught.value.faults)


@settings(max_examples=10)
@given(st.lists(st.sampled_from(ROLES), max_size=9).map(set), st.sampled_from(ROLES))
def test_one_more_role_never_earns_less(study, roles, more):
    def weigh(team: set[str]) -> Any:
        bare = study.need.assign(need=study.need["risk_need"])
        return weigh_themes(
            bare, study.layers, MANDATE, days=study.scenario.days, teams=[team]
        )["need"]

    assert (weigh(roles | {more}).fillna(0) >= weigh(roles).fillna(0) - 1e-9).all()


def test_the_mandate_is_an_input_of_the_plan_with_its_hash(study):
    names = [Path(entry.path).name for entry in study.plan_file.inputs]
    assert MANDATE_FILE in names
    assert {f"{layer}.csv" for layer in THEME_LAYERS} <= set(names)
    scenario = read_scenario(find_shipped() / "scenarios" / "north-mali.toml")
    assert scenario.find_layer("mandate").name == MANDATE_FILE


@pytest.mark.parametrize(
    ("site", "lead", "tier", "phase"),
    [
        # A market day says when to come; risk 5; an adviser's level of 4, twice, and of
        # 3 at risk 4; risk 2; nothing known.
        ("gossi", "listen_at_market", 1, "prevention"),
        ("abeibara", "respond_to_threat", 2, "response"),
        ("talataye", "monitor_human_rights", 3, "response"),
        ("anderamboukane", "protect_women_children", 3, "prevention"),
        ("bamba", "visit_civilians_at_risk", 2, "pre-emption"),
        ("bankass", "listen_for_early_warning", 1, "prevention"),
        ("ber", "find_out", 1, "prevention"),
        ("tenenkou", "mediate_herding", 1, "pre-emption"),
        # A base holds these: what is left to do there is not about risk.
        ("goundam", "ask_after_returns", 3, "consolidation"),
        ("aguelhok", "check_access_to_care", 3, "response"),
    ],
)
def test_what_leads_gives_a_visit_its_tier_and_phase(study, site, lead, tier, phase):
    visit = study.need.at[site, "visit"]
    assert (visit.purposes[0], visit.tier, visit.phase) == (lead, tier, phase)
