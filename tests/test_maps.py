"""The map of a plan as text: what it holds, and that names in it are inert."""

from __future__ import annotations

import re
from collections import Counter

import folium
import pytest

import patrolplan.products
from gate_answers import pass_gates
from patrolplan.planfile import Code
from patrolplan.products.digest import digest_plan
from patrolplan.products.maps import draw_map, render_map, write_map
from patrolplan.products.symbols import (
    RISK_COLOURS,
    assign_slots,
    find_risk_colour,
    find_site_radius,
    style_patrol,
)
from sample_plan import build_layers, build_plan

HOSTILE = (
    "A{{7*191}}Z",
    "{% raw %}x{# y #}",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "`${window.ran=1}`",
    "\\u003cimg src=x onerror=window.ran=1>",
    "'\"><svg onload=window.ran=1>",
    "\u202egnaw\u2028line\nbreak\0",
    "x" * 10_000,
)


@pytest.fixture(scope="module")
def plan():
    return build_plan(count=9)


def test_a_plan_is_drawn_as_a_folium_map(plan) -> None:
    drawn = draw_map(plan, build_layers())
    assert isinstance(drawn, folium.Map)
    html = drawn.get_root().render()
    assert "pp-of-9" in html
    assert "fitBounds" in html


def test_a_study_is_drawn_by_its_plan_and_layers(plan) -> None:
    class Study:
        plan_file = plan
        layers = build_layers()

    assert isinstance(patrolplan.products.draw_plan(Study()), folium.Map)


def test_the_page_holds_marking_status_disclaimer_and_both_languages(plan) -> None:
    html = render_map(plan, build_layers())
    for text in (
        '<span lang="en">CONFIDENTIAL</span><span lang="fr">CONFIDENTIEL</span>',
        "DRAFT: not for use",
        "do not imply official endorsement",
        "n&#x27;impliquent ni reconnaissance",
        "ILLUSTRATIVE",
        "ILLUSTRATIF",
        "2014-11-03",
        "2014-11-30",
        "CC BY 4.0",
        "Night halt 1",
        "Halte de nuit 1",
        "Out of range: team tombouctou-1 comes nearest and lacks 84 km.",
        "Raise the range of team tombouctou-1 by 84 km.",
    ):
        assert text in html, text
    assert len(html.encode()) < 2_000_000
    assert "http-equiv" in html
    assert not re.search(r"<(link|script|img)[^>]*(src|href)=.?https?:", html)


def test_equal_plans_give_equal_pages(plan) -> None:
    layers = build_layers()
    assert render_map(plan, layers) == render_map(build_plan(count=9), layers)


def test_a_plan_without_layers_patrols_or_sites_is_drawn() -> None:
    bare = build_plan(count=0)
    assert "No patrol." in render_map(bare)
    document = bare.model_dump(by_alias=True)
    document |= {"sites": [], "bases": [], "teams": []}
    document["assessment"] |= {"unserved": [], "need_bound": None, "gap": None}
    document["assessment"] |= {"need_total": 0, "need_met": 0, "reach": {}}
    empty = type(bare).model_validate(document)
    assert "None with a known need." in render_map(empty)


def test_broken_rules_come_first(plan) -> None:
    broken = {
        "rule": "night_movement",
        "patrol_id": "patrol-1",
        "where": "gao>ansongo",
        "found": "2014-11-03T20:00:00Z",
        "limit": "2014-11-03T17:00:00Z",
    }
    html = render_map(build_plan(violations=[broken]))
    assert "This plan breaks 1 rule" in html
    assert "Movement by night (patrol patrol-1, Gao &gt; Ansongo" in html


def test_a_cleared_plan_bears_its_release_and_no_draft() -> None:
    html = render_map(pass_gates(build_plan()))
    assert "CONFIDENTIAL" in html
    assert "DRAFT" not in html


def test_a_plan_that_merely_says_it_is_cleared_is_drawn_as_a_draft() -> None:
    html = render_map(build_plan(status="cleared"))
    assert "DRAFT: not for use" in html
    assert "PROJET" in html
    assert "CLEARED" not in html


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_in_every_sink(name: str) -> None:
    plan = build_plan(rename=lambda text: f"{text} {name}", release=name, version=name)
    html = render_map(plan, build_layers(name=name, reason=name))
    assert "A1337Z" not in html
    assert "<img src=x" not in html
    assert "<svg onload" not in html
    assert "<script>window" not in html
    # folium's own saving renders twice, and must find no template code either.
    again = draw_map(plan, build_layers(name=name, reason=name)).get_root().render()
    assert "A1337Z" not in again
    assert "<img src=x" not in again


def test_a_plan_is_written_whole(plan, tmp_path) -> None:
    path = write_map(plan, build_layers(), tmp_path / "deep" / "map.html")
    assert path.read_text("utf-8") == render_map(plan, build_layers())
    assert [entry.name for entry in path.parent.iterdir()] == ["map.html"]


def test_patrols_on_one_road_get_places_beside_each_other(plan) -> None:
    slots = assign_slots(plan.patrols)
    assert len(slots) == 9
    shared = build_plan(count=1).patrols * 4
    assert assign_slots(shared) == [0, 1, -1, 2]


