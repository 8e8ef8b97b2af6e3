"""Risk is called illustrative where it is, by one rule, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.products.commander_brief import render_briefs
from patrolplan.products.exports.gathering import gather_contents
from patrolplan.products.illustration import find_illustration, is_illustrative
from patrolplan.products.maps import render_map
from patrolplan.products.planner_page import render_planner_page
from patrolplan.products.sheets import render_sheet
from sample_plan import build_layers, build_plan

SHOWN = "ILLUSTRATI"
PUBLISHED = "drawn from published accounts"


def tell(*told):
    """Return layers whose zone says whether it is illustrative."""
    layers = build_layers()
    return replace(layers, zones=layers.zones.assign(illustrative=list(told)))


def render_planner(layers) -> str:
    levers = {
        "start": "2014-11-03",
        "seed": 42,
        "iterations": 10,
        "closed": [],
        "lifted": [],
        "teams": [],
        "risk_weights": dict.fromkeys("12345", 0.5),
        "factor_weights": {},
    }
    return render_planner_page(
        layers,
        levers,
        roads={"shut": {}},
        rows={},
        title="x",
        key="k",
        file="x.toml",
        team_bases=[],
    )


def list_pages(layers) -> list[str]:
    plan = build_plan(count=2)
    pages = [render_map(plan, layers), *render_briefs(plan, layers).values()]
    marks = gather_contents(plan, layers).marks
    return [*pages, render_planner(layers), marks.notice_en + marks.notice_fr]


@pytest.mark.parametrize("layers", [build_layers(), tell(None), tell(True)])
def test_zones_that_do_not_say_they_are_real_are_illustrative(layers) -> None:
    assert find_illustration(layers.zones) is True
    pages = list_pages(layers)
    assert all(SHOWN in page for page in pages)
    assert PUBLISHED in pages[0]
    assert PUBLISHED in pages[1]


@pytest.mark.parametrize("told", [False, np.False_, 0.0])
def test_zones_that_a_mission_assessed_are_nowhere_called_illustrative(told) -> None:
    layers = tell(told)
    assert find_illustration(layers.zones) is False
    for page in list_pages(layers):
        assert SHOWN not in page
        assert PUBLISHED not in page


def test_without_layers_neither_is_claimed() -> None:
    assert find_illustration(None) is None
    plan = build_plan(count=1)
    brief = render_briefs(plan)["brief.en.html"]
    assert "Zones of risk may be ILLUSTRATIVE" in brief
    assert PUBLISHED not in brief
    assert gather_contents(plan).marks.notice_en.endswith("Risk may be ILLUSTRATIVE.")
    page = render_sheet("index.html", planned=[], failed=[])
    assert "Zones of risk may be ILLUSTRATIVE" in page


def test_one_zone_of_several_is_enough() -> None:
    zones = build_layers().zones
    both = zones.loc[zones.index.repeat(2)]
    assert find_illustration(both.assign(illustrative=[False, True])) is True
    assert find_illustration(both.assign(illustrative=[False, False])) is False
    assert find_illustration(zones.iloc[:0]) is False
    assert is_illustrative({"illustrative": np.True_})
