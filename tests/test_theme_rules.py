"""The rules of themes one by one: limits at their edges, sums and orders by hand."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from patrolplan.geodesy import WGS84
from patrolplan.need import tabulate_line_needs, weigh_themes
from patrolplan.need.mandate import Mandate, Sentence, VisitRule
from patrolplan.windows import read_window

# A Monday and the day after it.
DAYS = (date(2014, 11, 3), date(2014, 11, 4))
ASKS = {
    "purpose": "look",
    "counts": "points",
    "points": 10.0,
    "tier": 2,
    "phase": "prevention",
}
CELLS = {
    "near_site_id": "ber",
    "distance_km": 0.0,
    "region": None,
    "persons": np.nan,
    "level": np.nan,
    "day": None,
    "from_day": None,
    "to_day": None,
    "illustrative": None,
}


def ask(*rules, **more) -> Mandate:
    """A mandate of one sentence for each rule, A, B and so on."""
    sentences = [
        Sentence(theme=chr(65 + n), en="x", fr="x", visits=(VisitRule(**ASKS | rule),))
        for n, rule in enumerate(rules or (more,))
    ]
    return Mandate(format="patrolplan-mandate/1", source="x", sentences=sentences)


def build_need(**sites):
    """A need table of sites, each with what differs from a town of 100 at risk 3."""
    rows = {
        site: {
            "people": 100.0,
            "risk": 3.0,
            "need": 50.0,
            "beyond_base": False,
            "held_by": None,
            "at": (0.0, 16.0),
        }
        | told
        for site, told in sites.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("site_id")
    frame["held_by"] = frame["held_by"].astype(object)
    points = gpd.points_from_xy(*zip(*frame.pop("at"), strict=True))
    return gpd.GeoDataFrame(frame, geometry=points, crs=WGS84)


def weigh(need, mandate, rows=(), *, layer="seats", teams=(frozenset(),), **more):
    table = pd.DataFrame([CELLS | row for row in rows], columns=list(CELLS))
    for text in ("near_site_id", "region", "day", "from_day", "to_day"):
        table[text] = table[text].astype(object).where(table[text].notna(), None)
    regions = more.pop("regions", {})
    layers = SimpleNamespace(
        population=pd.DataFrame(
            {
                "id": list(need.index),
                "region_2014": [regions.get(site) for site in need.index],
            }
        ),
        themes={layer: table},
        markets=table,
    )
    asked = {"days": DAYS, "teams": list(teams)} | more
    return weigh_themes(need, layers, mandate, **asked)


def visits_of(weighed) -> dict:
    return {site: visit for site, visit in weighed["visit"].items() if visit}


@pytest.mark.parametrize(
    ("limit", "told", "asked"),
    [
        ({"min_people": 100}, {}, True),
        ({"min_people": 101}, {}, False),
        ({"min_people": 1}, {"people": np.nan}, False),
        ({"min_people": 0}, {"people": np.nan}, True),
        ({"min_risk": 3.0}, {}, True),
        ({"min_risk": 3.1}, {}, False),
        ({"min_risk": 1.0}, {"risk": np.nan}, False),
        ({"max_risk": 3.0}, {}, False),
        ({"max_risk": 3.1}, {}, True),
        ({"max_risk": 5.0}, {"risk": np.nan}, False),
        ({"beyond_base": True}, {}, False),
        ({"beyond_base": True}, {"beyond_base": True}, True),
        ({"unknown": True}, {}, False),
        ({"unknown": True}, {"people": np.nan}, True),
        ({"unknown": True}, {"risk": np.nan}, True),
        ({"counts": "risk"}, {"people": np.nan}, False),
        ({"counts": "risk"}, {"risk": np.nan}, False),
        ({"counts": "risk"}, {}, True),
    ],
)
def test_a_limit_lets_through_what_it_says(limit, told, asked) -> None:
    """From its least on, and up to but not including its most; unknown is not high."""
    found = weigh(build_need(ber=told), ask(layer="population", **limit))
    assert ("ber" in visits_of(found)) is asked


@pytest.mark.parametrize(
    ("rule", "earned"),
    [
        ({"counts": "risk", "share": 0.5}, 25),
        ({"counts": "people", "share": 0.5}, 50),
        ({"counts": "points", "points": 7.0, "share": 0.5}, 7),
    ],
)
def test_what_counts_times_its_share_is_earned(rule, earned) -> None:
    found = weigh(build_need(ber={}), ask(layer="population", **rule))
    assert found["need"].tolist() == [earned]
    assert found["risk_need"].tolist() == [50]
    assert found["visit"].iloc[0].needs == {"A": earned}


@pytest.mark.parametrize(
    ("away_km", "asked"), [(0.0, True), (5.0, True), (5.1, False), (np.nan, True)]
)
def test_a_row_counts_up_to_its_distance(away_km, asked) -> None:
    rule = ask(layer="seats", within_km=5.0)
    found = weigh(build_need(ber={}), rule, [{"distance_km": away_km}])
    assert bool(visits_of(found)) is asked


def test_a_row_near_a_site_that_is_not_planned_is_passed_over_alone() -> None:
    rows = [{"near_site_id": "elsewhere"}, {"near_site_id": "ber"}]
    found = weigh(build_need(ber={}), ask(layer="seats"), rows)
    assert list(visits_of(found)) == ["ber"]


def test_a_level_weighs_in_fifths() -> None:
    rule = {"counts": "people", "share": 0.5}
    rows = [{"level": 4.0}, {"near_site_id": "gao", "level": np.nan}]
    found = weigh(build_need(ber={}, gao={}), ask(layer="seats", **rule), rows)
    assert found["need"].to_dict() == {"ber": 40, "gao": 50}
    points = weigh(build_need(ber={}), ask(layer="seats"), [{"level": 4.0}])
    assert points["need"].tolist() == [8]


def test_persons_of_rows_add_up_and_unknown_ones_are_no_reason_to_go() -> None:
    rule = ask(layer="movements", counts="persons", share=0.1)
    rows = [{"persons": np.nan}, {"persons": 300.0}, {"persons": 200.0}]
    found = weigh(build_need(ber={}, gao={}), rule, rows, layer="movements")
    assert found["need"].to_dict() == {"ber": 50, "gao": 0}
    rows = [{"persons": np.nan, "near_site_id": "gao"}]
    assert not visits_of(weigh(build_need(gao={}), rule, rows, layer="movements"))


def test_of_rows_that_do_not_count_persons_the_most_counts() -> None:
    rows = [{"level": 2.0}, {"level": 5.0, "illustrative": True}, {"level": 3.0}]
    found = weigh(build_need(ber={}), ask(layer="seats"), rows)
    assert found["need"].tolist() == [10]
    assert found["visit"].iloc[0].illustrative is True
    plain = weigh(build_need(ber={}), ask(layer="seats"), rows[:1])
    assert plain["visit"].iloc[0].illustrative is False


def test_a_market_is_open_on_its_day_and_of_two_days_on_either() -> None:
    rule = ask(layer="markets", hours="06:00-12:00")
    rows = [{"day": "monday"}, {"day": "tuesday"}, {"day": "friday"}]
    (visit,) = visits_of(weigh(build_need(ber={}), rule, rows)).values()
    assert visit.windows == (
        read_window("monday 06:00-12:00"),
        read_window("tuesday 06:00-12:00"),
    )
    assert not visits_of(weigh(build_need(ber={}), rule, rows[2:]))
    # A row without a day is no market day: any time will do.
    (visit,) = visits_of(weigh(build_need(ber={}), rule, [{}, rows[0]])).values()
    assert visit.windows is None


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("11-03", "11-04", (3, 4)),
        ("11-03", "11-03", (3,)),
        ("11-04", "12-01", (4,)),
        ("11-05", "12-01", ()),
        ("10-01", "11-02", ()),
        # Over the new year, from its first day to its last.
        ("11-04", "02-01", (4,)),
        ("12-01", "11-03", (3,)),
        ("12-01", "02-01", ()),
    ],
)
def test_a_calendar_holds_from_its_first_day_to_its_last(first, last, days) -> None:
    rule = ask(layer="pastoral", hours="06:00-12:00")
    rows = [{"from_day": first, "to_day": last}]
    found = visits_of(weigh(build_need(ber={}), rule, rows, layer="pastoral"))
    windows = tuple(read_window(f"2014-11-{day:02d} 06:00-12:00") for day in days)
    assert [visit.windows for visit in found.values()] == ([windows] if days else [])


def test_the_sites_far_from_every_row_are_asked_for() -> None:
    """Half a degree of latitude is 55.3 km there."""
    need = build_need(
        seat={}, near={"at": (0.0, 16.5)}, far={"at": (0.0, 17.0)}, home={"need": 9.0}
    )
    rows = [{"near_site_id": "seat"}, {"near_site_id": "home", "illustrative": True}]
    found = visits_of(weigh(need, ask(layer="seats", farther_km=55.0), rows))
    assert sorted(found) == ["far", "near"]
    assert found["far"].needs == {"A": 10}
    assert found["far"].illustrative is True
    assert found["far"].windows is None
    found = visits_of(weigh(need, ask(layer="seats", farther_km=56.0), rows[:1]))
    assert {site: visit.illustrative for site, visit in found.items()} == {"far": False}
    # Where no seat is at a site of the plan, nobody knows what is far from one.
    rows = [{"near_site_id": "elsewhere"}]
    assert not visits_of(weigh(need, ask(layer="seats", farther_km=1.0), rows))
    small = ask(layer="seats", farther_km=1.0, min_people=101)
    assert not visits_of(weigh(need, small, [{"near_site_id": "seat"}]))


def test_being_far_never_leads_before_what_earns_more() -> None:
    need = build_need(seat={}, far={"at": (0.0, 17.0)})
    far = {"layer": "seats", "farther_km": 55.0, "leads_from_level": 1.0}
    more = {"layer": "population", "points": 11.0, "purpose": "more"}
    found = weigh(need, ask(far, more), [{"near_site_id": "seat", "level": 5.0}])
    assert found.loc["far", "visit"].purposes == ("more", "look")


def test_a_layer_that_is_not_there_asks_for_nothing() -> None:
    assert not visits_of(weigh(build_need(ber={}), ask(layer="polling"), [{}]))
    assert not visits_of(weigh(build_need(ber={}), ask(layer="seats"), []))


REGIONS = {"ber": "Tombouctou", "gao": "Gao", "lere": "Tombouctou", "kidal": "Kidal"}


def test_a_total_of_regions_is_shared_out_by_people() -> None:
    """Of 600 persons 0.5 count: 300 over 100, 200 and none of unknown people."""
    need = build_need(
        ber={}, gao={"people": 200.0}, lere={"people": np.nan, "need": np.nan}, kidal={}
    )
    rows = [{"near_site_id": None, "region": "Gao | Tombouctou", "persons": 600.0}]
    rule = {"layer": "movements", "counts": "persons", "share": 0.5}
    found = weigh(need, ask(rule), rows, layer="movements", regions=REGIONS)
    assert found["need"].drop("lere").to_dict() == {"ber": 100, "gao": 200, "kidal": 0}
    assert np.isnan(found.loc["lere", "need"])
    assert sorted(visits_of(found)) == ["ber", "gao"]
    assert found.loc["ber", "visit"].windows is None
    for change in ({"at_rows": True}, {"counts": "points"}):
        told = weigh(need, ask(rule | change), rows, layer="movements", regions=REGIONS)
        assert not visits_of(told)
    for cells in ({"persons": np.nan}, {"region": None}, {"region": "Mopti"}):
        told = [rows[0] | cells]
        told = weigh(need, ask(rule), told, layer="movements", regions=REGIONS)
        assert not visits_of(told)


def test_a_total_of_regions_never_leads_before_what_earns_more() -> None:
    """Its level is that of no site: of 9 persons all count here, against 10 points."""
    row = {"near_site_id": None, "region": "Tombouctou", "level": 5.0}
    total = {"layer": "movements", "counts": "persons", "share": 1.0}
    total |= {"leads_from_level": 1.0, "purpose": "total"}
    for persons, flag, purposes in (
        (9.0, None, ("look", "total")),
        (11.0, True, ("total", "look")),
    ):
        rows = [row | {"persons": persons, "illustrative": flag}]
        asked = ask({"layer": "population"}, total)
        more = {"layer": "movements", "regions": REGIONS}
        visit = weigh(build_need(ber={}), asked, rows, **more).loc["ber", "visit"]
        assert visit.purposes == purposes
        assert visit.illustrative is (flag is True)


def test_what_is_held_earns_nothing_and_what_is_unknown_stays_so() -> None:
    need = build_need(
        held={"held_by": "base", "need": 0.0},
        lost={"held_by": "base", "need": np.nan},
        dark={"need": np.nan},
        ber={},
    )
    found = weigh(need, ask(layer="population"))
    assert found["need"].drop(["dark", "lost"]).to_dict() == {"held": 0, "ber": 10}
    assert found["need"][["dark", "lost"]].isna().all()
    assert [visit.needs for visit in found["visit"]] == [{}, {}, {}, {"A": 10}]
    assert {visit.themes for visit in found["visit"]} == {("A",)}


@pytest.mark.parametrize(
    ("teams", "hard", "earned"),
    [
        ([{"medic"}], (), 10),
        ([{"medic"}, set()], (), 3),
        ([set()], (), 3),
        ([], (), 3),
        # Only those count that may go.
        ([{"medic", "police"}, {"police"}], ("police",), 3),
        ([{"medic", "police"}, set()], ("police",), 10),
        ([{"medic"}], ("police",), 3),
    ],
)
def test_a_role_is_sure_where_every_team_that_may_go_has_it(teams, hard, earned):
    rule = ask(layer="population", roles=("medic",), absent_share=0.3)
    roles = {"ber": hard} if hard else None
    found = weigh(build_need(ber={}), rule, teams=teams, site_roles=roles)
    assert found["need"].tolist() == pytest.approx([earned])
    # What asks for no role is not lessened.
    plain = ask(layer="population", absent_share=0.3)
    found = weigh(build_need(ber={}), plain, teams=teams, site_roles=roles)
    assert found["need"].tolist() == [10]


def lead_of(*rules, rows=({},), site=None):
    """The visit that several rules make, of purposes a, b and so on."""
    told = [{"purpose": chr(97 + n)} | rule for n, rule in enumerate(rules)]
    (visit,) = weigh(build_need(ber=site or {}), ask(*told), rows)["visit"]
    return visit


def test_what_earns_most_leads_and_of_equal_ones_the_first() -> None:
    here = {"layer": "population"}
    visit = lead_of(here, here | {"points": 11.0, "tier": 1, "phase": "response"})
    assert visit.purposes == ("b", "a")
    assert (visit.tier, visit.phase) == (1, "response")
    visit = lead_of(here | {"tier": 3}, here | {"tier": 1})
    assert (visit.purposes, visit.tier) == (("a", "b"), 3)


def test_a_grave_level_goes_before_what_earns_more() -> None:
    much = {"layer": "population", "points": 99.0}
    grave = {"layer": "seats", "leads_from_level": 4.0}
    rows = [{"level": 4.0}]
    assert lead_of(much, grave, rows=rows).purposes == ("b", "a")
    assert lead_of(much, grave, rows=[{"level": 3.9}]).purposes == ("a", "b")
    assert lead_of(much, grave, rows=[{"level": np.nan}]).purposes == ("a", "b")
    # Not where it earns nothing.
    assert lead_of(much, grave | {"points": 0.0}, rows=rows).purposes == ("a", "b")
    # Of zones the level is the risk of the site; of two rows either one's.
    zone = {"layer": "zones", "leads_from_level": 3.0}
    assert lead_of(much, zone).purposes == ("b", "a")
    assert lead_of(much, zone, site={"risk": 2.9}).purposes == ("a", "b")
    rows = [{"level": 4.0}, {"level": 1.0}]
    assert lead_of(much, grave, rows=rows).purposes == ("b", "a")
    assert lead_of(much, grave, rows=rows[::-1]).purposes == ("b", "a")


def test_what_nobody_knows_leads_before_nothing() -> None:
    """Of unknown people none are counted: half a point is more."""
    people = {"layer": "population", "counts": "people", "share": 1.0}
    points = {"layer": "population", "points": 0.5}
    unknown = {"people": np.nan, "need": np.nan}
    assert lead_of(people, points, site=unknown).purposes == ("b", "a")
    assert lead_of(people, points).purposes == ("a", "b")


def test_of_several_that_lead_the_first_in_the_mandate_does() -> None:
    """And says when: of two days, two ways to find out and two grave levels."""
    dated = {"layer": "markets", "hours": "06:00-12:00"}
    later = dated | {"hours": "13:00-17:00", "points": 99.0, "tier": 3}
    visit = lead_of(dated, later, rows=[{"day": "monday"}])
    assert (visit.purposes, visit.tier) == (("a", "b"), 2)
    assert visit.windows == (read_window("monday 06:00-12:00"),)
    unknown = {"people": np.nan, "need": np.nan}
    ask_them = {"layer": "population", "unknown": True}
    more = ask_them | {"points": 99.0}
    assert lead_of(ask_them, more, site=unknown).purposes == ("a", "b")
    grave = {"layer": "seats", "leads_from_level": 4.0}
    more = grave | {"points": 99.0}
    assert lead_of(grave, more, rows=[{"level": 4.0}]).purposes == ("a", "b")


def test_finding_out_goes_before_a_grave_level_and_a_day_before_all() -> None:
    unknown = {"people": np.nan, "need": np.nan}
    grave = {"layer": "seats", "leads_from_level": 1.0, "points": 99.0}
    ask_them = {"layer": "population", "unknown": True}
    dated = {"layer": "markets", "hours": "06:00-12:00", "points": 0.0}
    rows = [{"level": 5.0, "day": "monday"}]
    visit = lead_of(grave, ask_them, rows=rows, site=unknown)
    assert visit.purposes == ("b", "a")
    assert visit.windows is None
    visit = lead_of(grave, ask_them, dated, rows=rows, site=unknown)
    assert visit.purposes == ("c", "a", "b")
    assert visit.windows == (read_window("monday 06:00-12:00"),)


def test_a_visit_takes_the_longest_time_and_the_soonest_return_asked_for() -> None:
    visit = lead_of(
        {"layer": "population", "minutes": 30.0, "roles": ("medic", "police")},
        {"layer": "population", "minutes": 90.0, "cadence_days": 30.0},
        {"layer": "population", "cadence_days": 14.0, "roles": ("police", "women")},
        {"layer": "population", "points": 0.0},
    )
    assert (visit.minutes, visit.cadence_days) == (90, 14)
    assert visit.roles == ("medic", "police", "women")
    assert visit.themes == ("A", "B", "C", "D")
    # A theme that earns nothing is served, but is no part of the need.
    assert visit.needs == pytest.approx({"A": 10, "B": 10, "C": 10})
    assert lead_of({"layer": "population"}).cadence_days is None


def test_a_rule_of_lines_asks_for_no_site() -> None:
    found = weigh(build_need(ber={}), ask(layer="lines"))
    assert not visits_of(found)
    assert found["need"].tolist() == [0]
    without = weigh(build_need(ber={}), None)
    assert without["need"].tolist() == without["risk_need"].tolist() == [50]
    assert without["visit"].tolist() == [None]


def test_a_line_earns_by_the_first_rule_that_it_is_of() -> None:
    """120 km x hazard 2 x 0.5 points = 120; 60 km x 1.5 x 4 = 360."""
    lines = pd.DataFrame(
        {
            "id": ["z", "a", "river"],
            "kind": ["track", "road", "river"],
            "length_km": [120.0, 60.0, 7.0],
            "hazard": [2.0, 1.5, np.nan],
        }
    )
    rules = [
        {"layer": "population"},
        {"layer": "lines", "points": 0.5, "kinds": ("track",), "purpose": "first"},
        {"layer": "lines", "points": 4.0, "purpose": "second"},
    ]
    table = tabulate_line_needs(lines, ask(*rules))
    assert table.index.tolist() == ["a", "river", "z"]
    assert table.index.name == "line_id"
    assert table["theme"].tolist() == ["C", "C", "B"]
    assert table["need"].tolist() == pytest.approx([360, np.nan, 120], nan_ok=True)
    assert table["purpose"].tolist() == ["second", "second", "first"]
    assert table.loc["z", "source"] == "120 km x hazard 2 x 0.5"
    assert len(tabulate_line_needs(lines, None)) == 0