def test_at_least_twelve_patrols_look_different() -> None:
    looks = Counter((s.colour, s.dash) for s in map(style_patrol, range(1, 25)))
    assert len(looks) == 24


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_numbers_read_on_their_patrol_colour() -> None:
    for style in map(style_patrol, range(1, 9)):
        light, dark = sorted(
            (_luminance(style.colour), _luminance(style.ink)), reverse=True
        )
        assert (light + 0.05) / (dark + 0.05) >= 4.5, style


def test_risk_runs_from_pale_to_dark_and_unknown_has_no_colour() -> None:
    levels = [_luminance(colour) for colour in RISK_COLOURS]
    assert levels == sorted(levels, reverse=True)
    assert find_risk_colour(None) is None
    assert find_risk_colour(float("nan")) is None
    assert find_risk_colour(3.4) == RISK_COLOURS[2]
    assert find_risk_colour(9) == RISK_COLOURS[4]
    assert find_site_radius(None) < find_site_radius(50_000) < find_site_radius(10**6)


def test_rows_count_days_stops_and_who_is_left_out(plan) -> None:
    digest = digest_plan(plan, build_layers())
    first = digest.patrols[0]
    assert [stop.number for stop in first.stops if stop.kind == "visit"] == [1, 2]
    assert first.stops[0].arrive is None
    assert first.stops[-1].total_km == pytest.approx(first.km)
    groups = [row.group for row in digest.uncovered]
    assert groups == sorted(groups, key=["open", "unknown", "none", "held"].index)
    figures = digest.figures
    assert figures.held == 3
    assert figures.uncovered == groups.count("open") + groups.count("unknown")
    assert digest.names.find("tombouctou").fr == "Tombouctou"


def test_a_visit_tells_its_purposes_one_by_one_and_who_is_missing(plan) -> None:
    asked = Code(
        code="visit_civilians_at_risk",
        values={
            "also": ["find_out", HOSTILE[2]],
            "absent_roles": ["medic"],
            "illustrative": True,
        },
    )
    html = render_map(purpose_all(plan, asked), build_layers())
    assert '<span lang="fr">Visite aux civils exposés au risque</span>' in html
    assert '<span lang="en">Find out who is at risk' in html
    assert '<span lang="en">medic</span>' in html
    assert "Repose en partie sur des couches ILLUSTRATIVES." in html
    assert HOSTILE[2] not in html


@pytest.mark.parametrize("values", [{"also": 5}, {"also": [5, None]}, {"also": "x"}])
def test_a_purpose_of_a_saved_plan_may_hold_anything(plan, values) -> None:
    odd = values | {"absent_roles": values["also"], "illustrative": "yes"}
    code = Code(code="visit_civilians_at_risk", values=odd)
    digest = digest_plan(purpose_all(plan, code))
    stops = [stop for patrol in digest.patrols for stop in patrol.stops]
    (told,) = {stop.purposes for stop in stops if stop.kind == "visit"}
    assert [text.en for text in told] == ["Visit civilians at risk"]
    assert not any(stop.absent.en or stop.illustrative for stop in stops)


def purpose_all(plan, purpose):
    """Return a plan whose visits all have one purpose."""
    written = plan.model_dump(mode="json")
    for patrol in written["patrols"]:
        for stop in patrol["stops"]:
            if stop["kind"] == "visit":
                stop["purpose"] = purpose.model_dump(mode="json")
    return type(plan).model_validate(written)


def tell_equity(plan, **changes):
    """Return a plan whose worst served is told, hostile names and all."""
    equity = {"by": "cercle", "worst": "Niafunké", "worst_share": 0.124} | changes
    assessment = plan.assessment.model_copy(update={"equity": equity})
    return plan.model_copy(update={"assessment": assessment})


def test_the_map_says_who_is_worst_served_and_what_equity_costs(plan) -> None:
    html = render_map(tell_equity(plan), None)
    assert "12 percent of its need within reach" in html
    assert "12 pour cent de son besoin à portée" in html
    assert "Equity gives up" not in html
    without = {
        "need_met": plan.assessment.need_met + 876.0,
        "worst_share": 0.0,
        "tail_share": 0.28,
    }
    html = render_map(tell_equity(plan, without=without, tail_share=0.39), None)
    told = (
        "gives up 876 of need met: the worst served together have 39 percent of theirs"
    )
    assert f"Equity {told} instead of 28" in html
    assert "équité renonce à 876 de besoin servi" in html


@pytest.mark.parametrize("name", HOSTILE)
def test_the_worst_served_bears_a_name_that_is_inert(plan, name) -> None:
    html = render_map(tell_equity(plan, worst=name), None)
    assert "<svg onload=window.ran" not in html
    assert "<img src=x onerror" not in html
    assert "<script>window.ran" not in html


@pytest.mark.parametrize(
    "changes", [{"worst": None}, {"worst": ["a"]}, {"worst_share": "all"}]
)
def test_a_plan_that_tells_no_worst_served_shows_no_line(plan, changes) -> None:
    assert "Worst served" not in render_map(tell_equity(plan, **changes), None)
