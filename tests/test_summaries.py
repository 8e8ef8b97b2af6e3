"""What results show of themselves in a notebook: short, marked, and inert."""

from __future__ import annotations

import html
import re

import geopandas as gpd
import pytest
from shapely.geometry import Point

import patrolplan as pp
from hostile_plan import ENGINES, build_hostile, pick_texts
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.solver import Progress, Solution
from patrolplan.products.progress_bar import render_bar
from patrolplan.products.summaries import render_summary
from sample_plan import build_plan

TAGS = {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}


def list_tags(page: str) -> set[str]:
    return set(re.findall(r"<([a-zA-Z!][a-z0-9]*)", page))


def read_text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_a_plan_tells_figures_patrols_gaps_and_bound() -> None:
    shown = read_text(build_plan()._repr_html_())
    assert shown.startswith("CONFIDENTIAL · DRAFT: not for use north-mali 2014-11-03")
    assert "People reached 128,336 of 646,511" in shown
    # 1 - 1 / 1.08 = 0.074074...: said to be so much at most, so rounded up.
    assert "(gap 7.41 percent at most)" in shown
    assert "2014-11-03 · 2 days Ansongo, Labbezanga 8,358" in shown
    assert "Mopti (114,296 people). Out of range" in shown
    assert "unknown is not zero" in shown


def test_broken_rules_come_first() -> None:
    broken = {"rule": "x", "patrol_id": None, "where": None, "found": 2, "limit": 1}
    plan = build_plan(violations=[broken])
    for shown in (plan, plan.assessment):
        text = read_text(shown._repr_html_())
        assert "This plan breaks 1 rule." in text
        assert "No rule is broken." not in text


def test_decisions_and_solutions_show_themselves_too() -> None:
    plan = Plan((PatrolDecision("gao", 0, ("a", "b")),))
    assert "1 gao 1 a, b" in read_text(plan._repr_html_())
    # (200 - 150) / 200 = 25 percent.
    shown = read_text(Solution(plan, 150.0, 200.0, ())._repr_html_())
    assert "Need met 150 no plan can meet more than 200 (gap 25.00 percent" in shown


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(TypeError, match="int"):
        render_summary(1)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_hostile_names_stay_text(lang) -> None:
    plan = build_hostile(pick_texts(0)).plan
    for thing in (plan, plan.assessment):
        page = render_summary(thing, lang)
        assert list_tags(page) <= TAGS
        assert "{{" not in page
        assert "${" not in page
        # No resource: nothing has an address.
        assert not re.search(r"<[^>]*(src|href|url|on[a-z]+)\s*=", page)


def test_a_plan_is_short_in_plain_text() -> None:
    assert repr(build_plan()) == "<PlanFile 'north-mali': 3 patrols>"


def test_a_bar_is_escaped_and_never_over_full() -> None:
    page = render_bar("<script>{{7*191}}", Progress(1.5, 50.0, 100.0))
    assert 'value="100"' in page
    assert "<script" not in page
    assert "1337" not in page
    assert "gap 50.0 %" in read_text(page)


def test_bars_are_silent_where_nobody_looks(capsys) -> None:
    pp.ProgressBar()(Progress(0.5, 1.0, 2.0))
    assert capsys.readouterr() == ("", "")


def test_frames_explored_run_no_name() -> None:
    frame = gpd.GeoDataFrame(
        {"name": list(ENGINES), "need": range(len(ENGINES))},
        geometry=[Point(i, 16) for i in range(len(ENGINES))],
        crs=4326,
    )
    shown = pp.show_offline(pp.escape_frame(frame).explore("need", tiles=None))
    assert "<svg onload" not in shown.page
    assert "<img src=x" not in shown.page
    assert "A1337Z" not in shown.page
    inline = shown._repr_html_()
    assert list_tags(inline) == {"iframe"}
    assert 'sandbox="allow-scripts"' in inline


def test_legs_are_a_frame_in_the_order_driven() -> None:
    plan = build_plan()
    legs = pp.tabulate_legs(plan)
    assert len(legs) == sum(len(patrol.legs) for patrol in plan.patrols)
    assert legs.crs.to_epsg() == 4326
    assert legs["from_id"].iloc[0] == plan.patrols[0].base_id
    assert len(pp.tabulate_legs(build_plan(count=0))) == 0
